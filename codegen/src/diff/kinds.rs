//! The kinds of change, and how each is rated.
//!
//! A rating depends on the kind and on the side that the item travels on, on nothing else. `docs/diff.md` says in
//! words what each kind is.

use super::change::{
    Kind,
    Rating::{Additive, Breaking, Documentation, Risky},
};

/// Each kind has its name, and its ratings where callers send the item and where Alipay sends it.
macro_rules! kinds {
    ($($constant:ident $name:literal $request:ident $response:ident;)*) => {
        $(pub(super) const $constant: Kind =
            Kind { name: $name, request: $request, response: $response };)*

        /// All kinds of change.
        pub const KINDS: &[Kind] = &[$($constant),*];
    };
}

kinds! {
    GROUP_ADDED "group-added" Additive Additive;
    GROUP_REMOVED "group-removed" Breaking Breaking;
    RUST_NAME_CHANGED "rust-name-changed" Breaking Breaking;
    DOCUMENTATION "documentation" Documentation Documentation;
    RESTORED "restored" Documentation Documentation;

    OPERATION_ADDED "operation-added" Additive Additive;
    OPERATION_REMOVED "operation-removed" Breaking Breaking;
    OPERATION_RENAMED "operation-renamed" Breaking Breaking;
    OPERATION_DEPRECATED "operation-deprecated" Additive Additive;
    OPERATION_MOVED "operation-moved" Breaking Breaking;
    BODY_CHANGED "body-changed" Breaking Breaking;
    BODY_ADDED "body-added" Risky Risky;
    IDEMPOTENCY_GAINED "idempotency-gained" Additive Additive;
    IDEMPOTENCY_LOST "idempotency-lost" Breaking Breaking;
    READ_ONLY_GAINED "read-only-gained" Additive Additive;
    READ_ONLY_LOST "read-only-lost" Breaking Breaking;
    SAFETY_STATED "safety-stated" Documentation Documentation;
    COMPLETION_CHANGED "completion-changed" Breaking Breaking;
    NO_CONTENT_GAINED "no-content-gained" Additive Additive;
    NO_CONTENT_LOST "no-content-lost" Breaking Breaking;

    TYPE_ADDED "type-added" Additive Additive;
    TYPE_REMOVED "type-removed" Breaking Breaking;
    TYPE_RENAMED "type-renamed" Breaking Breaking;
    SCHEMA_RENAMED "schema-renamed" Documentation Documentation;
    NOW_SENT "now-sent" Additive Additive;
    NO_LONGER_SENT "no-longer-sent" Breaking Breaking;
    CONSTRUCTOR_ORDER "constructor-order" Breaking Breaking;

    FIELD_ADDED "field-added" Additive Additive;
    REQUIRED_FIELD_ADDED "required-field-added" Breaking Breaking;
    FIELD_REMOVED "field-removed" Breaking Breaking;
    FIELD_RENAMED "field-renamed" Breaking Breaking;
    FIELD_DEPRECATED "field-deprecated" Additive Additive;
    TYPE_CHANGED "type-changed" Breaking Breaking;
    PLACE_CHANGED "place-changed" Breaking Breaking;
    LIST_STYLE_CHANGED "list-style-changed" Breaking Breaking;
    UNIT_CHANGED "unit-changed" Breaking Breaking;
    NOW_REQUIRED "now-required" Breaking Breaking;
    NO_LONGER_REQUIRED "no-longer-required" Breaking Breaking;
    LIMIT_TIGHTENED "limit-tightened" Risky Documentation;
    LIMIT_WIDENED "limit-widened" Documentation Risky;
    DEFAULT_CHANGED "default-changed" Risky Risky;
    REDACTION_GAINED "redaction-gained" Documentation Documentation;
    REDACTION_LOST "redaction-lost" Breaking Breaking;

    ENUM_ADDED "enum-added" Additive Additive;
    ENUM_REMOVED "enum-removed" Breaking Breaking;
    ENUM_RENAMED "enum-renamed" Breaking Breaking;
    VALUE_ADDED "value-added" Additive Additive;
    VALUE_REMOVED "value-removed" Breaking Breaking;
    VALUE_RENAMED "value-renamed" Breaking Breaking;
    VALUE_DEPRECATED "value-deprecated" Risky Additive;

    CODES_ADDED "codes-added" Additive Additive;
    CODES_REMOVED "codes-removed" Breaking Breaking;
    CODE_ADDED "code-added" Additive Additive;
    CODE_REMOVED "code-removed" Breaking Breaking;
    CODE_RENAMED "code-renamed" Breaking Breaking;
    CODE_DEPRECATED "code-deprecated" Additive Additive;
    CODE_OUTCOME_STATED "code-outcome-stated" Risky Risky;
    CODE_OUTCOME_CHANGED "code-outcome-changed" Breaking Breaking;

    MESSAGE_ADDED "message-added" Additive Additive;
    MESSAGE_REMOVED "message-removed" Breaking Breaking;
}
