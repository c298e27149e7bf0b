-- Requests by the hour (hours since 1970, UTC), for the chart of a day; some days are kept.
CREATE TABLE spent_hour (
  hour INTEGER PRIMARY KEY, requests INTEGER NOT NULL
) STRICT;

-- Of a record that differed: which columns, what stood here and what at Stripe, in JSON.
ALTER TABLE difference ADD COLUMN changes TEXT;
