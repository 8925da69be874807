//! The market screen by keys and mouse.

use crate::domain::dataset::Dataset;
use crate::domain::instrument::ExchangeId;
use crate::domain::price::parse_decimal;
use crate::domain::series::SeriesId;
use crate::engine::command::Command;
use crate::engine::query::Query;
use crate::tui::action::{Action, Screen};
use crate::tui::effect::{Effect, Slot};
use crate::tui::fixture::{NOW, act, answer, busy, keys, market, mouse, place, state, text};
use crate::tui::pointer::Gesture::{Press, WheelDown};
use crate::tui::state::State;
use crate::tui::state::dialog::Dialog;
use crate::tui::state::market::MarketPane;
use crate::tui::update::{press, update};
use std::sync::Arc;

/// The perpetual's screen.
fn perpetual(columns: u16, rows: u16) -> State {
    let mut state = state(market(), columns, rows);
    keys(&mut state, "j 6");
    assert_eq!(state.series().unwrap().symbol.as_str(), "BTC/USDT:USDT");
    state
}

/// The reads among effects.
fn reads(effects: &[Effect]) -> Vec<(Slot, u64, Query)> {
    let read = |effect: &Effect| match effect {
        Effect::Query { slot, generation, query } => Some((*slot, *generation, query.clone())),
        _ => None,
    };
    effects.iter().filter_map(read).collect()
}

fn first_row(state: &State) -> String {
    let (_, row) = place(state, "Time  ");
    text(state).lines().nth(usize::from(row) + 1).unwrap().split_whitespace().nth(1).unwrap().to_owned()
}

#[test]
fn tab_goes_through_the_panes_and_then_on() {
    let mut state = perpetual(80, 24);
    for (typed, screen, focus) in [
        ("Tab", Screen::Market, MarketPane::Funding),
        ("Tab", Screen::Market, MarketPane::Interest),
        ("Shift-Tab", Screen::Market, MarketPane::Funding),
        ("Tab", Screen::Market, MarketPane::Interest),
        ("Tab", Screen::Watch, MarketPane::Interest),
        ("6 w", Screen::Market, MarketPane::Tape),
        ("Shift-Tab", Screen::Log, MarketPane::Tape),
    ] {
        keys(&mut state, typed);
        assert_eq!((state.screen, state.market.focus), (screen, focus), "{typed}");
    }
}

#[test]
fn only_what_is_in_sight_is_read_and_once_for_each_change() {
    let mut state = state(market(), 80, 24);
    keys(&mut state, "j");
    let found = reads(&press(&mut state, "6".parse().unwrap()));
    let [(Slot::Tape, generation, Query::Tape { series: SeriesId(6), .. })] = found.as_slice() else { panic!("{found:?}") };
    let mut grown = market();
    grown.series.iter_mut().for_each(|series| series.revision += 1);
    let grown = Arc::new(grown);
    assert_eq!(reads(&update(&mut state, Action::Snapshot(Arc::clone(&grown)))), [], "one is under way");
    let reply = Ok(answer(&found[0].2));
    let next = reads(&update(&mut state, Action::Loaded { slot: Slot::Tape, generation: *generation, reply }));
    assert!(matches!(next.as_slice(), [(Slot::Tape, ..)]), "and the change is read after it: {next:?}");
    update(&mut state, Action::Loaded { slot: Slot::Tape, generation: next[0].1, reply: Ok(answer(&next[0].2)) });
    assert_eq!(reads(&update(&mut state, Action::Tick(NOW.plus_ms(1_000)))), []);
    let next = reads(&press(&mut state, "w".parse().unwrap()));
    assert!(matches!(next.as_slice(), [(Slot::Funding, ..)]), "{next:?}");
    let wide = reads(&update(&mut state, Action::Resize(120, 36)));
    assert!(matches!(wide.as_slice(), [(Slot::Interest, ..)]), "{wide:?}");
}

#[test]
fn a_frozen_tape_stands_still_and_goes_on_later() {
    let mut state = perpetual(80, 24);
    keys(&mut state, "p");
    let mut grown = market();
    grown.series.iter_mut().for_each(|series| series.revision += 1);
    assert_eq!(reads(&update(&mut state, Action::Snapshot(Arc::new(grown)))), []);
    assert!(text(&state).contains("12:34:55.500"), "datasets stay on a frozen screen");
    let found = reads(&press(&mut state, "p".parse().unwrap()));
    assert!(matches!(found.as_slice(), [(Slot::Tape, ..)]), "{found:?}");
}

