//! Money, decimals, times and JSON texts.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::float_cmp,
    reason = "a panic is how a test fails"
)]

use std::{
    collections::HashSet,
    time::{Duration, UNIX_EPOCH},
};

use alipay_core::value::{
    Decimal, IdempotencyKey, Json, JsonText, LocalDate, LocalDateTime, LocalTime, Malformed, Yuan,
};
use proptest::prelude::*;

const NOT_NUMBERS: &[&str] = &[
    "", " ", "+", "-", ".", "-.", ".5", "5.", "+-5", "--5", "5-", "1,000.00", "1 000", " 5", "5 ",
    "5\n", "1e2", "1E2", "0x10", "1_000", "NaN", "inf", "-inf", "1.2.3", "¥5", "５", "٣", "5.٣",
    "1.-2", "null",
];

mod yuan {
    use super::*;

    #[test]
    fn reads_up_to_two_decimals() {
        for (text, fen, shown) in [
            ("0", 0, "0.00"),
            ("50", 5_000, "50.00"),
            ("50.0", 5_000, "50.00"),
            ("50.00", 5_000, "50.00"),
            ("1.000", 100, "1.00"),
            ("1.2300000000000000000000000000000", 123, "1.23"),
            ("0.10", 10, "0.10"),
            ("0.01", 1, "0.01"),
            ("+7.5", 750, "7.50"),
            ("-0.05", -5, "-0.05"),
            ("-0", 0, "0.00"),
            ("-12.34", -1_234, "-12.34"),
            ("0007", 700, "7.00"),
            ("92233720368547758.07", i64::MAX, "92233720368547758.07"),
            ("-92233720368547758.08", i64::MIN, "-92233720368547758.08"),
        ] {
            let amount: Yuan = text.parse().unwrap();
            assert_eq!(amount.fen(), fen, "{text}");
            assert_eq!(amount.to_string(), shown, "{text}");
            assert_eq!(Yuan::try_from(text), Ok(amount));
        }
    }

    #[test]
    fn refuses_all_else() {
        let beyond = [
            "1.005",
            "0.001",
            "92233720368547758.08",
            "-92233720368547758.09",
            "999999999999999999999999999999999999999999999999999999",
        ];
        for text in NOT_NUMBERS.iter().chain(&beyond) {
            let problem = text.parse::<Yuan>().unwrap_err();
            assert_eq!(
                problem.to_string(),
                "expected an amount in yuan with at most two decimals, like 50.00",
                "{text}"
            );
        }
    }

    #[test]
    fn reckons_within_its_range() {
        let amount = Yuan::from_fen(1_999);
        assert_eq!(amount.checked_add(Yuan::from_fen(1)), Some(Yuan::from_fen(2_000)));
        assert_eq!(amount.checked_sub(Yuan::from_fen(2_000)), Some(Yuan::from_fen(-1)));
        assert_eq!(amount.checked_mul(1_000_000), Some(Yuan::from_fen(1_999_000_000)));

        let most = Yuan::from_fen(i64::MAX);
        assert_eq!(most.checked_add(Yuan::from_fen(1)), None);
        assert_eq!(Yuan::from_fen(i64::MIN).checked_sub(Yuan::from_fen(1)), None);
        assert_eq!(most.checked_mul(2), None);
        assert_eq!(Yuan::default(), Yuan::ZERO);
    }

    #[test]
    fn shows_itself() {
        assert_eq!(format!("{:?}", Yuan::from_fen(5_000)), "Yuan(50.00)");
        assert_eq!(
            format!("[{:>8}] [{:+}]", Yuan::from_fen(123), Yuan::from_fen(123)),
            "[    1.23] [+1.23]"
        );
    }

