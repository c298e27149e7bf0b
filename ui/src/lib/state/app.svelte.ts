/* What the window knows before it draws: the shop, who is signed in, which room is open. */
import type { Failure } from '../backend';
import { call, toFailure } from '../backend';
import type { AppState } from '../backend/types/AppState';
import type { CurrencyInfo } from '../backend/types/CurrencyInfo';
import type { Right } from '../backend/types/Right';
import { i18n } from '../i18n/index.svelte';
import { currencyInfo, formatBare, formatMoney } from '../money/money';
import type { Heard } from '../scanner';

export type Room = 'sell' | 'sales' | 'find' | 'books' | 'sync' | 'staff';

const needs: Record<Room, Right> = {
  sell: 'sell',
  sales: 'see_sales',
  find: 'see_sales',
  books: 'export',
  sync: 'sync',
  staff: 'administer',
};
const order: readonly Room[] = ['sell', 'sales', 'find', 'books', 'sync', 'staff'];

class App {
  state = $state.raw<AppState>();
  failure = $state.raw<Failure>();
  room = $state<Room>('sell');
  help = $state(false);
  /** What the scanner hears while a room wants it for itself. */
  ear: ((heard: Heard) => void) | undefined;
  #before: Room | undefined;
  #sale: string | undefined;

  readonly rights = $derived(new Set(this.state?.session?.rights ?? []));
  readonly rooms = $derived(order.filter((room) => this.rights.has(needs[room])));

  may(right: Right): boolean {
    return this.rights.has(right);
  }

  /** The rules of a currency: the core's for the shop's own, Stripe's for another. */
  currency(code?: string): CurrencyInfo {
    const own = this.state?.currency;
    if (own && (code === undefined || code === own.code)) return own;
    return currencyInfo(code ?? 'usd');
  }

  async take(next: AppState): Promise<void> {
    if (next.shop) await i18n.use(next.shop.locale);
    const before = this.state?.session?.staff.id;
    this.state = next;
    this.failure = undefined;
    const now = next.session?.staff.id;
    if (now !== before || !this.rooms.includes(this.room)) {
      this.room = this.rooms[0] ?? 'sell';
      this.#before = undefined;
      this.#sale = undefined;
    }
  }

  async load(): Promise<void> {
    try {
      await this.take(await call('app_state'));
    } catch (thrown) {
      this.failure = toFailure(thrown);
    }
  }

  async lock(): Promise<void> {
    this.help = false;
    await this.take(await call('sign_out'));
  }

  go(room: Room): void {
    if (room === this.room || !this.rooms.includes(room)) return;
    this.#before = this.room;
    this.room = room;
  }

  /** To the room that this one was entered from. */
  leave(): void {
    this.go(this.#before ?? this.rooms[0] ?? 'sell');
  }

  /** Goes to the Sales room with this sale open. */
  showSale(sale_id: string): void {
    this.#sale = sale_id;
    this.go('sales');
  }

  /** The sale that the Sales room was entered for, once. */
  takeSale(): string | undefined {
    const sale = this.#sale;
    this.#sale = undefined;
    return sale;
  }
}

export const app = new App();

/** With its currency, as the shop writes it. */
export const money = (minor: number, code?: string) => formatMoney(minor, app.currency(code), i18n.locale);
/** Without the currency. */
export const bare = (minor: number, code?: string) => formatBare(minor, app.currency(code), i18n.locale);
