//! The ledger: which keys each kind of object in a description may have, what they hold, and what
//! becomes of them.
//!
//! This is the closed world of the generator. A key that is in no table here stops generation, so
//! nothing new in Alipay's description is ever dropped unseen. Whoever teaches the generator a new key
//! adds a row.

/// What becomes of a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fate {
    /// It decides something of the generated code; the string says what.
    Modelled(&'static str),
    /// It is prose, which ends in the documentation of the generated code.
    Documentation,
    /// It changes nothing; the string says why that is right.
    Ignored(&'static str),
    /// The generator cannot express it: lowering refuses it with a message of its own.
    Refused,
}

/// What stands at a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Holds {
    /// A string.
    String,
    /// `true` or `false`.
    Bool,
    /// A number without sign and fraction.
    Count,
    /// Any number.
    Number,
    /// One of these strings.
    OneOf(&'static [&'static str]),
    /// A list of strings.
    Strings,
    /// A mapping from strings to strings.
    StringMap,
    /// Anything: examples, and what lowering refuses.
    Any,
    /// A list of anything.
    Values,
    /// `true`, `false` or an object.
    BoolOr(ObjectKind),
    /// An object.
    One(ObjectKind),
    /// A list of objects.
    List(ObjectKind),
    /// A mapping from names to objects.
    Map(ObjectKind),
}

/// A key of a kind of object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Row {
    pub(crate) key: &'static str,
    pub(crate) holds: Holds,
    pub(crate) fate: Fate,
}

/// The HTTP methods, which are folded into one shape.
pub(crate) const METHODS: &[&str] =
    &["get", "put", "post", "delete", "options", "head", "patch", "trace"];

/// The schema types of OpenAPI 3.0.
pub(crate) const TYPES: &[&str] = &["string", "integer", "boolean", "number", "array", "object"];

const CONFERRED: &str = "a published description's standing, not its content";
const SIGNED: &str = "every request is signed as the protocol says";
const ADDRESS: &str = "the address is the client's";
const REACHED: &str = "counts only where something refers to it, and then with that";

/// Each kind has a name with its article for messages, the keys it must have (unless it is a `$ref`;
/// `|` separates alternatives), and its rows.
macro_rules! kinds {
    ($(
        $(#[$doc:meta])*
        $kind:ident $name:literal [$($required:literal),*] {
            $($key:literal: $holds:expr, $fate:expr;)*
        }
    )*) => {
        /// A kind of object in a description.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(crate) enum ObjectKind {
            $($(#[$doc])* $kind,)*
        }

        impl ObjectKind {
            #[cfg(test)]
            const ALL: &[Self] = &[$(Self::$kind),*];

            /// The kind's name with its article, for messages.
            pub(crate) fn name(self) -> &'static str {
                match self { $(Self::$kind => $name,)* }
            }

            /// The keys it must have, unless it is a `$ref`. Alternatives are separated by `|`.
            pub(crate) fn required(self) -> &'static [&'static str] {
                match self { $(Self::$kind => &[$($required),*],)* }
            }

            /// The keys it may have.
            pub(crate) fn rows(self) -> &'static [Row] {
                #[allow(clippy::enum_glob_use, reason = "the tables read better without paths")]
                use {Fate::*, Holds::*, ObjectKind::*};
                match self {
                    $($kind => {
                        const ROWS: &[Row] =
                            &[$(Row { key: $key, holds: $holds, fate: $fate }),*];
                        ROWS
                    })*
                }
            }
        }
    };
}