    #[test]
    fn is_text_in_json_and_reads_numbers() {
        assert_eq!(serde_json::to_string(&Yuan::from_fen(5_000)).unwrap(), r#""50.00""#);
        for json in [r#""12.50""#, "12.5", "12.50", "1250e-2"] {
            assert_eq!(
                serde_json::from_str::<Yuan>(json).unwrap(),
                Yuan::from_fen(1_250),
                "{json}"
            );
        }
        assert_eq!(serde_json::from_str::<Yuan>("7").unwrap(), Yuan::from_fen(700));
        for json in ["null", r#""""#, "true", "[]", "{}", "0.001", "1e30", "92233720368547758.07"] {
            assert!(serde_json::from_str::<Yuan>(json).is_err(), "{json}");
        }
    }

    proptest! {
        #[test]
        fn survives_its_text(fen: i64) {
            let amount = Yuan::from_fen(fen);
            prop_assert_eq!(amount.to_string().parse(), Ok(amount));
            let json = serde_json::to_string(&amount).unwrap();
            prop_assert_eq!(serde_json::from_str::<Yuan>(&json).unwrap(), amount);
        }

        #[test]
        fn is_the_number_that_was_written(
            negative: bool,
            whole in 0_i64..=90_000_000_000_000_000,
            cents in 0_i64..100,
            zeros in 0_usize..6,
        ) {
            let text = format!("{}{whole}.{cents:02}{}", if negative { "-" } else { "" }, "0".repeat(zeros));
            let fen = whole * 100 + cents;
            prop_assert_eq!(text.parse(), Ok(Yuan::from_fen(if negative { -fen } else { fen })));
        }

        #[test]
        fn is_the_unquoted_number_that_was_sent(fen in -1_000_000_000_000_i64..=1_000_000_000_000) {
            let amount = Yuan::from_fen(fen);
            prop_assert_eq!(serde_json::from_str::<Yuan>(&amount.to_string()).unwrap(), amount);
        }

        #[test]
        fn never_panics(text in "\\PC*") {
            if let Ok(amount) = text.parse::<Yuan>() {
                prop_assert_eq!(amount.to_string().parse(), Ok(amount));
            }
        }

        #[test]
        fn refuses_a_third_decimal(fen: i32, third in 1..10, more in "[0-9]{0,3}") {
            let text = format!("{}{third}{more}", Yuan::from_fen(fen.into()));
            prop_assert!(text.parse::<Yuan>().is_err());
        }
    }
}

mod decimal {
    use super::*;

    fn decimal(text: &str) -> Decimal {
        text.parse().unwrap()
    }

    #[test]
    fn keeps_the_decimals_it_was_written_with() {
        for text in [
            "0",
            "6.5",
            "6.50",
            "-0.05",
            "100",
            "0.000000000000000001",
            "9223372036854775807",
            "-9.223372036854775808",
        ] {
            assert_eq!(decimal(text).to_string(), text);
        }
        assert_eq!(decimal("+6.50").to_string(), "6.50");
        assert_eq!(decimal("007").to_string(), "7");
        assert_eq!(decimal("-0.0").to_string(), "0.0");
        assert_eq!(serde_json::to_string(&decimal("6.50")).unwrap(), r#""6.50""#);
    }

    #[test]
    fn compares_as_a_number() {
        assert_eq!(decimal("6.50"), decimal("6.5"));
        assert_eq!(decimal("0"), decimal("-0.000"));
        assert_ne!(decimal("6.50"), decimal("6.51"));
        assert_ne!(decimal("6.5"), decimal("-6.5"));
        assert!(decimal("-7") < decimal("-6.99"));
        assert!(decimal("0.000000000000000001") > Decimal::ZERO);
        assert!(decimal("9223372036854775807") > decimal("0.999999999999999999"));
        assert_eq!(HashSet::from([decimal("6.5"), decimal("6.50"), decimal("6.500")]).len(), 1);
    }

    #[test]
    fn has_digits_and_a_scale() {
        let rate = decimal("-6.50");
        assert_eq!((rate.mantissa(), rate.scale()), (-650, 2));
        assert_eq!(Decimal::new(650, 2), Ok(decimal("6.5")));
        assert!(Decimal::new(1, 19).is_err());
        assert_eq!(Decimal::from(-3), decimal("-3"));
        assert_eq!(format!("{rate:?}"), "Decimal(-6.50)");
    }

    #[test]
    fn refuses_all_else() {
        let beyond = [
            "9223372036854775808",
            "0.0000000000000000001",
            "1.0000000000000000000",
            "99999999999.9999999999",
        ];
        for text in NOT_NUMBERS.iter().chain(&beyond) {
            assert!(text.parse::<Decimal>().is_err(), "{text}");
        }
    }

    #[test]
    fn becomes_money_where_that_is_exact() {
        assert_eq!(Yuan::try_from(decimal("12.500")), Ok(Yuan::from_fen(1_250)));
        assert_eq!(Yuan::try_from(decimal("-3")), Ok(Yuan::from_fen(-300)));
        assert!(Yuan::try_from(decimal("0.001")).is_err());
        assert!(Yuan::try_from(Decimal::from(i64::MAX)).is_err());
    }

    proptest! {
        #[test]
        fn survives_its_text(mantissa: i64, scale in 0..=Decimal::MAX_SCALE) {
            let number = Decimal::new(mantissa, scale).unwrap();
            let read = decimal(&number.to_string());
            prop_assert_eq!((read.mantissa(), read.scale()), (mantissa, scale));
        }

        #[test]
        fn zeros_at_the_end_change_nothing(mantissa in -1_000_000_i64..=1_000_000, scale in 0_u8..9, zeros in 0_u8..9) {
            let shifted = mantissa * 10_i64.pow(zeros.into());
            let (short, long) = (Decimal::new(mantissa, scale).unwrap(), Decimal::new(shifted, scale + zeros).unwrap());
            prop_assert_eq!(short, long);
            prop_assert_eq!(HashSet::from([short, long]).len(), 1);
        }

        #[test]
        fn is_ordered_like_its_digits(a: i64, b: i64, scale in 0..=Decimal::MAX_SCALE) {
            let (first, second) = (Decimal::new(a, scale).unwrap(), Decimal::new(b, scale).unwrap());
            prop_assert_eq!(first.cmp(&second), a.cmp(&b));
        }

        #[test]
        fn holds_any_amount(fen: i64) {
            let amount = Yuan::from_fen(fen);
            let number = Decimal::from(amount);
            prop_assert_eq!(number.to_string(), amount.to_string());
            prop_assert_eq!(Yuan::try_from(number), Ok(amount));
        }

        #[test]
        fn never_panics(text in "[-+]?[0-9]{0,25}\\.?[0-9]{0,25}") {
            if let Ok(number) = text.parse::<Decimal>() {
                prop_assert_eq!(number.to_string().parse(), Ok(number));
            }
        }
    }
}

mod time {
    use super::*;

