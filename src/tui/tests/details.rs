//! Small things that one notices.

use crate::domain::candle::Candle;
use crate::domain::price::{from_mantissa, parse_decimal};
use crate::domain::series::JobId;
use crate::engine::command::Done;
use crate::engine::snapshot::{AwayCause, Mode, Snapshot};
use crate::tui::action::{Action, Screen};
use crate::tui::effect::{Effect, RequestId};
use crate::tui::fixture::{NOW, act, busy, empty, keys, returned, state, text};
use crate::tui::keymap::Keymap;
use crate::tui::state::State;
use crate::tui::state::help::HelpLine;
use crate::tui::theme::{Colors, Look, Themes};
use crate::tui::update::update;
use std::sync::Arc;

fn toast(state: &State) -> &str {
    state.toasts.last().map_or("", |toast| toast.text.as_str())
}

#[test]
fn the_label_follows_whichever_price_came_later() {
    let mut snapshot = busy();
    let ticked_at = snapshot.series[0].ticker.as_ref().unwrap().1;
    let close = parse_decimal("64088.88").unwrap();
    snapshot.series[0].forming = Some(Candle {
        open_time: crate::domain::interval::Interval::M1.floor(NOW),
        open: close,
        high: close,
        low: close,
        close,
        volume: from_mantissa(1, 0),
        quote_volume: None,
        trade_count: None,
        taker_buy_volume: None,
        taker_buy_quote_volume: None,
    });
    for (ms, label) in [(-1, "▸ 64080.10│"), (0, "▸ 64088.88│"), (500, "▸ 64088.88│")] {
        snapshot.series[0].forming_at = Some(ticked_at.plus_ms(ms));
        let mut state = state(snapshot.clone(), 80, 24);
        let last = label.trim_start_matches("▸ ").trim_end_matches('│');
        let row = text(&state).lines().find(|line| line.contains("BTC/USDT")).unwrap().to_owned();
        assert!(row.contains(last), "the table too: {row}");
        keys(&mut state, "2");
        assert!(text(&state).contains(label), "{ms} {label}\n{}", text(&state));
    }
}

#[test]
fn help_is_whole_at_every_width() {
    for columns in (40..130).step_by(9) {
        for screen in ["1", "2", "3", "4", "5"] {
            let mut state = state(busy(), columns, 120);
            keys(&mut state, &format!("{screen} ?"));
            let shown = text(&state);
            let words: String = state
                .help_text()
                .iter()
                .filter_map(|line| if let HelpLine::Keys(_, words) = line { Some(format!("{words} ")) } else { None })
                .collect();
            let context = state.screen_context(state.screen);
            for (_, _, description) in state.keys.help(context) {
                assert!(words.contains(description), "{columns}: {description}");
            }
            for line in state.help_text() {
                let HelpLine::Keys(_, words) = line else { continue };
                assert!(shown.contains(words.trim_end()), "{columns}: {words}\n{shown}");
            }
        }
    }
}

#[test]
fn intervals_stay_in_sight_on_the_map() {
    for columns in (40..130).step_by(3) {
        let mut state = state(busy(), columns, 24);
        keys(&mut state, "3");
        let named = text(&state).lines().filter(|line| line.contains(" 1m ") && line.contains('%')).count();
        assert!(named >= 4, "{columns}\n{}", text(&state));
    }
}

