use super::*;

#[test]
fn numbers() {
    let check = |value: i128, expected: &str| {
        let mut out = Vec::new();
        quoted8(&mut out, value);
        assert_eq!(String::from_utf8(out).unwrap(), format!("\"{expected}\""));
    };
    check(0, "0.00000000");
    check(734, "0.00000734");
    check(903_334_000_000, "9033.34000000");
    check(-150_000_000, "-1.50000000");
    check(100_000_000, "1.00000000");
    check(1_000_000_000, "10.00000000");
    check(u64::MAX.into(), "184467440737.09551615");
    check(171_632_038_498_741_000_000_001, "1716320384987410.00000001");
    for value in [0, 9, 10, 99, 100, 101, 1_234_567, i64::MAX, -42] {
        let mut out = Vec::new();
        integer(&mut out, value);
        assert_eq!(String::from_utf8(out).unwrap(), value.to_string());
    }
}

#[test]
fn decimals_are_cut_or_trimmed() {
    let check = |value: i128, decimals: u32, cut: &str, trim: &str| {
        let (mut out, mut short) = (Vec::new(), Vec::new());
        fixed(&mut out, value, decimals);
        trimmed(&mut short, value);
        assert_eq!(String::from_utf8(out).unwrap(), format!("\"{cut}\""));
        assert_eq!(String::from_utf8(short).unwrap(), format!("\"{trim}\""));
    };
    check(0, 1, "0.0", "0");
    check(0, 0, "0", "0");
    check(6_302_970_000_000, 2, "63029.70", "63029.7");
    check(6_302_900_000_000, 0, "63029", "63029");
    check(1_250, 8, "0.00001250", "0.0000125");
    check(10_000_000_000, 3, "100.000", "100");
    check(-150_000_000, 1, "-1.5", "-1.5");
    assert_eq!(e8(Decimal::new(125, 3)), 12_500_000);
    assert_eq!(e8(Decimal::new(1_234_567_890_129, 10)), 12_345_678_901);
}

#[test]
fn objects_and_lists_put_their_own_commas() {
    let mut out = b"{".to_vec();
    integer_field(&mut out, "a", 1);
    quoted_field(&mut out, "b", -2);
    flag_field(&mut out, "c", true);
    string_field(&mut out, "d", "{");
    fixed_field(&mut out, "e", 0, 1);
    trimmed_field(&mut out, "f", 150_000_000);
    assert_eq!(out, br#"{"a":1,"b":"-2","c":true,"d":"{","e":"0.0","f":"1.5""#);
}

#[test]
fn strings_are_escaped() {
    let mut out = Vec::new();
    string(&mut out, "a\"b\\c\n币");
    assert_eq!(serde_json::from_slice::<String>(&out).unwrap(), "a\"b\\c\n币");
}
