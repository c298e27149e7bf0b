-- An object that could not be read again waits, longer each time, since this second (Stripe's clock).
ALTER TABLE dirty ADD COLUMN tried_at INTEGER NOT NULL DEFAULT 0;
