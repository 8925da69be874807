//! Sockets over pipes in memory, under a clock that stands still.

use super::connect::config;
use super::*;
use crate::domain::candle::tests::candle;
use crate::domain::instrument::Instrument;
use crate::domain::interval::Interval;
use crate::domain::price::Decimal;
use crate::domain::ticker::Ticker;
use crate::exchange::port::BoxFuture;
use crate::exchange::stream::{BadFrame, Heard, Ping, Roster, SocketLimits, StreamEvent, Topic};
use futures_util::{SinkExt as _, StreamExt as _};
use std::sync::atomic::{AtomicUsize, Ordering};
use tokio::io::DuplexStream;
use tokio::time::{Instant, advance, sleep, timeout};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::Role;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream};

fn instrument(native: &str) -> Arc<Instrument> {
    Arc::new(Instrument { native: native.into(), ..crate::domain::instrument::tests::instrument() })
}

fn ticker(native: &str) -> Subscription {
    Subscription { instrument: instrument(native), topic: Topic::Ticker }
}

/// Words for frames: `t A 5` a ticker, `c A 3` a candle of minute 3, `refuse A`, `refuse #3` a message by its number,
/// `beat`, `leaving`.
struct Words {
    limits: SocketLimits,
    tells_closed: bool,
    /// Whether messages begin with their numbers.
    numbered: bool,
}

impl Words {
    fn new() -> Self {
        let limits = SocketLimits {
            subscriptions: 2,
            per_message: 2,
            messages: (2, Duration::from_secs(1)),
            connections: (100, Duration::from_secs(60)),
            lifetime: None,
            ping: None,
            silence: Duration::from_secs(20),
        };
        Self { limits, tells_closed: true, numbered: false }
    }
}

fn names(verb: &str, subscriptions: &[Subscription]) -> Vec<String> {
    let name = |chunk: &[Subscription]| chunk.iter().map(|one| one.instrument.native.clone()).collect::<Vec<_>>().join(",");
    subscriptions.chunks(2).map(|chunk| format!("{verb} {}", name(chunk))).collect()
}

impl Protocol for Words {
    fn base_url(&self) -> &'static str {
        "ws://127.0.0.1:1"
    }

    fn path(&self, subscription: &Subscription) -> String {
        if subscription.topic == Topic::Ticker { "/t".into() } else { "/c".into() }
    }

    fn paths(&self) -> &'static [&'static str] {
        &["/ws"]
    }

    fn limits(&self, _path: &str) -> SocketLimits {
        self.limits
    }

    fn tells_closed(&self) -> bool {
        self.tells_closed
    }

    fn subscribe(&self, id: u64, subscriptions: &[Subscription]) -> Vec<String> {
        if self.numbered {
            let name =
                |chunk: &[Subscription]| chunk.iter().map(|one| one.instrument.native.clone()).collect::<Vec<_>>().join(",");
            return (id..).zip(subscriptions.chunks(100)).map(|(id, chunk)| format!("{id} {}", name(chunk))).collect();
        }
        names("sub", subscriptions)
    }

    fn unsubscribe(&self, _id: u64, subscriptions: &[Subscription]) -> Vec<String> {
        names("unsub", subscriptions)
    }

    fn read(&self, text: &str, roster: &Roster) -> Result<Vec<Heard>, BadFrame> {
        let words: Vec<&str> = text.split(' ').collect();
        let event = match words.as_slice() {
            ["t", name, last] => match roster.get(name) {
                None => return Ok(Vec::new()),
                Some(instrument) => {
                    let last: Decimal = last.parse().unwrap();
                    let ticker = Ticker {
                        native: (*name).into(),
                        last,
                        open_24h: None,
                        high_24h: last,
                        low_24h: last,
                        volume_24h: last,
                        quote_volume_24h: None,
                        mean_24h: None,
                        trades_24h: None,
                        at: Time::EPOCH,
                    };
                    StreamEvent::Ticker { instrument: Arc::clone(instrument), ticker }
                }
            },
            ["c", name, minute] => StreamEvent::Candle {
                instrument: Arc::clone(roster.get(name).unwrap()),
                interval: Interval::M1,
                candle: candle(minute.parse::<i64>().unwrap() * 60_000, ["2", "3", "1", "2", "1"]),
                closed: self.tells_closed,
            },
            ["refuse", name] => {
                let id = name.strip_prefix('#').map(|id| id.parse().unwrap());
                let name = id.is_none().then(|| (*name).into());
                StreamEvent::Refused { name, id, reason: "no such thing".into() }
            }
            ["beat"] => StreamEvent::Beat,
            ["leaving"] => StreamEvent::Leaving,
            _ => return Err(BadFrame { what: "no words".into(), excerpt: text.into() }),
        };
        Ok(vec![Heard { at: None, event }])
    }
}

