use crate::engine::query::Reply;
use crate::engine::snapshot::{AlertsView, AwayCause, Snapshot};
use crate::tui::action::Action;
use crate::tui::chord::{Chord, Key, Named};
use crate::tui::effect::{RequestId, Slot};
use crate::tui::fixture::{NOW, act, busy, empty, market, returned, state, text, watched};
use crate::tui::graphics::Graphics;
use crate::tui::pointer::{Gesture, Pointer};
use crate::tui::update::press;
use crate::tui::view;
use proptest::prelude::*;
use std::sync::Arc;

#[derive(Debug, Clone)]
enum Input {
    Press(Chord),
    Resize(u16, u16),
    Series(usize, u64),
    Tick(i64),
    Paste(String),
    Outcome(u64, bool),
    Fired(i64),
    Away(u64, bool),
    Memory(String),
    Mouse(Pointer),
    Listed(u64, Vec<String>),
}

fn chord() -> impl Strategy<Value = Chord> {
    let named = prop::sample::select(vec![
        Named::Enter,
        Named::Esc,
        Named::Tab,
        Named::Backspace,
        Named::Delete,
        Named::Up,
        Named::Down,
        Named::Left,
        Named::Right,
        Named::Home,
        Named::End,
        Named::PageUp,
        Named::PageDown,
    ]);
    let key = prop_oneof![
        6 => prop::sample::select("abdehjklgGHLpvxfR123456[]<>z+-0? né币rswycJKSW/ABN:,Mimy@".chars().collect::<Vec<_>>()).prop_map(Key::Char),
        4 => named.prop_map(Key::Named),
    ];
    (key, prop::bool::weighted(0.05), prop::bool::weighted(0.1))
        .prop_map(|(key, ctrl, shift)| Chord::new(key, ctrl, false, shift))
}

fn input() -> impl Strategy<Value = Input> {
    prop_oneof![
        20 => chord().prop_map(Input::Press),
        3 => (1_u16..400, 1_u16..120).prop_map(|(columns, rows)| Input::Resize(columns, rows)),
        2 => (0_usize..5, 0_u64..5).prop_map(|(count, revision)| Input::Series(count, revision)),
        1 => (-100_000_i64..100_000_000).prop_map(Input::Tick),
        1 => "\\PC{0,40}".prop_map(Input::Paste),
        1 => (0_u64..20, any::<bool>()).prop_map(|(id, ok)| Input::Outcome(id, ok)),
        1 => (0_i64..9).prop_map(Input::Fired),
        1 => (0_u64..11, any::<bool>()).prop_map(|(done, slept)| Input::Away(done, slept)),
        1 => "((screen|sort|zoom|interval|series|favourites|compact|clock|theme|red_up)=[a-z0-9,]{0,6}\n){0,6}".prop_map(Input::Memory),
        10 => pointer().prop_map(Input::Mouse),
        1 => (0_u64..4, prop::collection::vec("[a-c币]{1,5}/?", 0..9)).prop_map(|(n, names)| Input::Listed(n, names)),
    ]
}

/// Also beyond the screen, as terminals report it while they are resized.
fn pointer() -> impl Strategy<Value = Pointer> {
    let gestures =
        vec![Gesture::Press, Gesture::DoublePress, Gesture::Drag, Gesture::Release, Gesture::WheelUp, Gesture::WheelDown];
    (prop::sample::select(gestures), 0_u16..420, 0_u16..130).prop_map(|(gesture, column, row)| {
        // Half of them where there is something on most screens.
        let (column, row) = if column % 2 == 0 { (column % 60, row % 24) } else { (column, row) };
        Pointer { gesture, column, row }
    })
}

fn snapshot(count: usize, revision: u64) -> Snapshot {
    let mut snapshot = busy();
    snapshot.series.truncate(count);
    snapshot.jobs.truncate(count);
    for series in &mut snapshot.series {
        series.revision = revision;
    }
    snapshot
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn any_input_at_any_size(inputs in prop::collection::vec(input(), 1..40), (columns, rows) in (1_u16..400, 1_u16..120)) {
        let mut state = state(match columns % 3 { 0 => busy(), 1 => market(), _ => empty() }, columns, rows);
        state.graphics = Graphics::Kitty;
        act(&mut state, Action::CellPixels(Some((3, 5))));
        for input in inputs {
            match input {
                Input::Press(chord) => {
                    let effects = press(&mut state, chord);
                    for effect in effects {
                        if let crate::tui::effect::Effect::Query { slot, generation, query } = effect {
                            let reply = Ok(crate::tui::fixture::answer(&query));
                            act(&mut state, Action::Loaded { slot, generation, reply });
                        }
                    }
                }
                Input::Resize(columns, rows) => drop(act(&mut state, Action::Resize(columns, rows))),
                Input::Series(count, revision) => drop(act(&mut state, Action::Snapshot(Arc::new(snapshot(count, revision))))),
                Input::Mouse(pointer) => drop(act(&mut state, Action::Mouse(pointer))),
                Input::Listed(generation, names) => drop(act(&mut state, Action::Listed { generation, names })),
                Input::Tick(ms) => drop(act(&mut state, Action::Tick(NOW.plus_ms(ms)))),
                Input::Paste(text) => drop(act(&mut state, Action::Paste(text))),
                Input::Fired(id) => {
                    let mut alerts = AlertsView::clone(&watched().alerts);
                    alerts.firings[0].id = id;
                    act(&mut state, Action::Snapshot(Arc::new(Snapshot { alerts: Arc::new(alerts), ..watched() })));
                }
                Input::Away(done, slept) => {
                    let cause = if slept { AwayCause::Asleep } else { AwayCause::Off };
                    act(&mut state, Action::Snapshot(Arc::new(returned(cause, done))));
                }
                Input::Memory(text) => {
                    let reply = Ok(Reply::Remembered(Some(text)));
                    act(&mut state, Action::Loaded { slot: Slot::Memory, generation: 0, reply });
                }
                Input::Outcome(id, ok) => {
                    let outcome = if ok { Ok(crate::engine::command::Done::said("done")) } else { Err("no".to_owned()) };
                    act(&mut state, Action::Outcome(RequestId(id), outcome));
                }
            }
            if let Some((area, scene)) = view::pixels(&state) {
                let cells = (u32::from(area.width), u32::from(area.height));
                prop_assert_eq!(scene.paint().dimensions(), (cells.0 * 3, cells.1 * 5));
            }
            prop_assert_eq!(text(&state).lines().count(), usize::from(state.area.height));
        }
    }
}
