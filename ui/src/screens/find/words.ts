/* What Stripe's kinds, columns and states are called, and how a record's facts are put in order. */
import type { FindRow } from '../../lib/backend/types/FindRow';
import type { RecordFact } from '../../lib/backend/types/RecordFact';
import type { RecordView } from '../../lib/backend/types/RecordView';
import { record as english } from '../../lib/i18n/en/record';
import { i18n, t, tCode } from '../../lib/i18n/index.svelte';
import { cardName } from '../../lib/tenders';

/** A word for something that the core sent, or the fallback where nobody has heard of it. */
function word(prefix: 'kind' | 'kinds' | 'fact' | 'state' | 'value', code: string, fallback: string): string {
  const key = `find.${prefix}.${code}`;
  // The other languages have it in their one file.
  for (const catalogue of [i18n.messages, english]) {
    const entry: unknown = Object.hasOwn(catalogue, key)
      ? catalogue[key as keyof typeof catalogue]
      : undefined;
    if (typeof entry === 'string') return entry;
  }
  return fallback;
}

const plain = (name: string) => name.replaceAll(/[_.]/g, ' ');

/** `payment_intent` is a payment. */
export const kindWord = (object: string) => word('kind', object, plain(object));

const lists: Record<string, string> = {
  'checkout.session': 'checkout/sessions',
  'terminal.reader': 'terminal/readers',
  'terminal.location': 'terminal/locations',
};

/** Several of them, as a heading. */
export const kindsWord = (object: string) =>
  word('kinds', object, tCode('resource', lists[object] ?? `${object}s`, kindWord(object)));

/** A column in the shop's language; one that nobody has heard of as Stripe writes it. */
export const factName = (name: string) => word('fact', name, name);

const codes = new Set(
  (
    'reason failure_reason failure_code error_code decline_code type method_type reporting_category billing_scheme ' +
    'tax_behavior collection_method mode usage duration payment_status device_type action_type action_status ' +
    'action_failure_code'
  ).split(' '),
);

/** Codes of Stripe's that have a word of the trade; what people wrote stays as it is. */
export const valueWord = (name: string, text: string) =>
  word('value', `${name}.${text}`, codes.has(name) ? plain(text) : text);

export type Tone = 'good' | 'wait' | 'bad' | 'plain';
export type Told = { state: string; word: string; tone: Tone };

const tones: [Tone, string][] = [
  ['good', 'succeeded paid available complete active won online issued trialing'],
  [
    'wait',
    'processing pending requires_action requires_capture requires_confirmation in_transit incomplete unpaid past_due ' +
      'warning_needs_response warning_under_review needs_response under_review open paused',
  ],
  ['bad', 'failed lost uncollectible incomplete_expired disputed'],
];
const toneOf = new Map(
  tones.flatMap(([tone, states]) => states.split(' ').map((state) => [state, tone] as const)),
);

/** Where a record of this kind stands. The same word of Stripe's means different things of a refund and a payment. */
export function stateWord(object: string, state: string): Told {
  const general = word('state', state, plain(state));
  return {
    state,
    word: word('state', `${object}.${state}`, general),
    tone: toneOf.get(state) ?? 'plain',
  };
}

const PAYMENTS: readonly string[] = ['payment_intent', 'charge'];
const NOTHING: readonly string[] = ['failed', 'canceled'];
/** The ends of a dispute that leave the payment with the shop. */
const OVER: readonly string[] = ['won', 'warning_closed', 'prevented'];
const BEFELL: readonly string[] = ['refunded', 'part_refunded', 'disputed'];

/** What befell a payment after it was paid: Stripe's own word on it stays `succeeded`. */
export function afterwards({ row, facts, related }: RecordView): Told[] {
  if (!PAYMENTS.includes(row.object)) return [];
  const after: Told[] = [];
  const fact = facts.find(({ name }) => name === 'amount_refunded')?.value;
  const refunds = related.filter((one) => one.object === 'refund' && !NOTHING.includes(one.status ?? ''));
  const refunded =
    fact?.type === 'money' ? fact.minor : refunds.reduce((sum, one) => sum + (one.amount_minor ?? 0), 0);
  if (refunded > 0)
    after.push(stateWord(row.object, refunded < (row.amount_minor ?? 0) ? 'part_refunded' : 'refunded'));
  const disputes = related.filter((one) => one.object === 'dispute');
  const flagged = facts.some(({ name, value }) => name === 'disputed' && value.type === 'flag' && value.on);
  if (disputes.length > 0 ? disputes.some((one) => !OVER.includes(one.status ?? '')) : flagged)
    after.push(stateWord(row.object, 'disputed'));
  return after.filter(({ state }) => state !== row.status);
}

/** What Tillbook writes into a payment for itself; it comes last. */
const OWN: readonly string[] = [
  'attempt_id',
  'refund_attempt_id',
  'sale_id',
  'till_id',
  'journal_seq',
  'journal_head',
];

