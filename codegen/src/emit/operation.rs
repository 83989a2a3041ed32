//! The file of an operation: marker, request, response, codes.

use super::{
    builder::{Builder, alias, literal},
    enums, model, waiters,
};
use crate::{
    layout::Home,
    named::{NamedApi, NamedOperation, http_line},
    print::SourceFile,
    print::docs::{Doc, annotated, clean},
};
use alipay_openapi::ir::Method;

/// The file of an operation.
pub(super) fn file(api: &NamedApi<'_>, group: usize, number: usize) -> SourceFile {
    let home = Home::Operation(group, number);
    let mut file = Builder::new(api, Some(home.clone()));
    let Some(operation) = api.operations(group).nth(number) else {
        return SourceFile::default();
    };
    marker(&mut file, operation);
    let line = clean::code_span(&http_line(operation.item)).unwrap_or_default();
    let title = operation.item.docs.title.as_deref().map(clean::inline).unwrap_or_default();
    for (id, what) in [
        (&operation.item.request, format!("Request of {line}.")),
        (&operation.item.response, format!("Response to {line}.")),
    ] {
        // A schema that is not the operation's alone lives elsewhere.
        if let Some(item) = api.structure(id).filter(|item| *item.home == home) {
            let docs = &item.item.docs;
            let nameless = docs.title.is_none() && docs.description.is_none();
            let what = if nameless && !title.is_empty() { annotated(&what, &title) } else { what };
            model::structure(&mut file, item, Doc::line(what));
        }
    }
    for item in api.enums_of(&home) {
        enums::open_enum(&mut file, item);
    }
    enums::operation_codes(&mut file, operation);
    waiters::status(&mut file, operation);
    for waiter in operation.waiters() {
        waiters::waiter(&mut file, waiter);
    }
    let about = Doc::about(&operation.item.docs, "");
    let summary = if about.summary().is_empty() {
        format!("`{}`.", operation.names.method)
    } else {
        format!("`{}`: {}", operation.names.method, about.summary())
    };
    file.finish(Doc::line(summary))
}

fn marker(file: &mut Builder<'_>, operation: NamedOperation<'_>) {
    let api = file.api;
    let NamedOperation { item, names, .. } = operation;
    let (Some(request), Some(response)) =
        (api.structure(&item.request), api.structure(&item.response))
    else {
        return;
    };
    let request = file.local(request.home, &request.names.name);
    let response = file.local(response.home, &response.names.name);
    let reply = if item.completed_by.is_some() { "Accepted" } else { "Response" };
    file.core(reply);
    let span = clean::code_span(&item.id).unwrap_or_default();
    let mut block = file.block("operation");
    block.doc(&Doc::line(format!("The operation {span}.")), 4);
    block.attributes(4, alias(&item.id, &names.marker), None);
    block.line(4, &format!("pub enum {} {{", names.marker));
    block.line(8, &format!("id: {},", literal(&item.id)));
    block.line(8, &format!("http: {} {},", method(item.method), literal(&item.path)));
    block.line(8, &format!("request: {request},"));
    block.line(8, &format!("reply: {reply}<{response}>,"));
    block.line(8, &format!("codes: {},", names.codes.name));
    if let Some(key) = operation.key() {
        block.line(8, &format!("idempotent_by: {},", literal(key)));
    }
    if let Some(safety) = operation.safety() {
        block.line(8, &format!("safety: {safety},"));
    }
    if let Some(message) = &item.completed_by {
        block.line(8, &format!("completed_by: {},", literal(&message.value)));
    }
    if item.no_content {
        block.line(8, "no_content: no_content,");
    }
    block.line(4, "}");
    file.push(block);
}

/// The runtime's name of a method.
pub(super) fn method(method: Method) -> &'static str {
    match method {
        Method::Get => "Get",
        Method::Post => "Post",
        Method::Put => "Put",
        Method::Patch => "Patch",
        Method::Delete => "Delete",
    }
}
