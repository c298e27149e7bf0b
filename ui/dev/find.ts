/*
 * Stripe's records of the double, searched and shown. Scenes: ?unindexed (the index is behind), ?many=400 (more payments
 * than a screen holds), ?fail=record.
 */
import type { FactValue } from '../src/lib/backend/types/FactValue';
import type { FindInput } from '../src/lib/backend/types/FindInput';
import type { FindRow } from '../src/lib/backend/types/FindRow';
import type { RecordFact } from '../src/lib/backend/types/RecordFact';
import type { RecordView } from '../src/lib/backend/types/RecordView';
import { CURRENCY, DAY, fail, has, items, sales, scene, state } from './world';

type Kept = { row: FindRow; facts: RecordFact[]; links: string[]; deleted: boolean };
const HOUR = 3_600_000;
const records = new Map<string, Kept>();

let made = 0;
const mark = (prefix: string) =>
  `${prefix}_3Q${(0x5_a7c3e1 * ++made).toString(36).toUpperCase().padStart(9, 'k').slice(-9)}`;

const text = (value: string): FactValue => ({ type: 'text', text: value });
const minor = (amount: number, currency: string): FactValue => ({ type: 'money', minor: amount, currency });
const time = (ms: number): FactValue => ({ type: 'time', ms });
const flag = (on: boolean): FactValue => ({ type: 'flag', on });
const to = (object: string, id: string): FactValue => ({ type: 'reference', object, id });

function put(
  row: Partial<FindRow> & Pick<FindRow, 'object' | 'id'>,
  facts: Record<string, FactValue | null>,
) {
  const whole: FindRow = {
    created_ms: null,
    title: null,
    detail: null,
    amount_minor: null,
    currency: null,
    status: null,
    brand: null,
    last4: null,
    sale_id: null,
    ...row,
  };
  const told: Record<string, FactValue | null> = {
    ...(whole.status === null ? {} : { status: { type: 'state', state: whole.status } }),
    ...facts,
  };
  const list = Object.entries(told).flatMap(([name, value]) => (value ? [{ name, value }] : []));
  records.set(whole.id, { row: whole, facts: list, links: [], deleted: false });
  return whole;
}

function link(...ids: (string | undefined)[]) {
  for (const one of ids)
    for (const other of ids) if (one && other && one !== other) records.get(one)?.links.push(other);
}

type Customer = { id: string; name: string | null; email: string | null };
function customer(name: string | null, email: string | null, phone: string | null, ago: number): Customer {
  const id = mark('cus');
  put(
    { object: 'customer', id, created_ms: Date.now() - ago, title: name, detail: email },
    {
      name: name === null ? null : text(name),
      email: email === null ? null : text(email),
      phone: phone === null ? null : text(phone),
      balance: minor(0, CURRENCY),
      delinquent: flag(false),
    },
  );
  return { id, name, email };
}

