//! Error codes: one enum per operation, and the gateway's own.

use proc_macro2::TokenStream;
use quote::quote;

use super::{Builder, Context, Op, deprecated, expect_deprecated, ident, open_enum};
use crate::{
    docs::{Doc, clean, confidence_suffix, end_sentence},
    ir::{Code, CodeSet, Retry},
    names::EnumNames,
    plan::Home,
    print::SourceFile,
};

/// The name of the enum of the gateway's codes.
pub(super) const COMMON: &str = "CommonErrorCode";

/// The file of the gateway's codes.
pub(super) fn common_file(context: &Context<'_>) -> SourceFile {
    let mut file = Builder::new(context, Home::Family("common_error_code".to_owned()));
    if let Some(set) = &context.api.common_codes {
        let names =
            EnumNames { name: COMMON.to_owned(), variants: context.names.common_codes.clone() };
        let doc = Doc::line("Error codes of the gateway, which every operation may answer.");
        items(&mut file, set, &names, doc, false);
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
    items(file, &operation.item.codes, &operation.names.codes, doc, has_common);
}

fn items(file: &mut Builder<'_>, set: &CodeSet, names: &EnumNames, doc: Doc, has_common: bool) {
    file.imports.add("std::fmt");
    file.core("value::UnknownValue");
    let name = ident(&names.name);
    let common = ident(COMMON);
    let doc = doc.paragraph("Alipay may add others; they are kept as `Unknown`.");
    let doc = file.doc(&doc, 0);
    let members: Vec<_> = set
        .codes
        .iter()
        .zip(&names.variants)
        .map(|(code, variant)| {
            let alias = open_enum::variant_alias(&code.wire, variant);
            let (doc, variant) = (file.doc(&code_doc(code), 4), ident(variant));
            let deprecated = deprecated(code.removed_in.as_deref());
            quote!(#doc #alias #deprecated #variant,)
        })
        .collect();
    let common_member = has_common.then(|| {
        quote! {
            /// A code of the gateway.
            Common(#common),
        }
    });
    file.push(quote! {
        #doc
        #[derive(Clone, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum #name {
            #(#members)*
            #common_member
            /// A code that is not in the list.
            Unknown(UnknownValue),
        }
    });
    let wires: Vec<_> = set.codes.iter().map(|code| code.wire.as_str()).collect();
    let variants: Vec<_> = names.variants.iter().map(|name| ident(name)).collect();
    let common_text = has_common.then(|| quote!(Self::Common(code) => code.as_str(),));
    let common_unknown = has_common.then(|| quote!(| Self::Common(#common::Unknown(_))));
    let expected = expect_deprecated(set.codes.iter().any(|code| code.removed_in.is_some()));
    file.push(quote! {
        #expected
        impl #name {
            /// The code as Alipay writes it.
            #[must_use]
            pub fn as_str(&self) -> &str {
                match self {
                    #(Self::#variants => #wires,)*
                    #common_text
                    Self::Unknown(code) => code.as_str(),
                }
            }
            /// Whether the code is one of the list.
            #[must_use]
            pub fn is_known(&self) -> bool {
                !matches!(self, Self::Unknown(_) #common_unknown)
            }
        }
    });
    let other = if has_common {
        file.push(quote! {
            impl From<#common> for #name {
                fn from(code: #common) -> Self {
                    match code {
                        #common::Unknown(code) => Self::Unknown(code),
                        code => Self::Common(code),
                    }
                }
            }
        });
        quote!(Self::from(#common::from(text)))
    } else {
        quote!(Self::Unknown(UnknownValue::new(text)))
    };
    let from = from_text(&name, &wires, &variants, &other);
    file.push(quote!(#expected #from));
    let rest = file.context.wrappers.codes(&names.name);
    file.push_text(rest);
}

fn from_text(
    name: &proc_macro2::Ident,
    wires: &[&str],
    variants: &[proc_macro2::Ident],
    other: &TokenStream,
) -> TokenStream {
    let body = if wires.is_empty() {
        other.clone()
    } else {
        quote!(match text { #(#wires => Self::#variants,)* _ => #other })
    };
    quote! {
        impl From<&str> for #name {
            fn from(text: &str) -> Self { #body }
        }
    }
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
