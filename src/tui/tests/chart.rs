use crate::domain::candle::Candle;
use crate::domain::interval::Interval;
use crate::domain::price::from_mantissa;
use crate::domain::series::SeriesId;
use crate::domain::time::MINUTE_MS;
use crate::engine::query::Query;
use crate::engine::snapshot::{Mode, Snapshot};
use crate::tui::action::{Action, Screen};
use crate::tui::effect::{Effect, Slot};
use crate::tui::fixture::{NOW, act, busy, keys, state, text};
use crate::tui::glyphs::Glyphs;
use crate::tui::state::State;
use crate::tui::state::chart::{Kind, PriceScale, Reading, Window};
use crate::tui::state::dialog::Dialog;
use crate::tui::update::update;
use std::sync::Arc;

#[test]
fn ascii() {
    let mut state = state(busy(), 120, 36);
    state.glyphs = Glyphs::Ascii;
    for typed in ["1", "2", "4", "5", "?", "Esc 1 a btc"] {
        keys(&mut state, typed);
        assert!(text(&state).is_ascii(), "{typed}");
    }
}

/// A snapshot in which the present minute of the first series forms.
fn forming(close: i64) -> Snapshot {
    let mut snapshot = busy();
    let number = |mantissa: i64| from_mantissa(mantissa, 2);
    snapshot.series[0].forming = Some(Candle {
        open_time: Interval::M1.floor(NOW),
        open: number(6_408_010),
        high: number(6_408_010.max(close)),
        low: number(6_408_010.min(close)),
        close: number(close),
        volume: number(900),
        quote_volume: None,
        trade_count: Some(7),
        taker_buy_volume: None,
        taker_buy_quote_volume: None,
    });
    snapshot
}

#[test]
fn the_forming_candle_moves() {
    let mut state = state(forming(6_409_310), 80, 24);
    keys(&mut state, "2");
    assert!(text(&state).contains("C 64093.10"));
    act(&mut state, Action::Snapshot(Arc::new(forming(6_407_210))));
    assert!(text(&state).contains("C 64072.10"), "{}", text(&state));
    // An hour takes it in.
    keys(&mut state, "] ] ]");
    assert_eq!(state.chart.interval, Interval::H1);
    assert!(text(&state).contains("12:00  O") && text(&state).contains("C 64072.10"), "{}", text(&state));
    // It stays while its own minute is on the way to the store.
    keys(&mut state, "[ [ [");
    let mut later = forming(6_407_210);
    later.series[0].forming =
        later.series[0].forming.map(|candle| Candle { open_time: candle.open_time.plus_ms(MINUTE_MS), ..candle });
    act(&mut state, Action::Snapshot(Arc::new(later)));
    assert!(reading(&mut state, "h h").bar.is_some_and(|bar| bar.candle.open_time == Interval::M1.floor(NOW)));
}

fn window(state: &State) -> Window {
    state.chart.window(state.series().unwrap(), plot_columns(state))
}

/// Columns of the plot, as the last update knew them.
fn plot_columns(state: &State) -> u16 {
    let body = crate::tui::layout::inner(state.frame().unwrap().body);
    let label = state.chart.label_columns(state.series().unwrap());
    crate::tui::layout::chart(body, label, crate::tui::layout::ChartWants::default()).plot.width
}

/// What stands under the crosshair after these keys.
fn reading<'a>(state: &'a mut State, typed: &str) -> Reading<'a> {
    keys(state, typed);
    let window = window(state);
    state.chart.reading(&window).unwrap()
}

#[test]
fn the_crosshair_snaps_to_candles() {
    let mut state = state(busy(), 80, 24);
    keys(&mut state, "2");
    let end = Interval::M1.floor(NOW);
    let minutes_ago = |reading: &Reading| end.since(reading.range.from) / MINUTE_MS;
    assert_eq!(minutes_ago(&reading(&mut state, "h")), 1, "first the newest");
    assert_eq!(minutes_ago(&reading(&mut state, "Left")), 2);
    assert_eq!(minutes_ago(&reading(&mut state, "l l l")), 1, "no further than the newest");
    assert_eq!(minutes_ago(&reading(&mut state, "h h h h h h h h")), 9);
    assert_eq!(minutes_ago(&reading(&mut state, "h h")), 13, "over what is missing");
    assert!(state.chart.is_live());
    let far = "h ".repeat(40);
    assert_eq!(minutes_ago(&reading(&mut state, &far)), 59, "over the outage, and the window has moved along");
    assert!(!state.chart.is_live());
    assert!(window(&state).range.contains(end.plus_ms(-59 * MINUTE_MS)));
    assert!(text(&state).contains("LIVE ▸"));
}

