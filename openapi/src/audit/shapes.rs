//! The shapes of a description: which keys each kind of object may have, what they hold, and what
//! becomes of them.
//!
//! This is the closed world of the generator. A key that is in no table here stops generation, so
//! nothing new in Alipay's description is ever dropped unseen. Whoever teaches the generator a new key
//! adds a row.

mod tables;

use self::{
    Kind as K,
    tables::{
        COMPONENTS, CONTACT, DISCRIMINATOR, ENCODING, ERROR_CODE, EXTERNAL_DOCS, INFO, LICENSE,
        MEDIA_TYPE, OPERATION, PARAMETER, PATH_ITEM, REQUEST_BODY, RESPONSE, ROOT, SCHEMA, SERVER,
        TAG,
    },
};

/// What becomes of a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Fate {
    /// It decides something of the generated code; the text says what.
    Modelled(&'static str),
    /// It is prose, which ends in the documentation of the generated code.
    Documentation,
    /// It changes nothing; the text says why that is right.
    Ignored(&'static str),
    /// The generator cannot express it: lowering refuses it with a message of its own.
    Refused,
}

/// What stands at a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Holds {
    /// A text.
    Text,
    /// `true` or `false`.
    Flag,
    /// A number without sign and fraction.
    Count,
    /// Any number.
    Number,
    /// One of these texts.
    OneOf(&'static [&'static str]),
    /// A list of texts.
    Texts,
    /// A mapping from texts to texts.
    TextMap,
    /// Anything: examples, and what lowering refuses.
    Any,
    /// A list of anything.
    Values,
    /// `true`, `false` or an object.
    FlagOr(Kind),
    /// An object.
    One(Kind),
    /// A list of objects.
    List(Kind),
    /// A mapping from names to objects.
    Map(Kind),
}

/// A key of a kind of object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Row {
    /// The key.
    pub key: &'static str,
    /// What it holds.
    pub holds: Holds,
    /// What becomes of it.
    pub fate: Fate,
}

/// A kind of object in a description.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The description itself.
    Root,
    /// `info`.
    Info,
    /// `info.contact`.
    Contact,
    /// `info.license`.
    License,
    /// An entry of `servers`.
    Server,
    /// `externalDocs`.
    ExternalDocs,
    /// An entry of the top-level `tags`.
    Tag,
    /// What stands under one path.
    PathItem,
    /// An operation.
    Operation,
    /// A parameter.
    Parameter,
    /// A request body.
    RequestBody,
    /// What stands under one media type.
    MediaType,
    /// How one part of a body travels.
    Encoding,
    /// A response.
    Response,
    /// `components`.
    Components,
    /// A schema.
    Schema,
    /// What tells the alternatives of a schema apart.
    Discriminator,
    /// What is known of one error code.
    ErrorCode,
}

impl Kind {
    /// All kinds.
    pub const ALL: [Self; 18] = [
        K::Root,
        K::Info,
        K::Contact,
        K::License,
        K::Server,
        K::ExternalDocs,
        K::Tag,
        K::PathItem,
        K::Operation,
        K::Parameter,
        K::RequestBody,
        K::MediaType,
        K::Encoding,
        K::Response,
        K::Components,
        K::Schema,
        K::Discriminator,
        K::ErrorCode,
    ];

    /// The kind's name with its article, for messages.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            K::Root => "an OpenAPI description",
            K::Info => "`info`",
            K::Contact => "`contact`",
            K::License => "`license`",
            K::Server => "a server",
            K::ExternalDocs => "`externalDocs`",
            K::Tag => "a tag",
            K::PathItem => "a path item",
            K::Operation => "an operation",
            K::Parameter => "a parameter",
            K::RequestBody => "a request body",
            K::MediaType => "a media type",
            K::Encoding => "an encoding",
            K::Response => "a response",
            K::Components => "`components`",
            K::Schema => "a schema",
            K::Discriminator => "a discriminator",
            K::ErrorCode => "an entry of `x-error-codes`",
        }
    }

    /// The keys it may have.
    #[must_use]
    pub fn rows(self) -> &'static [Row] {
        match self {
            K::Root => ROOT,
            K::Info => INFO,
            K::Contact => CONTACT,
            K::License => LICENSE,
            K::Server => SERVER,
            K::ExternalDocs => EXTERNAL_DOCS,
            K::Tag => TAG,
            K::PathItem => PATH_ITEM,
            K::Operation => OPERATION,
            K::Parameter => PARAMETER,
            K::RequestBody => REQUEST_BODY,
            K::MediaType => MEDIA_TYPE,
            K::Encoding => ENCODING,
            K::Response => RESPONSE,
            K::Components => COMPONENTS,
            K::Schema => SCHEMA,
            K::Discriminator => DISCRIMINATOR,
            K::ErrorCode => ERROR_CODE,
        }
    }

    /// The row of `key`.
    #[must_use]
    pub fn row(self, key: &str) -> Option<&'static Row> {
        self.rows().iter().find(|row| row.key == key)
    }

    /// The keys it must have, unless it is a `$ref`. Alternatives are separated by `|`.
    #[must_use]
    pub fn required(self) -> &'static [&'static str] {
        match self {
            K::Root => &["openapi", "info", "paths"],
            K::Info => &["title", "version"],
            K::Server | K::ExternalDocs => &["url"],
            K::License | K::Tag => &["name"],
            K::Operation => &["responses"],
            K::Parameter => &["name", "in", "schema|content"],
            K::RequestBody => &["content"],
            K::Response => &["description"],
            K::Discriminator => &["propertyName"],
            _ => &[],
        }
    }

    /// Whether a `$ref` may stand in its place.
    #[must_use]
    pub fn referable(self) -> bool {
        self.row("$ref").is_some()
    }
}

/// The HTTP methods, which are folded into one shape.
pub const METHODS: &[&str] = &["get", "put", "post", "delete", "options", "head", "patch", "trace"];

/// The schema types of OpenAPI 3.0.
pub const TYPES: &[&str] = &["string", "integer", "boolean", "number", "array", "object"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_kind_lists_a_key_twice_and_required_keys_are_listed() {
        for kind in Kind::ALL {
            for (index, row) in kind.rows().iter().enumerate() {
                assert!(
                    kind.rows().iter().skip(index + 1).all(|other| other.key != row.key),
                    "{kind:?} {}",
                    row.key
                );
            }
            for key in kind.required().iter().flat_map(|keys| keys.split('|')) {
                assert!(kind.row(key).is_some(), "{kind:?} {key}");
            }
        }
    }
}