/** Whether the head's word on a payment says this too: what was given back had been paid. */
const headSays = (head: string | null, state: string) =>
  state === head || (state === 'succeeded' && BEFELL.includes(head ?? ''));

/** The facts that the head of the panel does not say already, and when it came to be; Tillbook's own marks last. */
export function factsShown({ row, facts }: Pick<RecordView, 'row' | 'facts'>): RecordFact[] {
  const hasMoney = facts.some(({ value }) => value.type === 'money');
  const kept = facts.filter(
    ({ name, value }) =>
      !(name === 'status' && value.type === 'state' && headSays(row.status, value.state)) &&
      !(name === 'currency' && hasMoney),
  );
  if (row.created_ms !== null && !facts.some(({ name }) => name === 'created'))
    kept.push({ name: 'created', value: { type: 'time', ms: row.created_ms } });
  const own = ({ name }: RecordFact) => OWN.includes(name);
  return [...kept.filter((fact) => !own(fact)), ...kept.filter(own)];
}

const order: readonly string[] = [
  'customer',
  'payment_intent',
  'charge',
  'refund',
  'dispute',
  'invoice',
  'line_item',
  'subscription',
  'checkout.session',
  'product',
  'price',
  'balance_transaction',
  'payout',
];
const place = (object: string) => {
  const at = order.indexOf(object);
  return at < 0 ? order.length : at;
};

export type Group = { object: string; rows: FindRow[] };

/** Related records by kind, the kinds in the order in which one asks for them; the core's order within a kind. */
export function grouped(related: readonly FindRow[], self: string): Group[] {
  const groups = new Map<string, FindRow[]>();
  const seen = new Set([self]);
  for (const row of related) {
    if (seen.has(row.id)) continue;
    seen.add(row.id);
    const rows = groups.get(row.object);
    if (rows) rows.push(row);
    else groups.set(row.object, [row]);
  }
  return [...groups]
    .map(([object, rows]) => ({ object, rows }))
    .sort((a, b) => place(a.object) - place(b.object) || (a.object < b.object ? -1 : 1));
}

const said = (text: string | null): text is string => text !== null && text.trim() !== '';

/** The brand and the digits apart: where there is little room, the digits stay. */
export const cardParts = ({ brand, last4 }: FindRow) => ({
  brand: said(brand) ? cardName(brand, null) : said(last4) ? cardName(null, null) : '',
  last4: said(last4) ? `•${last4}` : '',
});

export const cardWord = (row: FindRow) =>
  said(row.brand) || said(row.last4) ? cardName(row.brand || null, row.last4 || null) : '';

/** What is told of these kinds is a code of this name. */
const told: Record<string, string> = {
  refund: 'reason',
  dispute: 'reason',
  'checkout.session': 'mode',
  setup_intent: 'usage',
  payment_method: 'type',
  // Where nobody described it, what is told is its type.
  balance_transaction: 'transaction',
};

/** The second thing that is known about it. */
export function detailOf({ object, detail }: FindRow): string {
  if (!said(detail)) return '';
  const name = Object.hasOwn(told, object) ? told[object] : undefined;
  return name === undefined ? detail : valueWord(name, detail);
}

/** Who it is about, or what; nothing where Stripe knows neither. */
export const ownName = (row: FindRow): string => (said(row.title) ? row.title : detailOf(row));

/** What stands for a record in one line: its name, or else the next best that tells it from the others. */
export const nameOf = (row: FindRow): string => ownName(row) || cardWord(row) || row.id;

/** What tells a related record from the others; the name that stands above them all already says nothing. */
export function nameBeside(row: FindRow, above: FindRow): string {
  const names = [row.title, detailOf(row)].filter(said);
  if (row.object === 'payment_method' && cardWord(row)) return cardWord(row);
  const fresh = names.find((name) => name !== above.title && name !== detailOf(above));
  return fresh ?? (cardWord(row) || row.id);
}

/** Who or what a reference points to, where that is better known by its name than by its id. */
export function pointedAt(id: string, object: string, related: readonly FindRow[]): string {
  const one = related.find((other) => other.id === id);
  const name =
    object === 'invoice' ? one?.detail : object === 'customer' || object === 'product' ? one?.title : null;
  return said(name ?? null) ? (name ?? id) : id;
}

/** What may be typed, as this shop would write it. */
export function examples(amount: string): string[] {
  const day = new Intl.DateTimeFormat(i18n.locale, { day: 'numeric', month: 'short', timeZone: 'UTC' });
  const all = ['4242', amount, 'ada@…', day.format(Date.UTC(2026, 2, 3))];
  // Each is one piece, whichever way the line runs.
  return all.map((one) => `\u2068${one}\u2069`);
}

export const nothing = (text: string, kind: string | null) =>
  kind === null ? t('find.none', { text }) : t('find.noneIn', { text, kind });
