//! Dates, times and decimals that become those of other crates, and come back.

#![cfg(all(feature = "chrono", feature = "jiff", feature = "rust_decimal", feature = "time"))]
#![allow(clippy::unwrap_used, reason = "tests fail by panicking")]

use alipay_core::value::{LocalDate, LocalDateTime, LocalTime};
use proptest::prelude::*;

prop_compose! {
    fn any_time()(seconds in LocalDateTime::MIN.unix_seconds()..=LocalDateTime::MAX.unix_seconds()) -> LocalDateTime {
        LocalDateTime::from_unix_seconds(seconds).unwrap()
    }
}

/// The ends, a leap day, the instants around which signs change, and some between.
fn times() -> Vec<LocalDateTime> {
    let text = [
        "0001-01-01 08:00:00",
        "1900-03-01 00:00:00",
        "1970-01-01 00:00:00",
        "1970-01-01 07:59:59",
        "1970-01-01 08:00:00",
        "2024-02-29 23:59:59",
        "2026-01-31 08:30:00",
        "9999-12-31 00:00:00",
    ];
    let ends = [LocalDateTime::MIN, LocalDateTime::MAX];
    text.iter().map(|text| text.parse().unwrap()).chain(ends).collect()
}

mod with_jiff {
    use jiff::{Timestamp, civil};

    use super::*;

    fn check(at: LocalDateTime) {
        let civil = civil::DateTime::from(at);
        assert_eq!(civil.strftime("%Y-%m-%d %H:%M:%S").to_string(), at.to_string());
        assert_eq!(LocalDateTime::try_from(civil), Ok(at));
        assert_eq!(civil::Date::from(at.date()), civil.date());
        assert_eq!(LocalDate::try_from(civil.date()), Ok(at.date()));
        assert_eq!(civil::Time::from(at.time()), civil.time());
        assert_eq!(LocalTime::try_from(civil.time()), Ok(at.time()));
        match Timestamp::try_from(at) {
            Ok(instant) => {
                assert_eq!(instant.as_second(), at.unix_seconds());
                assert_eq!(LocalDateTime::try_from(instant), Ok(at));
            }
            Err(_) => assert!(at.unix_seconds() > Timestamp::MAX.as_second(), "{at}"),
        }
    }

    #[test]
    fn times_go_there_and_back() {
        times().into_iter().for_each(check);
    }

    #[test]
    fn fractions_are_cut_off_and_other_years_refused() {
        let civil = civil::date(2026, 1, 31).at(8, 30, 0, 999_999_999);
        assert_eq!(LocalDateTime::try_from(civil).unwrap().to_string(), "2026-01-31 08:30:00");
        for (nanoseconds, shown) in [(999_999_999, "08:00:00"), (-1, "07:59:59")] {
            let instant = Timestamp::from_nanosecond(nanoseconds).unwrap();
            assert_eq!(LocalDateTime::try_from(instant).unwrap().time().to_string(), shown);
        }
        for year in [-1, 0] {
            let civil = civil::date(year, 6, 1).at(8, 30, 0, 0);
            let problem = LocalDateTime::try_from(civil).unwrap_err().to_string();
            assert_eq!(problem, "expected a date like 2026-01-31");
        }
        assert!(LocalDateTime::try_from(Timestamp::MIN).is_err());
        assert!(Timestamp::try_from(LocalDateTime::MAX).is_err());
    }

    proptest! {
        #[test]
        fn any_time_goes_there_and_back(at in any_time()) {
            check(at);
        }
    }
}

mod with_chrono {
    use chrono::{DateTime, FixedOffset, NaiveDate, NaiveDateTime, NaiveTime, Utc};

    use super::*;

    fn check(at: LocalDateTime) {
        let civil = NaiveDateTime::from(at);
        let text = at.to_string();
        assert_eq!(NaiveDateTime::parse_from_str(&text, "%Y-%m-%d %H:%M:%S"), Ok(civil));
        assert_eq!(LocalDateTime::try_from(civil), Ok(at));
        assert_eq!(NaiveDate::from(at.date()), civil.date());
        assert_eq!(LocalDate::try_from(civil.date()), Ok(at.date()));
        assert_eq!(NaiveTime::from(at.time()), civil.time());
        assert_eq!(LocalTime::try_from(civil.time()), Ok(at.time()));
        let instant = DateTime::<Utc>::from(at);
        assert_eq!(instant.timestamp(), at.unix_seconds());
        assert_eq!(LocalDateTime::try_from(instant), Ok(at));
        let elsewhere = instant.with_timezone(&FixedOffset::west_opt(5 * 3600).unwrap());
        assert_eq!(LocalDateTime::try_from(elsewhere), Ok(at));
    }

    #[test]
    fn times_go_there_and_back() {
        times().into_iter().for_each(check);
    }

    #[test]
    fn fractions_are_cut_off_and_other_years_refused() {
        let date = NaiveDate::from_ymd_opt(2026, 1, 31).unwrap();
        for (hour, minute, second, millis, shown) in
            [(8, 30, 0, 999, "08:30:00"), (7, 59, 59, 1999, "07:59:59")]
        {
            let civil = date.and_hms_milli_opt(hour, minute, second, millis).unwrap();
            assert_eq!(LocalDateTime::try_from(civil).unwrap().time().to_string(), shown);
        }
        let before = DateTime::from_timestamp(-1, 999_999_999).unwrap();
        assert_eq!(LocalDateTime::try_from(before).unwrap().time().to_string(), "07:59:59");
        for year in [-1, 0, 10_000, 70_000] {
            let civil = NaiveDate::from_ymd_opt(year, 6, 1).unwrap();
            let problem = LocalDate::try_from(civil).unwrap_err().to_string();
            assert_eq!(problem, "expected a date like 2026-01-31");
            let instant = civil.and_hms_opt(0, 0, 0).unwrap().and_utc();
            assert!(LocalDateTime::try_from(instant).is_err());
        }
    }

