//! What all parts of the lowering share: the document, the findings, and the types found so far.

use std::collections::{BTreeMap, BTreeSet};

use openapiv3::{ReferenceOr, Schema, SchemaKind};

use super::cycles;
use crate::{
    diag::{Diagnostic, Sink},
    document::Document,
    ir::{CodeSet, Confidence, OpenEnum, Role, Struct, Ty, TypeId},
    pointer::Pointer,
};

/// The state of one lowering.
pub(super) struct Lowering<'a> {
    pub(super) document: &'a Document,
    sink: &'a mut Sink,
    /// Shared types that were asked for and are not lowered yet, by schema name.
    pub(super) wanted: Vec<String>,
    /// Shared types asked for so far.
    pub(super) seen: BTreeSet<String>,
    /// Everything lowered so far.
    pub(super) structs: Vec<Struct>,
    pub(super) enums: Vec<OpenEnum>,
    /// Where in [`enums`](Self::enums) a name is.
    pub(super) enum_by_name: BTreeMap<String, usize>,
    pub(super) common_codes: Option<CodeSet>,
    /// The components that are not objects and are being followed.
    pub(super) following: Vec<Pointer>,
    /// How often each component schema is the body of an operation or referred to by a property.
    uses: BTreeMap<&'a str, usize>,
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
            wanted: Vec::new(),
            seen: BTreeSet::new(),
            structs: Vec::new(),
            enums: Vec::new(),
            enum_by_name: BTreeMap::new(),
            common_codes: None,
            following: Vec::new(),
            uses: count_uses(document),
        }
    }

    /// Notes an error at a pointer.
    pub(super) fn error(
        &mut self,
        code: &'static str,
        pointer: &Pointer,
        message: String,
        hint: &str,
    ) {
        let mut finding =
            Diagnostic::error(code, message).at(self.document.locate(pointer)).pointer(pointer);
        if !hint.is_empty() {
            finding = finding.hint(hint);
        }
        self.sink.push(finding);
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

    /// Follows a reference to a component schema.
    pub(super) fn resolve(
        &mut self,
        schema: &'a ReferenceOr<Schema>,
        pointer: &Pointer,
    ) -> Option<Resolved<'a>> {
        match schema {
            ReferenceOr::Item(schema) => {
                Some(Resolved { schema, pointer: pointer.clone(), name: None })
            }
            ReferenceOr::Reference { reference } => self.component(reference, pointer),
        }
    }

    /// The component schema a reference names.
    pub(super) fn component(&mut self, reference: &'a str, from: &Pointer) -> Option<Resolved<'a>> {
        let at = from.join("$ref");
        let Some(name) = reference.strip_prefix("#/components/schemas/") else {
            let message = if reference.starts_with('#') {
                format!("`{reference}` is not a reference to a schema")
            } else {
                format!("`{reference}` refers to another document")
            };
            self.error(
                "unresolved-ref",
                &at,
                message,
                "references must be of the form `#/components/schemas/Name`",
            );
            return None;
        };
        let components = self.document.model.components.as_ref();
        let found = components.and_then(|components| components.schemas.get_key_value(name));
        match found {
            Some((name, ReferenceOr::Item(schema))) => {
                let pointer = Pointer::parse("/components/schemas").join(name);
                Some(Resolved { schema, pointer, name: Some(name) })
            }
            Some((_, ReferenceOr::Reference { .. })) => {
                self.unsupported(
                    &at,
                    "a reference to a component that is itself a reference",
                    "refer to the last one directly",
                );
                None
            }
            None => {
                let hint = components
                    .and_then(|components| {
                        crate::nearest::nearest(name, components.schemas.keys().map(String::as_str))
                    })
                    .map_or_else(String::new, |near| format!("did you mean `{near}`?"));
                self.error("unresolved-ref", &at, format!("there is no schema `{name}`"), &hint);
                None
            }
        }
    }

    /// Whether a component schema has only one user, so that it can be merged into it.
    pub(super) fn used_once(&self, name: &str) -> bool {
        self.uses.get(name).is_none_or(|uses| *uses <= 1)
    }

    /// Lowers the shared types that are still wanted, settles what each is for, and gives everything.
    pub(super) fn finish(mut self) -> (Vec<Struct>, Vec<OpenEnum>) {
        while let Some(name) = self.wanted.pop() {
            self.shared_struct(&name);
        }
        let mut structs = std::mem::take(&mut self.structs);
        let order = component_order(self.document);
        // The sort is stable: requests, answers and messages were lowered in the right order.
        structs.sort_by_key(|item| match item.role {
            Role::Request(_) | Role::Response(_) => (0, None),
            Role::Shared { .. } => (1, order.get(item.id.as_str()).copied()),
            Role::Message(_) => (2, None),
        });
        settle_directions(&mut structs);
        cycles::box_cycles(&mut structs);
        for item in &mut structs {
            self.settle_presence(item);
        }
        (structs, self.enums)
    }
}