#[test]
fn a_theme_is_remembered_unless_the_config_file_sets_one() {
    let look = |is_set: bool| Look { theme_is_set: is_set, up_is_set: is_set, ..Look::plain(Colors::Rgb) };
    let start = |is_set: bool| {
        let (themes, _) = Themes::new(&look(is_set)).unwrap();
        let mut state = State::new(Arc::new(busy()), Arc::new(Keymap::standard().unwrap()), themes, true);
        act(&mut state, Action::Resize(80, 24));
        state
    };
    let mut before = start(false);
    let untouched = before.remembered();
    act(&mut before, Action::NextTheme);
    assert_eq!(toast(&before), "theme light");
    act(&mut before, Action::SwapColors);
    let text = before.remembered();
    let mut after = start(false);
    after.restore(&text);
    assert_eq!((after.themes.chosen(), after.themes.red_up), (1, true));
    assert_eq!(after.theme.rising, before.theme.rising, "it is shown at once");
    let mut set = start(true);
    set.restore(&text);
    assert_eq!((set.themes.chosen(), set.themes.red_up), (0, false));
    assert_eq!(set.remembered(), text, "it comes back when the config file sets none");
    act(&mut set, Action::NextTheme);
    assert_eq!(toast(&set), "theme light; ui.theme of the config file holds again at the next start");
    set.toasts.clear();
    keys(&mut set, ",");
    assert!(crate::tui::fixture::text(&set).contains("holds again"), "{}", crate::tui::fixture::text(&set));
    let mut early = start(false);
    act(&mut early, Action::Theme(2));
    early.restore(&text);
    assert_eq!(early.themes.chosen(), 2, "a choice before the memory was read wins");
    let mut gone = start(false);
    gone.restore("theme=a theme that is gone\nred_up=maybe");
    assert_eq!(gone.remembered(), untouched);
}

#[test]
fn the_plot_stays_in_place_when_the_crosshair_comes() {
    for (columns, rows) in [(60, 15), (80, 24), (120, 36)] {
        let mut state = state(busy(), columns, rows);
        keys(&mut state, "2");
        let axis = |state: &State| {
            let screen = text(state);
            screen.lines().enumerate().filter(|(_, line)| line.contains('├')).map(|(row, _)| row).collect::<Vec<_>>()
        };
        let before = axis(&state);
        keys(&mut state, "h");
        assert_eq!(axis(&state), before, "{columns}x{rows}");
    }
}

#[test]
fn a_first_run_was_preceded_by_none() {
    let mut first = state(Snapshot { first_run: true, ..busy() }, 80, 24);
    keys(&mut first, "W");
    assert_eq!(toast(&first), "this is the first run on this store: nobody recorded before it");
    let mut later = state(busy(), 80, 24);
    keys(&mut later, "W");
    assert_eq!(toast(&later), "nothing was missed before this run");
}

#[test]
fn a_new_job_is_selected_when_it_comes() {
    let mut state = state(busy(), 80, 24);
    let effects = keys(&mut state, "4 j 1 b Enter");
    let [Effect::Command(id, _)] = effects.as_slice() else { panic!("{effects:?}") };
    act(&mut state, Action::Outcome(*id, Ok(Done { job: Some(JobId(9)), ..Done::said("queued") })));
    assert_eq!(state.jobs.key, Some(JobId(2)));
    let mut snapshot = busy();
    snapshot.jobs[2].id = JobId(9);
    act(&mut state, Action::Snapshot(Arc::new(snapshot)));
    assert_eq!(state.jobs.key, Some(JobId(9)));
    keys(&mut state, "4 g");
    act(&mut state, Action::Outcome(RequestId(77), Ok(Done { job: Some(JobId(9)), ..Done::said("backfill paused") })));
    act(&mut state, Action::Tick(NOW));
    assert_eq!(state.jobs.key, Some(JobId(1)), "what was done to a known job moves nothing");
}

#[test]
fn an_empty_store_says_what_to_do_first() {
    let check = |snapshot: &Snapshot, typed: &str, expected: &str| {
        for key in typed.split_whitespace() {
            let mut state = state(snapshot.clone(), 80, 24);
            let (screen, key) = key.split_once(':').unwrap();
            keys(&mut state, screen);
            assert_eq!(keys(&mut state, key), [], "{screen}:{key}");
            assert_eq!(toast(&state), expected, "{screen}:{key}");
            assert!(state.dialog.is_none() && state.dirty, "{screen}:{key}");
        }
    };
    let words = "nothing recorded yet: a adds a symbol";
    check(&empty(), "1:b 1:e 1:Enter 1:t 1:f 1:s 1:/ 2:h 2:+ 2:[ 2:t 2:@ 2:b 2:e 3:Enter 3:b 3:+ 3:h", words);
    check(&empty(), "4:x 4:Space 4:r 4:K", "nothing recorded yet: 1, then a adds a symbol");
    let observed = Snapshot { mode: Mode::Observer, ..empty() };
    check(&observed, "2:h 3:Enter", "nothing recorded yet: another process records this store");
    check(&Snapshot { jobs: Vec::new(), ..busy() }, "4:x 4:Space 4:r 4:J", "no backfill yet: b on a symbol starts one");
    let mut state = state(empty(), 80, 24);
    keys(&mut state, "j k Down PgDn");
    assert!(state.toasts.is_empty(), "there is nothing to move among");
    keys(&mut state, "a btc");
    assert!(state.toasts.is_empty(), "letters are typed");
}

