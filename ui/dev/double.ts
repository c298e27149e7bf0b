/*
 * A double of the core for `vite dev` and for pictures, never part of a build. It keeps its state in memory and
 * behaves like the core as far as a screen can tell. The address chooses a scene:
 *   ?set_up  ?signed_out  ?as=cashier|accountant  ?empty  ?offline  ?slow  ?many=100000  ?locale=ar-AE  ?fail=sales
 */
import type { Tag } from '../src/lib/backend/types/Tag';
import type { RefundInput } from '../src/lib/backend/types/RefundInput';
import type { Role } from '../src/lib/backend/types/Role';
import type { SalesQuery } from '../src/lib/backend/types/SalesQuery';
import type { SetUpInput } from '../src/lib/backend/types/SetUpInput';
import { stripes } from './find';
import { listed, row } from './history';
import { add, blank, note, payment, refundOn, sum } from './ledger';
import { cards, find, later, startCard, tap } from './reader';
import { sync } from './sync';
import {
  CURRENCY,
  fail,
  has,
  items,
  listeners,
  now,
  rights,
  sales,
  say,
  scene,
  shown,
  staff,
  state,
} from './world';

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
    if (Date.now() < now.slowedUntil)
      fail('pin_slowed', 'Too many wrong PINs.', { retry_after_ms: now.slowedUntil - Date.now() });
    const person = staff.find((one) => one.id === staff_id);
    if (person?.pin !== pin) {
      now.wrong += 1;
      if (now.wrong >= 5) {
        now.slowedUntil = Date.now() + 15_000;
        fail('pin_slowed', 'Too many wrong PINs.', { retry_after_ms: 15_000 });
      }
      fail('pin_wrong', 'That PIN is not right.', { attempts_left: 5 - now.wrong });
    }
    now.wrong = 0;
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
  staff_add: (input: { name: string; role: Role; pin: string }) => {
    staff.push({ id: `staff-${input.name}`, ...input });
    state.staff = shown();
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
    now.current ??= blank();
    add(now.current, item.price_id, 1);
    const sale = sum(now.current);
    return {
      kind: 'added',
      line_id: sale.lines.find((line) => line.price_id === item.price_id)?.id,
      name: item.name,
      sale,
    };
  },
  sale_current: () => structuredClone(now.current),
  sale_add: ({ price_id, quantity }: { price_id: string; quantity: number }) => {
    now.current ??= blank();
    if (
      now.current.payments.some((one) =>
        ['starting', 'waiting_for_card', 'authorising', 'checking'].includes(one.state),
      )
    )
      fail('conflict', 'A card payment is under way on this sale. Finish or cancel it first.');
    add(now.current, price_id, quantity);
    return sum(now.current);
  },
  sale_set_quantity: ({ line_id, quantity }: { line_id: string; quantity: number }) => {
    if (!now.current) fail('not_found', 'There is no open sale.');
    now.current.lines = now.current.lines.flatMap((line) =>
      line.id !== line_id ? [line] : quantity === 0 ? [] : [{ ...line, quantity }],
    );
    return sum(now.current);
  },
  sale_void: () => {
    if (now.current) now.current.state = 'void';
    now.current = null;
    say('sales');
    return null;
  },
  sale_park: () => {
    if (now.current) now.current.state = 'parked';
    now.current = null;
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
    now.current = sales.get(sale_id) ?? fail('not_found', 'No such sale.');
    now.current.state = 'open';
    say('sale', 'sales');
    return sum(now.current);
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
    now.current = null;
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
    Object.assign(one, { state: 'checking', actions: [] });
    later(900, () => {
      Object.assign(one, { state: 'canceled', ended_at_ms: Date.now() });
      note(sale, 'payment_canceled');
      sum(sale);
    });
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
  ...sync,
  ...stripes,
  export_transactions: ({ from_day, to_day }: { from_day: string; to_day: string }) => ({
    path: `~/Documents/Tillbook/transactions_${from_day}_${to_day}.csv`,
    manifest_path: `~/Documents/Tillbook/transactions_${from_day}_${to_day}.manifest.json`,
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
