//! Which part of a description is looked at.

use serde_json::Value;

use crate::{import::tags_of, ir::LeftOut};

/// What is asked of a description.
#[derive(Clone, Debug, Default)]
pub struct Scope {
    /// The tags asked for; all when empty. What stands outside of them, and is not reached from them, is
    /// not looked at.
    pub tags: Vec<String>,
    /// Extensions of which nothing is known, and that are ignored.
    pub ignored_extensions: Vec<String>,
    /// Whether operations that cannot be generated may be left out, and those that are.
    pub left_out: Option<Vec<LeftOut>>,
}

impl Scope {
    /// Whether it is the whole description.
    pub(crate) fn is_whole(&self) -> bool {
        self.tags.is_empty() && self.left_out.is_none()
    }

    /// Whether an operation has one of the tags.
    pub(crate) fn asks_for(&self, operation: &Value) -> bool {
        let mut of = tags_of(operation);
        self.tags.is_empty() || of.any(|tag| self.tags.iter().any(|wanted| wanted == tag))
    }

    /// Whether the operation of this path and method is not left out.
    pub(crate) fn keeps(&self, path: &str, method: &str) -> bool {
        let left_out = self.left_out.iter().flatten();
        !left_out.into_iter().any(|left| left.path == path && left.method == method)
    }
}
