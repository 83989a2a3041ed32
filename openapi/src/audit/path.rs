//! The way from the root to where a walk is, kept as a chain on the stack: only findings need a
//! pointer made of it.

use super::shapes::METHODS;
use crate::pointer::Pointer;

/// One step of the way.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Path<'a> {
    above: Option<&'a Path<'a>>,
    step: Step<'a>,
}

#[derive(Clone, Copy, Debug)]
enum Step<'a> {
    Root,
    Key(&'a str),
    Name(&'a str),
    Item(usize),
}

impl<'a> Path<'a> {
    pub(crate) const ROOT: Self = Self { above: None, step: Step::Root };

    /// A key of a kind of object.
    pub(crate) fn key(&'a self, key: &'a str) -> Self {
        Self { above: Some(self), step: Step::Key(key) }
    }

    /// A name in a map.
    pub(crate) fn name(&'a self, name: &'a str) -> Self {
        Self { above: Some(self), step: Step::Name(name) }
    }

    /// An item of a list.
    pub(crate) fn item(&'a self, index: usize) -> Self {
        Self { above: Some(self), step: Step::Item(index) }
    }

    /// The JSON pointer.
    pub(crate) fn pointer(&self) -> Pointer {
        let above = || self.above.map_or_else(Pointer::root, Path::pointer);
        match self.step {
            Step::Root => Pointer::root(),
            Step::Key(key) | Step::Name(key) => above().join(key),
            Step::Item(index) => above().join(index),
        }
    }

    /// The shape: the pointer with names, items and methods folded, as in
    /// `paths.*.{method}.parameters[].schema.type`.
    pub(crate) fn shape(&self) -> String {
        let mut shape = self.above.map_or_else(String::new, Path::shape);
        match self.step {
            Step::Root => {}
            Step::Item(_) => shape.push_str("[]"),
            Step::Name(_) => push(&mut shape, "*"),
            Step::Key(key) => {
                push(&mut shape, if METHODS.contains(&key) { "{method}" } else { key });
            }
        }
        shape
    }
}

fn push(shape: &mut String, step: &str) {
    if !shape.is_empty() {
        shape.push('.');
    }
    shape.push_str(step);
}
