/* Sales as the core would keep them: their sums, their payments, what happened before today. */
import type { Payment } from '../src/lib/backend/types/Payment';
import type { RefundInput } from '../src/lib/backend/types/RefundInput';
import type { Sale } from '../src/lib/backend/types/Sale';
import { CURRENCY, DAY, fail, id, items, now, sales, state } from './world';

export function blank(at = Date.now()): Sale {
  return {
    id: id('sale'),
    number: now.nextNumber++,
    state: 'open',
    currency: CURRENCY,
    business_date: new Date(at).toISOString().slice(0, 10),
    opened_at_ms: at,
    closed_at_ms: null,
    staff: state.session?.staff.name ?? 'Ada',
    lines: [],
    total_minor: 0,
    paid_minor: 0,
    remaining_minor: 0,
    refunded_minor: 0,
    refundable_minor: 0,
    payments: [],
    refunds: [],
    history: [],
  };
}

let seq = 0;
export function note(sale: Sale, kind: string, amount: number | null = null, at = Date.now()) {
  sale.history.push({ seq: ++seq, at_ms: at, staff: sale.staff, kind, amount_minor: amount });
}

export function sum(sale: Sale): Sale {
  for (const line of sale.lines) line.total_minor = line.unit_amount_minor * line.quantity;
  sale.total_minor = sale.lines.reduce((total, line) => total + line.total_minor, 0);
  sale.paid_minor = sale.payments
    .filter((one) => one.state === 'paid')
    .reduce((total, one) => total + one.amount_minor, 0);
  sale.remaining_minor = sale.total_minor - sale.paid_minor;
  sale.refunded_minor = sale.refunds
    .filter((one) => one.state !== 'failed' && one.state !== 'canceled')
    .reduce((total, one) => total + one.amount_minor, 0);
  sale.refundable_minor = sale.paid_minor - sale.refunded_minor;
  if (sale.paid_minor > 0 && sale.remaining_minor === 0) {
    sale.state =
      sale.refunded_minor === 0 ? 'paid' : sale.refundable_minor === 0 ? 'refunded' : 'part_refunded';
  } else if (sale.payments.some((one) => one.state === 'checking')) sale.state = 'checking';
  else if (sale.state === 'checking') sale.state = 'open';
  sales.set(sale.id, sale);
  return structuredClone(sale);
}

export function payment(tender: 'cash' | 'card', amount: number, at = Date.now()): Payment {
  return {
    attempt_id: id('attempt'),
    tender,
    amount_minor: amount,
    state: 'starting',
    tendered_minor: null,
    change_minor: null,
    payment_intent: tender === 'card' ? `pi_3Q${id('x').slice(2).toUpperCase()}` : null,
    charge: null,
    card_brand: null,
    card_last4: null,
    reader: tender === 'card' ? 'Counter' : null,
    fee_minor: null,
    notice: null,
    actions: tender === 'card' ? ['cancel'] : [],
    started_at_ms: at,
    ended_at_ms: null,
  };
}

export function add(sale: Sale, price_id: string, quantity: number) {
  const item =
    items.find((one) => one.price_id === price_id) ?? fail('not_found', 'This item is not sold any more.');
  const line = sale.lines.find((one) => one.price_id === price_id);
  if (line) line.quantity += quantity;
  else
    sale.lines.push({
      id: id('line'),
      price_id,
      name: item.name,
      lookup_key: item.lookup_key,
      unit_amount_minor: item.unit_amount_minor,
      quantity,
      total_minor: 0,
    });
}

export function received(sale: Sale, one: Payment, brand: string, last4: string, at = Date.now()) {
  Object.assign(one, {
    state: 'paid',
    card_brand: brand,
    card_last4: last4,
    ended_at_ms: at,
    actions: [],
    charge: `ch_3Q${id('c').slice(2).toUpperCase()}`,
  });
  one.fee_minor = Math.round(one.amount_minor * 0.027) + 5;
  sale.closed_at_ms = at;
  note(sale, 'payment_received', one.amount_minor, at);
}

/** Two weeks that look lived in. */
function past() {
  if (items.length === 0) return;
  let random = 7;
  const next = (below: number) => (random = (random * 1103515245 + 12345) % 2147483648) % below;
  const count = 90;
  const keep = now.nextNumber;
  for (let back = count; back > 0; back -= 1) {
    const at =
      Date.now() -
      Math.floor((back * 14 * DAY) / count / 6) -
      (back > 12 ? Math.floor(((back - 12) * DAY) / 8) : 0) -
      240_000;
    now.nextNumber = keep - back;
    const sale = blank(at);
    sale.staff = ['Ada', 'Ben', 'Chiara'][next(3)] ?? 'Ada';
    for (let lines = 1 + next(3); lines > 0; lines -= 1)
      add(sale, items[next(items.length)]?.price_id ?? '', 1 + next(2));
    note(sale, 'sale_opened', null, at);
    sum(sale);
    if (back % 23 === 0) {
      sale.state = 'void';
      note(sale, 'sale_voided', null, at + 30_000);
      sales.set(sale.id, sale);
      continue;
    }
    const card = next(3) > 0;
    const one = payment(card ? 'card' : 'cash', sale.total_minor, at + 40_000);
    sale.payments.push(one);
    note(sale, 'payment_started', sale.total_minor, at + 40_000);
    if (card) received(sale, one, next(2) ? 'visa' : 'mastercard', next(2) ? '4242' : '4444', at + 52_000);
    else {
      Object.assign(one, {
        state: 'paid',
        tendered_minor: Math.ceil(sale.total_minor / 1000) * 1000,
        ended_at_ms: at + 45_000,
      });
      one.change_minor = (one.tendered_minor ?? 0) - sale.total_minor;
      note(sale, 'payment_received', sale.total_minor, at + 45_000);
    }
    sum(sale);
    if (back % 9 === 4) {
      refundOn(
        sale,
        back % 2 ? null : Math.floor(sale.total_minor / 2),
        'requested_by_customer',
        'Bought twice',
        'Ada',
        'Ada',
        card && back < 15 ? 'pending' : 'succeeded',
      );
    }
  }
  now.nextNumber = keep;
}

export function refundOn(
  sale: Sale,
  amount: number | null,
  reason: RefundInput['reason'],
  detail: string | null,
  by: string,
  allowed: string,
  state: 'pending' | 'succeeded',
) {
  sum(sale);
  const one = sale.payments.find((paid) => paid.state === 'paid');
  if (!one) fail('conflict', 'Nothing was paid.');
  const minor = amount ?? sale.refundable_minor;
  if (minor > sale.refundable_minor)
    fail('invalid', 'More than can be given back.', { field: 'amount_minor' });
  sale.refunds.push({
    refund_attempt_id: id('refund'),
    refund: one.tender === 'card' ? `re_3Q${id('r').slice(2).toUpperCase()}` : null,
    attempt_id: one.attempt_id,
    tender: one.tender,
    amount_minor: minor,
    state,
    reason,
    detail,
    refunded_by: by,
    approved_by: allowed,
    notice: null,
    started_at_ms: Date.now(),
  });
  note(sale, 'refund_started', minor);
  if (state === 'succeeded') note(sale, 'refund_succeeded', minor);
  return sum(sale);
}

past();
