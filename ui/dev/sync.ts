/*
 * The Sync room of the double. Scenes: ?permission (a key that may not read everything), ?doubt, ?healed, ?budget (a live
 * account whose old records arrive slowly), ?working (a full re-check under way), ?copying (the first copy under way),
 * ?paused, ?gap (news was missed), ?refused, ?receiver, ?receiver-problem; all of them in other modes by ?mode=live.
 */
import type { ReceiverInput } from '../src/lib/backend/types/ReceiverInput';
import type { SyncDetails } from '../src/lib/backend/types/SyncDetails';
import type { SyncDoubt } from '../src/lib/backend/types/SyncDoubt';
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

const PAST = 90_000;

let work: SyncWork | null = null;
let copied = 31_200;
let paused: SyncDetails['copy']['paused'] = has('paused')
  ? { at_ms: Date.now() - 2 * 3_600_000, by: 'Ada' }
  : null;
const copying = () => (has('copying') || has('paused') || has('gap')) && copied < PAST;
let receiver: SyncDetails['receiver'] = has('receiver')
  ? { address: '127.0.0.1:4242', problem: null, taken: 318, refused: 2, last_at_ms: Date.now() - 40_000 }
  : has('receiver-problem')
    ? {
        address: null,
        problem: { code: 'port_taken', text: 'the work broke off: port 4242: Address already in use' },
        taken: 0,
        refused: 0,
        last_at_ms: null,
      }
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

/** The first copy reads on until it is whole, or somebody pauses it. */
function copyOn() {
  const tick = setInterval(() => {
    if (paused || !copying()) {
      clearInterval(tick);
      work = null;
    } else {
      copied += 640;
      work = {
        kind: 'news',
        by: null,
        phase: 'lists',
        resource: 'charges',
        objects: copied,
        estimate: PAST,
        per_s: 711,
        left_s: Math.round((PAST - copied) / 711),
        stopping: false,
      };
    }
    say('sync');
  }, 900);
}

const stopped = () =>
  has('refused')
    ? { code: 'refused', text: 'Stripe refuses the key: Expired API Key provided' }
    : has('offline')
      ? { code: 'offline', text: 'Stripe cannot be reached: no route to host' }
      : has('broken')
        ? { code: 'store', text: 'the disk is full' }
        : null;

const wave = (at: number, low: number, high: number) =>
  Math.round(low + (high - low) * (0.5 + 0.5 * Math.sin(at / 7)) * (0.6 + 0.4 * Math.cos(at / 3)));

function details(): SyncDetails {
  const now = Date.now();
  const empty = has('empty');
  const forbidden = has('permission') ? ['disputes', 'balance_transactions'] : [];
  const names = empty ? [] : [...new Set([...Object.keys(counts), ...forbidden])];
  const doubts: SyncDoubt[] = [
    ...forbidden.map((resource) => ({ about: 'list', resource, code: 'permission' }) as const),
    ...(copying() ? [{ about: 'unread', lists: 4 } as const] : []),
    ...(has('gap') ? [{ about: 'gap' } as const] : []),
  ];
  return {
    resources: names.map((resource, at) => ({
      resource,
      objects: forbidden.includes(resource) ? 0 : (counts[resource as keyof typeof counts] ?? 0),
      listed_at_ms: resource === 'payment_methods' ? null : now - 9 * DAY - at * QUARTER,
      problem: forbidden.includes(resource) ? { code: 'permission', text: 'The key may not read it.' } : null,
    })),
    copy: {
      whole: !copying() && !has('budget'),
      gap: has('gap') && copying(),
      objects: copying() ? copied : TOTAL,
      estimate: copying() ? PAST : TOTAL,
      paused: copying() ? paused : null,
    },
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
    certificate:
      empty || has('copying') || has('paused')
        ? null
        : {
            at_ms: certifiedAt,
            holds: doubts.length === 0 && !has('doubt'),
            complete_to_ms: certifiedAt,
            audited_to_ms: Math.floor(now / DAY - 2) * DAY,
            audited_since_ms: now - 9 * DAY,
            not_compared: has('permission') ? 'permission' : null,
            balance: has('permission')
              ? []
              : [{ currency: CURRENCY, here_minor: 1842310, stripe_minor: has('doubt') ? 1842350 : 1842310 }],
            healed: has('healed')
              ? [
                  {
                    object: 'charge',
                    id: 'ch_3QyB7kLk1',
                    what: 'changed',
                    changes: [
                      {
                        column: 'amount',
                        here: { type: 'money', minor: 1240, currency: CURRENCY },
                        stripe: { type: 'money', minor: 1420, currency: CURRENCY },
                      },
                      {
                        column: 'status',
                        here: { type: 'state', state: 'pending' },
                        stripe: { type: 'state', state: 'succeeded' },
                      },
                      { column: 'refunded', here: null, stripe: { type: 'flag', on: true } },
                    ],
                    detail: 'amount: 1240 here, 1420 at Stripe; status: pending here, succeeded at Stripe',
                  },
                  {
                    object: 'refund',
                    id: 're_3QyB7kLk2',
                    what: 'missing',
                    changes: [],
                    detail: 'was not here',
                  },
                  {
                    object: 'event_list',
                    id: 'hole',
                    what: 'gap',
                    changes: [],
                    detail: 'the news of more than 30 days was missed',
                  },
                ]
              : [],
            differences: has('healed') ? 3 : 0,
            doubts,
          },
    full_check_reads: 97,
    work,
    failed: has('doubt') ? { code: 'offline', text: 'Stripe cannot be reached: the line was cut' } : null,
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
      : Array.from({ length: 24 }, (_, at) => ({
          at_ms: Math.floor(now / HOUR - 23 + at) * HOUR,
          requests: wave(at * 3, 12, 160),
        })),
    receiver,
  };
}

if (has('copying') || has('gap')) copyOn();
if (has('working')) setTimeout(() => begin('full_check'), 50);

export const sync = {
  sync_status: () => {
    const part = copying() || has('budget');
    const state = has('empty')
      ? 'never'
      : has('refused')
        ? 'refused'
        : has('offline')
          ? 'offline'
          : paused && copying()
            ? 'paused'
            : part
              ? 'backfilling'
              : 'current';
    return {
      state,
      complete_to_ms: has('empty') || part ? null : Date.now() - 20_000,
      news_to_ms: has('empty') ? null : Date.now() - 20_000,
      counts: has('empty')
        ? []
        : Object.entries(counts).map(([resource, objects]) => ({ resource, objects })),
      requests_this_month: 1873,
      problem: stopped(),
    } as const;
  },
  sync_details: details,
  sync_now: () => (setTimeout(() => say('sync'), 800), null),
  sync_certify: () => begin('certificate'),
  sync_full_check: () => begin('full_check'),
  sync_hurry: () => ((hurried = true), say('sync'), null),
  sync_pause: () => {
    paused = { at_ms: Date.now(), by: state.session?.staff.name ?? null };
    work = null;
    say('sync');
    return null;
  },
  sync_go_on: () => {
    paused = null;
    copyOn();
    return null;
  },
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
  receiver_practice: () => {
    receiver = { address: '127.0.0.1:4242', problem: null, taken: 0, refused: 0, last_at_ms: null };
    say('sync');
    return null;
  },
  receiver_off: () => {
    receiver = { address: null, problem: null, taken: 0, refused: 0, last_at_ms: null };
    say('sync');
    return null;
  },
};
