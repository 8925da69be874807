//! What the app remembers from run to run, as lines of `key=value`. What is not understood is left
//! out: another version may have written it.

use super::State;
use super::chart::{Kind, PriceScale, Study};
use super::watch::column::Column;
use crate::domain::interval::Interval;
use crate::domain::series::SeriesId;
use crate::domain::time::Time;
use crate::engine::command::Command;
use crate::engine::query::Query;
use crate::engine::snapshot::Mode;
use crate::tui::action::Screen;
use crate::tui::effect::{Effect, RequestId, Slot};
use crate::tui::notice::Desktop;

/// Its name in the store.
const KEY: &str = "tui";

/// What the store is known to hold, and the write under way.
#[derive(Debug, Clone, Default)]
pub(crate) struct Memory {
    /// What the store holds; unknown until it was read.
    pub(crate) kept: Option<String>,
    /// Whether a key was pressed before that: then the screen stays as it is.
    pub(crate) touched: bool,
    /// The write under way, and what it writes.
    pub(crate) writing: Option<(RequestId, String)>,
    /// No write before this.
    pub(crate) not_before: Time,
}

/// Asks for what an earlier run remembered.
pub(crate) fn recall() -> Effect {
    Effect::Query { slot: Slot::Memory, generation: 0, query: Query::Remembered { key: KEY.into() } }
}

impl State {
    /// The command that keeps what the store does not hold yet. Only a recorder may write.
    pub(crate) fn memory_to_keep(&self) -> Option<Command> {
        let kept = self.memory.kept.as_ref()?;
        let value = self.remembered();
        (self.snapshot.mode == Mode::Recorder && value != *kept).then(|| Command::Remember { key: KEY.into(), value })
    }

    /// What is to be remembered.
    pub(crate) fn remembered(&self) -> String {
        let flag = |on: bool| if on { "1" } else { "0" }.to_owned();
        let favourites: Vec<String> = self.table.favourites.iter().map(|id| id.0.to_string()).collect();
        let series = self.watch.awaited.or(self.watch.key).map(|id| id.0.to_string());
        let indicators: Vec<_> = Study::ALL.into_iter().filter(|study| self.chart.studies.has(*study)).map(Study::name).collect();
        let lines = [
            ("screen", self.screen.name().to_lowercase()),
            ("series", series.unwrap_or_default()),
            ("interval", self.chart.interval.name().to_owned()),
            ("zoom", self.chart.zoom().to_string()),
            ("kind", self.chart.kind.label().to_owned()),
            ("scale", self.chart.scale.label().to_owned()),
            ("volume", flag(self.chart.volume)),
            ("indicators", indicators.join(",")),
            ("clock", self.zone.label().to_lowercase()),
            ("theme", self.themes.by_hand().0.unwrap_or_default().to_owned()),
            ("red_up", self.themes.by_hand().1.map(flag).unwrap_or_default()),
            ("sort", self.table.sort.name().to_owned()),
            ("reversed", flag(self.table.reversed)),
            ("compact", flag(self.table.compact)),
            ("favourites", favourites.join(",")),
            ("bell", flag(self.alerts.bell)),
            ("desktop", self.alerts.desktop.name().to_owned()),
            ("alerts_seen", self.alerts.seen.to_string()),
        ];
        lines.map(|(key, value)| format!("{key}={value}\n")).concat()
    }

