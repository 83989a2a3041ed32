//! Values: what the fields of models hold.

mod decimal;
mod file;
mod json;
mod json_text;
mod map;
mod text;
mod time;

use std::{borrow::Cow, fmt};

pub use decimal::{Decimal, Yuan};
pub use file::{Content, File};
pub use json::{Json, JsonError};
pub use json_text::JsonText;
pub use map::Map;
pub use text::UnknownValue;
pub use time::{LocalDate, LocalDateTime, LocalTime};

use crate::model::{self, Model};

/// What a field of a model can hold: text, numbers, truth values, times, models, lists and maps of
/// them, and any JSON.
///
/// The setters of the other kinds are never called; see [`kind`](Self::kind).
pub trait Value: Send + Sync {
    /// What it takes.
    fn kind(&self) -> Kind;

    /// What it holds.
    fn get(&self) -> Ref<'_>;

    /// Makes it absent, or blank where it cannot be absent.
    fn clear(&mut self);

    /// Takes a text; for [`Kind::Text`], [`Kind::Decimal`] and [`Kind::Time`].
    ///
    /// # Errors
    ///
    /// When the text is not of the value's format. The error does not repeat the text.
    fn set_text(&mut self, _text: &str) -> Result<(), Malformed> {
        Err(Malformed::new("a value of another kind"))
    }

    /// Takes a number; for [`Kind::Integer`]. `true` when it was taken.
    fn set_integer(&mut self, _number: i64) -> bool {
        false
    }

    /// Takes a number; for [`Kind::Float`]. `true` when it was taken.
    fn set_float(&mut self, _number: f64) -> bool {
        false
    }

    /// Takes a truth value; for [`Kind::Boolean`]. `true` when it was taken.
    fn set_boolean(&mut self, _truth: bool) -> bool {
        false
    }

    /// Takes any JSON; for [`Kind::Json`]. `false` when that makes it absent, as `null` does where the
    /// value can be.
    fn set_json(&mut self, _json: Json) -> bool {
        false
    }

    /// The model to fill, made if absent; for [`Kind::Model`].
    fn model_mut(&mut self) -> Option<&mut dyn Model> {
        None
    }

    /// The list to fill, made if absent; for [`Kind::List`].
    fn list_mut(&mut self) -> Option<&mut dyn List> {
        None
    }

    /// The map to fill, made if absent; for [`Kind::Map`].
    fn map_mut(&mut self) -> Option<&mut dyn Map> {
        None
    }

    /// A value to start from: absent, or blank where it cannot be absent.
    #[doc(hidden)]
    fn blank() -> Self
    where
        Self: Sized;
}

/// What a value takes from the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Any text; numbers and truth values are taken as their text.
    Text,
    /// A decimal number as text; numbers are taken as their text.
    Decimal,
    /// A date or time as text.
    Time,
    /// A whole number.
    Integer,
    /// A number with a binary fraction.
    Float,
    /// A truth value.
    Boolean,
    /// An object.
    Model,
    /// A list.
    List,
    /// An object with keys of its own.
    Map,
    /// Any JSON.
    Json,
    /// A file, which is sent and never received.
    File,
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Text => "text",
            Self::Decimal => "a decimal number as text",
            Self::Time => "a time as text",
            Self::Integer => "a whole number",
            Self::Float => "a number",
            Self::Boolean => "a boolean",
            Self::Model | Self::Map => "an object",
            Self::List => "a list",
            Self::Json => "JSON",
            Self::File => "a file",
        })
    }
}

/// What a value holds.
pub enum Ref<'a> {
    /// Nothing.
    Absent,
    /// A text.
    Text(Cow<'a, str>),
    /// A whole number.
    Integer(i64),
    /// A number with a binary fraction.
    Float(f64),
    /// A truth value.
    Boolean(bool),
    /// An object.
    Model(&'a dyn Model),
    /// A list.
    List(&'a dyn List),
    /// An object with keys of its own.
    Map(&'a dyn Map),
    /// Any JSON.
    Raw(&'a Json),
    /// A text that holds the JSON of this value.
    Json(&'a dyn Value),
    /// A file.
    File(&'a File),
}

impl<'a> Ref<'a> {
    /// The value as plain text, as it stands in a path or a query; `None` when it is absent or has
    /// no plain text because it is an object, a list, a file, any JSON or no finite number.
    #[must_use]
    pub fn into_text(self) -> Option<Cow<'a, str>> {
        match self {
            Self::Text(text) => Some(text),
            Self::Integer(number) => Some(number.to_string().into()),
            Self::Float(number) => number.is_finite().then(|| number.to_string().into()),
            Self::Boolean(truth) => Some(if truth { "true" } else { "false" }.into()),
            Self::Json(value) => model::write_text(value).ok().map(Cow::Owned),
            Self::Absent
            | Self::Model(_)
            | Self::List(_)
            | Self::Map(_)
            | Self::Raw(_)
            | Self::File(_) => None,
        }
    }
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
    fn kind(&self) -> Kind {
        Kind::Model
    }

    fn get(&self) -> Ref<'_> {
        Ref::Model(self)
    }

    fn clear(&mut self) {
        *self = M::blank();
    }

    fn model_mut(&mut self) -> Option<&mut dyn Model> {
        Some(self)
    }

    fn blank() -> Self {
        M::blank()
    }
}

/// Breaks cycles of models that hold each other.
impl<M: Model> Model for Box<M> {
    fn table(&self) -> &'static crate::model::Table {
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

/// The value to fill, made if absent.
fn slot<T: Value>(value: &mut Option<T>) -> &mut T {
    match value {
        Some(value) => value,
        absent => absent.insert(T::blank()),
    }
}

// Generated crates have it for each of their types: what is called here is compiled as often.
impl<T: Value> Value for Option<T> {
    fn kind(&self) -> Kind {
        match self {
            Some(value) => value.kind(),
            None => T::blank().kind(),
        }
    }

    fn get(&self) -> Ref<'_> {
        match self {
            Some(value) => value.get(),
            None => Ref::Absent,
        }
    }

    fn clear(&mut self) {
        *self = None;
    }

    fn set_text(&mut self, text: &str) -> Result<(), Malformed> {
        let result = slot(self).set_text(text);
        if result.is_err() {
            self.clear();
        }
        result
    }

    fn set_integer(&mut self, number: i64) -> bool {
        let taken = slot(self).set_integer(number);
        if !taken {
            self.clear();
        }
        taken
    }

    fn set_float(&mut self, number: f64) -> bool {
        let taken = slot(self).set_float(number);
        if !taken {
            self.clear();
        }
        taken
    }

    fn set_json(&mut self, json: Json) -> bool {
        let taken = json != Json::default() && slot(self).set_json(json);
        if !taken {
            self.clear();
        }
        taken
    }

    fn set_boolean(&mut self, truth: bool) -> bool {
        let taken = slot(self).set_boolean(truth);
        if !taken {
            self.clear();
        }
        taken
    }

    fn model_mut(&mut self) -> Option<&mut dyn Model> {
        slot(self).model_mut()
    }

    fn list_mut(&mut self) -> Option<&mut dyn List> {
        slot(self).list_mut()
    }

    fn map_mut(&mut self) -> Option<&mut dyn Map> {
        slot(self).map_mut()
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
    fn kind(&self) -> Kind {
        Kind::List
    }

    fn get(&self) -> Ref<'_> {
        Ref::List(self)
    }

    fn clear(&mut self) {
        Vec::clear(self);
    }

    fn list_mut(&mut self) -> Option<&mut dyn List> {
        Some(self)
    }

    fn blank() -> Self {
        Self::new()
    }
}
