//! The loop: merges keys, signals, snapshots, answers and the clock, and draws when something
//! changed: news at most every [`NEWS`] ([`NEWS_ALONE`] where nobody is at work), the answer to a key at once.

use super::action::Action;
use super::chord::{Chord, Key, Named};
use super::effect::{Effect, Rest, Runner};
use super::state::{State, memory};
use super::update::{press, update};
use super::zone::Zone;
use super::{Exit, Services, TuiError, terminal, view};
use crate::domain::time::Time;
use crate::engine::handle::Handle;
use crossterm::event::{Event, KeyCode, KeyEvent, KeyEventKind, KeyModifiers};
use futures_util::{Stream, StreamExt as _};
use ratatui::Terminal;
use ratatui::backend::Backend;
use std::io;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::time::Instant;

mod canvas;
mod mouse;
mod signal;

/// Least time between two frames of news: no eye follows numbers that change more often.
const NEWS: Duration = Duration::from_millis(100);
/// The same where nobody has touched a key or the mouse for [`ALONE`]: a glance needs no more, a battery less.
const NEWS_ALONE: Duration = Duration::from_millis(250);
/// After this long without a key or the mouse nobody is at work here.
const ALONE: Duration = Duration::from_secs(10);
/// Least time between two answers to a person.
const ANSWER: Duration = Duration::from_millis(16);
/// How long leaving waits for the last state to be written.
const LEAVE: Duration = Duration::from_millis(300);
/// Answers that may wait to be shown.
const ANSWERS: usize = 64;

/// Runs until the user quits, a signal comes or the input ends.
pub(crate) async fn run<B, I>(
    terminal: &mut Terminal<B>,
    mut input: I,
    handle: Handle,
    services: Services,
) -> Result<Exit, TuiError>
where
    B: Backend,
    TuiError: From<B::Error>,
    I: Stream<Item = io::Result<Event>> + Unpin,
{
    let now = Arc::clone(&services.now);
    let mut snapshots = handle.snapshots();
    let mut stop = signal::Stop::listen()?;
    let (sender, mut answers) = mpsc::channel(ANSWERS);
    let size = terminal.size()?;
    let first = Arc::clone(&snapshots.borrow_and_update());
    let mut state = State::new(first, Arc::clone(&services.face.keys), services.face.themes.clone(), services.offer_demo);
    for notice in &services.face.notices {
        state.toast(notice, true);
    }
    state.command_lines.store.clone_from(&services.store_flag);
    state.command_lines.usual = services.usual;
    state.meant = services.meant;
    state.command_lines.simulated = state.snapshot.simulated;
    state.default_backfill.clone_from(&services.default_backfill);
    state.zone = Zone::new(services.local_offset);
    state.glyphs = services.glyphs;
    state.graphics = services.graphics;
    let mut runner = Runner::new(handle.clone(), services, sender);
    let mut screen = Painter::new();
    let mut recording = true;
    let mut mouse = mouse::Mouse::default();
    let mut effects = update(&mut state, Action::Resize(size.width, size.height));
    effects.extend(update(&mut state, Action::CellPixels(terminal::cell_pixels())));
    effects.extend(update(&mut state, Action::Tick(now())));
    effects.push(memory::recall());
    let served = async {
        loop {
            if let Some(exit) = carry_out(terminal, &mut state, &mut screen, &mut runner, effects)? {
                return Ok(exit);
            }
            handle.glance(screen.is_alone(Instant::now()));
            let frame = screen.due(&state);
            let second = until_next_turn(&state, now());
            effects = tokio::select! {
                biased;
                event = input.next() => match event {
                    Some(event) => {
                        screen.touched(Instant::now());
                        on_input(&mut state, &mut mouse, event?)
                    }
                    None => return Ok(Exit::Quit),
                },
                () = stop.wait() => return Ok(Exit::Quit),
                changed = snapshots.changed(), if recording => {
                    // The last snapshot stays on screen when the engine has gone.
                    recording = changed.is_ok();
                    let snapshot = Arc::clone(&snapshots.borrow_and_update());
                    update(&mut state, Action::Snapshot(snapshot))
                }
                Some(answer) = answers.recv() => {
                    if let Action::Loaded { slot, .. } = &answer {
                        runner.landed(*slot);
                    }
                    screen.hurry(Instant::now());
                    update(&mut state, answer)
                }
                () = tokio::time::sleep_until(frame.unwrap_or_else(Instant::now)), if frame.is_some() => {
                    screen.paint(terminal, &mut state)?;
                    Vec::new()
                }
                made = screen.canvas.finished(), if screen.canvas.is_busy() => {
                    state.dirty = true;
                    screen.hurry(Instant::now());
                    made.map_or_else(|error| update(&mut state, Action::PixelsFailed(error)), |()| Vec::new())
                }
                // A closed window is not always told by a signal.
                () = tokio::time::sleep(second) => {
                    if terminal::is_gone() {
                        return Ok(Exit::Quit);
                    }
                    update(&mut state, Action::Tick(now()))
                }
            };
        }
    };
    let exit = match served.await {
        Err(_) if terminal::is_gone() => Ok(Exit::Quit),
        served => served,
    };
    if let Some(sequence) = screen.canvas.farewell() {
        // Who does not hear it needs it no more.
        drop(terminal::send(sequence));
    }
    if let Some(command) = state.memory_to_keep() {
        // A recorder that does not answer keeps nobody from leaving.
        drop(tokio::time::timeout(LEAVE, handle.run(command)).await);
    }
    exit
}

