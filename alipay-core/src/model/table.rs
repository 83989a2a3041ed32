//! What is known of a model's fields.

use std::borrow::Cow;

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
#[must_use]
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
/// The items are percent-encoded; the separators are too if a URL cannot hold them. An item that holds
/// such a separator is an error. An empty list is left out.
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

impl Place {
    fn word(self) -> &'static str {
        match self {
            Self::Body => "body",
            Self::Query => "query",
            Self::Path => "path",
            Self::Header => "header",
            Self::File => "file",
        }
    }
}

impl Field {
    /// The key of the field where a model is written as one map. It is the name on the wire; a parameter that
    /// shares its name with another field has its place before it: `path.id`, `query.id`.
    #[must_use]
    pub fn key(&self, among: &[Self]) -> Cow<'static, str> {
        let is_same = |other: &&Self| other.name == self.name;
        if self.place == Place::Body || among.iter().filter(is_same).count() < 2 {
            return Cow::Borrowed(self.name);
        }
        Cow::Owned(format!("{}.{}", self.place.word(), self.name))
    }

    /// An optional field of the JSON body.
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
    pub const fn query(name: &'static str) -> Self {
        Self { place: Place::Query, ..Self::body(name) }
    }

    /// A required parameter of the path.
    pub const fn path(name: &'static str) -> Self {
        Self { place: Place::Path, required: true, ..Self::body(name) }
    }

    /// An optional header. The headers of the protocol cannot be set.
    pub const fn header(name: &'static str) -> Self {
        Self { place: Place::Header, ..Self::body(name) }
    }

    /// An optional file of an upload.
    pub const fn file(name: &'static str) -> Self {
        Self { place: Place::File, ..Self::body(name) }
    }

    /// Marks it as required.
    pub const fn required(mut self) -> Self {
        self.required = true;
        self
    }

    /// Says how a list stands in the query.
    pub const fn list(mut self, style: ListStyle) -> Self {
        self.list = style;
        self
    }

    /// Marks it as personal data.
    pub const fn sensitive(mut self) -> Self {
        self.sensitive = true;
        self
    }
}
