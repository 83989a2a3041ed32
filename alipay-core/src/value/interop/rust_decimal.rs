//! Decimal numbers of `rust_decimal`.

use crate::{
    model::value::Malformed,
    value::decimal::{Decimal, Yuan},
};

/// With two decimals.
impl From<Yuan> for rust_decimal::Decimal {
    fn from(amount: Yuan) -> Self {
        Self::new(amount.fen(), 2)
    }
}

/// Fails when the number has decimals beyond the fen, or is out of range. It is never rounded.
impl TryFrom<rust_decimal::Decimal> for Yuan {
    type Error = Malformed;

    fn try_from(number: rust_decimal::Decimal) -> Result<Self, Malformed> {
        let number = Decimal::try_from(number.normalize()).map_err(|_| Self::FORMAT)?;
        number.try_into()
    }
}

/// With the same decimals.
impl From<Decimal> for rust_decimal::Decimal {
    fn from(number: Decimal) -> Self {
        Self::new(number.mantissa(), number.scale().into())
    }
}

/// With the same decimals. Fails when there are more than [`Decimal::MAX_SCALE`], or more digits than fit. It is
/// never rounded.
impl TryFrom<rust_decimal::Decimal> for Decimal {
    type Error = Malformed;

    fn try_from(number: rust_decimal::Decimal) -> Result<Self, Malformed> {
        let mantissa = i64::try_from(number.mantissa()).map_err(|_| Self::FORMAT)?;
        let scale = u8::try_from(number.scale()).map_err(|_| Self::FORMAT)?;
        Self::new(mantissa, scale)
    }
}
