use crate::domain::instrument::ExchangeId;
use crate::domain::interval::Interval;
use crate::domain::time::DAY_MS;
use crate::engine::command::{Command, Done, Since};
use crate::engine::query::{Query, Reply};
use crate::tui::action::Action;
use crate::tui::effect::{Effect, Slot};
use crate::tui::fixture::{NOW, act, answer, busy, keys, state, text};
use crate::tui::state::State;
use crate::tui::state::dialog::Dialog;
use crate::tui::state::form::Form;
use crate::tui::update::{press, update};

fn form(state: &State) -> &Form {
    match &state.dialog {
        Some(Dialog::Form(form)) => form,
        other => panic!("{other:?}"),
    }
}

#[test]
fn several_symbols_are_completed_where_the_cursor_is() {
    let mut state = state(busy(), 120, 36);
    keys(&mut state, "a eth,pep Home");
    let field = |state: &State| form(state).fields[0].get().to_owned();
    keys(&mut state, "Right Right Del Down");
    assert_eq!(form(&state).needle(), Some("et"));
    keys(&mut state, "Enter");
    assert_eq!(field(&state), "ETH/USDT,pep");
    keys(&mut state, "End Down Tab");
    assert_eq!(field(&state), "ETH/USDT,PEPE/USDT");
    let sent = keys(&mut state, "Enter");
    assert!(
        matches!(sent.as_slice(), [Effect::Command(_, Command::Add { symbols, .. })] if symbols == &["ETH/USDT", "PEPE/USDT"]),
        "{sent:?}"
    );
}

#[test]
fn a_symbol_means_the_exchange_of_the_settings() {
    let mut state = state(busy(), 120, 36);
    state.meant = ExchangeId::Okx;
    state.command_lines.usual = ExchangeId::Okx;
    keys(&mut state, "a btc/usdt Tab Tab 30d");
    let screen = text(&state);
    assert!(screen.contains("144 requests") && screen.contains("$ marketdata-tui add btc/usdt --interval"), "{screen}");
    keys(&mut state, "Esc b");
    assert!(text(&state).contains("$ marketdata-tui backfill binance:BTC/USDT --last 30d"), "{}", text(&state));
}

#[test]
fn costs_are_told_before() {
    let mut state = state(busy(), 120, 36);
    keys(&mut state, "a btc,eth Tab Tab 365d");
    assert!(text(&state).contains("At most 1.1M candles: 1.1k requests, weight 2.1k of 6.0k a minute"), "{}", text(&state));
    assert!(text(&state).contains("$ marketdata-tui add btc eth --interval 1m --backfill 365d"), "{}", text(&state));
    keys(&mut state, "Ctrl-u listing");
    assert!(text(&state).contains("All of its past: the cost is known once"));
    keys(&mut state, "Esc b");
    assert!(text(&state).contains("At most 43k candles: 44 requests, weight 88 of 6.0k a minute, within"));
    assert!(text(&state).contains("$ marketdata-tui backfill BTC/USDT --last 30d --interval 1m"));
}

#[test]
fn an_empty_list_is_fetched_and_said() {
    let mut state = state(busy(), 80, 24);
    let effects = press(&mut state, "a".parse().unwrap());
    assert!(
        matches!(effects.as_slice(), [Effect::Query { slot: Slot::Listing, query: Query::InstrumentCount, .. }]),
        "{effects:?}"
    );
    let none = || Action::Loaded { slot: Slot::Listing, generation: 0, reply: Ok(Reply::InstrumentCount(0)) };
    let effects = update(&mut state, none());
    let [Effect::Command(id, Command::RefreshInstruments)] = effects.as_slice() else { panic!("{effects:?}") };
    assert!(text(&state).contains("no list of symbols yet: fetching it …"), "{}", text(&state));
    press(&mut state, "p".parse().unwrap());
    let effects = update(&mut state, Action::Outcome(*id, Ok(Done::said("fetched the list of instruments"))));
    assert!(matches!(effects.as_slice(), [Effect::Query { slot: Slot::Listing, .. }, Effect::Query { slot: Slot::Suggest, .. }]));
    for effect in effects {
        let Effect::Query { slot, generation, query } = effect else { continue };
        update(&mut state, Action::Loaded { slot, generation, reply: Ok(answer(&query)) });
    }
    assert!(text(&state).contains("PEPE/USDT       binance"), "{}", text(&state));
    assert!(state.toasts.is_empty(), "the dialog itself shows that it is there");
    let effects = update(&mut state, none());
    assert_eq!(effects, [], "asked for once");
}

