//! The one writer: a thread with the write connection, fed by two bounded lanes. What waits is
//! carried out in one transaction, the live lane first, and answered after its COMMIT.

use super::error::StoreError;
use rusqlite::{Connection, TransactionBehavior};
use std::any::Any;
use std::collections::VecDeque;
use std::panic::AssertUnwindSafe;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};
use tokio::sync::{Semaphore, oneshot};

/// Which lane a write takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Priority {
    /// Heartbeats, commands, state: drained first.
    Live,
    /// Backfilled pages.
    Backfill,
}

/// Writes of one transaction at most: ten pages of a thousand candles.
const BATCH: usize = 10;

/// A transaction takes in no more writes after this.
const BATCH_TIME: Duration = Duration::from_millis(100);

/// Writes that may wait in each lane; whoever has more waits with them, and so slows down.
const LANE: usize = 32;

/// Told after the COMMIT: `None` where it succeeded.
type Finish = Box<dyn FnOnce(Option<StoreError>) + Send>;

/// A write, or the news that its transaction could not begin; says why it failed and so is to be
/// rolled back alone.
type Task = Box<dyn FnOnce(Result<&Connection, StoreError>) -> (Option<StoreError>, Finish) + Send>;

/// Handle of the writer thread; cheap to clone.
#[derive(Clone)]
pub struct Writer {
    shared: Arc<Shared>,
}

struct Shared {
    lanes: Mutex<Lanes>,
    waiting: Condvar,
    live_slots: Arc<Semaphore>,
    backfill_slots: Arc<Semaphore>,
    thread: Mutex<Option<JoinHandle<()>>>,
    commits: AtomicU64,
}

#[derive(Default)]
struct Lanes {
    live: VecDeque<Task>,
    backfill: VecDeque<Task>,
    closed: bool,
}

impl Writer {
    pub(super) fn start(connection: Connection) -> Result<Self, StoreError> {
        let shared = Arc::new(Shared {
            lanes: Mutex::default(),
            waiting: Condvar::new(),
            live_slots: Arc::new(Semaphore::new(LANE)),
            backfill_slots: Arc::new(Semaphore::new(LANE)),
            thread: Mutex::default(),
            commits: AtomicU64::new(0),
        });
        let of_thread = Arc::clone(&shared);
        let thread = std::thread::Builder::new()
            .name("store-writer".into())
            .spawn(move || drain(connection, &of_thread))
            .map_err(|error| StoreError::Sql(format!("no thread for the writer: {error}")))?;
        *lock(&shared.thread) = Some(thread);
        Ok(Self { shared })
    }