    /// Goes on where an earlier run ended.
    pub(crate) fn restore(&mut self, text: &str) {
        let screen_stays = self.memory.touched;
        for (key, value) in text.lines().filter_map(|line| line.split_once('=')) {
            let (key, value) = (key.trim(), value.trim());
            let flag = match value {
                "1" => Some(true),
                "0" => Some(false),
                _ => None,
            };
            match key {
                "screen" | "series" | "interval" | "zoom" | "kind" | "scale" | "volume" | "indicators" if screen_stays => {}
                "screen" => set(&mut self.screen, Screen::ALL.into_iter().find(|screen| screen.name().to_lowercase() == value)),
                "series" => self.watch.awaited = value.parse().ok().map(SeriesId).or(self.watch.awaited),
                "interval" => self.chart.restore(value.parse::<Interval>().ok(), None),
                "zoom" => self.chart.restore(None, value.parse().ok()),
                "kind" => set(&mut self.chart.kind, Kind::ALL.into_iter().find(|kind| kind.label() == value)),
                "scale" => set(&mut self.chart.scale, PriceScale::ALL.into_iter().find(|scale| scale.label() == value)),
                "volume" => set(&mut self.chart.volume, flag),
                "indicators" => {
                    let hidden = |study: &Study| !self.chart.studies.has(*study);
                    let named = |study: &Study| value.split(',').any(|name| name == study.name());
                    for study in Study::ALL.into_iter().filter(hidden).filter(named).collect::<Vec<_>>() {
                        self.chart.studies.toggle(study);
                    }
                }
                "sort" => set(&mut self.table.sort, Column::from_name(value).filter(|column| *column != Column::Spark)),
                "clock" => self.zone.local = value == "local",
                "theme" => self.themes.restore(value),
                "red_up" => {
                    if let Some(red_up) = flag {
                        self.themes.restore_red_up(red_up);
                    }
                }
                "reversed" => set(&mut self.table.reversed, flag),
                "compact" => set(&mut self.table.compact, flag),
                "favourites" => self.table.favourites.extend(value.split(',').filter_map(|id| id.parse().ok()).map(SeriesId)),
                "bell" => set(&mut self.alerts.bell, flag),
                "desktop" => set(&mut self.alerts.desktop, Desktop::ALL.into_iter().find(|way| way.name() == value)),
                "alerts_seen" => set(&mut self.alerts.seen, value.parse().ok()),
                _ => {}
            }
        }
        self.theme = self.themes.theme();
        // A key of a store that was replaced meanwhile would hide every firing.
        self.alerts.seen = self.alerts.seen.min(self.snapshot.alerts.newest());
    }
}

fn set<T>(place: &mut T, value: Option<T>) {
    if let Some(value) = value {
        *place = value;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tui::fixture::{busy, keys, state};
    use proptest::prelude::*;

    #[test]
    fn what_is_remembered_is_restored() {
        let mut before = state(busy(), 120, 36);
        keys(&mut before, "s S c j f u 2 ] + c y v i Space G Space Esc A B N Esc");
        let text = before.remembered();
        let mut after = state(busy(), 120, 36);
        assert_ne!(after.remembered(), text);
        after.restore(&text);
        after.follow_snapshot();
        assert_eq!(after.remembered(), text);
        assert_eq!(
            (after.screen, after.series().map(|series| series.id)),
            (Screen::Chart, before.series().map(|series| series.id))
        );
    }

    #[test]
    fn what_is_not_understood_is_left_out() {
        let mut state = state(busy(), 120, 36);
        let before = state.remembered();
        state.restore(
            "screen=moon\nzoom=x\nsort\n=\n===\nsort=spark\ncompact=maybe\nfavourites=,x,\nbell=\u{0}\nalerts_seen=99\nfuture=1",
        );
        state.follow_snapshot();
        assert_eq!(state.remembered(), before);
        state.restore("favourites=3,x,1\nzoom=999999999999\nseries=-7");
        state.follow_snapshot();
        assert_eq!(state.table.favourites.len(), 2);
    }

    #[test]
    fn keys_that_were_pressed_meanwhile_win() {
        let mut state = state(busy(), 120, 36);
        state.memory.touched = true;
        state.restore("screen=log\nfavourites=3\nsort=last");
        assert_eq!((state.screen, state.table.sort), (Screen::Watch, Column::Last));
    }

    proptest! {
        #[test]
        fn any_text_can_be_restored(text in "(?s).{0,200}", value in "[a-z0-9=,\n-]{0,80}") {
            let mut state = state(busy(), 80, 24);
            state.restore(&text);
            state.restore(&format!("zoom={value}\nfavourites={value}\nseries={value}"));
            state.follow_snapshot();
            prop_assert!(!crate::tui::fixture::text(&state).is_empty());
        }
    }
}