type Payment = {
  amount: number;
  ago: number;
  status?: string;
  currency?: string;
  who?: Customer | undefined;
  card?: [brand: string, last4: string] | undefined;
  about?: string;
  refunded?: number;
  dispute?: string;
  sale?: string;
  id?: string | null;
};
function payment({ amount, ago, currency = CURRENCY, ...more }: Payment): string {
  const { status = 'succeeded', who, card, about = null, refunded = 0, dispute, sale } = more;
  const paid = status === 'succeeded';
  const [id, charge, txn] = [more.id ?? mark('pi'), mark('ch'), mark('txn')];
  const at = Date.now() - ago;
  const shared = {
    created_ms: at,
    title: who?.name ?? null,
    amount_minor: amount,
    currency,
    brand: card?.[0] ?? null,
    last4: card?.[1] ?? null,
    sale_id: sale ?? null,
  };
  const tail = {
    customer: who ? to('customer', who.id) : null,
    payment_method: card ? to('payment_method', 'pm_1QyB7kL2eZvKYlo2') : null,
    description: about === null ? null : text(about),
  };
  put(
    { object: 'payment_intent', id, detail: about, status, ...shared },
    {
      amount: minor(amount, currency),
      amount_received: minor(paid ? amount : 0, currency),
      amount_capturable: status === 'requires_capture' ? minor(amount, currency) : null,
      currency: text(currency),
      latest_charge: paid ? to('charge', charge) : null,
      ...tail,
      error_code: status === 'requires_payment_method' ? text('card_declined') : null,
      decline_code: status === 'requires_payment_method' ? text('insufficient_funds') : null,
      sale_id: sale ? text(sale) : null,
      till_id: sale ? text('till-1') : null,
      journal_seq: sale ? text('4711') : null,
    },
  );
  if (who) link(id, who.id);
  if (!paid) return id;
  const fee = Math.round(amount * 0.027) + 5;
  put(
    { object: 'charge', id: charge, detail: about, status: 'succeeded', ...shared },
    {
      amount: minor(amount, currency),
      amount_captured: minor(amount, currency),
      amount_refunded: minor(refunded, currency),
      payment_intent: to('payment_intent', id),
      balance_transaction: to('balance_transaction', txn),
      ...tail,
      paid: flag(true),
      captured: flag(true),
      refunded: flag(refunded === amount),
      disputed: flag(dispute !== undefined),
      method_type: text('card_present'),
      brand: card ? text(card[0]) : null,
      last4: card ? text(card[1]) : null,
    },
  );
  put(
    {
      object: 'balance_transaction',
      id: txn,
      created_ms: at,
      status: ago > 2 * DAY ? 'available' : 'pending',
      amount_minor: amount,
      currency,
    },
    {
      amount: minor(amount, currency),
      fee: minor(fee, currency),
      net: minor(amount - fee, currency),
      type: text('charge'),
      reporting_category: text('charge'),
      available_on: { type: 'day', ms: Math.floor((at + 2 * DAY) / DAY) * DAY },
      source: to('charge', charge),
      exchange_rate: currency === CURRENCY ? null : { type: 'number', number: '0.006713' },
    },
  );
  link(id, charge, txn);
  if (refunded > 0) {
    const refund = put(
      {
        object: 'refund',
        id: mark('re'),
        created_ms: at + HOUR,
        title: who?.name ?? null,
        detail: 'requested_by_customer',
        status: ago < DAY ? 'pending' : 'succeeded',
        amount_minor: refunded,
        currency,
      },
      {
        amount: minor(refunded, currency),
        charge: to('charge', charge),
        payment_intent: to('payment_intent', id),
        reason: text('requested_by_customer'),
      },
    );
    link(refund.id, id);
    link(refund.id, charge);
  }
  if (dispute) {
    const one = put(
      {
        object: 'dispute',
        id: mark('du'),
        created_ms: at + 9 * DAY,
        title: who?.name ?? null,
        detail: 'product_not_received',
        status: dispute,
        amount_minor: amount,
        currency,
      },
      {
        amount: minor(amount, currency),
        charge: to('charge', charge),
        reason: text('product_not_received'),
        due_by: time(at + 16 * DAY),
      },
    );
    link(one.id, id);
    link(one.id, charge);
  }
  return id;
}

function invoice(who: Customer, number: string, status: string, total: number, ago: number) {
  const id = mark('in');
  put(
    {
      object: 'invoice',
      id,
      created_ms: Date.now() - ago,
      title: who.name,
      detail: number,
      status,
      amount_minor: total,
      currency: CURRENCY,
    },
    {
      number: text(number),
      customer: to('customer', who.id),
      customer_name: who.name === null ? null : text(who.name),
      total: minor(total, CURRENCY),
      amount_due: minor(total, CURRENCY),
      amount_paid: minor(status === 'paid' ? total : 0, CURRENCY),
      amount_remaining: minor(status === 'paid' ? 0 : total, CURRENCY),
      due_date: time(Date.now() - ago + 14 * DAY),
    },
  );
  for (const [name, part] of [
    ['Letterpress print, A4', 0.6],
    ['Gift wrapping', 0.4],
  ] as const) {
    const line = mark('il');
    const amount = Math.round(total * part);
    put(
      { object: 'line_item', id: line, title: name, amount_minor: amount, currency: CURRENCY },
      {
        amount: minor(amount, CURRENCY),
        quantity: { type: 'number', number: '1' },
        invoice: to('invoice', id),
      },
    );
    link(id, line);
  }
  link(id, who.id);
}