    fn at(text: &str) -> LocalDateTime {
        text.parse().unwrap()
    }

    #[test]
    fn beijing_is_eight_hours_ahead() {
        for (seconds, text) in [
            (0, "1970-01-01 08:00:00"),
            (-28_800, "1970-01-01 00:00:00"),
            (-28_801, "1969-12-31 23:59:59"),
            (951_753_600, "2000-02-29 00:00:00"),
            (1_000_000_000, "2001-09-09 09:46:40"),
            (1_234_567_890, "2009-02-14 07:31:30"),
            (2_147_483_647, "2038-01-19 11:14:07"),
            // Other zones of China's past and its summer times (1986 to 1991) do not matter.
            (520_560_000, "1986-07-01 08:00:00"),
            (-2_208_988_800, "1900-01-01 08:00:00"),
            (253_402_271_999, "9999-12-31 23:59:59"),
            (-62_135_625_600, "0001-01-01 00:00:00"),
        ] {
            assert_eq!(LocalDateTime::from_unix_seconds(seconds).unwrap().to_string(), text);
            assert_eq!(at(text).unix_seconds(), seconds, "{text}");
        }
    }

    #[test]
    fn ends_with_its_years() {
        assert_eq!(
            LocalDateTime::from_unix_seconds(LocalDateTime::MIN.unix_seconds()),
            Ok(LocalDateTime::MIN)
        );
        assert_eq!(
            LocalDateTime::from_unix_seconds(LocalDateTime::MAX.unix_seconds()),
            Ok(LocalDateTime::MAX)
        );
        for seconds in [
            LocalDateTime::MIN.unix_seconds() - 1,
            LocalDateTime::MAX.unix_seconds() + 1,
            i64::MIN,
            i64::MAX,
        ] {
            assert!(LocalDateTime::from_unix_seconds(seconds).is_err(), "{seconds}");
        }
        assert_eq!(LocalDateTime::MAX.checked_plus_seconds(1), None);
        assert_eq!(LocalDateTime::MIN.checked_plus_seconds(i64::MIN), None);
        assert_eq!(LocalDateTime::MAX.checked_plus_days(1), None);
        assert_eq!(LocalDate::MIN.checked_plus_days(-1), None);
        assert_eq!(LocalDate::MAX.checked_plus_days(i64::MAX), None);
        assert_eq!(LocalDate::MAX.checked_plus_days(i64::MIN), None);
        assert_eq!(LocalDate::MAX.plus_days(1), LocalDate::MAX);
        assert_eq!(LocalDate::MAX.plus_days(i64::MIN), LocalDate::MIN);
        assert_eq!(
            at("2026-01-31 08:30:00").plus_days(i64::MAX).to_string(),
            "9999-12-31 08:30:00"
        );
    }

