//! The front ends' only grip on the engine: commands in, snapshots and reads out.

use super::command::{Command, Outcome};
use super::query::{Query, Reply};
use super::snapshot::Snapshot;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use tokio::sync::{mpsc, oneshot, watch};

/// Answers a query; runs on a blocking thread.
pub type ReadFn = dyn Fn(Query) -> Result<Reply, QueryError> + Send + Sync;

/// A command on its way, with the place for its answer.
pub type Envelope = (Command, oneshot::Sender<Outcome>);

/// A cheap, cloneable handle of a running engine, or of a store that another process records.
#[derive(Clone)]
pub struct Handle {
    commands: mpsc::Sender<Envelope>,
    snapshots: watch::Receiver<Arc<Snapshot>>,
    read: Arc<ReadFn>,
    /// Whether it is only glanced at.
    glanced: Arc<AtomicBool>,
}

/// The engine's command queue is full, or the engine has stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SendError {
    /// Try again in a moment.
    #[error("the recorder is busy: try again in a moment")]
    Busy,
    /// It is shutting down.
    #[error("the recorder has stopped")]
    Stopped,
}

/// A read that failed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct QueryError(pub String);

impl Handle {
    /// Puts a handle together; `read` may block.
    pub fn new(commands: mpsc::Sender<Envelope>, snapshots: watch::Receiver<Arc<Snapshot>>, read: Arc<ReadFn>) -> Self {
        Self { commands, snapshots, read, glanced: Arc::default() }
    }

    /// Queues a command without waiting; its outcome comes through the receiver.
    pub fn try_send(&self, command: Command) -> Result<oneshot::Receiver<Outcome>, SendError> {
        let (reply, outcome) = oneshot::channel();
        self.commands.try_send((command, reply)).map_err(|error| match error {
            mpsc::error::TrySendError::Full(_) => SendError::Busy,
            mpsc::error::TrySendError::Closed(_) => SendError::Stopped,
        })?;
        Ok(outcome)
    }

    /// Queues a command and waits for its outcome.
    pub async fn run(&self, command: Command) -> Outcome {
        let (reply, outcome) = oneshot::channel();
        if self.commands.send((command, reply)).await.is_err() {
            return Err(SendError::Stopped.to_string());
        }
        outcome.await.unwrap_or_else(|_| Err(SendError::Stopped.to_string()))
    }

    /// The newest snapshot, now and whenever it changes.
    pub fn snapshots(&self) -> watch::Receiver<Arc<Snapshot>> {
        self.snapshots.clone()
    }

    /// Says whether somebody is at work at the front end or the screen is only glanced at: then fewer snapshots do.
    pub fn glance(&self, only: bool) {
        self.glanced.store(only, Ordering::Relaxed);
    }

    /// What was said of that last.
    pub fn glanced(&self) -> Arc<AtomicBool> {
        Arc::clone(&self.glanced)
    }

    /// Reads from the store on a blocking thread.
    pub async fn query(&self, query: Query) -> Result<Reply, QueryError> {
        let read = Arc::clone(&self.read);
        tokio::task::spawn_blocking(move || read(query)).await.unwrap_or_else(|error| Err(QueryError(error.to_string())))
    }
}
