use crate::domain::instrument::Symbol;
use crate::domain::price::parse_decimal;
use crate::domain::series::SeriesId;
use crate::engine::command::{Command, Done};
use crate::engine::query::Reply;
use crate::engine::snapshot::{Mode, SeriesView, Snapshot};
use crate::tui::action::{Action, Screen};
use crate::tui::effect::{Effect, Slot};
use crate::tui::fixture::{NOW, act, busy, keys, state, text};
use crate::tui::state::State;
use std::sync::Arc;

fn names(state: &State) -> Vec<i64> {
    state.row_keys().into_iter().map(|id| id.0).collect()
}

#[test]
fn sorting_cycles_through_the_columns_in_sight() {
    let mut state = state(busy(), 80, 24);
    assert_eq!(names(&state), [1, 2, 3, 4]);
    let headings: Vec<String> = (0..7)
        .map(|_| {
            keys(&mut state, "s");
            text(&state).lines().nth(2).unwrap().split_whitespace().find(|word| word.ends_with(['▲', '▼'])).unwrap().to_owned()
        })
        .collect();
    assert_eq!(headings, ["Int▲", "Last▼", "24h▼", "Age▼", "Cov▲", "State▼", "Symbol▲"]);
    keys(&mut state, "s s S");
    assert!(text(&state).contains("Last▲"));
    assert_eq!(names(&state), [3, 4, 2, 1]);
    assert_eq!(state.series().map(|series| series.id), Some(SeriesId(1)), "the selection stays with its symbol");
}

#[test]
fn a_filter_is_typed_kept_and_cleared() {
    let mut state = state(busy(), 80, 24);
    keys(&mut state, "/ pep");
    assert_eq!(names(&state), [3]);
    keys(&mut state, "Backspace Backspace Backspace us Down");
    assert_eq!(names(&state), [1, 2, 3, 4]);
    keys(&mut state, "Ctrl-u eth Enter");
    assert_eq!((names(&state), state.table.typing), (vec![2], false));
    assert_eq!(state.series().map(|series| series.id), Some(SeriesId(2)), "other screens follow the filtered table");
    keys(&mut state, "2 Esc");
    assert_eq!((state.screen, names(&state)), (Screen::Watch, vec![2]));
    keys(&mut state, "Esc");
    assert_eq!(names(&state).len(), 4);
    act(&mut state, Action::Paste("nobody asked".into()));
    assert_eq!(names(&state).len(), 4, "text goes nowhere while no filter is typed");
    keys(&mut state, "/ zzz");
    assert_eq!(state.series(), None);
    assert!(keys(&mut state, "Enter b e d f 2 + ]").is_empty(), "without a symbol keys do nothing");
}

#[test]
fn favourites_stay_on_top() {
    let mut state = state(busy(), 80, 24);
    keys(&mut state, "G f");
    assert_eq!(names(&state), [4, 1, 2, 3]);
    assert!(text(&state).contains("▸★币安人生/USDT"));
    keys(&mut state, "f");
    assert_eq!(names(&state), [1, 2, 3, 4]);
}

#[test]
fn prices_flash_and_calm_down_by_themselves() {
    let mut state = state(busy(), 80, 24);
    let mut next = Snapshot { at: NOW.plus_ms(300), ..busy() };
    if let Some((ticker, _)) = &mut next.series[0].ticker {
        ticker.last = parse_decimal("64081").unwrap();
    }
    act(&mut state, Action::Snapshot(Arc::new(next)));
    assert_eq!(state.table.flashing(SeriesId(1)), Some(true));
    assert_eq!(state.table.next_calm(), Some(NOW.plus_ms(800)));
    act(&mut state, Action::Tick(NOW.plus_ms(800)));
    assert_eq!((state.table.flashing(SeriesId(1)), state.table.next_calm()), (None, None));
}

#[test]
fn the_last_state_is_kept_and_restored() {
    let load = |state: &mut State, text: Option<&str>| {
        let reply = Ok(Reply::Remembered(text.map(ToOwned::to_owned)));
        act(state, Action::Loaded { slot: Slot::Memory, generation: 0, reply })
    };
    let mut first = state(busy(), 80, 24);
    assert!(first.memory_to_keep().is_none(), "nothing is written before it is known what there is");
    load(&mut first, None);
    assert!(first.memory_to_keep().is_none());
    keys(&mut first, "j s s f");
    let effects = act(&mut first, Action::Tick(NOW.plus_ms(1_000)));
    let [Effect::Command(id, Command::Remember { key, value })] = effects.as_slice() else { panic!("{effects:?}") };
    assert_eq!(key, "tui");
    keys(&mut first, "S");
    assert!(act(&mut first, Action::Tick(NOW.plus_ms(9_000))).is_empty(), "one write at a time");
    act(&mut first, Action::Outcome(*id, Ok(Done::said(""))));
    assert!(first.toasts.is_empty());
    assert_eq!(act(&mut first, Action::Tick(NOW.plus_ms(9_000))).len(), 1);
    let mut second = state(busy(), 80, 24);
    load(&mut second, Some(value));
    assert_eq!(second.series().map(|series| series.id), Some(SeriesId(2)));
    assert_eq!(second.remembered(), *value);
    assert!(second.memory_to_keep().is_none());
    let mut observer = state(Snapshot { mode: Mode::Observer, ..busy() }, 80, 24);
    load(&mut observer, Some(value));
    keys(&mut observer, "s 2");
    assert!(observer.memory_to_keep().is_none(), "an observer writes nothing");
}

#[test]
fn a_failed_write_is_tried_again_later() {
    let mut state = state(busy(), 80, 24);
    act(&mut state, Action::Loaded { slot: Slot::Memory, generation: 0, reply: Err("the store is busy".into()) });
    keys(&mut state, "s");
    let effects = act(&mut state, Action::Tick(NOW.plus_ms(1_000)));
    let [Effect::Command(id, _)] = effects.as_slice() else { panic!("{effects:?}") };
    act(&mut state, Action::Outcome(*id, Err("the disk is full".into())));
    assert!(state.toasts.is_empty(), "nobody asked for it");
    assert!(act(&mut state, Action::Tick(NOW.plus_ms(10_000))).is_empty());
    assert_eq!(act(&mut state, Action::Tick(NOW.plus_ms(70_000))).len(), 1);
}

#[test]
fn five_hundred_symbols_scroll_in_rows_and_in_cells() {
    let one = busy().series[0].clone();
    let series = (0..500)
        .map(|n| SeriesView { id: SeriesId(n), symbol: Symbol::from_stored(format!("C{n:03}/USDT")), ..one.clone() })
        .collect();
    let mut state = state(Snapshot { series, ..busy() }, 120, 36);
    for typed in ["G", "c", "g", "G", "PgUp", "c"] {
        keys(&mut state, typed);
        let selected = state.series().unwrap().symbol.to_string();
        assert!(text(&state).contains(&format!("▸ {selected}")), "{typed}: {selected}");
    }
}

#[test]
fn compact_cells_tell_two_exchanges_of_a_symbol_apart() {
    let mut snapshot = busy();
    snapshot.series[1].exchange = crate::domain::instrument::ExchangeId::Okx;
    let mut state = state(snapshot.clone(), 120, 36);
    keys(&mut state, "c");
    assert!(!text(&state).contains("okx"), "symbols say enough");
    snapshot.series[1].symbol = snapshot.series[0].symbol.clone();
    let mut state = crate::tui::fixture::state(snapshot, 120, 36);
    keys(&mut state, "c");
    assert!(text(&state).contains("BTC/USDT      okx "), "{}", text(&state));
}
