//! Open enums: known values, and a place for others.

use std::collections::BTreeSet;

use proc_macro2::TokenStream;
use quote::quote;

use super::{Builder, Context, Named, alias, comment, literal};
use crate::{
    docs::{Doc, clean, confidence_suffix},
    ir::OpenEnum,
    names::EnumNames,
    plan::Home,
    print::{
        SourceFile,
        shape::{Place, Shape, lines},
    },
};

/// What enums are made of.
#[derive(Debug)]
pub(super) struct Shapes {
    /// The enum: the lines are the variants.
    definition: Shape<1>,
    /// Its texts: the lines are the arms.
    as_str: Shape<1>,
    /// An arm: variant and text.
    pub(super) to_text: Shape<2>,
    from_text: FromText,
    /// An arm: text and variant.
    pub(super) of_text: Shape<2>,
}

/// The conversion of a text to an enum.
#[derive(Debug)]
pub(super) struct FromText {
    /// With known values: the lines are the arms.
    known: Shape<1>,
    /// Without any.
    unknown: Shape<1>,
}

impl FromText {
    /// `other` is what becomes of a text that is not known.
    pub(super) fn new(other: &TokenStream) -> Result<Self, String> {
        let lines = lines();
        let from = |body: TokenStream| {
            Shape::new(Place::Item, &[], |[name], _| {
                quote! {
                    impl From<&str> for #name {
                        fn from(text: &str) -> Self { #body }
                    }
                }
            })
        };
        Ok(Self {
            known: from(quote!(match text { #lines => {} _ => #other }))?,
            unknown: from(other.clone())?,
        })
    }

    /// The conversion to the enum of a name. A match without arms would say nothing.
    pub(super) fn fill(&self, name: &str, arms: &str) -> Result<String, String> {
        match arms {
            "" => self.unknown.fill([name]),
            arms => self.known.fill_lines([name], arms),
        }
    }
}

impl Shapes {
    pub(super) fn new() -> Result<Self, String> {
        let lines = lines();
        let unknown = quote!(Self::Unknown(UnknownValue::new(text)));
        Ok(Self {
            definition: Shape::new(Place::Item, &[], |[name], _| {
                quote! {
                    #[derive(Clone, Debug, PartialEq, Eq, Hash)]
                    #[non_exhaustive]
                    pub enum #name {
                        #lines,
                        /// A value that is not in the list.
                        Unknown(UnknownValue),
                    }
                }
            })?,
            as_str: Shape::new(Place::Item, &[], |[name], _| {
                quote! {
                    impl #name {
                        /// The text on the wire.
                        #[must_use]
                        pub fn as_str(&self) -> &str {
                            match self {
                                #lines => {}
                                Self::Unknown(value) => value.as_str(),
                            }
                        }
                        /// Whether the value is one of the list.
                        #[must_use]
                        pub fn is_known(&self) -> bool {
                            !matches!(self, Self::Unknown(_))
                        }
                    }
                }
            })?,
            to_text: Shape::new(
                Place::Arm,
                &[0],
                |[variant, text], _| quote!(Self::#variant => #text,),
            )?,
            from_text: FromText::new(&unknown)?,
            of_text: Shape::new(
                Place::Arm,
                &[1],
                |[text, variant], _| quote!(#text => Self::#variant,),
            )?,
        })
    }

    /// The arms from variants to texts, and those from texts to variants.
    pub(super) fn arms<'t>(
        &self,
        texts: impl IntoIterator<Item = &'t str>,
        variants: &[String],
    ) -> Result<(String, String), String> {
        let (mut to_text, mut of_text) = (String::new(), String::new());
        for (text, variant) in texts.into_iter().zip(variants) {
            let text = literal(text);
            to_text.push_str(&self.to_text.fill([variant, &text])?);
            of_text.push_str(&self.of_text.fill([&text, variant])?);
        }
        Ok((to_text, of_text))
    }
}

/// The file of the enums that several files use.
pub(super) fn file(context: &Context<'_>) -> Result<SourceFile, String> {
    let mut file = Builder::new(context, Home::Enums);
    for item in context.enums_of(&Home::Enums) {
        items(&mut file, item)?;
    }
    Ok(file.finish(Doc::line("Open sets of values that several types use.")))
}

/// All items of an enum.
pub(super) fn items(
    file: &mut Builder<'_>,
    item: Named<'_, OpenEnum, EnumNames>,
) -> Result<(), String> {
    file.imports.add_all("std", ["borrow::Cow", "fmt"]);
    file.imports
        .add_all("alipay_core::value", ["Kind", "Malformed", "Ref", "UnknownValue", "Value"]);
    file.imports.add_all("serde", ["Deserialize", "Deserializer", "Serialize", "Serializer"]);
    let Named { item, names, .. } = item;
    let all = file.context.shapes;
    let shapes = &all.open_enum;
    let mut variants = String::new();
    for (value, name) in item.values.iter().zip(&names.variants) {
        let wire = clean::code_span(&value.wire);
        let doc =
            Doc::described(value.meaning.as_deref(), wire.as_deref(), "A value without text.");
        variants.push_str(&variant(file, &doc, &value.wire, name, value.removed_in.as_deref())?);
    }
    let definition = shapes.definition.fill_lines([&names.name], &variants)?;
    file.push_text(comment(&doc(item), 0) + &definition);
    let wires = item.values.iter().map(|value| value.wire.as_str());
    let (to_text, of_text) = shapes.arms(wires, &names.variants)?;
    let removed = item.values.iter().any(|value| value.removed_in.is_some());
    let expected = all.expect_deprecated(removed)?;
    file.push_text(expected.clone() + &shapes.as_str.fill_lines([&names.name], &to_text)?);
    file.push_text(expected + &shapes.from_text.fill(&names.name, &of_text)?);
    file.push_text(all.wrappers.open_enum(&names.name)?);
    Ok(())
}

/// A variant with its comment.
pub(super) fn variant(
    file: &Builder<'_>,
    doc: &Doc,
    wire: &str,
    name: &str,
    removed_in: Option<&str>,
) -> Result<String, String> {
    let attributes = file.attributes(variant_alias(wire, name), removed_in)?;
    Ok(format!("{}{attributes}    {name},\n", comment(doc, 4)))
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
fn variant_alias<'w>(wire: &'w str, variant: &str) -> Option<&'w str> {
    let plain = |text: &str| text.replace('_', "").to_ascii_lowercase();
    if plain(wire) == plain(variant) { None } else { alias(wire, variant) }
}
