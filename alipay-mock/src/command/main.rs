//! The gateway as a program: prints how to reach it, then a line per request, until Ctrl-C.

mod arguments;
mod key_files;
mod output;

use std::io::{self, Write as _};
use std::process::ExitCode;

use alipay_mock::{Encryption, Gateway};
use arguments::{Arguments, Command, Trigger};
use clap::Parser as _;
use key_files::KeyFiles;
use output::say;

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let result = match &arguments.command {
        Some(Command::Trigger(options)) => trigger(options),
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

/// `alipay-mock trigger`: posts one message.
fn trigger(options: &Trigger) -> Result<(), String> {
    let keys = KeyFiles::at(options.keys.clone()).load_or_create().map_err(|e| e.to_string())?;
    let mut builder = Gateway::builder().keys(keys);
    if let Some(app_id) = &options.app_id {
        builder = builder.app_id(app_id);
    }
    let members = options.members.iter();
    let content = members.map(|(name, value)| (name.clone(), value.as_str().into())).collect();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|e| format!("cannot start: {e}"))?;
    runtime.block_on(async {
        let encryption = if options.encrypted { Encryption::Aes } else { Encryption::Off };
        // A gateway nobody calls: it makes and signs the message as a running one would.
        let gateway = builder.start().await.map_err(|e| e.to_string())?;
        let message =
            gateway.message(&options.message, content, encryption).map_err(|e| e.to_string())?;
        for _ in 0..options.times {
            let attempt =
                gateway.deliver(&message, &options.to).await.map_err(|e| e.to_string())?;
            if let Some(error) = attempt.error {
                return Err(error);
            }
            let status = attempt.status.unwrap_or_default();
            let taken = if attempt.accepted { "taken" } else { "not taken: `success` is due" };
            say(format_args!("{} {} {status} {taken}", attempt.message, attempt.notify_id));
            if !attempt.accepted {
                return Err("the receiver did not take the message".to_owned());
            }
        }
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
