//! What the generated tests of a client crate are made of.
//!
//! The generator writes `tests/generated` beside each crate: tables of its types and operations, and
//! instances made from the description's examples. Everything that is done with them is here, once,
//! so that the tables stay small and compile fast.

mod calls;
mod failures;
mod instances;
mod round_trip;
mod served;

pub use calls::{Answered, Call, Callable, Told};
pub use failures::{Failures, REPORT};
pub use instances::file;
pub use round_trip::{Case, Specimen, round_trips};
pub use served::Served;
