/* The sale at hand, the selected line, the quantity being typed, and what the scanner last said. */
import type { Failure } from '../backend';
import { call, toFailure } from '../backend';
import type { Line } from '../backend/types/Line';
import type { Sale } from '../backend/types/Sale';
import { t } from '../i18n/index.svelte';
import { app } from './app.svelte';
import { toasts } from './toasts.svelte';

export type ScanWord = { tone: 'good' | 'wait' | 'bad'; text: string };
export type Way = 'choose' | 'cash' | 'exact' | 'card';

const AT_HAND: readonly string[] = ['open', 'checking'];
const ACTIVE: readonly string[] = ['starting', 'waiting_for_card', 'authorising', 'declined'];
const MOST = 9999;

class Selling {
  sale = $state.raw<Sale | null>(null);
  ready = $state(false);
  failure = $state.raw<Failure>();
  selected = $state<string>();
  quantity = $state('');
  flash = $state.raw<{ line: string; nth: number }>({ line: '', nth: 0 });
  heard = $state.raw<ScanWord>();
  /** The sale whose payment window is open, and how it was opened. */
  paying = $state.raw<{ sale_id: string; way: Way }>();
  /** The sale just paid, until the next one begins. */
  finished = $state.raw<Sale>();
  #queue: Promise<unknown> = Promise.resolve();

  readonly lines = $derived(this.sale?.lines ?? []);
  readonly total = $derived(this.sale?.total_minor ?? 0);
  /** An answer was lost; a payment that merely waits for its card is `active`. */
  readonly checking = $derived(this.#has(['checking']));
  readonly active = $derived(this.#has(ACTIVE));
  readonly line = $derived(this.lines.find((line) => line.id === this.selected));

  /** Why Pay cannot be pressed; nothing when it can. */
  readonly whyNotPay = $derived(
    this.lines.length === 0
      ? t('sell.why.empty')
      : !app.may('take_payment')
        ? t('sell.why.noPayment')
        : undefined,
  );
  /** Why the sale cannot be changed now. */
  readonly whyNotChange = $derived(
    this.checking ? t('sell.why.checking') : this.active ? t('sell.why.paying') : undefined,
  );

  #has(states: readonly string[]): boolean {
    return this.sale?.payments.some((payment) => states.includes(payment.state)) ?? false;
  }

  #show(sale: Sale | null): void {
    this.sale = sale && AT_HAND.includes(sale.state) ? sale : null;
    this.ready = true;
    if (!this.lines.some((line) => line.id === this.selected)) this.selected = this.lines.at(-1)?.id;
  }

