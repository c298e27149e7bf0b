/* A failure in the shop's words: what happened, and what to do next. */
import type { Failure } from './backend';
import { t, tCode } from './i18n/index.svelte';
import { money } from './state/app.svelte';

export type Told = { title: string; text: string; code: string };

export function tell(failure: Failure): Told {
  const minimum = failure.number('minimum_minor');
  const text =
    failure.code === 'amount_too_small' && minimum !== undefined
      ? t('pay.tooSmall', { minimum: money(minimum) })
      : // Damage, a wrong key, a full disk and a second window have one code; the core's words tell them apart.
        failure.code === 'store'
        ? failure.message
        : tCode('fail', failure.code, failure.message);
  const title = tCode('fail.title', failure.code, t('fail.title.internal'));
  const detail = failure.code === 'internal' ? `${text} ${failure.message}` : text;
  return { title, text: detail, code: failure.code };
}
