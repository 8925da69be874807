"""Points ccxt at a running simulation and checks that it takes its REST answers for the real exchanges'.

    python3 tests/peers/ccxt_rest.py http://127.0.0.1:PORT [--unpaced]

Prints one line a check; exits 1 where one failed, 0 otherwise, also where ccxt is not installed.
"""

import sys

try:
    import ccxt
except ImportError:
    print("skipped: ccxt is not importable")
    sys.exit(0)

MINUTE = 60_000
HOUR = 60 * MINUTE
FAILURES = []


def moved(urls, base):
    """The same addresses, on the simulation's host."""
    if isinstance(urls, dict):
        return {name: moved(url, base) for name, url in urls.items()}
    path = urls.split("://", 1)[-1].partition("/")[2]
    return f"{base}/{path}" if path else base


def exchange(name, base, paced):
    options = {"binance": {"fetchMarkets": {"types": ["spot"]}}}.get(name, {})
    client = getattr(ccxt, name)({"enableRateLimit": paced, "options": options})
    client.urls["api"] = moved(client.urls["api"], base)
    return client


def check(name, what, test):
    """Runs a test that returns what was seen, or raises."""
    try:
        print(f"ok      {name:<12} {what}: {test()}", flush=True)
    except Exception as error:  # ccxt's errors and failed assertions alike
        FAILURES.append(what)
        print(f"FAILED  {name:<12} {what}: {type(error).__name__}: {str(error)[:300]}", flush=True)


def candles(client, symbol, now):
    """Two pages that overlap hold the same rows, and five minutes are the fold of their minutes."""
    start = now // (5 * MINUTE) * 5 * MINUTE - 60 * MINUTE
    first = client.fetch_ohlcv(symbol, "1m", since=start, limit=20)
    second = client.fetch_ohlcv(symbol, "1m", since=start + 10 * MINUTE, limit=20)
    assert [row[0] for row in first[:20]] == [start + n * MINUTE for n in range(20)], first[:2]
    assert first[10:20] == second[:10], (first[10], second[0])
    wide = client.fetch_ohlcv(symbol, "5m", since=start, limit=2)[0]
    part = first[:5]
    prices = [part[0][1], max(row[2] for row in part), min(row[3] for row in part), part[-1][4]]
    assert wide[1:5] == prices, (wide, prices)
    assert abs(wide[5] - sum(row[5] for row in part)) <= 1e-9 * max(1, wide[5])
    return f"{len(first)} and {len(second)} rows, close {first[0][4]}"


def old_candles(client, symbol, now):
    start = now // HOUR * HOUR - 400 * 24 * HOUR
    rows = client.fetch_ohlcv(symbol, "1h", since=start, limit=50)
    assert rows[0][0] == start and len(rows) >= 50, (rows[0], len(rows))
    return f"{len(rows)} rows from 400 days ago"


