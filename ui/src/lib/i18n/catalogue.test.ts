import { describe, expect, it } from 'vitest';
import { ar } from './ar';
import { de } from './de';
import { en as screens } from './en';
import { record, type Records } from './en/record';
import { fr } from './fr';
import type { Messages, Plural } from './index.svelte';

const en = { ...screens, ...record };
type Key = keyof typeof en;

const names = (text: string) => [...text.matchAll(/\{(\w+)\}/g)].map((match) => match[1]).sort();
const forms = (entry: string | Plural) => (typeof entry === 'string' ? { other: entry } : entry);

const catalogues: [string, Messages & Records, Intl.LDMLPluralRule[]][] = [
  ['de', de, ['one', 'other']],
  ['fr', fr, ['one', 'other']],
  ['ar', ar, ['zero', 'one', 'two', 'few', 'many', 'other']],
];

describe.each(catalogues)('%s', (_, messages, rules) => {
  it('says everything English says', () => {
    // What the core refused is told in its own words in English; its test compares those with the core.
    const theirs = Object.keys(messages).filter((key) => !key.startsWith('why.'));
    expect(theirs.sort()).toEqual(Object.keys(en).sort());
    for (const [key, entry] of Object.entries(messages)) {
      for (const text of Object.values(forms(entry))) expect(text, key).not.toBe('');
    }
  });

  it('names the same values', () => {
    for (const key of Object.keys(en) as Key[]) {
      const wanted = names(forms(en[key]).other);
      for (const [rule, text] of Object.entries(forms(messages[key]))) {
        const got = names(text);
        // "one" and "two" may say the number in words.
        const optional = rule === 'one' || rule === 'two' || rule === 'zero';
        const left = wanted.filter((name) => !(optional && name === 'n' && !got.includes('n')));
        expect(got, `${key} ${rule}`).toEqual(left);
      }
    }
  });

  it('has every plural form the language knows', () => {
    for (const key of Object.keys(en) as Key[]) {
      const entry = messages[key];
      if (typeof entry === 'string') continue;
      for (const rule of rules) expect(entry[rule], `${key} ${rule}`).toBeDefined();
    }
  });
});
