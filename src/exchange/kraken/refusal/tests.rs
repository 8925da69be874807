use super::*;

const NOW: i64 = 1_700_000_000;

fn answer(status: u16, body: &str) -> Reply<'_> {
    let (body, now) = (body.as_bytes(), Time::from_ms(NOW * SECOND_MS));
    Reply { response: Response { host: "api.example", status, retry_after: None, body, native: "NOPE", now }, strikes: 0 }
}

/// The refusal of an error with HTTP 200 and each of the three forms of an absent result.
fn refusal(error: &str) -> Refusal {
    let [null, absent, empty] = [r#","result":null"#, "", r#","result":{}"#].map(|result| {
        let body = format!(r#"{{"error":["{error}"]{result}}}"#);
        answer(200, &body).result().unwrap_err()
    });
    assert!(null == absent && absent == empty, "{error}");
    null
}

fn limited(seconds: u64) -> Refusal {
    Refusal::RateLimited(Some(Duration::from_secs(seconds)))
}

#[test]
fn every_error_of_the_table() {
    let server = |message: &str| Refusal::Failed(ExchangeError::Server { status: 200, message: message.into() });
    for error in [
        "EService:Unavailable",
        "EService:Busy",
        "EService:Deadline elapsed",
        "EGeneral:Internal error",
        "EDatabase:Internal error",
        "EService:Something new",
    ] {
        assert_eq!(refusal(error), server(error));
    }
    for error in ["EService:Market in cancel_only mode", "EService:Market in post_only mode"] {
        assert_eq!(refusal(error), ExchangeError::Maintenance(error.into()).into());
    }
    for error in ["EQuery:Unknown asset pair", "EQuery:Invalid asset pair", "EQuery:Unknown asset"] {
        assert_eq!(refusal(error), ExchangeError::UnknownSymbol("NOPE".into()).into());
    }
    for error in ["EGeneral:Invalid arguments", "EGeneral:Invalid arguments:interval", "EFuture:Thing", "nonsense"] {
        assert_eq!(refusal(error), ExchangeError::BadRequest { code: 0, message: error.into() }.into());
    }
    for error in ["EAPI:Rate limit exceeded", "EGeneral:Too many requests"] {
        assert_eq!(refusal(error), limited(3));
    }
    assert_eq!(refusal("EGeneral:Temporary lockout"), Refusal::Banned(None), "two minutes, and twice that the next time");
}

#[test]
fn throttles_end_when_they_say() {
    // The named second has to be over.
    assert_eq!(refusal(&format!("EService: Throttled: {}", NOW + 40)), limited(41));
    assert_eq!(refusal(&format!("EService:Throttled:{}", NOW + 40)), limited(41));
    assert_eq!(refusal(&format!("EService: Throttled: {}", NOW - 40)), limited(0));
    assert_eq!(refusal("EService: Throttled: soon"), limited(3));
}

#[test]
fn waits_grow_with_each_refusal_in_a_row() {
    let body = r#"{"error":["EAPI:Rate limit exceeded"]}"#;
    let wait = |strikes: u32| Reply { strikes, ..answer(200, body) }.result();
    assert_eq!([0, 1, 2, 3, 9].map(wait), [3, 6, 12, 24, 60].map(|seconds| Err(limited(seconds))));
    let mut named = Reply { strikes: 5, ..answer(429, "slow down") };
    named.response.retry_after = Some("17");
    assert_eq!(named.result(), Err(limited(17)));
    assert_eq!(answer(429, "slow down").result(), Err(limited(3)));
}

#[test]
fn a_result_comes_with_warnings_and_without() {
    assert_eq!(answer(200, r#"{"error":[],"result":{"a": 1.50}}"#).result(), Ok(r#"{"a": 1.50}"#));
    assert_eq!(answer(200, r#"{"error":["WGeneral:Danger"],"result":[]}"#).result(), Ok("[]"));
    let body = r#"{"error":["WGeneral:Danger","EService:Busy"],"result":{}}"#;
    assert!(matches!(answer(200, body).result(), Err(Refusal::Failed(ExchangeError::Server { .. }))), "the error counts");
}

#[test]
fn what_is_no_envelope_is_judged_by_its_status() {
    let html = "<html><head><title>520</title></head><body><b>Web server</b> is returning an unknown error</body></html>";
    let message = "520 Web server is returning an unknown error";
    for status in [500, 502, 520, 522, 408] {
        assert_eq!(answer(status, html).result(), Err(ExchangeError::Server { status, message: message.into() }.into()));
    }
    let blocked = ExchangeError::Blocked { host: "api.example".into(), status: 403, message: "Just a moment...".into() };
    assert_eq!(answer(403, "<title>Just a moment...</title>").result(), Err(blocked.into()));
    let lost = ExchangeError::BadRequest { code: 404, message: "not here".into() };
    assert_eq!(answer(404, "not here").result(), Err(lost.into()));
    for body in
        ["", "<html>welcome to the hotel</html>", "[]", r#"{"result":{}}"#, r#"{"error":[]}"#, r#"{"error":[],"result":null}"#]
    {
        let result = answer(200, body).result();
        assert!(matches!(result, Err(Refusal::Failed(ExchangeError::Malformed { .. }))), "{body}: {result:?}");
    }
    let outage = answer(503, r#"{"error":["EFuture:Thing"]}"#).result();
    assert!(matches!(outage, Err(Refusal::Failed(ExchangeError::Server { status: 503, .. }))));
    assert!(matches!(answer(503, r#"{"error":[],"result":{}}"#).result(), Err(Refusal::Failed(ExchangeError::Server { .. }))));
}
