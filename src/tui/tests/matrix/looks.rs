//! Further looks: what keys, the mouse and events make of a screen.

use super::scene::{Scene, changed, happens, request, scene, unreachable};
use crate::domain::candle::Candle;
use crate::domain::interval::Interval;
use crate::domain::price::from_mantissa;
use crate::domain::time::HOUR_MS;
use crate::engine::command::Done;
use crate::engine::query::Reply;
use crate::engine::snapshot::{Mode, SeriesState, Snapshot};
use crate::tui::ExportDone;
use crate::tui::action::Action;
use crate::tui::effect::{Effect, RequestId, Slot};
use crate::tui::fixture::{NOW, answer, busy, empty, market, watched};
use crate::tui::glyphs::Glyphs;
use crate::tui::pointer::{Gesture, Pointer};
use crate::tui::state::State;
use crate::tui::theme::{Colors, Look};
use crate::tui::zone::Zone;

/// A picture's name and what is on it.
pub(super) fn all() -> Vec<(&'static str, Scene)> {
    let mut looks = watch();
    looks.extend(chart());
    looks.extend(ledgers());
    looks.extend(market_screens());
    looks.extend(dialogs());
    looks.extend(abroad());
    looks
}

fn watch() -> Vec<(&'static str, Scene)> {
    let observer = Snapshot { mode: Mode::Observer, simulated: true, ..unreachable() };
    vec![
        ("watch_sorted", scene(busy(), "s s s j j f S")),
        ("watch_filtered", scene(busy(), "/ usdt Space e")),
        ("watch_filtered_out", scene(busy(), "/ nothing Enter")),
        ("watch_compact", scene(busy(), "c j")),
        ("watch_frozen_observer", scene(observer, "p a")),
        ("watch_toasts", scene(busy(), "").then(toasts)),
        ("max_symbols", scene(busy(), "z")),
        ("max_preview", scene(busy(), "w z")),
        ("max_log", scene(busy(), "w w w z")),
    ]
}

fn chart() -> Vec<(&'static str, Scene)> {
    let mut waiting = busy();
    waiting.series[0].state = SeriesState::Stopped("the exchange does not know BTCUSDT".into());
    vec![
        ("chart_zoomed_in", scene(busy(), "2 j j + + H")),
        ("chart_zoomed_out", scene(busy(), "2 ] - - - - v")),
        ("chart_line", scene(busy(), "2 c")),
        ("chart_heikin_ashi_log", scene(busy(), "2 c c y")),
        ("chart_bars_percent", scene(busy(), "2 c c c y y")),
        ("chart_bars_wide", scene(busy(), "2 c c c +")),
        ("chart_indicators", scene(busy(), "2 i j j j j Space j Space Esc 2 i Space j Space j Space j Space Esc")),
        ("chart_line_dense_indicators", scene(busy(), "2 - c i j j Space Esc h")),
        ("chart_crosshair", scene(busy(), "2 h h h")),
        ("chart_crosshair_folded", scene(busy(), "2 - - - h h")),
        ("chart_measure", scene(busy(), "2 h h h m h h h h")),
        ("chart_date_on_a_gap", scene(busy(), "2 @ 26m Enter")),
        ("chart_forming", scene(forming(), "2 h")),
        ("chart_stopped", scene(waiting, "2")),
        ("chart_scaled_by_hand", scene(busy(), "2").then(scaled)),
        ("chart_ascii", scene(busy(), "2 j j i Space Esc h h").with(ascii)),
        ("chart_ascii_wide", scene(busy(), "2 + +").with(ascii)),
        ("max_chart", scene(busy(), "2 i j j j j Space Esc z")),
    ]
}

fn ledgers() -> Vec<(&'static str, Scene)> {
    vec![
        ("coverage_hours", scene(busy(), "3 + h h h")),
        ("coverage_months", scene(busy(), "j 3 - h")),
        ("coverage_detail_again", scene(busy(), "3 Left Left Enter").then(|state, _| changed(state))),
        ("max_detail", scene(busy(), "3 Left Left Enter z")),
        ("jobs_observer", scene(Snapshot { mode: Mode::Observer, ..busy() }, "4 j K")),
        ("jobs_failed", scene(busy(), "4 j j")),
        ("log_filtered", scene(busy(), "5 / lacking Enter l")),
        ("log_typing", scene(busy(), "5 / did")),
        ("max_record", scene(busy(), "5 k Enter z")),
    ]
}