const LONG =
  'Order of 14 November, to be collected at the counter between nine and eleven: two copies of “The Lighthouse Keeper’s ' +
  'Daughter – illustrated edition”, one of them signed, wrapped apart, the one with the blue ribbon for the aunt and the ' +
  'other for the school; a letterpress print (A4, not framed); and the tide tables that were missing last time. ' +
  'Ring before noon. '.repeat(3);

function seed() {
  if (records.size > 0 || has('empty')) return;
  const ada = customer('Ada Lovelace', 'ada@example.com', '+44 20 7946 0958', 400 * DAY);
  const zoe = customer('Zoë Åström-Müller', 'zoe.astrom@example.se', null, 90 * DAY);
  const layla = customer('ليلى الحسن', 'layla@example.ae', '+971 4 555 0100', 60 * DAY);
  const noor = customer('נור כהן', null, null, 31 * DAY);
  const bobby = customer('<script>alert("paid")</script>', '"><img src=x onerror=alert(1)>', null, 12 * DAY);
  const nobody = customer(null, null, null, 5 * DAY);
  const gone = customer(null, null, null, 700 * DAY);
  const tomb = records.get(gone.id);
  if (tomb) Object.assign(tomb, { deleted: true, facts: [] });

  payment({
    amount: 1240,
    ago: 7 * DAY + HOUR,
    who: ada,
    card: ['visa', '4242'],
    about: 'The Shipping News',
  });
  payment({
    amount: 8900,
    ago: 3 * HOUR,
    who: zoe,
    card: ['mastercard', '4444'],
    about: 'Book club, spring',
  });
  payment({ amount: 4250, ago: 26 * HOUR, who: layla, card: ['visa', '4242'], refunded: 1250 });
  payment({
    amount: 2199,
    ago: 12 * HOUR,
    card: ['amex', '0005'],
    refunded: 2199,
    about: 'Canvas tote, navy',
  });
  payment({ amount: 6400, ago: 40 * DAY, who: noor, card: ['visa', '1881'], dispute: 'needs_response' });
  payment({ amount: 5200, ago: 130 * DAY, card: ['discover', '1117'], dispute: 'lost' });
  payment({
    amount: 1999,
    ago: 2 * HOUR,
    status: 'requires_payment_method',
    who: zoe,
    about: 'Web order 1182',
  });
  payment({ amount: 3100, ago: 5 * HOUR, status: 'processing', about: 'Bank debit, school library' });
  payment({ amount: 12000, ago: 8 * HOUR, status: 'requires_capture', who: ada, card: ['visa', '4242'] });
  payment({ amount: 700, ago: 9 * HOUR, status: 'canceled' });
  payment({ amount: 900, ago: 10 * HOUR, status: 'requires_action', card: ['unionpay', '0005'] });
  payment({
    amount: 182400,
    ago: 15 * DAY,
    currency: 'jpy',
    who: zoe,
    card: ['jcb', '0505'],
    about: '東京の本',
  });
  payment({
    amount: 1240,
    ago: 8 * DAY,
    currency: 'cad',
    who: ada,
    card: ['visa', '4242'],
    about: 'By post',
  });
  payment({ amount: 123456789, ago: 20 * DAY, who: bobby, card: ['visa', '4242'], about: '=HYPERLINK("x")' });
  payment({ amount: 3450, ago: 4 * DAY, who: nobody, card: ['girocard', '7777'], about: LONG });
  payment({ amount: 560, ago: 700 * DAY, who: gone, card: ['visa', '4242'] });

  invoice(ada, 'HB-2026-0107', 'paid', 9900, 21 * DAY);
  invoice(zoe, 'HB-2026-0108', 'open', 45000, 6 * DAY);
  invoice(layla, 'HB-2026-0109', 'draft', 1250, DAY);
  invoice(bobby, 'HB-2025-0031', 'uncollectible', 7777, 300 * DAY);
  invoice(noor, 'HB-2025-0030', 'void', 1000, 310 * DAY);

  for (const item of items) {
    put(
      {
        object: 'product',
        id: item.product_id,
        title: item.name,
        detail: item.sku,
        created_ms: Date.now() - 500 * DAY,
      },
      {
        name: text(item.name),
        category: item.category ? text(item.category) : null,
        sku: item.sku ? text(item.sku) : null,
        barcode: item.barcode ? text(item.barcode) : null,
        active: flag(true),
        default_price: to('price', item.price_id),
        metadata_shelf: text('B4'),
      },
    );
    put(
      {
        object: 'price',
        id: item.price_id,
        created_ms: Date.now() - 500 * DAY,
        amount_minor: item.unit_amount_minor,
        currency: CURRENCY,
      },
      {
        unit_amount: minor(item.unit_amount_minor, CURRENCY),
        product: to('product', item.product_id),
        active: flag(true),
      },
    );
    link(item.product_id, item.price_id);
  }
  for (const sale of sales.values()) {
    for (const one of sale.payments) {
      if (one.tender !== 'card' || one.state !== 'paid' || one.payment_intent === null) continue;
      payment({
        id: one.payment_intent,
        amount: one.amount_minor,
        ago: Date.now() - one.started_at_ms,
        card: [one.card_brand ?? 'visa', one.card_last4 ?? '4242'],
        about: `Sale ${sale.number}`,
        refunded: sale.refunded_minor,
        sale: sale.id,
      });
    }
  }
  for (let at = Number(scene.get('many') ?? 0); at > 0; at -= 1)
    payment({ amount: 500 + at * 7, ago: at * 2 * HOUR, card: ['visa', '4242'], about: `Postcards ${at}` });
}

