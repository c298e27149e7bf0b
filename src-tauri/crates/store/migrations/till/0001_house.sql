-- What exists nowhere else: the shop, its staff, sales, payments, refunds and the journal of all of it.
-- Amounts are integers in Stripe's minor units, times are milliseconds since 1970 (UTC), days are the shop's.

CREATE TABLE shop (
  id            INTEGER PRIMARY KEY CHECK (id = 1),
  name          TEXT    NOT NULL CHECK (length(name) BETWEEN 1 AND 60),
  currency      TEXT    NOT NULL CHECK (length(currency) = 3 AND currency = lower(currency)),
  time_zone     TEXT    NOT NULL CHECK (length(time_zone) > 0),
  locale        TEXT    NOT NULL CHECK (length(locale) > 0),
  till_id       TEXT    NOT NULL,
  created_at_ms INTEGER NOT NULL
) STRICT;

-- The PIN is kept as an Argon2id hash. Wrong PINs are counted here, so that a restart does not forget them.
CREATE TABLE staff (
  id              TEXT    PRIMARY KEY,
  name            TEXT    NOT NULL COLLATE NOCASE UNIQUE CHECK (length(name) BETWEEN 1 AND 60),
  role            TEXT    NOT NULL CHECK (role IN ('cashier', 'manager', 'accountant')),
  pin_hash        TEXT    NOT NULL CHECK (pin_hash LIKE '$argon2id$%'),
  active          INTEGER NOT NULL DEFAULT 1 CHECK (active IN (0, 1)),
  wrong_pins      INTEGER NOT NULL DEFAULT 0 CHECK (wrong_pins >= 0),
  slowed_until_ms INTEGER NOT NULL DEFAULT 0,
  created_at_ms   INTEGER NOT NULL
) STRICT;

