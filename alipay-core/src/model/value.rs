//! Models, and what their fields can hold.

use std::{borrow::Cow, collections::BTreeMap};

use bytes::Bytes;

use super::table::Table;
use crate::value::{File, Json};

/// A struct with a table of its fields.
///
/// Implemented by generated code; the table and the two accessors must agree on the order. The accessors
/// are not to be inlined there: each crate that makes calls would compile them again, with all the
/// types they name.
pub trait Model: Send + Sync + 'static {
    /// Its name and fields.
    fn table(&self) -> &'static Table;

    /// The n-th field.
    fn field(&self, index: usize) -> Option<&dyn Value>;

    /// The n-th field, to be written.
    fn field_mut(&mut self, index: usize) -> Option<&mut dyn Value>;

    /// A model with no field set: where decoding starts. Required fields hold a blank.
    #[doc(hidden)]
    fn blank() -> Self
    where
        Self: Sized;
}

/// What a field of a model can hold: text, numbers, bools, times, models, lists and maps of them, and any
/// JSON.
pub trait Value: Send + Sync {
    /// What it holds.
    fn get(&self) -> Ref<'_>;

    /// Where it is written to. A value that is absent becomes a blank one.
    fn slot(&mut self) -> Slot<'_>;

    /// Makes it absent, or blank where it cannot be absent.
    fn clear(&mut self);

    /// A value to start from: absent, or blank where it cannot be absent.
    #[doc(hidden)]
    fn blank() -> Self
    where
        Self: Sized;
}

