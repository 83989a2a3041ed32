//! Open enums: known values, and a place for others.

use std::collections::BTreeSet;

use proc_macro2::TokenStream;
use quote::quote;

use super::{Builder, Context, Named, alias, deprecated, expect_deprecated, ident};
use crate::{
    docs::{Doc, clean, confidence_suffix},
    ir::OpenEnum,
    names::EnumNames,
    plan::Home,
    print::SourceFile,
};

/// The file of the enums that several files use.
pub(super) fn file(context: &Context<'_>) -> SourceFile {
    let mut file = Builder::new(context, Home::Enums);
    for item in context.enums_of(&Home::Enums) {
        items(&mut file, item);
    }
    file.finish(Doc::line("Open sets of values that several types use."))
}

/// All items of an enum.
pub(super) fn items(file: &mut Builder<'_>, item: Named<'_, OpenEnum, EnumNames>) {
    file.imports.add_all("std", ["borrow::Cow", "fmt"]);
    file.imports
        .add_all("alipay_core::value", ["Kind", "Malformed", "Ref", "UnknownValue", "Value"]);
    file.imports.add_all("serde", ["Deserialize", "Deserializer", "Serialize", "Serializer"]);
    let Named { item, names, .. } = item;
    let name = ident(&names.name);
    let variants: Vec<_> = item
        .values
        .iter()
        .zip(&names.variants)
        .map(|(value, variant)| {
            let wire = clean::code_span(&value.wire);
            let doc =
                Doc::described(value.meaning.as_deref(), wire.as_deref(), "A value without text.");
            let alias = variant_alias(&value.wire, variant);
            let (doc, variant) = (file.doc(&doc, 4), ident(variant));
            let deprecated = deprecated(value.removed_in.as_deref());
            quote!(#doc #alias #deprecated #variant,)
        })
        .collect();
    let doc = file.doc(&doc(item), 0);
    file.push(quote! {
        #doc
        #[derive(Clone, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum #name {
            #(#variants)*
            /// A value that is not in the list.
            Unknown(UnknownValue),
        }
    });
    let wires: Vec<_> = item.values.iter().map(|value| value.wire.as_str()).collect();
    let variants: Vec<_> = names.variants.iter().map(|name| ident(name)).collect();
    let expected = expect_deprecated(item.values.iter().any(|value| value.removed_in.is_some()));
    file.push(quote! {
        #expected
        impl #name {
            /// The text on the wire.
            #[must_use]
            pub fn as_str(&self) -> &str {
                match self {
                    #(Self::#variants => #wires,)*
                    Self::Unknown(value) => value.as_str(),
                }
            }
            /// Whether the value is one of the list.
            #[must_use]
            pub fn is_known(&self) -> bool {
                !matches!(self, Self::Unknown(_))
            }
        }
    });
    let unknown = quote!(Self::Unknown(UnknownValue::new(text)));
    let body = if wires.is_empty() {
        unknown
    } else {
        quote!(match text { #(#wires => Self::#variants,)* _ => #unknown })
    };
    file.push(quote! {
        #expected
        impl From<&str> for #name {
            fn from(text: &str) -> Self { #body }
        }
    });
    let rest = file.context.wrappers.open_enum(&names.name);
    file.push_text(rest);
}

fn doc(item: &OpenEnum) -> Doc {
    let fields: BTreeSet<_> = item.used_by.iter().collect();
    let fields: Vec<_> = fields.iter().filter_map(|field| clean::code_span(field)).collect();
    let values = if fields.is_empty() {
        "Known values".to_owned()
    } else {
        format!("Known values of {}", fields.join(", "))
    };
    Doc::line(format!("{values}{}.", confidence_suffix(item.confidence)))
        .paragraph("Alipay may add others; they are kept as `Unknown`.")
}

/// The wire text as an alias where a search for it would not find the variant anyway: rustdoc's
/// search ignores case and underscores.
pub(super) fn variant_alias(wire: &str, variant: &str) -> TokenStream {
    let plain = |text: &str| text.replace('_', "").to_ascii_lowercase();
    if plain(wire) == plain(variant) { TokenStream::new() } else { alias(wire, variant) }
}