CREATE TABLE setting (
  key   TEXT PRIMARY KEY,
  value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- `seq` is the order of opening: lists are read backwards along it, whatever they are filtered by.
CREATE TABLE sale (
  seq           INTEGER PRIMARY KEY,
  id            TEXT    NOT NULL UNIQUE,
  till_id       TEXT    NOT NULL,
  number        INTEGER NOT NULL CHECK (number >= 1),
  state         TEXT    NOT NULL CHECK (state IN ('open', 'parked', 'paid', 'void')),
  currency      TEXT    NOT NULL,
  business_date TEXT    NOT NULL CHECK (business_date GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]'),
  staff_id      TEXT    NOT NULL REFERENCES staff (id),
  staff_name    TEXT    NOT NULL,
  opened_at_ms  INTEGER NOT NULL,
  parked_at_ms  INTEGER,
  closed_at_ms  INTEGER,
  summary       TEXT    NOT NULL DEFAULT '',
  units         INTEGER NOT NULL DEFAULT 0 CHECK (units >= 0),
  total_minor   INTEGER NOT NULL DEFAULT 0 CHECK (total_minor >= 0),
  UNIQUE (till_id, number),
  CHECK ((state IN ('paid', 'void')) = (closed_at_ms IS NOT NULL)),
  CHECK ((state = 'parked') = (parked_at_ms IS NOT NULL))
) STRICT;
CREATE INDEX sale_by_number ON sale (number, seq);
CREATE INDEX sale_by_total ON sale (total_minor, seq);
CREATE INDEX sale_parked ON sale (parked_at_ms) WHERE state = 'parked';

-- Bounds of each business day along `seq`, so that a range of days is found without reading its sales.
CREATE TABLE business_day (
  day       TEXT    PRIMARY KEY,
  first_seq INTEGER NOT NULL,
  last_seq  INTEGER NOT NULL CHECK (last_seq >= first_seq)
) STRICT, WITHOUT ROWID;

CREATE TABLE sale_line (
  id                TEXT    PRIMARY KEY,
  sale_seq          INTEGER NOT NULL REFERENCES sale (seq),
  position          INTEGER NOT NULL,
  price_id          TEXT    NOT NULL,
  product_id        TEXT    NOT NULL,
  name              TEXT    NOT NULL,
  lookup_key        TEXT,
  unit_amount_minor INTEGER NOT NULL CHECK (unit_amount_minor >= 0),
  quantity          INTEGER NOT NULL CHECK (quantity BETWEEN 1 AND 9999),
  total_minor       INTEGER NOT NULL CHECK (total_minor = unit_amount_minor * quantity),
  UNIQUE (sale_seq, price_id),
  UNIQUE (sale_seq, position)
) STRICT;

-- The words of a sale's lines; rowid is `sale.seq`. Every beginning of up to eight letters has a list of its own, so
-- that a search reads one list backwards and never merges those of many words.
CREATE VIRTUAL TABLE sale_words USING fts5 (
  words, content = '', contentless_delete = 1, detail = none, prefix = '1 2 3 4 5 6 7 8',
  tokenize = 'unicode61 remove_diacritics 2'
);

-- A payment. It is open until Stripe says that its PaymentIntent is final; at most one of a sale is open.
CREATE TABLE attempt (
  id               TEXT    PRIMARY KEY,
  sale_seq         INTEGER NOT NULL REFERENCES sale (seq),
  till_id          TEXT    NOT NULL,
  tender           TEXT    NOT NULL CHECK (tender IN ('cash', 'card')),
  amount_minor     INTEGER NOT NULL CHECK (amount_minor >= 0),
  received_minor   INTEGER NOT NULL DEFAULT 0 CHECK (received_minor >= 0),
  currency         TEXT    NOT NULL,
  state            TEXT    NOT NULL CHECK (state IN
                     ('starting', 'waiting_for_card', 'authorising', 'declined', 'checking', 'paid', 'canceled')),
  tendered_minor   INTEGER,
  change_minor     INTEGER,
  reader_id        TEXT,
  reader_label     TEXT,
  payment_intent   TEXT    UNIQUE,
  charge           TEXT,
  card_brand       TEXT,
  card_last4       TEXT,
  -- Which presentation on the reader this is: each has a key of its own.
  presentation     INTEGER NOT NULL DEFAULT 1 CHECK (presentation >= 1),
  cancel_asked     INTEGER NOT NULL DEFAULT 0 CHECK (cancel_asked IN (0, 1)),
  -- Closed here although Stripe may still hold an unpaid PaymentIntent of it, to be canceled when Stripe answers.
  leftover         INTEGER NOT NULL DEFAULT 0 CHECK (leftover IN (0, 1)),
  notice_code      TEXT,
  notice_text      TEXT,
  -- The journal's position and code as Stripe was told them.
  journal_seq      INTEGER NOT NULL,
  journal_head     TEXT    NOT NULL,
  staff_id         TEXT    NOT NULL REFERENCES staff (id),
  staff_name       TEXT    NOT NULL,
  started_at_ms    INTEGER NOT NULL,
  ended_at_ms      INTEGER,
  CHECK ((state IN ('paid', 'canceled')) = (ended_at_ms IS NOT NULL)),
  CHECK (state = 'paid' OR received_minor = 0),
  CHECK ((tender = 'cash') = (tendered_minor IS NOT NULL AND change_minor IS NOT NULL)),
  CHECK (tender = 'card' OR state IN ('paid', 'canceled')),
  CHECK ((tender = 'card') = (reader_id IS NOT NULL))
) STRICT;
CREATE UNIQUE INDEX attempt_one_open ON attempt (sale_seq) WHERE state NOT IN ('paid', 'canceled');
CREATE INDEX attempt_unresolved ON attempt (started_at_ms) WHERE state NOT IN ('paid', 'canceled');
CREATE INDEX attempt_leftover ON attempt (started_at_ms) WHERE leftover = 1;
CREATE INDEX attempt_by_sale ON attempt (sale_seq, started_at_ms, id);
CREATE INDEX attempt_by_last4 ON attempt (card_last4, sale_seq) WHERE card_last4 IS NOT NULL;
CREATE INDEX attempt_by_charge ON attempt (charge) WHERE charge IS NOT NULL;

-- Money given back. What Stripe did without this till (its dashboard, another till) is here too, as `origin = 'stripe'`.
CREATE TABLE refund_attempt (
  id             TEXT    PRIMARY KEY,
  sale_seq       INTEGER NOT NULL REFERENCES sale (seq),
  attempt_id     TEXT    NOT NULL REFERENCES attempt (id),
  till_id        TEXT    NOT NULL,
  origin         TEXT    NOT NULL CHECK (origin IN ('till', 'stripe')),
  tender         TEXT    NOT NULL CHECK (tender IN ('cash', 'card')),
  amount_minor   INTEGER NOT NULL CHECK (amount_minor > 0),
  currency       TEXT    NOT NULL,
  state          TEXT    NOT NULL CHECK (state IN
                   ('checking', 'pending', 'requires_action', 'succeeded', 'failed', 'canceled')),
  reason         TEXT    NOT NULL CHECK (reason IN ('duplicate', 'fraudulent', 'requested_by_customer')),
  detail         TEXT,
  refund         TEXT    UNIQUE,
  refunded_by    TEXT    NOT NULL,
  approved_by    TEXT    NOT NULL,
  notice_code    TEXT,
  notice_text    TEXT,
  journal_seq    INTEGER NOT NULL,
  journal_head   TEXT    NOT NULL,
  started_at_ms  INTEGER NOT NULL,
  ended_at_ms    INTEGER
) STRICT;
CREATE INDEX refund_by_sale ON refund_attempt (sale_seq, started_at_ms, id);
CREATE INDEX refund_by_attempt ON refund_attempt (attempt_id);
CREATE INDEX refund_checking ON refund_attempt (started_at_ms) WHERE state = 'checking';

-- The last word on refunding too much, whatever the code above it does. News from Stripe is let through: it is a fact.
CREATE TRIGGER refund_not_above_received BEFORE INSERT ON refund_attempt WHEN NEW.origin = 'till'
BEGIN
  SELECT RAISE(ABORT, 'refunds exceed what the payment received')
  WHERE NEW.amount_minor
        + (SELECT coalesce(sum(r.amount_minor), 0) FROM refund_attempt r
           WHERE r.attempt_id = NEW.attempt_id AND r.state NOT IN ('failed', 'canceled'))
        > (SELECT a.received_minor FROM attempt a WHERE a.id = NEW.attempt_id);
END;

-- Every request that Stripe is asked to act on, whole, before its first byte leaves. `sent_at_ms` is written before
-- sending: a step without it never left this machine; a step with it and without an outcome may have been done.
CREATE TABLE attempt_step (
  seq               INTEGER PRIMARY KEY,
  attempt_id        TEXT    REFERENCES attempt (id),
  refund_attempt_id TEXT    REFERENCES refund_attempt (id),
  kind              TEXT    NOT NULL CHECK (kind IN ('create', 'process', 'capture', 'cancel_action', 'cancel', 'refund')),
  presentation      INTEGER NOT NULL DEFAULT 1,
  idempotency_key   TEXT    NOT NULL UNIQUE CHECK (length(idempotency_key) BETWEEN 1 AND 255),
  path              TEXT    NOT NULL,
  body              TEXT    NOT NULL,
  prepared_at_ms    INTEGER NOT NULL,
  sent_at_ms        INTEGER,
  sent_at_server_s  INTEGER,
  outcome           TEXT    CHECK (outcome IN ('done', 'refused', 'unknown', 'not_sent')),
  http_status       INTEGER,
  request_id        TEXT,
  error_code        TEXT,
  answered_at_ms    INTEGER,
  CHECK ((attempt_id IS NULL) <> (refund_attempt_id IS NULL)),
  CHECK (outcome IS NULL OR sent_at_ms IS NOT NULL)
) STRICT;
-- A presentation is charged by one request only; a payment is created by one, a refund is asked for by one.
CREATE UNIQUE INDEX step_one_create ON attempt_step (attempt_id) WHERE kind = 'create';
CREATE UNIQUE INDEX step_one_process ON attempt_step (attempt_id, presentation) WHERE kind = 'process';
CREATE UNIQUE INDEX step_one_refund ON attempt_step (refund_attempt_id) WHERE kind = 'refund';
CREATE INDEX step_by_attempt ON attempt_step (attempt_id, seq);

-- What was sent is what was written: nothing of a step but its fate may change.
CREATE TRIGGER attempt_step_is_fixed BEFORE UPDATE ON attempt_step
WHEN NEW.seq IS NOT OLD.seq OR NEW.attempt_id IS NOT OLD.attempt_id
  OR NEW.refund_attempt_id IS NOT OLD.refund_attempt_id OR NEW.kind IS NOT OLD.kind
  OR NEW.presentation IS NOT OLD.presentation OR NEW.idempotency_key IS NOT OLD.idempotency_key
  OR NEW.path IS NOT OLD.path OR NEW.body IS NOT OLD.body
  OR (OLD.sent_at_ms IS NOT NULL AND NEW.sent_at_ms IS NOT OLD.sent_at_ms)
BEGIN
  SELECT RAISE(ABORT, 'a step that was written down does not change');
END;
CREATE TRIGGER attempt_step_stays BEFORE DELETE ON attempt_step
BEGIN
  SELECT RAISE(ABORT, 'a step that was written down stays');
END;

-- Who did what when. `body` is canonical JSON with everything in it; `mac` is HMAC-SHA256 over `prev` and `body`.
CREATE TABLE journal (
  till_id      TEXT    NOT NULL,
  seq          INTEGER NOT NULL CHECK (seq >= 1),
  at_ms        INTEGER NOT NULL,
  staff_name   TEXT,
  kind         TEXT    NOT NULL,
  sale_id      TEXT,
  amount_minor INTEGER,
  body         TEXT    NOT NULL,
  prev         BLOB    NOT NULL CHECK (length(prev) = 32),
  mac          BLOB    NOT NULL CHECK (length(mac) = 32),
  PRIMARY KEY (till_id, seq)
) STRICT, WITHOUT ROWID;
CREATE INDEX journal_by_sale ON journal (sale_id, seq) WHERE sale_id IS NOT NULL;

CREATE TRIGGER journal_is_written_once BEFORE UPDATE ON journal
BEGIN
  SELECT RAISE(ABORT, 'the journal is written once');
END;
CREATE TRIGGER journal_is_kept BEFORE DELETE ON journal
BEGIN
  SELECT RAISE(ABORT, 'the journal is kept');
END;
CREATE TRIGGER journal_has_no_gap BEFORE INSERT ON journal
BEGIN
  SELECT RAISE(ABORT, 'the journal has no gap')
  WHERE NEW.seq <> 1 + (SELECT coalesce(max(j.seq), 0) FROM journal j WHERE j.till_id = NEW.till_id);
END;

-- How far the mirror's change log was followed.
CREATE TABLE mirror_followed (
  id       INTEGER PRIMARY KEY CHECK (id = 1),
  position INTEGER NOT NULL
) STRICT;
