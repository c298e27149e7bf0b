import { afterEach, describe, expect, it } from 'vitest';
import type { FactValue } from '../../lib/backend/types/FactValue';
import type { FindRow } from '../../lib/backend/types/FindRow';
import type { RecordView } from '../../lib/backend/types/RecordView';
import { i18n } from '../../lib/i18n/index.svelte';
import { de } from '../../lib/i18n/de';
import {
  afterwards,
  cardParts,
  detailOf,
  factName,
  factsShown,
  grouped,
  kindsWord,
  kindWord,
  nameBeside,
  nameOf,
  pointedAt,
  stateWord,
  valueWord,
} from './words';

const row = (more: Partial<FindRow> = {}): FindRow => ({
  object: 'payment_intent',
  id: 'pi_1',
  created_ms: 0,
  title: null,
  detail: null,
  amount_minor: 4250,
  currency: 'usd',
  status: 'succeeded',
  brand: null,
  last4: null,
  sale_id: null,
  ...more,
});
const view = (more: Partial<RecordView> = {}): RecordView => ({
  row: row(),
  as_of_ms: 0,
  deleted: false,
  facts: [],
  related: [],
  json: null,
  ...more,
});
const refund = (id: string, amount_minor: number, status = 'succeeded') =>
  row({ object: 'refund', id, amount_minor, status });
const money = (minor: number): FactValue => ({ type: 'money', minor, currency: 'usd' });

const english = i18n.messages;
afterEach(() => {
  i18n.messages = english;
});

describe('names', () => {
  it('of columns, kinds and values are the trade’s, and unknown ones Stripe’s', () => {
    expect(factName('amount_received')).toBe('Received');
    expect(factName('something_new')).toBe('something_new');
    expect(kindWord('payment_intent')).toBe('Payment');
    expect(kindWord('tax.calculation')).toBe('tax calculation');
    expect(kindsWord('refund')).toBe('Refunds');
    expect(kindsWord('checkout.session')).toBe('Checkout sessions');
    expect(kindsWord('line_item')).toBe('Invoice lines');
    expect(valueWord('reason', 'duplicate')).toBe('Charged twice');
    expect(valueWord('reporting_category', 'partial_capture_reversal')).toBe('partial capture reversal');
    expect(valueWord('description', 'snake_case_book')).toBe('snake_case_book');
  });

  it('are in the shop’s language', () => {
    i18n.messages = de;
    expect(factName('amount_received')).toBe('Erhalten');
    expect(kindsWord('refund')).toBe('Erstattungen');
    expect(stateWord('payment_intent', 'succeeded').word).toBe('Bezahlt');
  });

  it('do not come from what every object has', () => {
    expect(factName('constructor')).toBe('constructor');
    expect(kindWord('__proto__')).toBe('  proto  ');
    expect(stateWord('toString', 'constructor').word).toBe('constructor');
  });
});

describe('a state', () => {
  it('is the same word of Stripe’s with another meaning for another kind', () => {
    expect(stateWord('payment_intent', 'succeeded')).toEqual({
      state: 'succeeded',
      word: 'Paid',
      tone: 'good',
    });
    expect(stateWord('refund', 'succeeded').word).toBe('Given back');
    expect(stateWord('payout', 'paid').word).toBe('Paid out');
    expect(stateWord('payment_intent', 'requires_payment_method')).toMatchObject({
      word: 'Not paid',
      tone: 'plain',
    });
    expect(stateWord('dispute', 'new_state')).toEqual({
      state: 'new_state',
      word: 'new state',
      tone: 'plain',
    });
  });
});

describe('what befell a payment', () => {
  const states = (one: RecordView) => afterwards(one).map(({ state }) => state);

  it('is told from its refunds, without those that came to nothing', () => {
    expect(states(view())).toEqual([]);
    expect(states(view({ related: [refund('re_1', 1250)] }))).toEqual(['part_refunded']);
    expect(states(view({ related: [refund('re_1', 1250), refund('re_2', 3000)] }))).toEqual(['refunded']);
    expect(states(view({ related: [refund('re_1', 4250, 'failed')] }))).toEqual([]);
  });

  it('is told from the charge’s own figures where they are there', () => {
    const facts = [{ name: 'amount_refunded', value: money(4250) }];
    expect(states(view({ row: row({ object: 'charge' }), facts }))).toEqual(['refunded']);
  });

  it('is not told twice where the list says it already', () => {
    const refunded = row({ status: 'refunded' });
    expect(states(view({ row: refunded, related: [refund('re_1', 4250)] }))).toEqual([]);
  });

  it('is told of a dispute, and of payments alone', () => {
    const dispute = row({ object: 'dispute', id: 'du_1', status: 'needs_response' });
    expect(states(view({ related: [dispute] }))).toEqual(['disputed']);
    const facts = [{ name: 'disputed', value: { type: 'flag', on: true } as const }];
    expect(states(view({ facts }))).toEqual(['disputed']);
    expect(states(view({ row: row({ object: 'customer' }), related: [refund('re_1', 1)] }))).toEqual([]);
    const won = row({ object: 'dispute', id: 'du_1', status: 'won' });
    expect(states(view({ facts, related: [won] }))).toEqual([]);
  });
});

