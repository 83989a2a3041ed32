//! Where asynchronous work runs.

use crate::outcome::Failure;

/// Runs a future to its end, on this thread.
pub(crate) fn block_on<F: Future>(future: F) -> Result<F::Output, Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let cannot = |error| Failure::Unusable(format!("cannot start: {error}"));
    Ok(runtime.map_err(cannot)?.block_on(future))
}