const fold = (words: string) => words.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase();
const listed: Record<string, string> = {
  payment_intent: 'payment',
  customer: 'customer',
  invoice: 'invoice',
  product: 'product',
};

function words({ row, facts }: Kept): string[] {
  const amount = row.amount_minor === null ? '' : (row.amount_minor / 100).toFixed(2);
  const day = row.created_ms === null ? '' : new Date(row.created_ms).toISOString().slice(0, 10);
  const said = [row.id, row.title, row.detail, row.last4, row.brand];
  for (const { value } of facts) if (value.type === 'text') said.push(value.text);
  return [amount, day, ...said.flatMap((one) => fold(one ?? '').split(/[^\p{L}\p{N}_]+/u))];
}

function find({ text: typed, kind, limit }: FindInput) {
  seed();
  const wanted = fold(typed)
    .split(/[\s@]+/)
    .map((word) => word.replace(',', '.').replace(/\.(com|se|ae)?$/, ''))
    .filter(Boolean);
  const only = kind ?? (wanted.length === 0 ? 'payment' : null);
  const rows = [...records.values()]
    .filter((one) => !one.deleted && (only ? listed[one.row.object] === only : one.row.object in listed))
    .filter((one) => {
      if (wanted.length === 0) return true;
      const has_ = words(one);
      return wanted.every((word) => has_.some((its) => its.startsWith(word)));
    })
    .map(({ row }) => row)
    .sort((a, b) => (b.created_ms ?? 0) - (a.created_ms ?? 0));
  return {
    rows: rows.slice(0, limit),
    more: rows.length > limit,
    unindexed: has('unindexed') ? 1204 : 0,
  };
}

function record({ id }: { id: string }): RecordView {
  seed();
  const one = records.get(id) ?? fail('not_found', 'This record is not in the copy.');
  const json = JSON.stringify(
    { id, object: one.row.object, amount: one.row.amount_minor, metadata: {} },
    null,
    2,
  );
  return {
    row: one.row,
    as_of_ms: Date.now() - (one.deleted ? 3 * DAY : 40_000),
    deleted: one.deleted,
    facts: one.facts,
    related: [...new Set(one.links)].flatMap((other) => records.get(other)?.row ?? []),
    json: state.session?.rights.includes('export') ? json : null,
  };
}

export const stripes = { find, record };
