use crate::engine::snapshot::Snapshot;
use crate::tui::action::Action;
use crate::tui::chord::{Chord, Key, Named};
use crate::tui::effect::RequestId;
use crate::tui::fixture::{NOW, act, busy, empty, state, text};
use crate::tui::update::press;
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
        6 => prop::sample::select("abdehjklgGHLpvxfR1245[]+-0? né币cimy@".chars().collect::<Vec<_>>()).prop_map(Key::Char),
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
    ]
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
        let mut state = state(if columns % 2 == 0 { busy() } else { empty() }, columns, rows);
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
                Input::Tick(ms) => drop(act(&mut state, Action::Tick(NOW.plus_ms(ms)))),
                Input::Paste(text) => drop(act(&mut state, Action::Paste(text))),
                Input::Outcome(id, ok) => {
                    let outcome = if ok { Ok(crate::engine::command::Done::said("done")) } else { Err("no".to_owned()) };
                    act(&mut state, Action::Outcome(RequestId(id), outcome));
                }
            }
            prop_assert_eq!(text(&state).lines().count(), usize::from(state.area.height));
        }
    }
}
