//! The effective description: base and overlay, merged, with positions and evidence.

use openapiv3::OpenAPI;
use serde_json::Value;

use super::trace::{Evidence, Trace};
use crate::{diag::Location, pointer::Pointer};

/// A description that is ready to be lowered.
#[derive(Debug)]
pub struct Document {
    /// Every value, as it stands after the overlay.
    pub value: Value,
    /// The same, typed.
    pub model: OpenAPI,
    trace: Trace,
}

impl Document {
    pub(super) fn new(value: Value, model: OpenAPI, trace: Trace) -> Self {
        Self { value, model, trace }
    }

    /// The place of the value at `pointer`: in the overlay if an action set it, else in the base. When
    /// the value itself has none, that of the nearest value above it.
    #[must_use]
    pub fn locate(&self, pointer: &Pointer) -> Option<Location> {
        Some(self.trace.locate(pointer))
    }

    /// Where the overlay says something of the value at `pointer` or of what is in it.
    #[must_use]
    pub fn refinement(&self, pointer: &Pointer) -> Option<Location> {
        self.trace.refinement(pointer)
    }

    /// The evidence of the overlay action that set the value at `pointer`, or that set a value above
    /// it as a whole; `None` when it comes from the base.
    #[must_use]
    pub fn evidence(&self, pointer: &Pointer) -> Option<&Evidence> {
        self.trace.evidence(pointer)
    }
}
