//! How a command ends.

/// How a command ended, other than well.
pub(crate) enum Failure {
    /// It found something: drift, an error in a description. Everything was said already.
    Found,
    /// It could not do its work: bad usage, a file that cannot be read.
    Unusable(String),
}

pub(crate) type Outcome = Result<(), Failure>;
