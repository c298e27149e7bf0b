/*
 * The core's notices carry a closed code and English words. In English its words are shown; elsewhere the code is
 * looked up here, several codes to one sentence, because what staff should do is the same.
 */
import { i18n, t, type Plain } from './index.svelte';

type Notice = Extract<Plain, `notice.${string}`>;

const groups: [Notice, string][] = [
  [
    'notice.declined',
    'card_declined invalid_account invalid_amount pin_try_exceeded withdrawal_count_limit_exceeded',
  ],
  [
    'notice.try_again',
    'approve_with_id issuer_not_available processing_error reenter_transaction try_again_later',
  ],
  ['notice.insufficient_funds', 'insufficient_funds'],
  ['notice.expired_card', 'expired_card'],
  [
    'notice.check_entry',
    'incorrect_cvc incorrect_number incorrect_zip invalid_expiry_month invalid_expiry_year',
  ],
  ['notice.incorrect_pin', 'incorrect_pin'],
  ['notice.pin_required', 'pin_required'],
  ['notice.authenticate', 'authentication_required'],
  ['notice.not_supported', 'card_not_supported currency_not_supported testmode_decline'],
  ['notice.duplicate', 'duplicate_transaction'],
  ['notice.offline', 'offline'],
  ['notice.reader_offline', 'reader_offline'],
  ['notice.reader_busy', 'reader_busy'],
  ['notice.reader_lost', 'reader_timeout reader_connection'],
  ['notice.reader_read', 'reader_read'],
  ['notice.reader_fault', 'reader_fault reader_location reader_unknown'],
  ['notice.reader_reset', 'reader_reset'],
  ['notice.customer_canceled', 'customer_canceled'],
  ['notice.closed_unpaid', 'closed_unpaid'],
  ['notice.canceled_elsewhere', 'canceled_elsewhere'],
  ['notice.refund_waits', 'refund_waits_for_funds'],
  ['notice.refund_pending', 'refund_pending'],
  ['notice.refund_requires_action', 'refund_requires_action'],
  ['notice.refund_failed', 'refund_failed'],
  ['notice.refund_nothing', 'refund_canceled refund_not_sent refund_not_done'],
  ['notice.refund_already', 'charge_already_refunded'],
];
const byCode = new Map(groups.flatMap(([key, codes]) => codes.split(' ').map((code) => [code, key])));

/** What staff are told, in the shop's language where the code is known. */
export function tNotice(notice: { code: string; text: string }): string {
  const key = i18n.language === 'en' && notice.text !== '' ? undefined : byCode.get(notice.code);
  return key ? t(key) : notice.text;
}
