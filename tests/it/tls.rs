//! The program over real TLS: requests and streams both, by the roots of the platform.

use crate::support::program::{Program, Running, end};
use marketdata_tui::sim::{SimClock, SimConfig, Simulation};
use serde_json::Value;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::Command;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring::default_provider;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;

/// An exchange behind TLS, as `localhost`, with a certificate that nobody knows yet.
struct Secured {
    sim: Simulation,
    program: Program,
    port: u16,
    /// The certificate, for those who are to trust it.
    trusted: PathBuf,
}

impl Secured {
    async fn start() -> Self {
        let clock = SimClock::From { at: crate::support::time("2025-07-01T12:34:10Z"), speed: 1.0 };
        let sim = Simulation::start(SimConfig { clock, ..SimConfig::default() }).await.unwrap();
        let own = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
        let key = PrivateKeyDer::try_from(own.signing_key.serialize_der()).unwrap();
        let config = ServerConfig::builder_with_provider(Arc::new(default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![own.cert.der().clone()], key)
            .unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let exchange = sim.url().trim_start_matches("http://").parse().unwrap();
        tokio::spawn(forward(listener, TlsAcceptor::from(Arc::new(config)), exchange));
        let program = Program::on(&format!("https://localhost:{port}"));
        let trusted = program.home.path().join("exchange.pem");
        std::fs::write(&trusted, own.cert.pem()).unwrap();
        Self { sim, program, port, trusted }
    }

    /// The program, where streams are on; `trusts` says whether the platform knows the certificate.
    fn command(&self, args: &[&str], trusts: bool) -> Command {
        let mut command = self.program.command(args);
        command.env("BINANCE_WS_URL", format!("wss://localhost:{}", self.port));
        if trusts {
            command.env("SSL_CERT_FILE", &self.trusted);
        }
        command
    }
}

/// Takes TLS off and passes the rest on. Who breaks off ends its own connection alone.
async fn forward(listener: TcpListener, acceptor: TlsAcceptor, exchange: SocketAddr) {
    while let Ok((client, _)) = listener.accept().await {
        let acceptor = acceptor.clone();
        tokio::spawn(async move {
            let mut client = acceptor.accept(client).await?;
            let mut server = TcpStream::connect(exchange).await?;
            tokio::io::copy_bidirectional(&mut client, &mut server).await
        });
    }
}

#[tokio::test]
async fn a_certificate_that_nobody_vouches_for_is_refused() {
    let exchange = Secured::start().await;
    let ended = end(exchange.command(&["add", "BTC/USDT", "--patience", "1"], false)).await;
    assert_eq!(ended.code, Some(1), "{ended:?}");
    let told: Vec<bool> = ended.err.lines().map(|line| line.contains("invalid peer certificate: UnknownIssuer")).collect();
    assert_eq!(told, [true, true], "at the first wait, and at the end: {}", ended.err);
    assert!(ended.err.starts_with("binance does not answer yet: ") && ended.err.contains("--patience"), "{}", ended.err);
    assert_eq!(exchange.sim.requests().len(), 0, "nothing was said to it");
}

#[tokio::test]
async fn requests_and_streams_go_over_tls() {
    let exchange = Secured::start().await;
    let added = end(exchange.command(&["add", "BTC/USDT", "--backfill", "2h"], true)).await;
    assert_eq!(added.code, Some(0), "{added:?}");
    let recorder = Running::start(exchange.command(&["record"], true));
    let (mut live, began) = (Value::Null, Instant::now());
    while live["state"] != "live" || live["subscriptions"] == 0 {
        assert!(began.elapsed() < Duration::from_secs(60), "no stream: {live}");
        tokio::time::sleep(Duration::from_millis(50)).await;
        let status = exchange.program.json(&["status"]).await;
        live = status["streams"].as_array().unwrap().iter().find(|one| one["exchange"] == "binance").cloned().unwrap_or_default();
    }
    recorder.signal("INT");
    let ended = recorder.ended().await;
    assert_eq!(ended.code, Some(0), "{ended:?}");
    let checked = exchange.program.done(&["check"]).await;
    assert!(checked.contains("BTC/USDT 1m  complete: 12"), "{checked}");
}
