use crate::domain::instrument::ExchangeId;
use crate::domain::time::Time;
use crate::engine::command::{Command, Done};
use crate::engine::handle::{Envelope, Handle};
use crate::engine::snapshot::Snapshot;
use crate::tui::event;
use crate::tui::fixture::{NOW, answer, busy, empty};
use crate::tui::{Colors, Exit, ExportDone, Face, Glyphs, Graphics, Look, Services, TuiError};
use crossterm::event::{Event, KeyCode, KeyEvent, KeyEventKind, KeyModifiers};
use futures_util::{Stream, StreamExt as _, stream};
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use std::io;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;
use tokio::sync::{mpsc, watch};

/// A test backend cannot fail.
impl From<std::convert::Infallible> for TuiError {
    fn from(never: std::convert::Infallible) -> Self {
        match never {}
    }
}

struct Rig {
    handle: Handle,
    commands: mpsc::Receiver<Envelope>,
    snapshots: watch::Sender<Arc<Snapshot>>,
}

fn rig(snapshot: Snapshot) -> Rig {
    let (sender, commands) = mpsc::channel(4);
    let (snapshots, receiver) = watch::channel(Arc::new(snapshot));
    Rig { handle: Handle::new(sender, receiver, Arc::new(|query| Ok(answer(&query)))), commands, snapshots }
}

fn services() -> Services {
    let start = tokio::time::Instant::now();
    Services {
        export: Arc::new(|request, progress| {
            progress(1);
            Ok(ExportDone { rows: 2, path: request.path })
        }),
        now: Arc::new(move || Time::from_ms(NOW.ms() + start.elapsed().as_millis() as i64)),
        local_offset: |_| 0,
        offer_demo: true,
        default_backfill: "30d".into(),
        meant: ExchangeId::Binance,
        usual: ExchangeId::Binance,
        face: Face::new(&Look::plain(Colors::Rgb), &[]).unwrap(),
        store_flag: None,
        glyphs: Glyphs::Unicode,
        graphics: Graphics::None("a test"),
    }
}

fn key(code: KeyCode) -> Event {
    Event::Key(KeyEvent::new(code, KeyModifiers::NONE))
}

/// These keys, 100 ms apart.
fn typed(keys: Vec<Event>) -> impl Stream<Item = io::Result<Event>> + Unpin {
    Box::pin(stream::iter(keys).then(|event| async {
        tokio::time::sleep(Duration::from_millis(100)).await;
        Ok(event)
    }))
}

async fn run(rig: &Rig, keys: Vec<Event>) -> (Exit, String) {
    let mut terminal = Terminal::new(TestBackend::new(100, 30)).unwrap();
    let exit = event::run(&mut terminal, typed(keys), rig.handle.clone(), services()).await.unwrap();
    (exit, terminal.backend().to_string())
}

#[tokio::test(start_paused = true)]
async fn keys_end_the_loop_and_releases_do_nothing() {
    let mut release = KeyEvent::new(KeyCode::Char('q'), KeyModifiers::NONE);
    release.kind = KeyEventKind::Release;
    let (exit, screen) = run(&rig(empty()), vec![Event::Key(release), key(KeyCode::Char('d'))]).await;
    assert_eq!(exit, Exit::Demo);
    assert!(screen.contains("Every minute accounted for."));
    assert_eq!(run(&rig(busy()), vec![key(KeyCode::Char('q'))]).await.0, Exit::Quit);
    assert_eq!(run(&rig(busy()), Vec::new()).await.0, Exit::Quit, "the terminal hung up");
}