#[test]
fn scrolling_leaves_the_newest_row_and_comes_back_to_it() {
    let mut state = perpetual(80, 24);
    assert_eq!(first_row(&state), "12:34:55.500");
    keys(&mut state, "j j");
    let third = first_row(&state);
    assert_eq!(third, "12:34:54.848");
    assert!(!state.market.tape.is_following());
    act(&mut state, Action::Resize(80, 20));
    assert_eq!(first_row(&state), third, "it stays at its row");
    keys(&mut state, "G");
    assert!(text(&state).contains("scrolled"));
    keys(&mut state, "g");
    assert!(state.market.tape.is_following());
    keys(&mut state, "f j");
    assert!(!state.market.tape.is_following());
    keys(&mut state, "f");
    assert_eq!(first_row(&state), "12:34:55.500");
}

#[test]
fn the_least_size_goes_up_and_down() {
    let mut state = perpetual(120, 36);
    let series = SeriesId(6);
    let all = state.market.trades(series).count();
    keys(&mut state, "> >");
    assert_eq!(state.market.least, Some(parse_decimal("0.5").unwrap()));
    let least = state.market.least.unwrap();
    let shown = state.market.trades(series).count();
    assert!(shown < all && state.market.trades(series).all(|trade| trade.size >= least), "{shown} of {all}");
    keys(&mut state, "<");
    assert_eq!(state.market.least, Some(parse_decimal("0.2").unwrap()));
    assert!(state.market.trades(series).count() > shown);
    keys(&mut state, "0");
    assert_eq!(state.market.trades(series).count(), all);
    keys(&mut state, "> J");
    assert_eq!(state.market.least, None, "another symbol has other sizes");
}

#[test]
fn symbols_change_and_each_has_its_own_rows() {
    let mut state = perpetual(80, 24);
    keys(&mut state, "K");
    assert_eq!(state.market_series(MarketPane::Tape).map(|series| series.id), Some(SeriesId(9)));
    assert!(text(&state).contains("bought"));
    keys(&mut state, "J J");
    assert!(text(&state).contains("Trades of ETH/USDT are not recorded: a adds them."), "{}", text(&state));
    keys(&mut state, "K w");
    assert!(text(&state).contains("Next in 3:25:04 (16:00)"), "{}", text(&state));
    act(&mut state, Action::Tick(NOW.plus_ms(4 * 3_600_000)));
    assert!(text(&state).contains("Settling now"), "{}", text(&state));
}

#[test]
fn a_late_answer_of_another_symbol_is_dropped() {
    let mut state = perpetual(80, 24);
    keys(&mut state, "R");
    let late = reads(&press(&mut state, "K".parse().unwrap()));
    let (slot, generation, query) = late[0].clone();
    keys(&mut state, "J");
    update(&mut state, Action::Loaded { slot, generation, reply: Ok(answer(&query)) });
    assert!(text(&state).contains("12:34:55.500"));
    assert!(state.market.trades(SeriesId(9)).next().is_none(), "only the rows of the symbol that is shown are kept");
}

#[test]
fn what_a_pane_lacks_is_proposed() {
    let mut state = state(busy(), 120, 36);
    keys(&mut state, "j 6 a");
    let sent = keys(&mut state, "Enter");
    let [Effect::Command(_, Command::Add { symbols, datasets, .. })] = sent.as_slice() else { panic!("{sent:?}") };
    assert_eq!((symbols.as_slice(), datasets.as_slice()), (&["ETH/USDT".to_owned()][..], &[Dataset::Trades][..]));
    keys(&mut state, "Esc Tab a");
    let Some(Dialog::Form(form)) = &state.dialog else { panic!() };
    assert_eq!(form.fields[0].get(), "", "a spot symbol can have no funding");
}

#[test]
fn datasets_are_chosen_by_letters_or_space() {
    let mut state = state(busy(), 120, 36);
    let chosen = |state: &mut State| match keys(state, "Enter").as_slice() {
        [Effect::Command(_, Command::Add { datasets, .. })] => datasets.clone(),
        other => panic!("{other:?}"),
    };
    keys(&mut state, "a btc/usdt:usdt Tab Tab Tab t f");
    assert_eq!(chosen(&mut state), [Dataset::Candles, Dataset::Trades, Dataset::Funding]);
    keys(&mut state, "Esc a btcusdt Shift-Tab Space Right Right Right Space");
    assert_eq!(chosen(&mut state), [Dataset::OpenInterest]);
    keys(&mut state, "Esc a btc/usdt Shift-Tab f o");
    assert_eq!(chosen(&mut state), [Dataset::Candles], "a spot symbol has no funding");
    keys(&mut state, "Esc a btc/usdt Shift-Tab c Enter");
    let Some(Dialog::Form(form)) = &state.dialog else { panic!() };
    assert_eq!(form.error.as_deref(), Some("choose a dataset: c, t, f or o, or Space"));
    keys(&mut state, "Esc a btc/usdt:usdt Shift-Tab t");
    assert!(text(&state).contains("add btc/usdt:usdt --datasets candles,trades"), "{}", text(&state));
}

