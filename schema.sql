-- The store of marketdata-tui, schema version 3.
--
-- Times are UTC milliseconds since 1970-01-01; ranges are [from_time, to_time).
-- Prices and volumes are exact. An INTEGER cell counts units of 10^-scale, where the scale stands
-- with the instrument; a value that does not fit is kept in the same cell as decimal TEXT.
-- Read candles and trades through candles_view and trades_view, which print both forms alike.

-- What the exchanges list. Scales never change once candles are stored at them.
CREATE TABLE instruments (
    id             INTEGER PRIMARY KEY,
    exchange       TEXT    NOT NULL,
    symbol         TEXT    NOT NULL,                 -- BTC/USDT
    native_symbol  TEXT    NOT NULL,                 -- BTCUSDT
    base           TEXT    NOT NULL,
    quote          TEXT    NOT NULL,
    status         TEXT    NOT NULL CHECK (status IN ('trading', 'halted', 'delisted')),
    price_decimals INTEGER NOT NULL CHECK (price_decimals BETWEEN 0 AND 28),
    price_scale    INTEGER NOT NULL CHECK (price_scale BETWEEN 0 AND 18),
    base_scale     INTEGER NOT NULL CHECK (base_scale BETWEEN 0 AND 18),
    quote_scale    INTEGER NOT NULL CHECK (quote_scale BETWEEN 0 AND 18),
    refreshed_at   INTEGER NOT NULL,
    settle         TEXT,                             -- of a perpetual; NULL: spot
    contract_size  TEXT,                             -- what one contract stands for, exact decimal text
    contract_unit  TEXT    CHECK (contract_unit IN ('base', 'quote')),
    stream_name    TEXT,                             -- where streams spell it in another way
    UNIQUE (exchange, native_symbol)
) STRICT;
CREATE INDEX instruments_by_symbol ON instruments (exchange, symbol);

-- What is recorded: a dataset of an instrument, candles at an interval, wanted from wanted_from on
-- (until wanted_to, once removed). interval_ms of other datasets is the grid of their coverage.
CREATE TABLE series (
    id            INTEGER PRIMARY KEY AUTOINCREMENT,  -- never given twice: its data may outlive a purge elsewhere
    instrument_id INTEGER NOT NULL REFERENCES instruments (id),
    dataset       TEXT    NOT NULL CHECK (dataset IN ('candles', 'trades', 'funding', 'open_interest')),
    interval_ms   INTEGER NOT NULL CHECK (interval_ms > 0),
    active        INTEGER NOT NULL CHECK (active IN (0, 1)),
    wanted_from   INTEGER NOT NULL,
    wanted_to     INTEGER CHECK (wanted_to IS NULL OR wanted_to >= wanted_from),
    created_at    INTEGER NOT NULL,
    reach_ms      INTEGER CHECK (reach_ms IS NULL OR reach_ms > 0), -- how far back the exchange serves it; NULL: to the listing
    UNIQUE (instrument_id, dataset, interval_ms)
) STRICT;

-- Closed candles, each as the exchange gave it. No foreign key: it costs a tenth of the insert rate.
CREATE TABLE candles (
    series_id              INTEGER NOT NULL,
    open_time              INTEGER NOT NULL,
    open                   ANY     NOT NULL,
    high                   ANY     NOT NULL,
    low                    ANY     NOT NULL,
    close                  ANY     NOT NULL,
    volume                 ANY     NOT NULL,
    quote_volume           ANY,
    trade_count            INTEGER,
    taker_buy_volume       ANY,
    taker_buy_quote_volume ANY,
    source                 INTEGER NOT NULL,          -- 0 REST, 1 stream, 2 folded from trades, 3 stream and confirmed by REST
    fetched_at             INTEGER NOT NULL,
    PRIMARY KEY (series_id, open_time)
) STRICT, WITHOUT ROWID;

-- Candles of 1 h and 1 d folded from finer ones, refreshed in the transaction that changes those.
CREATE TABLE rollups (
    series_id              INTEGER NOT NULL,
    width_ms               INTEGER NOT NULL CHECK (width_ms IN (3600000, 86400000)),
    open_time              INTEGER NOT NULL,
    open                   ANY     NOT NULL,
    high                   ANY     NOT NULL,
    low                    ANY     NOT NULL,
    close                  ANY     NOT NULL,
    volume                 ANY     NOT NULL,
    quote_volume           ANY,
    trade_count            INTEGER,
    taker_buy_volume       ANY,
    taker_buy_quote_volume ANY,
    parts                  INTEGER NOT NULL CHECK (parts > 0), -- candles folded; fewer than fit where some are missing
    PRIMARY KEY (series_id, width_ms, open_time)
) STRICT, WITHOUT ROWID;