/// Draws news no sooner than [`NEWS`] or [`NEWS_ALONE`] after the frame before. What a person does, and what was read for it, is
/// shown at once, even right behind a frame of news, but no sooner than [`ANSWER`] after the last such frame.
struct Painter {
    next: Instant,
    /// No frame before this is drawn out of turn.
    next_answer: Instant,
    /// When a person last did something.
    touched: Instant,
    canvas: canvas::Canvas,
}

impl Painter {
    fn new() -> Self {
        let now = Instant::now();
        Self { next: now, next_answer: now, touched: now, canvas: canvas::Canvas::default() }
    }

    /// A person has done something: its effect does not wait for its turn.
    fn touched(&mut self, now: Instant) {
        self.touched = now;
        self.hurry(now);
    }

    /// What somebody asked for is there: that does not wait either.
    fn hurry(&mut self, now: Instant) {
        self.next = self.next.min(self.next_answer.max(now));
        self.next_answer = self.next.max(now) + ANSWER;
    }

    fn due(&self, state: &State) -> Option<Instant> {
        state.dirty.then_some(self.next)
    }

    fn paint<B: Backend>(&mut self, terminal: &mut Terminal<B>, state: &mut State) -> Result<(), TuiError>
    where
        TuiError: From<B::Error>,
    {
        terminal.draw(|frame| {
            view::draw(frame, state);
            self.canvas.place(frame, state);
        })?;
        state.dirty = false;
        self.drawn(Instant::now());
        Ok(())
    }

    fn drawn(&mut self, now: Instant) {
        self.next = now + if self.is_alone(now) { NEWS_ALONE } else { NEWS };
    }

    fn is_alone(&self, now: Instant) -> bool {
        now >= self.touched + ALONE
    }
}

fn carry_out<B: Backend>(
    terminal: &mut Terminal<B>,
    state: &mut State,
    screen: &mut Painter,
    runner: &mut Runner,
    effects: Vec<Effect>,
) -> Result<Option<Exit>, TuiError>
where
    TuiError: From<B::Error>,
{
    let mut queue = std::collections::VecDeque::from(effects);
    while let Some(effect) = queue.pop_front() {
        match runner.run(effect) {
            Rest::Nothing => {}
            // Not `clear`: that asks the terminal where its cursor is, and the input loop would take the answer.
            Rest::Repaint => {
                screen.canvas.forget();
                terminal.resize(terminal.size()?.into())?;
            }
            Rest::Send(sequence) => super::terminal::send(&sequence)?,
            Rest::Copy(text) => terminal::copy(&text)?,
            Rest::CaptureMouse(on) => terminal::capture_mouse(on)?,
            Rest::Quit(exit) => return Ok(Some(exit)),
            Rest::Tell(action) => queue.extend(update(state, *action)),
        }
    }
    Ok(None)
}

