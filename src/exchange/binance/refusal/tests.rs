use super::*;

const NOW: Time = Time::from_ms(1_700_000_000_000);

fn refusal(status: u16, retry_after: Option<&str>, body: &str) -> Refusal {
    super::refusal(&Response { host: "api.example", status, retry_after, body: body.as_bytes(), native: "BTCUSDT", now: NOW })
}

fn coded(status: u16, code: i64) -> Refusal {
    refusal(status, None, &format!(r#"{{"code":{code},"msg":"why"}}"#))
}

#[test]
fn every_code() {
    let check = |code: i64, expected: ExchangeError| assert_eq!(coded(400, code), Refusal::Failed(expected), "{code}");
    let why = || "why".to_owned();
    for code in [-1000, -1001, -1006, -1007, -1008] {
        check(code, ExchangeError::Server { status: 400, message: why() });
    }
    check(-1016, ExchangeError::Maintenance(why()));
    check(-1021, ExchangeError::ClockSkew(why()));
    for code in [-1100, -1101, -1102, -1103, -1104, -1105, -1106, -1108, -1127, -1128, -1130, -1151, -9999] {
        check(code, ExchangeError::BadRequest { code, message: why() });
    }
    check(-1120, ExchangeError::UnknownInterval);
    check(-1121, ExchangeError::UnknownSymbol("BTCUSDT".into()));
    check(-1122, ExchangeError::WrongStatus(why()));
    check(-1220, ExchangeError::WrongStatus(why()));
    assert_eq!(coded(400, -1003), Refusal::RateLimited(None));
}

#[test]
fn every_status() {
    let check = |status: u16, body: &str, expected: ExchangeError| {
        assert_eq!(refusal(status, None, body), Refusal::Failed(expected), "{status} {body}");
    };
    let html = "<html>\n<head><title>Request  blocked</title></head><body>no</body></html>";
    let blocked =
        |status: u16, message: &str| ExchangeError::Blocked { host: "api.example".into(), status, message: message.into() };
    check(403, html, blocked(403, "Request blocked no"));
    check(403, "", blocked(403, ""));
    check(451, r#"{"code": 0, "msg": "restricted location"}"#, blocked(451, "restricted location"));
    for status in [500, 502, 503, 504, 520, 599] {
        check(status, html, ExchangeError::Server { status, message: "Request blocked no".into() });
        check(status, "", ExchangeError::Server { status, message: String::new() });
        check(status, r#"{"code":-1100,"msg":"x"}"#, ExchangeError::Server { status, message: "x".into() });
    }
    check(503, r#"{"code":-1016,"msg":"closed for maintenance"}"#, ExchangeError::Maintenance("closed for maintenance".into()));
    check(504, r#"{"code":-1007,"msg":"x"}"#, ExchangeError::Server { status: 504, message: "x".into() });
    check(408, "", ExchangeError::Server { status: 408, message: String::new() });
    check(400, "", ExchangeError::BadRequest { code: 400, message: String::new() });
    check(404, html, ExchangeError::BadRequest { code: 404, message: "Request blocked no".into() });
    check(400, r#"{"code":0,"msg":"x"}"#, ExchangeError::BadRequest { code: 400, message: "x".into() });
    check(400, r#"{"unexpected":1}"#, ExchangeError::BadRequest { code: 400, message: r#"{"unexpected":1}"#.into() });
}

#[test]
fn orders_of_silence() {
    let seconds = |seconds: u64| Some(Duration::from_secs(seconds));
    let limit = r#"{"code":-1003,"msg":"Too much request weight used."}"#;
    assert_eq!(refusal(429, Some("23"), limit), Refusal::RateLimited(seconds(23)));
    assert_eq!(refusal(429, None, limit), Refusal::RateLimited(None));
    assert_eq!(refusal(429, Some("soon"), "<html>"), Refusal::RateLimited(None));
    let ban = r#"{"code":-1003,"msg":"Way too much; IP banned until 1700000090000. Use streams."}"#;
    assert_eq!(refusal(418, Some("60"), ban), Refusal::Banned(seconds(90)), "the later of the two");
    assert_eq!(refusal(418, Some("120"), ban), Refusal::Banned(seconds(120)));
    assert_eq!(refusal(418, None, ban), Refusal::Banned(seconds(90)));
    assert_eq!(refusal(418, None, ""), Refusal::Banned(None));
    assert_eq!(refusal(429, None, ban), Refusal::Banned(seconds(90)), "a ban by any status");
    assert_eq!(refusal(418, None, r#"{"code":-1003,"msg":"IP banned until 5."}"#), Refusal::Banned(seconds(0)));
}

#[test]
fn long_messages_are_cut() {
    let body = format!(r#"{{"code":-1100,"msg":"{}"}}"#, "ä".repeat(5_000));
    let Refusal::Failed(ExchangeError::BadRequest { message, .. }) = refusal(400, None, &body) else { panic!() };
    assert_eq!(message.chars().count(), 300);
}
