//! The file of an operation: marker, request, answer, codes.

use super::{Builder, Context, Op, alias, codes, literal, model, open_enum};
use crate::{
    layout::Home,
    print::SourceFile,
    print::docs::{Doc, clean, confidence_suffix},
};
use alipay_openapi::ir::{Method, Safety};

/// The file of an operation.
pub(super) fn file(context: &Context<'_>, group: usize, number: usize) -> SourceFile {
    let home = Home::Operation(group, number);
    let mut file = Builder::new(context, home.clone());
    let Some(operation) = context.operations(group).nth(number) else {
        return SourceFile::default();
    };
    marker(&mut file, operation);
    let line = http_line(operation);
    for (id, what) in [
        (&operation.item.request, format!("Request of {line}.")),
        (&operation.item.response, format!("Answer to {line}.")),
    ] {
        // A schema that is not the operation's alone lives elsewhere.
        if let Some(item) = context.structure(id).filter(|item| *item.home == home) {
            model::structure(&mut file, item, Doc::line(what));
        }
    }
    for item in context.enums_of(&home) {
        open_enum::items(&mut file, item);
    }
    codes::of_operation(&mut file, operation);
    let about = Doc::about(&operation.item.docs, "");
    let summary = if about.summary().is_empty() {
        format!("`{}`.", operation.names.method)
    } else {
        format!("`{}`: {}", operation.names.method, about.summary())
    };
    file.finish(Doc::line(summary))
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

fn marker(file: &mut Builder<'_>, operation: Op<'_>) {
    let context = file.context;
    let Op { item, names, .. } = operation;
    let (Some(request), Some(response)) =
        (context.structure(&item.request), context.structure(&item.response))
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
    if let Safety::IdempotentBy(key) = &item.safety {
        block.line(8, &format!("idempotent_by: {},", literal(&key.value)));
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
