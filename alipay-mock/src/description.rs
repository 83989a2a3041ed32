//! Reads a description (OpenAPI and an overlay) into a contract.

use std::sync::{Arc, OnceLock};

use codegen::Inputs;
use codegen::ir::{self, Api, Confidence, Presence};
use codegen::load::Source;

use crate::contract::{
    Bound, Contract, Enum, Field, Limit, ListStyle, Message, Operation, Place, Ty,
};

/// The voucher group, served unless another description is given.
const VOUCHERS: Files<'_> = Files {
    base: ("voucher", include_str!("../../spec/alipay-voucher/openapi.yaml")),
    overlay: Some(("overlay", include_str!("../../spec/alipay-voucher/overlay.yaml"))),
    removed: None,
};

/// A description that cannot be served. The message lists what is wrong with it, a line each.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{0}")]
pub struct DescriptionError(String);

/// The files of a description, each as its name in errors and its content.
#[derive(Clone, Copy)]
pub(crate) struct Files<'a> {
    pub(crate) base: (&'a str, &'a str),
    pub(crate) overlay: Option<(&'a str, &'a str)>,
    /// The parts that Alipay has dropped and that are still served.
    pub(crate) removed: Option<(&'a str, &'a str)>,
}

/// The contract of the voucher group, read once per process.
pub(crate) fn vouchers() -> Result<Arc<Contract>, DescriptionError> {
    static READ: OnceLock<Result<Arc<Contract>, DescriptionError>> = OnceLock::new();
    READ.get_or_init(|| read(VOUCHERS).map(Arc::new)).clone()
}

/// Reads a description.
pub(crate) fn read(files: Files<'_>) -> Result<Contract, DescriptionError> {
    let inputs = Inputs {
        base: Source::new(files.base.0, files.base.1),
        overlay: files.overlay.map(|(name, text)| Source::new(name, text)),
        removed: files.removed.map(|(name, text)| Source::new(name, text)),
        lock: None,
        tags: Vec::new(),
        prefix: None,
        crate_name: "served".to_owned(),
        change: String::new(),
        described_in: None,
    };
    let api = codegen::api(&inputs).map_err(|e| DescriptionError(e.to_string()))?;
    Ok(contract(api))
}

fn contract(api: Api) -> Contract {
    let structs = api
        .structs
        .into_iter()
        .map(|item| (item.id.as_str().to_owned(), item.fields.into_iter().map(field).collect()));
    let enums = api.enums.into_iter().map(|item| {
        let values = item.values.into_iter().map(|value| value.wire).collect();
        let inferred = is_inferred(item.confidence);
        (item.id.as_str().to_owned(), Enum { values, inferred })
    });
    let messages = api.messages.into_iter().map(|message| Message {
        name: message.name,
        content: message.content.as_str().to_owned(),
    });
    let operations = api.groups.into_iter().flat_map(|group| group.operations).map(operation);
    Contract {
        operations: operations.collect(),
        structs: structs.collect(),
        enums: enums.collect(),
        messages: messages.collect(),
    }
}

fn operation(operation: ir::Operation) -> Operation {
    let method = match operation.method {
        ir::Method::Get => "GET",
        ir::Method::Post => "POST",
        ir::Method::Put => "PUT",
        ir::Method::Patch => "PATCH",
        ir::Method::Delete => "DELETE",
    };
    Operation {
        id: operation.id,
        method: method.to_owned(),
        path: operation.path,
        title: operation.docs.title.unwrap_or_default(),
        request: operation.request.as_str().to_owned(),
        response: operation.response.as_str().to_owned(),
        codes: operation.codes.codes.into_iter().map(|code| code.wire).collect(),
    }
}

fn field(field: ir::Field) -> Field {
    Field {
        name: field.wire,
        place: match field.place {
            ir::Place::Body => Place::Body,
            ir::Place::Query => Place::Query,
            ir::Place::Path => Place::Path,
            ir::Place::Header => Place::Header,
            ir::Place::File => Place::File,
        },
        ty: ty(field.ty),
        inferred: is_inferred(field.ty_confidence),
        required: matches!(field.presence, Presence::Required(c) if !is_inferred(c)),
        sensitive: field.sensitive,
        limits: field.limits.into_iter().filter_map(limit).collect(),
        list_style: match field.list_style {
            None | Some(ir::ListStyle::Repeated) => ListStyle::Repeated,
            Some(ir::ListStyle::Commas) => ListStyle::Commas,
            Some(ir::ListStyle::Spaces) => ListStyle::Spaces,
            Some(ir::ListStyle::Pipes) => ListStyle::Pipes,
        },
        example: field.example,
    }
}

fn ty(described: ir::Ty) -> Ty {
    match described {
        ir::Ty::Text => Ty::String,
        ir::Ty::Boolean => Ty::Boolean,
        ir::Ty::Integer => Ty::Integer,
        ir::Ty::Float => Ty::Number,
        ir::Ty::Json => Ty::Any,
        ir::Ty::Yuan => Ty::Yuan,
        ir::Ty::Decimal => Ty::Decimal,
        ir::Ty::LocalDateTime => Ty::DateTime,
        ir::Ty::LocalDate => Ty::Date,
        ir::Ty::LocalTime => Ty::Time,
        ir::Ty::File => Ty::File,
        ir::Ty::Enum(id) => Ty::Enum(id.as_str().to_owned()),
        ir::Ty::Struct { id, .. } => Ty::Struct(id.as_str().to_owned()),
        ir::Ty::List(inner) => Ty::List(Box::new(ty(*inner))),
        ir::Ty::Map(inner) => Ty::Map(Box::new(ty(*inner))),
        ir::Ty::JsonText(inner) => Ty::JsonString(Box::new(ty(*inner))),
    }
}

/// A limit that can be checked; a sentence cannot.
fn limit(limit: ir::Sourced<ir::Limit>) -> Option<Limit> {
    let bound = match limit.value {
        ir::Limit::MinLength(bound) => Bound::MinLength(bound),
        ir::Limit::MaxLength(bound) => Bound::MaxLength(bound),
        ir::Limit::MinItems(bound) => Bound::MinItems(bound),
        ir::Limit::MaxItems(bound) => Bound::MaxItems(bound),
        ir::Limit::Minimum(bound) => Bound::Minimum(bound),
        ir::Limit::Maximum(bound) => Bound::Maximum(bound),
        ir::Limit::Rule(_) => return None,
    };
    Some(Limit { bound, inferred: is_inferred(limit.confidence) })
}

fn is_inferred(confidence: Confidence) -> bool {
    confidence == Confidence::Inferred
}
