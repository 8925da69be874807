use super::*;
use crate::domain::time::Time;
use crate::exchange::error::Retry;

fn refusal(status: u16, retry_after: Option<&str>, body: &str) -> Refusal {
    let now = Time::from_ms(1_700_000_000_000);
    super::refusal(&Response { host: "okx.example", status, retry_after, body: body.as_bytes(), native: "BTC-USDT", now })
}

fn coded(status: u16, code: i64) -> Refusal {
    refusal(status, None, &format!(r#"{{"code":"{code}","msg":"why","data":[]}}"#))
}

fn error(status: u16, code: i64) -> ExchangeError {
    match coded(status, code) {
        Refusal::Failed(error) => error,
        other => panic!("{code}: {other:?}"),
    }
}

#[test]
fn every_code() {
    let why = || "why".to_owned();
    for (status, code) in [(429, 50011), (200, 50011), (429, 50013), (200, 50040), (200, 50061)] {
        assert_eq!(coded(status, code), Refusal::RateLimited(Some(Duration::from_secs(2))), "{code}");
    }
    assert_eq!(error(503, 50001), ExchangeError::Maintenance(why()));
    assert_eq!(error(400, 50004), ExchangeError::Server { status: 400, message: why() });
    assert_eq!(error(500, 50026), ExchangeError::Server { status: 500, message: why() });
    assert_eq!(error(410, 50005), ExchangeError::NotServed(why()));
    for code in [50000, 50002, 50014, 50015, 50016, 50024, 50025, 50039, 51000, 51014, 51015, 59999] {
        for status in [200, 400] {
            assert_eq!(error(status, code), ExchangeError::BadRequest { code, message: why() });
            assert_eq!(error(status, code).retry(), Retry::Never, "{code}: the same request would fail again");
        }
    }
    assert_eq!(error(200, 50047), ExchangeError::WrongStatus(why()));
    for code in [50051, 50052, 51155] {
        assert_eq!(error(200, code), ExchangeError::Blocked { host: "okx.example".into(), status: 200, message: why() });
    }
    assert_eq!(error(401, 50102), ExchangeError::ClockSkew(why()));
    assert_eq!(error(200, 51001), ExchangeError::UnknownSymbol("BTC-USDT".into()));
}

#[test]
fn every_status() {
    let check = |status: u16, body: &str, expected: ExchangeError| {
        assert_eq!(refusal(status, None, body), Refusal::Failed(expected), "{status} {body}");
    };
    let blocked =
        |status: u16, message: &str| ExchangeError::Blocked { host: "okx.example".into(), status, message: message.into() };
    check(403, "<html><title>Attention Required! | Cloudflare</title></html>", blocked(403, "Attention Required! | Cloudflare"));
    check(403, r#"{"code":"50000","msg":"x"}"#, blocked(403, "x"));
    check(451, "", blocked(451, ""));
    for status in [408, 500, 502, 503, 504, 522] {
        check(status, "<b>bad</b>", ExchangeError::Server { status, message: "bad".into() });
    }
    check(500, r#"{"code":"50014","msg":"x"}"#, ExchangeError::Server { status: 500, message: "x".into() });
    check(
        404,
        r#"{"code":"404","msg":"Not Found","data":{}}"#,
        ExchangeError::BadRequest { code: 404, message: "Not Found".into() },
    );
    check(400, "", ExchangeError::BadRequest { code: 400, message: String::new() });
    check(
        200,
        r#"{"code":"1","msg":"Operation failed."}"#,
        ExchangeError::BadRequest { code: 1, message: "Operation failed.".into() },
    );
    let nothing = |excerpt: &str| ExchangeError::Malformed { what: "no rows of OKX".into(), excerpt: excerpt.into() };
    check(200, "<html>hotel</html>", nothing("hotel"));
    check(200, r#"{"code":"0","data":{}}"#, nothing(r#"{"code":"0","data":{}}"#));
}

#[test]
fn orders_of_silence() {
    let wait = |seconds: u64| Refusal::RateLimited(Some(Duration::from_secs(seconds)));
    assert_eq!(refusal(429, Some("30"), "error code: 1015"), wait(30));
    assert_eq!(refusal(429, Some("1"), ""), wait(2));
    assert_eq!(refusal(200, None, r#"{"code":50011,"msg":"Too Many Requests"}"#), wait(2), "the code as a number");
}