#[tokio::test(start_paused = true)]
async fn the_recorder_is_told_when_nobody_is_at_work() {
    let check = async |pauses_ms: &[u64], left_ms: u64, expected: bool| {
        let rig = rig(busy());
        let wait = |ms: u64| tokio::time::sleep(Duration::from_millis(ms));
        let keys = stream::iter(pauses_ms.to_vec()).then(move |pause| async move {
            wait(pause).await;
            Ok(key(KeyCode::Char('j')))
        });
        // The terminal hangs up after a while.
        let end = stream::once(wait(left_ms)).filter_map(|()| std::future::ready(None));
        let mut terminal = Terminal::new(TestBackend::new(100, 30)).unwrap();
        event::run(&mut terminal, Box::pin(keys.chain(end)), rig.handle.clone(), services()).await.unwrap();
        assert_eq!(rig.handle.glanced().load(Ordering::Relaxed), expected, "{pauses_ms:?} {left_ms}");
    };
    check(&[100], 9_000, false).await;
    check(&[100], 12_000, true).await;
    check(&[9_000, 9_000], 9_000, false).await;
    check(&[12_000], 100, false).await;
}

#[tokio::test(start_paused = true)]
async fn a_capital_is_the_same_with_and_without_shift() {
    let shifted = Event::Key(KeyEvent::new(KeyCode::Char('G'), KeyModifiers::SHIFT));
    let (_, screen) = run(&rig(busy()), vec![shifted, Event::FocusLost, key(KeyCode::Char('q'))]).await;
    assert!(screen.contains("▸ 币"), "{screen}");
}

#[tokio::test(start_paused = true)]
async fn commands_are_sent_and_their_outcome_is_shown() {
    let mut rig = rig(busy());
    let (handle, snapshots) = (rig.handle.clone(), rig.snapshots.clone());
    let engine = tokio::spawn(async move {
        let (command, reply) = rig.commands.recv().await.unwrap();
        reply.send(Ok(Done::said("looked again"))).unwrap();
        command
    });
    let (_, commands) = mpsc::channel(1);
    let front = Rig { handle, commands, snapshots };
    let (_, screen) = run(&front, vec![key(KeyCode::Char('R')), Event::Resize(100, 30), key(KeyCode::Char('q'))]).await;
    assert_eq!(engine.await.unwrap(), Command::Refresh);
    assert!(screen.contains("✓ looked again"), "{screen}");
}

#[tokio::test(start_paused = true)]
async fn a_stopped_recorder_is_said_and_survived() {
    let rig = rig(busy());
    let Rig { handle, commands, snapshots } = rig;
    drop((commands, snapshots));
    let (sender, commands) = mpsc::channel(1);
    drop(sender);
    let front = Rig { handle, commands, snapshots: watch::channel(Arc::new(empty())).0 };
    let (_, screen) = run(&front, vec![key(KeyCode::Char('R')), Event::FocusGained, key(KeyCode::Char('q'))]).await;
    assert!(screen.contains("✗ the recorder has stopped"), "{screen}");
}

#[tokio::test(start_paused = true)]
async fn a_new_snapshot_is_drawn() {
    let rig = rig(empty());
    let sender = rig.snapshots.clone();
    tokio::spawn(async move {
        tokio::time::sleep(Duration::from_millis(50)).await;
        sender.send_replace(Arc::new(busy()));
    });
    let (_, screen) = run(&rig, vec![Event::FocusGained, key(KeyCode::Char('q'))]).await;
    assert!(screen.contains("BTC/USDT"), "{screen}");
}

#[tokio::test]
async fn exports_report_back() {
    let keys = vec![key(KeyCode::Char('e')), key(KeyCode::Enter)];
    let rig = rig(busy());
    let mut terminal = Terminal::new(TestBackend::new(100, 30)).unwrap();
    let input = Box::pin(stream::iter(keys).map(Ok).chain(stream::once(async {
        tokio::time::sleep(Duration::from_millis(120)).await;
        Ok(key(KeyCode::F(12)))
    })));
    event::run(&mut terminal, input, rig.handle.clone(), services()).await.unwrap();
    assert!(terminal.backend().to_string().contains("2 rows in /"), "{}", terminal.backend());
}
