//! The tables: every key of every kind of object.

use super::{
    Fate,
    Fate::{Documentation, Ignored, Modelled, Refused},
    Holds::{
        self, Any, Count, Flag, FlagOr, List, Map, Number, One, OneOf, Text, TextMap, Texts, Values,
    },
    Kind as K, Row, TYPES,
};

const CONFERRED: &str = "a published description's standing, not its content";
const SIGNED: &str = "every request is signed as the protocol says";
const ADDRESS: &str = "the address is the client's";
const REACHED: &str = "counts only where something refers to it, and then with that";
const MOOT: &str = "says what holds anyway";

const fn row(key: &'static str, holds: Holds, fate: Fate) -> Row {
    Row { key, holds, fate }
}

pub(super) const ROOT: &[Row] = &[
    row("openapi", Text, Modelled("which reader applies")),
    row("info", One(K::Info), Modelled("title and version of the crate's documentation")),
    row("servers", List(K::Server), Ignored(ADDRESS)),
    row("tags", List(K::Tag), Documentation),
    row("paths", Map(K::PathItem), Modelled("operations")),
    row("components", One(K::Components), Modelled("types")),
    row("externalDocs", One(K::ExternalDocs), Documentation),
    row("security", Any, Ignored(SIGNED)),
    row("x-webhooks", Map(K::PathItem), Modelled("messages")),
];

pub(super) const INFO: &[Row] = &[
    row("title", Text, Modelled("title of the documentation")),
    row("version", Text, Modelled("version of the description")),
    row("description", Text, Documentation),
    row("termsOfService", Text, Documentation),
    row("contact", One(K::Contact), Documentation),
    row("license", One(K::License), Ignored(CONFERRED)),
];

pub(super) const CONTACT: &[Row] = &[
    row("name", Text, Documentation),
    row("url", Text, Documentation),
    row("email", Text, Documentation),
];

pub(super) const LICENSE: &[Row] =
    &[row("name", Text, Ignored(CONFERRED)), row("url", Text, Ignored(CONFERRED))];

pub(super) const SERVER: &[Row] = &[
    row("url", Text, Ignored(ADDRESS)),
    row("description", Text, Documentation),
    row("variables", Any, Ignored(ADDRESS)),
];

pub(super) const EXTERNAL_DOCS: &[Row] =
    &[row("url", Text, Documentation), row("description", Text, Documentation)];

pub(super) const TAG: &[Row] = &[
    row("name", Text, Documentation),
    row("description", Text, Documentation),
    row("externalDocs", One(K::ExternalDocs), Documentation),
];

pub(super) const PATH_ITEM: &[Row] = &[
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
    row("parameters", List(K::Parameter), Modelled("request fields")),
    row("servers", List(K::Server), Refused),
    row("x-rust-name", Text, Modelled("a pinned name")),
];

pub(super) const OPERATION: &[Row] = &[
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
    row("security", Any, Ignored(SIGNED)),
    row("servers", List(K::Server), Refused),
    row("x-accepts", Text, Ignored("repeats the response's media type")),
    row("x-content-type", Text, Ignored("repeats the request's media type")),
    row("x-alipay-idempotency-key", Text, Modelled("whether a repeat is safe")),
    row("x-alipay-completed-by", Text, Modelled("the message that says it is done")),
    row("x-alipay-removed-in", Text, Modelled("deprecation")),
    row("x-alipay-limits", Texts, Modelled("rules")),
    row("x-rust-name", Text, Modelled("a pinned name")),
];

pub(super) const PARAMETER: &[Row] = &[
    row("$ref", Text, Modelled("a shared parameter")),
    row("name", Text, Modelled("wire name")),
    row("in", OneOf(&["query", "path", "header", "cookie"]), Modelled("where it travels")),
    row("required", Flag, Modelled("whether it must be given")),
    row("schema", One(K::Schema), Modelled("its type")),
    row("deprecated", Flag, Modelled("deprecation")),
    row("description", Text, Documentation),
    row("example", Any, Modelled("example")),
    row("examples", Any, Ignored("documentation shows one `example`")),
    row("content", Any, Refused),
    row("style", Text, Modelled("how a list stands in the query")),
    row("explode", Flag, Modelled("how a list stands in the query")),
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
    row("x-alipay-removed-in", Text, Modelled("deprecation")),
    row("x-rust-name", Text, Modelled("a pinned name")),
];

