//! Every screen and everything that opens above one, in every state that it can have, at four sizes.
//!
//! A picture file holds the four sizes one under the other. What is drawn stands in tables: a new screen,
//! dialog or form does not compile until it stands there, with a picture or the reason why there
//! is none.

mod looks;
mod popups;
mod scene;
mod screens;
mod styles;
mod wide;

use crate::tui::action::Screen;
use crate::tui::fixture::text;
use crate::tui::keymap::Context;
use popups::Popup;
use scene::Scene;
use std::fmt::Write as _;

/// Columns and rows of the pictures.
const SIZES: [(u16, u16); 4] = [(60, 15), (80, 24), (120, 36), (200, 50)];

/// What a screen has to show.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Situation {
    /// There is nothing yet.
    Empty,
    /// It is on its way.
    Loading,
    /// It is there and new.
    Normal,
    /// It is there and old.
    Stale,
    /// It could not be had.
    Error,
}

impl Situation {
    const ALL: [Self; 5] = [Self::Empty, Self::Loading, Self::Normal, Self::Stale, Self::Error];
}

/// One cell of the table.
enum Case {
    /// This is how it looks.
    Shown(Box<Scene>),
    /// It cannot be, for this reason.
    Never(&'static str),
}

/// The scene at every size, one picture under the other.
fn pictures(scene: &Scene) -> String {
    let mut out = String::new();
    for (columns, rows) in SIZES {
        let state = scene.state(columns, rows);
        writeln!(out, "── {columns}x{rows} ──\n{}", text(&state)).unwrap();
    }
    out
}

/// Holds a case to its picture file, or to its reason.
fn check(name: &str, case: Case) {
    match case {
        Case::Shown(scene) => insta::assert_snapshot!(name, pictures(&scene)),
        Case::Never(reason) => assert!(reason.len() > 20, "{name}: say why"),
    }
}

#[test]
fn screens() {
    for screen in Screen::ALL {
        for situation in Situation::ALL {
            let name = format!("{}_{situation:?}", screen.name()).to_lowercase();
            if let Case::Shown(scene) = screens::of(screen, situation) {
                assert_eq!(scene.state(120, 36).screen, screen, "{name}");
            }
            check(&name, screens::of(screen, situation));
        }
    }
}

#[test]
fn popups() {
    for popup in Popup::ALL {
        let mut shown = 0;
        for situation in Situation::ALL {
            let name = format!("{popup:?}_{situation:?}").to_lowercase();
            if let Case::Shown(scene) = popups::of(popup, situation) {
                assert_eq!(Popup::open(&scene.state(120, 36)), Some(popup), "{name}");
                shown += 1;
            }
            check(&name, popups::of(popup, situation));
        }
        assert!(shown > 0, "{popup:?} is on no picture");
    }
}

#[test]
fn further_looks() {
    for (name, scene) in looks::all() {
        check(name, scene.case());
    }
}

/// Wherever keys mean something, there is a picture.
#[test]
fn every_context_of_the_key_table_is_on_a_picture() {
    let mut seen = vec![Context::Everywhere];
    let screens = Screen::ALL.into_iter().flat_map(|screen| Situation::ALL.map(|situation| screens::of(screen, situation)));
    let popups = Popup::ALL.into_iter().flat_map(|popup| Situation::ALL.map(|situation| popups::of(popup, situation)));
    let tables = screens.chain(popups).filter_map(|case| if let Case::Shown(scene) = case { Some(*scene) } else { None });
    seen.extend(tables.chain(looks::all().into_iter().map(|(_, scene)| scene)).map(|scene| scene.state(80, 24).context()));
    for context in Context::ALL {
        assert!(seen.contains(&context), "{context:?}");
    }
}
