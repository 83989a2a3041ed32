//! Facts about the description, for programs.

use super::{Builder, Context, below, literal};
use crate::{layout::Home, print::SourceFile, print::docs::Doc};

pub(super) fn file(context: &Context<'_>) -> SourceFile {
    let mut file = Builder::new(context, Home::Family(String::new()));
    let [version, digest] = [&context.api.version, context.digest].map(literal);
    file.push_text(format!(
        "/// The version of Alipay's description that the crate was generated from.\n\
         pub const DESCRIPTION_VERSION: &str = {version};\n"
    ));
    file.push_text(format!(
        "/// Identifies the texts the crate was generated from: the 64-bit FNV-1a hash of the description\n\
         /// and its overlay, in hexadecimal.\n\
         pub const DESCRIPTION_DIGEST: &str = {digest};\n"
    ));
    let mut block = file.block("operations");
    block.doc(&Doc::line("The facts of all operations."), 4);
    block.line(4, "pub const OPERATIONS = [");
    for (number, group) in context.names.groups.iter().enumerate() {
        for operation in context.operations(number) {
            // Any group may be turned off.
            if let Some(feature) = group.feature() {
                block.line(8, &format!("#[cfg(feature = {})]", literal(&feature)));
            }
            let path = below(&group.path, "operations");
            let marker = &operation.names.marker;
            block.line(8, &format!("crate::generated::{path}::{marker},"));
        }
    }
    block.line(4, "];");
    file.push(block);
    file.finish(Doc::line("Facts about the description that the crate was generated from."))
}
