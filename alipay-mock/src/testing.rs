//! The checks of generated tests.
//!
//! The generator writes `tests/generated` beside each crate: tables of its types and operations, and
//! instances made from the description's examples. The checks of these tables are here, once, so that
//! the tables stay small and compile fast.

mod calls;
mod failures;
mod instances;
mod round_trip;
mod served;

pub use calls::{Call, Callable, Observe, Observed, Started};
pub use failures::{Failures, REPORT};
pub use instances::file;
pub use round_trip::{Case, Specimen, round_trips};
pub use served::Served;
