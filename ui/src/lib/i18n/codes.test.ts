import { readFileSync } from 'node:fs';
import { afterEach, describe, expect, it } from 'vitest';
import { Failure } from '../backend/errors';
import type { Code } from '../backend/types/Code';
import { tell } from '../failures';
import { ar } from './ar';
import { de } from './de';
import { en } from './en';
import { fr } from './fr';
import { i18n, type Messages } from './index.svelte';
import { notices, tNotice } from './notices';

/** The codes of a type that the core's own build wrote. */
function codes(type: string): string[] {
  const file = new URL(`../backend/types/${type}.ts`, import.meta.url);
  const found = [...readFileSync(file, 'utf8').matchAll(/"([a-z_]+)"/g)].map((match) => match[1] ?? '');
  expect(found.length, type).toBeGreaterThan(3);
  return found;
}

type Entries = Readonly<Record<string, unknown>>;
const translated: [string, Messages & Entries][] = [
  ['de', de],
  ['fr', fr],
  ['ar', ar],
];
const every: [string, Entries][] = [['en', en], ...translated];
const said = (messages: Entries, key: string) => typeof messages[key] === 'string' && messages[key] !== '';

afterEach(() => {
  i18n.locale = 'en-US';
  i18n.messages = en;
});

describe.each(every)('in %s', (_, messages) => {
  it('every notice of the core has a sentence', () => {
    expect(codes('NoticeCode').sort()).toEqual(Object.keys(notices).sort());
    for (const [code, key] of Object.entries(notices)) expect(said(messages, key), code).toBe(true);
  });

  it('every kind of failure has a title', () => {
    for (const code of codes('Code')) expect(said(messages, `fail.title.${code}`), code).toBe(true);
  });

  it('everything that stands in the journal of a sale has a name', () => {
    const source = new URL('../../../../src-tauri/crates/till/src/journal/mod.rs', import.meta.url);
    const kinds = [...readFileSync(source, 'utf8').matchAll(/pub\(crate\) const \w+: &str = "([a-z_]+)";/g)]
      .map((match) => match[1] ?? '')
      .filter((kind) => /^(sale|line|payment|refund)_/.test(kind));
    expect(kinds.length).toBeGreaterThan(10);
    for (const kind of kinds) expect(said(messages, `journal.${kind}`), kind).toBe(true);
  });

  it('every practice card says what it does', () => {
    for (const outcome of codes('PracticeOutcome')) {
      expect(said(messages, `practice.card.${outcome}`), outcome).toBe(true);
    }
  });
});

describe.each(translated)('in %s', (locale, messages) => {
  it('every reason of the core has a sentence, and no other is kept', () => {
    const kept = Object.keys(messages).filter((key) => key.startsWith('why.'));
    expect(kept.sort()).toEqual(
      codes('Reason')
        .map((reason) => `why.${reason}`)
        .sort(),
    );
    for (const key of kept) expect(said(messages, key), key).toBe(true);
  });

  it('tells a failure in its own words, and in English what it has none for', () => {
    i18n.locale = locale;
    i18n.messages = messages;
    const failure = (code: Code, details: Record<string, unknown>) =>
      tell(new Failure({ code, message: 'The core said so.', retryable: false, details }));
    expect(failure('store', { reason: 'vault_missing' })).toEqual({
      title: messages['fail.title.unopened'],
      text: messages['why.vault_missing'],
      code: 'vault_missing',
    });
    expect(failure('invalid', { field: 'pin', reason: 'pin' }).text).toBe(messages['why.pin']);
    expect(failure('pin_wrong', {}).text).toBe(messages['signin.wrong']);
    expect(failure('store', { reason: 'from_next_year' }).text).toBe('The core said so.');
    expect(failure('stripe', {}).text).toBe('The core said so.');
    expect(tNotice({ code: 'card_declined', text: 'no' })).toBe(messages['notice.declined']);
    expect(tNotice({ code: 'from_next_year', text: 'The core said so.' })).toBe('The core said so.');
  });
});

it('shows English words as the core wrote them', () => {
  const details = { reason: 'tendered_too_little' };
  const failure = new Failure({
    code: 'invalid',
    message: 'That is not enough; 7.00 USD are due.',
    retryable: false,
    details,
  });
  expect(tell(failure).text).toBe('That is not enough; 7.00 USD are due.');
  expect(tNotice({ code: 'offline', text: 'Stripe cannot be reached.' })).toBe('Stripe cannot be reached.');
});
