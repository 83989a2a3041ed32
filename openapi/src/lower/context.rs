//! What all parts of the lowering share: the document, the findings, and the types found so far.

use std::{
    borrow::Borrow,
    collections::{BTreeMap, BTreeSet},
};

use indexmap::IndexMap;
use openapiv3::{Components, ReferenceOr, Schema};
use serde_json::Value;

use crate::{
    diag::{Diagnostic, Sink, did_you_mean_or},
    import::operations,
    ir::{CodeSet, Confidence, OpenEnum, Struct, TypeId},
    overlay::Document,
    pointer::{Pointer, component, each_reference, schema_name, target},
};

/// Where component schemas stand.
pub(super) const COMPONENTS: &str = "/components/schemas";

/// The most references that are followed in a row, and the most components without an object between
/// them.
pub(super) const MANY_LINKS: usize = 16;

/// The state of one lowering.
pub(super) struct Lowering<'a> {
    pub(super) document: &'a Document,
    sink: &'a mut Sink,
    /// What was noted: a schema that several fields refer to is looked at for each of them.
    noted: BTreeSet<(Pointer, String)>,
    /// Shared types that were asked for and are not lowered yet, by schema name.
    pub(super) wanted: Vec<String>,
    /// Shared types asked for so far.
    pub(super) seen: BTreeSet<String>,
    /// Everything lowered so far.
    pub(super) structs: Vec<Struct>,
    /// The enums, and who gives each its name.
    pub(super) enums: Vec<(OpenEnum, NamedBy)>,
    pub(super) common_codes: Option<CodeSet>,
    /// The error of which they are the codes.
    pub(super) common_error: Option<Pointer>,
    /// The components that are not objects and are being followed.
    pub(super) following: Vec<Pointer>,
    /// Formats that are nothing to the generator, by type: where they stand.
    pub(super) foreign_formats: BTreeMap<(&'static str, String), BTreeSet<Pointer>>,
    /// Where the fields of shared types are said to be required, by their wire names.
    pub(super) required_at: BTreeMap<TypeId, BTreeMap<String, Pointer>>,
    /// The actions of the overlay by which fields are required that are only inferred to be so.
    pub(super) obliged: BTreeSet<usize>,
    /// Whether a parameter of the operation at hand was refused.
    pub(super) parameter_refused: bool,
    /// How often each component schema is the body of an operation or referred to by a property.
    uses: BTreeMap<&'a str, usize>,
}

/// Who gives an enum its name.
pub(super) enum NamedBy {
    Overlay,
    Component,
    /// Fields: where they are, and the names they make together with the structs around them.
    Fields(Vec<(Pointer, String)>),
}

/// A schema with its place, after references have been followed.
#[derive(Clone)]
pub(super) struct Resolved<'a> {
    pub(super) schema: &'a Schema,
    pub(super) pointer: Pointer,
    /// The component's name, when it is one.
    pub(super) name: Option<&'a str>,
}

impl<'a> Lowering<'a> {
    pub(super) fn new(document: &'a Document, sink: &'a mut Sink) -> Self {
        Self {
            document,
            sink,
            noted: BTreeSet::new(),
            wanted: Vec::new(),
            seen: BTreeSet::new(),
            structs: Vec::new(),
            enums: Vec::new(),
            common_codes: None,
            common_error: None,
            following: Vec::new(),
            foreign_formats: BTreeMap::new(),
            required_at: BTreeMap::new(),
            obliged: BTreeSet::new(),
            parameter_refused: false,
            uses: count_uses(document),
        }
    }

    /// Notes an error at a pointer.
    pub(super) fn error(
        &mut self,
        code: &'static str,
        pointer: &Pointer,
        message: impl Into<String>,
        hint: &str,
    ) {
        self.push(Diagnostic::error(code, message).hint(hint), pointer);
    }

    /// Notes what is worth a look.
    pub(super) fn warn(
        &mut self,
        code: &'static str,
        pointer: &Pointer,
        message: String,
        hint: &str,
    ) {
        self.push(Diagnostic::warning(code, message).hint(hint), pointer);
    }

