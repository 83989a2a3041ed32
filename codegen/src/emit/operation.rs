//! The file of an operation: marker, request, answer, codes.

use proc_macro2::TokenStream;
use quote::quote;

use super::{Builder, Context, Op, alias, codes, comment, literal, model, open_enum};
use crate::{
    docs::{Doc, clean, confidence_suffix},
    ir::{Method, Safety},
    plan::Home,
    print::{
        SourceFile,
        shape::{Place, Shape},
    },
};

/// What an operation's marker is made of.
#[derive(Debug)]
pub(super) struct Shapes {
    /// The type.
    marker: Shape<1>,
    /// What it says of the operation: marker, request, answer, reply, id, method, path, and then the
    /// field that makes a repeat safe and the message that completes the operation, which the first
    /// and the second of these say whether it has.
    facts: [(bool, bool, Shape<9>); 4],
}

impl Shapes {
    pub(super) fn new() -> Result<Self, String> {
        Ok(Self {
            marker: Shape::new(Place::Item, &[], |[marker], _| {
                quote! {
                    #[derive(Clone, Copy, Debug)]
                    pub enum #marker {}
                }
            })?,
            facts: [
                (false, false, facts(false, false)?),
                (false, true, facts(false, true)?),
                (true, false, facts(true, false)?),
                (true, true, facts(true, true)?),
            ],
        })
    }
}

fn facts(idempotent: bool, completed: bool) -> Result<Shape<9>, String> {
    let breaks: &[usize] = match (idempotent, completed) {
        (_, true) => &[8, 6],
        (true, false) => &[7, 6],
        (false, false) => &[6],
    };
    Shape::new(Place::Item, breaks, |names, _| {
        let [marker, request, response, reply, id, method, path, key, message] = names;
        let key = if idempotent { quote!(.idempotent_by(#key)) } else { TokenStream::new() };
        let message = if completed { quote!(.completed_by(#message)) } else { TokenStream::new() };
        quote! {
            impl Operation for #marker {
                type Request = #request;
                type Response = #response;
                type Reply = #reply<#response>;
                const INFO: &'static OperationInfo =
                    &OperationInfo::new(#id, Method::#method, #path) #key #message;
            }
        }
    })
}

pub(super) fn file(
    context: &Context<'_>,
    group: usize,
    number: usize,
) -> Result<SourceFile, String> {
    let home = Home::Operation(group, number);
    let mut file = Builder::new(context, home.clone());
    let Some(operation) = context.operations(group).nth(number) else {
        return Ok(SourceFile::default());
    };
    marker(&mut file, operation)?;
    let line = http_line(operation);
    for (id, what) in [
        (&operation.item.request, format!("Request of {line}.")),
        (&operation.item.response, format!("Answer to {line}.")),
    ] {
        // A schema that is not the operation's alone lives elsewhere.
        if let Some(item) = context.structure(id).filter(|item| *item.home == home) {
            model::structure(&mut file, item, Doc::line(what))?;
        }
    }
    for item in context.enums_of(&home) {
        open_enum::items(&mut file, item)?;
    }
    codes::of_operation(&mut file, operation)?;
    let about = Doc::about(&operation.item.docs, "");
    let summary = if about.summary().is_empty() {
        format!("`{}`.", operation.names.method)
    } else {
        format!("`{}`: {}", operation.names.method, about.summary())
    };
    Ok(file.finish(Doc::line(summary)))
}

/// Method and path as a code span.
pub(super) fn http_line(operation: Op<'_>) -> String {
    let line = format!("{} {}", method(operation.item.method).to_uppercase(), operation.item.path);
    clean::code_span(&line).unwrap_or_default()
}

/// What a repeat does, and what completes the operation, as paragraphs.
pub(super) fn conduct(operation: Op<'_>) -> Doc {
    let doc = Doc::line(match &operation.item.safety {
        Safety::ReadOnly => "Changes nothing, and may be repeated.".to_owned(),
        Safety::IdempotentBy(key) => format!(
            "May be repeated with the same {}{}.",
            clean::code_span(&key.value).unwrap_or_default(),
            confidence_suffix(key.confidence),
        ),
        Safety::Unsafe => "A repeat may act twice.".to_owned(),
    });
    match &operation.item.completed_by {
        Some(message) => doc.paragraph(format!(
            "The answer only says that the request was accepted; the message {} says that it is done{}.",
            clean::code_span(&message.value).unwrap_or_default(),
            confidence_suffix(message.confidence),
        )),
        None => doc,
    }
}

fn marker(file: &mut Builder<'_>, operation: Op<'_>) -> Result<(), String> {
    let context = file.context;
    let Op { item, names, .. } = operation;
    let (Some(request), Some(response)) =
        (context.structure(&item.request), context.structure(&item.response))
    else {
        return Ok(());
    };
    let request = file.local(request.home, &request.names.name);
    let response = file.local(response.home, &response.names.name);
    file.imports.add_all("alipay_core::operation", ["Method", "Operation", "OperationInfo"]);
    let message = item.completed_by.as_ref().map(|message| literal(&message.value));
    let reply = if message.is_some() { "Accepted" } else { "Response" };
    file.core(reply);
    let key = match &item.safety {
        Safety::IdempotentBy(key) => Some(literal(&key.value)),
        Safety::ReadOnly | Safety::Unsafe => None,
    };
    let shapes = context.shapes;
    let span = clean::code_span(&item.id).unwrap_or_default();
    let doc = comment(&Doc::line(format!("The operation {span}.")), 0);
    let alias = shapes.alias(alias(&item.id, &names.marker))?;
    let definition = shapes.operation.marker.fill([&names.marker])?;
    file.push_text([doc, alias, definition].concat());
    let kind = (key.is_some(), message.is_some());
    let facts = shapes.operation.facts.iter().find(|(key, message, _)| (*key, *message) == kind);
    if let Some((.., facts)) = facts {
        file.push_text(facts.fill([
            &names.marker,
            &request,
            &response,
            reply,
            &literal(&item.id),
            method(item.method),
            &literal(&item.path),
            key.as_deref().unwrap_or_default(),
            message.as_deref().unwrap_or_default(),
        ])?);
    }
    Ok(())
}

/// The name of a method's variant in the runtime.
fn method(method: Method) -> &'static str {
    match method {
        Method::Get => "Get",
        Method::Post => "Post",
        Method::Put => "Put",
        Method::Patch => "Patch",
        Method::Delete => "Delete",
    }
}
