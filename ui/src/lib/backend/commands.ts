import type { AppState } from './types/AppState';
import type { CataloguePage } from './types/CataloguePage';
import type { Category } from './types/Category';
import type { ExportedFile } from './types/ExportedFile';
import type { JournalCheck } from './types/JournalCheck';
import type { ParkedSale } from './types/ParkedSale';
import type { Reader } from './types/Reader';
import type { RefundInput } from './types/RefundInput';
import type { Sale } from './types/Sale';
import type { SalesPage } from './types/SalesPage';
import type { SalesQuery } from './types/SalesQuery';
import type { ScanOutcome } from './types/ScanOutcome';
import type { SetUpInput } from './types/SetUpInput';
import type { SyncView } from './types/SyncView';

/** A card that can be held to the practice reader. */
export type PracticeCard = { payment_method: string; label: string };

/** Every command of the core: what it takes and what it answers. */
export type Commands = {
  app_state: [undefined, AppState];
  set_up: [SetUpInput, AppState];
  sign_in: [{ staff_id: string; pin: string }, AppState];
  sign_out: [undefined, AppState];

  categories: [undefined, Category[]];
  catalogue: [{ query: string; category: string | null; offset: number; limit: number }, CataloguePage];
  scan: [{ code: string }, ScanOutcome];

  sale_current: [undefined, Sale | null];
  sale_add: [{ price_id: string; quantity: number }, Sale];
  sale_set_quantity: [{ line_id: string; quantity: number }, Sale];
  sale_void: [undefined, null];
  sale_park: [undefined, null];
  sale_parked: [undefined, ParkedSale[]];
  sale_resume: [{ sale_id: string }, Sale];

  pay_cash: [{ sale_id: string; tendered_minor: number }, Sale];
  readers: [undefined, Reader[]];
  pay_card: [{ sale_id: string; reader_id: string | null }, Sale];
  payment_cancel: [{ attempt_id: string }, Sale];
  payment_try_again: [{ attempt_id: string }, Sale];
  practice_tap: [{ reader_id: string; card: string }, null];
  practice_cards: [undefined, PracticeCard[]];

  sale: [{ sale_id: string }, Sale];
  sales: [SalesQuery, SalesPage];
  refund: [RefundInput, Sale];

  sync_status: [undefined, SyncView];
  sync_now: [undefined, null];
  export_transactions: [{ from_day: string; to_day: string }, ExportedFile];
  journal_check: [undefined, JournalCheck];
};

export type Command = keyof Commands;

/** What the core says has changed; whoever shows it asks again. */
export type Tag = 'session' | 'catalogue' | 'sale' | 'sales' | 'readers' | 'sync';
