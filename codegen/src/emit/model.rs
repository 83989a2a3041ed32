//! Structs: requests, answers, messages and their parts.

use proc_macro2::{Literal, TokenStream};
use quote::quote;

use super::{
    Builder, Context, Named, alias, deprecated, expect_deprecated, field, ident, open_enum,
};
use crate::{
    docs::{Doc, clean},
    ir::{Field, Place, Presence, Role, Struct, Ty},
    names::StructNames,
    plan::Home,
    print::SourceFile,
};

/// The most parameters and the most `bool`s clippy takes without asking.
const FEW_PARAMETERS: usize = 7;
const FEW_BOOLS: usize = 3;

/// The file of a family of shared types.
pub(super) fn family(context: &Context<'_>, module: &str) -> SourceFile {
    let home = Home::Family(module.to_owned());
    let mut file = Builder::new(context, home.clone());
    let mut names = Vec::new();
    for item in context.structs_of(&home) {
        let about = match &item.item.role {
            Role::Shared { in_request: true, in_response: false } => "Part of requests.",
            Role::Shared { in_request: false, .. } => "Part of answers.",
            _ => "Part of requests and answers.",
        };
        structure(&mut file, item, Doc::line(about));
        names.push(format!("`{}`", item.names.name));
    }
    for item in context.enums_of(&home) {
        open_enum::items(&mut file, item);
        names.push(format!("`{}`", item.names.name));
    }
    file.finish(Doc::line(format!("{}.", names.join(", "))))
}

/// All items of a struct. `about` is said behind the description's text.
pub(super) fn structure(file: &mut Builder<'_>, item: Named<'_, Struct, StructNames>, about: Doc) {
    file.imports.add("std::fmt");
    file.imports.add_all("alipay_core::model", ["Model", "Table"]);
    file.core("model");
    file.core("value::Value");
    file.imports.add_all("serde", ["Deserialize", "Deserializer", "Serialize", "Serializer"]);
    if !item.item.fields.is_empty() {
        file.core("model::Field");
    }
    let parts = Parts::new(file, item);
    let definition = parts.definition(file, about);
    file.push(definition);
    if takes_input(&item.item.role) {
        let setters = parts.setters(file);
        file.push(setters);
    }
    file.push(parts.model());
    let rest = file.context.wrappers.model(&item.names.name);
    file.push_text(rest);
}

/// Whether callers make values of a struct.
pub(crate) fn takes_input(role: &Role) -> bool {
    matches!(role, Role::Request(_) | Role::Shared { in_request: true, .. })
}

/// The fields that `new` takes, in its order, with their numbers.
pub(crate) fn required_fields(item: &Struct) -> Vec<(usize, &Field)> {
    let rank = |field: &Field| item.required.iter().position(|name| *name == field.wire);
    let mut fields: Vec<_> =
        item.fields.iter().enumerate().filter(|(_, field)| field::is_required(field)).collect();
    fields.sort_by_key(|(number, field)| (rank(field).unwrap_or(usize::MAX), *number));
    fields
}

struct Parts<'a> {
    item: &'a Struct,
    names: &'a StructNames,
    name: proc_macro2::Ident,
    fields: Vec<(&'a Field, &'a str)>,
    types: Vec<TokenStream>,
}

impl<'a> Parts<'a> {
    fn new(file: &mut Builder<'_>, item: Named<'a, Struct, StructNames>) -> Self {
        let Named { item, names, .. } = item;
        let fields: Vec<_> =
            item.fields.iter().zip(names.fields.iter().map(String::as_str)).collect();
        let types = item.fields.iter().map(|field| field::field_type(file, field)).collect();
        Self { item, names, name: ident(&names.name), fields, types }
    }

    fn all_optional(&self) -> bool {
        !self.item.fields.iter().any(field::is_required)
    }

