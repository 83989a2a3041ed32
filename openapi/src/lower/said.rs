//! What is said of a value: by its own schema, and by the components that this refers to.

use std::borrow::Borrow;

use openapiv3::{ReferenceOr, Schema};

use super::{
    context::{Lowering, Resolved},
    keys::{Standing, Use},
    shape::{Form, Kind, remarks},
};
use crate::pointer::Pointer;

/// One of the schemas that say something of a value.
#[derive(Clone)]
pub(super) struct Layer<'a> {
    pub(super) schema: &'a Schema,
    pub(super) at: Pointer,
    /// Whether it is a component, or stands in one.
    pub(super) component: bool,
    /// Whether it only adds to another.
    beside: bool,
}

/// What is said of a value.
pub(super) struct Said<'a> {
    /// The schemas that say something of it, the nearest first.
    pub(super) layers: Vec<Layer<'a>>,
    /// The number of the layer that says what its type is.
    pub(super) core_at: usize,
    /// That layer.
    pub(super) core: Resolved<'a>,
    /// The component that the type is called after, if it is a component.
    pub(super) component: Option<&'a str>,
    /// What the type is; `None` when it is refused.
    pub(super) kind: Option<Kind>,
}

impl<'a> Said<'a> {
    /// What the first layer says that says it.
    pub(super) fn first<T>(&self, say: impl Fn(&Layer<'a>) -> Option<T>) -> Option<T> {
        self.layers.iter().find_map(say)
    }

    /// Whether any layer says it.
    pub(super) fn any(&self, says: impl Fn(&Layer<'a>) -> bool) -> bool {
        self.layers.iter().any(says)
    }

    /// The layers but for the one that describes a struct, which speaks for itself.
    pub(super) fn of_value(&self) -> impl Iterator<Item = &Layer<'a>> {
        let own = (self.kind == Some(Kind::Object)).then_some(self.core_at);
        let layers = self.layers.iter().enumerate();
        layers.filter(move |(number, _)| Some(*number) != own).map(|(_, layer)| layer)
    }
}

impl<'a> Lowering<'a> {
    /// What is said of the value at a place. Each key of its schemas is used, or is an error.
    pub(super) fn said<S: Borrow<Schema>>(
        &mut self,
        given: &'a ReferenceOr<S>,
        at: &Pointer,
        of: Use,
    ) -> Option<Said<'a>> {
        let mut here = match given {
            ReferenceOr::Reference { reference } => self.component(reference, at)?,
            ReferenceOr::Item(schema) => {
                Resolved { schema: schema.borrow(), pointer: at.clone(), name: None }
            }
        };
        let mut layers = Vec::new();
        let mut component = None;
        let (core_at, core) = loop {
            component = here.name.or(component);
            // A component that is an object has a type of its own, so the way ends there, also when it
            // leads in a circle.
            let has_type = here.name.is_some() && matches!(self.form(here.schema), Form::Struct);
            let next = self.annotated(here.schema).filter(|_| !has_type);
            let core_at = layers.len();
            let in_component = component.is_some();
            layers.push(Layer {
                schema: here.schema,
                at: here.pointer.clone(),
                component: in_component,
                beside: next.is_some(),
            });
            layers.extend(remarks(here.schema, &here.pointer).map(|(schema, at)| Layer {
                schema,
                at,
                component: in_component,
                beside: true,
            }));
            let Some((index, reference)) = next else { break (core_at, here) };
            let from = here.pointer.join("allOf").join(index);
            here = self.component(reference, &from)?;
        };
        let kind = self.kind(core.schema);
        let said = Said { layers, core_at, core, component, kind };
        self.check_said(&said, of)?;
        Some(said)
    }

    fn check_said(&mut self, said: &Said<'a>, of: Use) -> Option<()> {
        // What has no kind is refused by the one who makes a type of it.
        let Some(kind) = said.kind else { return Some(()) };
        let mut good = Some(());
        for layer in &said.layers {
            let Layer { component, beside, .. } = *layer;
            good = good.and(self.check_keys(&layer.at, Standing { kind, of, component, beside }));
        }
        good
    }

    /// The schemas that say something of what stands somewhere. Errors are not reported: lowering it does.
    pub(super) fn peek_layers(&self, given: &'a ReferenceOr<Box<Schema>>) -> Vec<&'a Schema> {
        let mut layers = Vec::new();
        let mut next = self.peek_at(given);
        // A way that is longer than this leads in a circle.
        while let Some(schema) = next.filter(|_| layers.len() < 256) {
            layers.push(schema);
            layers.extend(remarks(schema, &Pointer::root()).map(|(schema, _)| schema));
            next = self.annotated(schema).and_then(|(_, reference)| self.peek(reference));
        }
        layers
    }
}
