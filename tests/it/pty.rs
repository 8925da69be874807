//! The binary in a real pseudo terminal: what a person sees, and what is left when it ends.

mod app;

use app::{App, NOBODY, PATIENCE};
use portable_pty::PtySize;
use std::process::Command;
use std::time::{Duration, Instant};
use vt100::MouseProtocolMode;

#[test]
fn the_demonstration_moves_and_quits() {
    let mut app = App::start(&["demo"], 120, 36);
    app.see("SIMULATED");
    app.see("PEPE/USDT");
    let first = app.until("a price of BTC/USDT", |screen| price(screen).is_some());
    app.until("a moving price", |screen| price(screen).is_some_and(|now| Some(now) != price(&first)));
    app.press("2");
    app.see("O 6");
    app.press("?");
    app.see("Keys: Chart");
    app.press("\x1b");
    app.until("the help gone", |screen| !screen.contains("Keys: Chart"));
    // What comes at once, and may have scrolled away on a slow machine.
    app.press("5/1000 candles\r");
    app.see("stored 1000 candles");
    app.press("q");
    assert_eq!(app.end(), 0);
}

#[test]
fn a_chart_in_pixels() {
    let kitty = PtySize { rows: 30, cols: 100, pixel_width: 800, pixel_height: 480 };
    for (term, start) in [("xterm-kitty", "\x1b_Gq=2,"), ("foot", "\x1bP")] {
        let mut app = App::start_in(&["demo"], kitty, term);
        app.see("PEPE/USDT");
        app.press("2");
        app.see("O 6");
        assert_eq!(app.count(start), 0, "off by default");
        app.press("x");
        let began = Instant::now();
        while app.count(start) == 0 {
            assert!(began.elapsed() < PATIENCE, "{term}: no picture");
            app.idle(Duration::from_millis(50));
        }
        app.press("?");
        app.see("Keys: Chart");
        app.press("q");
        app.until("the help gone", |screen| !screen.contains("Keys: Chart"));
        app.press("1");
        app.see("Symbols");
        app.press("q");
        assert_eq!(app.leave(), 0);
        assert_eq!(app.count("\x1b_Ga=d,d=I,") > 0, term == "xterm-kitty", "{term}: what it keeps is deleted");
    }
    let mut app = App::start(&["demo"], 100, 30);
    app.see("PEPE/USDT");
    app.press("2x");
    app.see("no pixels: this terminal is not known");
    app.press("q");
    assert_eq!(app.end(), 0);
}

#[test]
fn the_map_and_the_log_of_the_demonstration() {
    let mut app = App::start(&["demo"], 120, 36);
    app.see("SIMULATED");
    app.see("PEPE/USDT");
    app.press("3");
    app.see("Coverage by day");
    app.until("stored days", |screen| screen.lines().any(|line| line.contains("BTC/USDT 1m") && line.contains('█')));
    app.press("h\r");
    app.until("what is known of the day", |screen| screen.contains("Plan: fetch") || screen.contains("Nothing is owed here"));
    app.press("\x1b");
    app.until("the panel gone", |screen| !screen.contains("Plan: fetch") && !screen.contains("Nothing is owed here"));
    app.press("-");
    app.see("Coverage by month");
    app.press("\x1b[Hhb");
    app.see("Plan: fetch");
    app.press("b");
    app.see("fetching the past of");
    app.press("5/1000\r");
    app.see("\"1000\"");
    app.see("stored 1000 candles");
    app.press("ky");
    app.see("sent to the terminal's clipboard");
    assert!(app.bytes.windows(7).any(|part| part == b"\x1b]52;c;"), "nothing was put into the clipboard");
    app.press("q");
    assert_eq!(app.end(), 0);
}

/// The last price in the row of BTC/USDT.
fn price(screen: &str) -> Option<String> {
    let row = screen.lines().find(|line| line.contains("BTC/USDT") && line.contains("1m") && line.contains('%'))?;
    row.split_whitespace().find(|word| word.contains('.') && word.parse::<f64>().is_ok()).map(str::to_owned)
}

