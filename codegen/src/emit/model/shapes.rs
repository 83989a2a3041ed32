//! The shapes of structs.

use proc_macro2::TokenStream;
use quote::quote;

use crate::print::shape::{Place, Shape, lines};

/// What structs are made of.
#[derive(Debug)]
pub(in crate::emit) struct Shapes {
    /// A struct without fields.
    pub(super) empty: Shape<1>,
    /// One whose fields are all optional.
    pub(super) optional: Shape<1>,
    /// One with required fields.
    pub(super) strict: Shape<1>,
    /// One with more of them that are `bool` than clippy likes.
    pub(super) of_bools: Shape<1>,
    /// A field: name and type.
    pub(super) field: Shape<2>,
    /// The head of a setter: name and type of the parameter.
    pub(super) setter: Shape<2>,
    /// What it does: name and value.
    pub(super) set: Shape<2>,
    /// A constructor without parameters.
    pub(super) new_empty: Shape<0>,
    /// The head of one with parameters.
    pub(super) new: Shape<0>,
    /// Its value: the fields.
    pub(super) value: Shape<0>,
    /// The same where there are other fields.
    pub(super) value_and_rest: Shape<0>,
    /// On a constructor with many parameters.
    pub(super) many_parameters: Shape<0>,
    /// On a constructor with many that are `bool`.
    pub(super) many_bools: Shape<0>,
    /// The implementation of `Model`.
    pub(super) access: AccessShapes,
}

/// What the implementation of `Model` is made of.
#[derive(Debug)]
pub(super) struct AccessShapes {
    /// The table of fields: name of the struct; the list is that of the fields.
    pub(super) table: Shape<1>,
    /// The table without fields.
    pub(super) no_table: Shape<1>,
    /// A field by its number: the lines are the arms.
    pub(super) field_of: Shape<0>,
    /// The same for writing.
    pub(super) field_mut_of: Shape<0>,
    /// An arm: number and name.
    pub(super) arm: Shape<2>,
    /// The same for writing.
    pub(super) arm_mut: Shape<2>,
    /// No field by any number.
    pub(super) no_field: Shape<0>,
    /// The same for writing.
    pub(super) no_field_mut: Shape<0>,
    /// The value before it is read, of a struct that has a default.
    pub(super) blank_default: Shape<0>,
    /// That of another: the list is that of the fields.
    pub(super) blank: Shape<0>,
}

impl Shapes {
    pub(in crate::emit) fn new() -> Result<Self, String> {
        let lines = lines();
        let attribute =
            |code: TokenStream| Shape::new(Place::InnerAttribute, &[], |[], _| code.clone());
        let item = |attributes: TokenStream, body: TokenStream| {
            Shape::new(
                Place::Item,
                &[],
                |[name], _| quote!(#attributes #[non_exhaustive] pub struct #name { #body }),
            )
        };
        let with_default = quote!(#[derive(Clone, Default, PartialEq)]);
        let without = quote!(#[derive(Clone, PartialEq)]);
        let bools = quote! {
            #[expect(clippy::struct_excessive_bools, reason = "the fields are Alipay's")]
        };
        let fields = quote!(#lines: A,);
        Ok(Self {
            empty: item(with_default.clone(), TokenStream::new())?,
            optional: item(with_default, fields.clone())?,
            strict: item(without.clone(), fields.clone())?,
            of_bools: item(quote!(#without #bools), fields)?,
            field: Shape::new(Place::Field, &[], |[name, ty], _| quote!(pub #name: #ty,))?,
            setter: Shape::new(
                Place::Head,
                &[1],
                |[name, ty], _| quote!(#[must_use] pub fn #name(mut self, #name: #ty) -> Self),
            )?,
            set: Shape::new(
                Place::Body,
                &[],
                |[name, value], _| quote!(self.#name = Some(#value);),
            )?,
            new_empty: member(&quote!(
                #[must_use]
                pub fn new() -> Self {
                    Self::default()
                }
            ))?,
            new: Shape::new(
                Place::Head,
                &[0],
                |[], list| quote!(#[must_use] pub fn new(#list: ()) -> Self),
            )?,
            value: Shape::new(Place::Body, &[0], |[], list| quote!(Self { #list }))?.of_value(8),
            value_and_rest: Shape::new(
                Place::Body,
                &[0],
                |[], list| quote!(Self { #list, ..Model::blank() }),
            )?
            .of_value(8),
            many_parameters: attribute(quote! {
                #[expect(clippy::too_many_arguments, reason = "one for each required field")]
            })?,
            many_bools: attribute(quote! {
                #[expect(clippy::fn_params_excessive_bools, reason = "one for each required field")]
            })?,
            access: AccessShapes::new()?,
        })
    }
}

impl AccessShapes {
    fn new() -> Result<Self, String> {
        let lines = lines();
        let arms = quote!(#lines => {} _ => return None,);
        Ok(Self {
            table: Shape::new(Place::Member, &[0, 1], |[name], list| {
                quote! {
                    fn table(&self) -> &'static Table {
                        const TABLE: &Table = &Table::new(#name, &[#list]);
                        TABLE
                    }
                }
            })?,
            no_table: Shape::new(Place::Member, &[0], |[name], _| {
                quote! {
                    fn table(&self) -> &'static Table {
                        const TABLE: &Table = &Table::new(#name, &[]);
                        TABLE
                    }
                }
            })?,
            // Inlined, they would be compiled again in each crate that makes calls, with all they name.
            field_of: member(&quote! {
                #[inline(never)]
                fn field(&self, index: usize) -> Option<&dyn Value> {
                    let field: &dyn Value = match index { #arms };
                    Some(field)
                }
            })?,
            field_mut_of: member(&quote! {
                #[inline(never)]
                fn field_mut(&mut self, index: usize) -> Option<&mut dyn Value> {
                    let field: &mut dyn Value = match index { #arms };
                    Some(field)
                }
            })?,
            arm: Shape::new(Place::Arm, &[], |[number, name], _| quote!(#number => &self.#name,))?,
            arm_mut: Shape::new(
                Place::Arm,
                &[],
                |[number, name], _| quote!(#number => &mut self.#name,),
            )?,
            no_field: member(&quote! {
                fn field(&self, _: usize) -> Option<&dyn Value> {
                    None
                }
            })?,
            no_field_mut: member(&quote! {
                fn field_mut(&mut self, _: usize) -> Option<&mut dyn Value> {
                    None
                }
            })?,
            blank_default: member(&quote!(
                fn blank() -> Self {
                    Self::default()
                }
            ))?,
            blank: Shape::new(
                Place::Member,
                &[0],
                |[], list| quote!(fn blank() -> Self { Self { #list } }),
            )?
            .of_value(8),
        })
    }
}

/// A member without holes, but perhaps with lines.
fn member(code: &TokenStream) -> Result<Shape<0>, String> {
    Shape::new(Place::Member, &[], |[], _| code.clone())
}
