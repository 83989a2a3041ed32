//! The `biz_content` of an order.

use alipay_core::value::Yuan;
use serde_json::{Map, Value};

use crate::calendar;
use crate::error::{Refusal, excerpt};
use crate::protocol::parameters::Method;

/// The code of what is not as it should be.
const INVALID: &str = "ACQ.INVALID_PARAMETER";
/// Documented: 100,000,000.00 yuan.
const MOST: Yuan = Yuan::from_fen(10_000_000_000);
/// Secondary: an order that does not say otherwise is closed after 15 days, which is also the longest `timeout_express`.
const MOST_MINUTES: i64 = 15 * 24 * 60;
const MINUTE_MILLIS: i64 = 60_000;

/// What an order says. Not `Debug`: it may be personal.
#[derive(Clone)]
pub(super) struct Content {
    pub(super) out_trade_no: String,
    pub(super) total: Yuan,
    pub(super) subject: String,
    pub(super) body: Option<String>,
    pub(super) passback_params: Option<String>,
    /// When it is closed unless it is paid, in milliseconds since 1970.
    pub(super) expires: i64,
}

impl Content {
    /// Reads the fields that matter here; others are the shop's own affair. A lenient gateway takes any product.
    pub(super) fn read(
        method: Method,
        content: &Map<String, Value>,
        now_millis: i64,
        is_lenient: bool,
    ) -> Result<Self, Refusal> {
        let field = |name: &'static str, most| string(content, name, most);
        let required = |name, most| field(name, most)?.ok_or_else(|| lacks(name));
        let out_trade_no = required("out_trade_no", 64)?.to_owned();
        let total = total(content)?;
        let subject = required("subject", 256)?.to_owned();
        if !is_lenient {
            check_product(method, field("product_code", 64)?)?;
        }
        Ok(Self {
            out_trade_no,
            total,
            subject,
            body: field("body", 128)?.map(str::to_owned),
            passback_params: field("passback_params", 512)?.map(str::to_owned),
            expires: expires(field("time_expire", 64)?, field("timeout_express", 64)?, now_millis)?,
        })
    }
}

pub(super) fn invalid(field: &str, message: impl Into<String>) -> Refusal {
    Refusal::business(INVALID, message).at(field)
}

fn lacks(field: &str) -> Refusal {
    Refusal::business(INVALID, format!("`{field}` is required")).lacks(field)
}

/// A string that is not empty, of at most so many characters.
fn string<'a>(
    content: &'a Map<String, Value>,
    name: &str,
    most: usize,
) -> Result<Option<&'a str>, Refusal> {
    let text = match content.get(name) {
        None | Some(Value::Null) => return Ok(None),
        Some(Value::String(text)) if text.trim().is_empty() => return Ok(None),
        Some(Value::String(text)) => text,
        Some(_) => return Err(invalid(name, format!("`{name}` must be a string"))),
    };
    match text.chars().count() {
        length if length > most => {
            let message = format!("`{name}` has {length} characters, at most {most} allowed");
            Err(invalid(name, message))
        }
        _ => Ok(Some(text)),
    }
}

fn total(content: &Map<String, Value>) -> Result<Yuan, Refusal> {
    const NAME: &str = "total_amount";
    let total = match content.get(NAME) {
        None | Some(Value::Null) => return Err(lacks(NAME)),
        Some(Value::String(text)) if text.trim().is_empty() => return Err(lacks(NAME)),
        Some(Value::String(text)) => amount(text),
        // Some SDKs write numbers.
        Some(Value::Number(number)) => amount(&number.to_string()),
        Some(_) => None,
    };
    let total = total.filter(|total| *total > Yuan::ZERO && *total <= MOST);
    total.ok_or_else(|| {
        invalid(
            NAME,
            "`total_amount` must be yuan from 0.01 to 100000000.00, with at most two decimals",
        )
    })
}