describe('facts', () => {
  it('leave out what the head says, and put the till’s own marks last', () => {
    const facts = [
      { name: 'status', value: { type: 'state', state: 'succeeded' } as const },
      { name: 'sale_id', value: { type: 'text', text: 'sale-1' } as const },
      { name: 'amount', value: money(4250) },
      { name: 'currency', value: { type: 'text', text: 'usd' } as const },
      { name: 'unheard_of', value: { type: 'text', text: 'x' } as const },
    ];
    expect(factsShown({ row: row(), facts }).map(({ name }) => name)).toEqual([
      'amount',
      'unheard_of',
      'created',
      'sale_id',
    ]);
  });

  it('do not call a payment paid that the head calls refunded', () => {
    const facts = [{ name: 'status', value: { type: 'state', state: 'succeeded' } as const }];
    const refunded = row({ status: 'refunded', created_ms: null });
    expect(factsShown({ row: refunded, facts })).toEqual([]);
    const failed = row({ status: 'failed', created_ms: null });
    expect(factsShown({ row: failed, facts })).toEqual(facts);
  });

  it('keep a currency that no amount names', () => {
    const facts = [{ name: 'currency', value: { type: 'text', text: 'usd' } as const }];
    expect(factsShown({ row: row({ created_ms: null }), facts })).toEqual(facts);
  });
});

describe('related records', () => {
  it('are grouped by kind, each once, without the record itself', () => {
    const related = [
      row({ object: 'zebra', id: 'z_1' }),
      refund('re_1', 1),
      row({ object: 'customer', id: 'cus_1' }),
      refund('re_2', 1),
      refund('re_1', 1),
      row(),
    ];
    expect(grouped(related, 'pi_1').map(({ object, rows }) => [object, rows.map(({ id }) => id)])).toEqual([
      ['customer', ['cus_1']],
      ['refund', ['re_1', 're_2']],
      ['zebra', ['z_1']],
    ]);
  });

  it('are named by what the record above does not say already', () => {
    const above = row({ title: 'Ada', detail: 'Tide tables' });
    expect(nameBeside(row({ title: 'Ada', detail: 'By post' }), above)).toBe('By post');
    expect(nameBeside(row({ title: 'Ada', brand: 'visa', last4: '4242' }), above)).toBe('Visa •4242');
    expect(nameBeside(row({ id: 'txn_1', title: 'Ada' }), above)).toBe('txn_1');
    const method = { object: 'payment_method', title: 'Ada', detail: 'card', brand: 'visa', last4: '4242' };
    expect(nameBeside(row(method), above)).toBe('Visa •4242');
  });

  it('give a reference its name where a name is better known than an id', () => {
    const related = [
      row({ object: 'customer', id: 'cus_1', title: 'Ada' }),
      row({ object: 'invoice', id: 'in_1', title: 'Ada', detail: 'HB-107' }),
      row({ object: 'charge', id: 'ch_1', title: 'Ada' }),
      row({ object: 'customer', id: 'cus_2', title: ' ' }),
    ];
    expect(pointedAt('cus_1', 'customer', related)).toBe('Ada');
    expect(pointedAt('in_1', 'invoice', related)).toBe('HB-107');
    expect(pointedAt('ch_1', 'charge', related)).toBe('ch_1');
    expect(pointedAt('cus_2', 'customer', related)).toBe('cus_2');
    expect(pointedAt('cus_3', 'customer', related)).toBe('cus_3');
  });
});

describe('the second thing known', () => {
  it('is in words where it is a code, and as written where it is not', () => {
    expect(detailOf(row({ object: 'refund', detail: 'requested_by_customer' }))).toBe('Customer asked');
    expect(detailOf(row({ object: 'dispute', detail: 'bank_cannot_process' }))).toBe('bank cannot process');
    expect(detailOf(row({ object: 'balance_transaction', detail: 'charge' }))).toBe('Payment');
    expect(detailOf(row({ object: 'balance_transaction', detail: 'HB_107.a' }))).toBe('HB_107.a');
    expect(detailOf(row({ detail: 'duplicate' }))).toBe('duplicate');
    expect(detailOf(row({ object: 'constructor', detail: 'x' }))).toBe('x');
    expect(detailOf(row({ detail: null }))).toBe('');
  });
});

describe('a name', () => {
  it('is who it is about, or else the next best', () => {
    expect(nameOf(row({ title: 'Ada', detail: 'Tide tables' }))).toBe('Ada');
    expect(nameOf(row({ title: '  ', detail: 'Tide tables' }))).toBe('Tide tables');
    expect(nameOf(row({ brand: 'visa', last4: '4242' }))).toBe('Visa •4242');
    expect(nameOf(row())).toBe('pi_1');
  });

  it('of a card keeps its digits apart', () => {
    expect(cardParts(row({ brand: 'mastercard', last4: '4444' }))).toEqual({
      brand: 'Mastercard',
      last4: '•4444',
    });
    expect(cardParts(row({ last4: '4444' }))).toEqual({ brand: 'Card', last4: '•4444' });
    expect(cardParts(row())).toEqual({ brand: '', last4: '' });
  });
});