-- Trades, each as the exchange gave it: single ones, or the exchange's own aggregates.
CREATE TABLE trades (
    instrument_id INTEGER NOT NULL,
    trade_id      INTEGER NOT NULL,
    time          INTEGER NOT NULL,
    nanos         INTEGER CHECK (nanos IS NULL OR nanos BETWEEN 0 AND 999999), -- within that millisecond
    price         ANY     NOT NULL,
    size          ANY     NOT NULL,                   -- base units
    taker_buys    INTEGER NOT NULL CHECK (taker_buys IN (0, 1)),
    fills         INTEGER,                            -- executions that the row stands for
    source        INTEGER NOT NULL,                   -- as in candles
    ingested_at   INTEGER NOT NULL,
    PRIMARY KEY (instrument_id, trade_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX trades_by_time ON trades (instrument_id, time, trade_id);

-- Settled funding rates of perpetuals; exact decimal text.
CREATE TABLE funding (
    instrument_id INTEGER NOT NULL,
    time          INTEGER NOT NULL,
    rate          TEXT    NOT NULL,
    mark_price    TEXT,
    source        INTEGER NOT NULL,
    ingested_at   INTEGER NOT NULL,
    PRIMARY KEY (instrument_id, time)
) STRICT, WITHOUT ROWID;

-- Open interest of perpetuals; exact decimal text.
CREATE TABLE open_interest (
    instrument_id INTEGER NOT NULL,
    time          INTEGER NOT NULL,
    amount        TEXT    NOT NULL,                   -- base units
    value         TEXT,                               -- quote asset or US dollars
    source        INTEGER NOT NULL,
    ingested_at   INTEGER NOT NULL,
    PRIMARY KEY (instrument_id, time)
) STRICT, WITHOUT ROWID;

-- What is stored, as ranges that neither overlap nor touch; written with the rows it describes.
CREATE TABLE coverage (
    series_id INTEGER NOT NULL,
    from_time INTEGER NOT NULL,
    to_time   INTEGER NOT NULL CHECK (to_time > from_time),
    PRIMARY KEY (series_id, from_time)
) STRICT, WITHOUT ROWID;

-- What is missing and why, with the evidence. Wanted minutes that stand neither here nor in
-- coverage have not been asked for yet.
CREATE TABLE gaps (
    series_id      INTEGER NOT NULL,
    from_time      INTEGER NOT NULL,
    to_time        INTEGER NOT NULL CHECK (to_time > from_time),
    reason         TEXT    NOT NULL CHECK (reason IN ('no_candle', 'bad_row', 'before_listing', 'not_trading',
                                                      'no_trades', 'lost', 'unconfirmed', 'fetch_failed', 'recorder_off')),
    asked_count    INTEGER NOT NULL CHECK (asked_count >= 0),
    first_asked_at INTEGER,
    next_ask_at    INTEGER,
    endpoint       TEXT,                              -- what was asked last
    asked_at       INTEGER,                           -- and when
    answer         TEXT,                              -- and what came
    PRIMARY KEY (series_id, from_time)
) STRICT, WITHOUT ROWID;

-- Candles and rows of other datasets that the exchange changed afterwards, a row for each changed value.
CREATE TABLE revisions (
    id        INTEGER PRIMARY KEY,
    series_id INTEGER NOT NULL,
    open_time INTEGER NOT NULL,                       -- of a candle; time of a row
    found_at  INTEGER NOT NULL,
    field     TEXT    NOT NULL,
    old_value TEXT,
    new_value TEXT,
    trade_id  INTEGER                                 -- where the row is a trade
) STRICT;
CREATE INDEX revisions_by_candle ON revisions (series_id, open_time);

-- Ranges that somebody asked for. Progress is not kept: it is the range minus coverage and gaps.
CREATE TABLE backfill_jobs (
    id          INTEGER PRIMARY KEY,
    series_id   INTEGER NOT NULL REFERENCES series (id),
    from_time   INTEGER NOT NULL,
    to_time     INTEGER NOT NULL CHECK (to_time >= from_time),
    state       TEXT    NOT NULL CHECK (state IN ('running', 'paused', 'done', 'failed', 'cancelled')),
    note        TEXT,
    created_at  INTEGER NOT NULL,
    finished_at INTEGER,
    position    INTEGER NOT NULL DEFAULT 0            -- the lowest goes first
) STRICT;
CREATE INDEX backfill_jobs_by_state ON backfill_jobs (state, id);

-- What happened, newest 20,000 entries.
CREATE TABLE ingest_log (
    id        INTEGER PRIMARY KEY,
    at        INTEGER NOT NULL,
    level     TEXT    NOT NULL CHECK (level IN ('INFO', 'WARN', 'ERROR')),
    component TEXT    NOT NULL,
    series_id INTEGER,
    message   TEXT    NOT NULL
) STRICT;

-- How each exchange serves us; a ban outlives a restart.
CREATE TABLE exchange_state (
    exchange        TEXT    PRIMARY KEY,
    updated_at      INTEGER NOT NULL,
    host            TEXT    NOT NULL,
    fallback        INTEGER NOT NULL CHECK (fallback IN (0, 1)),
    circuit         TEXT    NOT NULL CHECK (circuit IN ('closed', 'open', 'half-open')),
    blocked_until   INTEGER,
    block_kind      TEXT    CHECK (block_kind IN ('rate_limit', 'ban')),
    budget_used     INTEGER NOT NULL,
    budget_limit    INTEGER NOT NULL,
    requests        INTEGER NOT NULL,
    latency_p50_ms  INTEGER,
    latency_p95_ms  INTEGER,
    last_ok_at      INTEGER,
    last_error_at   INTEGER,
    last_error      TEXT,
    clock_offset_ms INTEGER
) STRICT, WITHOUT ROWID;

-- Errors of the present or last run, by kind.
CREATE TABLE exchange_errors (
    exchange TEXT    NOT NULL,
    kind     TEXT    NOT NULL,
    count    INTEGER NOT NULL,
    PRIMARY KEY (exchange, kind)
) STRICT, WITHOUT ROWID;

-- Runs of the recorder with their heartbeat statistics; between two of them it was off.
CREATE TABLE recorder_runs (
    id              INTEGER PRIMARY KEY,
    pid             INTEGER NOT NULL,
    started_at      INTEGER NOT NULL,
    seen_at         INTEGER NOT NULL,
    ended_at        INTEGER,
    beats           INTEGER NOT NULL DEFAULT 0,
    failed_beats    INTEGER NOT NULL DEFAULT 0,
    last_beat_at    INTEGER,
    lag_ms          INTEGER,
    candles         INTEGER NOT NULL DEFAULT 0,
    rejected        INTEGER NOT NULL DEFAULT 0,
    rate            REAL    NOT NULL DEFAULT 0,
    queue           INTEGER NOT NULL DEFAULT 0,
    backlog         INTEGER NOT NULL DEFAULT 0,
    readers_in_use  INTEGER NOT NULL DEFAULT 0,
    readers         INTEGER NOT NULL DEFAULT 0
) STRICT;

-- What the app remembers of itself.
CREATE TABLE app_settings (
    key   TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

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

-- Candles for people with a SQLite shell: symbol, interval, ISO time, exact decimals.
CREATE VIEW candles_view AS
WITH scaled AS (
    SELECT i.exchange, i.symbol, s.interval_ms, c.*,
           i.price_scale AS ps, CAST('1' || substr('000000000000000000', 1, i.price_scale) AS INTEGER) AS pu,
           i.base_scale  AS bs, CAST('1' || substr('000000000000000000', 1, i.base_scale) AS INTEGER) AS bu,
           i.quote_scale AS qs, CAST('1' || substr('000000000000000000', 1, i.quote_scale) AS INTEGER) AS qu
    FROM candles c JOIN series s ON s.id = c.series_id JOIN instruments i ON i.id = s.instrument_id
)
SELECT exchange, symbol,
       CASE interval_ms WHEN 604800000 THEN '1w'
            ELSE CASE WHEN interval_ms % 86400000 = 0 THEN (interval_ms / 86400000) || 'd'
                      WHEN interval_ms % 3600000 = 0 THEN (interval_ms / 3600000) || 'h'
                      ELSE (interval_ms / 60000) || 'm' END END AS interval,
       strftime('%Y-%m-%dT%H:%M:%SZ', open_time / 1000, 'unixepoch') AS time,
       CASE WHEN ps > 0 AND typeof(open) = 'integer' THEN printf('%d.%0*d', open / pu, ps, open % pu) ELSE CAST(open AS TEXT) END AS open,
       CASE WHEN ps > 0 AND typeof(high) = 'integer' THEN printf('%d.%0*d', high / pu, ps, high % pu) ELSE CAST(high AS TEXT) END AS high,
       CASE WHEN ps > 0 AND typeof(low) = 'integer' THEN printf('%d.%0*d', low / pu, ps, low % pu) ELSE CAST(low AS TEXT) END AS low,
       CASE WHEN ps > 0 AND typeof(close) = 'integer' THEN printf('%d.%0*d', close / pu, ps, close % pu) ELSE CAST(close AS TEXT) END AS close,
       CASE WHEN bs > 0 AND typeof(volume) = 'integer' THEN printf('%d.%0*d', volume / bu, bs, volume % bu) ELSE CAST(volume AS TEXT) END AS volume,
       CASE WHEN qs > 0 AND typeof(quote_volume) = 'integer' THEN printf('%d.%0*d', quote_volume / qu, qs, quote_volume % qu)
            ELSE CAST(quote_volume AS TEXT) END AS quote_volume,
       trade_count,
       CASE WHEN bs > 0 AND typeof(taker_buy_volume) = 'integer' THEN printf('%d.%0*d', taker_buy_volume / bu, bs, taker_buy_volume % bu)
            ELSE CAST(taker_buy_volume AS TEXT) END AS taker_buy_volume,
       CASE WHEN qs > 0 AND typeof(taker_buy_quote_volume) = 'integer'
            THEN printf('%d.%0*d', taker_buy_quote_volume / qu, qs, taker_buy_quote_volume % qu)
            ELSE CAST(taker_buy_quote_volume AS TEXT) END AS taker_buy_quote_volume,
       open_time, series_id
FROM scaled;

-- The same of trades.
CREATE VIEW trades_view AS
WITH scaled AS (
    SELECT i.exchange, i.symbol, t.*,
           i.price_scale AS ps, CAST('1' || substr('000000000000000000', 1, i.price_scale) AS INTEGER) AS pu,
           i.base_scale  AS bs, CAST('1' || substr('000000000000000000', 1, i.base_scale) AS INTEGER) AS bu
    FROM trades t JOIN instruments i ON i.id = t.instrument_id
)
SELECT exchange, symbol, trade_id,
       strftime('%Y-%m-%dT%H:%M:%S', time / 1000, 'unixepoch') || printf('.%03d', time % 1000)
           || CASE WHEN nanos IS NULL THEN '' ELSE printf('%06d', nanos) END || 'Z' AS time,
       CASE WHEN ps > 0 AND typeof(price) = 'integer' THEN printf('%d.%0*d', price / pu, ps, price % pu) ELSE CAST(price AS TEXT) END AS price,
       CASE WHEN bs > 0 AND typeof(size) = 'integer' THEN printf('%d.%0*d', size / bu, bs, size % bu) ELSE CAST(size AS TEXT) END AS size,
       CASE taker_buys WHEN 1 THEN 'buy' ELSE 'sell' END AS side, fills,
       time AS time_ms, instrument_id
FROM scaled;

-- The same of funding.
CREATE VIEW funding_view AS
SELECT i.exchange, i.symbol,
       strftime('%Y-%m-%dT%H:%M:%S', f.time / 1000, 'unixepoch') || printf('.%03dZ', f.time % 1000) AS time,
       f.rate, f.mark_price, f.time AS time_ms, f.instrument_id
FROM funding f JOIN instruments i ON i.id = f.instrument_id;

-- The same of open interest.
CREATE VIEW open_interest_view AS
SELECT i.exchange, i.symbol,
       strftime('%Y-%m-%dT%H:%M:%S', o.time / 1000, 'unixepoch') || printf('.%03dZ', o.time % 1000) AS time,
       o.amount, o.value, o.time AS time_ms, o.instrument_id
FROM open_interest o JOIN instruments i ON i.id = o.instrument_id;