#[test]
fn signals_restore_the_terminal() {
    for signal in ["TERM", "HUP", "INT"] {
        let mut app = App::start(&["demo"], 80, 24);
        app.see("SIMULATED");
        app.signal(signal);
        assert_eq!(app.end(), 0, "{signal}");
    }
}

#[test]
fn a_closed_window_ends_it() {
    let mut app = App::start(&["demo"], 80, 24);
    app.see("SIMULATED");
    assert_eq!(app.hang_up(), 0);
    // Below the size of a screen nothing is drawn that could fail.
    let mut app = App::start(&["demo"], 30, 8);
    app.see("40x10");
    assert_eq!(app.hang_up(), 0);
}

#[test]
fn an_unfinished_sequence_holds_up_nothing() {
    let mut app = App::start(&["demo"], 80, 24);
    app.see("SIMULATED");
    let clock = |screen: &str| {
        screen.lines().next().and_then(|top| top.split(" UTC").next()?.split_whitespace().last().map(str::to_owned))
    };
    let text = app.until("the clock", |screen| screen.contains(" UTC"));
    app.press("\x1b[<0;1");
    // The first turn may have been on its way already.
    let mut seen = clock(&text);
    for _ in 0..2 {
        let text = app.until("the clock going on", |screen| clock(screen).is_some_and(|now| Some(now) != seen));
        seen = clock(&text);
    }
    app.press("0;1M");
    app.press("q");
    assert_eq!(app.end(), 0);
}

#[test]
fn an_exchange_out_of_reach_is_a_calm_state() {
    let mut app = App::start(&[], 100, 30);
    app.see("Every minute accounted for.");
    app.until("the state of the exchange", |screen| screen.contains("unreachable") || screen.contains("retry at"));
    app.press("aBTC/USDT\r");
    app.see("cannot be reached");
    let text = app.see("BTC/USDT");
    assert!(text.contains("Add symbols"), "what was typed stays:\n{text}");
    app.press("\x1b");
    app.until("the dialog gone", |screen| !screen.contains("Add symbols"));
    app.press("q");
    assert_eq!(app.end(), 0);
}

/// A press and release of the left button, as terminals report it in SGR form.
fn click(column: usize, row: usize) -> String {
    let (column, row) = (column + 1, row + 1);
    format!("\x1b[<0;{column};{row}M\x1b[<0;{column};{row}m")
}

#[test]
fn the_mouse_clicks_and_can_be_left_to_the_terminal() {
    let mut app = App::start(&["demo"], 120, 36);
    app.see("PEPE/USDT");
    // The last exchange that comes: from here on the top line stands still.
    app.see("kraken ");
    app.until("four exchanges", |screen| screen.lines().next().is_some_and(|top| top.matches('●').count() == 4));
    let text = app.see("5 Log");
    assert_ne!(app.screen.screen().mouse_protocol_mode(), MouseProtocolMode::None);
    let column = text.lines().next().and_then(|top| top.find("5 Log")).unwrap();
    app.press(&click(column, 0));
    app.see("following");
    app.press("M");
    app.see("MOUSE OFF");
    assert_eq!(app.screen.screen().mouse_protocol_mode(), MouseProtocolMode::None);
    app.press("M");
    app.until("the mouse back", |screen| !screen.contains("MOUSE OFF"));
    app.press(":theme: light\r");
    app.see("theme light");
    app.press("q");
    assert_eq!(app.end(), 0);
}

