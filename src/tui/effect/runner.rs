//! Carries effects out without ever making the screen wait.

use super::{Effect, RequestId, Slot, folder};
use crate::engine::command::{Command, ExportRequest};
use crate::engine::handle::Handle;
use crate::engine::query::Query;
use crate::tui::action::Action;
use crate::tui::{Exit, Services};
use std::cell::Cell;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::mpsc;

/// How often a running export says how far it is.
const EXPORT_NEWS: Duration = Duration::from_millis(100);

/// What an effect leaves to the loop.
#[derive(Debug)]
pub(crate) enum Rest {
    /// Nothing: an answer comes later, if at all.
    Nothing,
    /// To paint everything anew.
    Repaint,
    /// To take the mouse, or to leave it to the terminal.
    CaptureMouse(bool),
    /// To put text on the clipboard.
    Copy(String),
    /// To end.
    Quit(Exit),
    /// To send these control sequences to the terminal.
    Send(String),
    /// To tell the reducer at once.
    Tell(Box<Action>),
}

/// A panel's reads.
#[derive(Default)]
struct Lane {
    busy: bool,
    waiting: Option<(u64, Query)>,
}

/// Starts what effects ask for; answers come through `answers`.
pub(crate) struct Runner {
    handle: Handle,
    services: Services,
    answers: mpsc::Sender<Action>,
    lanes: [Lane; Slot::COUNT],
}

impl Runner {
    /// Over this handle.
    pub(crate) fn new(handle: Handle, services: Services, answers: mpsc::Sender<Action>) -> Self {
        Self { handle, services, answers, lanes: Default::default() }
    }

    /// Carries one effect out.
    pub(crate) fn run(&mut self, effect: Effect) -> Rest {
        match effect {
            Effect::Quit(exit) => return Rest::Quit(exit),
            Effect::Repaint => return Rest::Repaint,
            Effect::Copy(text) => return Rest::Copy(text),
            Effect::Command(id, command) => return self.command(id, command),
            // Nobody waits for the answer; where the recorder is too busy, the next one asks again.
            Effect::Watch(series) => drop(self.handle.try_send(Command::Watch(series))),
            Effect::Query { slot, generation, query } => {
                let lane = &mut self.lanes[slot as usize];
                if lane.busy {
                    lane.waiting = Some((generation, query));
                } else {
                    lane.busy = true;
                    self.read(slot, generation, query);
                }
            }
            Effect::Export(id, request) => self.export(id, request),
            Effect::Notify(notice) => return Rest::Send(notice.sequence()),
            Effect::List { generation, folder } => self.list(generation, folder),
            Effect::CaptureMouse(on) => return Rest::CaptureMouse(on),
        }
        Rest::Nothing
    }

    /// A read of `slot` has come back: the newest that waits goes next.
    pub(crate) fn landed(&mut self, slot: Slot) {
        let lane = &mut self.lanes[slot as usize];
        match lane.waiting.take() {
            Some((generation, query)) => self.read(slot, generation, query),
            None => lane.busy = false,
        }
    }

    fn read(&self, slot: Slot, generation: u64, query: Query) {
        let (handle, answers) = (self.handle.clone(), self.answers.clone());
        tokio::spawn(async move {
            let reply = handle.query(query).await.map_err(|error| error.to_string());
            // A closed channel means that the screens are gone.
            let _ = answers.send(Action::Loaded { slot, generation, reply }).await;
        });
    }

    fn command(&self, id: RequestId, command: Command) -> Rest {
        match self.handle.try_send(command) {
            Err(error) => Rest::Tell(Box::new(Action::Outcome(id, Err(error.to_string())))),
            Ok(outcome) => {
                let answers = self.answers.clone();
                tokio::spawn(async move {
                    let outcome = outcome.await.unwrap_or_else(|_| Err("the recorder has stopped".into()));
                    let _ = answers.send(Action::Outcome(id, outcome)).await;
                });
                Rest::Nothing
            }
        }
    }

    fn list(&self, generation: u64, folder: String) {
        let answers = self.answers.clone();
        tokio::spawn(async move {
            // A folder that cannot be listed has nothing to offer.
            let names = tokio::task::spawn_blocking(move || folder::names(&folder)).await.unwrap_or_default();
            let _ = answers.send(Action::Listed { generation, names }).await;
        });
    }

    fn export(&self, id: RequestId, mut request: ExportRequest) {
        // What is told afterwards is where the file lies, wherever the app was started.
        request.path = folder::at_home(&request.path);
        request.path = std::path::absolute(&request.path).unwrap_or(request.path);
        let (export, answers) = (Arc::clone(&self.services.export), self.answers.clone());
        tokio::spawn(async move {
            let news = answers.clone();
            let work = tokio::task::spawn_blocking(move || {
                let last = Cell::new(Instant::now());
                export(request, &|rows| {
                    if last.get().elapsed() >= EXPORT_NEWS {
                        last.set(Instant::now());
                        // News may be dropped where the screen is behind: the next ones replace them.
                        let _ = news.try_send(Action::ExportRows(id, rows));
                    }
                })
            });
            let result = work.await.unwrap_or_else(|error| Err(error.to_string()));
            let _ = answers.send(Action::Exported(id, result)).await;
        });
    }
}
