//! JSON in a string.

use std::ops::{Deref, DerefMut};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::model::{self, Ref, Slot, Value};

/// A value that is sent as a string which holds its JSON, for example the list `["1","2"]` as
/// `"[\"1\",\"2\"]"`.
///
/// A few of Alipay's fields are sent so. It dereferences to the value.
///
/// ```
/// use alipay_core::value::JsonText;
///
/// let mut ids = JsonText::from(vec!["2019".to_owned()]);
/// ids.push("2020".to_owned());
/// assert_eq!(ids.len(), 2);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct JsonText<T>(T);

impl<T> JsonText<T> {
    /// Makes it of a value.
    #[must_use]
    pub const fn new(value: T) -> Self {
        Self(value)
    }

    /// The value.
    #[must_use]
    pub fn into_inner(self) -> T {
        self.0
    }
}

impl<T> From<T> for JsonText<T> {
    fn from(value: T) -> Self {
        Self(value)
    }
}

impl<T> Deref for JsonText<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T> DerefMut for JsonText<T> {
    fn deref_mut(&mut self) -> &mut T {
        &mut self.0
    }
}

impl<T: Value> Value for JsonText<T> {
    fn get(&self) -> Ref<'_> {
        match self.0.get() {
            Ref::Absent => Ref::Absent,
            _ => Ref::JsonText(&self.0),
        }
    }

    fn slot(&mut self) -> Slot<'_> {
        Slot::JsonText(&mut self.0)
    }

    fn clear(&mut self) {
        self.0.clear();
    }

    fn blank() -> Self {
        Self(T::blank())
    }
}

impl<T: Value> Serialize for JsonText<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.get().serialize(serializer)
    }
}

impl<'de, T: Value> Deserialize<'de> for JsonText<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut value = Self::blank();
        model::read_value(&mut value, deserializer)?;
        Ok(value)
    }
}
