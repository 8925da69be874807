//! The running exchange and its handle.

use super::clock::{RunningClock, SimClock};
use super::connection::serve;
use super::fault::plan::{FaultPlan, Occasion, Strike};
use super::fault::{FaultRule, SocketFault};
use super::limits::budgets::{Budgets, Charged};
use super::limits::{Limits, VenueLimits};
use super::market::Market;
use super::markets;
use super::request_log::{RequestLog, Requests};
use super::rest::Charge;
use super::stream::{Door, Doors, StreamSettings};
use super::venue::Venue;
use crate::domain::range::TimeRange;
use crate::domain::time::Time;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::Instant;

/// How the exchange is to be.
#[derive(Debug, Clone)]
pub struct SimConfig {
    /// Its time.
    pub clock: SimClock,
    /// Seed of the faults' chances. Markets carry their own.
    pub seed: u64,
    /// What trades.
    pub markets: Vec<Market>,
    /// The request budget of Binance spot.
    pub limits: Limits,
    /// Those of the other exchanges.
    pub venue_limits: VenueLimits,
    /// Whether to compress for clients that accept gzip.
    pub gzip: bool,
    /// Pause before every answer.
    pub latency: Duration,
    /// What goes wrong from the start.
    pub faults: Vec<FaultRule>,
    /// Port on 127.0.0.1; 0 takes a free one.
    pub port: u16,
    /// How WebSocket connections are kept.
    pub streams: StreamSettings,
    /// Where each request is also written as a line of JSON, at once.
    pub log_file: Option<PathBuf>,
}

impl Default for SimConfig {
    fn default() -> Self {
        Self {
            clock: SimClock::System,
            seed: 1,
            markets: markets::all(1),
            limits: Limits::default(),
            venue_limits: VenueLimits::default(),
            gzip: false,
            latency: Duration::ZERO,
            faults: Vec::new(),
            port: 0,
            streams: StreamSettings::default(),
            log_file: None,
        }
    }
}

/// A running exchange. It stops when dropped, with all its connections.
#[derive(Debug)]
pub struct Simulation {
    address: SocketAddr,
    shared: Arc<Shared>,
    acceptor: JoinHandle<()>,
}

impl Simulation {
    /// Listens on loopback and serves from a background task of the present runtime. Fails where the
    /// port is taken or the log file cannot be created.
    pub async fn start(config: SimConfig) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, config.port)).await?;
        let address = listener.local_addr()?;
        let shared = Arc::new(Shared {
            clock: RunningClock::new(config.clock),
            started: Instant::now(),
            markets: config.markets,
            gzip: config.gzip,
            seed: config.seed,
            streams: config.streams,
            sockets: AtomicU64::new(0),
            doors: Mutex::default(),
            latency: Mutex::new(config.latency),
            budgets: Mutex::new(Budgets::new(config.limits, config.venue_limits)),
            faults: Mutex::new(FaultPlan::new(config.seed, config.faults)),
            requests: Mutex::new(Requests::new(config.log_file.as_deref())?),
        });
        let acceptor = tokio::spawn(accept(listener, Arc::clone(&shared)));
        Ok(Self { address, shared, acceptor })
    }

    /// `http://127.0.0.1:PORT`.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The exchange's time.
    pub fn now(&self) -> Time {
        self.shared.clock.now()
    }

    /// Sets the exchange's time; it runs on from there.
    pub fn set_clock(&self, time: Time) {
        self.shared.clock.set(time);
    }

    /// Moves the exchange's time; negative: back.
    pub fn advance_clock(&self, ms: i64) {
        self.shared.clock.advance(ms);
    }

    /// Replaces all fault rules; their counts start anew.
    pub fn set_faults(&self, rules: Vec<FaultRule>) {
        *lock(&self.shared.faults) = FaultPlan::new(self.shared.seed, rules);
    }

    /// Replaces the pause before every answer.
    pub fn set_latency(&self, latency: Duration) {
        *lock(&self.shared.latency) = latency;
    }

    /// What trades: the oracle of what a client should end up with.
    pub fn markets(&self) -> &[Market] {
        &self.shared.markets
    }

    /// The first market of this native symbol: Binance spot's, where several exchanges have it.
    pub fn market(&self, native: &str) -> Option<&Market> {
        self.shared.markets.iter().find(|market| market.native() == native)
    }

    /// An exchange's market of this native symbol.
    pub fn market_on(&self, venue: Venue, native: &str) -> Option<&Market> {
        self.shared.markets.iter().find(|market| market.venue() == venue && market.native() == native)
    }

    /// The newest requests, oldest first; at most 20,000.
    pub fn requests(&self) -> Vec<RequestLog> {
        lock(&self.shared.requests).newest()
    }

    /// How many requests a path has had in all.
    pub fn request_count(&self, path: &str) -> u64 {
        lock(&self.shared.requests).count(path)
    }

    /// Closes the listener and all connections, and waits until they are.
    pub async fn stop(mut self) {
        self.acceptor.abort();
        // Its end is what was asked for, however it comes.
        let _ = (&mut self.acceptor).await;
    }
}