fn market_screens() -> Vec<(&'static str, Scene)> {
    let observer = Snapshot { mode: Mode::Observer, ..busy() };
    vec![
        ("market_nothing", scene(empty(), "6")),
        ("market_funding", scene(market(), "j 6 w z")),
        ("market_interest", scene(market(), "j 6 w w z")),
        ("market_spot", scene(market(), "6")),
        ("market_spot_funding", scene(market(), "6 w")),
        ("market_observer", scene(observer, "6")),
        ("market_large", scene(market(), "j 6 > > PgDn j")),
        ("market_none_large", scene(market(), "j 6 > > > > > > > > >")),
        ("market_add", scene(market(), "j j 6 a")),
        ("watch_perpetual", scene(market(), "j")),
        ("coverage_datasets", scene(market(), "3 G")),
    ]
}

fn dialogs() -> Vec<(&'static str, Scene)> {
    vec![
        ("palette_typed", scene(busy(), "2 : zo")),
        ("palette_long", scene(busy(), "3 : evidence")),
        ("add_several", scene(busy(), "a btc,eth Tab Tab 365d")),
        ("add_without_volumes", scene(busy(), "a").then(|state, _| without_volumes(state))),
        ("export_done", scene(busy(), "e Enter").then(exported)),
        ("settings_set", scene(busy(), "").with(set_by_file).then(|state, _| settings(state))),
    ]
}

/// On a machine five and a half hours ahead of UTC.
fn abroad() -> Vec<(&'static str, Scene)> {
    let local = |snapshot: Snapshot, typed: &'static str| {
        let ahead: fn(&mut State) = |state| state.zone = Zone::new(|_| HOUR_MS * 11 / 2);
        scene(snapshot, typed).with(ahead).then(|state, _| state.toasts.clear())
    };
    vec![
        ("local_chart", local(busy(), "u 2 h h")),
        ("local_days", local(busy(), "u 2 ] ] ] ] ] h")),
        ("local_record", local(busy(), "u 5 k Enter")),
        ("local_gaps", local(busy(), "u 3 + h h Enter")),
        ("local_jobs", local(busy(), "u 4")),
        ("local_alerts", local(watched(), "u A")),
    ]
}

fn ascii(state: &mut State) {
    state.glyphs = Glyphs::Ascii;
}

fn toasts(state: &mut State, _: &[Effect]) {
    happens(state, Action::Outcome(RequestId(99), Ok(Done::said("recording BTC/USDT 1m"))));
    happens(state, Action::Outcome(RequestId(98), Err("the recorder is busy: try again in a moment".into())));
}

/// The wheel over the price axis.
fn scaled(state: &mut State, _: &[Effect]) {
    let (column, row) = (state.area.width - 4, state.area.height / 3);
    for _ in 0..3 {
        happens(state, Action::Mouse(Pointer { gesture: Gesture::WheelUp, column, row }));
    }
    assert!(state.chart.prices.is_some(), "the pointer is over the price axis");
}

/// Instruments whose volume nobody has asked for yet.
fn without_volumes(state: &mut State) {
    let effects = crate::tui::update::press(state, "e".parse().unwrap());
    for effect in effects {
        let Effect::Query { slot: Slot::Suggest, generation, query } = effect else { continue };
        let Reply::Instruments(mut hits) = answer(&query) else { continue };
        for hit in &mut hits {
            hit.volume_24h = None;
        }
        happens(state, Action::Loaded { slot: Slot::Suggest, generation, reply: Ok(Reply::Instruments(hits)) });
    }
}

fn exported(state: &mut State, left: &[Effect]) {
    let done = ExportDone { rows: 43_200, path: "/data/BTC-USDT-1m.csv".into() };
    happens(state, Action::Exported(request(left), Ok(done)));
}

fn set_by_file(state: &mut State) {
    let look = Look { theme_is_set: true, up_is_set: true, ..Look::plain(Colors::Rgb) };
    state.themes = crate::tui::theme::Themes::new(&look).unwrap().0;
}

fn settings(state: &mut State) {
    happens(state, Action::NextTheme);
    state.toasts.clear();
    happens(state, Action::Settings);
}

/// A recorder in which the present minute of the first series forms.
fn forming() -> Snapshot {
    let mut snapshot = busy();
    let number = |mantissa: i64| from_mantissa(mantissa, 2);
    snapshot.series[0].forming = Some(Candle {
        open_time: Interval::M1.floor(NOW),
        open: number(6_408_010),
        high: number(6_409_310),
        low: number(6_408_010),
        close: number(6_409_310),
        volume: number(900),
        quote_volume: None,
        trade_count: Some(7),
        taker_buy_volume: None,
        taker_buy_quote_volume: None,
    });
    snapshot
}
