//! Any JSON, kept as it was written.

use std::{
    fmt,
    hash::{Hash, Hasher},
    str::FromStr,
};

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::value::RawValue;

/// Whether a string starts like a JSON object or list.
pub(crate) fn looks_like_json(text: &[u8]) -> bool {
    matches!(text.trim_ascii_start().first(), Some(b'{' | b'['))
}

/// A JSON value that the description does not describe.
///
/// It keeps the JSON to the byte, with long numbers, trailing zeros and the order of keys. Two values are
/// equal when their strings are.
///
/// ```
/// use alipay_core::value::Json;
///
/// let given: Json = "{ \"rate\": 1.10 }".parse()?;
/// assert_eq!(given.as_str(), "{ \"rate\": 1.10 }");
/// let rates: std::collections::HashMap<String, f64> = given.decode()?;
/// assert_eq!(rates["rate"], 1.1);
/// assert_eq!(Json::of(&rates)?.as_str(), "{\"rate\":1.1}");
/// # Ok::<(), alipay_core::value::JsonError>(())
/// ```
///
/// It can be read with `serde_json` only, from a string or a tree, and not below serde's `flatten` and
/// `untagged`, which do not keep the string.
#[derive(Clone)]
pub struct Json(Box<RawValue>);

impl Json {
    /// Writes a value as JSON.
    ///
    /// # Errors
    ///
    /// When the value has no JSON form, for example a map whose keys are not strings.
    pub fn of<T: Serialize + ?Sized>(value: &T) -> Result<Self, JsonError> {
        serde_json::value::to_raw_value(value).map(Self).map_err(|error| JsonError::new(&error))
    }

    /// The JSON, without white space around it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.0.get()
    }

    /// Reads the JSON as a value of a type.
    ///
    /// # Errors
    ///
    /// When it is not of that type. The error says where, and does not repeat the JSON.
    pub fn decode<'a, T: Deserialize<'a>>(&'a self) -> Result<T, JsonError> {
        serde_json::from_str(self.as_str()).map_err(|error| JsonError::new(&error))
    }
}

/// A string that is not JSON, or not of the expected type. It does not repeat the string.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{problem} at line {line}, column {column}")]
pub struct JsonError {
    problem: &'static str,
    line: usize,
    column: usize,
}

impl JsonError {
    fn new(error: &serde_json::Error) -> Self {
        use serde_json::error::Category;
        let problem = match error.classify() {
            Category::Syntax => "this is not JSON",
            Category::Eof => "the JSON ends too early",
            Category::Data | Category::Io => "the JSON and the type asked for do not fit",
        };
        Self { problem, line: error.line(), column: error.column() }
    }

    /// The line, from 1; 0 when it is not known.
    #[must_use]
    pub fn line(&self) -> usize {
        self.line
    }

    /// The column, from 1; 0 when it is not known.
    #[must_use]
    pub fn column(&self) -> usize {
        self.column
    }
}

impl FromStr for Json {
    type Err = JsonError;

    fn from_str(text: &str) -> Result<Self, JsonError> {
        serde_json::from_str(text).map(Self).map_err(|error| JsonError::new(&error))
    }
}

impl From<serde_json::Value> for Json {
    fn from(value: serde_json::Value) -> Self {
        // A tree of values always has a JSON form.
        Self::of(&value).unwrap_or_default()
    }
}

/// `null`.
impl Default for Json {
    fn default() -> Self {
        Self(RawValue::NULL.to_owned())
    }
}

impl PartialEq for Json {
    fn eq(&self, other: &Self) -> bool {
        self.as_str() == other.as_str()
    }
}

impl Eq for Json {}

impl Hash for Json {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.as_str().hash(state);
    }
}

impl fmt::Display for Json {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for Json {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for Json {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Json {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        // The format's own message could repeat the value.
        let read = Box::<RawValue>::deserialize(deserializer);
        read.map(Self).map_err(|_| serde::de::Error::custom("expected JSON"))
    }
}
