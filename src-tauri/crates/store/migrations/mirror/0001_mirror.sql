-- Stripe's records. Everything here can be fetched again; nothing here exists nowhere else.
--
-- Each resource has a table: what staff search, filter and sort by in columns of its own, and Stripe's own JSON in `raw`
-- (minified, `client_secret` cut out, compressed by zstd with a dictionary; its first two bytes name the dictionary).
--   created       Stripe's second of creation, 0 where the object has none
--   as_of, until  the mirrored state held at some moment between these two seconds of Stripe's clock
--   origin        0 read from Stripe, 1 taken from an event, 2 taken from the event of the object's creation
--   deleted       1 for a tombstone: every other column is then empty
-- Amounts are integers in Stripe's minor units. Flags are 0 or 1. Numbers that are not integers are kept as Stripe wrote them.

CREATE TABLE account (
  id TEXT NOT NULL PRIMARY KEY, created INTEGER NOT NULL, as_of INTEGER NOT NULL, until INTEGER NOT NULL,
  origin INTEGER NOT NULL, deleted INTEGER NOT NULL, raw BLOB NOT NULL,
  country TEXT, default_currency TEXT, display_name TEXT
) STRICT, WITHOUT ROWID;

CREATE TABLE product (
  id TEXT NOT NULL PRIMARY KEY, created INTEGER NOT NULL, as_of INTEGER NOT NULL, until INTEGER NOT NULL,
  origin INTEGER NOT NULL, deleted INTEGER NOT NULL, raw BLOB NOT NULL,
  name TEXT, description TEXT, active INTEGER, default_price TEXT, category TEXT, sku TEXT, barcode TEXT,
  colour TEXT, tax_code TEXT, updated INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX product_created ON product (created);
CREATE INDEX product_deleted ON product (id) WHERE deleted = 1;
CREATE INDEX product_sku ON product (sku) WHERE sku IS NOT NULL;
CREATE INDEX product_barcode ON product (barcode) WHERE barcode IS NOT NULL;
CREATE INDEX product_category ON product (category);

CREATE TABLE price (
  id TEXT NOT NULL PRIMARY KEY, created INTEGER NOT NULL, as_of INTEGER NOT NULL, until INTEGER NOT NULL,
  origin INTEGER NOT NULL, deleted INTEGER NOT NULL, raw BLOB NOT NULL,
  product TEXT, active INTEGER, currency TEXT, unit_amount INTEGER, lookup_key TEXT, nickname TEXT, type TEXT,
  billing_scheme TEXT, tax_behavior TEXT, recurring_interval TEXT
) STRICT, WITHOUT ROWID;
CREATE INDEX price_created ON price (created);
CREATE INDEX price_deleted ON price (id) WHERE deleted = 1;
CREATE INDEX price_product ON price (product);
CREATE INDEX price_lookup_key ON price (lookup_key) WHERE lookup_key IS NOT NULL;

CREATE TABLE terminal_location (
  id TEXT NOT NULL PRIMARY KEY, created INTEGER NOT NULL, as_of INTEGER NOT NULL, until INTEGER NOT NULL,
  origin INTEGER NOT NULL, deleted INTEGER NOT NULL, raw BLOB NOT NULL,
  display_name TEXT
) STRICT, WITHOUT ROWID;
CREATE INDEX terminal_location_created ON terminal_location (created);
CREATE INDEX terminal_location_deleted ON terminal_location (id) WHERE deleted = 1;

CREATE TABLE terminal_reader (
  id TEXT NOT NULL PRIMARY KEY, created INTEGER NOT NULL, as_of INTEGER NOT NULL, until INTEGER NOT NULL,
  origin INTEGER NOT NULL, deleted INTEGER NOT NULL, raw BLOB NOT NULL,
  label TEXT, status TEXT, device_type TEXT, location TEXT, serial_number TEXT, last_seen_at INTEGER,
  action_type TEXT, action_status TEXT, action_payment_intent TEXT, action_failure_code TEXT
) STRICT, WITHOUT ROWID;
CREATE INDEX terminal_reader_created ON terminal_reader (created);
CREATE INDEX terminal_reader_deleted ON terminal_reader (id) WHERE deleted = 1;

CREATE TABLE tax_rate (
  id TEXT NOT NULL PRIMARY KEY, created INTEGER NOT NULL, as_of INTEGER NOT NULL, until INTEGER NOT NULL,
  origin INTEGER NOT NULL, deleted INTEGER NOT NULL, raw BLOB NOT NULL,
  display_name TEXT, percentage TEXT, inclusive INTEGER, active INTEGER, country TEXT
) STRICT, WITHOUT ROWID;
CREATE INDEX tax_rate_created ON tax_rate (created);
CREATE INDEX tax_rate_deleted ON tax_rate (id) WHERE deleted = 1;

CREATE TABLE coupon (
  id TEXT NOT NULL PRIMARY KEY, created INTEGER NOT NULL, as_of INTEGER NOT NULL, until INTEGER NOT NULL,
  origin INTEGER NOT NULL, deleted INTEGER NOT NULL, raw BLOB NOT NULL,
  name TEXT, amount_off INTEGER, percent_off TEXT, currency TEXT, duration TEXT, valid INTEGER,
  redeem_by INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX coupon_created ON coupon (created);
CREATE INDEX coupon_deleted ON coupon (id) WHERE deleted = 1;

CREATE TABLE promotion_code (
  id TEXT NOT NULL PRIMARY KEY, created INTEGER NOT NULL, as_of INTEGER NOT NULL, until INTEGER NOT NULL,
  origin INTEGER NOT NULL, deleted INTEGER NOT NULL, raw BLOB NOT NULL,
  code TEXT, coupon TEXT, active INTEGER, customer TEXT, expires_at INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX promotion_code_created ON promotion_code (created);
CREATE INDEX promotion_code_deleted ON promotion_code (id) WHERE deleted = 1;
CREATE INDEX promotion_code_code ON promotion_code (code);

CREATE TABLE customer (
  id TEXT NOT NULL PRIMARY KEY, created INTEGER NOT NULL, as_of INTEGER NOT NULL, until INTEGER NOT NULL,
  origin INTEGER NOT NULL, deleted INTEGER NOT NULL, raw BLOB NOT NULL,
  name TEXT, email TEXT, phone TEXT, description TEXT, currency TEXT, balance INTEGER, delinquent INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX customer_created ON customer (created);
CREATE INDEX customer_deleted ON customer (id) WHERE deleted = 1;

CREATE TABLE payment_intent (
  id TEXT NOT NULL PRIMARY KEY, created INTEGER NOT NULL, as_of INTEGER NOT NULL, until INTEGER NOT NULL,
  origin INTEGER NOT NULL, deleted INTEGER NOT NULL, raw BLOB NOT NULL,
  status TEXT, amount INTEGER, amount_received INTEGER, amount_capturable INTEGER, currency TEXT,
  customer TEXT, latest_charge TEXT, payment_method TEXT, description TEXT, canceled_at INTEGER,
  error_code TEXT, decline_code TEXT, attempt_id TEXT, sale_id TEXT, till_id TEXT, journal_seq TEXT,
  journal_head TEXT
) STRICT, WITHOUT ROWID;
CREATE INDEX payment_intent_created ON payment_intent (created);
CREATE INDEX payment_intent_deleted ON payment_intent (id) WHERE deleted = 1;
CREATE INDEX payment_intent_attempt ON payment_intent (attempt_id) WHERE attempt_id IS NOT NULL;
CREATE INDEX payment_intent_sale ON payment_intent (sale_id) WHERE sale_id IS NOT NULL;

CREATE TABLE charge (
  id TEXT NOT NULL PRIMARY KEY, created INTEGER NOT NULL, as_of INTEGER NOT NULL, until INTEGER NOT NULL,
  origin INTEGER NOT NULL, deleted INTEGER NOT NULL, raw BLOB NOT NULL,
  status TEXT, amount INTEGER, amount_captured INTEGER, amount_refunded INTEGER, currency TEXT, customer TEXT,
  payment_intent TEXT, balance_transaction TEXT, payment_method TEXT, paid INTEGER, captured INTEGER,
  refunded INTEGER, disputed INTEGER, method_type TEXT, brand TEXT, last4 TEXT, failure_code TEXT,
  description TEXT
) STRICT, WITHOUT ROWID;
CREATE INDEX charge_created ON charge (created);
CREATE INDEX charge_deleted ON charge (id) WHERE deleted = 1;

CREATE TABLE refund (
  id TEXT NOT NULL PRIMARY KEY, created INTEGER NOT NULL, as_of INTEGER NOT NULL, until INTEGER NOT NULL,
  origin INTEGER NOT NULL, deleted INTEGER NOT NULL, raw BLOB NOT NULL,
  status TEXT, amount INTEGER, currency TEXT, charge TEXT, payment_intent TEXT, balance_transaction TEXT,
  reason TEXT, failure_reason TEXT, refund_attempt_id TEXT, sale_id TEXT, till_id TEXT, journal_seq TEXT,
  journal_head TEXT
) STRICT, WITHOUT ROWID;
CREATE INDEX refund_created ON refund (created);
CREATE INDEX refund_deleted ON refund (id) WHERE deleted = 1;
CREATE INDEX refund_payment_intent ON refund (payment_intent);
CREATE INDEX refund_attempt ON refund (refund_attempt_id) WHERE refund_attempt_id IS NOT NULL;

CREATE TABLE balance_transaction (
  id TEXT NOT NULL PRIMARY KEY, created INTEGER NOT NULL, as_of INTEGER NOT NULL, until INTEGER NOT NULL,
  origin INTEGER NOT NULL, deleted INTEGER NOT NULL, raw BLOB NOT NULL,
  amount INTEGER, fee INTEGER, net INTEGER, currency TEXT, type TEXT, reporting_category TEXT, status TEXT,
  available_on INTEGER, source TEXT, description TEXT, exchange_rate TEXT
) STRICT, WITHOUT ROWID;
CREATE INDEX balance_transaction_created ON balance_transaction (created);
CREATE INDEX balance_transaction_deleted ON balance_transaction (id) WHERE deleted = 1;
CREATE INDEX balance_transaction_pending ON balance_transaction (available_on) WHERE status = 'pending';

CREATE TABLE dispute (
  id TEXT NOT NULL PRIMARY KEY, created INTEGER NOT NULL, as_of INTEGER NOT NULL, until INTEGER NOT NULL,
  origin INTEGER NOT NULL, deleted INTEGER NOT NULL, raw BLOB NOT NULL,
  status TEXT, amount INTEGER, currency TEXT, charge TEXT, payment_intent TEXT, reason TEXT, due_by INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX dispute_created ON dispute (created);
CREATE INDEX dispute_deleted ON dispute (id) WHERE deleted = 1;

CREATE TABLE payout (
  id TEXT NOT NULL PRIMARY KEY, created INTEGER NOT NULL, as_of INTEGER NOT NULL, until INTEGER NOT NULL,
  origin INTEGER NOT NULL, deleted INTEGER NOT NULL, raw BLOB NOT NULL,
  status TEXT, amount INTEGER, currency TEXT, arrival_date INTEGER, balance_transaction TEXT,
  automatic INTEGER, destination TEXT, failure_code TEXT
) STRICT, WITHOUT ROWID;
CREATE INDEX payout_created ON payout (created);
CREATE INDEX payout_deleted ON payout (id) WHERE deleted = 1;

CREATE TABLE checkout_session (
  id TEXT NOT NULL PRIMARY KEY, created INTEGER NOT NULL, as_of INTEGER NOT NULL, until INTEGER NOT NULL,
  origin INTEGER NOT NULL, deleted INTEGER NOT NULL, raw BLOB NOT NULL,
  status TEXT, payment_status TEXT, mode TEXT, amount_total INTEGER, currency TEXT, customer TEXT,
  payment_intent TEXT, subscription TEXT, payment_link TEXT, expires_at INTEGER, attempt_id TEXT, sale_id TEXT
) STRICT, WITHOUT ROWID;
CREATE INDEX checkout_session_created ON checkout_session (created);
CREATE INDEX checkout_session_deleted ON checkout_session (id) WHERE deleted = 1;
CREATE INDEX checkout_session_payment_intent ON checkout_session (payment_intent) WHERE payment_intent IS NOT NULL;
CREATE INDEX checkout_session_attempt ON checkout_session (attempt_id) WHERE attempt_id IS NOT NULL;

CREATE TABLE payment_link (
  id TEXT NOT NULL PRIMARY KEY, created INTEGER NOT NULL, as_of INTEGER NOT NULL, until INTEGER NOT NULL,
  origin INTEGER NOT NULL, deleted INTEGER NOT NULL, raw BLOB NOT NULL,
  active INTEGER, currency TEXT
) STRICT, WITHOUT ROWID;
CREATE INDEX payment_link_created ON payment_link (created);
CREATE INDEX payment_link_deleted ON payment_link (id) WHERE deleted = 1;

CREATE TABLE subscription (
  id TEXT NOT NULL PRIMARY KEY, created INTEGER NOT NULL, as_of INTEGER NOT NULL, until INTEGER NOT NULL,
  origin INTEGER NOT NULL, deleted INTEGER NOT NULL, raw BLOB NOT NULL,
  status TEXT, customer TEXT, currency TEXT, cancel_at_period_end INTEGER, cancel_at INTEGER,
  canceled_at INTEGER, start_date INTEGER, latest_invoice TEXT, collection_method TEXT
) STRICT, WITHOUT ROWID;
CREATE INDEX subscription_created ON subscription (created);
CREATE INDEX subscription_deleted ON subscription (id) WHERE deleted = 1;
CREATE INDEX subscription_customer ON subscription (customer);

CREATE TABLE subscription_item (
  id TEXT NOT NULL PRIMARY KEY, created INTEGER NOT NULL, as_of INTEGER NOT NULL, until INTEGER NOT NULL,
  origin INTEGER NOT NULL, deleted INTEGER NOT NULL, raw BLOB NOT NULL,
  subscription TEXT, price TEXT, quantity INTEGER, current_period_start INTEGER, current_period_end INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX subscription_item_deleted ON subscription_item (id) WHERE deleted = 1;
CREATE INDEX subscription_item_subscription ON subscription_item (subscription);

CREATE TABLE invoice (
  id TEXT NOT NULL PRIMARY KEY, created INTEGER NOT NULL, as_of INTEGER NOT NULL, until INTEGER NOT NULL,
  origin INTEGER NOT NULL, deleted INTEGER NOT NULL, raw BLOB NOT NULL,
  status TEXT, number TEXT, customer TEXT, customer_name TEXT, customer_email TEXT, currency TEXT,
  total INTEGER, amount_due INTEGER, amount_paid INTEGER, amount_remaining INTEGER, due_date INTEGER,
  subscription TEXT
) STRICT, WITHOUT ROWID;
CREATE INDEX invoice_created ON invoice (created);
CREATE INDEX invoice_deleted ON invoice (id) WHERE deleted = 1;
CREATE INDEX invoice_customer ON invoice (customer);

CREATE TABLE invoice_line (
  id TEXT NOT NULL PRIMARY KEY, created INTEGER NOT NULL, as_of INTEGER NOT NULL, until INTEGER NOT NULL,
  origin INTEGER NOT NULL, deleted INTEGER NOT NULL, raw BLOB NOT NULL,
  invoice TEXT, amount INTEGER, currency TEXT, quantity INTEGER, description TEXT
) STRICT, WITHOUT ROWID;
CREATE INDEX invoice_line_deleted ON invoice_line (id) WHERE deleted = 1;
CREATE INDEX invoice_line_invoice ON invoice_line (invoice);

CREATE TABLE invoice_payment (
  id TEXT NOT NULL PRIMARY KEY, created INTEGER NOT NULL, as_of INTEGER NOT NULL, until INTEGER NOT NULL,
  origin INTEGER NOT NULL, deleted INTEGER NOT NULL, raw BLOB NOT NULL,
  invoice TEXT, status TEXT, amount_paid INTEGER, currency TEXT, payment_intent TEXT
) STRICT, WITHOUT ROWID;
CREATE INDEX invoice_payment_created ON invoice_payment (created);
CREATE INDEX invoice_payment_deleted ON invoice_payment (id) WHERE deleted = 1;
CREATE INDEX invoice_payment_invoice ON invoice_payment (invoice);

CREATE TABLE invoice_item (
  id TEXT NOT NULL PRIMARY KEY, created INTEGER NOT NULL, as_of INTEGER NOT NULL, until INTEGER NOT NULL,
  origin INTEGER NOT NULL, deleted INTEGER NOT NULL, raw BLOB NOT NULL,
  customer TEXT, invoice TEXT, amount INTEGER, currency TEXT, description TEXT
) STRICT, WITHOUT ROWID;
CREATE INDEX invoice_item_created ON invoice_item (created);
CREATE INDEX invoice_item_deleted ON invoice_item (id) WHERE deleted = 1;

CREATE TABLE credit_note (
  id TEXT NOT NULL PRIMARY KEY, created INTEGER NOT NULL, as_of INTEGER NOT NULL, until INTEGER NOT NULL,
  origin INTEGER NOT NULL, deleted INTEGER NOT NULL, raw BLOB NOT NULL,
  status TEXT, number TEXT, invoice TEXT, customer TEXT, currency TEXT, total INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX credit_note_created ON credit_note (created);
CREATE INDEX credit_note_deleted ON credit_note (id) WHERE deleted = 1;
CREATE INDEX credit_note_invoice ON credit_note (invoice);

CREATE TABLE setup_intent (
  id TEXT NOT NULL PRIMARY KEY, created INTEGER NOT NULL, as_of INTEGER NOT NULL, until INTEGER NOT NULL,
  origin INTEGER NOT NULL, deleted INTEGER NOT NULL, raw BLOB NOT NULL,
  status TEXT, customer TEXT, payment_method TEXT, usage TEXT
) STRICT, WITHOUT ROWID;
CREATE INDEX setup_intent_created ON setup_intent (created);
CREATE INDEX setup_intent_deleted ON setup_intent (id) WHERE deleted = 1;

CREATE TABLE payment_method (
  id TEXT NOT NULL PRIMARY KEY, created INTEGER NOT NULL, as_of INTEGER NOT NULL, until INTEGER NOT NULL,
  origin INTEGER NOT NULL, deleted INTEGER NOT NULL, raw BLOB NOT NULL,
  type TEXT, customer TEXT, brand TEXT, last4 TEXT, exp_month INTEGER, exp_year INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX payment_method_created ON payment_method (created);
CREATE INDEX payment_method_deleted ON payment_method (id) WHERE deleted = 1;
CREATE INDEX payment_method_customer ON payment_method (customer) WHERE customer IS NOT NULL;

CREATE TABLE event (
  id TEXT NOT NULL PRIMARY KEY, created INTEGER NOT NULL, as_of INTEGER NOT NULL, until INTEGER NOT NULL,
  origin INTEGER NOT NULL, deleted INTEGER NOT NULL, raw BLOB NOT NULL,
  type TEXT, api_version TEXT, object_id TEXT, object TEXT, applied INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;
CREATE INDEX event_created ON event (created);

CREATE TABLE other_object (
  id TEXT NOT NULL PRIMARY KEY, created INTEGER NOT NULL, as_of INTEGER NOT NULL, until INTEGER NOT NULL,
  origin INTEGER NOT NULL, deleted INTEGER NOT NULL, raw BLOB NOT NULL,
  object TEXT
) STRICT, WITHOUT ROWID;
CREATE INDEX other_object_deleted ON other_object (id) WHERE deleted = 1;
CREATE INDEX other_object_object ON other_object (object);
-- How raw JSON is compressed. A dictionary is never changed once a row was written with it.
CREATE TABLE dictionary (
  number INTEGER PRIMARY KEY, kind TEXT NOT NULL, bytes BLOB NOT NULL
) STRICT;

-- What changed, in the order it was committed. One row holds the changes of one kind in one transaction: `position` is that
-- of its first id, the others follow; `ids` is a JSON array.
CREATE TABLE change_log (
  position INTEGER PRIMARY KEY, count INTEGER NOT NULL, kind TEXT NOT NULL, ids TEXT NOT NULL
) STRICT;

-- Named positions and dates: the anchor in the event list, how far the mirror is complete, when what was done last.
CREATE TABLE state (
  name TEXT NOT NULL PRIMARY KEY, value ANY
) STRICT, WITHOUT ROWID;

-- Objects whose state an event could not decide; read again from Stripe, together.
CREATE TABLE dirty (
  kind TEXT NOT NULL, id TEXT NOT NULL, created INTEGER NOT NULL, reason TEXT NOT NULL, mark INTEGER NOT NULL,
  tries INTEGER NOT NULL DEFAULT 0, PRIMARY KEY (kind, id)
) STRICT, WITHOUT ROWID;

-- A full pass, cut into ranges of `created` (lo <= created < hi), each read newest first. The rows of a page and its cursor
-- commit together.
CREATE TABLE backfill_range (
  number INTEGER PRIMARY KEY, list TEXT NOT NULL, lo INTEGER NOT NULL, hi INTEGER NOT NULL, cursor_id TEXT,
  cursor_created INTEGER, objects INTEGER NOT NULL DEFAULT 0, done INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX backfill_range_open ON backfill_range (list) WHERE done = 0;

-- What is known of each list: when it was last read to its end, and what stands in its way.
CREATE TABLE resource (
  list TEXT NOT NULL PRIMARY KEY, listed_at INTEGER, problem_code TEXT, problem TEXT, problem_at INTEGER
) STRICT, WITHOUT ROWID;

-- Requests by day (days since 1970, UTC) and purpose: what the read budget went to.
CREATE TABLE spent (
  day INTEGER NOT NULL, purpose TEXT NOT NULL, requests INTEGER NOT NULL, PRIMARY KEY (day, purpose)
) STRICT, WITHOUT ROWID;

-- What came from Stripe and could not be an object of ours (no id). Kept, so that nothing is lost.
CREATE TABLE rejected (
  digest TEXT NOT NULL PRIMARY KEY, kind TEXT NOT NULL, reason TEXT NOT NULL, at INTEGER NOT NULL, raw BLOB NOT NULL
) STRICT, WITHOUT ROWID;

-- Where the mirror was found to differ from Stripe, and when it was put right.
CREATE TABLE difference (
  number INTEGER PRIMARY KEY, at INTEGER NOT NULL, kind TEXT NOT NULL, id TEXT NOT NULL, what TEXT NOT NULL,
  detail TEXT NOT NULL, healed_at INTEGER, told INTEGER NOT NULL DEFAULT 0
) STRICT;

-- Certificates, newest last: what was proven, in JSON.
CREATE TABLE certificate (
  number INTEGER PRIMARY KEY, at INTEGER NOT NULL, holds INTEGER NOT NULL, body TEXT NOT NULL
) STRICT;

-- Days whose money was compared with Stripe after they had closed.
CREATE TABLE audited_day (
  day INTEGER PRIMARY KEY, at INTEGER NOT NULL, objects INTEGER NOT NULL, differences INTEGER NOT NULL
) STRICT;

-- How long news took to arrive, for the sparkline: by the minute of arrival.
CREATE TABLE delay (
  minute INTEGER PRIMARY KEY, events INTEGER NOT NULL, sum_s INTEGER NOT NULL, max_s INTEGER NOT NULL
) STRICT;

-- Words for the search over customers, payments and invoices. `doc` gives a document a number that sorts by date,
-- `position` is the newest change it knows;
-- `search_term` holds every word that is longer than the longest prefix of the index, so that a longer beginning can be
-- turned into whole words.
CREATE TABLE search_doc (
  doc INTEGER PRIMARY KEY, kind TEXT NOT NULL, id TEXT NOT NULL, position INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX search_doc_id ON search_doc (id);
CREATE TABLE search_term (
  term TEXT NOT NULL PRIMARY KEY
) STRICT, WITHOUT ROWID;
CREATE VIRTUAL TABLE search USING fts5 (
  words, content = '', contentless_delete = 1, detail = none, prefix = '1 2 3 4 5', tokenize = 'ascii'
);