/// Where a value is written to, and what it takes from the wire.
pub enum Slot<'a> {
    /// Any text; numbers and bools are taken as their text.
    String(&'a mut dyn SetString),
    /// A decimal number as text; numbers are taken as their text.
    Decimal(&'a mut dyn SetString),
    /// A date or time as text.
    Time(&'a mut dyn SetString),
    /// An integer.
    Integer(&'a mut i64),
    /// A number with a binary fraction.
    Float(&'a mut f64),
    /// A bool.
    Bool(&'a mut bool),
    /// An object.
    Model(&'a mut dyn Model),
    /// A list.
    List(&'a mut dyn List),
    /// An object with keys of its own.
    Map(&'a mut dyn Map),
    /// Any JSON.
    Json(&'a mut Json),
    /// A file, which is sent and never received.
    File,
}

impl Slot<'_> {
    /// What it takes, in words.
    pub(crate) fn expected(&self) -> &'static str {
        match self {
            Self::String(_) => "a string",
            Self::Decimal(_) => "a decimal number in a string",
            Self::Time(_) => "a time in a string",
            Self::Integer(_) => "a whole number",
            Self::Float(_) => "a number",
            Self::Bool(_) => "a boolean",
            Self::Model(_) | Self::Map(_) => "an object",
            Self::List(_) => "a list",
            Self::Json(_) => "JSON",
            Self::File => "a file",
        }
    }
}

/// A value that is made from its text.
pub trait SetString {
    /// Takes the text.
    ///
    /// # Errors
    ///
    /// When the text is not of the value's format. The error does not repeat the text.
    fn set_string(&mut self, text: &str) -> Result<(), Malformed>;
}

/// What a value holds.
pub enum Ref<'a> {
    /// Nothing.
    Absent,
    /// A text.
    String(Cow<'a, str>),
    /// A whole number.
    Integer(i64),
    /// A number with a binary fraction.
    Float(f64),
    /// A bool.
    Bool(bool),
    /// An object.
    Model(&'a dyn Model),
    /// A list.
    List(&'a dyn List),
    /// An object with keys of its own.
    Map(&'a dyn Map),
    /// Any JSON.
    Json(&'a Json),
    /// A string that holds the JSON of this value.
    JsonText(&'a dyn Value),
    /// A file.
    File(&'a File),
}

/// A list of values.
pub trait List {
    /// How many.
    fn len(&self) -> usize;

    /// The n-th.
    fn item(&self, index: usize) -> Option<&dyn Value>;

    /// Offers a blank to `fill` and appends it if that says so.
    fn push(&mut self, fill: &mut dyn FnMut(&mut dyn Value) -> bool);

    /// Whether there is none.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// Values by keys that no description names.
pub trait Map {
    /// How many.
    fn len(&self) -> usize;

    /// Shows every key with its value, in the order of the keys.
    fn each(&self, visit: &mut dyn FnMut(&str, &dyn Value));

    /// Offers a blank to `fill` and puts it under the key if that says so. Whatever was there before
    /// is gone.
    fn put(&mut self, key: String, fill: &mut dyn FnMut(&mut dyn Value) -> bool);

    /// Whether there is none.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// A text that is not of the format its field has. It names the format, never the text.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected {expected}")]
pub struct Malformed {
    expected: &'static str,
}

impl Malformed {
    /// An error that says what was expected, for example `a date like 2026-01-31`.
    #[must_use]
    pub const fn new(expected: &'static str) -> Self {
        Self { expected }
    }
}

impl<M: Model> Value for M {
    fn get(&self) -> Ref<'_> {
        Ref::Model(self)
    }

    fn slot(&mut self) -> Slot<'_> {
        Slot::Model(self)
    }

    fn clear(&mut self) {
        *self = M::blank();
    }

    fn blank() -> Self {
        M::blank()
    }
}

/// Breaks cycles of models that hold each other.
impl<M: Model> Model for Box<M> {
    fn table(&self) -> &'static Table {
        M::table(self)
    }

    fn field(&self, index: usize) -> Option<&dyn Value> {
        M::field(self, index)
    }

    fn field_mut(&mut self, index: usize) -> Option<&mut dyn Value> {
        M::field_mut(self, index)
    }

    fn blank() -> Self {
        Self::new(M::blank())
    }
}

// Generated crates have it for each of their types: what is called here is compiled as often.
impl<T: Value> Value for Option<T> {
    fn get(&self) -> Ref<'_> {
        match self {
            Some(value) => value.get(),
            None => Ref::Absent,
        }
    }

    fn slot(&mut self) -> Slot<'_> {
        self.get_or_insert_with(T::blank).slot()
    }

    fn clear(&mut self) {
        *self = None;
    }

    fn blank() -> Self {
        None
    }
}

impl<T: Value> List for Vec<T> {
    fn len(&self) -> usize {
        Vec::len(self)
    }

    fn item(&self, index: usize) -> Option<&dyn Value> {
        self.as_slice().get(index).map(|item| item as &dyn Value)
    }

    fn push(&mut self, fill: &mut dyn FnMut(&mut dyn Value) -> bool) {
        let mut item = T::blank();
        if fill(&mut item) {
            Vec::push(self, item);
        }
    }
}

impl<T: Value> Value for Vec<T> {
    fn get(&self) -> Ref<'_> {
        Ref::List(self)
    }

    fn clear(&mut self) {
        Vec::clear(self);
    }

    fn slot(&mut self) -> Slot<'_> {
        Slot::List(self)
    }

    fn blank() -> Self {
        Self::new()
    }
}

impl<T: Value> Map for BTreeMap<String, T> {
    fn len(&self) -> usize {
        BTreeMap::len(self)
    }

    fn each(&self, visit: &mut dyn FnMut(&str, &dyn Value)) {
        for (key, value) in self {
            visit(key, value);
        }
    }

    fn put(&mut self, key: String, fill: &mut dyn FnMut(&mut dyn Value) -> bool) {
        let mut value = T::blank();
        if fill(&mut value) {
            self.insert(key, value);
        } else {
            self.remove(&key);
        }
    }
}

impl<T: Value> Value for BTreeMap<String, T> {
    fn get(&self) -> Ref<'_> {
        Ref::Map(self)
    }

    fn clear(&mut self) {
        BTreeMap::clear(self);
    }

    fn slot(&mut self) -> Slot<'_> {
        Slot::Map(self)
    }

    fn blank() -> Self {
        Self::new()
    }
}

impl Value for Json {
    fn get(&self) -> Ref<'_> {
        Ref::Json(self)
    }

    fn clear(&mut self) {
        *self = Self::default();
    }

    fn slot(&mut self) -> Slot<'_> {
        Slot::Json(self)
    }

    fn blank() -> Self {
        Self::default()
    }
}

impl Value for File {
    fn get(&self) -> Ref<'_> {
        Ref::File(self)
    }

    fn slot(&mut self) -> Slot<'_> {
        Slot::File
    }

    fn clear(&mut self) {
        *self = Self::blank();
    }

    fn blank() -> Self {
        Self::bytes("", Bytes::new())
    }
}
