-- What a person wants to be told of.
CREATE TABLE alerts (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,     -- never given twice: firings tell of it by this
    series_id  INTEGER NOT NULL REFERENCES series (id) ON DELETE CASCADE,
    kind       TEXT    NOT NULL CHECK (kind IN ('rises_above', 'falls_below', 'crosses', 'moves', 'silent', 'gap_found')),
    number     TEXT,                                  -- price or percentage, exact decimal text
    length_ms  INTEGER CHECK (length_ms IS NULL OR length_ms > 0),
    active     INTEGER NOT NULL CHECK (active IN (0, 1)),
    created_at INTEGER NOT NULL
) STRICT;
CREATE INDEX alerts_by_series ON alerts (series_id);

-- When alerts fired and what was seen, newest 1,000.
CREATE TABLE alert_firings (
    id       INTEGER PRIMARY KEY AUTOINCREMENT,
    alert_id INTEGER NOT NULL REFERENCES alerts (id) ON DELETE CASCADE,
    fired_at INTEGER NOT NULL,
    value    TEXT    NOT NULL
) STRICT;
CREATE INDEX alert_firings_by_alert ON alert_firings (alert_id, id);
