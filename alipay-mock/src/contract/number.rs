//! Exact decimal numbers, as limits and values are written.

use std::cmp::Ordering;

/// A number in units of its last decimal.
#[derive(Clone, Copy, Debug)]
pub(super) struct Exact {
    units: i128,
    decimals: u32,
}

/// The most digits that are exact.
const MOST_DIGITS: usize = 38;

impl Exact {
    /// A number without an exponent, of not too many digits.
    pub(super) fn read(text: &str) -> Option<Self> {
        let (sign, number) = match text.strip_prefix('-') {
            Some(rest) => (-1, rest),
            None => (1, text),
        };
        let (whole, part) = number.split_once('.').unwrap_or((number, "0"));
        let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
        if !digits(whole) || !digits(part) || whole.len() + part.len() > MOST_DIGITS {
            return None;
        }
        let part = part.trim_end_matches('0');
        let units: i128 = format!("{whole}{part}").parse().ok()?;
        Some(Self { units: sign * units, decimals: u32::try_from(part.len()).ok()? })
    }

    pub(super) fn decimals(self) -> u32 {
        self.decimals
    }

    /// Its units of so many decimals, if it has no more.
    pub(super) fn units(self, decimals: u32) -> Option<i128> {
        let more = decimals.checked_sub(self.decimals)?;
        self.units.checked_mul(10_i128.checked_pow(more)?)
    }
}

/// The number with so many units of so many decimals, as it is written.
pub(super) fn written(units: i128, decimals: usize) -> String {
    let sign = if units < 0 { "-" } else { "" };
    let digits = format!("{:0>least$}", units.unsigned_abs(), least = decimals + 1);
    let (whole, part) = digits.split_at(digits.len() - decimals);
    if decimals == 0 { format!("{sign}{whole}") } else { format!("{sign}{whole}.{part}") }
}

/// The order of two numbers; `None` when one is none. It is exact unless they have very many digits.
pub(super) fn compare(a: &str, b: &str) -> Option<Ordering> {
    let exact = || {
        let (a, b) = (Exact::read(a)?, Exact::read(b)?);
        let decimals = a.decimals.max(b.decimals);
        Some(a.units(decimals)?.cmp(&b.units(decimals)?))
    };
    exact().or_else(|| a.parse::<f64>().ok()?.partial_cmp(&b.parse().ok()?))
}

/// Whether a number is a multiple of another; `None` when one is none.
pub(super) fn is_multiple(number: &str, step: &str) -> Option<bool> {
    let exact = || {
        let (number, step) = (Exact::read(number)?, Exact::read(step)?);
        let decimals = number.decimals.max(step.decimals);
        Some(number.units(decimals)?.checked_rem(step.units(decimals)?)? == 0)
    };
    exact().or_else(|| {
        let times = number.parse::<f64>().ok()? / step.parse::<f64>().ok()?;
        Some(times.fract() == 0.0)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_compare_as_numbers() {
        let is = |a: &str, order: Ordering, b: &str| {
            assert_eq!(compare(a, b), Some(order), "{a} {b}");
            assert_eq!(compare(b, a), Some(order.reverse()), "{b} {a}");
        };
        is("0.1", Ordering::Less, "0.10000001");
        is("3000", Ordering::Equal, "3000.00");
        is("-1", Ordering::Less, "0");
        is("9", Ordering::Less, "10");
        is("1000", Ordering::Less, "10000000000000000000");
        is("1e30", Ordering::Greater, "1000");
        is("1e-10", Ordering::Less, "0.5");
        assert_eq!(compare("x", "1"), None);
    }

    #[test]
    fn multiples_are_exact() {
        assert_eq!(is_multiple("0.3", "0.1"), Some(true));
        assert_eq!(is_multiple("0.35", "0.1"), Some(false));
        assert_eq!(is_multiple("-10", "5"), Some(true));
        assert_eq!(is_multiple("1e30", "10"), Some(true));
        assert_eq!(is_multiple("7", "x"), None);
    }

    #[test]
    fn units_are_written_with_their_decimals() {
        assert_eq!(written(5, 2), "0.05");
        assert_eq!(written(-1250, 2), "-12.50");
        assert_eq!(written(7, 0), "7");
    }
}
