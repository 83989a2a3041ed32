//! Exact decimal numbers: money and rates.

use std::{
    cmp::Ordering,
    fmt,
    hash::{Hash, Hasher},
};

use super::text::wire_text;
use crate::model::value::Malformed;

/// An amount of money in yuan (CNY), exact to the fen.
///
/// On the wire it is a string with two decimals, for example `"50.00"`. Reading takes an optional
/// sign, digits, and decimals of which only the first two may differ from zero: `50`, `+0.5`,
/// `-1.000`. Anything else is refused, never rounded. The feature `rust_decimal` has conversions to and from the
/// decimals of that crate.
///
/// ```
/// use alipay_core::value::Yuan;
///
/// let amount: Yuan = "12.5".parse()?;
/// assert_eq!(amount, Yuan::from_fen(1250));
/// assert_eq!(amount.checked_mul(4).map(|total| total.to_string()).as_deref(), Some("50.00"));
/// assert!("12.505".parse::<Yuan>().is_err());
/// # Ok::<(), alipay_core::value::Malformed>(())
/// ```
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Yuan {
    fen: i64,
}

impl Yuan {
    /// No money.
    pub const ZERO: Self = Self::from_fen(0);

    pub(super) const FORMAT: Malformed =
        Malformed::new("an amount in yuan with at most two decimals, like 50.00");

    /// An amount in fen, the hundredth part of a yuan.
    #[must_use]
    pub const fn from_fen(fen: i64) -> Self {
        Self { fen }
    }

    /// The amount in fen.
    #[must_use]
    pub const fn fen(self) -> i64 {
        self.fen
    }

    /// The sum; `None` when it is out of range.
    #[must_use]
    pub const fn checked_add(self, other: Self) -> Option<Self> {
        Self::from_checked(self.fen.checked_add(other.fen))
    }

    /// The difference; `None` when it is out of range.
    #[must_use]
    pub const fn checked_sub(self, other: Self) -> Option<Self> {
        Self::from_checked(self.fen.checked_sub(other.fen))
    }

    /// The amount so many times; `None` when it is out of range.
    #[must_use]
    pub const fn checked_mul(self, times: i64) -> Option<Self> {
        Self::from_checked(self.fen.checked_mul(times))
    }

    const fn from_checked(fen: Option<i64>) -> Option<Self> {
        match fen {
            Some(fen) => Some(Self { fen }),
            None => None,
        }
    }

    fn read(text: &str) -> Option<Self> {
        let parts = Parts::of(text)?;
        let (cents, beyond) = match parts.fraction.split_at_checked(2) {
            Some(split) => split,
            None => (parts.fraction, ""),
        };
        if beyond.bytes().any(|digit| digit != b'0') {
            return None;
        }
        let fen = parts.mantissa(cents)?;
        let fen =
            if cents.len() == 2 { fen } else { fen.checked_mul(power_of_ten(2 - cents.len()))? };
        i64::try_from(fen).ok().map(Self::from_fen)
    }
}

impl fmt::Display for Yuan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt_scaled(self.fen, 2, f)
    }
}

wire_text!(Yuan, Decimal, Self::ZERO);

/// An exact decimal number, for example a discount rate.
///
/// It keeps the decimals it was written with, so `"6.50"` goes back to the wire as `"6.50"`, but
/// compares as a number: `6.50` equals `6.5`. It holds up to 18 digits, and all of 64 bits where
/// that is more, with at most 18 decimals; more are refused, never rounded.
///
/// ```
/// use alipay_core::value::Decimal;
///
/// let rate: Decimal = "6.50".parse()?;
/// assert_eq!(rate, "6.5".parse()?);
/// assert_eq!(rate.to_string(), "6.50");
/// # Ok::<(), alipay_core::value::Malformed>(())
/// ```
#[derive(Clone, Copy, Default)]
pub struct Decimal {
    mantissa: i64,
    scale: u8,
}

impl Decimal {
    /// Zero, without decimals.
    pub const ZERO: Self = Self { mantissa: 0, scale: 0 };

    /// The largest number of decimals.
    pub const MAX_SCALE: u8 = 18;

    pub(super) const FORMAT: Malformed = Malformed::new("a decimal number of at most 18 digits");

    /// The number `mantissa / 10^scale`: `new(650, 2)` is `6.50`. Fails if the scale is beyond
    /// [`MAX_SCALE`](Self::MAX_SCALE).
    pub const fn new(mantissa: i64, scale: u8) -> Result<Self, Malformed> {
        if scale > Self::MAX_SCALE {
            return Err(Self::FORMAT);
        }
        Ok(Self { mantissa, scale })
    }

