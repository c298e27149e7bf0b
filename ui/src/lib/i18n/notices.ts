/*
 * The core's notices carry a closed code and English words. In English its words are shown; elsewhere the code is
 * looked up here, several codes to one sentence, because what staff should do is the same. A code of the core that is
 * not here does not compile.
 */
import type { NoticeCode } from '../backend/types/NoticeCode';
import { i18n, t, type Plain } from './index.svelte';

type Key = Extract<Plain, `notice.${string}`>;

/** The sentence of every code the core knows. */
export const notices: Readonly<Record<NoticeCode, Key>> = {
  approve_with_id: 'notice.try_again',
  authentication_required: 'notice.authenticate',
  canceled_elsewhere: 'notice.canceled_elsewhere',
  card_declined: 'notice.declined',
  card_not_supported: 'notice.not_supported',
  charge_already_refunded: 'notice.refund_already',
  closed_unpaid: 'notice.closed_unpaid',
  currency_not_supported: 'notice.not_supported',
  customer_canceled: 'notice.customer_canceled',
  duplicate_transaction: 'notice.duplicate',
  expired_card: 'notice.expired_card',
  incorrect_cvc: 'notice.check_entry',
  incorrect_number: 'notice.check_entry',
  incorrect_pin: 'notice.incorrect_pin',
  incorrect_zip: 'notice.check_entry',
  insufficient_funds: 'notice.insufficient_funds',
  invalid_account: 'notice.declined',
  invalid_amount: 'notice.declined',
  invalid_expiry_month: 'notice.check_entry',
  invalid_expiry_year: 'notice.check_entry',
  issuer_not_available: 'notice.try_again',
  journal_body: 'notice.journal_changed',
  journal_chain: 'notice.journal_chain',
  journal_columns: 'notice.journal_changed',
  journal_gap: 'notice.journal_gap',
  journal_tail: 'notice.journal_tail',
  journal_witness: 'notice.journal_witness',
  offline: 'notice.offline',
  pin_required: 'notice.pin_required',
  pin_try_exceeded: 'notice.declined',
  processing_error: 'notice.try_again',
  reader_busy: 'notice.reader_busy',
  reader_connection: 'notice.reader_lost',
  reader_fault: 'notice.reader_fault',
  reader_location: 'notice.reader_fault',
  reader_offline: 'notice.reader_offline',
  reader_read: 'notice.reader_read',
  reader_reset: 'notice.reader_reset',
  reader_timeout: 'notice.reader_lost',
  reader_unknown: 'notice.reader_fault',
  reenter_transaction: 'notice.try_again',
  refund_canceled: 'notice.refund_nothing',
  refund_failed: 'notice.refund_failed',
  refund_not_done: 'notice.refund_nothing',
  refund_not_sent: 'notice.refund_nothing',
  refund_pending: 'notice.refund_pending',
  refund_refused: 'notice.refund_refused',
  refund_requires_action: 'notice.refund_requires_action',
  refund_waits_for_funds: 'notice.refund_waits',
  stripe_refused: 'notice.stripe_refused',
  testmode_decline: 'notice.not_supported',
  try_again_later: 'notice.try_again',
  withdrawal_count_limit_exceeded: 'notice.declined',
};

/** What staff are told, in the shop's language where the code is known. */
export function tNotice(notice: { code: string; text: string }): string {
  const key = (notices as Partial<Record<string, Key>>)[notice.code];
  return key && (i18n.language !== 'en' || notice.text === '') ? t(key) : notice.text;
}
