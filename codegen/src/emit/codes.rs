//! Error codes: one enum per operation, and the gateway's own.

use proc_macro2::TokenStream;
use quote::quote;

use super::{Builder, Context, Op, comment, ident, open_enum};
use crate::{
    docs::{Doc, clean, confidence_suffix, end_sentence},
    ir::{Code, CodeSet, Retry},
    names::EnumNames,
    plan::Home,
    print::{
        SourceFile,
        shape::{Place, Shape, lines},
    },
};

/// The name of the enum of the gateway's codes.
pub(super) const COMMON: &str = "CommonErrorCode";

/// What enums of codes are made of: the gateway's own, and those that hold the gateway's too.
#[derive(Debug)]
pub(super) struct Shapes {
    own: SetShapes,
    with_common: SetShapes,
    /// From a code of the gateway.
    from_common: Shape<1>,
}

/// What one kind of them is made of.
#[derive(Debug)]
struct SetShapes {
    /// The enum: the lines are the variants.
    definition: Shape<1>,
    /// Its texts: the lines are the arms.
    as_str: Shape<1>,
    from_text: open_enum::FromText,
}

impl Shapes {
    pub(super) fn new() -> Result<Self, String> {
        let common = ident(COMMON);
        Ok(Self {
            own: SetShapes::new(
                &TokenStream::new(),
                &TokenStream::new(),
                &TokenStream::new(),
                &quote!(Self::Unknown(UnknownValue::new(text))),
            )?,
            with_common: SetShapes::new(
                &quote! {
                    /// A code of the gateway.
                    Common(#common),
                },
                &quote!(Self::Common(code) => code.as_str(),),
                &quote!(| Self::Common(#common::Unknown(_))),
                &quote!(Self::from(#common::from(text))),
            )?,
            from_common: Shape::new(Place::Item, &[], |[name], _| {
                quote! {
                    impl From<#common> for #name {
                        fn from(code: #common) -> Self {
                            match code {
                                #common::Unknown(code) => Self::Unknown(code),
                                code => Self::Common(code),
                            }
                        }
                    }
                }
            })?,
        })
    }
}

impl SetShapes {
    fn new(
        member: &TokenStream,
        text: &TokenStream,
        unknown: &TokenStream,
        other: &TokenStream,
    ) -> Result<Self, String> {
        let lines = lines();
        Ok(Self {
            definition: Shape::new(Place::Item, &[], |[name], _| {
                quote! {
                    #[derive(Clone, Debug, PartialEq, Eq, Hash)]
                    #[non_exhaustive]
                    pub enum #name {
                        #lines,
                        #member
                        /// A code that is not in the list.
                        Unknown(UnknownValue),
                    }
                }
            })?,
            as_str: Shape::new(Place::Item, &[], |[name], _| {
                quote! {
                    impl #name {
                        /// The code as Alipay writes it.
                        #[must_use]
                        pub fn as_str(&self) -> &str {
                            match self {
                                #lines => {}
                                #text
                                Self::Unknown(code) => code.as_str(),
                            }
                        }
                        /// Whether the code is one of the list.
                        #[must_use]
                        pub fn is_known(&self) -> bool {
                            !matches!(self, Self::Unknown(_) #unknown)
                        }
                    }
                }
            })?,
            from_text: open_enum::FromText::new(other)?,
        })
    }
}

/// The file of the gateway's codes.
pub(super) fn common_file(context: &Context<'_>) -> Result<SourceFile, String> {
    let mut file = Builder::new(context, Home::Family("common_error_code".to_owned()));
    if let Some(set) = &context.api.common_codes {
        let names =
            EnumNames { name: COMMON.to_owned(), variants: context.names.common_codes.clone() };
        let doc = Doc::line("Error codes of the gateway, which every operation may answer.");
        items(&mut file, set, &names, doc, false)?;
        if let Some(classes) = classes(set) {
            file.core("codes::ErrorCodes");
            let name = ident(COMMON);
            let unused = (context.names.groups.len() > 1).then(|| {
                quote!(#[allow(dead_code, reason = "used by operations, which features turn on")])
            });
            file.push(quote! {
                impl #name {
                    /// What the codes say of the request they answer.
                    #unused
                    pub(crate) const CLASSES: ErrorCodes = #classes;
                }
            });
        }
    }
    Ok(file.finish(Doc::line("The gateway's error codes.")))
}

/// The table of what a set's codes say; none when nobody has classified any.
pub(super) fn classes(set: &CodeSet) -> Option<TokenStream> {
    let of = |retries: &[Retry]| -> Vec<&str> {
        let apt = |code: &&Code| code.retry.is_some_and(|retry| retries.contains(&retry));
        set.codes.iter().filter(apt).map(|code| code.wire.as_str()).collect()
    };
    let lists =
        [("failed", of(&[Retry::SameRequest])), ("refused", of(&[Retry::Later, Retry::Never]))];
    let lists: Vec<_> = lists.iter().filter(|(_, codes)| !codes.is_empty()).collect();
    if lists.is_empty() {
        return None;
    }
    let methods = lists.iter().map(|(method, _)| ident(method));
    let codes = lists.iter().map(|(_, codes)| codes);
    Some(quote!(ErrorCodes::new() #(.#methods(&[#(#codes),*]))*))
}

/// The enum of an operation's codes.
pub(super) fn of_operation(file: &mut Builder<'_>, operation: Op<'_>) -> Result<(), String> {
    let id = clean::code_span(&operation.item.id).unwrap_or_default();
    let doc = Doc::line(format!("Error codes of {id}."));
    let has_common = file.context.api.common_codes.is_some();
    if has_common {
        file.imports.add(&format!("crate::generated::models::{COMMON}"));
    }
    items(file, &operation.item.codes, &operation.names.codes, doc, has_common)
}

fn items(
    file: &mut Builder<'_>,
    set: &CodeSet,
    names: &EnumNames,
    doc: Doc,
    has_common: bool,
) -> Result<(), String> {
    file.imports.add("std::fmt");
    file.core("value::UnknownValue");
    let all = file.context.shapes;
    let shapes = if has_common { &all.codes.with_common } else { &all.codes.own };
    let name = [names.name.as_str()];
    let mut variants = String::new();
    for (code, variant) in set.codes.iter().zip(&names.variants) {
        let (doc, removed_in) = (code_doc(code), code.removed_in.as_deref());
        variants.push_str(&open_enum::variant(file, &doc, &code.wire, variant, removed_in)?);
    }
    let doc = doc.paragraph("Alipay may add others; they are kept as `Unknown`.");
    let definition = shapes.definition.fill_lines(name, &variants)?;
    file.push_text(comment(&doc, 0) + &definition);
    let wires = set.codes.iter().map(|code| code.wire.as_str());
    let (to_text, of_text) = all.open_enum.arms(wires, &names.variants)?;
    let removed = set.codes.iter().any(|code| code.removed_in.is_some());
    let expected = all.expect_deprecated(removed)?;
    file.push_text(expected.clone() + &shapes.as_str.fill_lines(name, &to_text)?);
    if has_common {
        file.push_text(all.codes.from_common.fill(name)?);
    }
    file.push_text(expected + &shapes.from_text.fill(&names.name, &of_text)?);
    file.push_text(all.wrappers.codes(&names.name)?);
    Ok(())
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
