//! The kinds of finding, by their stable names.

/// Every diagnostic code with one line on what it means.
pub const CODES: &[(&str, &str)] = &[
    // Reading a file.
    ("syntax", "the file is neither YAML nor JSON"),
    ("empty-file", "there is nothing in the file"),
    ("several-documents", "the file holds more than one YAML document"),
    ("not-a-mapping", "the file holds a list or a single value"),
    (
        "duplicate-key",
        "a key stands twice in the same mapping; readers would silently take the last",
    ),
    ("merge-key", "YAML's `<<` is used, which OpenAPI does not have"),
    ("yaml-tag", "a YAML tag such as `!!str` is used"),
    ("yaml-key", "a list, mapping or alias is used as a key"),
    ("yaml-alias", "an alias refers to a value that contains it"),
    ("too-deep", "values are nested deeper than any description needs"),
    (
        "too-large",
        "a file or an object holds more than any description, once all of it is written out",
    ),
    ("ambiguous-yaml", "readers of YAML 1.1 and 1.2 see different values"),
    ("not-a-description", "there is no `openapi` key"),
    ("swagger", "the description is of Swagger, the format before OpenAPI 3.0"),
    ("openapi-version", "the description is of an OpenAPI version other than 3.0"),
    // Auditing a description.
    ("unknown-key", "a key that OpenAPI does not know at its place, as a rule a misspelt one"),
    ("unknown-shape", "an extension key that the generator does not know at its place"),
    ("unknown-type", "a schema type that OpenAPI does not know"),
    ("unknown-value", "a value that is not among those allowed"),
    ("wrong-type", "a value of the wrong type, for example a string where a number is needed"),
    ("missing-key", "a key that must be there is not"),
    ("ref-sibling", "a key beside a `$ref`, which readers of OpenAPI 3.0 drop"),
    ("required-unknown", "`required` names a property that the schema does not have"),
    ("not-openapi", "keys that are fine one by one but not together"),
    ("lost-value", "a value that OpenAPI gives no meaning at its place"),
    // Applying an overlay.
    ("not-an-overlay", "there is no `overlay` key"),
    ("overlay-version", "the overlay is of a version other than 1.0"),
    ("overlay-structure", "the overlay is not written as spec/README.md says"),
    ("unknown-action-key", "an action has a key that actions do not have"),
    ("missing-evidence", "an action does not say how sure it is, or where that is known from"),
    ("unknown-confidence", "`x-confidence` is not one of its four words"),
    ("update-not-object", "an action's `update` is not a mapping"),
    ("invalid-target", "an action's target is not a JSONPath"),
    ("unmatched-target", "an action's target selects nothing"),
    ("target-not-object", "an update's target selects something else than an object"),
    ("stale-expectation", "the base is not what the action expects it to be"),
    (
        "unexpected-addition",
        "an update makes a new property, schema, path or operation without `x-adds: true`",
    ),
    (
        "conflicting-actions",
        "an action changes what an earlier one set, without `x-overrides: true`",
    ),
    ("no-effect", "an action changes nothing: the base says so already"),
    ("obliges-nobody", "an action says `x-obliges`, but makes nothing required by inference"),
    ("already-in-base", "a part of an action changes nothing: the base says so already"),
    ("other-base", "the overlay's `extends` names another description"),
    // Importing.
    ("unknown-tag", "no operation has the tag asked for"),
    ("older-description", "the description is older than the base that it replaces"),
    (
        "bad-removal",
        "the record of what Alipay has dropped is not written as the generator writes it",
    ),
    ("stale-removal", "a piece that Alipay had dropped is back, or has no place any more"),
    ("refines-retained", "an action refines only what Alipay has dropped; perhaps it was renamed"),
    // Inferring.
    (
        "unknown-required",
        "a row of the table of required fields names what the description does not have",
    ),
    ("imprecise-rule", "too many examples do not fit what a rule infers, so that it is left out"),
    // Comparing.
    ("no-fingerprints", "the base says nothing of Alipay's texts, so they cannot be compared"),
    ("bad-acceptance", "a line of the list of accepted changes is not a fingerprint and a reason"),
    ("stale-acceptance", "a change was accepted that is not there (any more)"),
    // Lowering.
    ("unresolved-ref", "a `$ref` leads nowhere, or out of the document"),
    ("duplicate-operation-id", "two operations have the same operationId"),
    ("duplicate-parameter", "two parameters in one list have the same name and place"),
    ("operation-identity", "an operationId is not the operation's only tag and a verb"),
    ("unsupported-construct", "OpenAPI allows it, but the generator cannot say it in Rust"),
    ("unsupported-format", "a format that is misspelt, or not of the type it stands beside"),
    ("unknown-format", "a format that is nothing to the generator: the type stays what it is"),
    ("reference-cycle", "a `$ref` or an `allOf` leads back to itself"),
    ("all-of-conflict", "two parts of an `allOf` describe the same property differently"),
    ("reserved-header", "a parameter would be one of the protocol's headers, or is no header"),
    ("unused-media-type", "a media type that is not used, since there is JSON beside it"),
    ("impossible-path", "a path cannot be sent as it is written"),
    ("path-parameter", "the path template and the declared path parameters differ"),
    ("malformed-extension", "an `x-` key does not hold what the vocabulary says"),
    (
        "unknown-enum-value",
        "a meaning or a name is given for a value that is not listed, or a waiter looks for it",
    ),
    ("duplicate-value", "a value or a code is listed twice"),
    ("enum-conflict", "two enums of one name have different values"),
    (
        "inferred-requirement",
        "a field is made required by inference only, without `x-obliges: true`",
    ),
    ("nothing-left", "all operations would be left out, since none can be generated"),
    ("unknown-idempotency-key", "the idempotency key is not a field of the request"),
    ("unknown-field", "a status or a waiter names a field that is not there"),
    ("unknown-message", "a waiter names a message that the description does not have"),
    // Naming and emitting.
    ("no-operations", "the description has no operation, or the overlay removes all"),
    ("bad-name", "no Rust name can be made of a name"),
    ("reserved-name", "a name is one that generated code uses itself"),
    ("tag-outside-prefix", "a tag does not begin with the prefix of its crate"),
    ("name-collision", "two items of one scope would have the same Rust name"),
    ("renamed-item", "a public item would get another Rust name than `names.lock` says"),
    ("bad-lock", "`names.lock` is not written as the generator writes it"),
    (
        "unsupported-file-part",
        "a file outside an upload, or a part of an upload that is neither file nor `data`",
    ),
    ("missing-re-export", "a crate that re-exports another would lose a public item"),
    ("missing-type", "the generator lost a type; a fault of its own"),
    ("missing-field", "the generator lost a field; a fault of its own"),
    ("missing-operation", "the generator lost an operation; a fault of its own"),
    ("unprintable", "the generator made something that is not Rust; a fault of its own"),
    // Linting.
    ("money-not-decimal", "an amount of money is any string"),
    ("money-without-unit", "an amount of money is a number of unknown unit"),
    ("personal-not-marked", "the label of a field speaks of personal data, but it is not redacted"),
    ("time-without-format", "a time is any string"),
    ("undocumented", "something public has no description"),
    ("example-misfit", "an example is not a value of its field's type"),
    ("default-misfit", "a default is not a value of its field's type"),
    ("unexplained-value", "a value of an enum has no meaning"),
];

/// What a code means, in one line.
#[must_use]
pub fn explain(code: &str) -> Option<&'static str> {
    CODES.iter().find(|(known, _)| *known == code).map(|(_, text)| *text)
}