  /** One after the other: a fast scanner must not overtake itself. */
  #next<T>(work: () => Promise<T>): Promise<T | undefined> {
    const done = this.#queue.then(async () => {
      try {
        const result = await work();
        this.failure = undefined;
        return result;
      } catch (thrown) {
        this.failure = toFailure(thrown);
        return undefined;
      }
    });
    this.#queue = done;
    return done;
  }

  #mark(line: Line | undefined): void {
    if (!line) return;
    this.selected = line.id;
    this.flash = { line: line.id, nth: this.flash.nth + 1 };
  }

  #typedQuantity(): number {
    const quantity = Math.min(Number(this.quantity || '1'), MOST);
    this.quantity = '';
    return Math.max(quantity, 1);
  }

  refresh = (): Promise<unknown> => {
    if (!app.may('sell')) return Promise.resolve();
    return this.#next(async () => {
      const before = this.sale;
      this.#show(await call('sale_current'));
      if (before && before.id !== this.sale?.id) await this.#tellPaid(before);
    });
  };

  /** A payment that was being checked came good while nobody was looking at it. */
  async #tellPaid(before: Sale): Promise<void> {
    if (this.paying || !before.payments.some((payment) => payment.state !== 'canceled')) return;
    const after = await call('sale', { sale_id: before.id });
    if (after.state === 'paid') toasts.say(t('sell.paidMeanwhile', { number: String(after.number) }), 'good');
  }

  forget(): void {
    this.#show(null);
    this.ready = false;
    this.quantity = '';
    this.heard = undefined;
    this.paying = undefined;
    this.finished = undefined;
    this.failure = undefined;
  }

  begin(): void {
    this.finished = undefined;
    this.paying = undefined;
  }

  add(price_id: string): Promise<unknown> {
    const quantity = this.#typedQuantity();
    return this.#next(async () => {
      this.begin();
      const sale = await call('sale_add', { price_id, quantity });
      this.#show(sale);
      this.#mark(sale.lines.findLast((line) => line.price_id === price_id));
    });
  }

  scan(code: string): Promise<unknown> {
    const quantity = this.#typedQuantity();
    return this.#next(async () => {
      const outcome = await call('scan', { code });
      if (outcome.kind === 'discarded') return this.discarded();
      if (outcome.kind === 'unknown') {
        this.heard = { tone: 'bad', text: t('sell.scanUnknown', { code: outcome.code }) };
        if (app.room !== 'sell') toasts.say(this.heard.text, 'wait');
        return;
      }
      this.begin();
      let sale = outcome.sale;
      const line = sale.lines.find(({ id }) => id === outcome.line_id);
      if (quantity > 1 && line) {
        sale = await call('sale_set_quantity', { line_id: line.id, quantity: line.quantity + quantity - 1 });
      }
      this.#show(sale);
      this.#mark(sale.lines.find(({ id }) => id === outcome.line_id));
      this.heard = { tone: 'good', text: t('sell.scanAdded', { name: outcome.name }) };
      if (app.room !== 'sell') toasts.say(this.heard.text, 'good');
    });
  }

  discarded(): void {
    this.heard = { tone: 'wait', text: t('sell.scanDiscarded') };
    if (app.room !== 'sell') toasts.say(this.heard.text, 'wait');
  }

  setQuantity(line_id: string, quantity: number): Promise<unknown> {
    const at = this.lines.findIndex((line) => line.id === line_id);
    return this.#next(async () => {
      const sale = await call('sale_set_quantity', { line_id, quantity: Math.min(quantity, MOST) });
      this.#show(sale);
      if (quantity > 0) this.#mark(sale.lines.find((line) => line.id === line_id));
      else this.selected = (sale.lines[at] ?? sale.lines.at(-1))?.id;
    });
  }

  /** One more or one less of the selected line; the last one is removed with Del, never by accident. */
  step(by: 1 | -1): void {
    const line = this.line;
    if (line && line.quantity + by >= 1) void this.setQuantity(line.id, line.quantity + by);
  }

  remove(): void {
    if (this.line) void this.setQuantity(this.line.id, 0);
  }

  move(by: 1 | -1): void {
    const at = this.lines.findIndex((line) => line.id === this.selected);
    const next = Math.min(Math.max(at + by, 0), this.lines.length - 1);
    this.selected = this.lines[next]?.id;
  }

  typeDigit(digit: string): void {
    const next = (this.quantity + digit).replace(/^0+/, '');
    if (next.length <= 4) this.quantity = next;
  }

  applyQuantity(): void {
    if (this.line && this.quantity !== '') void this.setQuantity(this.line.id, this.#typedQuantity());
  }

  park(): Promise<unknown> {
    return this.#next(async () => {
      await call('sale_park');
      this.#show(null);
      toasts.say(t('sell.parkedDone'));
    });
  }

  resume(sale_id: string): Promise<unknown> {
    return this.#next(async () => {
      if (this.lines.length > 0) await call('sale_park');
      this.#show(await call('sale_resume', { sale_id }));
    });
  }

  void(): Promise<unknown> {
    return this.#next(async () => {
      await call('sale_void');
      this.#show(null);
      toasts.say(t('sell.voided'));
    });
  }

  pay(way: Way): void {
    if (this.sale && this.whyNotPay === undefined) this.paying = { sale_id: this.sale.id, way };
  }

  /** The payment window has seen the sale paid. */
  done(sale: Sale): void {
    this.finished = sale;
    void this.refresh();
  }

  closePayment(): void {
    this.begin();
    void this.refresh();
  }
}

export const selling = new Selling();
