//! The program `alipay-mock`: prints how to reach the gateway, then a line per request, until Ctrl-C.

#![warn(clippy::print_stderr, clippy::print_stdout)]

mod arguments;
mod control;
mod key_files;
mod key_variables;
mod output;

use std::error::Error;
use std::io::{self, Write as _};
use std::process::ExitCode;
use std::sync::Arc;

use alipay_mock::{DeliveryAttempt, Encryption, Gateway, GatewayBuilder};
use arguments::{Arguments, Command, Trigger};
use clap::Parser as _;
use key_files::KeyFiles;
use output::Log;

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let result = match &arguments.command {
        Some(Command::Trigger(options)) => trigger(options),
        Some(Command::Keys) => print_keys(),
        Some(Command::Control(options)) => control::run(options),
        None => serve(&arguments),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            // Without stderr there is still the exit code.
            let _ = writeln!(io::stderr(), "error: {message}");
            ExitCode::from(2)
        }
    }
}

fn serve(arguments: &Arguments) -> Result<(), Box<dyn Error>> {
    let builder = arguments.builder()?;
    let app_id = arguments.app_id.as_deref();
    // A temporary folder is removed when it is dropped.
    let (builder, files) = if arguments.keys_from_env {
        (with_variables(builder, app_id)?, None)
    } else {
        let files = match &arguments.keys {
            Some(folder) => KeyFiles::at(folder.clone()),
            None => KeyFiles::temporary()?,
        };
        (with_files(builder, &files, app_id)?, Some(files))
    };
    runtime()?.block_on(async {
        // Before anything is printed: a reader may end the program at once.
        let stop = stop_signal().map_err(|e| format!("cannot wait for Ctrl-C: {e}"))?;
        let log = Log::start();
        let lines = Arc::clone(&log);
        let gateway = builder.on_request(move |request| lines.line(request)).start().await?;
        for rule in &arguments.faults {
            gateway.fail(rule.clone());
        }
        output::greet(&gateway, files.as_ref());
        stop.await;
        gateway.shutdown().await;
        log.finish();
        Ok(())
    })
}

fn with_files(
    builder: GatewayBuilder,
    files: &KeyFiles,
    app_id: Option<&str>,
) -> Result<GatewayBuilder, String> {
    let builder = builder.keys(files.load_or_create()?);
    Ok(match app_id {
        Some(app_id) => builder.app_id(app_id),
        None => builder,
    })
}

fn with_variables(builder: GatewayBuilder, app_id: Option<&str>) -> Result<GatewayBuilder, String> {
    let (keys, of_variable) = key_variables::read()?;
    let builder = builder.keys(keys);
    Ok(match app_id.map(str::to_owned).or(of_variable) {
        Some(app_id) => builder.app_id(app_id),
        None => builder,
    })
}

/// `alipay-mock keys`: prints new keys.
fn print_keys() -> Result<(), Box<dyn Error>> {
    for line in key_variables::generate()? {
        output::print(line);
    }
    Ok(())
}

/// `alipay-mock trigger`: posts one message.
fn trigger(options: &Trigger) -> Result<(), Box<dyn Error>> {
    let app_id = options.app_id.as_deref();
    let builder = Gateway::builder().lenient(options.lenient);
    let builder = match &options.keys {
        Some(folder) => with_files(builder, &KeyFiles::at(folder.clone()), app_id)?,
        None => with_variables(builder, app_id)?,
    };
    let members = options.members.iter();
    let content = members.map(|(name, value)| (name.clone(), value.as_str().into())).collect();
    runtime()?.block_on(async {
        let encryption = if options.encrypted { Encryption::Aes } else { Encryption::Off };
        // Nobody calls this gateway: it makes and signs the message as a running one would.
        let gateway = builder.start().await?;
        let message = gateway.message(&options.message, content, encryption)?;
        for _ in 0..options.times {
            let attempt = gateway.deliver(&message, &options.to).await?;
            let Some(status) = attempt.status else {
                return Err(attempt.error.as_deref().unwrap_or("there is no response").into());
            };
            let DeliveryAttempt { message, notify_id, accepted, .. } = attempt;
            let result = if accepted { "accepted" } else { "not accepted" };
            output::print(format_args!("{message} {notify_id} {status} {result}"));
            if !accepted {
                return Err("the receiver must respond with status 200 and `success`".into());
            }
        }
        gateway.shutdown().await;
        Ok(())
    })
}

fn runtime() -> Result<tokio::runtime::Runtime, String> {
    let mut builder = tokio::runtime::Builder::new_current_thread();
    builder.enable_all().build().map_err(|e| format!("cannot start: {e}"))
}

/// Waits for Ctrl-C, for the end of the terminal, or for the system's request to stop.
fn stop_signal() -> io::Result<impl Future<Output = ()>> {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let mut interrupt = signal(SignalKind::interrupt())?;
        let mut terminate = signal(SignalKind::terminate())?;
        let mut hang_up = signal(SignalKind::hangup())?;
        Ok(async move {
            tokio::select! {
                _ = interrupt.recv() => {}
                _ = terminate.recv() => {}
                _ = hang_up.recv() => {}
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