pub(super) const REQUEST_BODY: &[Row] = &[
    row("$ref", Text, Modelled("a shared body")),
    row("content", Map(K::MediaType), Modelled("request fields")),
    row("required", Flag, Ignored("a body is sent whenever the operation has one")),
    row("description", Text, Documentation),
];

pub(super) const MEDIA_TYPE: &[Row] = &[
    row("schema", One(K::Schema), Modelled("fields")),
    row("encoding", Map(K::Encoding), Modelled("which parts are files")),
    row("example", Any, Modelled("example")),
    row("examples", Any, Ignored("documentation shows one `example`")),
];

pub(super) const ENCODING: &[Row] = &[
    row("contentType", Text, Modelled("media type of the part")),
    row("style", OneOf(&["form"]), Ignored(MOOT)),
    row("headers", Any, Refused),
    row("explode", Flag, Ignored("of forms only, which are refused")),
    row("allowReserved", Flag, Ignored("of forms only, which are refused")),
];

pub(super) const RESPONSE: &[Row] = &[
    row("$ref", Text, Modelled("a shared response")),
    row("description", Text, Documentation),
    row("content", Map(K::MediaType), Modelled("response fields")),
    row("headers", Any, Ignored("all headers of an answer can be read")),
    row("links", Any, Ignored("says what may be called next, not what is answered")),
];

pub(super) const COMPONENTS: &[Row] = &[
    row("schemas", Map(K::Schema), Modelled("types")),
    row("parameters", Map(K::Parameter), Modelled("shared parameters")),
    row("requestBodies", Map(K::RequestBody), Modelled("shared bodies")),
    row("responses", Map(K::Response), Modelled("shared responses")),
    row("examples", Any, Ignored(REACHED)),
    row("headers", Any, Ignored(REACHED)),
    row("securitySchemes", Any, Ignored(SIGNED)),
    row("links", Any, Ignored(REACHED)),
    row("callbacks", Any, Ignored(REACHED)),
];

pub(super) const SCHEMA: &[Row] = &[
    row("$ref", Text, Modelled("another type")),
    row("type", OneOf(TYPES), Modelled("type")),
    row("format", Text, Modelled("type")),
    row("properties", Map(K::Schema), Modelled("fields")),
    row("required", Texts, Modelled("required fields")),
    row("items", One(K::Schema), Modelled("type of the items")),
    row("enum", Values, Modelled("known values")),
    row("anyOf", List(K::Schema), Modelled("error bodies")),
    row("allOf", List(K::Schema), Modelled("fields, or annotations beside a reference")),
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
    row("discriminator", One(K::Discriminator), Refused),
    row("additionalProperties", FlagOr(K::Schema), Modelled("type of the values of a map")),
    row("nullable", Flag, Modelled("whether it may be null")),
    row("readOnly", Flag, Modelled("never required of a caller")),
    row("writeOnly", Flag, Modelled("a rule")),
    row("default", Any, Modelled("default")),
    row("pattern", Text, Modelled("a rule")),
    row("multipleOf", Number, Modelled("a rule")),
    row("exclusiveMinimum", Flag, Modelled("a bound")),
    row("exclusiveMaximum", Flag, Modelled("a bound")),
    row("uniqueItems", Flag, Modelled("a rule")),
    row("minProperties", Count, Modelled("a bound")),
    row("maxProperties", Count, Modelled("a bound")),
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
    row("x-alipay-removed-in", Text, Modelled("deprecation")),
    row("x-alipay-removed-values", TextMap, Modelled("deprecation of known values")),
    row("x-rust-name", Text, Modelled("a pinned name")),
    row("x-rust-module", Text, Modelled("the file a type goes to")),
];

pub(super) const DISCRIMINATOR: &[Row] =
    &[row("propertyName", Text, Refused), row("mapping", TextMap, Refused)];

pub(super) const ERROR_CODE: &[Row] = &[
    row("meaning", Text, Documentation),
    row("action", Text, Documentation),
    row("retry", OneOf(&["same-request", "later", "never"]), Modelled("whether a repeat can help")),
];