#[test]
fn the_map_lists_datasets_and_tells_what_is_about_to_be_lost() {
    let mut state = state(market(), 120, 36);
    keys(&mut state, "3");
    let screen = text(&state);
    for name in ["BTC/USDT:USDT 1m", "BTC/USDT:USDT trades", "BTC/USDT:USDT funding", "BTC/USDT:USDT open interest"] {
        assert!(screen.contains(name), "{name}\n{screen}");
    }
    assert!(screen.lines().nth(1).unwrap().contains("BTC/USDT:USDT open interest: 36 rows lost in 3d 04h"), "{screen}");
    keys(&mut state, "G Enter");
    assert!(text(&state).contains("36 rows lost in 3d 04h; BTC/USDT:USDT open interest, 2026-01-15"), "{}", text(&state));
    assert_eq!(state.coverage.rows.key, Some(SeriesId(8)));
    keys(&mut state, "1");
    assert_eq!(state.series().map(|series| series.symbol.as_str()), Some("BTC/USDT"), "a dataset selects no symbol");
}

#[test]
fn equal_names_are_told_apart_by_their_exchange() {
    let mut snapshot = busy();
    let mut other = snapshot.series[0].clone();
    (other.id, other.exchange) = (SeriesId(9), ExchangeId::Okx);
    snapshot.series.insert(1, other);
    let mut state = state(snapshot, 120, 36);
    let lines = |state: &State| text(state).lines().filter(|line| line.contains("  64080.10   ▲")).count();
    assert_eq!(lines(&state), 2, "side by side");
    assert!(text(&state).contains("okx"));
    keys(&mut state, "3");
    let screen = text(&state);
    assert!(screen.contains("binance:BTC/USDT 1m") && screen.contains("okx:BTC/USDT 1m"), "{screen}");
    assert!(!screen.contains("binance:ETH"), "{screen}");
}

#[test]
fn funding_has_a_column_where_there_are_perpetuals() {
    let wide = |snapshot| text(&state(snapshot, 200, 50));
    assert!(wide(market()).contains("+0.0085%"));
    assert!(!wide(busy()).contains("Funding"));
}

#[test]
fn panes_are_clicked_and_the_wheel_scrolls_them() {
    let mut state = perpetual(80, 24);
    mouse(&mut state, Press, "Open interest");
    assert_eq!(state.market.focus, MarketPane::Interest);
    mouse(&mut state, Press, "Funding│");
    assert_eq!(state.market.focus, MarketPane::Funding);
    mouse(&mut state, Press, "1 Watch");
    assert_eq!(state.screen, Screen::Watch);
    mouse(&mut state, Press, "6 Market");
    assert_eq!(state.screen, Screen::Market);
    act(&mut state, Action::Resize(120, 36));
    mouse(&mut state, WheelDown, "Change %");
    assert_eq!((state.market.focus, state.market.interest.is_following()), (MarketPane::Interest, false));
}

#[test]
fn the_palette_knows_the_market() {
    let mut state = perpetual(80, 24);
    keys(&mut state, "1 : largertrades Enter");
    assert_eq!((state.screen, state.market.least.is_some()), (Screen::Market, true));
}

#[test]
fn trades_are_priced_by_what_is_traded() {
    let mut state = state(busy(), 120, 36);
    keys(&mut state, "a btc/usdt Tab Tab 30d Tab t");
    let screen = text(&state);
    // 1,200 requests a day for 30 days, at a budget of 6,000 a minute.
    assert!(screen.contains("Trades: about 36k requests, weight 144k of"), "{screen}");
    assert!(screen.contains("23m 08s at the present budget") && screen.contains("At most 43k candles"), "{screen}");
    keys(&mut state, "Esc a nobody/knows Tab Tab 30d Tab c t");
    assert!(text(&state).contains("Trades: many requests"), "{}", text(&state));
}

#[test]
fn a_spot_symbol_has_the_screen_for_its_trades() {
    for (columns, rows) in [(60, 15), (80, 24), (120, 36)] {
        let mut state = perpetual(columns, rows);
        keys(&mut state, "w K");
        let screen = text(&state);
        assert!(screen.contains("Minute to ") && !screen.contains("Funding"), "{screen}");
        keys(&mut state, "w");
        assert_eq!(text(&state), screen, "there is no other pane");
        keys(&mut state, "Tab");
        assert_eq!(state.screen, Screen::Watch, "nor one before the next screen");
        keys(&mut state, "6 J");
        assert_eq!(state.market_focus(), MarketPane::Funding, "the choice holds where there are others");
    }
}
