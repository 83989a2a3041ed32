//! How a run says that something is not as it must be.

use std::fmt::Debug;

/// An error is what was found.
pub(crate) type Checked<T> = Result<T, String>;

pub(crate) fn same<T: Debug + PartialEq>(what: &str, found: &T, expected: &T) -> Checked<()> {
    if found == expected {
        return Ok(());
    }
    Err(format!("{what}: found {found:?}, expected {expected:?}"))
}