kinds! {
    /// The description itself.
    Root "an OpenAPI description" ["openapi", "info", "paths"] {
        "openapi": String, Modelled("which reader applies");
        "info": One(Info), Modelled("title and version of the crate's documentation");
        "servers": List(Server), Ignored(ADDRESS);
        "tags": List(Tag), Documentation;
        "paths": Map(PathItem), Modelled("operations");
        "components": One(Components), Modelled("types");
        "externalDocs": One(ExternalDocs), Documentation;
        "security": Any, Ignored(SIGNED);
        "x-webhooks": Map(PathItem), Modelled("messages");
    }
    /// `info`.
    Info "`info`" ["title", "version"] {
        "title": String, Modelled("title of the documentation");
        "version": String, Modelled("version of the description");
        "description": String, Documentation;
        "termsOfService": String, Documentation;
        "contact": One(Contact), Documentation;
        "license": One(License), Ignored(CONFERRED);
    }
    /// `info.contact`.
    Contact "`contact`" [] {
        "name": String, Documentation;
        "url": String, Documentation;
        "email": String, Documentation;
    }
    /// `info.license`.
    License "`license`" ["name"] {
        "name": String, Ignored(CONFERRED);
        "url": String, Ignored(CONFERRED);
    }
    /// An entry of `servers`.
    Server "a server" ["url"] {
        "url": String, Ignored(ADDRESS);
        "description": String, Documentation;
        "variables": Any, Ignored(ADDRESS);
    }
    /// `externalDocs`.
    ExternalDocs "`externalDocs`" ["url"] {
        "url": String, Documentation;
        "description": String, Documentation;
    }
    /// An entry of the top-level `tags`.
    Tag "a tag" ["name"] {
        "name": String, Documentation;
        "description": String, Documentation;
        "externalDocs": One(ExternalDocs), Documentation;
    }
    /// What stands under one path.
    PathItem "a path item" [] {
        "$ref": String, Refused;
        "get": One(Operation), Modelled("an operation");
        "put": One(Operation), Modelled("an operation");
        "post": One(Operation), Modelled("an operation");
        "delete": One(Operation), Modelled("an operation");
        "patch": One(Operation), Modelled("an operation");
        "options": One(Operation), Refused;
        "head": One(Operation), Refused;
        "trace": One(Operation), Refused;
        "summary": String, Documentation;
        "description": String, Documentation;
        "parameters": List(Parameter), Modelled("request fields");
        "servers": List(Server), Refused;
        "x-rust-name": String, Modelled("a pinned name");
    }
    /// An operation.
    Operation "an operation" ["responses"] {
        "operationId": String, Modelled("name of the operation");
        "tags": Strings, Modelled("the group it belongs to");
        "parameters": List(Parameter), Modelled("request fields");
        "requestBody": One(RequestBody), Modelled("request fields");
        "responses": Map(Response), Modelled("response type and error codes");
        "deprecated": Bool, Modelled("deprecation");
        "summary": String, Documentation;
        "description": String, Documentation;
        "externalDocs": One(ExternalDocs), Documentation;
        "callbacks": Any, Refused;
        "security": Any, Ignored(SIGNED);
        "servers": List(Server), Refused;
        "x-accepts": String, Ignored("repeats the response's media type");
        "x-content-type": String, Ignored("repeats the request's media type");
        "x-alipay-idempotency-key": String, Modelled("whether a repeat is safe");
        "x-alipay-safety": String, Modelled("whether a repeat is safe");
        "x-alipay-completed-by": String, Modelled("the message that says it is done");
        "x-alipay-status": Strings, Modelled("the method `status` of its response");
        "x-alipay-waiters": Map(Waiter), Modelled("methods that wait");
        "x-alipay-removed-in": String, Modelled("deprecation");
        "x-alipay-limits": Strings, Modelled("rules");
        "x-rust-name": String, Modelled("a pinned name");
    }
    /// What can be waited for.
    Waiter "a waiter" ["success"] {
        "description": String, Documentation;
        "success": List(WaiterSuccess), Modelled("when a wait ends");
        "failure": List(WaiterFailure), Modelled("how a wait fails");
        "message": String, Modelled("the message that ends a wait");
        "about": String, Modelled("which message is meant");
    }
    /// An entry of `success` of a waiter.
    WaiterSuccess "an entry of `success`" ["is"] {
        "at": Strings, Modelled("the fields that are looked at");
        "is": Strings, Modelled("their values");
    }
    /// An entry of `failure` of a waiter.
    WaiterFailure "an entry of `failure`" ["as", "is"] {
        "as": String, Modelled("name of a variant");
        "at": Strings, Modelled("the fields that are looked at");
        "is": Strings, Modelled("their values");
        "reason": String, Modelled("the field that says why");
        "description": String, Documentation;
    }
    /// A parameter.
    Parameter "a parameter" ["name", "in", "schema|content"] {
        "$ref": String, Modelled("a shared parameter");
        "name": String, Modelled("wire name");
        "in": OneOf(&["query", "path", "header", "cookie"]), Modelled("where it travels");
        "required": Bool, Modelled("whether it must be given");
        "schema": One(Schema), Modelled("its type");
        "deprecated": Bool, Modelled("deprecation");
        "description": String, Documentation;
        "example": Any, Modelled("example");
        "examples": Any, Ignored("documentation shows one `example`");
        "content": Any, Refused;
        "style": String, Modelled("how a list stands in the query");
        "explode": Bool, Modelled("how a list stands in the query");
        "allowReserved": Bool, Refused;
        "allowEmptyValue": Bool, Ignored("an absent parameter says the same");
        "x-extensible-enum": Strings, Modelled("known values");
        "x-enum-descriptions": StringMap, Modelled("meaning of known values");
        "x-alipay-unit": String, Modelled("unit");
        "x-alipay-minimum": String, Modelled("lower bound");
        "x-alipay-maximum": String, Modelled("upper bound");
        "x-alipay-limits": Strings, Modelled("rules");
        "x-alipay-required": String, Modelled("when it is required");
        "x-alipay-sensitive": Bool, Modelled("redaction");
        "x-alipay-legacy": Any, Modelled("old-style twin");
        "x-alipay-removed-in": String, Modelled("deprecation");
        "x-rust-name": String, Modelled("a pinned name");
    }
    /// A request body.
    RequestBody "a request body" ["content"] {
        "$ref": String, Modelled("a shared body");
        "content": Map(MediaType), Modelled("request fields");
        "required": Bool, Ignored("a body is sent whenever the operation has one");
        "description": String, Documentation;
        "x-alipay-removed-in": String, Modelled("deprecation");
    }
    /// What stands under one media type.
    MediaType "a media type" [] {
        "schema": One(Schema), Modelled("fields");
        "encoding": Map(Encoding), Modelled("which parts are files");
        "example": Any, Modelled("example");
        "examples": Any, Ignored("documentation shows one `example`");
    }
    /// How one part of a body travels.
    Encoding "an encoding" [] {
        "contentType": String, Modelled("media type of the part");
        "style": OneOf(&["form"]), Ignored("says what holds anyway");
        "headers": Any, Refused;
        "explode": Bool, Ignored("of forms only, which are refused");
        "allowReserved": Bool, Ignored("of forms only, which are refused");
    }
    /// A response.
    Response "a response" ["description"] {
        "$ref": String, Modelled("a shared response");
        "description": String, Documentation;
        "content": Map(MediaType), Modelled("response fields");
        "headers": Any, Ignored("all headers of a response can be read");
        "links": Any, Ignored("says what may be called next, not what is returned");
    }
    /// `components`.
    Components "`components`" [] {
        "schemas": Map(Schema), Modelled("types");
        "parameters": Map(Parameter), Modelled("shared parameters");
        "requestBodies": Map(RequestBody), Modelled("shared bodies");
        "responses": Map(Response), Modelled("shared responses");
        "examples": Any, Ignored(REACHED);
        "headers": Any, Ignored(REACHED);
        "securitySchemes": Any, Ignored(SIGNED);
        "links": Any, Ignored(REACHED);
        "callbacks": Any, Ignored(REACHED);
    }
    /// A schema.
    Schema "a schema" [] {
        "$ref": String, Modelled("another type");
        "type": OneOf(TYPES), Modelled("type");
        "format": String, Modelled("type");
        "properties": Map(Schema), Modelled("fields");
        "required": Strings, Modelled("required fields");
        "items": One(Schema), Modelled("type of the items");
        "enum": Values, Modelled("known values");
        "anyOf": List(Schema), Modelled("error bodies");
        "allOf": List(Schema), Modelled("fields, or annotations beside a reference");
        "example": Any, Modelled("example");
        "deprecated": Bool, Modelled("deprecation");
        "title": String, Documentation;
        "description": String, Documentation;
        "externalDocs": One(ExternalDocs), Documentation;
        "minLength": Count, Modelled("a bound");
        "maxLength": Count, Modelled("a bound");
        "minimum": Number, Modelled("a bound");
        "maximum": Number, Modelled("a bound");
        "minItems": Count, Modelled("a bound");
        "maxItems": Count, Modelled("a bound");
        "oneOf": List(Schema), Refused;
        "not": One(Schema), Refused;
        "discriminator": One(Discriminator), Refused;
        "additionalProperties": BoolOr(Schema), Modelled("type of the values of a map");
        "nullable": Bool, Modelled("whether it may be null");
        "readOnly": Bool, Modelled("never required of a caller");
        "writeOnly": Bool, Modelled("a rule");
        "default": Any, Modelled("default");
        "pattern": String, Modelled("a rule");
        "multipleOf": Number, Modelled("a rule");
        "exclusiveMinimum": Bool, Modelled("a bound");
        "exclusiveMaximum": Bool, Modelled("a bound");
        "uniqueItems": Bool, Modelled("a rule");
        "minProperties": Count, Modelled("a bound");
        "maxProperties": Count, Modelled("a bound");
        "xml": Any, Refused;
        "x-extensible-enum": Strings, Modelled("known values");
        "x-enum-descriptions": StringMap, Modelled("meaning of known values");
        "x-error-codes": Map(ErrorCode), Modelled("meaning of error codes");
        "x-alipay-json-text": One(Schema), Modelled("type of the JSON the string holds");
        "x-alipay-unit": String, Modelled("unit");
        "x-alipay-minimum": String, Modelled("lower bound");
        "x-alipay-maximum": String, Modelled("upper bound");
        "x-alipay-limits": Strings, Modelled("rules");
        "x-alipay-required": String, Modelled("when it is required");
        "x-alipay-sensitive": Bool, Modelled("redaction");
        "x-alipay-legacy": Any, Modelled("old-style twin");
        "x-alipay-removed-in": String, Modelled("deprecation");
        "x-alipay-removed-values": StringMap, Modelled("deprecation of known values");
        "x-rust-name": String, Modelled("a pinned name");
        "x-enum-names": StringMap, Modelled("pinned names of known values");
        "x-rust-module": String, Modelled("the file a type goes to");
    }
    /// What tells the alternatives of a schema apart.
    Discriminator "a discriminator" ["propertyName"] {
        "propertyName": String, Refused;
        "mapping": StringMap, Refused;
    }
    /// What is known of one error code.
    ErrorCode "an entry of `x-error-codes`" [] {
        "meaning": String, Documentation;
        "action": String, Documentation;
        "retry": OneOf(&["same-request", "later", "never"]), Modelled("whether a repeat can help");
    }
}

impl ObjectKind {
    /// The row of `key`.
    pub(crate) fn row(self, key: &str) -> Option<&'static Row> {
        self.rows().iter().find(|row| row.key == key)
    }

    /// Whether a `$ref` may stand in its place.
    pub(crate) fn referable(self) -> bool {
        self.row("$ref").is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::ObjectKind;

    #[test]
    fn no_kind_lists_a_key_twice_and_required_keys_are_listed() {
        for kind in ObjectKind::ALL {
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