/// An amount without a sign, with at most two decimals.
pub(super) fn amount(text: &str) -> Option<Yuan> {
    let (whole, decimals) = text.split_once('.').unwrap_or((text, "0"));
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    (digits(whole) && digits(decimals) && decimals.len() <= 2).then(|| text.parse().ok())?
}

/// Public examples name the product of each method. That an app may leave it out is secondary.
fn check_product(method: Method, given: Option<&str>) -> Result<(), Refusal> {
    const NAME: &str = "product_code";
    let right = match method {
        Method::Page => "FAST_INSTANT_TRADE_PAY",
        Method::Wap => "QUICK_WAP_WAY",
        Method::App => "QUICK_MSECURITY_PAY",
    };
    match given {
        Some(given) if given == right => Ok(()),
        None if method == Method::App => Ok(()),
        None => Err(lacks(NAME)),
        Some(given) => {
            let given = excerpt(given);
            let message =
                format!("`product_code` is `{given}`; of {} it is {right}", method.name());
            Err(invalid(NAME, message))
        }
    }
}

/// When the order is closed unless it is paid.
fn expires(time: Option<&str>, timeout: Option<&str>, now_millis: i64) -> Result<i64, Refusal> {
    if let Some(time) = time {
        // Documented without seconds for some methods.
        let at = calendar::parse_date_time(time)
            .or_else(|| calendar::parse_date_time(&format!("{time}:00")))
            .ok_or_else(|| {
                invalid("time_expire", "`time_expire` must be yyyy-MM-dd HH:mm:ss in Beijing time")
            })?
            .saturating_mul(1000);
        if at <= now_millis {
            return Err(invalid("time_expire", "`time_expire` has passed by the gateway's clock"));
        }
        return Ok(at);
    }
    let minutes = match timeout {
        None => Some(MOST_MINUTES),
        Some("1c") => {
            let end = calendar::end_of(calendar::date_of(now_millis / 1000));
            return Ok(end.saturating_add(1).saturating_mul(1000));
        }
        Some(text) => minutes(text).filter(|minutes| (1..=MOST_MINUTES).contains(minutes)),
    };
    let minutes = minutes.ok_or_else(|| {
        invalid(
            "timeout_express",
            "`timeout_express` must be from 1m to 15d, such as 90m, 24h or 15d, or 1c",
        )
    })?;
    Ok(now_millis.saturating_add(minutes * MINUTE_MILLIS))
}

fn minutes(text: &str) -> Option<i64> {
    let factors = [('m', 1), ('h', 60), ('d', 24 * 60)];
    factors.into_iter().find_map(|(unit, factor)| {
        let count = text.strip_suffix(unit)?;
        let digits = !count.is_empty() && count.bytes().all(|b| b.is_ascii_digit());
        count.parse::<i64>().ok().filter(|_| digits)?.checked_mul(factor)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_have_two_decimals_at_most() {
        assert_eq!(amount("88.8"), Some(Yuan::from_fen(8880)));
        assert_eq!(amount("0.01"), Some(Yuan::from_fen(1)));
        assert_eq!(amount("7"), Some(Yuan::from_fen(700)));
        for wrong in ["", "1.", ".5", "1.000", "-1", "+1", "1,00", "1e2", " 1", "１"] {
            assert_eq!(amount(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_timeout_has_a_unit() {
        assert_eq!(minutes("90m"), Some(90));
        assert_eq!(minutes("2h"), Some(120));
        assert_eq!(minutes("15d"), Some(MOST_MINUTES));
        for wrong in ["", "m", "90", "+1m", "1.5h", "99999999999999999999d"] {
            assert_eq!(minutes(wrong), None, "{wrong}");
        }
        // The day ends at midnight in Beijing.
        let end = expires(None, Some("1c"), 0).unwrap();
        assert_eq!(calendar::date_time(end / 1000).to_string(), "1970-01-02 00:00:00");
    }
}