/// The suggestions of `needle` arrive; what is traded of them is known or not.
fn suggested(state: &mut State, effects: Vec<Effect>, known: bool) -> Vec<Effect> {
    let mut left = Vec::new();
    for effect in effects {
        match effect {
            Effect::Query { slot: Slot::Suggest, generation, query } => {
                let Reply::Instruments(mut hits) = answer(&query) else { panic!() };
                for hit in &mut hits {
                    hit.volume_24h = hit.volume_24h.filter(|_| known);
                }
                let reply = Ok(Reply::Instruments(hits));
                left.extend(update(state, Action::Loaded { slot: Slot::Suggest, generation, reply }));
            }
            other => left.push(other),
        }
    }
    left
}

#[test]
fn volumes_of_suggestions_are_asked_for_one_at_a_time() {
    let mut state = state(busy(), 60, 15);
    keys(&mut state, "a");
    let typed = |state: &mut State, letter: char| press(state, letter.to_string().parse().unwrap());
    let reads = typed(&mut state, 'e');
    let asked = suggested(&mut state, reads, false);
    let [Effect::Command(id, Command::Volumes { needle })] = asked.as_slice() else { panic!("{asked:?}") };
    assert_eq!(needle, "e");
    let reads = typed(&mut state, 't');
    assert_eq!(suggested(&mut state, reads, false), [], "one is under way");
    press(&mut state, "Down".parse().unwrap());
    let again = update(&mut state, Action::Outcome(*id, Ok(Done::said(""))));
    assert_eq!(suggested(&mut state, again, true), [], "now they are known");
    let shown = text(&state);
    assert!(shown.contains("▸ ETH/USDT        binance  1.54M USDT  trading"), "the picked one stays picked\n{shown}");
    let reads = typed(&mut state, 'h');
    let asked = suggested(&mut state, reads, false);
    let [Effect::Command(id, Command::Volumes { .. })] = asked.as_slice() else { panic!("{asked:?}") };
    assert_eq!(update(&mut state, Action::Outcome(*id, Err("no answer".into()))), []);
    assert_eq!(form(&state).error, None, "a symbol can be added without");
    assert!(state.toasts.is_empty());
}

#[test]
fn ranges_of_an_export() {
    let mut state = state(busy(), 120, 36);
    keys(&mut state, "2 H e");
    let visible = state.chart.visible(&state.snapshot.series[0]).unwrap();
    let dates = |state: &State| [1, 2].map(|at| form(state).fields[at].get().to_owned());
    assert_eq!(dates(&state), ["2025-12-16T12:34:00Z", ""]);
    keys(&mut state, "Right");
    assert_eq!(form(&state).fields[0].get(), "visible on the chart");
    assert_eq!(dates(&state), [visible.from.iso(), visible.to.iso()]);
    keys(&mut state, "Right");
    assert_eq!(dates(&state), ["1d", ""]);
    keys(&mut state, "Tab PgUp");
    assert_eq!((dates(&state)[0].as_str(), form(&state).fields[0].get()), ("2d", "these dates"));
    keys(&mut state, "Ctrl-u 2026-01-31 Left Left Left PgUp");
    assert_eq!(dates(&state)[0], "2026-02-28");
    keys(&mut state, "PgDn Shift-Down");
    assert_eq!(dates(&state)[0], "2025-12-28");
    keys(&mut state, "Tab 2026-01-10 Tab Right Tab Right");
    let sent = keys(&mut state, "Enter");
    let [Effect::Export(_, request)] = sent.as_slice() else { panic!("{sent:?}") };
    assert_eq!((request.interval, request.range.duration_ms(), request.format.name()), (Interval::M3, 13 * DAY_MS, "json"));
}

/// What is seen is what one means to write; a series without a chart proposes the width that is recorded.
#[test]
fn an_export_from_a_wider_chart_proposes_its_interval() {
    let proposed = |typed: &str| {
        let mut state = state(busy(), 120, 36);
        keys(&mut state, typed);
        form(&state).fields.iter().find(|field| field.label == "Interval").unwrap().get().to_owned()
    };
    assert_eq!(proposed("2 e"), "1m");
    assert_eq!(proposed("2 ] ] e"), "15m");
    assert_eq!(proposed("2 ] ] 1 e"), "1m", "the preview beside the table is of another width");
    assert_eq!(proposed("2 ] ] 1 j e"), "1m", "another series");
}

#[test]
fn an_export_is_estimated_and_tells_its_command_line() {
    let mut state = state(busy(), 120, 36);
    state.command_lines.store = Some("/data/my store.sqlite".into());
    keys(&mut state, "j e");
    let screen = text(&state);
    assert!(screen.contains("About 28k rows, 3.0 MB (an estimate)."), "{screen}");
    let copied = keys(&mut state, "Ctrl-y");
    let line = "marketdata-tui export ETH/USDT --from 2025-12-16T12:34:00Z --interval 1m --format csv -o ETH-USDT-1m.csv \
                --db '/data/my store.sqlite'";
    assert_eq!(copied, [Effect::Copy(line.into())]);
    let sent = keys(&mut state, "Enter");
    let [Effect::Export(id, _)] = sent.as_slice() else { panic!("{sent:?}") };
    act(&mut state, Action::ExportRows(*id, 13_760));
    assert!(text(&state).contains("14k rows written of about 28k, 50 % …"), "{}", text(&state));
    assert_eq!(keys(&mut state, "Ctrl-y"), [Effect::Copy(line.into())]);
}

