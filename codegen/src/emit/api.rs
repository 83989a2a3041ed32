//! A group's calls: a struct that holds the client, with a method per operation.

use alipay_openapi::ir::{Operation, Safety};

use super::{
    builder::{Block, Builder, alias, dropped, link},
    enums, example,
    field::limit_text,
    waiters,
};
use crate::{
    named::{NamedApi, NamedOperation, http_line},
    print::docs::{Doc, clean, confidence_suffix, shortened, with_confidence},
    print::{SourceFile, Unprintable},
};

/// The file with a group's calls.
///
/// # Errors
///
/// When an example cannot be laid out.
pub(super) fn file(
    api: &NamedApi<'_>,
    krate: &str,
    number: usize,
) -> Result<SourceFile, Unprintable> {
    let Some((group, names)) = api.group(number) else { return Ok(SourceFile::default()) };
    let mut file = Builder::new(api, None);
    let count = match names.operations.len() {
        1 => "The operation".to_owned(),
        n => format!("The {n} operations"),
    };
    let tag = clean::code_span(&group.tag).unwrap_or_default();
    let summary = format!("{count} of {tag}.");
    let operations: Vec<_> = api.operations(number).collect();
    let docs = operations.iter().map(|operation| doc(api, *operation, krate));
    let docs = docs.collect::<Result<Vec<_>, _>>()?;
    let mut block = file.block("api");
    block.doc(&Doc::line(&summary).explained(&docs), 4);
    block.line(4, &format!("pub struct {} {{", names.api));
    for (n, (operation, doc)) in operations.into_iter().zip(&docs).enumerate() {
        if n > 0 {
            block.blank();
        }
        call(&mut file, &mut block, operation, doc);
    }
    block.line(4, "}");
    waiters::methods(&mut file, &mut block, number, krate)?;
    file.push(block);
    Ok(file.finish(Doc::line(summary)))
}

/// The comment of a call.
fn doc(api: &NamedApi<'_>, operation: NamedOperation<'_>, krate: &str) -> Result<Doc, Unprintable> {
    let item = operation.item;
    let id = clean::code_span(&item.id).unwrap_or_default();
    let line = clean::code_span(&http_line(item)).unwrap_or_default();
    Ok(Doc::about(&item.docs, &format!("Calls {id}."))
        .paragraph(format!("{line}."))
        .append(conduct(operation))
        .append(waits(api, operation))
        .append(marks(item))
        .heading("Errors")
        .append(errors(api, operation))
        .heading("Example")
        .code("no_run", example::of_call(api, operation, &operation.names.method, krate)?))
}

fn call(file: &mut Builder<'_>, block: &mut Block, operation: NamedOperation<'_>, doc: &Doc) {
    let NamedOperation { item, names, .. } = operation;
    let Some(request) = file.api.structure(&item.request) else { return };
    file.generated(&operation.marker_path());
    let request = file.local(request.home, &request.names.name);
    block.doc(doc, 8);
    block.attributes(8, alias(&item.id, &names.method), item.removed_in.as_deref().map(dropped));
    block.line(8, &format!("fn {}({request}) -> {};", names.method, names.marker));
}

/// What a repeat does, and what completes the operation, as paragraphs.
fn conduct(operation: NamedOperation<'_>) -> Doc {
    let doc = Doc::line(match &operation.item.safety {
        Safety::ReadOnly(confidence) => {
            format!("Changes nothing{}, so a call may be repeated.", confidence_suffix(*confidence))
        }
        Safety::IdempotentBy(key) => format!(
            "A call may be repeated with the same {}{}.",
            clean::code_span(&key.value).unwrap_or_default(),
            confidence_suffix(key.confidence),
        ),
        Safety::Unsafe(confidence) => {
            with_confidence("A repeated call may act twice.", *confidence)
        }
        Safety::Unknown => "Whether a repeat is safe is not known.".to_owned(),
    });
    match &operation.item.completed_by {
        Some(message) => doc.paragraph(format!(
            "The response only says that Alipay has accepted the request. The message {} says that the operation is done{}.",
            clean::code_span(&message.value).unwrap_or_default(),
            confidence_suffix(message.confidence),
        )),
        None => doc,
    }
}

/// The methods of the same group that wait until the operation is done.
fn waits(api: &NamedApi<'_>, operation: NamedOperation<'_>) -> Doc {
    let Some(done) = &operation.item.completed_by else { return Doc::default() };
    let group = api.names.groups.iter().position(|group| std::ptr::eq(group, operation.group));
    let all = group.into_iter().flat_map(|group| api.operations(group));
    let waits = all.flat_map(|operation| operation.waiters()).filter(|waiter| {
        waiter.item.message.as_ref().is_some_and(|message| message.name == done.value)
    });
    waits.fold(Doc::default(), |doc, waiter| {
        let method = super::builder::link(&waiter.names.method, &waiter.method_path());
        doc.paragraph(format!("{method} waits for it."))
    })
}

/// More error codes are only counted; their enum has them all.
const MOST_CODES: usize = 8;

/// The rules for an operation, and whether it should still be used.
fn marks(operation: &Operation) -> Doc {
    let mut doc = Doc::new();
    for limit in &operation.limits {
        doc = doc.item(limit_text(limit));
    }
    if operation.deprecated { doc.item("Alipay calls it deprecated.") } else { doc }
}

/// The error codes an operation may return.
fn errors(api: &NamedApi<'_>, operation: NamedOperation<'_>) -> Doc {
    let link = link(&operation.names.codes.name, &operation.codes_path());
    let codes = operation.item.codes.codes.iter();
    let codes: Vec<_> = codes.filter_map(|code| clean::code_span(&code.wire)).collect();
    let own = Doc::line(if codes.is_empty() {
        format!("Alipay publishes no error codes of this operation ({link}).")
    } else {
        format!("{link}: {}.", shortened(&codes, MOST_CODES))
    });
    match &api.api.common_codes {
        Some(_) => own.paragraph(format!(
            "The gateway has codes of its own: {}.",
            super::builder::link(enums::COMMON, &format!("models::{}", enums::COMMON)),
        )),
        None => own,
    }
}
