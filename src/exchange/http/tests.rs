use super::*;
use flate2::{Compression, write::GzEncoder};
use std::io::Write as _;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

fn settings() -> HttpSettings {
    HttpSettings {
        first_byte_timeout: Duration::from_millis(100),
        whole_timeout: Duration::from_millis(150),
        ..Default::default()
    }
}

/// What a server does after it has read one request.
enum Then {
    Close,
    Stall,
}

/// Asks a server on this machine that answers every request with these bytes; gives its request
/// back as well.
async fn ask(answer: Vec<u8>, then: Then, max_body: u64) -> (Result<Answer, ExchangeError>, String) {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = BaseUrl::parse(&format!("http://{}/", listener.local_addr().unwrap())).unwrap();
    let server = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut request = Vec::new();
        while !request.ends_with(b"\r\n\r\n") {
            request.push(stream.read_u8().await.unwrap());
        }
        stream.write_all(&answer).await.unwrap();
        if matches!(then, Then::Stall) {
            let _ = stream.read_u8().await;
        }
        String::from_utf8(request).unwrap()
    });
    let client = HttpClient::new(base, settings()).unwrap();
    let result = client.get("/api/v3/klines?symbol=SECRETUSDT", max_body).await;
    drop(client);
    (result, server.await.unwrap())
}

fn answer(head: &str, body: &[u8]) -> Vec<u8> {
    [format!("HTTP/1.1 {head}\r\n\r\n").as_bytes(), body].concat()
}

fn gzip(body: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(body).unwrap();
    encoder.finish().unwrap()
}

fn gzip_answer(packed: &[u8]) -> Vec<u8> {
    answer(&format!("200 OK\r\nContent-Encoding: gzip\r\nContent-Length: {}", packed.len()), packed)
}

#[tokio::test]
async fn asks_for_gzip_by_name_and_reads_headers() {
    let (result, request) = ask(answer("418 I'm a teapot\r\nRetry-After: 7\r\nContent-Length: 2", b"{}"), Then::Close, 10).await;
    let answer = result.unwrap();
    assert_eq!((answer.status, answer.body.as_slice(), answer.header("retry-after")), (418, &b"{}"[..], Some("7")));
    let request = request.to_ascii_lowercase();
    assert!(request.starts_with("get /api/v3/klines?symbol=secretusdt http/1.1\r\n"), "{request}");
    assert!(request.contains("accept-encoding: gzip\r\n"), "{request}");
    assert!(request.contains(concat!("user-agent: marketdata-tui/", env!("CARGO_PKG_VERSION"), "\r\n")), "{request}");
    assert!(!request.contains("apikey"));
}

#[tokio::test]
async fn the_cap_counts_unpacked_bytes() {
    let body = vec![b' '; 100_000];
    let packed = gzip(&body);
    assert!(packed.len() < 1_000);
    assert_eq!(ask(gzip_answer(&packed), Then::Close, 100_000).await.0.unwrap().body, body);
    assert_eq!(ask(gzip_answer(&packed), Then::Close, 99_999).await.0.unwrap_err(), ExchangeError::TooLarge { limit: 99_999 });
}

#[tokio::test]
async fn an_announced_or_endless_body_is_cut_short() {
    let announced = answer("200 OK\r\nContent-Length: 1000000000000", b"[");
    assert_eq!(ask(announced, Then::Stall, 100).await.0.unwrap_err(), ExchangeError::TooLarge { limit: 100 });
    let endless = answer("200 OK\r\nConnection: close", &vec![b'1'; 4_096]);
    assert_eq!(ask(endless, Then::Stall, 100).await.0.unwrap_err(), ExchangeError::TooLarge { limit: 100 });
}

#[tokio::test]
async fn silence_at_each_stage_ends() {
    let stage = |result: Result<Answer, ExchangeError>| match result {
        Err(ExchangeError::Timeout { stage, limit, .. }) => (stage, limit.as_millis()),
        other => panic!("{other:?}"),
    };
    assert_eq!(stage(ask(Vec::new(), Then::Stall, 100).await.0), ("first byte", 100));
    assert_eq!(stage(ask(answer("200 OK\r\nContent-Length: 10", b"[1"), Then::Stall, 100).await.0), ("whole answer", 150));
}

#[tokio::test]
async fn redirects_are_not_followed() {
    let head = "302 Found\r\nLocation: https://portal.example/login?token=abc\r\nContent-Length: 0";
    let error = ask(answer(head, b""), Then::Close, 100).await.0.unwrap_err();
    assert_eq!(error, ExchangeError::Malformed { what: "HTTP 302 redirect".into(), excerpt: "portal.example".into() });
}

