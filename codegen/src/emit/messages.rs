//! The asynchronous messages: their contents, and an enum of all.

use super::{
    builder::{Builder, alias, literal},
    enums, model,
};
use crate::{
    layout::Home,
    named::NamedApi,
    print::SourceFile,
    print::docs::{Doc, clean},
};

pub(super) fn file(api: &NamedApi<'_>) -> SourceFile {
    let mut file = Builder::new(api, Some(Home::Messages));
    let mut block = file.block("messages");
    block.doc(&Doc::line("A message from Alipay, after verification."), 4);
    block.line(4, &format!("pub enum {} {{", api.names.message_enum));
    for (item, variant) in api.api.messages.iter().zip(&api.names.messages) {
        let Some(found) = api.structure(&item.content) else { continue };
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
    for item in api.structs_of(&Home::Messages) {
        model::structure(&mut file, item, model::part(api, item));
    }
    for item in api.enums_of(&Home::Messages) {
        enums::open_enum(&mut file, item);
    }
    file.finish(Doc::line("The messages Alipay sends when something has happened."))
}
