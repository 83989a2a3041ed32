//! Implementations that differ by nothing but the name of their type.
//!
//! They are a third of all generated items, so they are laid out once, for a placeholder, whose
//! place the name takes. Their lines cannot break at the name, so the layout stays that of the
//! printer.

use proc_macro2::TokenStream;
use quote::quote;

use super::ident;
use crate::print::item_text;

/// A name no description can have: it is not in the form of any rule.
const PLACEHOLDER: &str = "__Name__";

/// The implementations, laid out.
#[derive(Debug)]
pub struct Wrappers {
    model: String,
    open_enum: String,
    codes: String,
}

impl Wrappers {
    /// Lays them out.
    ///
    /// # Errors
    ///
    /// When the printer refuses one.
    pub fn new() -> Result<Self, String> {
        let name = ident(PLACEHOLDER);
        let text = text_impls(&name);
        let all = text.iter().cloned().chain(wire_impls(&name));
        Ok(Self {
            model: layout(model_impls(&name))?,
            open_enum: layout(all)?,
            codes: layout(text.iter().cloned())?,
        })
    }

    /// What makes a model an ordinary type to serde and to `{:?}`.
    pub(super) fn model(&self, name: &str) -> String {
        self.model.replace(PLACEHOLDER, name)
    }

    /// What makes an open enum a text and a value.
    pub(super) fn open_enum(&self, name: &str) -> String {
        self.open_enum.replace(PLACEHOLDER, name)
    }

    /// What makes an enum of codes a text.
    pub(super) fn codes(&self, name: &str) -> String {
        self.codes.replace(PLACEHOLDER, name)
    }
}

fn layout(items: impl IntoIterator<Item = TokenStream>) -> Result<String, String> {
    let texts: Vec<_> = items.into_iter().map(item_text).collect::<Result<_, _>>()?;
    Ok(texts.join("\n"))
}

fn model_impls(name: &proc_macro2::Ident) -> [TokenStream; 3] {
    [
        quote! {
            impl Serialize for #name {
                fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                    model::serialize(self, serializer)
                }
            }
        },
        quote! {
            impl<'de> Deserialize<'de> for #name {
                fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                    let mut model: Self = Model::blank();
                    model::deserialize(&mut model, deserializer)?;
                    Ok(model)
                }
            }
        },
        quote! {
            impl fmt::Debug for #name {
                fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                    model::fmt_debug(self, f)
                }
            }
        },
    ]
}

/// Conversions of an enum that has `From<&str>` and `as_str`.
fn text_impls(name: &proc_macro2::Ident) -> [TokenStream; 3] {
    [
        quote! {
            impl From<String> for #name {
                fn from(text: String) -> Self {
                    Self::from(text.as_str())
                }
            }
        },
        quote! {
            impl AsRef<str> for #name {
                fn as_ref(&self) -> &str {
                    self.as_str()
                }
            }
        },
        quote! {
            impl fmt::Display for #name {
                fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                    f.write_str(self.as_str())
                }
            }
        },
    ]
}

fn wire_impls(name: &proc_macro2::Ident) -> [TokenStream; 3] {
    [
        quote! {
            impl Serialize for #name {
                fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                    serializer.serialize_str(self.as_str())
                }
            }
        },
        quote! {
            impl<'de> Deserialize<'de> for #name {
                fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                    String::deserialize(deserializer).map(Self::from)
                }
            }
        },
        quote! {
            impl Value for #name {
                fn kind(&self) -> Kind {
                    Kind::Text
                }
                fn get(&self) -> Ref<'_> {
                    Ref::Text(Cow::Borrowed(self.as_str()))
                }
                fn clear(&mut self) {
                    *self = Self::blank();
                }
                fn set_text(&mut self, text: &str) -> Result<(), Malformed> {
                    *self = Self::from(text);
                    Ok(())
                }
                fn blank() -> Self {
                    Self::from("")
                }
            }
        },
    ]
}
