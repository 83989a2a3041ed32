//! Models: structs whose fields are known from a table.
//!
//! Generated structs do not derive serde's traits. They state their fields in a [`Table`] and give
//! access to the n-th one; reading, writing and printing are done here, once, instead of once per
//! struct. That keeps compile times low (derived serde code is most of what large generated
//! clients spend), and it puts redaction into one place.
//!
//! To serde a model is an ordinary type: its `Serialize` and `Deserialize` implementations hand over
//! to [`serialize`] and [`deserialize`].

mod debug;
mod path;
mod read;
mod write;

pub use debug::fmt_debug;
pub use read::deserialize;
pub(crate) use read::{decode_json, read_text, read_value};
pub use write::{Placed, serialize};
pub(crate) use write::{encode_json, write_text};

use crate::value::Value;

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

/// Name and fields of a model.
#[derive(Debug)]
pub struct Table {
    /// The name of the Rust type.
    pub name: &'static str,
    /// The fields, in the order of the struct.
    pub fields: &'static [Field],
}

impl Table {
    /// A table.
    #[must_use]
    pub const fn new(name: &'static str, fields: &'static [Field]) -> Self {
        Self { name, fields }
    }
}

/// What is known of one field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Field {
    /// Its name on the wire.
    pub name: &'static str,
    /// Where in the HTTP message it travels.
    pub place: Place,
    /// Whether it must be there.
    pub required: bool,
    /// Whether it is personal data, never to be shown.
    pub sensitive: bool,
    /// How a list stands in the query.
    pub list: ListStyle,
}

/// How a list stands in the query string.
///
/// The items are percent-encoded, the separators are not (but for those that an address cannot hold).
/// An item that holds a separator which would be encoded like it is an error of the request; an empty
/// list is left out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum ListStyle {
    /// Once per item: `id=1&id=2`.
    #[default]
    Repeated,
    /// Separated by commas: `id=1,2`.
    Commas,
    /// Separated by spaces: `id=1%202`.
    Spaces,
    /// Separated by bars: `id=1%7C2`.
    Pipes,
}

/// Where in the HTTP message a field travels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Place {
    /// In the JSON body.
    Body,
    /// In the query string.
    Query,
    /// In the path.
    Path,
    /// As a header.
    Header,
    /// As a file of a multipart body.
    File,
}

impl Field {
    /// An optional field of the JSON body.
    #[must_use]
    pub const fn body(name: &'static str) -> Self {
        Self {
            name,
            place: Place::Body,
            required: false,
            sensitive: false,
            list: ListStyle::Repeated,
        }
    }

    /// An optional parameter of the query string.
    #[must_use]
    pub const fn query(name: &'static str) -> Self {
        Self { place: Place::Query, ..Self::body(name) }
    }

    /// A part of the path, which is always required.
    #[must_use]
    pub const fn path(name: &'static str) -> Self {
        Self { place: Place::Path, required: true, ..Self::body(name) }
    }

    /// An optional header. Those of the protocol cannot be set.
    #[must_use]
    pub const fn header(name: &'static str) -> Self {
        Self { place: Place::Header, ..Self::body(name) }
    }

    /// An optional file of an upload.
    #[must_use]
    pub const fn file(name: &'static str) -> Self {
        Self { place: Place::File, ..Self::body(name) }
    }

    /// Marks it as required.
    #[must_use]
    pub const fn required(mut self) -> Self {
        self.required = true;
        self
    }

    /// Says how a list stands in the query.
    #[must_use]
    pub const fn list(mut self, style: ListStyle) -> Self {
        self.list = style;
        self
    }

    /// Marks it as personal data.
    #[must_use]
    pub const fn sensitive(mut self) -> Self {
        self.sensitive = true;
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, Default, PartialEq)]
    struct Page {
        number: Option<i64>,
        token: Option<String>,
    }

    impl Model for Page {
        fn table(&self) -> &'static Table {
            const TABLE: &Table =
                &Table::new("Page", &[Field::body("number"), Field::query("token")]);
            TABLE
        }

        fn field(&self, index: usize) -> Option<&dyn Value> {
            Some(match index {
                0 => &self.number,
                1 => &self.token,
                _ => return None,
            })
        }

        fn field_mut(&mut self, index: usize) -> Option<&mut dyn Value> {
            Some(match index {
                0 => &mut self.number,
                1 => &mut self.token,
                _ => return None,
            })
        }

        fn blank() -> Self {
            Self::default()
        }
    }

    #[test]
    fn a_document_holds_one_model_and_no_more() {
        let mut page = Page::default();
        assert!(decode_json(&mut page, br#" {"number":1,"token":"t"} "#).is_ok());
        assert_eq!(page, Page { number: Some(1), token: Some("t".to_owned()) });
        for json in [&b""[..], b"{}{}", b"{} x", b"[]", b"\xff", b"{\"number\":\"\xff\"}"] {
            assert!(decode_json(&mut Page::default(), json).is_err(), "{json:?}");
        }
    }

    #[test]
    fn a_body_holds_the_fields_of_the_body() {
        let page = Page { number: Some(1), token: Some("t".to_owned()) };
        assert_eq!(encode_json(&page, Place::Body).ok(), Some(br#"{"number":1}"#.to_vec()));
        assert_eq!(encode_json(&page, Place::Query).ok(), Some(br#"{"token":"t"}"#.to_vec()));
        assert_eq!(encode_json(&page, Place::Path).ok(), Some(b"{}".to_vec()));
    }
}