#[test]
fn paths_are_completed() {
    let mut state = state(busy(), 120, 36);
    let asked = keys(&mut state, "e Shift-Tab");
    assert_eq!(asked, [Effect::List { generation: 1, folder: String::new() }]);
    let names = ["data/", "day.csv", "notes.txt", ".hidden"].map(ToOwned::to_owned).to_vec();
    act(&mut state, Action::Listed { generation: 1, names });
    assert!(form(&state).completions().is_empty(), "nothing is offered before something is typed");
    assert_eq!(keys(&mut state, "d"), []);
    assert_eq!(form(&state).completions(), ["data/", "day.csv"]);
    let file = |state: &State| form(state).fields[5].get().to_owned();
    keys(&mut state, "Tab");
    assert_eq!(file(&state), "da");
    let asked = keys(&mut state, "Down Enter");
    assert_eq!((file(&state).as_str(), asked), ("data/", vec![Effect::List { generation: 2, folder: "data/".into() }]));
    act(&mut state, Action::Listed { generation: 1, names: vec!["late".into()] });
    assert!(form(&state).completions().is_empty(), "an overtaken answer is dropped");
    act(&mut state, Action::Listed { generation: 2, names: vec!["币安.csv".into(), "币.csv".into()] });
    keys(&mut state, "Tab");
    assert_eq!(file(&state), "data/币");
    keys(&mut state, "Down Tab");
    assert_eq!(file(&state), "data/币安.csv");
    let sent = keys(&mut state, "Enter");
    assert!(
        matches!(sent.as_slice(), [Effect::Export(_, request)] if request.path.to_str() == Some("data/币安.csv")),
        "{sent:?}"
    );
}

#[test]
fn tab_goes_on_where_there_is_nothing_to_complete() {
    let mut state = state(busy(), 120, 36);
    keys(&mut state, "e Shift-Tab xyz Tab");
    assert_eq!(form(&state).focus, 0);
}

#[test]
fn settings_hold_at_once() {
    let mut state = state(busy(), 80, 24);
    let dark = state.theme.text;
    keys(&mut state, ", Right");
    assert_ne!(state.theme.text, dark);
    let falling = state.theme.falling;
    keys(&mut state, "Tab Right");
    assert_eq!(state.theme.rising, falling);
    assert_eq!(keys(&mut state, "Tab Right"), [Effect::CaptureMouse(false)]);
    assert_eq!(keys(&mut state, "Enter"), []);
    assert!(state.dialog.is_none() && !state.mouse);
}

#[test]
fn a_question_tells_its_command_line() {
    let mut state = state(busy(), 80, 24);
    keys(&mut state, "d");
    assert!(text(&state).contains("$ marketdata-tui remove BTC/USDT --interval 1m"), "{}", text(&state));
    assert_eq!(keys(&mut state, "Ctrl-y"), [Effect::Copy("marketdata-tui remove BTC/USDT --interval 1m".into())]);
    assert!(state.dialog.is_some());
    keys(&mut state, "Esc a");
    assert_eq!(keys(&mut state, "Ctrl-y"), []);
    assert_eq!(state.toasts.last().map(|toast| toast.text.as_str()), Some("there is no command line for this yet"));
}

#[test]
fn lengths_with_an_end_become_dates() {
    let mut state = state(busy(), 120, 36);
    keys(&mut state, "b Tab 2026-01-10");
    let line = format!(
        "marketdata-tui backfill BTC/USDT --from {} --to 2026-01-10T00:00:00Z --interval 1m",
        NOW.plus_ms(-30 * DAY_MS).iso()
    );
    assert_eq!(keys(&mut state, "Ctrl-y"), [Effect::Copy(line)]);
    let sent = keys(&mut state, "Enter");
    assert!(matches!(sent.as_slice(), [Effect::Command(_, Command::Backfill { since: Since::Last(_), to: Some(_), .. })]));
}

/// A command line typed elsewhere would ask the real exchange for the simulation's store.
#[test]
fn a_simulation_offers_no_command_that_asks_an_exchange() {
    let mut state = state(busy(), 120, 36);
    for (typed, offered) in [("b", [true, false]), ("e", [true, true])] {
        for (simulated, expected) in [false, true].into_iter().zip(offered) {
            state.command_lines.simulated = simulated;
            keys(&mut state, typed);
            let Some(Dialog::Form(form)) = &state.dialog else { panic!("no form: {typed}") };
            assert_eq!(form.line(state.now, &state.command_lines).is_some(), expected, "{typed}, simulated: {simulated}");
            keys(&mut state, "Esc");
        }
    }
}