impl Drop for Simulation {
    fn drop(&mut self) {
        self.acceptor.abort();
    }
}

/// What all connections share.
#[derive(Debug)]
pub(super) struct Shared {
    pub(super) clock: RunningClock,
    pub(super) started: Instant,
    pub(super) markets: Vec<Market>,
    pub(super) gzip: bool,
    pub(super) streams: StreamSettings,
    seed: u64,
    /// How many WebSocket connections were asked for.
    sockets: AtomicU64,
    doors: Mutex<Doors>,
    latency: Mutex<Duration>,
    budgets: Mutex<Budgets>,
    faults: Mutex<FaultPlan>,
    requests: Mutex<Requests>,
}

impl Shared {
    pub(super) fn latency(&self) -> Duration {
        *lock(&self.latency)
    }

    pub(super) fn charge(&self, venue: Venue, charge: &Charge) -> Charged {
        lock(&self.budgets).charge(venue, charge)
    }

    pub(super) fn weight_per_minute(&self, venue: Venue) -> u32 {
        lock(&self.budgets).weight_per_minute(venue)
    }

    pub(super) fn strike(&self, path: &str, asked: Option<TimeRange>) -> Option<Strike> {
        lock(&self.faults).strike(path, asked)
    }

    /// The number of a new WebSocket.
    pub(super) fn next_socket(&self) -> u64 {
        self.sockets.fetch_add(1, Ordering::Relaxed)
    }

    /// Counts a WebSocket that is asked for; whether its exchange lets it in.
    pub(super) fn admits(&self, door: Door) -> bool {
        !self.streams.limits || lock(&self.doors).admits(door)
    }

    /// The fault that strikes a moment of the WebSocket with this number and time of opening.
    pub(super) fn strike_socket(
        &self,
        path: &str,
        occasion: Occasion,
        (id, opened): (u64, Time),
        now: Time,
        candle: Option<TimeRange>,
    ) -> Option<SocketFault> {
        lock(&self.faults).strike_socket(path, occasion, (id, now.since(opened)), candle)
    }

    pub(super) fn log(&self, request: RequestLog) {
        lock(&self.requests).push(request);
    }
}

/// Each lock is held for plain reads and writes only; a panic elsewhere leaves nothing half done.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// How long to wait when the system refuses connections, as it does when out of file descriptors.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

async fn accept(listener: TcpListener, shared: Arc<Shared>) {
    // Dropped with this task, it ends every connection.
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            biased;
            Some(_) = connections.join_next() => {}
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => {
                    connections.spawn(serve(stream, Arc::clone(&shared)));
                }
                Err(_) => tokio::time::sleep(ACCEPT_PAUSE).await,
            },
        }
    }
}
