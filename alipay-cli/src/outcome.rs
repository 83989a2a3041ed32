//! How a command ends.

use std::fmt::Display;

/// How a command ended, other than well.
#[derive(Debug)]
pub(crate) enum Failure {
    /// It found something: a problem, a refused call, a signature that does not verify. Everything was said already.
    Found,
    /// It could not do its work: bad usage, settings or files that cannot be read. The message says what to do.
    Unusable(String),
}

impl Failure {
    /// A failure to do the work, for `map_err`.
    pub(crate) fn unusable(problem: impl Display) -> Self {
        Self::Unusable(problem.to_string())
    }
}

pub(crate) type Outcome = Result<(), Failure>;
