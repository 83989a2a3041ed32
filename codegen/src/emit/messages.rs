//! The asynchronous messages: their contents, and an enum of all.

use super::{Builder, Context, alias, literal, model, open_enum};
use crate::{
    layout::Home,
    print::SourceFile,
    print::docs::{Doc, clean},
};

pub(super) fn file(context: &Context<'_>) -> SourceFile {
    let mut file = Builder::new(context, Home::Messages);
    let mut block = file.block("messages");
    block.doc(&Doc::line("A message of Alipay's, after verification."), 4);
    block.line(4, &format!("pub enum {} {{", context.names.message_enum));
    for (item, variant) in context.api.messages.iter().zip(&context.names.messages) {
        let Some(found) = context.structure(&item.content) else { continue };
        let model = file.local(found.home, &found.names.name);
        let upstream = format!("The message {}.", clean::code_span(&item.name).unwrap_or_default());
        let about = Doc::about(&item.docs, "");
        let doc = if about.summary().is_empty() {
            Doc::line(upstream)
        } else {
            about.paragraph(upstream)
        };
        block.doc(&doc, 8);
        block.attributes(8, alias(&item.name, variant), None);
        block.line(8, &format!("{variant}({model}) = {},", literal(&item.name)));
    }
    block.line(4, "}");
    file.push(block);
    for item in context.structs_of(&Home::Messages) {
        model::structure(&mut file, item, Doc::new());
    }
    for item in context.enums_of(&Home::Messages) {
        open_enum::items(&mut file, item);
    }
    file.finish(Doc::line("The messages Alipay sends when something has happened."))
}
