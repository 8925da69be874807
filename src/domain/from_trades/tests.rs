use super::super::price::parse_decimal;
use super::*;

fn trade(id: i64, price: &str, amount: &str, side: Side, fills: Option<i64>) -> Trade {
    let number = |text| parse_decimal(text).unwrap();
    Trade { id, time: Time::from_ms(id), nanos: None, price: number(price), size: number(amount), side, fills }
}

fn four() -> Vec<Trade> {
    vec![
        trade(1, "10.0", "1.5", Side::Buy, Some(2)),
        trade(2, "12", "0.5", Side::Sell, Some(1)),
        trade(3, "9", "2", Side::Sell, Some(1)),
        trade(4, "11", "1", Side::Buy, Some(3)),
    ]
}

#[test]
fn a_candle_of_its_trades() {
    let candle = candle_of(Time::EPOCH, &four()).unwrap();
    let told = [candle.open, candle.high, candle.low, candle.close, candle.volume].map(trimmed);
    assert_eq!(told, ["10", "12", "9", "11", "5"]);
    assert_eq!(candle.quote_volume.map(trimmed).as_deref(), Some("50"));
    assert_eq!(candle.taker_buy_quote_volume.map(trimmed).as_deref(), Some("26"));
    assert_eq!((candle.trade_count, candle.taker_buy_volume.map(trimmed)), (Some(7), Some("2.5".into())));
    let mut backwards = four();
    backwards.reverse();
    assert_eq!(candle_of(Time::EPOCH, &backwards), Some(candle), "numbers tell the order");
    assert_eq!(candle_of(Time::EPOCH, &[]), None);
    let unknown = [trade(1, "1", "1", Side::Buy, None)];
    assert_eq!(candle_of(Time::EPOCH, &unknown).unwrap().trade_count, None);
}

#[test]
fn what_does_not_add_up_exactly_is_left_out() {
    let wide = [trade(1, "0.00000000000001", "0.000000000000012345678", Side::Buy, None)];
    let candle = candle_of(Time::EPOCH, &wide).unwrap();
    assert_eq!((candle.quote_volume, trimmed(candle.volume)), (None, "0.000000000000012345678".into()));
    let huge = [trade(1, "1", "79228162514264337593543950335", Side::Buy, None), trade(2, "1", "0.1", Side::Buy, None)];
    assert_eq!(candle_of(Time::EPOCH, &huge), None);
}

#[test]
fn differences_are_told_with_both_values() {
    let trades = four();
    let candle = candle_of(Time::EPOCH, &trades).unwrap();
    assert_eq!(compare(&candle, &trades), []);
    let other = Candle { close: parse_decimal("11.5").unwrap(), trade_count: Some(6), ..candle };
    let told = compare(&other, &trades);
    assert_eq!(told[0], Difference { field: "close", stored: "11.5".into(), folded: "11".into() });
    assert_eq!((told.len(), told[1].field), (2, "trade_count"));
    let quiet = Candle { volume: Decimal::ZERO, ..candle };
    assert_eq!(compare(&quiet, &[]), []);
    assert_eq!(compare(&candle, &[])[0].folded, "0");
}
