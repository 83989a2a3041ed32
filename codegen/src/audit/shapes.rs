//! The shapes of a description: which keys each kind of object may have, what they hold, and what
//! becomes of them.
//!
//! This is the closed world of the generator. A key that is in no table here stops generation, so
//! nothing new in Alipay's description is ever dropped unseen. Whoever teaches the generator a new key
//! adds a row.

use self::{
    Fate::{Documentation, Ignored, Modelled, Refused},
    Holds::{Any, Count, Flag, List, Map, Number, One, OneOf, Text, TextMap, Texts},
    Kind as K,
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
    /// What is known of one error code.
    ErrorCode,
}

impl Kind {
    /// All kinds.
    pub const ALL: [Self; 17] = [
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

const CONFERRED: &str = "a published description's standing, not its content";
const MOOT: &str = "says what holds anyway";

const fn row(key: &'static str, holds: Holds, fate: Fate) -> Row {
    Row { key, holds, fate }
}

const ROOT: &[Row] = &[
    row("openapi", Text, Modelled("which reader applies")),
    row("info", One(K::Info), Modelled("title and version of the crate's documentation")),
    row("servers", List(K::Server), Modelled("base addresses")),
    row("tags", List(K::Tag), Documentation),
    row("paths", Map(K::PathItem), Modelled("operations")),
    row("components", One(K::Components), Modelled("types")),
    row("externalDocs", One(K::ExternalDocs), Documentation),
    row("security", Any, Refused),
    row("x-webhooks", Map(K::PathItem), Modelled("messages")),
];

const INFO: &[Row] = &[
    row("title", Text, Modelled("title of the documentation")),
    row("version", Text, Modelled("version of the description")),
    row("description", Text, Documentation),
    row("termsOfService", Text, Documentation),
    row("contact", One(K::Contact), Documentation),
    row("license", One(K::License), Ignored(CONFERRED)),
];

const CONTACT: &[Row] = &[
    row("name", Text, Documentation),
    row("url", Text, Documentation),
    row("email", Text, Documentation),
];

const LICENSE: &[Row] =
    &[row("name", Text, Ignored(CONFERRED)), row("url", Text, Ignored(CONFERRED))];

const SERVER: &[Row] = &[
    row("url", Text, Modelled("a base address")),
    row("description", Text, Documentation),
    row("variables", Any, Refused),
];

const EXTERNAL_DOCS: &[Row] =
    &[row("url", Text, Documentation), row("description", Text, Documentation)];

const TAG: &[Row] = &[
    row("name", Text, Documentation),
    row("description", Text, Documentation),
    row("externalDocs", One(K::ExternalDocs), Documentation),
];

const PATH_ITEM: &[Row] = &[
    row("$ref", Text, Refused),
    row("get", One(K::Operation), Modelled("an operation")),
    row("put", One(K::Operation), Modelled("an operation")),
    row("post", One(K::Operation), Modelled("an operation")),
    row("delete", One(K::Operation), Modelled("an operation")),
    row("patch", One(K::Operation), Modelled("an operation")),
    row("options", One(K::Operation), Refused),
    row("head", One(K::Operation), Refused),
    row("trace", One(K::Operation), Refused),
    row("summary", Text, Documentation),
    row("description", Text, Documentation),
    row("parameters", List(K::Parameter), Refused),
    row("servers", List(K::Server), Refused),
    row("x-rust-name", Text, Modelled("a pinned name")),
];

const OPERATION: &[Row] = &[
    row("operationId", Text, Modelled("name of the operation")),
    row("tags", Texts, Modelled("the group it belongs to")),
    row("parameters", List(K::Parameter), Modelled("request fields")),
    row("requestBody", One(K::RequestBody), Modelled("request fields")),
    row("responses", Map(K::Response), Modelled("response type and error codes")),
    row("deprecated", Flag, Modelled("deprecation")),
    row("summary", Text, Documentation),
    row("description", Text, Documentation),
    row("externalDocs", One(K::ExternalDocs), Documentation),
    row("callbacks", Any, Refused),
    row("security", Any, Refused),
    row("servers", List(K::Server), Refused),
    row("x-accepts", Text, Ignored("repeats the response's media type")),
    row("x-content-type", Text, Ignored("repeats the request's media type")),
    row("x-alipay-idempotency-key", Text, Modelled("whether a repeat is safe")),
    row("x-alipay-completed-by", Text, Modelled("the message that says it is done")),
    row("x-alipay-limits", Texts, Modelled("rules")),
    row("x-rust-name", Text, Modelled("a pinned name")),
];

const PARAMETER: &[Row] = &[
    row("$ref", Text, Modelled("a shared parameter")),
    row("name", Text, Modelled("wire name")),
    row("in", OneOf(&["query", "path", "header", "cookie"]), Modelled("where it travels")),
    row("required", Flag, Modelled("whether it must be given")),
    row("schema", One(K::Schema), Modelled("its type")),
    row("deprecated", Flag, Modelled("deprecation")),
    row("description", Text, Documentation),
    row("example", Any, Modelled("example")),
    row("examples", Any, Refused),
    row("content", Any, Refused),
    row("style", Text, Modelled("refused unless it is the default")),
    row("explode", Flag, Modelled("refused unless it is the default")),
    row("allowReserved", Flag, Refused),
    row("allowEmptyValue", Flag, Ignored("an absent parameter says the same")),
    row("x-extensible-enum", Texts, Modelled("known values")),
    row("x-enum-descriptions", TextMap, Modelled("meaning of known values")),
    row("x-alipay-unit", Text, Modelled("unit")),
    row("x-alipay-minimum", Text, Modelled("lower bound")),
    row("x-alipay-maximum", Text, Modelled("upper bound")),
    row("x-alipay-limits", Texts, Modelled("rules")),
    row("x-alipay-required", Text, Modelled("when it is required")),
    row("x-alipay-sensitive", Flag, Modelled("redaction")),
    row("x-alipay-legacy", Any, Modelled("old-style twin")),
    row("x-rust-name", Text, Modelled("a pinned name")),
];

const REQUEST_BODY: &[Row] = &[
    row("$ref", Text, Modelled("a shared body")),
    row("content", Map(K::MediaType), Modelled("request fields")),
    row("required", Flag, Ignored("a body is sent whenever the operation has one")),
    row("description", Text, Documentation),
];

const MEDIA_TYPE: &[Row] = &[
    row("schema", One(K::Schema), Modelled("fields")),
    row("encoding", Map(K::Encoding), Modelled("which parts are files")),
    row("example", Any, Modelled("example")),
    row("examples", Any, Refused),
];

const ENCODING: &[Row] = &[
    row("contentType", Text, Modelled("media type of the part")),
    row("style", OneOf(&["form"]), Ignored(MOOT)),
    row("headers", Any, Refused),
    row("explode", Flag, Refused),
    row("allowReserved", Flag, Refused),
];

const RESPONSE: &[Row] = &[
    row("$ref", Text, Modelled("a shared response")),
    row("description", Text, Documentation),
    row("content", Map(K::MediaType), Modelled("response fields")),
    row("headers", Any, Refused),
    row("links", Any, Refused),
];

const COMPONENTS: &[Row] = &[
    row("schemas", Map(K::Schema), Modelled("types")),
    row("parameters", Map(K::Parameter), Modelled("shared parameters")),
    row("requestBodies", Map(K::RequestBody), Modelled("shared bodies")),
    row("responses", Map(K::Response), Modelled("shared responses")),
    row("examples", Any, Refused),
    row("headers", Any, Refused),
    row("securitySchemes", Any, Refused),
    row("links", Any, Refused),
    row("callbacks", Any, Refused),
];

const SCHEMA: &[Row] = &[
    row("$ref", Text, Modelled("another type")),
    row("type", OneOf(TYPES), Modelled("type")),
    row("format", Text, Modelled("type")),
    row("properties", Map(K::Schema), Modelled("fields")),
    row("required", Texts, Modelled("required fields")),
    row("items", One(K::Schema), Modelled("type of the items")),
    row("enum", Any, Modelled("known values")),
    row("anyOf", List(K::Schema), Modelled("error bodies")),
    row("allOf", List(K::Schema), Modelled("annotations beside a reference")),
    row("example", Any, Modelled("example")),
    row("deprecated", Flag, Modelled("deprecation")),
    row("title", Text, Documentation),
    row("description", Text, Documentation),
    row("externalDocs", One(K::ExternalDocs), Documentation),
    row("minLength", Count, Modelled("a bound")),
    row("maxLength", Count, Modelled("a bound")),
    row("minimum", Number, Modelled("a bound")),
    row("maximum", Number, Modelled("a bound")),
    row("minItems", Count, Modelled("a bound")),
    row("maxItems", Count, Modelled("a bound")),
    row("oneOf", List(K::Schema), Refused),
    row("not", One(K::Schema), Refused),
    row("discriminator", Any, Refused),
    row("additionalProperties", Any, Refused),
    row("nullable", Flag, Refused),
    row("readOnly", Flag, Refused),
    row("writeOnly", Flag, Refused),
    row("default", Any, Refused),
    row("pattern", Text, Refused),
    row("multipleOf", Number, Refused),
    row("exclusiveMinimum", Flag, Refused),
    row("exclusiveMaximum", Flag, Refused),
    row("uniqueItems", Flag, Refused),
    row("minProperties", Count, Refused),
    row("maxProperties", Count, Refused),
    row("xml", Any, Refused),
    row("x-extensible-enum", Texts, Modelled("known values")),
    row("x-enum-descriptions", TextMap, Modelled("meaning of known values")),
    row("x-error-codes", Map(K::ErrorCode), Modelled("meaning of error codes")),
    row("x-alipay-json-text", One(K::Schema), Modelled("type of the JSON the text holds")),
    row("x-alipay-unit", Text, Modelled("unit")),
    row("x-alipay-minimum", Text, Modelled("lower bound")),
    row("x-alipay-maximum", Text, Modelled("upper bound")),
    row("x-alipay-limits", Texts, Modelled("rules")),
    row("x-alipay-required", Text, Modelled("when it is required")),
    row("x-alipay-sensitive", Flag, Modelled("redaction")),
    row("x-alipay-legacy", Any, Modelled("old-style twin")),
    row("x-rust-name", Text, Modelled("a pinned name")),
    row("x-rust-module", Text, Modelled("the file a type goes to")),
];

const ERROR_CODE: &[Row] = &[
    row("meaning", Text, Documentation),
    row("action", Text, Documentation),
    row("retry", OneOf(&["same-request", "later", "never"]), Modelled("whether a repeat can help")),
];

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
