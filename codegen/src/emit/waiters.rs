//! What can be waited for: the status of a response, the facts of a wait, and the method that waits.

use alipay_openapi::ir::Condition;

use super::{
    builder::{Block, Builder, dropped, link, literal},
    example,
};
use crate::{
    named::{NamedApi, NamedOperation, NamedWaiter},
    print::Unprintable,
    print::docs::{Doc, clean, confidence_suffix},
};

/// The method `status` of an operation's response.
pub(super) fn status(file: &mut Builder<'_>, operation: NamedOperation<'_>) {
    let api = file.api;
    let item = operation.item;
    let (Some(status), Some(response)) = (&item.status, api.structure(&item.response)) else {
        return;
    };
    let found: Vec<_> =
        status.at.iter().filter_map(|path| api.follow(&item.response, path)).collect();
    let Some((_, field)) = found.first() else { return };
    let ty = file.present_type(field);
    let model = file.local(response.home, &response.names.name);
    let paths: Vec<_> = found.iter().map(|(names, _)| names.join(".")).collect();
    let spans: Vec<_> = paths.iter().map(|path| format!("`{path}`")).collect();
    let places = match spans.as_slice() {
        [only] => format!("What {only} says"),
        several => format!("The first of {} that is there", several.join(" and ")),
    };
    let doc = Doc::about(&field.docs, "The status.")
        .paragraph(format!(
            "{places}{}; an empty string counts as absent.",
            confidence_suffix(status.confidence)
        ))
        .paragraph(format!(
            "A [`Response`](alipay_core::Response) has a method of this name for its HTTP status: write \
             `{model}::status(&response)` there."
        ));
    let mut block = file.block("status");
    block.line(4, &format!("impl {model} {{"));
    block.doc(&doc, 8);
    block.line(8, &format!("fn status() -> {ty} = [{}];", paths.join(", ")));
    block.line(4, "}");
    file.push(block);
}

/// What a wait looks at, and the enum of the ways in which it fails.
pub(super) fn waiter(file: &mut Builder<'_>, waiter: NamedWaiter<'_>) {
    let NamedWaiter { operation, item, names } = waiter;
    let Some(status) = &operation.item.status else { return };
    let method = link(&names.method, &waiter.method_path());
    let doc = Doc::line(format!("Why {method} ends without success."));
    let docs = item.failures.iter().map(|failure| {
        let says = format!("{}{}.", says(&failure.condition), confidence_suffix(item.confidence));
        let description = failure.docs.description.as_deref();
        let doc = Doc::described(description, None, "");
        let says = capital(&says);
        let doc = if doc.summary().is_empty() { Doc::line(says) } else { doc.paragraph(says) };
        match failure.reason.as_deref().and_then(clean::code_span) {
            Some(reason) => doc.paragraph(format!("The reason is in {reason}.")),
            None => doc,
        }
    });
    let docs: Vec<_> = docs.collect();
    let mut block = file.block("waiter");
    block.doc(&doc.explained(&docs), 4);
    if item.failures.is_empty() {
        block.line(4, &format!("pub enum {} {{}}", names.failure.name));
    } else {
        block.line(4, &format!("pub enum {} {{", names.failure.name));
        for ((failure, name), doc) in item.failures.iter().zip(&names.failure.variants).zip(&docs) {
            block.doc(doc, 8);
            let because = failure.reason.as_deref();
            let because = because.map(|field| format!(" because {}", literal(field)));
            block.line(
                8,
                &format!(
                    "{name} = {}: {}{},",
                    literal(&failure.name),
                    row(&failure.condition),
                    because.unwrap_or_default()
                ),
            );
        }
        block.line(4, "}");
    }
    block.blank();
    block.line(4, &format!("asks: {},", operation.names.marker));
    block.line(4, &format!("until: {},", literal(&item.name)));
    block.line(4, &format!("status: {},", list(&status.at)));
    let success: Vec<_> = item.success.iter().map(row).collect();
    block.line(4, &format!("success: [{}],", success.join("; ")));
    if let Some(message) = &item.message {
        let about = message.about.as_deref().unwrap_or_default();
        block.line(4, &format!("message: {} about {},", literal(&message.name), literal(about)));
    }
    file.push(block);
}

