use super::*;

const fn binding(context: Context, chords: &'static [&'static str]) -> Binding {
    Binding { context, chords, action: Action::Quit, hint: "", description: "quit" }
}

fn change(action: &str, chords: &[&str]) -> KeyOverride {
    KeyOverride {
        action: action.into(),
        chords: chords.iter().map(|chord| (*chord).to_owned()).collect(),
        origin: "config.toml:7".into(),
    }
}

#[test]
fn the_standard_table_is_sound() {
    let keymap = Keymap::standard().unwrap();
    for (binding, chords) in &keymap.bindings {
        assert!(!chords.is_empty() || binding.context == Context::Everywhere, "{}", binding.description);
        assert!(!binding.description.is_empty());
        assert!(binding.description.chars().next().is_some_and(char::is_lowercase), "{}", binding.description);
    }
}

#[test]
fn every_action_of_a_screen_has_a_name_of_its_own() {
    let mut named: Vec<(&str, String)> = table::TABLE
        .iter()
        .filter(|binding| binding.context.is_screen() || binding.context == Context::Everywhere)
        .map(|binding| (name(&binding.action).expect(binding.description), format!("{:?}", binding.action)))
        .collect();
    named.sort();
    named.dedup();
    for pair in named.windows(2) {
        assert_ne!(pair[0].0, pair[1].0, "one name for two actions: {pair:?}");
    }
    assert!(named.iter().all(|(name, _)| name.chars().all(|c| c.is_ascii_lowercase() || c == '_')));
}

#[test]
fn two_meanings_are_refused() {
    static SAME: [Binding; 2] = [binding(Context::Watch, &["a", "b"]), binding(Context::Watch, &["b"])];
    static SHADOW: [Binding; 2] = [binding(Context::Watch, &["a"]), binding(Context::Everywhere, &["a"])];
    static APART: [Binding; 2] = [binding(Context::Watch, &["a"]), binding(Context::Chart, &["a"])];
    static UNKNOWN: [Binding; 1] = [binding(Context::Watch, &["Hyper-a"])];
    assert!(matches!(Keymap::new(&SAME, &[]), Err(KeymapError::Duplicate { .. })));
    assert!(matches!(Keymap::new(&SHADOW, &[]), Err(KeymapError::Duplicate { .. })));
    assert!(Keymap::new(&APART, &[]).is_ok());
    assert!(matches!(Keymap::new(&UNKNOWN, &[]), Err(KeymapError::UnknownKey(_))));
}

#[test]
fn keys_can_be_changed() {
    let keymap =
        Keymap::changed(&[change("add", &["n", "Ctrl-n"]), change("quit", &["Q"]), change("next_theme", &["F5"])]).unwrap();
    let does = |context, key: &str| keymap.action(context, key.parse().unwrap()).and_then(name);
    assert_eq!(does(Context::Watch, "n"), Some("add"));
    assert_eq!(does(Context::Chart, "Ctrl-n"), Some("add"), "on every screen that has it");
    assert_eq!(does(Context::Watch, "a"), None);
    assert_eq!(
        (does(Context::Jobs, "Q"), does(Context::Jobs, "q"), does(Context::Jobs, "Ctrl-c")),
        (Some("quit"), None, Some("quit"))
    );
    assert_eq!(does(Context::Log, "F5"), Some("next_theme"));
    assert!(keymap.hints(Context::Watch).any(|(key, words, _)| (key.as_str(), words) == ("n", "add")));
    assert!(keymap.help(Context::Watch).any(|(_, key, words)| key == "n Ctrl-N" && words == "add symbols"));
    let none = Keymap::changed(&[change("add", &[])]).unwrap();
    assert!(none.help(Context::Watch).all(|(_, _, words)| words != "add symbols"));
    assert!(none.actions(Context::Watch).any(|(binding, key)| binding.name() == "add" && key.is_empty()));
}

#[test]
fn wrong_changes_are_refused_in_one_line() {
    let check = |changes: &[KeyOverride], expected: &str| {
        let refusal = Keymap::changed(changes).unwrap_err().to_string();
        assert_eq!(refusal, format!("config.toml:7: {expected}"));
    };
    check(&[change("add", &["b"])], "`b` means both `add` and `backfill` on Watch");
    check(&[change("backfill", &["a"])], "`a` means both `add` and `backfill` on Watch");
    check(&[change("help", &["r"])], "`r` means both `retry` and `help` on Jobs");
    check(&[change("cancel", &["p"])], "`p` means both `cancel` and `freeze` on Jobs");
    check(&[change("refresh", &["Ctrl-c"])], "`Ctrl-C` means both `quit` and `refresh` on Every screen");
    check(&[change("add", &["n"]), change("backfill", &["n"])], "`n` means both `add` and `backfill` on Watch");
    check(&[change("zoom", &["n"])], "there is no action `zoom`: did you mean `zoom_in`?");
    check(&[change("quits", &["n"])], "there is no action `quits`: did you mean `quit`?");
    check(&[change("xyzzy", &["n"])], "there is no action `xyzzy`: the palette (`:`) lists every action");
    check(&[change("add", &["Hyper-n"])], "`Hyper-n` is not a key: `add` takes keys such as n, Ctrl-n, Shift-Left, F5 or Space");
}

#[test]
fn the_documentation_lists_every_key() {
    let text = markdown().unwrap();
    for binding in &table::TABLE {
        assert_eq!(
            text.contains(&format!(" | {} |", binding.description)),
            !binding.chords.is_empty(),
            "{}",
            binding.description
        );
    }
    assert!(text.contains("| `q` `Ctrl-C` | quit |"), "{text}");
}
