/* A failure in the shop's words: what happened, and what to do next. */
import type { Failure } from './backend';
import type { Reason } from './backend/types/Reason';
import { t, tCode } from './i18n/index.svelte';
import { tWhy } from './i18n/whys';
import { money } from './state/app.svelte';

export type Told = { title: string; text: string; code: string };

/** The files are there and stay shut: nothing is being written that could fail. */
const unopened: readonly Reason[] = [
  'changed_step',
  'damaged',
  'file_missing',
  'foreign_file',
  'keychain_denied',
  'keychain_failed',
  'keychain_locked',
  'newer_file',
  'no_keychain',
  'open_elsewhere',
  'vault_damaged',
  'vault_missing',
  'vault_other_kind',
  'wrong_key',
  'wrong_passphrase',
];

export function tell(failure: Failure): Told {
  const { code } = failure;
  const reason = failure.word('reason');
  const stays = unopened.some((one) => one === reason);
  const title = stays ? t('fail.title.unopened') : tCode('fail.title', code, t('fail.title.internal'));
  return { title, text: text(failure, reason), code: reason ?? code };
}

function text(failure: Failure, reason: string | undefined): string {
  const { code, message } = failure;
  const minimum = failure.number('minimum_minor');
  if (code === 'amount_too_small' && minimum !== undefined) {
    return t('pay.tooSmall', { minimum: money(minimum) });
  }
  if (code === 'pin_wrong') return t('signin.wrong');
  if (code === 'pin_slowed') {
    return t('signin.slowed', { n: Math.ceil((failure.number('retry_after_ms') ?? 5000) / 1000) });
  }
  if (reason !== undefined) return tWhy(reason, message);
  // What has no reason is told in the core's own words: a defect, or what Stripe answered.
  if (code === 'store') return message;
  const known = tCode('fail', code, message);
  return code === 'internal' ? `${known} ${message}` : known;
}