    fn push(&mut self, finding: Diagnostic, pointer: &Pointer) {
        if self.noted.insert((pointer.clone(), finding.message.clone())) {
            self.sink.push(finding.at(self.document.locate(pointer)).pointer(pointer));
        }
    }

    /// Notes a finding that has its place.
    pub(super) fn found(&mut self, finding: Diagnostic) {
        self.sink.push(finding);
    }

    pub(super) fn has_errors(&self) -> bool {
        self.sink.has_errors()
    }

    /// Notes something OpenAPI allows and the IR cannot say.
    pub(super) fn unsupported(&mut self, pointer: &Pointer, what: &str, hint: &str) {
        self.error("unsupported-construct", pointer, format!("{what} cannot be generated"), hint);
    }

    /// How sure the value at a pointer is; what the base says is documented.
    pub(super) fn confidence(&self, pointer: &Pointer) -> Confidence {
        self.document
            .evidence(pointer)
            .map_or(Confidence::Documented, |evidence| evidence.confidence)
    }

    /// What stands at a place, after references have been followed: with its pointer and, when it is a
    /// component, its name.
    pub(super) fn resolve_any<T>(
        &mut self,
        section: impl Fn(&'a Components) -> &'a IndexMap<String, ReferenceOr<T>>,
        kind: &str,
        given: &'a ReferenceOr<T>,
        at: &Pointer,
    ) -> Option<(&'a T, Pointer, Option<&'a str>)> {
        match given {
            ReferenceOr::Item(item) => Some((item, at.clone(), None)),
            ReferenceOr::Reference { reference } => {
                let (name, item) = self.follow(section, kind, reference, at)?;
                Some((item, Pointer::parse("/components").join(kind).join(name), Some(name)))
            }
        }
    }

    /// The schema that stands at a place, after references have been followed.
    pub(super) fn resolve(
        &mut self,
        schema: &'a ReferenceOr<Schema>,
        at: &Pointer,
    ) -> Option<Resolved<'a>> {
        let (schema, pointer, name) =
            self.resolve_any(|components| &components.schemas, "schemas", schema, at)?;
        Some(Resolved { schema, pointer, name })
    }

    /// The component schema a reference names.
    pub(super) fn component(&mut self, reference: &'a str, from: &Pointer) -> Option<Resolved<'a>> {
        let section = |components: &'a Components| &components.schemas;
        let (name, schema) = self.follow(section, "schemas", reference, from)?;
        let pointer = Pointer::parse(COMPONENTS).join(name);
        Some(Resolved { schema, pointer, name: Some(name) })
    }

    /// The component schema of a name, which was referred to before.
    pub(super) fn component_named(&self, name: &str) -> Option<Resolved<'a>> {
        let components = self.document.model.components.as_ref()?;
        let (name, ReferenceOr::Item(schema)) = components.schemas.get_key_value(name)? else {
            return None;
        };
        let pointer = Pointer::parse(COMPONENTS).join(name);
        Some(Resolved { schema, pointer, name: Some(name) })
    }

