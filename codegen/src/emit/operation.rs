//! The file of an operation: marker, request, answer, codes.

use proc_macro2::TokenStream;
use quote::quote;

use super::{Builder, Context, Op, alias, codes, comment, ident, model, open_enum};
use crate::{
    docs::{Doc, clean, confidence_suffix},
    ir::{Method, Operation, Safety},
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
        })
    }
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
    let reply = if item.completed_by.is_some() { "Accepted" } else { "Response" };
    file.core(reply);
    let shapes = context.shapes;
    let span = clean::code_span(&item.id).unwrap_or_default();
    let doc = comment(&Doc::line(format!("The operation {span}.")), 0);
    let alias = shapes.alias(alias(&item.id, &names.marker))?;
    let definition = shapes.operation.marker.fill([&names.marker])?;
    file.push_text([doc, alias, definition].concat());
    let marker = ident(&names.marker);
    let (request, response, reply) = (ident(&request), ident(&response), ident(reply));
    let info = info(file, item);
    file.push(quote! {
        impl Operation for #marker {
            type Request = #request;
            type Response = #response;
            type Reply = #reply<#response>;
            const INFO: &'static OperationInfo = &#info;
        }
    });
    Ok(())
}

/// The facts of an operation.
fn info(file: &mut Builder<'_>, item: &Operation) -> TokenStream {
    let (id, method, path) = (&item.id, ident(method(item.method)), &item.path);
    let mut info = quote!(OperationInfo::new(#id, Method::#method, #path));
    if let Safety::IdempotentBy(key) = &item.safety {
        let key = &key.value;
        info.extend(quote!(.idempotent_by(#key)));
    }
    if let Some(message) = &item.completed_by {
        let message = &message.value;
        info.extend(quote!(.completed_by(#message)));
    }
    if item.no_content {
        info.extend(quote!(.no_content()));
    }
    let own = codes::classes(&item.codes);
    let common = file.context.api.common_codes.as_ref().and_then(codes::classes).map(|_| {
        let common = ident(codes::COMMON);
        quote!(#common::CLASSES)
    });
    if own.is_some() {
        file.core("codes::ErrorCodes");
    }
    let tables: Vec<_> = own.into_iter().chain(common).collect();
    if !tables.is_empty() {
        info.extend(quote!(.codes(&[#(#tables),*])));
    }
    info
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
