-- Where a list showed something else than the mirror had, until news explains it or should have: `until` is the second
-- (Stripe's clock) it was seen.
CREATE TABLE suspect (
  kind TEXT NOT NULL, id TEXT NOT NULL, what TEXT NOT NULL, detail TEXT NOT NULL, changes TEXT NOT NULL,
  until INTEGER NOT NULL, PRIMARY KEY (kind, id)
) STRICT, WITHOUT ROWID;

-- It held only the last day of each span. Now every day has a row, so what was audited before is looked at first.
DELETE FROM audited_day;
