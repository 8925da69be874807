//! Names of wide characters, of right-to-left letters and of combined ones break no column.

use super::scene::Scene;
use super::{Case, SIZES, Situation, looks, popups, screens};
use crate::domain::instrument::Symbol;
use crate::engine::snapshot::{AlertsView, AwayReport, LogEntry, Snapshot};
use crate::tui::action::Screen;
use crate::tui::format::width;
use crate::tui::state::State;
use popups::Popup;
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::buffer::Buffer;
use std::sync::Arc;

/// Names of the fixture's four symbols and of the one that only a job has.
const NAMES: [(&str, &str); 5] = [
    ("BTC/USDT", "币安人生/USDT"),
    ("ETH/USDT", "مرحبا/USDT"),
    ("PEPE/USDT", "🚀🌕/USDT"),
    ("币安人生/USDT", "币安人生币安人生币安人生/USDT"),
    ("SOL/USDT", "שלום/USDT"),
];

/// Letters that occur nowhere else.
const PLAIN: [char; 5] = ['Ŧ', 'Ũ', 'Ū', 'Ŭ', 'Ů'];

/// A plain name of the same width and in the same place of an order by name.
fn plain(name: &str) -> String {
    let mut names = NAMES.map(|(_, to)| to);
    names.sort_unstable();
    let at = names.iter().position(|known| *known == name).unwrap();
    let base = name.strip_suffix("/USDT").unwrap();
    format!("{}/USDT", PLAIN[at].to_string().repeat(width(base)))
}

/// The snapshot with other names wherever one occurs.
fn renamed(snapshot: &Snapshot, name: impl Fn(&str) -> String) -> Snapshot {
    let of = |text: &str| {
        NAMES.iter().fold(text.to_owned(), |text, (from, to)| {
            // Whole names alone: one name is a part of another.
            match text.strip_prefix(from) {
                Some(rest) if rest.is_empty() || rest.starts_with(' ') => format!("\u{1}{to}\u{1}{rest}"),
                _ => text,
            }
        })
    };
    let of = |text: &str| match of(text).split('\u{1}').collect::<Vec<_>>().as_slice() {
        ["", to, rest] => format!("{}{rest}", name(to)),
        _ => text.to_owned(),
    };
    let mut snapshot = snapshot.clone();
    for series in &mut snapshot.series {
        series.symbol = Symbol::from_stored(of(series.symbol.as_str()));
    }
    for job in &mut snapshot.jobs {
        job.symbol = Symbol::from_stored(of(job.symbol.as_str()));
    }
    let log = snapshot.log.iter().map(|entry| LogEntry { series: entry.series.as_deref().map(of), ..entry.clone() });
    snapshot.log = log.collect();
    let mut alerts = AlertsView::clone(&snapshot.alerts);
    for view in &mut alerts.alerts {
        view.series = of(&view.series);
    }
    snapshot.alerts = Arc::new(alerts);
    if let Some(away) = &mut snapshot.away {
        let mut report = AwayReport::clone(away);
        for series in &mut report.series {
            series.name = of(&series.name);
        }
        *away = Arc::new(report);
    }
    snapshot
}

fn buffer(state: &State) -> Buffer {
    let mut terminal = Terminal::new(TestBackend::new(state.area.width, state.area.height)).unwrap();
    terminal.draw(|frame| crate::tui::draw(frame, state)).unwrap();
    terminal.backend().buffer().clone()
}

/// With other names every cell beside the names is the same, and no wide character is cut in half.
fn check(name: &str, scene: &Scene) {
    for (columns, rows) in SIZES {
        let wide = buffer(&scene.of(|snapshot| renamed(snapshot, str::to_owned)).state(columns, rows));
        let same = buffer(&scene.of(|snapshot| renamed(snapshot, plain)).state(columns, rows));
        for y in 0..rows {
            let line = |buffer: &Buffer| (0..columns).map(|x| buffer[(x, y)].symbol().to_owned()).collect::<Vec<_>>();
            let (wide, same) = (line(&wide), line(&same));
            let both = || format!("{name} {columns}x{rows}, line {y}\n{}\n{}", wide.concat(), same.concat());
            for x in 0..usize::from(columns) {
                if same[x] != "…" && !same[x].contains(PLAIN) {
                    assert_eq!(wide[x], same[x], "column {x} of {}", both());
                }
                if width(&wide[x]) > 1 {
                    assert!(wide.get(x + 1).is_some_and(|next| next.trim().is_empty()), "cut at {x}: {}", both());
                }
            }
        }
    }
}

#[test]
fn other_names_move_nothing() {
    for screen in Screen::ALL {
        for situation in Situation::ALL {
            if let Case::Shown(scene) = screens::of(screen, situation) {
                check(&format!("{screen:?} {situation:?}"), &scene);
            }
        }
    }
    for (popup, situation) in Popup::ALL.into_iter().flat_map(|popup| Situation::ALL.map(|situation| (popup, situation))) {
        if let Case::Shown(scene) = popups::of(popup, situation) {
            check(&format!("{popup:?} {situation:?}"), &scene);
        }
    }
    // Without Unicode a wide letter becomes a question mark and a blank.
    for (name, scene) in looks::all().into_iter().filter(|(name, _)| !name.contains("ascii")) {
        check(name, &scene);
    }
}
