//! Walks over a description along its [tables](super::shapes): the way from the root to where a walk
//! is, and what stands there.

use serde_json::Value;

use super::shapes::{Holds, METHODS, ObjectKind};
use crate::{
    diag::{Diagnostic, Location, Sink},
    pointer::Pointer,
};

/// The way from the root, kept as a chain on the stack: only findings need a pointer made of it.
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

    /// Whether the last step is the name of an extension.
    pub(super) fn is_extension(&self) -> bool {
        matches!(self.step, Step::Name(name) if name.starts_with("x-"))
    }

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
    pub(super) fn shape(&self) -> String {
        let above = self.above.map_or_else(String::new, Path::shape);
        let step = match self.step {
            Step::Root => return above,
            Step::Item(_) => return above + "[]",
            Step::Name(_) => "*",
            Step::Key(key) if METHODS.contains(&key) => "{method}",
            Step::Key(key) => key,
        };
        if above.is_empty() { step.to_owned() } else { format!("{above}.{step}") }
    }
}

/// Visits the objects that stand at a key, by what the key holds. `false` when it does not hold objects,
/// or when the value is not the list or the mapping that it should be.
pub(super) fn each_object<'v>(
    holds: Holds,
    value: &'v Value,
    path: &Path<'_>,
    visit: &mut dyn FnMut(ObjectKind, &'v Value, &Path<'_>),
) -> bool {
    match (holds, value) {
        (Holds::One(kind) | Holds::BoolOr(kind), value) => visit(kind, value, path),
        (Holds::List(kind), Value::Array(items)) => {
            for (index, item) in items.iter().enumerate() {
                visit(kind, item, &path.item(index));
            }
        }
        (Holds::Map(kind), Value::Object(members)) => {
            for (name, member) in members {
                visit(kind, member, &path.name(name));
            }
        }
        _ => return false,
    }
    true
}

/// The same, for a walk that changes what it visits.
pub(crate) fn each_object_mut(
    holds: Holds,
    value: &mut Value,
    visit: &mut dyn FnMut(ObjectKind, &mut Value),
) {
    match (holds, value) {
        (Holds::One(kind) | Holds::BoolOr(kind), value) => visit(kind, value),
        (Holds::List(kind), Value::Array(items)) => {
            for item in items {
                visit(kind, item);
            }
        }
        (Holds::Map(kind), Value::Object(members)) => {
            for member in members.values_mut() {
                visit(kind, member);
            }
        }
        _ => {}
    }
}

/// What stands at a pointer, going by the tables alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Slot {
    /// An object of this kind.
    Object(ObjectKind),
    /// The mapping from names to objects of this kind that stands at this key.
    Map(&'static str, ObjectKind),
    /// A list of objects of this kind.
    List(ObjectKind),
    /// A value of which no more is known.
    Other,
}

impl Slot {
    pub(crate) fn of(pointer: &Pointer) -> Self {
        pointer.segments().fold(Self::Object(ObjectKind::Root), |target, segment| match target {
            Self::Object(kind) => match kind.row(&segment).map(|row| (row.key, row.holds)) {
                Some((_, Holds::One(kind) | Holds::BoolOr(kind))) => Self::Object(kind),
                Some((key, Holds::Map(kind))) => Self::Map(key, kind),
                Some((_, Holds::List(kind))) => Self::List(kind),
                _ => Self::Other,
            },
            Self::Map(_, kind) | Self::List(kind) => Self::Object(kind),
            Self::Other => Self::Other,
        })
    }
}

/// Where the audits put what they find.
pub(super) struct Findings<'a> {
    pub(super) locate: &'a dyn Fn(&Pointer) -> Location,
    pub(super) sink: &'a mut Sink,
    pub(super) failed: bool,
}

impl Findings<'_> {
    pub(super) fn error(
        &mut self,
        code: &'static str,
        pointer: &Pointer,
        message: String,
        hint: impl Into<String>,
    ) {
        self.failed = true;
        self.push(Diagnostic::error(code, message).hint(hint), pointer);
    }

    pub(super) fn push(&mut self, finding: Diagnostic, pointer: &Pointer) {
        self.sink.push(finding.at((self.locate)(pointer)).pointer(pointer));
    }
}
