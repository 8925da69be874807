#!/usr/bin/env python3
"""Listens to a running simulated exchange with ccxt's WebSocket clients: ccxt_ws.py URL

One line for each check, `ok` or `FAILED`; exit status 1 where one failed. Where ccxt or aiohttp is not
installed it says `skipped` and exits with 0.
"""

import asyncio
import sys

PATIENCE_S = 30

# Exchange and symbol.
PEERS = [
    ("binance", "BTC/USDT"),
    ("binanceusdm", "BTC/USDT:USDT"),
    ("okx", "BTC/USDT"),
    ("okx", "BTC/USDT:USDT"),
    ("kraken", "BTC/USD"),
]


def redirect(value, rest, sockets):
    """The same tree of addresses, all of them on the simulation."""
    if isinstance(value, dict):
        return {key: redirect(child, rest, sockets) for key, child in value.items()}
    if not isinstance(value, str):
        return value
    for scheme, base in (("https://", rest), ("wss://", sockets)):
        if value.startswith(scheme):
            path = value[len(scheme):].partition("/")[2]
            return f"{base}/{path}" if path else base
    return value


def exchange(pro, name, url):
    client = getattr(pro, name)({"enableRateLimit": False, "options": {"defaultType": "spot"}})
    if name == "binance":
        client.options["fetchMarkets"] = {"types": ["spot"]}
    if name == "binanceusdm":
        client.options["defaultType"] = "future"
        client.options["fetchMarkets"] = {"types": ["linear"]}
    if name == "okx":
        client.options["fetchMarkets"] = {"types": ["spot", "swap"]}
    client.options["fetchCurrencies"] = False
    client.has["fetchCurrencies"] = False
    client.hostname = url.partition("://")[2]
    client.urls["api"] = redirect(client.urls["api"], url, url.replace("http", "ws", 1))
    return client


async def check(label, awaitable, sound):
    try:
        got = await asyncio.wait_for(awaitable, PATIENCE_S)
        if not sound(got):
            raise ValueError(f"got {str(got)[:200]}")
    except Exception as error:  # whatever goes wrong is the check's result
        print(f"FAILED {label}: {type(error).__name__}: {str(error)[:300]}")
        return False
    print(f"ok {label}")
    return True


def sound_candles(rows):
    return bool(rows) and all(
        row[0] % 60_000 == 0 and row[3] <= min(row[1], row[4]) and max(row[1], row[4]) <= row[2] and row[5] >= 0 for row in rows
    )


def sound_trades(trades):
    return bool(trades) and all(
        trade["price"] > 0 and trade["amount"] > 0 and trade["side"] in ("buy", "sell") and trade["id"] for trade in trades
    )


async def listen(pro, name, symbol, url):
    client = exchange(pro, name, url)
    label = f"{name} {symbol}"
    try:
        if not await check(f"{label} load_markets", client.load_markets(), lambda markets: symbol in markets):
            return False
        results = [
            await check(f"{label} watch_ohlcv", client.watch_ohlcv(symbol, "1m"), sound_candles),
            await check(f"{label} watch_trades", client.watch_trades(symbol), sound_trades),
            await check(f"{label} watch_ticker", client.watch_ticker(symbol), lambda ticker: ticker["last"] > 0),
        ]
        return all(results)
    finally:
        await client.close()


async def main(url):
    try:
        import ccxt.pro as pro
    except ImportError as error:
        print(f"skipped: {error}")
        return 0
    results = [await listen(pro, name, symbol, url) for name, symbol in PEERS]
    return 0 if all(results) else 1


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: ccxt_ws.py URL")
    sys.exit(asyncio.run(main(sys.argv[1].rstrip("/"))))
