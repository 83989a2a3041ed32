//! Where in a model an error is.

use std::fmt;

/// The way from the root to the value at hand; only walked when there is an error to report.
#[derive(Clone, Copy)]
pub(super) struct Path<'a> {
    pub(super) parent: Option<&'a Path<'a>>,
    pub(super) step: Step,
}

#[derive(Clone, Copy)]
pub(super) enum Step {
    Field(&'static str),
    Item(usize),
}

impl fmt::Display for Path<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(parent) = self.parent {
            parent.fmt(f)?;
        }
        match self.step {
            Step::Field(name) if self.parent.is_none() => f.write_str(name),
            Step::Field(name) => write!(f, ".{name}"),
            Step::Item(index) => write!(f, "[{index}]"),
        }
    }
}

/// Says where in the model an error is.
pub(super) fn at(path: Option<&Path<'_>>, problem: impl fmt::Display) -> String {
    match path {
        Some(path) => format!("`{path}`: {problem}"),
        None => problem.to_string(),
    }
}