    #[test]
    fn every_day_follows_the_one_before() {
        let mut date = LocalDate::MIN;
        let mut days = 0;
        while date < LocalDate::MAX {
            let next = date.plus_days(1);
            let (year, month, day) = (date.year(), date.month(), date.day());
            let expected = LocalDate::new(year, month, day + 1)
                .or_else(|_| LocalDate::new(year, month + 1, 1))
                .or_else(|_| LocalDate::new(year + 1, 1, 1));
            assert_eq!(Ok(next), expected);
            days += 1;
            date = next;
        }
        assert_eq!(days, 3_652_058);
        assert_eq!(LocalDate::MIN.plus_days(days), LocalDate::MAX);
    }

    #[test]
    fn february_has_29_days_in_leap_years() {
        for (year, leap) in
            [(1900, false), (2000, true), (2023, false), (2024, true), (2100, false), (2400, true)]
        {
            assert_eq!(LocalDate::new(year, 2, 29).is_ok(), leap, "{year}");
            assert_eq!(format!("{year}-02-29").parse::<LocalDate>().is_ok(), leap, "{year}");
        }
        assert_eq!(at("2024-01-31 12:00:00").plus_days(29).to_string(), "2024-02-29 12:00:00");
        assert_eq!(at("2026-03-01 12:00:00").plus_days(-1).to_string(), "2026-02-28 12:00:00");
    }

    #[test]
    fn has_parts() {
        let time = LocalDateTime::new(2026, 1, 31, 8, 30, 5).unwrap();
        assert_eq!((time.date().year(), time.date().month(), time.date().day()), (2026, 1, 31));
        assert_eq!((time.time().hour(), time.time().minute(), time.time().second()), (8, 30, 5));
        assert_eq!(LocalDateTime::of(time.date(), time.time()), time);
        assert_eq!(format!("{time:?}"), "LocalDateTime(2026-01-31 08:30:05)");
        assert_eq!(
            format!("{:?} {:?}", time.date(), time.time()),
            "LocalDate(2026-01-31) LocalTime(08:30:05)"
        );
        assert_eq!(time.checked_plus_seconds(56_000).unwrap().to_string(), "2026-02-01 00:03:25");
    }

    #[test]
    fn reads_its_formats_only() {
        let refused = [
            "",
            "2026-1-31",
            "26-01-31",
            "2026/01/31",
            "20260131",
            " 2026-01-31",
            "2026-01-31 ",
            "2026-01-32",
            "2026-00-10",
            "2026-13-01",
            "2026-01-00",
            "0000-01-01",
            "+026-01-01",
            "-001-01-01",
            "２026-01-31",
            "2026-01-3a",
            "10000-01-01",
        ];
        for text in refused {
            assert_eq!(
                text.parse::<LocalDate>(),
                Err(Malformed::new("a date like 2026-01-31")),
                "{text}"
            );
        }
        let refused = [
            "",
            "8:30:00",
            "08:30",
            "08:30:60",
            "24:00:00",
            "08:60:00",
            "08.30.00",
            "08:30:00.0",
            "08:30:00Z",
            "-8:30:00",
        ];
        for text in refused {
            assert_eq!(
                text.parse::<LocalTime>(),
                Err(Malformed::new("a time of day like 08:30:00")),
                "{text}"
            );
        }
        let refused = [
            "",
            "2026-01-31",
            "08:30:00",
            "2026-01-31T08:30:00",
            "2026-01-31  08:30:00",
            "2026-01-31 08:30:00 ",
            "2026-01-31 08:30",
            "2026-01-31 08:30:00+08:00",
            "2026-01-31 08:30:00.000",
            "2026-02-29 08:30:00",
            "1769819400",
        ];
        for text in refused {
            let problem = text.parse::<LocalDateTime>().unwrap_err();
            assert_eq!(problem.to_string(), "expected a time like 2026-01-31 08:30:00", "{text}");
        }
    }

