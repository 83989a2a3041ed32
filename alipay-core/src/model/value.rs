//! Models, and what their fields can hold.

use std::{borrow::Cow, collections::BTreeMap};

use bytes::Bytes;

use super::table::{Field, Table};
use crate::value::{File, Json};

/// A struct with a table of its fields.
///
/// Generated code implements it. The table and the two accessors must have the same order. The accessors
/// must not be inlined: each crate that makes calls would compile them again, with all the types they
/// name.
pub trait Model: Send + Sync + 'static {
    /// Its name and fields.
    fn table(&self) -> &'static Table;

    /// The n-th field.
    fn field(&self, index: usize) -> Option<&dyn Value>;

    /// The n-th field, for writing.
    fn field_mut(&mut self, index: usize) -> Option<&mut dyn Value>;

    /// Takes the value of a field away, as a setter gives it one.
    ///
    /// ```
    /// use alipay_core::{Model, model};
    ///
    /// model! {
    ///     pub struct Shop: optional input {
    ///         pub name: Option<String> = body("name"),
    ///         pub city: Option<String> = body("city"),
    ///     }
    /// }
    ///
    /// let shop = Shop::new().name("茶").city("杭州");
    /// assert_eq!(shop.unset(|shop| &mut shop.city), Shop::new().name("茶"));
    /// ```
    #[must_use]
    fn unset<T>(mut self, field: impl FnOnce(&mut Self) -> &mut Option<T>) -> Self
    where
        Self: Sized,
    {
        *field(&mut self) = None;
        self
    }

    /// Calls a setter if there is a value for it.
    ///
    /// ```
    /// use alipay_core::{Model, model};
    ///
    /// model! {
    ///     pub struct Shop: optional input {
    ///         pub name: Option<String> = body("name"),
    ///         pub city: Option<String> = body("city"),
    ///     }
    /// }
    ///
    /// let (name, city) = (Some("茶"), None::<String>);
    /// assert_eq!(Shop::new().maybe(Shop::name, name).maybe(Shop::city, city), Shop::new().name("茶"));
    /// ```
    #[must_use]
    fn maybe<V>(self, setter: impl FnOnce(Self, V) -> Self, value: Option<V>) -> Self
    where
        Self: Sized,
    {
        match value {
            Some(value) => setter(self, value),
            None => self,
        }
    }

    /// A model with no field set, which decoding starts from. Required fields are blank.
    #[doc(hidden)]
    fn blank() -> Self
    where
        Self: Sized;
}

/// The fields that are not absent, with their values.
pub(crate) fn present(model: &dyn Model) -> impl Iterator<Item = (&'static Field, Ref<'_>)> {
    let fields = model.table().fields.iter().enumerate();
    fields.filter_map(|(index, field)| match model.field(index)?.get() {
        Ref::Absent => None,
        value => Some((field, value)),
    })
}

/// The items of a list.
pub(crate) fn items(list: &dyn List) -> impl Iterator<Item = Ref<'_>> {
    (0..list.len()).filter_map(|index| list.item(index)).map(Value::get)
}

/// What a field of a model can hold: strings, numbers, bools, times, models, lists and maps of them, and
/// any JSON.
pub trait Value: Send + Sync {
    /// The value, for reading.
    fn get(&self) -> Ref<'_>;

    /// The value, for writing. An absent value becomes a blank one.
    fn slot(&mut self) -> Slot<'_>;

    /// Makes it absent, or blank if it cannot be absent.
    fn clear(&mut self);

    /// An absent value, or a blank one if it cannot be absent.
    #[doc(hidden)]
    fn blank() -> Self
    where
        Self: Sized;
}

/// A value for writing, by the JSON it is read from.
pub enum Slot<'a> {
    /// Any string. Numbers and bools are converted.
    String(&'a mut dyn SetString),
    /// A decimal number in a string. Numbers are converted.
    Decimal(&'a mut dyn SetString),
    /// A date or time in a string.
    Time(&'a mut dyn SetString),
    /// A string that holds the JSON of this value.
    JsonText(&'a mut dyn Value),
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
    /// A file. It is sent and never received.
    File,
}

impl Slot<'_> {
    /// What JSON it is read from, for errors.
    pub(crate) fn expected(&self) -> &'static str {
        match self {
            Self::String(_) | Self::JsonText(_) => "a string",
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

/// A value that is read from a string.
pub trait SetString {
    /// Sets the value.
    ///
    /// # Errors
    ///
    /// When the string does not have the value's format. The error does not repeat the string.
    fn set_string(&mut self, text: &str) -> Result<(), Malformed>;
}

/// A value for reading.
pub enum Ref<'a> {
    /// Nothing.
    Absent,
    /// A string.
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
    /// The number of items.
    fn len(&self) -> usize;

    /// The n-th.
    fn item(&self, index: usize) -> Option<&dyn Value>;

    /// Gives `fill` a blank item, and appends it if `fill` returns `true`.
    fn push(&mut self, fill: &mut dyn FnMut(&mut dyn Value) -> bool);

    /// Whether it is empty.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// An object whose keys are data.
pub trait Map {
    /// The number of keys.
    fn len(&self) -> usize;

    /// Calls `visit` with each key and its value, in the order of the keys.
    fn each(&self, visit: &mut dyn FnMut(&str, &dyn Value));

    /// Gives `fill` a blank value, and puts it under the key if `fill` returns `true`. A value that the
    /// key had before is removed.
    fn put(&mut self, key: String, fill: &mut dyn FnMut(&mut dyn Value) -> bool);

    /// Whether it is empty.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// A string that does not have the format of its field. It names the format and never the string.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected {expected}")]
pub struct Malformed {
    expected: &'static str,
}

impl Malformed {
    /// An error with what was expected, for example `a date like 2026-01-31`.
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

// It is compiled for each type of a generated crate, so it is kept small.
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

crate::__value!([T: Value] Vec<T>, List, Self::new(), List: |list| list);
crate::__value!([T: Value] BTreeMap<String, T>, Map, Self::new(), Map: |map| map);
crate::__value!([] Json, Json, Self::default(), Json: |json| json);
crate::__value!([] String, String, Self::new(), String: |text| Cow::Borrowed(text));
crate::__value!([] i64, Integer, 0, Integer: |number| *number);
crate::__value!([] f64, Float, 0.0, Float: |number| *number);
crate::__value!([] bool, Bool, false, Bool: |truth| *truth);

impl SetString for String {
    fn set_string(&mut self, text: &str) -> Result<(), Malformed> {
        text.clone_into(self);
        Ok(())
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