    fn definition(&self, file: &mut Builder<'_>, about: Doc) -> TokenStream {
        let name = &self.name;
        let upstream = clean::code_span(&self.item.upstream_name).unwrap_or_default();
        let doc = Doc::about(&self.item.docs, &format!("The object {upstream}.")).append(about);
        let doc = file.doc(&doc, 0);
        let alias_name = alias(&self.item.upstream_name, &self.names.name);
        let derives = if self.all_optional() {
            quote!(#[derive(Clone, Default, PartialEq)])
        } else {
            quote!(#[derive(Clone, PartialEq)])
        };
        let bools = self
            .item
            .fields
            .iter()
            .filter(|f| field::is_required(f) && f.ty == Ty::Boolean)
            .count();
        let expect = (bools > FEW_BOOLS).then(|| {
            quote!(#[expect(clippy::struct_excessive_bools, reason = "the fields are Alipay's")])
        });
        let fields: Vec<_> = self
            .fields
            .iter()
            .zip(&self.types)
            .map(|((field, rust_name), ty)| {
                let doc = file.doc(&field::doc(field, rust_name), 4);
                let alias = alias(&field.wire, rust_name);
                let rust_name = ident(rust_name);
                let deprecated = deprecated(field.removed_in.as_deref());
                quote!(#doc #alias #deprecated pub #rust_name: #ty,)
            })
            .collect();
        quote! {
            #doc
            #alias_name
            #derives
            #expect
            #[non_exhaustive]
            pub struct #name { #(#fields)* }
        }
    }

    fn setters(&self, file: &mut Builder<'_>) -> TokenStream {
        let name = &self.name;
        let new = self.constructor(file);
        let setters: Vec<_> = self
            .fields
            .iter()
            .filter(|(field, _)| !field::is_required(field))
            .map(|(field, rust_name)| {
                let doc = Doc::line(format!("Sets [`{rust_name}`](#structfield.{rust_name})."));
                let doc = file.doc(&doc, 4);
                let (parameter, value) = field::parameter(file, rust_name, &field.ty);
                let rust_name = ident(rust_name);
                let deprecated = deprecated(field.removed_in.as_deref());
                let expected = expect_deprecated(field.removed_in.is_some());
                quote! {
                    #doc
                    #deprecated
                    #expected
                    #[must_use]
                    pub fn #rust_name(mut self, #parameter) -> Self {
                        self.#rust_name = Some(#value);
                        self
                    }
                }
            })
            .collect();
        quote!(impl #name { #new #(#setters)* })
    }

    fn constructor(&self, file: &mut Builder<'_>) -> TokenStream {
        let required = required_fields(self.item);
        if required.is_empty() {
            let doc = if self.item.fields.is_empty() {
                "A value; there is nothing to set."
            } else {
                "An empty value; the methods named like the fields set them."
            };
            let doc = file.doc(&Doc::line(doc), 4);
            return quote!(#doc #[must_use] pub fn new() -> Self { Self::default() });
        }
        let optional = required.len() < self.item.fields.len();
        let doc = if optional {
            "A value with what is required; the methods named like the other fields set those."
        } else {
            "A value with what is required, which is all there is."
        };
        let doc = file.doc(&Doc::line(doc), 4);
        let mut parameters = Vec::new();
        let mut values = Vec::new();
        for (number, field) in &required {
            let Some(rust_name) = self.names.fields.get(*number) else { continue };
            let (parameter, value) = field::parameter(file, rust_name, &field.ty);
            let rust_name = ident(rust_name);
            parameters.push(parameter);
            values.push(if rust_name == value.to_string() {
                quote!(#rust_name)
            } else {
                quote!(#rust_name: #value)
            });
        }
        let rest = optional.then(|| quote!(..Model::blank()));
        let many = (parameters.len() > FEW_PARAMETERS).then(|| {
            quote!(#[expect(clippy::too_many_arguments, reason = "one for each required field")])
        });
        let bools = required.iter().filter(|(_, field)| field.ty == Ty::Boolean).count();
        let bools = (bools > FEW_BOOLS).then(|| {
            quote!(#[expect(clippy::fn_params_excessive_bools, reason = "one for each required field")])
        });
        let expected =
            expect_deprecated(required.iter().any(|(_, field)| field.removed_in.is_some()));
        quote! {
            #doc
            #many
            #bools
            #expected
            #[must_use]
            pub fn new(#(#parameters),*) -> Self {
                Self { #(#values,)* #rest }
            }
        }
    }

    fn model(&self) -> TokenStream {
        let name = &self.name;
        let text = &self.names.name;
        let table = self.fields.iter().map(|(field, _)| table_entry(field));
        let blank = if self.all_optional() {
            quote!(Self::default())
        } else {
            let fields = self.fields.iter().map(|(field, rust_name)| {
                let rust_name = ident(rust_name);
                if field::is_required(field) {
                    quote!(#rust_name: Value::blank())
                } else {
                    quote!(#rust_name: None)
                }
            });
            quote!(Self { #(#fields),* })
        };
        let (field, field_mut) = self.accessors();
        let expected =
            expect_deprecated(self.item.fields.iter().any(|field| field.removed_in.is_some()));
        quote! {
            #expected
            impl Model for #name {
                fn table(&self) -> &'static Table {
                    const TABLE: &Table = &Table::new(#text, &[#(#table),*]);
                    TABLE
                }
                #field
                #field_mut
                fn blank() -> Self { #blank }
            }
        }
    }

    fn accessors(&self) -> (TokenStream, TokenStream) {
        if self.fields.is_empty() {
            return (
                quote!(
                    fn field(&self, _: usize) -> Option<&dyn Value> {
                        None
                    }
                ),
                quote!(
                    fn field_mut(&mut self, _: usize) -> Option<&mut dyn Value> {
                        None
                    }
                ),
            );
        }
        let arms = |reference: TokenStream| {
            let arms = self.fields.iter().enumerate().map(|(number, (_, rust_name))| {
                let number = Literal::usize_unsuffixed(number);
                let rust_name = ident(rust_name);
                quote!(#number => #reference self.#rust_name,)
            });
            quote!(#(#arms)*)
        };
        let (by_ref, by_mut) = (arms(quote!(&)), arms(quote!(&mut)));
        (
            quote! {
                fn field(&self, index: usize) -> Option<&dyn Value> {
                    let field: &dyn Value = match index { #by_ref _ => return None };
                    Some(field)
                }
            },
            quote! {
                fn field_mut(&mut self, index: usize) -> Option<&mut dyn Value> {
                    let field: &mut dyn Value = match index { #by_mut _ => return None };
                    Some(field)
                }
            },
        )
    }
}

fn table_entry(field: &Field) -> TokenStream {
    let wire = &field.wire;
    let place = match field.place {
        Place::Body => quote!(Field::body(#wire)),
        Place::File => quote!(Field::file(#wire)),
        Place::Query => quote!(Field::query(#wire)),
        Place::Path => quote!(Field::path(#wire)),
    };
    let required = matches!(field.presence, Presence::Required(_)) && field.place != Place::Path;
    let required = required.then(|| quote!(.required()));
    let sensitive = field.sensitive.then(|| quote!(.sensitive()));
    quote!(#place #required #sensitive)
}
