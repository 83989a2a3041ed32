//! The gateway as a program: prints how to reach it, then a line per request, until Ctrl-C.

mod arguments;
mod key_files;
mod output;
mod trigger;

use std::io::{self, Write as _};
use std::process::ExitCode;

use arguments::{Arguments, Command};
use clap::Parser as _;
use key_files::KeyFiles;

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let result = match &arguments.command {
        Some(Command::Trigger(options)) => trigger::run(options),
        None => serve(&arguments),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            // If even stderr is gone, the exit code has to do.
            let _ = writeln!(io::stderr(), "error: {message}");
            ExitCode::from(2)
        }
    }
}

fn serve(arguments: &Arguments) -> Result<(), String> {
    let files = match &arguments.keys {
        Some(folder) => KeyFiles::at(folder.clone()),
        None => KeyFiles::temporary().map_err(|e| e.to_string())?,
    };
    let keys = files.load_or_create().map_err(|e| e.to_string())?;
    let builder = arguments.builder()?.keys(keys);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|e| format!("cannot start: {e}"))?;
    runtime.block_on(async {
        // Before anything is printed: who reads it may end us at once.
        let stop = stop_signal().map_err(|e| format!("cannot wait for Ctrl-C: {e}"))?;
        let gateway = builder.on_request(output::log).start().await.map_err(|e| e.to_string())?;
        for rule in &arguments.faults {
            gateway.fail(rule.clone());
        }
        output::greet(&gateway, &files);
        stop.await;
        gateway.shutdown().await;
        Ok(())
    })
}

/// Resolves on Ctrl-C, or when the system asks to stop.
fn stop_signal() -> io::Result<impl Future<Output = ()>> {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let mut interrupt = signal(SignalKind::interrupt())?;
        let mut terminate = signal(SignalKind::terminate())?;
        Ok(async move {
            tokio::select! {
                _ = interrupt.recv() => {}
                _ = terminate.recv() => {}
            }
        })
    }
    #[cfg(not(unix))]
    {
        let mut interrupt = tokio::signal::windows::ctrl_c()?;
        Ok(async move {
            interrupt.recv().await;
        })
    }
}