#[test]
fn wrong_keys_and_themes_are_told_before_anything_starts() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("c.toml");
    std::fs::create_dir(folder.path().join("themes")).unwrap();
    std::fs::write(folder.path().join("themes/mine.toml"), "text = \"red\"\nrising = \"reddish\"\n").unwrap();
    let check = |config: &str, expected: &str| {
        std::fs::write(&file, config).unwrap();
        let db = folder.path().join("s.sqlite");
        let mut app = App::start(&["--config", file.to_str().unwrap(), "--db", db.to_str().unwrap()], 200, 24);
        // Above 200 columns the terminal breaks the line.
        let text = app.see("error: ").replace('\n', "");
        let text = if text.contains(expected) { text } else { app.see(expected) };
        assert!(text.contains(expected), "{text}");
        assert_eq!(app.end(), 1);
        assert!(!db.exists(), "nothing was started");
    };
    check("[keys]\nadd = \"b\"\n", "c.toml:2: `b` means both `add` and `backfill` on Watch");
    check("[ui]\ntheme = \"mine\"\n", "mine.toml:2: `reddish` is not a colour");
    check("[ui]\ntheme = \"drak\"\n", "there is no theme `drak`");
}

#[test]
fn small_terminals_are_told_and_come_back() {
    let mut app = App::start(&["demo"], 80, 24);
    app.see("SIMULATED");
    app.resize(30, 8);
    app.see("40x10");
    app.resize(120, 36);
    app.see("Symbols");
    app.press("\x03");
    assert_eq!(app.end(), 0);
}

#[test]
fn a_second_process_only_shows() {
    let folder = tempfile::tempdir().unwrap();
    let db = folder.path().join("s.sqlite");
    let db = db.to_str().unwrap();
    let mut recorder = App::start(&["--db", db], 80, 24);
    recorder.see("Every minute accounted for.");
    let mut observer = App::start(&["--db", db], 80, 24);
    observer.see("READ-ONLY");
    observer.press("q");
    assert_eq!(observer.end(), 0);
    recorder.press("q");
    assert_eq!(recorder.end(), 0);
}

#[test]
fn without_a_terminal_it_says_so() {
    let home = tempfile::tempdir().unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_marketdata-tui"))
        .env("HOME", home.path())
        .env("XDG_DATA_HOME", home.path())
        .env("XDG_STATE_HOME", home.path())
        .env("BINANCE_REST_URL", NOBODY)
        .stdin(std::process::Stdio::null())
        .output()
        .unwrap();
    let error = String::from_utf8(output.stderr).unwrap();
    assert_eq!((output.status.code(), error.lines().count()), (Some(1), 1), "{error}");
    assert!(error.contains("no terminal"), "{error}");
}

#[test]
fn it_goes_on_where_it_was_left() {
    let folder = tempfile::tempdir().unwrap();
    let db = folder.path().join("s.sqlite");
    let args = ["demo", "--db", db.to_str().unwrap()];
    let favourite_on_top = |screen: &str| screen.lines().nth(3).is_some_and(|row| row.contains("▸★"));
    let mut first = App::start(&args, 120, 36);
    first.until("prices", |screen| price(screen).is_some());
    first.press("A");
    first.see("None yet");
    first.press("a\x1b[C\x1b[C\x1b[C");
    first.see("price moves by");
    first.press("\t\x1550\t\x1512h\r");
    first.see("moves 50% within 12h");
    first.press("\x1b");
    first.until("the list gone", |screen| !screen.contains("moves 50% within 12h"));
    first.see("okx");
    for column in ["Exchange▲", "Int▲", "Last▼"] {
        first.press("s");
        first.see(column);
    }
    first.press("G");
    first.press("f");
    first.until("a favourite on top", favourite_on_top);
    first.press("4");
    first.see("╭ Jobs");
    first.press("q");
    assert_eq!(first.end(), 0);
    let mut second = App::start(&args, 120, 36);
    second.see("╭ Jobs");
    second.press("1");
    second.see("Last▼");
    let text = second.until("the favourite on top", favourite_on_top);
    assert!(!text.contains("While you were away"), "a restart is no absence:\n{text}");
    second.press("A");
    second.see("moves 50% within 12h");
    second.press("\x1b");
    second.until("the list gone", |screen| !screen.contains("moves 50% within 12h"));
    second.press("q");
    assert_eq!(second.end(), 0);
}
