/* The scene the address asks for, and what everything in the double leans on. */
import type { Tag } from '../src/lib/backend/types/Tag';
import type { AppState } from '../src/lib/backend/types/AppState';
import type { Code } from '../src/lib/backend/types/Code';
import type { Right } from '../src/lib/backend/types/Right';
import type { Role } from '../src/lib/backend/types/Role';
import type { Sale } from '../src/lib/backend/types/Sale';
import { catalogue } from './shop';

export const scene = new URLSearchParams(location.search);
export const has = (name: string) => scene.has(name);
export const DAY = 86_400_000;
export const CURRENCY = scene.get('currency') ?? 'usd';

export const rights: Record<Role, Right[]> = {
  cashier: ['sell', 'take_payment', 'see_sales', 'sync'],
  manager: ['sell', 'take_payment', 'see_sales', 'refund', 'export', 'verify', 'sync', 'administer'],
  accountant: ['see_sales', 'export', 'verify', 'sync'],
};

export function fail(code: Code, message: string, details: Record<string, unknown> = {}): never {
  throw { code, message, retryable: code === 'offline', details };
}

let counter = 0;
export const id = (kind: string) => `${kind}-${(++counter).toString(36).padStart(6, '0')}`;

export const items = has('empty') ? [] : catalogue(CURRENCY);
export const listeners: ((tags: Tag[]) => void)[] = [];
export const say = (...tags: Tag[]) => listeners.forEach((hear) => hear(tags));

export const staff = [
  { id: 'staff-ada', name: 'Ada', role: 'manager' as Role, pin: '2580' },
  { id: 'staff-ben', name: 'Ben', role: 'cashier' as Role, pin: '1470' },
  { id: 'staff-chiara', name: 'Chiara', role: 'cashier' as Role, pin: '3690' },
  { id: 'staff-dov', name: 'Dov', role: 'accountant' as Role, pin: '9630' },
];
export const shown = () => staff.map(({ id, name, role }) => ({ id, name, role }));

export const state: AppState = {
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

/** What changes as the day goes on. */
export const now = { wrong: 0, slowedUntil: 0, nextNumber: 1043, current: null as Sale | null };
export const sales = new Map<string, Sale>();
