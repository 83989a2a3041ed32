//! Strings, numbers and bools as values.

use std::{borrow::Cow, fmt};

use crate::model::{Ref, SetString, Slot, Value, value::Malformed};

/// Makes a type with `read(&str) -> Option<Self>`, `FORMAT` and `Display` a value that is sent as a
/// string, with its conversions.
macro_rules! wire_text {
    ($type:ident, $slot:ident, $blank:expr) => {
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

        impl $crate::model::Value for $type {
            fn get(&self) -> $crate::model::Ref<'_> {
                $crate::model::Ref::String(self.to_string().into())
            }

            fn slot(&mut self) -> $crate::model::Slot<'_> {
                $crate::model::Slot::$slot(self)
            }

            fn clear(&mut self) {
                *self = $blank;
            }

            fn blank() -> Self {
                $blank
            }
        }

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

/// Makes a type of Rust's own a value.
macro_rules! plain_value {
    ($type:ty, $slot:ident, |$value:ident| $get:expr) => {
        impl Value for $type {
            fn get(&self) -> Ref<'_> {
                let $value = self;
                $get
            }

            fn slot(&mut self) -> Slot<'_> {
                Slot::$slot(self)
            }

            fn clear(&mut self) {
                *self = Self::default();
            }

            fn blank() -> Self {
                Self::default()
            }
        }
    };
}

plain_value!(String, String, |text| Ref::String(Cow::Borrowed(text)));
plain_value!(i64, Integer, |number| Ref::Integer(*number));
plain_value!(f64, Float, |number| Ref::Float(*number));
plain_value!(bool, Bool, |truth| Ref::Bool(*truth));

impl SetString for String {
    fn set_string(&mut self, text: &str) -> Result<(), Malformed> {
        text.clone_into(self);
        Ok(())
    }
}

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