/// The methods that wait, behind those of a group's operations.
///
/// # Errors
///
/// When an example cannot be laid out.
pub(super) fn methods(
    file: &mut Builder<'_>,
    block: &mut Block,
    group: usize,
    krate: &str,
) -> Result<(), Unprintable> {
    let api = file.api;
    let all: Vec<_> = api.operations(group).flat_map(|operation| operation.waiters()).collect();
    if all.is_empty() {
        return Ok(());
    }
    block.blank();
    block.line(4, "waits {");
    for (n, waiter) in all.into_iter().enumerate() {
        let item = waiter.operation.item;
        let Some(request) = api.structure(&item.request) else { continue };
        if n > 0 {
            block.blank();
        }
        file.generated(&waiter.failure_path());
        let request = file.local(request.home, &request.names.name);
        block.doc(&doc(&api, waiter, krate)?, 8);
        block.attributes(8, None, item.removed_in.as_deref().map(dropped));
        let NamedWaiter { names, .. } = waiter;
        block.line(8, &format!("fn {}({request}) -> {};", names.method, names.failure.name));
    }
    block.line(4, "}");
    Ok(())
}

/// The comment of a method that waits.
pub(super) fn doc(
    api: &NamedApi<'_>,
    waiter: NamedWaiter<'_>,
    krate: &str,
) -> Result<Doc, Unprintable> {
    let NamedWaiter { operation, item, names } = waiter;
    let asked = link(&operation.names.method, &operation.method_path());
    let success: Vec<_> = item.success.iter().map(says).collect();
    let until = format!(
        "Asks {asked} until {}{}. It pauses between two asks and has a deadline; \
         [`Wait`](alipay_core::Wait) sets both.",
        success.join(", or "),
        confidence_suffix(item.confidence)
    );
    let state = clean::code_span(&item.name).unwrap_or_default();
    let description = item.docs.description.as_deref();
    let fallback = format!("Waits until the state is {state}.");
    let mut doc = Doc::described(description, None, &fallback).paragraph(until);
    if let Some(message) = &item.message {
        let name = clean::code_span(&message.name).unwrap_or_default();
        let about = message.about.as_deref().and_then(clean::code_span).unwrap_or_default();
        doc = doc.paragraph(format!(
            "The message {name} with the same {about} says the same, and ends the wait early: give it to the \
             wait's [signal](alipay_core::Wait::signal)."
        ));
    }
    let failure = link(&names.failure.name, &waiter.failure_path());
    let errors = if item.failures.is_empty() {
        format!(
            "A [`WaitError`](alipay_core::WaitError). No value is known that says it will not happen, so \
             {failure} is empty."
        )
    } else {
        format!("A [`WaitError`](alipay_core::WaitError), with {failure} where it will not happen.")
    };
    let example = example::of_call(api, operation, &names.method, krate)?;
    Ok(doc.heading("Errors").paragraph(errors).heading("Example").code("no_run", example))
}

/// A condition in words.
fn says(condition: &Condition) -> String {
    let values: Vec<_> = condition.is.iter().filter_map(|value| clean::code_span(value)).collect();
    let fields: Vec<_> = condition.at.iter().filter_map(|path| clean::code_span(path)).collect();
    let place = if fields.is_empty() { "the status".to_owned() } else { fields.join(" or ") };
    format!("{place} is {}", values.join(" or "))
}

/// A sentence. One that begins with code stays.
fn capital(text: &str) -> String {
    let mut chars = text.chars();
    let first = chars.next().map(|first| first.to_ascii_uppercase());
    first.into_iter().chain(chars).collect()
}

/// A condition as a row has it.
fn row(condition: &Condition) -> String {
    let at = if condition.at.is_empty() {
        String::new()
    } else {
        format!("at {} ", list(&condition.at))
    };
    format!("{at}is {}", list(&condition.is))
}

fn list(texts: &[String]) -> String {
    let texts: Vec<_> = texts.iter().map(|text| literal(text)).collect();
    format!("[{}]", texts.join(", "))
}
