//! Error codes: one enum per operation, and the gateway's own.

use super::{Builder, Context, Op, literal, open_enum};
use crate::{
    layout::Home,
    names::EnumNames,
    print::SourceFile,
    print::docs::{Doc, clean, confidence_suffix, end_sentence},
};
use alipay_openapi::ir::{Code, CodeSet, Retry};

/// The name of the enum of the gateway's codes.
pub(super) const COMMON: &str = "CommonErrorCode";

/// The file of the gateway's codes.
pub(super) fn common_file(context: &Context<'_>) -> SourceFile {
    let mut file = Builder::new(context, Home::Family("common_error_code".to_owned()));
    if let Some(set) = &context.api.common_codes {
        let names =
            EnumNames { name: COMMON.to_owned(), variants: context.names.common_codes.clone() };
        let doc = Doc::line("Error codes of the gateway, which every operation may answer.");
        items(&mut file, set, &names, &doc, false);
    }
    file.finish(Doc::line("The gateway's error codes."))
}

/// The enum of an operation's codes.
pub(super) fn of_operation(file: &mut Builder<'_>, operation: Op<'_>) {
    let id = clean::code_span(&operation.item.id).unwrap_or_default();
    let doc = Doc::line(format!("Error codes of {id}."));
    let has_common = file.context.api.common_codes.is_some();
    if has_common {
        file.imports.add(&format!("crate::generated::models::{COMMON}"));
    }
    items(file, &operation.item.codes, &operation.names.codes, &doc, has_common);
}

fn items(file: &mut Builder<'_>, set: &CodeSet, names: &EnumNames, doc: &Doc, has_common: bool) {
    let mut block = file.block("error_codes");
    block.doc(doc, 4);
    let common = if has_common { format!(": {COMMON}") } else { String::new() };
    block.line(4, &format!("pub enum {}{common} {{", names.name));
    for (code, variant) in set.codes.iter().zip(&names.variants) {
        block.doc(&code_doc(code), 8);
        let alias = open_enum::variant_alias(&code.wire, variant);
        block.attributes(8, alias, code.removed_in.as_deref());
        let class = match code.retry {
            None => "",
            Some(Retry::SameRequest) => " => Failed",
            Some(Retry::Later | Retry::Never) => " => Refused",
        };
        block.line(8, &format!("{variant} = {}{class},", literal(&code.wire)));
    }
    block.line(4, "}");
    file.push(block);
}

fn code_doc(code: &Code) -> Doc {
    let wire = clean::code_span(&code.wire);
    let mut doc = Doc::described(code.meaning.as_deref(), wire.as_deref(), "A code without text.");
    if let Some(action) = &code.action {
        doc = doc.item(format!("What to do: {}", end_sentence(&clean::inline(action))));
    }
    let retry = code.retry.map(|retry| match retry {
        Retry::SameRequest => "Retry: the same request again, after a pause.",
        Retry::Later => "Retry: later, when the cause is gone.",
        Retry::Never => "Retry: does not help.",
    });
    if let Some(retry) = retry {
        doc = doc.item(retry);
    }
    match confidence_suffix(code.confidence) {
        "" => doc,
        word => doc.item(format!("Confidence:{}.", word.replace(['(', ')'], ""))),
    }
}