    /// All digits, as a number without a point.
    #[must_use]
    pub const fn mantissa(self) -> i64 {
        self.mantissa
    }

    /// How many of the digits are decimals.
    #[must_use]
    pub const fn scale(self) -> u8 {
        self.scale
    }

    fn read(text: &str) -> Option<Self> {
        let parts = Parts::of(text)?;
        let scale =
            u8::try_from(parts.fraction.len()).ok().filter(|scale| *scale <= Self::MAX_SCALE)?;
        let mantissa = i64::try_from(parts.mantissa(parts.fraction)?).ok()?;
        Some(Self { mantissa, scale })
    }

    /// The number in units of the smallest decimal, so that numbers can be compared. It always fits:
    /// 19 digits and at most 18 zeros are fewer than the 38 digits of 128 bits.
    fn units(self) -> i128 {
        i128::from(self.mantissa)
            * power_of_ten(usize::from(Self::MAX_SCALE.saturating_sub(self.scale)))
    }
}

impl PartialEq for Decimal {
    fn eq(&self, other: &Self) -> bool {
        self.units() == other.units()
    }
}

impl Eq for Decimal {}

impl PartialOrd for Decimal {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Decimal {
    fn cmp(&self, other: &Self) -> Ordering {
        self.units().cmp(&other.units())
    }
}

impl Hash for Decimal {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.units().hash(state);
    }
}

impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt_scaled(self.mantissa, usize::from(self.scale), f)
    }
}

impl From<i64> for Decimal {
    fn from(number: i64) -> Self {
        Self { mantissa: number, scale: 0 }
    }
}

impl From<Yuan> for Decimal {
    fn from(amount: Yuan) -> Self {
        Self { mantissa: amount.fen, scale: 2 }
    }
}

/// Fails when the number has decimals beyond the fen, or is out of range.
impl TryFrom<Decimal> for Yuan {
    type Error = Malformed;

    fn try_from(number: Decimal) -> Result<Self, Malformed> {
        let units = number.units();
        let fen = power_of_ten(usize::from(Decimal::MAX_SCALE) - 2);
        match i64::try_from(units / fen) {
            Ok(amount) if units % fen == 0 => Ok(Self::from_fen(amount)),
            _ => Err(Self::FORMAT),
        }
    }
}

wire_text!(Decimal, Decimal, Self::ZERO);

/// The parts of a decimal number: digits on both sides of the point, at least one before it.
struct Parts<'a> {
    negative: bool,
    whole: &'a str,
    fraction: &'a str,
}

impl<'a> Parts<'a> {
    fn of(text: &'a str) -> Option<Self> {
        let (negative, digits) = match text.strip_prefix('-') {
            Some(digits) => (true, digits),
            None => (false, text.strip_prefix('+').unwrap_or(text)),
        };
        let (whole, fraction) = match digits.split_once('.') {
            // A point needs decimals.
            Some((_, "")) => return None,
            Some(parts) => parts,
            None => (digits, ""),
        };
        (is_decimal(whole) && (fraction.is_empty() || is_decimal(fraction))).then_some(Self {
            negative,
            whole,
            fraction,
        })
    }

    /// All digits as one number, with the sign; `None` when it is far out of range.
    fn mantissa(&self, fraction: &str) -> Option<i128> {
        let digits = self.whole.bytes().chain(fraction.bytes());
        let number = digits
            .map(|digit| i128::from(digit) - i128::from(b'0'))
            .try_fold(0_i128, |number, digit| number.checked_mul(10)?.checked_add(digit))?;
        Some(if self.negative { -number } else { number })
    }
}

/// Whether a string is made of decimal digits: at least one, and nothing else.
pub(crate) fn is_decimal(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// `10^exponent`, for exponents up to 38.
fn power_of_ten(exponent: usize) -> i128 {
    (0..exponent).fold(1, |power, _| power * 10)
}

/// Prints `mantissa / 10^scale` with all decimals, with the sign and the width the format asks for.
fn fmt_scaled(mantissa: i64, scale: usize, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    // At least one digit before the point.
    let mut digits = format!("{:0width$}", mantissa.unsigned_abs(), width = scale + 1);
    if scale > 0 {
        digits.insert(digits.len() - scale, '.');
    }
    f.pad_integral(mantissa >= 0, "", &digits)
}