#[test]
fn escape_clears_and_then_leaves() {
    let mut state = state(busy(), 80, 24);
    keys(&mut state, "2 h h m h");
    let shown = |state: &State| {
        let window = window(state);
        (state.chart.measure(&window).is_some(), state.chart.reading(&window).is_some(), state.screen)
    };
    assert_eq!(shown(&state), (true, true, Screen::Chart));
    keys(&mut state, "Esc");
    assert_eq!(shown(&state), (false, true, Screen::Chart));
    keys(&mut state, "Esc");
    assert_eq!(shown(&state), (false, false, Screen::Chart));
    keys(&mut state, "Esc");
    assert_eq!(state.screen, Screen::Watch);
}

#[test]
fn measuring() {
    let mut state = state(busy(), 80, 24);
    keys(&mut state, "2 m h h h");
    let measure = state.chart.measure(&window(&state)).unwrap();
    assert_eq!((measure.ms, measure.candles), (-3 * MINUTE_MS, -3));
    assert!(measure.from.is_some() && measure.to.is_some());
    keys(&mut state, "m h m m");
    assert_eq!(state.chart.measure(&window(&state)), None, "the same key on the same candle ends it");
}

#[test]
fn the_crosshair_keeps_its_candle_over_zooms() {
    let mut state = state(busy(), 80, 24);
    let at = reading(&mut state, "2 h h h h h h").range.from;
    for typed in ["+", "+", "+", "-", "-", "-", "-", "-", "-", "]", "]", "[", "0"] {
        let reading = reading(&mut state, typed);
        assert!(reading.range.contains(at), "{typed}: {reading:?}");
    }
}

#[test]
fn zooms_from_two_candles_to_thousands() {
    for (columns, rows) in [(40, 10), (80, 24), (200, 50)] {
        let mut state = state(busy(), columns, rows);
        keys(&mut state, "2");
        let shown = |state: &State| {
            let window = window(state);
            (plot_columns(state) / window.cells, window.range.duration_ms() / window.interval.ms())
        };
        keys(&mut state, &"+ ".repeat(30));
        assert!((2..=3).contains(&shown(&state).0), "{columns}: {:?}", shown(&state));
        keys(&mut state, &"- ".repeat(30));
        assert!(shown(&state).1 >= 1_000, "{columns}: {:?}", shown(&state));
    }
}

#[test]
fn what_is_known_of_the_candle_is_read_once() {
    let mut state = state(busy(), 80, 24);
    keys(&mut state, "2");
    let later = Action::Chart(crate::tui::action::ChartMove::Earlier);
    let asked = |effects: Vec<Effect>| -> Vec<(u64, Query)> {
        let of = |effect| match effect {
            Effect::Query { slot: Slot::Candle, generation, query } => Some((generation, query)),
            _ => None,
        };
        effects.into_iter().filter_map(of).collect()
    };
    let first = asked(update(&mut state, later.clone()));
    let [(old, Query::Candle { series: SeriesId(1), .. })] = first.as_slice() else { panic!("{first:?}") };
    assert_eq!(asked(update(&mut state, Action::Tick(NOW.plus_ms(1_000)))), []);
    let second = asked(update(&mut state, later));
    assert_eq!(second.len(), 1);
    let known = |state: &State| state.chart.reading(&window(state)).unwrap().provenance.is_some();
    let reply = |query: &Query| Ok(crate::tui::fixture::answer(query));
    update(&mut state, Action::Loaded { slot: Slot::Candle, generation: *old, reply: reply(&first[0].1) });
    assert!(!known(&state), "overtaken");
    update(&mut state, Action::Loaded { slot: Slot::Candle, generation: second[0].0, reply: reply(&second[0].1) });
    assert!(known(&state));
}

