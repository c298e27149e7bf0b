/*
 * A double of the core for `vite dev` and for pictures, never part of a build. It keeps its state in memory and
 * behaves like the core as far as a screen can tell. The address chooses a scene:
 *   ?set_up  ?signed_out  ?as=cashier|accountant  ?empty  ?offline  ?slow  ?many=100000  ?locale=ar-AE  ?fail=sales
 */
import type { Tag } from '../src/lib/backend/commands';
import type { AppState } from '../src/lib/backend/types/AppState';
import type { Code } from '../src/lib/backend/types/Code';
import type { Payment } from '../src/lib/backend/types/Payment';
import type { RefundInput } from '../src/lib/backend/types/RefundInput';
import type { Right } from '../src/lib/backend/types/Right';
import type { Role } from '../src/lib/backend/types/Role';
import type { Sale } from '../src/lib/backend/types/Sale';
import type { SaleRow } from '../src/lib/backend/types/SaleRow';
import type { SalesQuery } from '../src/lib/backend/types/SalesQuery';
import type { SetUpInput } from '../src/lib/backend/types/SetUpInput';
import { catalogue } from './shop';

const scene = new URLSearchParams(location.search);
const has = (name: string) => scene.has(name);
const DAY = 86_400_000;
const CURRENCY = scene.get('currency') ?? 'usd';

const rights: Record<Role, Right[]> = {
  cashier: ['sell', 'take_payment', 'see_sales'],
  manager: ['sell', 'take_payment', 'see_sales', 'refund', 'export', 'verify', 'sync', 'administer'],
  accountant: ['see_sales', 'export', 'verify', 'sync'],
};

function fail(code: Code, message: string, details: Record<string, unknown> = {}): never {
  throw { code, message, retryable: code === 'offline', details };
}

let counter = 0;
const id = (kind: string) => `${kind}-${(++counter).toString(36).padStart(6, '0')}`;

const items = has('empty') ? [] : catalogue(CURRENCY);
const listeners: ((tags: Tag[]) => void)[] = [];
const say = (...tags: Tag[]) => listeners.forEach((hear) => hear(tags));

const staff = [
  { id: 'staff-ada', name: 'Ada', role: 'manager' as Role, pin: '2580' },
  { id: 'staff-ben', name: 'Ben', role: 'cashier' as Role, pin: '1470' },
  { id: 'staff-chiara', name: 'Chiara', role: 'cashier' as Role, pin: '3690' },
  { id: 'staff-dov', name: 'Dov', role: 'accountant' as Role, pin: '9630' },
];
const shown = () => staff.map(({ id, name, role }) => ({ id, name, role }));

const state: AppState = {
  version: '0.1.0',
  mode: scene.get('mode') === 'live' ? 'live' : scene.get('mode') === 'test' ? 'test' : 'practice',
  shop: has('set_up')
    ? null
    : {
        name: scene.get('shop') ?? 'Harbour Books',
        currency: CURRENCY,
        time_zone: 'UTC',
        locale: scene.get('locale') ?? 'en-US',
        till_id: 'till-1',
      },
  currency: {
    code: CURRENCY,
    exponent: CURRENCY === 'jpy' ? 0 : CURRENCY === 'kwd' ? 3 : 2,
    step_minor: CURRENCY === 'kwd' ? 10 : 1,
    minimum_charge_minor: 50,
  },
  staff: has('set_up') ? [] : shown(),
  session: null,
  time_zones: [
    'America/New_York',
    'America/Chicago',
    'America/Los_Angeles',
    'Europe/Berlin',
    'Europe/London',
    'UTC',
  ],
};

function open(role: string | null) {
  const person = shown().find((one) => one.role === (role ?? 'manager'));
  if (person) state.session = { staff: person, rights: rights[person.role] };
}
if (!has('set_up') && !has('signed_out')) open(scene.get('as'));

