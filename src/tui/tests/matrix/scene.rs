//! What a picture is made of: a recorder, what is typed, and what becomes of the reads.

use super::Case;
use crate::domain::time::{MINUTE_MS, Time};
use crate::engine::query::Reply;
use crate::engine::snapshot::{Circuit, CoverageView, Snapshot};
use crate::tui::action::Action;
use crate::tui::chord::Chord;
use crate::tui::effect::{Effect, Slot};
use crate::tui::fixture::{self, NOW, answer, busy};
use crate::tui::keymap::Keymap;
use crate::tui::state::State;
use crate::tui::theme::{Look, Themes};
use crate::tui::update::{press, update};
use std::sync::Arc;

/// What becomes of reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reads {
    /// They are answered at once.
    Answered,
    /// They are answered by a store in which nothing newer is.
    Until(Time),
    /// They are under way.
    UnderWay,
    /// They have failed.
    Failed,
}

/// A state to be drawn at any size.
pub(super) struct Scene {
    snapshot: Snapshot,
    typed: &'static str,
    reads: Reads,
    before: fn(&mut State),
    after: fn(&mut State, &[Effect]),
    look: Look,
}

/// A recorder, and what is typed: `2 Shift-Left`, or letters: `a btc/usdt Enter`.
pub(super) fn scene(snapshot: Snapshot, typed: &'static str) -> Scene {
    let look = Look::plain(crate::tui::theme::Colors::Rgb);
    Scene { snapshot, typed, reads: Reads::Answered, before: |_| {}, after: |_, _| {}, look }
}

/// The same as a cell of the table.
pub(super) fn shown(snapshot: Snapshot, typed: &'static str) -> Case {
    scene(snapshot, typed).case()
}

/// While every read is under way.
pub(super) fn waiting(snapshot: Snapshot, typed: &'static str) -> Case {
    scene(snapshot, typed).unread().case()
}

/// After every read has failed.
pub(super) fn failing(snapshot: Snapshot, typed: &'static str) -> Case {
    Scene { reads: Reads::Failed, ..scene(snapshot, typed) }.case()
}

/// Of a store that has nothing of the last ten minutes.
pub(super) fn aged(snapshot: Snapshot, typed: &'static str) -> Case {
    Scene { reads: Reads::Until(NOW.plus_ms(-10 * MINUTE_MS)), ..scene(late(snapshot), typed) }.case()
}

/// After `after` with what the keys have left to be done.
pub(super) fn then(snapshot: Snapshot, typed: &'static str, after: fn(&mut State, &[Effect])) -> Case {
    Scene { after, ..scene(snapshot, typed) }.case()
}

impl Scene {
    /// While every read is under way.
    pub(super) fn unread(self) -> Self {
        Self { reads: Reads::UnderWay, ..self }
    }

    /// As a cell of the table.
    pub(super) fn case(self) -> Case {
        Case::Shown(Box::new(self))
    }

    /// With something set before the first key.
    pub(super) fn with(self, before: fn(&mut State)) -> Self {
        Self { before, ..self }
    }

    /// With something that happens after the last key.
    pub(super) fn then(self, after: fn(&mut State, &[Effect])) -> Self {
        Self { after, ..self }
    }

    /// In other colours.
    pub(super) fn looking(self, look: Look) -> Self {
        Self { look, ..self }
    }

    /// The same of another recorder.
    pub(super) fn of(&self, change: impl Fn(&Snapshot) -> Snapshot) -> Self {
        let snapshot = change(&self.snapshot);
        let Self { typed, reads, before, after, .. } = *self;
        Self { snapshot, typed, reads, before, after, look: self.look.clone() }
    }