    #[test]
    fn is_text_in_json() {
        assert_eq!(
            serde_json::to_string(&at("2026-01-31 08:30:00")).unwrap(),
            r#""2026-01-31 08:30:00""#
        );
        assert_eq!(
            serde_json::from_str::<LocalDate>(r#""2026-01-31""#).unwrap(),
            LocalDate::new(2026, 1, 31).unwrap()
        );
        for json in ["1769819400", "null", r#""""#, r#""2026-01-31T08:30:00""#] {
            assert!(serde_json::from_str::<LocalDateTime>(json).is_err(), "{json}");
        }
    }

    #[test]
    fn reads_the_clock() {
        let read = |time| LocalDateTime::try_from(time).unwrap().to_string();
        assert_eq!(read(UNIX_EPOCH), "1970-01-01 08:00:00");
        assert_eq!(read(UNIX_EPOCH + Duration::from_millis(1_999)), "1970-01-01 08:00:01");
        assert_eq!(read(UNIX_EPOCH - Duration::from_secs(1)), "1970-01-01 07:59:59");
        assert_eq!(read(UNIX_EPOCH - Duration::from_millis(500)), "1970-01-01 07:59:59");
        assert!(LocalDateTime::try_from(UNIX_EPOCH + Duration::from_secs(1 << 40)).is_err());
    }

    prop_compose! {
        fn any_seconds()(seconds in LocalDateTime::MIN.unix_seconds()..=LocalDateTime::MAX.unix_seconds()) -> i64 {
            seconds
        }
    }

    proptest! {
        #[test]
        fn survives_its_text_and_its_seconds(seconds in any_seconds()) {
            let time = LocalDateTime::from_unix_seconds(seconds).unwrap();
            prop_assert_eq!(time.unix_seconds(), seconds);
            prop_assert_eq!(time.to_string().parse(), Ok(time));
            prop_assert_eq!(time.date().to_string().parse(), Ok(time.date()));
            prop_assert_eq!(time.time().to_string().parse(), Ok(time.time()));
        }

        #[test]
        fn is_ordered_like_its_seconds_and_its_text(a in any_seconds(), b in any_seconds()) {
            let first = LocalDateTime::from_unix_seconds(a).unwrap();
            let second = LocalDateTime::from_unix_seconds(b).unwrap();
            prop_assert_eq!(first.cmp(&second), a.cmp(&b));
            prop_assert_eq!(first.to_string().cmp(&second.to_string()), a.cmp(&b));
        }

        #[test]
        fn days_have_86400_seconds(seconds in any_seconds(), days in -4_000_000_i64..4_000_000) {
            let time = LocalDateTime::from_unix_seconds(seconds).unwrap();
            prop_assert_eq!(time.checked_plus_days(days), time.checked_plus_seconds(days * 86_400));
        }

        #[test]
        fn never_panics(text in "[0-9]{0,5}-?[0-9]{0,3}-?[0-9]{0,3} ?[0-9]{0,3}:?[0-9]{0,3}:?\\PC{0,3}") {
            if let Ok(time) = text.parse::<LocalDateTime>() {
                prop_assert_eq!(time.to_string(), text);
            }
        }

        #[test]
        fn constructors_take_what_the_formats_take(
            year in 0_u16..10_000, month in 0_u8..14, day in 0_u8..33, hour in 0_u8..26, minute in 0_u8..62, second in 0_u8..62,
        ) {
            let made = LocalDateTime::new(year, month, day, hour, minute, second).ok();
            let read = format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}").parse().ok();
            prop_assert_eq!(made, read);
        }
    }
}

mod json_text {
    use super::*;

    type Ids = JsonText<Vec<String>>;

    fn ids(items: &[&str]) -> Ids {
        items.iter().map(|item| (*item).to_owned()).collect::<Vec<_>>().into()
    }

