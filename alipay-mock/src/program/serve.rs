//! A gateway that prints how to reach it, then a line per request, until Ctrl-C.

use std::sync::Arc;

use super::arguments::{Names, Serve};
use super::failure::Failure;
use super::key_files::KeyFiles;
use super::output::{self, Log};
use super::runtime::{runtime, stop_signal};
use super::{key_files, key_variables};

/// Runs a gateway until Ctrl-C, SIGTERM or the end of the terminal.
///
/// # Errors
///
/// When keys or the description cannot be used, and when it cannot listen.
pub fn serve(options: &Serve, names: Names) -> Result<(), Failure> {
    let builder = options.builder().map_err(Failure::Unusable)?;
    let app_id = options.app_id.as_deref();
    // A temporary folder is removed when it is dropped.
    let (builder, files) = if options.keys_from_env {
        (key_variables::set(builder, app_id, names).map_err(Failure::Unusable)?, None)
    } else {
        let files = match &options.keys {
            Some(folder) => KeyFiles::at(folder.clone()),
            None => KeyFiles::temporary().map_err(Failure::Unusable)?,
        };
        (key_files::set(builder, &files, app_id).map_err(Failure::Unusable)?, Some(files))
    };
    runtime()?.block_on(async {
        // Before anything is printed: a reader may end the program at once.
        let cannot = |e| Failure::Unusable(format!("cannot wait for Ctrl-C: {e}"));
        let stop = stop_signal().map_err(cannot)?;
        let log = Log::start();
        let lines = Arc::clone(&log);
        let builder = builder.on_request(move |request| lines.line(request));
        let gateway = builder.start().await.map_err(Failure::unusable)?;
        for rule in &options.faults {
            gateway.fail(rule.clone());
        }
        output::greet(&gateway, files.as_ref());
        stop.await;
        gateway.shutdown().await;
        log.finish();
        Ok(())
    })
}

/// Prints new keys for a gateway and its clients, as variables.
///
/// # Errors
///
/// When there are no random numbers.
pub fn print_keys() -> Result<(), Failure> {
    for line in key_variables::generate().map_err(Failure::unusable)? {
        output::print(line);
    }
    Ok(())
}
