//! The gateway as a program: prints how to reach it, then a line per request, until Ctrl-C.

mod key_files;

use std::fmt::Display;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use alipay_mock::{Gateway, RecordedRequest};
use clap::Parser;
use key_files::KeyFiles;

/// A local gateway for Alipay's OpenAPI v3 and its payment vouchers.
#[derive(Debug, Parser)]
#[command(
    name = "alipay-mock",
    after_help = "Example:\n  \
        alipay-mock --port 8787 --keys ./mock-keys\n\n\
        Paste the printed `export` lines into another shell; clients that read these variables\n\
        then talk to this gateway. Each request is logged in one line, without its content."
)]
struct Arguments {
    /// TCP port on 127.0.0.1; 0 takes any free one
    #[arg(long, default_value_t = 0, value_name = "N")]
    port: u16,
    /// Folder of the keys, made on first use; by default a temporary one
    #[arg(long, value_name = "DIR")]
    keys: Option<PathBuf>,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    match run(arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            // If even stderr is gone, the exit code has to do.
            let _ = writeln!(io::stderr(), "error: {message}");
            ExitCode::from(2)
        }
    }
}

fn run(arguments: Arguments) -> Result<(), String> {
    let files = match arguments.keys {
        Some(folder) => KeyFiles::at(folder),
        None => KeyFiles::temporary().map_err(|e| e.to_string())?,
    };
    let keys = files.load_or_create().map_err(|e| e.to_string())?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|e| format!("cannot start: {e}"))?;
    runtime.block_on(async {
        // Before anything is printed: who reads it may end us at once.
        let stop = stop_signal().map_err(|e| format!("cannot wait for Ctrl-C: {e}"))?;
        let gateway = Gateway::builder()
            .port(arguments.port)
            .keys(keys)
            .on_request(log)
            .start()
            .await
            .map_err(|e| e.to_string())?;
        greet(&gateway, &files);
        stop.await;
        gateway.shutdown().await;
        Ok(())
    })
}

fn greet(gateway: &Gateway, files: &KeyFiles) {
    say(format_args!("Gateway on {}, keys in {files}", gateway.base_url()));
    say("");
    for (name, value) in [
        ("ALIPAY_BASE_URL", gateway.base_url().to_owned()),
        ("ALIPAY_APP_ID", gateway.app_id().to_owned()),
        ("ALIPAY_PRIVATE_KEY", at(&files.app_private_key())),
        ("ALIPAY_PUBLIC_KEY", at(&files.alipay_public_key())),
        ("ALIPAY_ENCRYPT_KEY", gateway.encrypt_key().to_owned()),
    ] {
        say(format_args!("export {name}={}", quoted(&value)));
    }
    say("");
}

/// `@` and the absolute path, as the variables name a file.
fn at(path: &Path) -> String {
    let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    format!("@{}", path.display())
}

/// Quoted for a shell when it needs to be.
fn quoted(value: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "@%+=:,./_-".contains(c);
    if value.chars().all(plain) {
        return value.to_owned();
    }
    format!("'{}'", value.replace('\'', r"'\''"))
}

/// One line per request; nothing of its query, headers or body.
fn log(request: &RecordedRequest) {
    let path: String = request.path().chars().take(200).flat_map(char::escape_debug).collect();
    let status = request.status.map_or_else(|| "closed".to_owned(), |status| status.to_string());
    let reason = match (&request.code, &request.message) {
        (Some(code), Some(message)) => format!(" {code}: {message}"),
        (Some(code), None) => format!(" {code}"),
        _ => String::new(),
    };
    say(format_args!("{} {path} {status} trace={}{reason}", request.method, request.trace_id));
}

/// A line on stdout. A closed pipe is no reason to stop serving.
fn say(line: impl Display) {
    let mut out = io::stdout().lock();
    let _ = writeln!(out, "{line}").and_then(|()| out.flush());
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
