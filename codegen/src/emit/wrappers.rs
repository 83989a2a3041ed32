//! Implementations that differ by nothing but the name of their type.
//!
//! They are a third of all generated items.

use proc_macro2::{Ident, TokenStream};
use quote::quote;

use crate::print::shape::{Place, Shape};

/// The implementations, laid out.
#[derive(Debug)]
pub(super) struct Wrappers {
    model: [Shape<1>; 3],
    text: [Shape<1>; 3],
    wire: [Shape<1>; 3],
}

impl Wrappers {
    /// Lays them out.
    ///
    /// # Errors
    ///
    /// When the printer refuses one.
    pub(super) fn new() -> Result<Self, String> {
        Ok(Self {
            model: layout(model_impls)?,
            text: layout(text_impls)?,
            wire: layout(wire_impls)?,
        })
    }

    /// What makes a model an ordinary type to serde and to `{:?}`.
    pub(super) fn model(&self, name: &str) -> Result<String, String> {
        fill(&self.model, name)
    }

    /// What makes an open enum a text and a value.
    pub(super) fn open_enum(&self, name: &str) -> Result<String, String> {
        Ok([fill(&self.text, name)?, fill(&self.wire, name)?].join("\n"))
    }

    /// What makes an enum of codes a text.
    pub(super) fn codes(&self, name: &str) -> Result<String, String> {
        fill(&self.text, name)
    }
}

fn fill(shapes: &[Shape<1>], name: &str) -> Result<String, String> {
    let texts: Vec<_> = shapes.iter().map(|shape| shape.fill([name])).collect::<Result<_, _>>()?;
    Ok(texts.join("\n"))
}

fn layout(impls: fn(&Ident) -> [TokenStream; 3]) -> Result<[Shape<1>; 3], String> {
    let shape = |number: usize| {
        Shape::new(Place::Item, &[0], |[name], _| {
            impls(&name).into_iter().nth(number).unwrap_or_default()
        })
    };
    Ok([shape(0)?, shape(1)?, shape(2)?])
}

fn model_impls(name: &Ident) -> [TokenStream; 3] {
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
fn text_impls(name: &Ident) -> [TokenStream; 3] {
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

fn wire_impls(name: &Ident) -> [TokenStream; 3] {
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