type Server = WebSocketStream<DuplexStream>;

/// Hands the other ends of its connections to the test; `refusing` of them fail first.
struct Pipes {
    servers: mpsc::Sender<Server>,
    refusing: AtomicUsize,
}

impl Dial for Pipes {
    fn dial(&self, _url: String) -> BoxFuture<'_, Result<Socket, String>> {
        Box::pin(async move {
            let refuses = |left: usize| left.checked_sub(1);
            if self.refusing.fetch_update(Ordering::SeqCst, Ordering::SeqCst, refuses).is_ok() {
                return Err("refused".into());
            }
            let (near, far) = tokio::io::duplex(1 << 16);
            let server = WebSocketStream::from_raw_socket(far, Role::Server, None).await;
            self.servers.send(server).await.unwrap();
            let near: Box<dyn connect::Transport> = Box::new(near);
            Ok(WebSocketStream::from_raw_socket(MaybeTlsStream::Plain(near), Role::Client, Some(config(1 << 12))).await)
        })
    }
}

struct Rig {
    sockets: Sockets,
    news: mpsc::Receiver<News>,
    finals: mpsc::Receiver<Final>,
    servers: mpsc::Receiver<Server>,
    dialer: Arc<Pipes>,
}

fn rig(protocol: Words) -> Rig {
    let (sender, servers) = mpsc::channel(16);
    let dialer = Arc::new(Pipes { servers: sender, refusing: AtomicUsize::new(0) });
    let clock = Clock::starting_at(Time::from_ms(1_000_000));
    let settings = SocketSettings { queue: 8, ..SocketSettings::default() };
    let (sockets, news, finals) = Sockets::new(Arc::new(protocol), Arc::clone(&dialer) as Arc<dyn Dial>, clock, settings);
    Rig { sockets, news, finals, servers, dialer }
}

impl Rig {
    async fn server(&mut self) -> Server {
        timeout(Duration::from_secs(600), self.servers.recv()).await.expect("no connection").unwrap()
    }

    async fn news(&mut self) -> News {
        timeout(Duration::from_secs(600), self.news.recv()).await.expect("no news").unwrap()
    }
}

async fn asked(server: &mut Server) -> String {
    loop {
        let message = timeout(Duration::from_secs(600), server.next()).await.expect("no message").unwrap().unwrap();
        if let Message::Text(text) = message {
            return text.to_string();
        }
    }
}