/// The place of each component schema in the description.
fn component_order(document: &Document) -> BTreeMap<String, usize> {
    let schemas = document.model.components.iter().flat_map(|components| components.schemas.keys());
    let root = Pointer::parse("/components/schemas");
    schemas.enumerate().map(|(index, name)| (root.join(name).as_str().to_owned(), index)).collect()
}

/// Marks every shared type with the directions it travels in.
fn settle_directions(structs: &mut [Struct]) {
    let index: BTreeMap<TypeId, usize> =
        structs.iter().enumerate().map(|(index, item)| (item.id.clone(), index)).collect();
    let reach = |start: &dyn Fn(&Role) -> bool| {
        let mut reached = vec![false; structs.len()];
        let mut open: Vec<usize> = (0..structs.len())
            .filter(|&i| structs.get(i).is_some_and(|item| start(&item.role)))
            .collect();
        while let Some(at) = open.pop() {
            let Some(flag) = reached.get_mut(at) else { continue };
            if std::mem::replace(flag, true) {
                continue;
            }
            let fields = structs.get(at).map(|item| item.fields.as_slice()).unwrap_or_default();
            open.extend(
                fields
                    .iter()
                    .filter_map(|field| struct_of(&field.ty))
                    .filter_map(|id| index.get(id)),
            );
        }
        reached
    };
    let requests = reach(&|role| matches!(role, Role::Request(_)));
    let responses = reach(&|role| matches!(role, Role::Response(_) | Role::Message(_)));
    for ((item, request), response) in structs.iter_mut().zip(requests).zip(responses) {
        if let Role::Shared { in_request, in_response } = &mut item.role {
            (*in_request, *in_response) = (request, response);
        }
    }
}

/// The struct a type leads to.
pub(super) fn struct_of(ty: &Ty) -> Option<&TypeId> {
    match ty {
        Ty::Struct { id, .. } => Some(id),
        Ty::List(inner) | Ty::JsonText(inner) => struct_of(inner),
        _ => None,
    }
}

/// Counts the references to each component schema in the whole document.
fn count_uses(document: &Document) -> BTreeMap<&str, usize> {
    fn references<'a>(schema: &'a ReferenceOr<Schema>, uses: &mut BTreeMap<&'a str, usize>) {
        match schema {
            ReferenceOr::Reference { reference } => count(reference, uses),
            ReferenceOr::Item(schema) => inner(schema, uses),
        }
    }
    fn count<'a>(reference: &'a str, uses: &mut BTreeMap<&'a str, usize>) {
        if let Some(name) = reference.strip_prefix("#/components/schemas/") {
            *uses.entry(name).or_default() += 1;
        }
    }
    fn boxed<'a>(schema: &'a ReferenceOr<Box<Schema>>, uses: &mut BTreeMap<&'a str, usize>) {
        match schema {
            ReferenceOr::Reference { reference } => count(reference, uses),
            ReferenceOr::Item(schema) => inner(schema, uses),
        }
    }
    fn inner<'a>(schema: &'a Schema, uses: &mut BTreeMap<&'a str, usize>) {
        match &schema.schema_kind {
            SchemaKind::Type(openapiv3::Type::Object(object)) => {
                for property in object.properties.values() {
                    boxed(property, uses);
                }
            }
            SchemaKind::Type(openapiv3::Type::Array(array)) => {
                if let Some(items) = &array.items {
                    boxed(items, uses);
                }
            }
            SchemaKind::OneOf { one_of: arms }
            | SchemaKind::AllOf { all_of: arms }
            | SchemaKind::AnyOf { any_of: arms } => {
                for arm in arms {
                    references(arm, uses);
                }
            }
            _ => {}
        }
    }
    let mut uses = BTreeMap::new();
    let model = &document.model;
    for schema in model.components.iter().flat_map(|components| components.schemas.values()) {
        references(schema, &mut uses);
    }
    for (_, _, operation) in model.operations() {
        let bodies = operation
            .request_body
            .iter()
            .filter_map(ReferenceOr::as_item)
            .map(|body| &body.content);
        let answers = operation.responses.responses.values().chain(&operation.responses.default);
        let answers = answers.filter_map(ReferenceOr::as_item).map(|answer| &answer.content);
        for media in bodies.chain(answers).flat_map(|content| content.values()) {
            if let Some(schema) = &media.schema {
                references(schema, &mut uses);
            }
        }
    }
    uses
}
