//! A group's calls: a struct that holds the client, with a method per operation.

use super::{Block, Builder, Context, Op, alias, below, codes, example, operation};
use crate::{
    layout::Home,
    print::docs::{Doc, clean},
    print::{SourceFile, Unprintable},
};

/// The file with a group's calls.
///
/// # Errors
///
/// When an example cannot be laid out.
pub(super) fn file(context: &Context<'_>, number: usize) -> Result<SourceFile, Unprintable> {
    let Some((group, names)) = context.group(number) else { return Ok(SourceFile::default()) };
    // No type lives here, so everything is imported.
    let mut file = Builder::new(context, Home::Family(String::new()));
    let count = match names.operations.len() {
        1 => "The operation".to_owned(),
        n => format!("The {n} operations"),
    };
    let tag = clean::code_span(&group.tag).unwrap_or_default();
    let summary = format!("{count} of {tag}.");
    let mut block = file.block("api");
    block.doc(&Doc::line(&summary), 4);
    block.line(4, &format!("pub struct {} {{", names.api));
    for (n, operation) in context.operations(number).enumerate() {
        if n > 0 {
            block.blank();
        }
        call(&mut file, &mut block, operation, &Home::Operation(number, n))?;
    }
    block.line(4, "}");
    file.push(block);
    Ok(file.finish(Doc::line(summary)))
}

fn call(
    file: &mut Builder<'_>,
    block: &mut Block,
    operation: Op<'_>,
    home: &Home,
) -> Result<(), Unprintable> {
    let Op { group, item, names } = operation;
    let context = file.context;
    let Some(request) = context.structure(&item.request) else { return Ok(()) };
    let doc = Doc::about(
        &item.docs,
        &format!("Calls {}.", clean::code_span(&item.id).unwrap_or_default()),
    )
    .paragraph(format!("{}.", operation::http_line(operation)))
    .append(operation::conduct(operation))
    .heading("Errors")
    .append(errors(&context, operation, home))
    .heading("Example")
    .code("no_run", example::of_call(&context, operation)?);
    file.imports.add(&format!(
        "crate::generated::{}::{}",
        below(&group.path, "operations"),
        names.marker
    ));
    let request = file.local(request.home, &request.names.name);
    block.doc(&doc, 8);
    block.attributes(8, alias(&item.id, &names.method), item.removed_in.as_deref());
    block.line(8, &format!("fn {}({request}) -> {};", names.method, names.marker));
    Ok(())
}

/// The codes an operation may answer.
fn errors(context: &Context<'_>, operation: Op<'_>, home: &Home) -> Doc {
    let name = &operation.names.codes.name;
    let link = format!("[`{name}`]({})", context.path(home, name));
    let codes: Vec<_> =
        operation.item.codes.codes.iter().filter_map(|code| clean::code_span(&code.wire)).collect();
    let own = if codes.is_empty() {
        format!("The operation has no published codes of its own ({link}).")
    } else {
        format!("{link}: {}.", codes.join(", "))
    };
    match &context.api.common_codes {
        Some(_) => Doc::line(own).paragraph(format!(
            "And those of the gateway, [`{common}`](crate::generated::models::{common}).",
            common = codes::COMMON,
        )),
        None => Doc::line(own),
    }
}
