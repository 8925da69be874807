-- Jobs have an order that people may change; so far it was that of their making.
ALTER TABLE backfill_jobs ADD COLUMN position INTEGER NOT NULL DEFAULT 0;
UPDATE backfill_jobs SET position = id;
