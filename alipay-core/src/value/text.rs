//! Values that are sent as strings, and strings that are in no list.

use std::fmt;

/// Makes a type with `read(&str) -> Option<Self>`, `FORMAT` and `Display` a value that is sent as a
/// string, with its conversions and `Debug`.
macro_rules! wire_text {
    ($type:ident, $slot:ident, $blank:expr) => {
        impl std::fmt::Debug for $type {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(f, concat!(stringify!($type), "({})"), self)
            }
        }

        impl std::str::FromStr for $type {
            type Err = $crate::model::value::Malformed;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Self::read(text).ok_or(Self::FORMAT)
            }
        }

        impl TryFrom<&str> for $type {
            type Error = $crate::model::value::Malformed;

            fn try_from(text: &str) -> Result<Self, Self::Error> {
                text.parse()
            }
        }

        $crate::__value!([] $type, $slot, $blank, String: |value| value.to_string().into());

        impl $crate::model::SetString for $type {
            fn set_string(&mut self, text: &str) -> Result<(), $crate::model::value::Malformed> {
                *self = text.parse()?;
                Ok(())
            }
        }

        impl serde::Serialize for $type {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> serde::Deserialize<'de> for $type {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let mut value = $blank;
                $crate::model::read_value(&mut value, deserializer)?;
                Ok(value)
            }
        }
    };
}

pub(super) use wire_text;

/// A value that is not in the list this crate was generated from.
///
/// It is in the `Unknown` variant of open enums, so that a value that Alipay adds later is kept. It
/// cannot be made directly: converting a string (`"NEW".into()`) finds the known variant if there is one.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UnknownValue(Box<str>);

impl UnknownValue {
    /// For generated code, which has compared the known values.
    #[doc(hidden)]
    #[must_use]
    pub fn new(text: &str) -> Self {
        Self(text.into())
    }

    /// The value as a string.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for UnknownValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

impl fmt::Display for UnknownValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
