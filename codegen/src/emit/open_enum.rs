//! Open sets of values.

use std::collections::BTreeSet;

use super::{Builder, Context, Named, alias, literal};
use crate::{
    layout::Home,
    names::EnumNames,
    print::SourceFile,
    print::docs::{Doc, clean, confidence_suffix},
};
use alipay_openapi::ir::OpenEnum;

/// The file of the enums that several files use.
pub(super) fn file(context: &Context<'_>) -> SourceFile {
    let mut file = Builder::new(context, Home::Enums);
    for item in context.enums_of(&Home::Enums) {
        items(&mut file, item);
    }
    file.finish(Doc::line("Open sets of values that several types use."))
}

/// An enum.
pub(super) fn items(file: &mut Builder<'_>, item: Named<'_, OpenEnum, EnumNames>) {
    let Named { item: set, names, .. } = item;
    let mut block = file.block("open_enum");
    block.doc(&doc(set), 4);
    block.line(4, &format!("pub enum {} {{", names.name));
    for (value, variant) in set.values.iter().zip(&names.variants) {
        let wire = clean::code_span(&value.wire);
        let doc =
            Doc::described(value.meaning.as_deref(), wire.as_deref(), "A value without text.");
        block.doc(&doc, 8);
        block.attributes(8, variant_alias(&value.wire, variant), value.removed_in.as_deref());
        block.line(8, &format!("{variant} = {},", literal(&value.wire)));
    }
    block.line(4, "}");
    file.push(block);
}

/// What the field says that has it, and which fields do.
fn doc(item: &OpenEnum) -> Doc {
    let fields: BTreeSet<_> = item.used_by.iter().collect();
    let fields: Vec<_> = fields.iter().filter_map(|field| clean::code_span(field)).collect();
    let values = if fields.is_empty() {
        "One of a set of values".to_owned()
    } else {
        format!("A value of {}", fields.join(" or "))
    };
    let values = format!("{values}{}.", confidence_suffix(item.confidence));
    match Doc::about(&item.docs, "").summary() {
        "" => Doc::line(values),
        summary => Doc::line(summary).paragraph(values).doubt(item.docs.confidence),
    }
}

/// The wire text as an alias where a search for it would not find the variant anyway: rustdoc's
/// search ignores case and underscores.
pub(super) fn variant_alias<'w>(wire: &'w str, variant: &str) -> Option<&'w str> {
    let plain = |text: &str| text.replace('_', "").to_ascii_lowercase();
    if plain(wire) == plain(variant) { None } else { alias(wire, variant) }
}