    /// The schema a reference leads to, if it leads anywhere. Lowering the reference reports if it does not.
    pub(super) fn peek(&self, reference: &str) -> Option<&'a Schema> {
        self.peek_named(reference).map(|(_, schema)| schema)
    }

    /// The same, with the name of the component.
    pub(super) fn peek_named(&self, reference: &str) -> Option<(&'a str, &'a Schema)> {
        let schemas = &self.document.model.components.as_ref()?.schemas;
        let mut reference = reference;
        for _ in 0..=MANY_LINKS {
            match schemas.get_key_value(&schema_name(reference)?)? {
                (name, ReferenceOr::Item(schema)) => return Some((name, schema)),
                (_, ReferenceOr::Reference { reference: next }) => reference = next,
            }
        }
        None
    }

    /// The schema that stands somewhere, if the way there leads anywhere.
    pub(super) fn peek_at<S: Borrow<Schema>>(
        &self,
        given: &'a ReferenceOr<S>,
    ) -> Option<&'a Schema> {
        match given {
            ReferenceOr::Item(schema) => Some(schema.borrow()),
            ReferenceOr::Reference { reference } => self.peek(reference),
        }
    }

    /// Follows a reference to a component of any kind, and on where that is a reference itself. Gives
    /// the last name of the chain.
    fn follow<T>(
        &mut self,
        section: impl Fn(&'a Components) -> &'a IndexMap<String, ReferenceOr<T>>,
        kind: &str,
        reference: &'a str,
        from: &Pointer,
    ) -> Option<(&'a str, &'a T)> {
        let mut at = from.join("$ref");
        let mut reference = reference;
        let mut way: Vec<String> = Vec::new();
        loop {
            let prefix = format!("#/components/{kind}/");
            let name = component(reference).filter(|(section, _)| section == kind);
            let Some((_, name)) = name else {
                let (message, hint) = if reference.starts_with('#') {
                    let message = format!("`{reference}` is not a reference to one of the {kind}");
                    (message, format!("references must be of the form `{prefix}Name` here"))
                } else {
                    let message = format!("`{reference}` refers to another document");
                    let hint =
                        "bundle the documents into one first, for example with `redocly bundle`";
                    (message, hint.to_owned())
                };
                self.error("unresolved-ref", &at, message, &hint);
                return None;
            };
            if way.contains(&name) {
                let message = format!("`{reference}` leads back to itself");
                let hint = "one of the components has to be more than a reference";
                self.error("reference-cycle", &at, message, hint);
                return None;
            }
            if way.len() >= MANY_LINKS {
                let message =
                    format!("more than {MANY_LINKS} references lead on to one another here");
                let hint = "refer to what the last of them refers to";
                self.error("too-deep", &at, message, hint);
                return None;
            }
            let components = self.document.model.components.as_ref().map(&section);
            let found = components.and_then(|components| components.get_key_value(&name));
            match found {
                Some((name, ReferenceOr::Item(item))) => return Some((name, item)),
                Some((_, ReferenceOr::Reference { reference: next })) => {
                    at = Pointer::parse("/components").join(kind).join(&name).join("$ref");
                    reference = next;
                    way.push(name);
                }
                None => {
                    let names = || components.into_iter().flat_map(IndexMap::keys);
                    let as_written = reference.strip_prefix(&prefix);
                    let hint = if names().any(|name| Some(name.as_str()) == as_written) {
                        "a reference is a URI: a `%` in a name is `%25` there".to_owned()
                    } else {
                        did_you_mean_or(&name, names().map(String::as_str), || {
                            format!("add it to `components.{kind}`, or correct the name")
                        })
                    };
                    let message = format!("there is no `{name}` among the {kind}");
                    self.error("unresolved-ref", &at, message, &hint);
                    return None;
                }
            }
        }
    }

    /// Whether something refers to a component schema.
    pub(super) fn is_used(&self, name: &str) -> bool {
        self.uses.contains_key(name)
    }

    /// Whether a component schema has only one user, so that it can be merged into it.
    pub(super) fn used_once(&self, name: &str) -> bool {
        self.uses.get(name).is_none_or(|uses| *uses <= 1)
    }
}

/// Counts the references to each component schema: those of other schemas, and those of the bodies and
/// responses of operations.
fn count_uses<'a>(document: &'a Document) -> BTreeMap<&'a str, usize> {
    let mut uses = BTreeMap::new();
    let root = &document.value;
    let schemas = root.pointer(COMPONENTS);
    let mut count = |value: &'a Value| {
        each_reference(value, &mut |reference| {
            let name = schema_name(reference);
            let named = schemas.and_then(|all| all.as_object()?.get_key_value(&name?));
            if let Some((name, _)) = named {
                *uses.entry(name.as_str()).or_default() += 1;
            }
        });
    };
    schemas.into_iter().for_each(&mut count);
    for (_, _, operation) in operations(root) {
        let responses = operation.get("responses").and_then(Value::as_object);
        let responses = responses.into_iter().flat_map(|all| all.values());
        for given in operation.get("requestBody").into_iter().chain(responses) {
            // What is shared counts once for every operation that has it.
            let reference = given.get("$ref").and_then(Value::as_str);
            let shared = reference.and_then(|to| root.pointer(target(to)?.as_str()));
            shared.unwrap_or(given).get("content").into_iter().for_each(&mut count);
        }
    }
    uses
}
