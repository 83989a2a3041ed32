//! Why a command failed.

use std::error::Error;

/// Why a command failed. The message is one line.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Failure {
    /// It could not begin: options, files or variables cannot be used.
    #[error("{0}")]
    Unusable(String),
    /// The gateway or the receiver refuses it, or does not respond.
    #[error("{0}")]
    Refused(String),
}

impl Failure {
    pub(super) fn unusable(error: impl Into<Box<dyn Error>>) -> Self {
        Self::Unusable(error.into().to_string())
    }

    pub(super) fn refused(error: impl Into<Box<dyn Error>>) -> Self {
        Self::Refused(error.into().to_string())
    }
}