def days(client, symbol, now):
    rows = client.fetch_ohlcv(symbol, "1d", since=now // (24 * HOUR) * 24 * HOUR - 9 * 24 * HOUR, limit=10)
    assert all(row[0] % (24 * HOUR) == 0 for row in rows), rows[0]
    return f"{len(rows)} days cut at UTC"


def newest_trades(client, symbol, _now):
    trades = client.fetch_trades(symbol, limit=50)
    assert len(trades) == 50 and len({trade["id"] for trade in trades}) == 50
    assert all(trade["side"] in ("buy", "sell") and trade["price"] > 0 and trade["amount"] > 0 for trade in trades)
    return f"{len(trades)} trades, last {trades[-1]['price']} at {trades[-1]['datetime']}"


def trades_of_a_minute(client, symbol, now):
    """The trades of a minute make its candle."""
    start = now // MINUTE * MINUTE - 30 * MINUTE
    rows = client.fetch_ohlcv(symbol, "1m", since=start - (client.id == "kraken") * 1, limit=15)
    row = next(row for row in rows if row[5] > 0)
    trades = client.fetch_trades(symbol, since=row[0] - (client.id == "kraken") * 1, limit=1000)
    inside = [trade for trade in trades if row[0] <= trade["timestamp"] < row[0] + MINUTE]
    assert len(inside) < len(trades), "more trades than a page holds"
    prices = [trade["price"] for trade in inside]
    assert [prices[0], max(prices), min(prices), prices[-1]] == row[1:5], (row, prices)
    assert abs(sum(trade["amount"] for trade in inside) - row[5]) <= 1e-9 * max(1, row[5])
    return f"{len(inside)} trades make the candle"


def tickers(client, symbol, _now):
    one, several = client.fetch_ticker(symbol), client.fetch_tickers([symbol])
    # Between the two requests the price may have gone on.
    assert abs(one["last"] / several[symbol]["last"] - 1) < 0.01, (one, several)
    assert one["low"] <= one["last"] <= one["high"] and one["baseVolume"] > 0, one
    return f"last {one['last']}, volume {one['baseVolume']}"


def funding_history(client, symbol, now):
    rows = client.fetch_funding_rate_history(symbol, since=now - 10 * 24 * HOUR, limit=20)
    assert len(rows) == 20 and all(abs(row["fundingRate"]) < 0.01 for row in rows)
    assert all(row["timestamp"] % HOUR < 100 for row in rows)
    present = client.fetch_funding_rate(symbol)
    assert present["fundingTimestamp"] > now or client.id != "okx", present
    return f"{len(rows)} settlements, last {rows[-1]['fundingRate']}"


def open_interest(client, symbol, now):
    one = client.fetch_open_interest(symbol)
    assert (one["openInterestAmount"] or 0) > 0, one
    rows = client.fetch_open_interest_history(symbol, "5m", since=now - 2 * HOUR, limit=20)
    assert rows and all(row["timestamp"] % (5 * MINUTE) == 0 for row in rows), rows[:1]
    return f"{one['openInterestAmount']}, {len(rows)} rows of history"


# Exchange, symbols with most trades, symbol whose minutes fit a page, whether there are futures.
PLANS = [
    ("binance", "BTC/USDT", "QUIET/USDT", False),
    ("binanceusdm", "BTC/USDT:USDT", "QUIET/USDT:USDT", True),
    ("okx", "BTC/USDT", None, False),
    ("okx", "BTC/USDT:USDT", None, True),
    ("kraken", "BTC/USD", "BTC/USD", False),
]


def run(base, paced):
    for name, symbol, thin, futures in PLANS:
        client = exchange(name, base, paced)
        label = name if name != "okx" else ("okx swap" if futures else "okx spot")
        check(label, "load_markets", lambda: f"{len(client.load_markets())} markets, {symbol in client.markets}")
        if client.markets is None or symbol not in client.markets:
            FAILURES.append(symbol)
            continue
        market = client.market(symbol)
        check(label, "market", lambda: f"{market['id']} precision {market['precision']['price']} contract {market['contractSize']}")
        now = client.fetch_time()
        check(label, "fetch_time", lambda: client.iso8601(now))
        plan = [("fetch_ohlcv", candles), ("fetch_ohlcv 1d", days), ("fetch_trades", newest_trades), ("fetch_tickers", tickers)]
        if name != "kraken":
            plan.append(("fetch_ohlcv long ago", old_candles))
        if futures:
            plan += [("fetch_funding_rate_history", funding_history), ("fetch_open_interest", open_interest)]
        for what, test in plan:
            check(label, what, lambda: test(client, symbol, now))
        if thin:
            check(label, f"trades of {thin}", lambda: trades_of_a_minute(client, thin, now))
    print(f"ccxt {ccxt.__version__}: {len(FAILURES)} failures")


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit("usage: ccxt_rest.py URL [--unpaced]")
    run(sys.argv[1].rstrip("/"), "--unpaced" not in sys.argv)
    sys.exit(1 if FAILURES else 0)