#[test]
fn hints_are_whole_at_every_width() {
    let typed = ["1", "2", "3", "4", "5", "1 a", "1 b", "1 e", "1 d", "2 i", "2 t", "2 @", "1 :", "1 ,", "1 A", "5 /"];
    for columns in (40..130).step_by(3) {
        for typed in typed {
            let mut state = state(busy(), columns, 24);
            keys(&mut state, typed);
            let bar = text(&state).lines().last().unwrap().to_owned();
            let groups = state.keys.hint_groups(state.context());
            let hints: Vec<String> = groups.iter().map(|hint| format!("{} {}", hint.keys_text(), hint.words)).collect();
            let left = hints.iter().fold(bar.clone(), |bar, hint| bar.replacen(&format!(" {hint} "), " ", 1));
            let status = left.trim_start();
            let told = ["budget", "12%"].iter().any(|word| status.starts_with(word));
            assert!(told, "{columns} {typed}: `{bar}` leaves `{status}`");
        }
    }
}

#[test]
fn keys_of_a_dialog_are_whole_where_it_is_narrow() {
    for columns in (40..80).step_by(3) {
        for typed in ["a", "b", "e", "2 @", ","] {
            let mut state = state(busy(), columns, 24);
            keys(&mut state, typed);
            let shown = text(&state);
            let line =
                shown.lines().find(|line| line.contains("⏎ ok  ") && line.contains('│') || line.contains("←→ change")).unwrap();
            let inside = line.split('│').find(|part| part.contains('⏎') || part.contains("←→")).unwrap().trim();
            let known = [
                "⏎ ok",
                "⏎ close",
                "Tab next",
                "Esc close",
                "Ctrl-Y copy command line",
                "Ctrl-Y copy",
                "PgUp PgDn turn",
                "←→ change",
            ];
            let left = inside.split("  ").filter(|part| !known.contains(&part.trim())).count();
            assert_eq!(left, 0, "{columns} {typed}: {inside}");
        }
    }
}

#[test]
fn what_does_not_scroll_offers_no_arrows() {
    let mut state = state(returned(AwayCause::Off, 4), 80, 24);
    let bar = |state: &State| text(state).lines().last().unwrap().to_owned();
    assert!(!bar(&state).contains("scroll"), "{}", bar(&state));
    act(&mut state, Action::Resize(60, 10));
    assert!(bar(&state).contains("↑ ↓ scroll"), "{}", bar(&state));
    // Help that scrolls covers the bar.
    keys(&mut state, "Esc 4 ?");
    act(&mut state, Action::Resize(80, 50));
    assert!(!bar(&state).contains("scroll"), "{}", bar(&state));
}

#[test]
fn idle_screens_change_with_the_clock_alone() {
    let mut snapshot = busy();
    snapshot.ingest.last_write_at = Some(NOW.plus_ms(-2_700));
    snapshot.exchanges[0].last_error = Some((NOW.plus_ms(-1_300), "cannot be reached".into()));
    let mut state = state(snapshot, 120, 36);
    let mut shown = text(&state);
    for ms in (50..5_000).step_by(50) {
        update(&mut state, Action::Tick(NOW.plus_ms(ms)));
        let next = text(&state);
        assert_eq!(next != shown, ms % 1_000 == 0, "at {ms}");
        shown = next;
    }
    assert_eq!(state.screen, Screen::Watch);
}