async fn say(server: &mut Server, text: &str) {
    server.send(Message::text(text)).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn sockets_fill_up_and_follow_what_is_wanted() {
    let mut rig = rig(Words::new());
    let began = Instant::now();
    rig.sockets.want(&["A", "B", "C"].map(ticker));
    let mut first = rig.server().await;
    let mut second = rig.server().await;
    assert_eq!(asked(&mut first).await, "sub A,B");
    assert_eq!(asked(&mut second).await, "sub C");
    say(&mut first, "t A 5").await;
    assert!(matches!(rig.news().await, News::Connected { subscriptions, .. } if subscriptions.len() == 2));

    rig.sockets.want(&["B", "C", "D"].map(ticker));
    assert_eq!(
        [asked(&mut first).await, asked(&mut first).await],
        ["unsub A", "sub D"],
        "the same socket, off with the old first"
    );
    assert!(began.elapsed() >= Duration::from_secs(1), "two messages a second and no more");
    say(&mut first, "t A 6").await;
    say(&mut first, "t D 7").await;
    sleep(Duration::from_millis(10)).await;
    let seen: Vec<String> = rig.sockets.outlet().drain().into_iter().map(|(instrument, ..)| instrument.native.clone()).collect();
    assert_eq!(seen, ["D"], "what is not wanted any more is not heard");

    rig.sockets.want(&["B", "D"].map(ticker));
    assert!(
        timeout(Duration::from_secs(60), second.next()).await.unwrap().is_none_or(|end| end.is_err()),
        "an empty socket is closed"
    );
    assert_eq!(rig.sockets.views().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_lost_socket_comes_back_after_a_growing_wait() {
    let mut rig = rig(Words::new());
    rig.sockets.want(&[ticker("A")]);
    let mut server = rig.server().await;
    say(&mut server, "t A 1").await;
    assert!(matches!(rig.news().await, News::Connected { .. }));
    rig.dialer.refusing.store(6, Ordering::SeqCst);
    let cut = Instant::now();
    drop(server);
    assert!(matches!(rig.news().await, News::Lost { cause: Cause::Cut, .. }));
    let mut waits = Vec::new();
    for attempt in 1..=6 {
        assert!(matches!(rig.news().await, News::Failed { attempts, .. } if attempts == attempt));
        waits.push(cut.elapsed().as_secs_f64());
    }
    let steps: Vec<f64> = waits.windows(2).map(|pair| pair[1] - pair[0]).collect();
    assert!((0.25..=0.51).contains(&waits[0]), "{waits:?}");
    assert!(steps.iter().zip([0.5, 1.0, 2.0, 4.0, 8.0]).all(|(wait, least)| (least..=2.01 * least).contains(wait)), "{steps:?}");
    let mut server = rig.server().await;
    assert_eq!(asked(&mut server).await, "sub A");
    // Acknowledged or not: the subscriptions are sent, and the market may be quiet.
    assert!(matches!(rig.news().await, News::Connected { .. }));
}

#[tokio::test(start_paused = true)]
async fn a_successor_delivers_before_the_old_socket_goes() {
    for leaves in [false, true] {
        let mut protocol = Words::new();
        protocol.limits.lifetime = Some(Duration::from_secs(100));
        let mut rig = rig(protocol);
        rig.sockets.want(&[ticker("A")]);
        let mut old = rig.server().await;
        let began = Instant::now();
        say(&mut old, "t A 1").await;
        assert!(matches!(rig.news().await, News::Connected { .. }));
        if leaves {
            say(&mut old, "leaving").await;
        }
        let mut new = loop {
            if let Ok(server) = rig.servers.try_recv() {
                break server;
            }
            say(&mut old, "beat").await;
            advance(Duration::from_millis(500)).await;
            sleep(Duration::from_millis(1)).await;
        };
        let age = began.elapsed().as_secs();
        assert!(if leaves { age < 5 } else { (90..96).contains(&age) }, "{age}");
        assert_eq!(asked(&mut new).await, "sub A");
        say(&mut old, "t A 2").await;
        sleep(Duration::from_millis(10)).await;
        assert_eq!(rig.sockets.outlet().drain().len(), 1, "the old one is heard until the new one delivers");
        say(&mut new, "t A 3").await;
        let gone = async { while !matches!(old.next().await, None | Some(Err(_))) {} };
        timeout(Duration::from_secs(5), gone).await.expect("the old socket stays");
        assert!(rig.news.try_recv().is_err(), "nothing was lost");
        assert_eq!(rig.sockets.views()[0].state, SocketState::Live);
    }
}

#[tokio::test(start_paused = true)]
async fn silence_ends_a_socket_and_pings_keep_it_alive() {
    let mut protocol = Words::new();
    protocol.limits.ping = Some(Ping { idle: Duration::from_secs(8), text: "ping" });
    let mut rig = rig(protocol);
    rig.sockets.want(&[ticker("A")]);
    let mut server = rig.server().await;
    let began = Instant::now();
    assert_eq!(asked(&mut server).await, "sub A");
    for _ in 0..5 {
        assert_eq!(asked(&mut server).await, "ping");
        say(&mut server, "beat").await;
    }
    assert_eq!(began.elapsed().as_secs(), 40);
    assert!(matches!(rig.news().await, News::Connected { .. }));
    // A server's own ping is answered, and a sign of life as well.
    server.send(Message::Ping(vec![1].into())).await.unwrap();
    assert!(matches!(server.next().await, Some(Ok(Message::Pong(payload))) if payload[..] == [1]));
    match rig.news().await {
        News::Lost { cause: Cause::Silent, since, .. } => assert_eq!(since, Time::from_ms(1_040_000)),
        other => panic!("{other:?}"),
    }
    assert_eq!(began.elapsed().as_secs(), 60);
}

#[tokio::test(start_paused = true)]
async fn unreadable_frames_are_told_of_and_broken_sockets_left() {
    let mut rig = rig(Words::new());
    rig.sockets.want(&["A", "B"].map(ticker));
    let mut server = rig.server().await;
    say(&mut server, "t A 1").await;
    assert!(matches!(rig.news().await, News::Connected { .. }));
    say(&mut server, "{nonsense of b}").await;
    assert!(matches!(rig.news().await, News::Dropped { subscriptions, .. } if *subscriptions == [ticker("B")]));
    for _ in 0..18 {
        say(&mut server, "{nonsense}").await;
    }
    say(&mut server, "t A 2").await;
    sleep(Duration::from_millis(10)).await;
    assert_eq!(rig.sockets.outlet().drain().len(), 1, "the socket goes on");
    assert!(rig.news.try_recv().is_err(), "and says it once");
    say(&mut server, "{nonsense}").await;
    assert!(matches!(rig.news().await, News::Lost { cause: Cause::DroppedFrame, .. }));

    for broken in [Message::text("x".repeat(5_000)), Message::Close(None)] {
        let mut server = rig.server().await;
        say(&mut server, "t A 1").await;
        assert!(matches!(rig.news().await, News::Connected { .. }));
        let cause = if matches!(broken, Message::Close(_)) { Cause::Cut } else { Cause::DroppedFrame };
        server.send(broken).await.unwrap();
        assert!(matches!(rig.news().await, News::Lost { cause: told, .. } if told == cause));
    }
}

#[tokio::test(start_paused = true)]
async fn a_frame_over_which_the_reader_stumbles_ends_nothing() {
    let mut rig = rig(Words::new());
    rig.sockets.want(&[ticker("A")]);
    let mut server = rig.server().await;
    say(&mut server, "t A 1").await;
    assert!(matches!(rig.news().await, News::Connected { .. }));
    say(&mut server, "c nobody 3").await;
    assert!(matches!(rig.news().await, News::Dropped { detail, .. } if detail.contains("panicked") && detail.contains("nobody")));
    say(&mut server, "t A 2").await;
    rig.sockets.outlet().drain();
    timeout(Duration::from_secs(60), rig.sockets.outlet().changed()).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_refusal_names_what_is_refused() {
    let mut rig = rig(Words::new());
    rig.sockets.want(&["A", "B"].map(ticker));
    let mut server = rig.server().await;
    assert_eq!(asked(&mut server).await, "sub A,B");
    say(&mut server, "refuse A").await;
    match rig.news().await {
        News::Refused { subscriptions, reason, .. } => {
            assert_eq!((&*subscriptions, reason.as_str()), (&[ticker("A")][..], "no such thing"));
        }
        other => panic!("{other:?}"),
    }
    rig.sockets.want(&[ticker("B"), ticker("C")]);
    assert_eq!(asked(&mut server).await, "sub C", "what was refused is not unsubscribed from");
}

/// An exchange that refuses a message of many for one of them, and names neither.
#[tokio::test(start_paused = true)]
async fn a_refusal_without_a_name_is_narrowed_down() {
    let mut protocol = Words { numbered: true, ..Words::new() };
    (protocol.limits.subscriptions, protocol.limits.per_message, protocol.limits.messages) =
        (200, 100, (5, Duration::from_secs(1)));
    let mut rig = rig(protocol);
    let all: Vec<Subscription> = (0..150).map(|n| ticker(&format!("S{n}"))).collect();
    let dead = ["S7", "S120"];
    let began = Instant::now();
    rig.sockets.want(&all);
    let mut server = rig.server().await;
    let (mut taken, mut refused, mut messages, mut flowing) = (0, Vec::new(), 0, None);
    while taken + refused.len() < all.len() {
        let text = tokio::select! {
            text = asked(&mut server) => text,
            news = rig.news.recv() => {
                if let Some(News::Refused { subscriptions, .. }) = news {
                    refused.extend(subscriptions.iter().map(|one| one.instrument.native.clone()));
                }
                continue;
            }
        };
        messages += 1;
        let (id, names) = text.split_once(' ').unwrap();
        if names.split(',').any(|name| dead.contains(&name)) {
            say(&mut server, &format!("refuse #{id}")).await;
        } else {
            taken += names.split(',').count();
            if taken == all.len() - dead.len() {
                flowing = Some(began.elapsed());
            }
        }
    }
    refused.sort();
    assert_eq!(refused, ["S120", "S7"], "no other is given up");
    // Two messages, and two for each half of those that hold a dead one.
    assert!(messages <= 2 + 2 * (7 + 6), "{messages}");
    let flowing = flowing.unwrap();
    assert!(flowing <= Duration::from_secs(6), "{flowing:?}, and not after half a minute of silence");
    // Only what was taken is ended.
    rig.sockets.want(&all[..1]);
    assert!(!asked(&mut server).await.contains("S7,"));
}

#[tokio::test(start_paused = true)]
async fn connections_keep_the_exchanges_rate() {
    let mut protocol = Words::new();
    protocol.limits.connections = (2, Duration::from_secs(60));
    let mut rig = rig(protocol);
    let began = Instant::now();
    rig.sockets.want(&["A", "B", "C", "D", "E"].map(ticker));
    let _first = (rig.server().await, rig.server().await);
    assert_eq!(began.elapsed().as_secs(), 0);
    let _third = rig.server().await;
    assert_eq!(began.elapsed().as_secs(), 60);
}

#[tokio::test(start_paused = true)]
async fn a_candle_without_a_closing_word_is_final_when_the_next_one_comes() {
    let mut rig = rig(Words { tells_closed: false, ..Words::new() });
    let subscription = Subscription { topic: Topic::Candles(Interval::M1), ..ticker("A") };
    rig.sockets.want(std::slice::from_ref(&subscription));
    let mut server = rig.server().await;
    for frame in ["c A 3", "c A 3", "c A 4", "c A 3"] {
        say(&mut server, frame).await;
    }
    sleep(Duration::from_millis(10)).await;
    let Ok(Final::Candle { candle, .. }) = rig.finals.try_recv() else { panic!("no candle") };
    assert_eq!(candle.open_time, Time::from_ms(3 * 60_000));
    assert!(rig.finals.try_recv().is_err(), "a late look at an old candle is none");
    assert!(rig.sockets.outlet().ended(Time::from_ms(5 * 60_000 - 1)).is_empty());
    let ended = rig.sockets.outlet().ended(Time::from_ms(5 * 60_000));
    assert_eq!(ended.iter().map(|(.., candle)| candle.open_time.ms() / 60_000).collect::<Vec<_>>(), [4]);
    assert!(rig.sockets.outlet().ended(Time::from_ms(9 * 60_000)).is_empty(), "told once");

    // Cut in the middle of a candle: what was seen of it is not final.
    say(&mut server, "c A 6").await;
    sleep(Duration::from_millis(10)).await;
    drop(server);
    let mut server = rig.server().await;
    say(&mut server, "c A 7").await;
    sleep(Duration::from_millis(10)).await;
    assert!(rig.finals.try_recv().is_err());
}

/// Nobody takes anything, and 40,000 messages come: the queue holds its bound, the newest look is one,
/// and the rest waits in the socket.
#[tokio::test(start_paused = true)]
async fn a_flood_grows_neither_queue_nor_memory() {
    let mut rig = rig(Words::new());
    rig.sockets.want(&[ticker("A"), ticker("B")]);
    let mut server = rig.server().await;
    for number in 0..40_000 {
        server.feed(Message::text(format!("t {} {number}", if number % 2 == 0 { "A" } else { "B" }))).await.unwrap();
    }
    server.flush().await.unwrap();
    sleep(Duration::from_millis(10)).await;
    assert_eq!(rig.sockets.outlet().frames(), 40_000);
    let mut seen: Vec<(String, Latest)> =
        rig.sockets.outlet().drain().into_iter().map(|(instrument, latest, _)| (instrument.native.clone(), latest)).collect();
    seen.sort_by(|a, b| a.0.cmp(&b.0));
    let last: Vec<i64> = seen
        .iter()
        .map(|(_, latest)| if let Latest::Ticker(ticker) = latest { ticker.last.mantissa() as i64 } else { -1 })
        .collect();
    assert_eq!(last, [39_998, 39_999], "the newest of each, and nothing else");

    rig.sockets.want(&[Subscription { topic: Topic::Candles(Interval::M1), ..ticker("A") }]);
    let mut server = rig.server().await;
    let flood = async {
        for minute in 0..40_000 {
            server.send(Message::text(format!("c A {minute}"))).await.unwrap();
        }
    };
    assert!(timeout(Duration::from_secs(10), flood).await.is_err(), "the socket is held up, not read into memory");
    assert_eq!(rig.finals.len(), 8);
    let before = rig.sockets.outlet().frames();
    assert!(before - 40_000 <= 9, "{before}");
    assert!(rig.finals.recv().await.is_some());
}
