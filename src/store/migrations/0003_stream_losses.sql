-- What streams missed and how it was made good, and how they are.
CREATE TABLE stream_losses (
    id        INTEGER PRIMARY KEY,
    exchange  TEXT    NOT NULL,
    series_id INTEGER NOT NULL,
    cause     TEXT    NOT NULL CHECK (cause IN ('cut', 'silent', 'leaving', 'dropped_frame', 'refused', 'slept')),
    detail    TEXT    NOT NULL,
    from_time INTEGER NOT NULL,                       -- last heard, local time
    to_time   INTEGER CHECK (to_time >= from_time),   -- heard again; NULL: not yet
    mended_at INTEGER,                                -- when nothing was missing any more
    how       TEXT                                    -- what that took
) STRICT;
CREATE INDEX stream_losses_by_series ON stream_losses (series_id, id);

CREATE TABLE stream_state (
    exchange          TEXT    PRIMARY KEY,
    updated_at        INTEGER NOT NULL,
    state             TEXT    NOT NULL CHECK (state IN ('off', 'connecting', 'live', 'down')),
    since             INTEGER NOT NULL,
    sockets           INTEGER NOT NULL,
    subscriptions     INTEGER NOT NULL,
    frames_per_second REAL    NOT NULL,
    lag_p50_ms        INTEGER,                        -- from the exchange's event to the screen
    lag_p99_ms        INTEGER
) STRICT, WITHOUT ROWID;

-- Candles of streams that no request has confirmed yet: those of a few minutes.
CREATE INDEX candles_unconfirmed ON candles (series_id, open_time) WHERE source = 1;