fn on_input(state: &mut State, mouse: &mut mouse::Mouse, event: Event) -> Vec<Effect> {
    match event {
        Event::Key(key) if key.kind != KeyEventKind::Release => chord(key).map_or_else(Vec::new, |chord| press(state, chord)),
        Event::Paste(text) => update(state, Action::Paste(text)),
        Event::Resize(columns, rows) => {
            let mut effects = update(state, Action::CellPixels(terminal::cell_pixels()));
            effects.extend(update(state, Action::Resize(columns, rows)));
            effects
        }
        Event::Mouse(event) => mouse.gesture(event).map_or_else(Vec::new, |pointer| update(state, Action::Mouse(pointer))),
        // Focus changes nothing.
        Event::Key(_) | Event::FocusGained | Event::FocusLost => Vec::new(),
    }
}

fn chord(event: KeyEvent) -> Option<Chord> {
    let has = |modifier| event.modifiers.contains(modifier);
    let named = |key| Some(Key::Named(key));
    let key = match event.code {
        KeyCode::Char(c) => Some(Key::Char(c)),
        KeyCode::F(n) => Some(Key::F(n)),
        KeyCode::Enter => named(Named::Enter),
        KeyCode::Esc => named(Named::Esc),
        KeyCode::Tab | KeyCode::BackTab => named(Named::Tab),
        KeyCode::Backspace => named(Named::Backspace),
        KeyCode::Delete => named(Named::Delete),
        KeyCode::Up => named(Named::Up),
        KeyCode::Down => named(Named::Down),
        KeyCode::Left => named(Named::Left),
        KeyCode::Right => named(Named::Right),
        KeyCode::Home => named(Named::Home),
        KeyCode::End => named(Named::End),
        KeyCode::PageUp => named(Named::PageUp),
        KeyCode::PageDown => named(Named::PageDown),
        _ => None,
    }?;
    let shift = has(KeyModifiers::SHIFT) || event.code == KeyCode::BackTab;
    Some(Chord::new(key, has(KeyModifiers::CONTROL), has(KeyModifiers::ALT), shift))
}

/// The clock on screen turns with the clock on the wall; prices that stand out calm down sooner.
fn until_next_turn(state: &State, now: Time) -> Duration {
    let second = 1_000 - now.ms().rem_euclid(1_000);
    let calm = state.table.next_calm().map_or(second, |calm| calm.since(now).max(1));
    Duration::from_millis(second.min(calm).unsigned_abs())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_key_does_not_wait_for_the_next_frame_of_news() {
        let mut painter = Painter::new();
        let start = Instant::now();
        let mut check = |drawn_ms: u64, pressed_ms: &[u64], expected_ms: u64| {
            painter.drawn(start + Duration::from_millis(drawn_ms));
            for at in pressed_ms {
                painter.touched(start + Duration::from_millis(*at));
            }
            assert_eq!(painter.next, start + Duration::from_millis(expected_ms), "{drawn_ms} {pressed_ms:?}");
        };
        check(100, &[103], 103);
        // Held down, a key draws no more often than that.
        check(103, &[105, 110], 119);
        check(119, &[121], 135);
        check(200, &[], 300);
        check(300, &[310, 312], 310);
        // Nobody is there any more, and somebody comes back.
        check(10_311, &[], 10_411);
        check(10_312, &[], 10_562);
        check(10_562, &[10_600], 10_600);
        check(10_600, &[], 10_700);
    }
}
