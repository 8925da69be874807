-- Perpetuals, and datasets beside candles. The table of series is built anew, because its key grows by a
-- column, and that of gaps, because there are more reasons; foreign keys are off while this runs.
ALTER TABLE instruments ADD COLUMN settle TEXT;
ALTER TABLE instruments ADD COLUMN contract_size TEXT;
ALTER TABLE instruments ADD COLUMN contract_unit TEXT CHECK (contract_unit IN ('base', 'quote'));
ALTER TABLE instruments ADD COLUMN stream_name TEXT;

DROP VIEW candles_view;

CREATE TABLE series_3 (
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
INSERT INTO series_3 (id, instrument_id, dataset, interval_ms, active, wanted_from, wanted_to, created_at)
SELECT id, instrument_id, 'candles', interval_ms, active, wanted_from, wanted_to, created_at FROM series;
DELETE FROM sqlite_sequence WHERE name = 'series_3';
INSERT INTO sqlite_sequence (name, seq) SELECT 'series_3', seq FROM sqlite_sequence WHERE name = 'series';
DROP TABLE series;
ALTER TABLE series_3 RENAME TO series;

CREATE TABLE gaps_3 (
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
INSERT INTO gaps_3 SELECT series_id, from_time, to_time, reason, asked_count, first_asked_at, next_ask_at, endpoint, asked_at, answer FROM gaps;
DROP TABLE gaps;
ALTER TABLE gaps_3 RENAME TO gaps;

ALTER TABLE revisions ADD COLUMN trade_id INTEGER;

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