    proptest! {
        #[test]
        fn any_time_goes_there_and_back(at in any_time()) {
            check(at);
        }
    }
}

mod with_time {
    use time::{Date, Month, OffsetDateTime, PrimitiveDateTime, Time, UtcOffset};

    use super::*;

    fn check(at: LocalDateTime) {
        let civil = PrimitiveDateTime::from(at);
        assert_eq!(civil.to_string(), format!("{}.0", shown(at)));
        assert_eq!(LocalDateTime::try_from(civil), Ok(at));
        assert_eq!(Date::from(at.date()), civil.date());
        assert_eq!(LocalDate::try_from(civil.date()), Ok(at.date()));
        assert_eq!(Time::from(at.time()), civil.time());
        assert_eq!(LocalTime::try_from(civil.time()), Ok(at.time()));
        let instant = OffsetDateTime::from(at);
        assert_eq!(instant.unix_timestamp(), at.unix_seconds());
        assert_eq!(LocalDateTime::try_from(instant), Ok(at));
        if let Some(elsewhere) = instant.checked_to_offset(UtcOffset::from_hms(-5, 0, 0).unwrap()) {
            assert_eq!(LocalDateTime::try_from(elsewhere), Ok(at));
        }
    }

    /// `time` writes an hour of one digit so.
    fn shown(at: LocalDateTime) -> String {
        at.to_string().replacen(" 0", " ", 1)
    }

    #[test]
    fn times_go_there_and_back() {
        times().into_iter().for_each(check);
    }

    #[test]
    fn fractions_are_cut_off_and_other_years_refused() {
        let date = Date::from_calendar_date(2026, Month::January, 31).unwrap();
        let civil = date.with_hms_nano(8, 30, 0, 999_999_999).unwrap();
        assert_eq!(LocalDateTime::try_from(civil).unwrap().to_string(), "2026-01-31 08:30:00");
        let before = OffsetDateTime::from_unix_timestamp_nanos(-1).unwrap();
        assert_eq!(LocalDateTime::try_from(before).unwrap().time().to_string(), "07:59:59");
        for year in [-1, 0] {
            let civil = Date::from_calendar_date(year, Month::June, 1).unwrap();
            let problem = LocalDate::try_from(civil).unwrap_err().to_string();
            assert_eq!(problem, "expected a date like 2026-01-31");
            assert!(LocalDateTime::try_from(civil.midnight().assume_utc()).is_err());
        }
    }

    proptest! {
        #[test]
        fn any_time_goes_there_and_back(at in any_time()) {
            check(at);
        }
    }
}

mod with_rust_decimal {
    use alipay_core::value::{Decimal, Yuan};
    use rust_decimal::Decimal as Other;

    use super::*;

    fn other(text: &str) -> Other {
        text.parse().unwrap()
    }

    #[test]
    fn money_is_exact_or_refused() {
        for (text, fen) in [
            ("0", 0),
            ("-0.00", 0),
            ("50", 5_000),
            ("12.5", 1_250),
            ("-0.05", -5),
            ("1.0000000000000000000000000000", 100),
            ("92233720368547758.07", i64::MAX),
            ("-92233720368547758.08", i64::MIN),
        ] {
            assert_eq!(Yuan::try_from(other(text)), Ok(Yuan::from_fen(fen)), "{text}");
        }
        for text in [
            "0.001",
            "12.505",
            "-0.0000000000000000000000000001",
            "92233720368547758.08",
            "79228162514264337593543950335",
        ] {
            let problem = Yuan::try_from(other(text)).unwrap_err().to_string();
            let expected = "expected an amount in yuan with at most two decimals, like 50.00";
            assert_eq!(problem, expected, "{text}");
        }
        assert_eq!(Other::from(Yuan::from_fen(1_250)).to_string(), "12.50");
    }

    #[test]
    fn decimals_keep_their_digits_or_are_refused() {
        for text in ["0", "6.50", "-6.5", "0.000000000000000001", "9223372036854775807"] {
            assert_eq!(Decimal::try_from(other(text)).unwrap().to_string(), text);
        }
        for text in ["0.0000000000000000001", "9223372036854775808", "9.2233720368547758080"] {
            let problem = Decimal::try_from(other(text)).unwrap_err().to_string();
            assert_eq!(problem, "expected a decimal number of at most 18 digits", "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_amount_goes_there_and_back(fen: i64) {
            let amount = Yuan::from_fen(fen);
            prop_assert_eq!(Other::from(amount).to_string(), amount.to_string());
            prop_assert_eq!(Yuan::try_from(Other::from(amount)), Ok(amount));
        }

        #[test]
        fn any_decimal_goes_there_and_back(mantissa: i64, scale in 0..=Decimal::MAX_SCALE) {
            let number = Decimal::new(mantissa, scale).unwrap();
            let there = Other::from(number);
            prop_assert_eq!(there.to_string(), number.to_string());
            prop_assert_eq!(Decimal::try_from(there).unwrap().to_string(), number.to_string());
        }

        #[test]
        fn what_is_taken_is_the_same_number(low: u32, mid: u32, high in 0_u32..3, negative: bool, scale in 0_u32..=28) {
            let number = Other::from_parts(low, mid, high, negative, scale);
            if let Ok(amount) = Yuan::try_from(number) {
                prop_assert_eq!(Other::from(amount), number);
            }
            if let Ok(decimal) = Decimal::try_from(number) {
                prop_assert_eq!(Other::from(decimal), number);
            }
        }
    }
}