#[tokio::test]
async fn broken_connections_and_broken_gzip_are_told_apart() {
    let cut = ask(answer("200 OK\r\nContent-Length: 10", b"[1"), Then::Close, 100).await.0.unwrap_err();
    assert!(matches!(&cut, ExchangeError::Unreachable { cause, .. } if !cause.is_empty()), "{cut:?}");
    let packed = gzip(&vec![b'7'; 5_000]);
    let cut_while_packed = gzip_answer(&packed)[..gzip_answer(&packed).len() - 4].to_vec();
    let cut = ask(cut_while_packed, Then::Close, 10_000).await.0.unwrap_err();
    assert!(matches!(cut, ExchangeError::Unreachable { .. }), "{cut:?}");
    let short = ask(gzip_answer(&packed[..packed.len() - 9]), Then::Close, 10_000).await.0.unwrap_err();
    assert!(matches!(&short, ExchangeError::Malformed { what, .. } if what == "bad gzip"), "{short:?}");
    let garbage = ask(gzip_answer(b"this is no gzip"), Then::Close, 10_000).await.0.unwrap_err();
    assert!(matches!(&garbage, ExchangeError::Malformed { what, .. } if what == "bad gzip"), "{garbage:?}");
    let none = ask(b"nonsense\r\n\r\n".to_vec(), Then::Close, 100).await.0.unwrap_err();
    assert!(matches!(none, ExchangeError::Unreachable { .. }), "{none:?}");
}

#[tokio::test]
async fn a_closed_port_is_named_without_the_query() {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let port = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap().port();
    let client = HttpClient::new(BaseUrl::parse(&format!("http://127.0.0.1:{port}")).unwrap(), settings()).unwrap();
    let error = client.get("/api/v3/klines?symbol=SECRETUSDT", 100).await.unwrap_err();
    let ExchangeError::Unreachable { host, cause } = &error else { panic!("{error:?}") };
    assert_eq!(host, &format!("127.0.0.1:{port}"));
    assert!(cause.to_lowercase().contains("refused"), "the lowest cause: {cause}");
    assert!(!format!("{error} {error:?}").contains("SECRET"));
}

#[test]
fn base_urls() {
    let check = |text: &str, expected: Result<&str, UrlError>| {
        assert_eq!(BaseUrl::parse(text).map(|base| base.origin), expected.map(str::to_owned), "{text}");
    };
    check("https://api.binance.com", Ok("https://api.binance.com"));
    check(" https://api.binance.com:443/ ", Ok("https://api.binance.com"));
    check("https://mirror.example:8443", Ok("https://mirror.example:8443"));
    check("http://127.0.0.1:9000", Ok("http://127.0.0.1:9000"));
    check("http://[::1]:9000", Ok("http://[::1]:9000"));
    check("http://localhost", Ok("http://localhost"));
    check("http://api.binance.com", Err(UrlError::Plain("api.binance.com".into())));
    check("http://127.0.0.1.evil.example", Err(UrlError::Plain("127.0.0.1.evil.example".into())));
    check("http://192.168.0.7:80", Err(UrlError::Plain("192.168.0.7".into())));
    check("ftp://host", Err(UrlError::Scheme("ftp".into())));
    check("https://host/api", Err(UrlError::MoreThanHost("host".into())));
    check("https://host?key=abc", Err(UrlError::MoreThanHost("host".into())));
    check("https://me:pw@host", Err(UrlError::MoreThanHost("host".into())));
    check("api.binance.com", Err(UrlError::Invalid("api.binance.com".into())));
    check("", Err(UrlError::Invalid(String::new())));
}

#[test]
fn hosts_of_streams() {
    let check = |text: &str, expected: Result<&str, UrlError>| {
        assert_eq!(BaseUrl::parse_socket(text), expected.map(str::to_owned), "{text}");
    };
    let refused = |shown: &str| Err(UrlError::Socket(shown.to_owned()));
    check("wss://ws.kraken.com/", Ok("wss://ws.kraken.com"));
    check(" ws://127.0.0.1:9000 ", Ok("ws://127.0.0.1:9000"));
    check("ws://ws.kraken.com", refused("ws://ws.kraken.com"));
    check("https://ws.kraken.com", refused("https://"));
    check("ws.kraken.com?key=abc", refused("ws.kraken.com"));
    check("wss://ws.kraken.com/v2", Err(UrlError::MoreThanHost("ws.kraken.com".into())));
    check("ftp://me@host", refused("ftp://"));
}

#[test]
fn query_values() {
    assert_eq!(encode_query(r#"["BTCUSDT","币USDT"]"#), "%5B%22BTCUSDT%22%2C%22%E5%B8%81USDT%22%5D");
    assert_eq!(encode_query("a-b_c.d~9"), "a-b_c.d~9");
}