    /// Carries out `work` in a transaction and returns its result once that is committed. Where
    /// `work` fails, nothing of it is kept; others of the same transaction are not touched.
    pub async fn run<T, F>(&self, priority: Priority, work: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: FnOnce(&Connection) -> Result<T, StoreError> + Send + 'static,
    {
        let slots = match priority {
            Priority::Live => &self.shared.live_slots,
            Priority::Backfill => &self.shared.backfill_slots,
        };
        // The slot is given back with the task, when the writer takes it.
        let slot = Arc::clone(slots).acquire_owned().await.map_err(|_| StoreError::Closed)?;
        let (reply, outcome) = oneshot::channel();
        let task: Task = Box::new(move |connection| {
            drop(slot);
            let result = connection.and_then(|connection| {
                // The thread must outlive a fault in one write, or every later one waits for ever.
                // Nothing that the panic left behind is kept: the write is rolled back.
                std::panic::catch_unwind(AssertUnwindSafe(|| work(connection)))
                    .unwrap_or_else(|panic| Err(StoreError::Sql(format!("a write panicked: {}", panic_text(&*panic)))))
            });
            let failed = result.as_ref().err().cloned();
            // Its own failure says more than that of the transaction. A caller that has gone away
            // wants no answer.
            let finish: Finish =
                Box::new(move |failure| drop(reply.send(result.and_then(|value| failure.map_or(Ok(value), Err)))));
            (failed, finish)
        });
        self.push(priority, task)?;
        outcome.await.map_err(|_| StoreError::Closed)?
    }

    /// Writes that wait.
    pub fn queued(&self) -> usize {
        let lanes = lock(&self.shared.lanes);
        lanes.live.len() + lanes.backfill.len()
    }

    /// Transactions since the start: where it has not grown, this process has changed nothing.
    pub fn commits(&self) -> u64 {
        self.shared.commits.load(Ordering::Acquire)
    }

    /// Takes no more writes, carries out those that wait, folds the log into the file and ends.
    /// Returns whether all that was done within `deadline`.
    pub fn close(&self, deadline: Duration) -> bool {
        lock(&self.shared.lanes).closed = true;
        self.shared.waiting.notify_all();
        let Some(thread) = lock(&self.shared.thread).take() else { return true };
        let (done, ended) = std::sync::mpsc::channel();
        // A second thread, so that a disk that hangs cannot hold the process.
        std::thread::spawn(move || {
            let ended = thread.join().is_ok();
            // Nobody listens after the deadline.
            let _ = done.send(ended);
        });
        ended.recv_timeout(deadline).unwrap_or(false)
    }

    fn push(&self, priority: Priority, task: Task) -> Result<(), StoreError> {
        let mut lanes = lock(&self.shared.lanes);
        if lanes.closed {
            return Err(StoreError::Closed);
        }
        match priority {
            Priority::Live => lanes.live.push_back(task),
            Priority::Backfill => lanes.backfill.push_back(task),
        }
        drop(lanes);
        self.shared.waiting.notify_one();
        Ok(())
    }
}

impl Lanes {
    fn next(&mut self) -> Option<Task> {
        self.live.pop_front().or_else(|| self.backfill.pop_front())
    }
}

/// A panic elsewhere leaves the queues sound: they are only pushed to and popped from.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn drain(mut connection: Connection, shared: &Shared) {
    loop {
        let first = {
            let mut lanes = lock(&shared.lanes);
            loop {
                if let Some(task) = lanes.next() {
                    break Some(task);
                }
                if lanes.closed {
                    break None;
                }
                lanes = shared.waiting.wait(lanes).unwrap_or_else(PoisonError::into_inner);
            }
        };
        match first {
            Some(task) => transact(&mut connection, shared, task),
            None => break,
        }
    }
    if let Err(error) = connection.execute_batch("PRAGMA optimize; PRAGMA wal_checkpoint(TRUNCATE);") {
        tracing::warn!(%error, "the write-ahead log was not folded into the file; the next start does it");
    }
}

/// What a panic said.
pub fn panic_text(panic: &(dyn Any + Send)) -> &str {
    panic.downcast_ref::<&str>().copied().or_else(|| panic.downcast_ref::<String>().map(String::as_str)).unwrap_or("no message")
}

