/*
 * The Sync room of the double. Scenes: ?permission (a key that may not read everything), ?doubt, ?healed, ?budget (a live
 * account whose old records arrive slowly), ?working (a full re-check under way), ?receiver.
 */
import type { ReceiverInput } from '../src/lib/backend/types/ReceiverInput';
import type { SyncDetails } from '../src/lib/backend/types/SyncDetails';
import type { SyncWork } from '../src/lib/backend/types/SyncWork';
import type { WorkKind } from '../src/lib/backend/types/WorkKind';
import { DAY, CURRENCY, fail, has, say, state } from './world';

const counts = {
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
};
const QUARTER = 900_000;
const HOUR = 3_600_000;
const TOTAL = 41_200;

let work: SyncWork | null = null;
let receiver: SyncDetails['receiver'] = has('receiver')
  ? { address: '127.0.0.1:4242', problem: null, taken: 318, refused: 2, last_at_ms: Date.now() - 40_000 }
  : { address: null, problem: null, taken: 0, refused: 0, last_at_ms: null };
let hurried = false;
let certifiedAt = Date.now() - 3 * HOUR;

function begin(kind: WorkKind) {
  if (work) fail('conflict', 'A comparison with Stripe is under way already; wait for it, or stop it first.');
  work = {
    kind,
    by: state.session?.staff.name ?? null,
    phase: kind === 'full_check' ? 'lists' : 'news',
    resource: 'payment_intents',
    objects: 0,
    estimate: kind === 'full_check' ? TOTAL : 0,
    per_s: 640,
    left_s: 64,
    stopping: false,
  };
  const tick = setInterval(() => {
    if (!work || work.stopping || (work.objects += 640) >= TOTAL || kind === 'certificate') {
      clearInterval(tick);
      if (!work?.stopping) certifiedAt = Date.now();
      work = null;
    } else {
      work.left_s = Math.round((TOTAL - work.objects) / 640);
    }
    say('sync');
  }, 900);
  say('sync');
  return null;
}

const wave = (at: number, low: number, high: number) =>
  Math.round(low + (high - low) * (0.5 + 0.5 * Math.sin(at / 7)) * (0.6 + 0.4 * Math.cos(at / 3)));

function details(): SyncDetails {
  const now = Date.now();
  const empty = has('empty');
  const forbidden = has('permission') ? ['disputes', 'balance_transactions'] : [];
  const names = empty ? [] : [...new Set([...Object.keys(counts), ...forbidden])];
  const doubts = [
    ...forbidden.map((list) => `${list}: permission`),
    ...(has('doubt') ? ['usd: the transactions add up to 1842310, Stripe’s balance is 1842350'] : []),
  ];
  return {
    resources: names.map((resource, at) => ({
      resource,
      objects: forbidden.includes(resource) ? 0 : (counts[resource as keyof typeof counts] ?? 0),
      listed_at_ms: resource === 'payment_methods' ? null : now - 9 * DAY - at * QUARTER,
      problem: forbidden.includes(resource) ? { code: 'permission', text: 'The key may not read it.' } : null,
    })),
    ranges_open: has('budget') ? 14 : 0,
    dirty: has('budget') ? 3 : 0,
    rejected: 0,
    budget: {
      applies: has('budget'),
      total: 80_000,
      left: 61_240,
      spent: empty
        ? []
        : [
            { purpose: 'events', requests: 1204 },
            { purpose: 'backfill', requests: 412 },
            { purpose: 'fetch', requests: 208 },
            { purpose: 'certificate', requests: 31 },
            { purpose: 'windows', requests: 18 },
          ],
      pace_s: 12,
    },
    certificate: empty
      ? null
      : {
          at_ms: certifiedAt,
          holds: doubts.length === 0,
          complete_to_ms: certifiedAt,
          audited_to_ms: Math.floor(now / DAY - 2) * DAY,
          balance: [
            { currency: CURRENCY, here_minor: 1842310, stripe_minor: has('doubt') ? 1842350 : 1842310 },
          ],
          healed: has('healed')
            ? [
                {
                  object: 'charge',
                  id: 'ch_3QyB7kLk1',
                  what: 'changed',
                  detail: 'amount: 1240 here, 1420 at Stripe',
                },
                { object: 'refund', id: 're_3QyB7kLk2', what: 'missing', detail: 'it was not here' },
              ]
            : [],
          differences: has('healed') ? 2 : 0,
          doubts,
        },
    full_check_reads: 97,
    work,
    failed: has('doubt') ? 'Stripe cannot be reached: the line was cut' : null,
    lists_end_at_ms: has('budget') ? now + 6 * DAY : null,
    hurried,
    delays: empty
      ? []
      : Array.from({ length: 64 }, (_, at) => ({
          at_ms: Math.floor(now / QUARTER - 64 + at) * QUARTER,
          events: wave(at, 1, 40),
          average_s: wave(at + 5, 2, 22),
          slowest_s: wave(at + 5, 9, 71),
        })),
    hours: empty
      ? []
      : Array.from({ length: 9 }, (_, at) => ({
          at_ms: Math.floor(now / HOUR - 8 + at) * HOUR,
          requests: wave(at * 3, 12, 160),
        })),
    receiver,
  };
}

if (has('working')) setTimeout(() => begin('full_check'), 50);

export const sync = {
  sync_status: () => ({
    state: has('empty') ? 'never' : has('offline') ? 'offline' : 'current',
    complete_to_ms: has('empty') ? null : Date.now() - 20_000,
    counts: has('empty') ? [] : Object.entries(counts).map(([resource, objects]) => ({ resource, objects })),
    requests_this_month: 1873,
    problem: has('offline')
      ? { code: 'offline', text: 'Stripe has not answered for 3 minutes. Tillbook keeps trying.' }
      : null,
  }),
  sync_details: details,
  sync_now: () => (setTimeout(() => say('sync'), 800), null),
  sync_certify: () => begin('certificate'),
  sync_full_check: () => begin('full_check'),
  sync_hurry: () => ((hurried = true), say('sync'), null),
  sync_cancel: () => {
    if (work) work.stopping = true;
    say('sync');
    return null;
  },
  receiver_on: ({ port }: ReceiverInput) => {
    receiver = { address: `127.0.0.1:${port}`, problem: null, taken: 0, refused: 0, last_at_ms: null };
    say('sync');
    return null;
  },
  receiver_off: () => {
    receiver = { address: null, problem: null, taken: 0, refused: 0, last_at_ms: null };
    say('sync');
    return null;
  },
};