#[test]
fn going_to_a_date() {
    let error = |typed: &str| {
        let mut state = state(busy(), 80, 24);
        keys(&mut state, &format!("2 @ {typed} Enter"));
        match &state.dialog {
            Some(Dialog::Form(form)) => form.error.clone().unwrap_or_default(),
            other => panic!("{typed}: {other:?}"),
        }
    };
    assert_eq!(error("soon"), "`soon` is not a date: use 2025-01-31, 2025-01-31 12:00 or 3d");
    assert_eq!(error("2020-01-01"), "the first candle is of 2025-12-16 12:34");
    assert_eq!(error("2030-01-01"), "that lies in the future");
    let mut state = state(busy(), 80, 24);
    let there = reading(&mut state, "2 @ 2026-01-02 Space 03:04 Enter").range.from;
    assert_eq!(there.iso(), "2026-01-02T03:04:00Z");
    assert!(state.dialog.is_none() && !state.chart.is_live());
    let middle = window(&state).range;
    assert!((middle.from.since(there) + middle.to.since(there)).abs() <= 2 * MINUTE_MS, "{middle:?}");
    assert!(reading(&mut state, "h").range.from < there, "it goes on from there");
    assert!(reading(&mut state, "@ 3d Enter").range.contains(Interval::M1.floor(NOW.plus_ms(-3 * 24 * 60 * MINUTE_MS))));
}

#[test]
fn kinds_scales_and_indicators_by_key() {
    let mut state = state(busy(), 80, 24);
    keys(&mut state, "2");
    for kind in [Kind::Line, Kind::HeikinAshi, Kind::Bars, Kind::Candles] {
        keys(&mut state, "c");
        assert_eq!(state.chart.kind, kind);
    }
    for scale in [PriceScale::Log, PriceScale::Percent, PriceScale::Linear] {
        keys(&mut state, "y");
        assert_eq!(state.chart.scale, scale);
    }
    keys(&mut state, "i G Enter k Space Space i");
    assert!(state.dialog.is_none());
    assert_eq!(state.chart.studies.panes().count(), 1);
    assert!(text(&state).contains("ATR 14"));
    assert!(!text(&state).contains("MACD"));
}

#[test]
fn the_engine_is_told_which_series_is_watched() {
    let watched = |effects: Vec<Effect>| -> Vec<Option<SeriesId>> {
        effects.into_iter().filter_map(|effect| if let Effect::Watch(series) = effect { Some(series) } else { None }).collect()
    };
    let mut small = state(busy(), 80, 24);
    assert_eq!(small.watched, None, "no chart is on screen");
    assert_eq!(watched(update(&mut small, Action::Show(Screen::Chart))), [Some(SeriesId(1))]);
    assert_eq!(watched(update(&mut small, Action::Tick(NOW))), []);
    assert_eq!(watched(update(&mut small, Action::Go(crate::tui::action::Move::Down))), [Some(SeriesId(2))]);
    assert_eq!(watched(update(&mut small, Action::Show(Screen::Log))), [None]);
    assert_eq!(state(busy(), 120, 36).watched, Some(SeriesId(1)), "beside the table too");
    let mut observer = state(Snapshot { mode: Mode::Observer, ..busy() }, 80, 24);
    assert_eq!(watched(update(&mut observer, Action::Show(Screen::Chart))), []);
}

#[test]
fn a_column_of_several_candles_tells_how_far_it_reaches() {
    let mut state = state(busy(), 120, 36);
    keys(&mut state, "2 Left");
    let head = |state: &State| text(state).lines().nth(2).unwrap().to_owned();
    assert!(!head(&state).contains('–'), "{}", head(&state));
    keys(&mut state, "- - - Left");
    assert!(text(&state).contains(" per column"));
    assert!(head(&state).contains('–'), "{}", head(&state));
}

#[test]
fn the_largest_volume_is_told_beside_its_pane() {
    let mut state = state(busy(), 120, 36);
    keys(&mut state, "2");
    let bars = state.chart.picture.as_ref().unwrap().bars(window(&state).range);
    let most = bars.iter().filter_map(|bar| bar.volume).fold(0.0, f64::max);
    let label = format!("{}│", crate::tui::format::amount(most));
    let told = |state: &State| text(state).lines().filter(|line| line.ends_with(&label) && !line.contains(['├', '▸'])).count();
    assert_eq!(told(&state), 1, "{label}: {}", text(&state));
    keys(&mut state, "v");
    assert_eq!(told(&state), 0);
}