let wrong = 0;
let slowedUntil = 0;
let nextNumber = 1043;
let current: Sale | null = null;
const sales = new Map<string, Sale>();

function blank(at = Date.now()): Sale {
  return {
    id: id('sale'),
    number: nextNumber++,
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
function note(sale: Sale, kind: string, amount: number | null = null, at = Date.now()) {
  sale.history.push({ seq: ++seq, at_ms: at, staff: sale.staff, kind, amount_minor: amount });
}

function sum(sale: Sale): Sale {
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

function payment(tender: 'cash' | 'card', amount: number, at = Date.now()): Payment {
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

function add(sale: Sale, price_id: string, quantity: number) {
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

function received(sale: Sale, one: Payment, brand: string, last4: string, at = Date.now()) {
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
  const keep = nextNumber;
  for (let back = count; back > 0; back -= 1) {
    const at =
      Date.now() -
      Math.floor((back * 14 * DAY) / count / 6) -
      (back > 12 ? Math.floor(((back - 12) * DAY) / 8) : 0) -
      240_000;
    nextNumber = keep - back;
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
  nextNumber = keep;
}

function refundOn(
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

const many = Number(scene.get('many') ?? 0);
function row(sale: Sale): SaleRow {
  return {
    id: sale.id,
    number: sale.number,
    state: sale.state,
    opened_at_ms: sale.opened_at_ms,
    business_date: sale.business_date,
    staff: sale.staff,
    summary: sale.lines.map((line) => line.name).join(', '),
    units: sale.lines.reduce((total, line) => total + line.quantity, 0),
    total_minor: sale.total_minor,
    refunded_minor: sale.refunded_minor,
    tenders: sale.payments
      .filter((one) => one.state === 'paid')
      .map((one) => (one.tender === 'cash' ? 'cash' : `${one.card_brand} •${one.card_last4}`)),
    currency: sale.currency,
  };
}

function listed(query: SalesQuery): { rows: SaleRow[]; next_cursor: string | null } {
  const words = query.query.trim().toLowerCase();
  let rows = [...sales.values()]
    .map(row)
    .filter((one) => one.units > 0)
    .sort((a, b) => b.opened_at_ms - a.opened_at_ms);
  if (many > 0)
    rows = Array.from({ length: many }, (_, at) => ({
      ...(rows[at % rows.length] as SaleRow),
      id: `many-${at}`,
      number: many - at,
    }));
  rows = rows.filter(
    (one) =>
      (!query.from_day || one.business_date >= query.from_day) &&
      (!query.to_day || one.business_date < query.to_day) &&
      (words === '' ||
        String(one.number) === words ||
        (one.total_minor / 100).toFixed(2) === words ||
        one.tenders.some((tender) => tender.includes(words)) ||
        one.summary.toLowerCase().includes(words)),
  );
  const from = Number(query.cursor ?? 0);
  const end = from + (query.limit || 50);
  return { rows: rows.slice(from, end), next_cursor: end < rows.length ? String(end) : null };
}

const cards = [
  { payment_method: 'pm_card_visa', label: 'Visa' },
  { payment_method: 'pm_card_mastercard', label: 'Mastercard' },
  { payment_method: 'pm_card_amex', label: 'Amex' },
  { payment_method: 'pm_card_chargeDeclined', label: 'Declined' },
  { payment_method: 'pm_card_chargeDeclinedInsufficientFunds', label: 'No funds' },
  { payment_method: 'pm_card_lost_answer', label: 'Answer lost' },
];

const later = (ms: number, run: () => void) => setTimeout(() => (run(), say('sale', 'sales')), ms);

function find(attempt_id: string): [Sale, Payment] {
  for (const sale of sales.values()) {
    const one = sale.payments.find((made) => made.attempt_id === attempt_id);
    if (one) return [sale, one];
  }
  return fail('not_found', 'No such payment.');
}

function startCard(sale: Sale, one: Payment) {
  Object.assign(one, { state: 'starting', notice: null, actions: ['cancel'] });
  later(700, () => one.state === 'starting' && ((one.state = 'waiting_for_card'), sum(sale)));
}

function tap(card: string) {
  const waiting = [...sales.values()]
    .flatMap((sale) => sale.payments.map((one) => ({ sale, one })))
    .find(({ one }) => one.state === 'waiting_for_card');
  if (!waiting) fail('reader', 'The reader is not waiting for a card.');
  const { sale, one } = waiting;
  one.state = 'authorising';
  one.actions = [];
  sum(sale);
  say('sale');
  later(1100, () => {
    if (card.includes('Declined')) {
      Object.assign(one, {
        state: 'declined',
        notice: {
          code: 'card_declined',
          text: 'The bank declined the card. Please offer another way to pay; the bank can tell its customer why.',
        },
        actions: ['cancel', 'try_again'],
      });
      note(sale, 'payment_declined');
    } else if (card === 'pm_card_lost_answer') {
      one.state = 'checking';
      later(9000, () => (received(sale, one, 'visa', '4242'), sum(sale)));
    } else {
      const brand = card.replace('pm_card_', '');
      received(sale, one, brand, brand === 'visa' ? '4242' : brand === 'amex' ? '8431' : '4444');
      if (current?.id === sale.id) current = null;
    }
    sum(sale);
  });
}

const commands: Record<string, (input: never) => unknown> = {
  app_state: () => structuredClone(state),
  set_up: (input: SetUpInput) => {
    state.shop = {
      name: input.shop_name,
      currency: input.currency,
      time_zone: input.time_zone,
      locale: input.locale,
      till_id: 'till-1',
    };
    const person = { id: 'staff-1', name: input.staff_name, role: 'manager' as Role, pin: input.pin };
    staff.splice(0, staff.length, person);
    state.staff = shown();
    state.session = {
      staff: { id: person.id, name: person.name, role: person.role },
      rights: rights.manager,
    };
    return structuredClone(state);
  },
  sign_in: ({ staff_id, pin }: { staff_id: string; pin: string }) => {
    if (Date.now() < slowedUntil)
      fail('pin_slowed', 'Too many wrong PINs.', { retry_after_ms: slowedUntil - Date.now() });
    const person = staff.find((one) => one.id === staff_id);
    if (person?.pin !== pin) {
      wrong += 1;
      if (wrong >= 5) {
        slowedUntil = Date.now() + 15_000;
        fail('pin_slowed', 'Too many wrong PINs.', { retry_after_ms: 15_000 });
      }
      fail('pin_wrong', 'That PIN is not right.', { attempts_left: 5 - wrong });
    }
    wrong = 0;
    state.session = {
      staff: shown().find((one) => one.id === staff_id) ?? fail('not_found', ''),
      rights: rights[person.role],
    };
    return structuredClone(state);
  },
  sign_out: () => {
    state.session = null;
    return structuredClone(state);
  },
  categories: () => {
    const counts = new Map<string, number>();
    for (const item of items) counts.set(item.category ?? '', (counts.get(item.category ?? '') ?? 0) + 1);
    return [...counts].map(([name, number]) => ({ name, items: number }));
  },
  catalogue: ({
    query,
    category,
    offset,
    limit,
  }: {
    query: string;
    category: string | null;
    offset: number;
    limit: number;
  }) => {
    const words = query.toLowerCase().split(/\s+/).filter(Boolean);
    const found = items.filter(
      (item) =>
        (category === null || item.category === category) &&
        words.every((word) =>
          `${item.name} ${item.sku} ${item.barcode} ${item.lookup_key}`.toLowerCase().includes(word),
        ),
    );
    return { items: found.slice(offset, offset + limit), total: found.length };
  },
  scan: ({ code }: { code: string }) => {
    const item = items.find((one) => [one.barcode, one.sku, one.lookup_key].includes(code));
    if (!item) return { kind: 'unknown', code };
    current ??= blank();
    add(current, item.price_id, 1);
    const sale = sum(current);
    return {
      kind: 'added',
      line_id: sale.lines.find((line) => line.price_id === item.price_id)?.id,
      name: item.name,
      sale,
    };
  },
  sale_current: () => structuredClone(current),
  sale_add: ({ price_id, quantity }: { price_id: string; quantity: number }) => {
    current ??= blank();
    if (
      current.payments.some((one) =>
        ['starting', 'waiting_for_card', 'authorising', 'checking'].includes(one.state),
      )
    )
      fail('conflict', 'A card payment is under way on this sale. Finish or cancel it first.');
    add(current, price_id, quantity);
    return sum(current);
  },
  sale_set_quantity: ({ line_id, quantity }: { line_id: string; quantity: number }) => {
    if (!current) fail('not_found', 'There is no open sale.');
    current.lines = current.lines.flatMap((line) =>
      line.id !== line_id ? [line] : quantity === 0 ? [] : [{ ...line, quantity }],
    );
    return sum(current);
  },
  sale_void: () => {
    if (current) current.state = 'void';
    current = null;
    say('sales');
    return null;
  },
  sale_park: () => {
    if (current) current.state = 'parked';
    current = null;
    say('sale', 'sales');
    return null;
  },
  sale_parked: () =>
    [...sales.values()]
      .filter((sale) => sale.state === 'parked')
      .map((sale) => ({
        id: sale.id,
        number: sale.number,
        parked_at_ms: sale.opened_at_ms,
        summary: row(sale).summary,
        total_minor: sale.total_minor,
      })),
  sale_resume: ({ sale_id }: { sale_id: string }) => {
    current = sales.get(sale_id) ?? fail('not_found', 'No such sale.');
    current.state = 'open';
    say('sale', 'sales');
    return sum(current);
  },
  pay_cash: ({ sale_id, tendered_minor }: { sale_id: string; tendered_minor: number }) => {
    const sale = sales.get(sale_id) ?? fail('not_found', 'No such sale.');
    const one = payment('cash', sale.remaining_minor);
    Object.assign(one, {
      state: 'paid',
      tendered_minor,
      change_minor: tendered_minor - sale.remaining_minor,
      ended_at_ms: Date.now(),
    });
    sale.payments.push(one);
    note(sale, 'payment_received', one.amount_minor);
    sale.closed_at_ms = Date.now();
    current = null;
    say('sale', 'sales');
    return sum(sale);
  },
  readers: () =>
    has('no_reader')
      ? []
      : [
          { id: 'tmr_1', label: 'Counter', online: !has('offline'), simulated: true },
          ...(has('readers')
            ? [
                { id: 'tmr_2', label: 'Garden', online: false, simulated: true },
                { id: 'tmr_3', label: 'Upstairs', online: true, simulated: true },
              ]
            : []),
        ],
  pay_card: ({ sale_id }: { sale_id: string; reader_id: string | null }) => {
    const sale = sales.get(sale_id) ?? fail('not_found', 'No such sale.');
    if (sale.remaining_minor < 50) fail('amount_too_small', 'Too small.', { minimum_minor: 50 });
    const one = payment('card', sale.remaining_minor);
    sale.payments.push(one);
    note(sale, 'payment_started', one.amount_minor);
    startCard(sale, one);
    return sum(sale);
  },
  payment_cancel: ({ attempt_id }: { attempt_id: string }) => {
    const [sale, one] = find(attempt_id);
    Object.assign(one, { state: 'canceled', actions: [], ended_at_ms: Date.now() });
    say('sale');
    return sum(sale);
  },
  payment_try_again: ({ attempt_id }: { attempt_id: string }) => {
    const [sale, one] = find(attempt_id);
    startCard(sale, one);
    return sum(sale);
  },
  practice_tap: ({ card }: { card: string }) => (tap(card), null),
  practice_cards: () => cards,
  sale: ({ sale_id }: { sale_id: string }) => {
    if (sale_id.startsWith('many-')) return structuredClone([...sales.values()][3]);
    return sum(sales.get(sale_id) ?? fail('not_found', 'No such sale.'));
  },
  sales: (query: SalesQuery) => listed(query),
  refund: (input: RefundInput) => {
    const sale = sales.get(input.sale_id) ?? fail('not_found', 'No such sale.');
    const asker = state.session?.staff.name ?? '';
    const approver = staff.find((one) => one.id === input.approver_id);
    if (!state.session?.rights.includes('refund') && approver?.pin !== input.approver_pin)
      fail('pin_wrong', 'That PIN is not right.', { attempts_left: 3 });
    const card = sale.payments.some((one) => one.tender === 'card' && one.state === 'paid');
    const after = refundOn(
      sale,
      input.amount_minor,
      input.reason,
      input.detail,
      asker,
      approver?.name ?? asker,
      card ? 'pending' : 'succeeded',
    );
    later(4000, () => {
      const last = sale.refunds.at(-1);
      if (last?.state === 'pending') {
        last.state = 'succeeded';
        note(sale, 'refund_succeeded', last.amount_minor);
      }
      sum(sale);
    });
    say('sales');
    return after;
  },
  sync_status: () => ({
    state: has('empty') ? 'never' : has('offline') ? 'offline' : 'current',
    complete_to_ms: has('empty') ? null : Date.now() - 20_000,
    counts: has('empty')
      ? []
      : Object.entries({
          customers: 12,
          products: 40,
          prices: 40,
          payment_methods: 12,
          payment_intents: 1204,
          charges: 1198,
          refunds: 31,
          balance_transactions: 1229,
          'terminal/locations': 1,
          'terminal/readers': 1,
          events: 4312,
        }).map(([resource, objects]) => ({ resource, objects })),
    requests_this_month: 1873,
    problem: has('offline')
      ? { code: 'offline', text: 'Stripe has not answered for 3 minutes. Tillbook keeps trying.' }
      : null,
  }),
  sync_now: () => (setTimeout(() => say('sync'), 800), null),
  export_transactions: ({ from_day, to_day }: { from_day: string; to_day: string }) => ({
    path: `/home/ada/Documents/Tillbook/transactions_${from_day}_${to_day}.csv`,
    manifest_path: `/home/ada/Documents/Tillbook/transactions_${from_day}_${to_day}.manifest.json`,
    rows: 1229,
    sha256: '3f786850e387550fdab836ed7e6dc881de23001b7c1a4fb0d8a1a4a8b6a2c3d4',
    totals: [
      { currency: CURRENCY, gross_minor: 1842310, fee_minor: 54120, net_minor: 1788190 },
      ...(has('many') ? [{ currency: 'jpy', gross_minor: 182400, fee_minor: 6567, net_minor: 175833 }] : []),
    ],
  }),
  journal_check: () => ({
    entries: 4821,
    intact: !has('broken'),
    first_bad_seq: has('broken') ? 4090 : null,
    problem: has('broken') ? 'Entry 4090 was changed after it was written.' : null,
    head: '9c1185a5c5e9fc54612808977ee8f548b2258d31a1f2b3c4d5e6f708192a3b4c',
  }),
};

export function double() {
  return {
    async invoke(command: string, args?: Record<string, unknown>): Promise<unknown> {
      const wait = has('slow')
        ? 2500
        : command === 'export_transactions' || command === 'journal_check'
          ? 900
          : 12;
      await new Promise((done) => setTimeout(done, wait));
      if (scene.get('fail') === command) fail('store', 'The data folder cannot be read.');
      const run = commands[command] as ((input: unknown) => unknown) | undefined;
      if (!run) fail('internal', `no command ${command}`);
      return structuredClone(run(args?.['input']));
    },
    listen(hear: (tags: Tag[]) => void): Promise<void> {
      listeners.push(hear);
      return Promise.resolve();
    },
  };
}
