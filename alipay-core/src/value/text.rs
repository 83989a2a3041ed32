//! Text, numbers and truth values as values.

use std::{borrow::Cow, fmt};

use super::{Kind, Malformed, Ref, Value};

/// Makes a type with `read(&str) -> Option<Self>`, `FORMAT` and `Display` a value that travels as
/// text, with the conversions that go with that.
macro_rules! wire_text {
    ($type:ident, $kind:ident, $blank:expr) => {
        impl std::str::FromStr for $type {
            type Err = $crate::value::Malformed;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Self::read(text).ok_or(Self::FORMAT)
            }
        }

        impl TryFrom<&str> for $type {
            type Error = $crate::value::Malformed;

            fn try_from(text: &str) -> Result<Self, Self::Error> {
                text.parse()
            }
        }

        impl $crate::value::Value for $type {
            fn kind(&self) -> $crate::value::Kind {
                $crate::value::Kind::$kind
            }

            fn get(&self) -> $crate::value::Ref<'_> {
                $crate::value::Ref::Text(self.to_string().into())
            }

            fn clear(&mut self) {
                *self = $blank;
            }

            fn set_text(&mut self, text: &str) -> Result<(), $crate::value::Malformed> {
                *self = text.parse()?;
                Ok(())
            }

            fn blank() -> Self {
                $blank
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

impl Value for String {
    fn kind(&self) -> Kind {
        Kind::Text
    }

    fn get(&self) -> Ref<'_> {
        Ref::Text(Cow::Borrowed(self))
    }

    fn clear(&mut self) {
        String::clear(self);
    }

    fn set_text(&mut self, text: &str) -> Result<(), Malformed> {
        text.clone_into(self);
        Ok(())
    }

    fn blank() -> Self {
        Self::new()
    }
}

impl Value for i64 {
    fn kind(&self) -> Kind {
        Kind::Integer
    }

    fn get(&self) -> Ref<'_> {
        Ref::Integer(*self)
    }

    fn clear(&mut self) {
        *self = 0;
    }

    fn set_integer(&mut self, number: i64) -> bool {
        *self = number;
        true
    }

    fn blank() -> Self {
        0
    }
}

impl Value for f64 {
    fn kind(&self) -> Kind {
        Kind::Float
    }

    fn get(&self) -> Ref<'_> {
        Ref::Float(*self)
    }

    fn clear(&mut self) {
        *self = 0.0;
    }

    fn set_float(&mut self, number: f64) -> bool {
        *self = number;
        true
    }

    fn blank() -> Self {
        0.0
    }
}

impl Value for bool {
    fn kind(&self) -> Kind {
        Kind::Boolean
    }

    fn get(&self) -> Ref<'_> {
        Ref::Boolean(*self)
    }

    fn clear(&mut self) {
        *self = false;
    }

    fn set_boolean(&mut self, truth: bool) -> bool {
        *self = truth;
        true
    }

    fn blank() -> Self {
        false
    }
}

/// The text of a value that is not in the list this crate was generated from.
///
/// It stands in the `Unknown` variant of open enums, so that a value Alipay adds later survives
/// decoding and encoding. It cannot be made by hand: converting a text (`"NEW".into()`) finds the
/// known variant where there is one.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UnknownValue(Box<str>);

impl UnknownValue {
    /// For generated code, which has looked through the known values.
    #[doc(hidden)]
    #[must_use]
    pub fn new(text: &str) -> Self {
        Self(text.into())
    }

    /// The text.
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
