//! What all parts of the lowering share: the document, the findings, and the types found so far.

use std::collections::{BTreeMap, BTreeSet};

use indexmap::IndexMap;
use openapiv3::{AdditionalProperties, Components, ReferenceOr, Schema, SchemaKind, Type};

use super::{cycles, enums};
use crate::{
    diag::{Diagnostic, Sink},
    ir::{CodeSet, Confidence, OpenEnum, Role, Struct, Ty, TypeId},
    overlay::Document,
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
    /// Whether a parameter of the operation at hand was refused.
    pub(super) parameter_refused: bool,
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
            parameter_refused: false,
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

    /// Notes what is worth a look.
    pub(super) fn warn(
        &mut self,
        code: &'static str,
        pointer: &Pointer,
        message: String,
        hint: &str,
    ) {
        let finding = Diagnostic::warning(code, message);
        let location = self.document.locate(pointer);
        self.sink.push(finding.at(location).pointer(pointer).hint(hint));
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
        let (name, schema) =
            self.follow(|components| &components.schemas, "schemas", reference, from)?;
        let pointer = Pointer::parse("/components/schemas").join(name);
        Some(Resolved { schema, pointer, name: Some(name) })
    }

    /// The component schema of a name, which was referred to before.
    pub(super) fn component_named(&self, name: &str) -> Option<Resolved<'a>> {
        let components = self.document.model.components.as_ref()?;
        let (name, ReferenceOr::Item(schema)) = components.schemas.get_key_value(name)? else {
            return None;
        };
        let pointer = Pointer::parse("/components/schemas").join(name);
        Some(Resolved { schema, pointer, name: Some(name) })
    }

    /// The schema a reference leads to, if it leads anywhere; whoever lowers it reports if not.
    pub(super) fn peek(&self, reference: &str) -> Option<&'a Schema> {
        let schemas = &self.document.model.components.as_ref()?.schemas;
        let mut reference = reference;
        // A chain that is longer than there are components leads in a circle.
        for _ in 0..=schemas.len() {
            match schemas.get(reference.strip_prefix("#/components/schemas/")?)? {
                ReferenceOr::Item(schema) => return Some(schema),
                ReferenceOr::Reference { reference: next } => reference = next,
            }
        }
        None
    }

    /// Follows a reference to a component of any kind, and on where that is a reference itself. Gives
    /// the last name of the chain.
    pub(super) fn follow<T>(
        &mut self,
        section: impl Fn(&'a Components) -> &'a IndexMap<String, ReferenceOr<T>>,
        kind: &str,
        reference: &'a str,
        from: &Pointer,
    ) -> Option<(&'a str, &'a T)> {
        let mut at = from.join("$ref");
        let mut reference = reference;
        let mut way: Vec<&str> = Vec::new();
        loop {
            let prefix = format!("#/components/{kind}/");
            let Some(name) = reference.strip_prefix(&prefix) else {
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
            way.push(name);
            let components = self.document.model.components.as_ref().map(&section);
            let found = components.and_then(|components| components.get_key_value(name));
            match found {
                Some((name, ReferenceOr::Item(item))) => return Some((name, item)),
                Some((_, ReferenceOr::Reference { reference: next })) => {
                    at = Pointer::parse("/components").join(kind).join(name).join("$ref");
                    reference = next;
                }
                None => {
                    let names = components.into_iter().flat_map(IndexMap::keys);
                    let hint = crate::diag::did_you_mean(name, names.map(String::as_str))
                        .map_or_else(
                            || format!("add it to `components.{kind}`, or correct the name"),
                            |near| format!("did you mean `{near}`?"),
                        );
                    let message = format!("there is no `{name}` among the {kind}");
                    self.error("unresolved-ref", &at, message, &hint);
                    return None;
                }
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
            Role::Shared { .. } => (1, place_in(&order, &item.id)),
            Role::Message(_) => (2, None),
        });
        settle_directions(&mut structs);
        cycles::box_cycles(&mut structs);
        for item in &mut structs {
            self.settle_presence(item);
        }
        enums::describe(&mut self.enums, &structs);
        (structs, self.enums)
    }
}

/// The place of each component schema in the description.
fn component_order(document: &Document) -> BTreeMap<String, usize> {
    let schemas = document.model.components.iter().flat_map(|components| components.schemas.keys());
    let root = Pointer::parse("/components/schemas");
    schemas.enumerate().map(|(index, name)| (root.join(name).as_str().to_owned(), index)).collect()
}

/// The place of a shared type: that of the component it is, or is a part of.
fn place_in(order: &BTreeMap<String, usize>, id: &Pointer) -> Option<usize> {
    let component: String = id.as_str().split_inclusive('/').take(4).collect();
    order.get(component.trim_end_matches('/')).copied()
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
    if let Ty::Struct { id, .. } = ty.innermost() { Some(id) } else { None }
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
    fn free<'a>(values: Option<&'a AdditionalProperties>, uses: &mut BTreeMap<&'a str, usize>) {
        if let Some(AdditionalProperties::Schema(values)) = values {
            references(values, uses);
        }
    }
    fn inner<'a>(schema: &'a Schema, uses: &mut BTreeMap<&'a str, usize>) {
        match &schema.schema_kind {
            SchemaKind::Type(Type::Object(object)) => {
                for property in object.properties.values() {
                    boxed(property, uses);
                }
                free(object.additional_properties.as_ref(), uses);
            }
            SchemaKind::Type(Type::Array(array)) => {
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
            SchemaKind::Any(any) => {
                for property in any.properties.values() {
                    boxed(property, uses);
                }
                for arm in &any.all_of {
                    references(arm, uses);
                }
                free(any.additional_properties.as_ref(), uses);
            }
            _ => {}
        }
    }
    let mut uses = BTreeMap::new();
    let model = &document.model;
    for schema in model.components.iter().flat_map(|components| components.schemas.values()) {
        references(schema, &mut uses);
    }
    // Shared bodies and answers count once for every operation that has them.
    let body = |name: &str| model.components.as_ref()?.request_bodies.get(name)?.as_item();
    let answer = |name: &str| model.components.as_ref()?.responses.get(name)?.as_item();
    for (_, _, operation) in model.operations() {
        let bodies = operation.request_body.iter().filter_map(|given| match given {
            ReferenceOr::Item(given) => Some(given),
            ReferenceOr::Reference { reference } => {
                body(reference.strip_prefix("#/components/requestBodies/")?)
            }
        });
        let answers = operation.responses.responses.values().chain(&operation.responses.default);
        let answers = answers.filter_map(|given| match given {
            ReferenceOr::Item(given) => Some(given),
            ReferenceOr::Reference { reference } => {
                answer(reference.strip_prefix("#/components/responses/")?)
            }
        });
        let contents =
            bodies.map(|body| &body.content).chain(answers.map(|answer| &answer.content));
        for media in contents.flat_map(IndexMap::values) {
            if let Some(schema) = &media.schema {
                references(schema, &mut uses);
            }
        }
    }
    uses
}