    /// The state on a terminal of this size.
    pub(super) fn state(&self, columns: u16, rows: u16) -> State {
        let themes = Themes::new(&self.look).unwrap().0;
        let keys = Arc::new(Keymap::standard().unwrap());
        let mut state = State::new(Arc::new(self.snapshot.clone()), keys, themes, true);
        (self.before)(&mut state);
        let mut left = Vec::new();
        let effects = update(&mut state, Action::Resize(columns, rows));
        self.settle(&mut state, effects, &mut left);
        for chord in self.typed.split_whitespace().flat_map(chords) {
            let effects = press(&mut state, chord);
            self.settle(&mut state, effects, &mut left);
        }
        if self.reads == Reads::Failed {
            for effect in std::mem::take(&mut left) {
                let Effect::Query { slot, generation, .. } = effect else { continue };
                let reply = Err("the store cannot be read: disk I/O error".into());
                update(&mut state, Action::Loaded { slot, generation, reply });
            }
        }
        (self.after)(&mut state, &left);
        state
    }

    fn settle(&self, state: &mut State, effects: Vec<Effect>, left: &mut Vec<Effect>) {
        for effect in effects {
            match effect {
                Effect::Query { slot, generation, query } if self.is_answered(slot) => {
                    let mut reply = answer(&query);
                    match (self.reads, &mut reply) {
                        (Reads::Until(end), Reply::Chart(data)) => {
                            data.candles.retain(|candle| candle.open_time < end);
                            data.gaps.retain(|gap| gap.range.to <= end);
                        }
                        (Reads::Until(end), Reply::Tape(data)) => data.rows.retain(|row| row.time < end),
                        (Reads::Until(end), Reply::OpenInterest(data)) => data.rows.retain(|row| row.time < end),
                        _ => {}
                    }
                    let effects = update(state, Action::Loaded { slot, generation, reply: Ok(reply) });
                    self.settle(state, effects, left);
                }
                Effect::Watch(_) => {}
                other => left.push(other),
            }
        }
    }

    fn is_answered(&self, slot: Slot) -> bool {
        matches!(self.reads, Reads::Answered | Reads::Until(_)) || slot == Slot::Memory
    }
}

fn chords(word: &str) -> Vec<Chord> {
    word.parse::<Chord>()
        .map_or_else(|_| word.chars().map(|letter| letter.to_string().parse().unwrap()).collect(), |chord| vec![chord])
}

/// Symbols that were added a moment ago.
pub(super) fn fresh() -> Snapshot {
    let mut snapshot = busy();
    snapshot.jobs.clear();
    for series in &mut snapshot.series {
        series.ticker = None;
        series.spark = Arc::new([]);
        series.last_candle_end = None;
        series.coverage = CoverageView::default();
    }
    snapshot
}

/// Nothing has come for ten minutes.
pub(super) fn stale() -> Snapshot {
    late(busy())
}

/// The same of another recorder; what has a row an hour is three hours old.
pub(super) fn late(mut snapshot: Snapshot) -> Snapshot {
    let ago = NOW.plus_ms(-10 * MINUTE_MS);
    snapshot.ingest.last_write_at = Some(ago);
    for series in &mut snapshot.series {
        series.last_candle_end = Some(ago);
        if let Some((_, at)) = &mut series.ticker {
            *at = ago;
        }
    }
    for job in &mut snapshot.jobs {
        (job.rate, job.eta_ms) = (0.0, None);
    }
    snapshot
}

/// The exchange cannot be reached.
pub(super) fn unreachable() -> Snapshot {
    let mut snapshot = stale();
    snapshot.exchanges[0].circuit = Circuit::Open { until: NOW.plus_ms(30_000) };
    snapshot.exchanges[0].last_error =
        Some((NOW.plus_ms(-9_000), "api.binance.com cannot be reached: connection refused".into()));
    snapshot
}

/// A later picture whose ledgers have changed, and whose reads are under way.
pub(super) fn changed(state: &mut State) {
    let mut next = (*state.snapshot).clone();
    for series in &mut next.series {
        series.revision += 1;
    }
    update(state, Action::Snapshot(Arc::new(next)));
}

/// The number of the request that a form waits for.
pub(super) fn request(effects: &[Effect]) -> crate::tui::effect::RequestId {
    let id = effects.iter().find_map(|effect| match effect {
        Effect::Command(id, _) | Effect::Export(id, _) => Some(*id),
        _ => None,
    });
    id.unwrap_or_else(|| panic!("nothing was asked for: {effects:?}"))
}

/// Nothing happens to the state but this.
pub(super) fn happens(state: &mut State, action: Action) {
    drop(fixture::act(state, action));
}
