//! The code that occurs often, laid out once for each run.

use quote::quote;

use super::{api, codes, model, open_enum, operation, wrappers::Wrappers};
use crate::print::shape::{Place, Shape};

/// The shapes of all constructs.
#[derive(Debug)]
pub struct Shapes {
    /// Implementations that differ by the name of their type only.
    pub(super) wrappers: Wrappers,
    pub(super) api: api::Shapes,
    pub(super) codes: codes::Shapes,
    pub(super) model: model::Shapes,
    pub(super) open_enum: open_enum::Shapes,
    pub(super) operation: operation::Shapes,
    /// Lets rustdoc find an item by its upstream name.
    pub(super) alias: Shape<1>,
    /// The same for what is inside of an item.
    pub(super) inner_alias: Shape<1>,
    /// On what Alipay has dropped.
    pub(super) deprecated: Shape<1>,
    /// On generated code that still has to name something deprecated.
    pub(super) expect_deprecated: Shape<0>,
    /// The same on a member.
    pub(super) member_expect_deprecated: Shape<0>,
}

impl Shapes {
    /// Lays them out.
    ///
    /// # Errors
    ///
    /// When the printer refuses one.
    pub fn new() -> Result<Self, String> {
        Ok(Self {
            wrappers: Wrappers::new()?,
            api: api::Shapes::new()?,
            codes: codes::Shapes::new()?,
            model: model::Shapes::new()?,
            open_enum: open_enum::Shapes::new()?,
            operation: operation::Shapes::new()?,
            alias: Shape::new(Place::Attribute, &[], |[name], _| quote!(#[doc(alias = #name)]))?,
            inner_alias: Shape::new(
                Place::InnerAttribute,
                &[],
                |[name], _| quote!(#[doc(alias = #name)]),
            )?,
            deprecated: Shape::new(
                Place::InnerAttribute,
                &[],
                |[note], _| quote!(#[deprecated(note = #note)]),
            )?,
            expect_deprecated: expect_deprecated(Place::Attribute)?,
            member_expect_deprecated: expect_deprecated(Place::InnerAttribute)?,
        })
    }

    /// The attribute of an item that still has to name something deprecated, if it has to.
    pub(super) fn expect_deprecated(&self, any: bool) -> Result<String, String> {
        if any { self.expect_deprecated.fill([]) } else { Ok(String::new()) }
    }

    /// The same for a member.
    pub(super) fn member_expect_deprecated(&self, any: bool) -> Result<String, String> {
        if any { self.member_expect_deprecated.fill([]) } else { Ok(String::new()) }
    }

    /// The attribute of an item with another name upstream.
    pub(super) fn alias(&self, upstream: Option<&str>) -> Result<String, String> {
        match upstream {
            Some(upstream) => self.alias.fill([&super::literal(upstream)]),
            None => Ok(String::new()),
        }
    }
}

fn expect_deprecated(place: Place) -> Result<Shape<0>, String> {
    let attribute = quote!(#[expect(deprecated, reason = "it is kept for those who use it")]);
    Shape::new(place, &[], |[], _| attribute.clone())
}
