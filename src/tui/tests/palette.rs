use crate::tui::Exit;
use crate::tui::action::Screen;
use crate::tui::effect::Effect;
use crate::tui::fixture::{act, busy, empty, keys, state, text};
use crate::tui::keymap::{KeyOverride, Keymap};
use crate::tui::state::dialog::Dialog;
use std::sync::Arc;

#[test]
fn commands_run_where_the_palette_was_opened() {
    let mut state = state(busy(), 80, 24);
    keys(&mut state, "2 : longer Enter");
    assert_eq!(state.chart.interval.name(), "5m");
    assert!(state.dialog.is_none());
    keys(&mut state, "Ctrl-p job Enter");
    assert_eq!(state.screen, Screen::Jobs);
    assert_eq!(keys(&mut state, ": quit Enter"), [Effect::Quit(Exit::Quit)]);
    keys(&mut state, ": zzzz Enter");
    assert!(state.dialog.is_none());
    keys(&mut state, "1 : add Enter");
    assert!(matches!(state.dialog, Some(Dialog::Form(_))));
}

#[test]
fn commands_of_other_screens_run_there() {
    let mut state = state(busy(), 80, 24);
    keys(&mut state, "4 : chart_type Enter");
    assert_eq!((state.screen, state.chart.kind), (Screen::Chart, crate::tui::state::chart::Kind::Line));
    keys(&mut state, "5 : export Enter");
    assert!(matches!(&state.dialog, Some(Dialog::Form(form)) if form.title().starts_with("Export")));
    keys(&mut state, "Esc 1 : log_level");
    assert!(text(&state).contains("Log: warnings and errors"), "{}", text(&state));
}

#[test]
fn every_action_of_the_screen_is_there_with_its_key() {
    for (snapshot, screens) in [(busy(), "1245"), (empty(), "1")] {
        for screen in screens.chars() {
            let mut state = state(snapshot.clone(), 120, 60);
            keys(&mut state, &format!("{screen} :"));
            let context = state.screen_context(state.screen);
            let Some(Dialog::Palette(palette)) = &state.dialog else { panic!("{:?}", state.dialog) };
            for (_, key, words) in state.keys.help(context).filter(|(_, _, words)| *words != "command palette") {
                assert!(palette.visible().any(|(entry, ..)| (entry.title.as_str(), &entry.keys) == (words, &key)), "{words}");
            }
        }
    }
}

#[test]
fn moving_and_leaving() {
    let mut state = state(busy(), 80, 24);
    keys(&mut state, ": Down Down Ctrl-p PgDn End Esc");
    assert!(state.dialog.is_none());
    keys(&mut state, ": j");
    assert!(matches!(&state.dialog, Some(Dialog::Palette(palette)) if palette.input.text() == "j"), "letters are typed");
    act(&mut state, crate::tui::action::Action::Paste("obs".into()));
    keys(&mut state, "Enter");
    assert_eq!(state.screen, Screen::Jobs);
}

#[test]
fn changed_keys_are_shown() {
    let mut state = state(busy(), 120, 36);
    let change = KeyOverride { action: "add".into(), chords: vec!["n".into()], origin: "config.toml:1".into() };
    state.keys = Arc::new(Keymap::changed(&[change]).unwrap());
    assert!(text(&state).contains("n add"));
    keys(&mut state, ": addsym");
    assert!(text(&state).lines().any(|line| line.contains("add symbols") && line.contains(" n ")), "{}", text(&state));
    keys(&mut state, "Esc n");
    assert!(matches!(state.dialog, Some(Dialog::Form(_))));
}