    #[test]
    fn is_json_within_a_text() {
        let value = ids(&["2019", "a\"b"]);
        let json = serde_json::to_string(&value).unwrap();
        assert_eq!(json, r#""[\"2019\",\"a\\\"b\"]""#);
        assert_eq!(serde_json::from_str::<Ids>(&json).unwrap(), value);
        assert_eq!(serde_json::to_string(&ids(&[])).unwrap(), r#""[]""#);
    }

    #[test]
    fn behaves_like_the_value_inside() {
        let mut value = ids(&["1"]);
        value.push("2".to_owned());
        assert_eq!(value.len(), 2);
        assert_eq!(format!("{value:?}"), r#"JsonText(["1", "2"])"#);
        assert_eq!(value.into_inner(), ["1", "2"]);
    }

    #[test]
    fn a_blank_is_an_empty_list_and_no_number() {
        for json in [r#""""#, r#""null""#, r#""[]""#, r#"" [ null ] ""#] {
            assert_eq!(serde_json::from_str::<Ids>(json).unwrap(), ids(&[]), "{json}");
            assert!(serde_json::from_str::<JsonText<i64>>(json).is_err(), "{json}");
        }
        assert_eq!(serde_json::from_str::<JsonText<i64>>(r#""7""#).unwrap().into_inner(), 7);
    }

    #[test]
    fn refuses_other_json_and_says_nothing_of_it() {
        for json in [
            r#""CANARY""#,
            r#""[\"CANARY\"""#,
            r#""[\"CANARY\"] CANARY""#,
            r#""{\"CANARY\":1}""#,
            r#""[[1]]""#,
        ] {
            let problem = serde_json::from_str::<Ids>(json).unwrap_err().to_string();
            assert!(
                problem.contains("expected a string that holds JSON of the field's type"),
                "{problem}"
            );
            assert!(!problem.contains("CANARY"), "{problem}");
        }
        for json in ["null", r#"["1"]"#, "{}"] {
            assert!(serde_json::from_str::<Ids>(json).is_err(), "{json}");
        }
    }

    proptest! {
        #[test]
        fn survives_json(items: Vec<String>) {
            let value = Ids::from(items);
            let json = serde_json::to_string(&value).unwrap();
            prop_assert_eq!(serde_json::from_str::<Ids>(&json).unwrap(), value);
        }
    }
}

#[test]
fn any_json_keeps_its_text_and_errors_keep_it_to_themselves() {
    let text = "{\"b\": 1.10, \"a\": 12345678901234567890123}";
    let json: Json = format!(" {text}\n").parse().unwrap();
    assert_eq!((json.as_str(), json.to_string().as_str()), (text, text));
    assert_eq!(format!("{json:?}"), text);
    assert_eq!(serde_json::to_string(&json).unwrap(), text);
    assert_eq!(serde_json::from_str::<Json>(text).unwrap(), json);
    assert_ne!(Json::of(&1.5).unwrap(), "1.50".parse().unwrap());
    assert_eq!(Json::default(), Json::from(serde_json::Value::Null));
    assert_eq!(json.decode::<std::collections::BTreeMap<String, f64>>().unwrap()["b"], 1.1);

    let message = |text: &str| text.parse::<Json>().unwrap_err().to_string();
    assert_eq!(message("{\"secret\"}"), "this is not JSON at line 1, column 10");
    assert_eq!(message("[1,"), "the JSON ends too early at line 1, column 3");
    let secret: Json = "\"secret\"".parse().unwrap();
    let problem = secret.decode::<i64>().unwrap_err();
    assert!(problem.to_string().starts_with("the JSON and the type asked for do not fit"));
    assert_eq!(problem.line(), 1);
    // What is not read from JSON has no text to keep.
    let plain = serde::de::value::StrDeserializer::<serde::de::value::Error>::new("secret");
    let problem = <Json as serde::Deserialize>::deserialize(plain).unwrap_err();
    assert_eq!(problem.to_string(), "expected JSON");
}

#[test]
fn idempotency_keys_are_checked_when_they_are_made() {
    for good in ["1", "20260131-0001", "a_b.c/~", &"x".repeat(64)] {
        assert_eq!(good.parse::<IdempotencyKey>().unwrap().as_str(), good);
    }
    for bad in ["", " ", "a b", "订单", "a\n", &"x".repeat(65)] {
        let problem = IdempotencyKey::new(bad).unwrap_err();
        assert_eq!(problem.to_string(), "expected a key of 1 to 64 visible ASCII characters");
        assert_eq!(bad.parse::<IdempotencyKey>(), Err(problem));
        assert!(serde_json::from_value::<IdempotencyKey>(bad.into()).is_err());
    }
    let (one, other) = (IdempotencyKey::random().unwrap(), IdempotencyKey::random().unwrap());
    assert_ne!(one, other);
}
