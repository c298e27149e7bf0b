import type { AppState } from './types/AppState';
import type { AttemptInput } from './types/AttemptInput';
import type { CatalogueInput } from './types/CatalogueInput';
import type { CataloguePage } from './types/CataloguePage';
import type { Category } from './types/Category';
import type { ExportedFile } from './types/ExportedFile';
import type { ExportInput } from './types/ExportInput';
import type { FindInput } from './types/FindInput';
import type { FindPage } from './types/FindPage';
import type { JournalCheck } from './types/JournalCheck';
import type { ParkedSale } from './types/ParkedSale';
import type { PayCardInput } from './types/PayCardInput';
import type { PayCashInput } from './types/PayCashInput';
import type { PracticeCard } from './types/PracticeCard';
import type { PracticeTapInput } from './types/PracticeTapInput';
import type { Reader } from './types/Reader';
import type { ReceiverInput } from './types/ReceiverInput';
import type { RecordInput } from './types/RecordInput';
import type { RecordView } from './types/RecordView';
import type { RefundInput } from './types/RefundInput';
import type { Sale } from './types/Sale';
import type { SaleAddInput } from './types/SaleAddInput';
import type { SaleInput } from './types/SaleInput';
import type { SaleSetQuantityInput } from './types/SaleSetQuantityInput';
import type { SalesPage } from './types/SalesPage';
import type { SalesQuery } from './types/SalesQuery';
import type { ScanInput } from './types/ScanInput';
import type { ScanOutcome } from './types/ScanOutcome';
import type { SetUpInput } from './types/SetUpInput';
import type { SignInInput } from './types/SignInInput';
import type { StaffAddInput } from './types/StaffAddInput';
import type { SyncDetails } from './types/SyncDetails';
import type { SyncView } from './types/SyncView';

/** Every command the screens use: what it takes and what it answers. */
export type Commands = {
  app_state: [undefined, AppState];
  set_up: [SetUpInput, AppState];
  sign_in: [SignInInput, AppState];
  sign_out: [undefined, AppState];
  staff_add: [StaffAddInput, AppState];

  categories: [undefined, Category[]];
  catalogue: [CatalogueInput, CataloguePage];
  scan: [ScanInput, ScanOutcome];

  sale_current: [undefined, Sale | null];
  sale_add: [SaleAddInput, Sale];
  sale_set_quantity: [SaleSetQuantityInput, Sale];
  sale_void: [undefined, null];
  sale_park: [undefined, null];
  sale_parked: [undefined, ParkedSale[]];
  sale_resume: [SaleInput, Sale];

  pay_cash: [PayCashInput, Sale];
  readers: [undefined, Reader[]];
  pay_card: [PayCardInput, Sale];
  payment_cancel: [AttemptInput, Sale];
  payment_try_again: [AttemptInput, Sale];
  practice_tap: [PracticeTapInput, null];
  practice_cards: [undefined, PracticeCard[]];

  sale: [SaleInput, Sale];
  sales: [SalesQuery, SalesPage];
  refund: [RefundInput, Sale];

  find: [FindInput, FindPage];
  record: [RecordInput, RecordView];

  sync_status: [undefined, SyncView];
  sync_now: [undefined, null];
  sync_details: [undefined, SyncDetails];
  sync_certify: [undefined, null];
  sync_full_check: [undefined, null];
  sync_hurry: [undefined, null];
  sync_pause: [undefined, null];
  sync_go_on: [undefined, null];
  sync_cancel: [undefined, null];
  receiver_on: [ReceiverInput, null];
  receiver_off: [undefined, null];
  receiver_practice: [undefined, null];
  export_transactions: [ExportInput, ExportedFile];
  journal_check: [undefined, JournalCheck];
};

export type Command = keyof Commands;