fn transact(connection: &mut Connection, shared: &Shared, first: Task) {
    let began = Instant::now();
    let mut finished: Vec<Finish> = Vec::with_capacity(BATCH);
    let outcome = (|| {
        let transaction = match connection.transaction_with_behavior(TransactionBehavior::Immediate) {
            Ok(transaction) => transaction,
            Err(error) => {
                finished.push(first(Err(error.into())).1);
                return Ok(());
            }
        };
        let mut next = Some(first);
        while let Some(task) = next {
            if let Err(error) = transaction.execute_batch("SAVEPOINT task") {
                finished.push(task(Err(error.into())).1);
                break;
            }
            let (failed, finish) = task(Ok(&transaction));
            finished.push(finish);
            let end = if failed.is_some() { "ROLLBACK TO task; RELEASE task" } else { "RELEASE task" };
            // A full disk ends the whole transaction, and the savepoint with it: that is the cause
            // to tell of.
            transaction.execute_batch(end).map_err(|error| failed.unwrap_or_else(|| error.into()))?;
            next = if finished.len() < BATCH && began.elapsed() < BATCH_TIME { lock(&shared.lanes).next() } else { None };
        }
        transaction.commit().map_err(StoreError::from)
    })();
    // Before anybody is answered: who asks for the count then looks for what was written.
    shared.commits.fetch_add(1, Ordering::Release);
    let failure = outcome.err();
    if let Some(error) = &failure {
        tracing::error!(%error, "a transaction was rolled back");
    }
    for finish in finished {
        finish(failure.clone());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::Store;
    use crate::store::settings;

    #[tokio::test]
    async fn a_failed_write_is_rolled_back_alone() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&folder.path().join("s.sqlite")).unwrap();
        let good = store.writer().run(Priority::Live, |connection| settings::set(connection, "a", "1"));
        let bad = store.writer().run(Priority::Live, |connection| {
            settings::set(connection, "b", "2")?;
            Err::<(), _>(StoreError::Corrupt("on purpose".into()))
        });
        let late = store.writer().run(Priority::Backfill, |connection| settings::set(connection, "c", "3"));
        let (good, bad, late) = tokio::join!(good, bad, late);
        assert!(good.is_ok() && bad.is_err() && late.is_ok());
        assert!(store.writer().commits() > 0, "whoever was answered finds the count grown");
        let read = |key: &'static str| store.readers().with(|connection| settings::get(connection, key)).unwrap();
        assert_eq!((read("a"), read("b"), read("c")), (Some("1".into()), None, Some("3".into())));
        assert!(store.writer().close(Duration::from_secs(5)));
        assert!(matches!(store.writer().run(Priority::Live, |_| Ok(())).await, Err(StoreError::Closed)));
    }

    #[tokio::test]
    async fn a_panicking_write_harms_no_other() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&folder.path().join("s.sqlite")).unwrap();
        let bad = store.writer().run::<(), _>(Priority::Live, |connection| {
            settings::set(connection, "a", "1")?;
            panic!("on purpose")
        });
        let good = store.writer().run(Priority::Backfill, |connection| settings::set(connection, "b", "2"));
        let (bad, good) = tokio::join!(bad, good);
        assert!(good.is_ok());
        assert!(matches!(bad, Err(StoreError::Sql(text)) if text.contains("on purpose")));
        let read = |key: &'static str| store.readers().with(|connection| settings::get(connection, key)).unwrap();
        assert_eq!((read("a"), read("b")), (None, Some("2".into())));
        assert!(store.writer().close(Duration::from_secs(5)));
    }

    #[tokio::test]
    async fn a_write_that_another_process_keeps_out_is_told_so() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("s.sqlite");
        drop(crate::store::connection::open_writer(&path).unwrap());
        let impatient = Connection::open(&path).unwrap();
        impatient.busy_timeout(Duration::from_millis(1)).unwrap();
        let writer = Writer::start(impatient).unwrap();
        let other = Connection::open(&path).unwrap();
        other.execute_batch("BEGIN IMMEDIATE").unwrap();
        let kept_out = writer.run(Priority::Live, |connection| settings::set(connection, "a", "1")).await;
        assert!(matches!(kept_out, Err(StoreError::Busy)), "{kept_out:?}");
        other.execute_batch("ROLLBACK").unwrap();
        assert!(writer.run(Priority::Live, |connection| settings::set(connection, "a", "1")).await.is_ok());
    }

    #[tokio::test]
    async fn a_full_disk_is_told_as_one() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("s.sqlite");
        let connection = crate::store::connection::open_writer(&path).unwrap();
        connection.execute_batch("PRAGMA max_page_count = 1").unwrap();
        let writer = Writer::start(connection).unwrap();
        let big = "x".repeat(1 << 20);
        let full = writer.run(Priority::Live, move |connection| settings::set(connection, "a", &big)).await;
        assert!(matches!(full, Err(StoreError::DiskFull)), "{full:?}");
        assert!(writer.run(Priority::Live, |connection| settings::get(connection, "a")).await.is_ok());
    }

    #[tokio::test]
    async fn the_live_lane_goes_first() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&folder.path().join("s.sqlite")).unwrap();
        let order = Arc::new(Mutex::new(Vec::new()));
        let (open, gate) = std::sync::mpsc::channel::<()>();
        let holder = {
            let writer = store.writer().clone();
            tokio::spawn(async move {
                writer
                    .run(Priority::Live, move |_| {
                        let _ = gate.recv();
                        Ok(())
                    })
                    .await
            })
        };
        let mut waiting = Vec::new();
        for (name, priority) in [("past", Priority::Backfill), ("past", Priority::Backfill), ("now", Priority::Live)] {
            let (writer, order) = (store.writer().clone(), Arc::clone(&order));
            waiting.push(tokio::spawn(async move {
                writer
                    .run(priority, move |_| {
                        lock(&order).push(name);
                        Ok(())
                    })
                    .await
            }));
            while store.writer().queued() < waiting.len() && !holder.is_finished() {
                tokio::task::yield_now().await;
            }
        }
        open.send(()).unwrap();
        for task in waiting {
            task.await.unwrap().unwrap();
        }
        assert_eq!(*lock(&order), ["now", "past", "past"]);
    }
}
