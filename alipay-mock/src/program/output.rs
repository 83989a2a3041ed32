//! The output of the program.

use std::fmt::Display;
use std::io::{self, Write as _};
use std::net::IpAddr;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{self, Receiver, SyncSender};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use super::key_files::KeyFiles;
use crate::gateway::Gateway;

/// Prints how to reach the gateway. The lines can be pasted into a shell. Without files, clients have the
/// keys.
pub(super) fn greet(gateway: &Gateway, files: Option<&KeyFiles>) {
    if !gateway.address().ip().is_loopback() {
        warn(
            "other computers and containers can reach this gateway, its page and /_mock/, which show \
             requests and control it: use it in networks that you trust",
        );
    }
    let base_url = gateway.base_url();
    match files {
        Some(files) => print(format_args!("Gateway on {base_url}, keys in {files}")),
        None => print(format_args!("Gateway on {base_url}, keys from the environment")),
    }
    print("");
    let setup = setup(gateway, files);
    for line in &setup {
        print(line);
    }
    gateway.show_setup(setup.join("\n") + "\n");
    for note in gateway.notes() {
        print(format_args!("# note: {note}"));
    }
    print("");
}

/// The lines that set up a client in a shell. They have paths, and no key.
fn setup(gateway: &Gateway, files: Option<&KeyFiles>) -> Vec<String> {
    let base_url = gateway.base_url();
    let export = |name: &str, value: &str| format!("export {name}={}", quoted(value));
    let mut lines = vec![export("ALIPAY_BASE_URL", base_url)];
    lines.extend(host_without_https(base_url).map(|host| export("ALIPAY_ALLOW_HTTP_FOR", &host)));
    let Some(files) = files else { return lines };
    lines.push(export("ALIPAY_APP_ID", gateway.app_id()));
    let keys = [
        ("ALIPAY_PRIVATE_KEY", files.app_private_key()),
        ("ALIPAY_PUBLIC_KEY", files.alipay_public_key()),
        ("ALIPAY_ENCRYPT_KEY", files.encrypt_key()),
    ];
    lines.extend(keys.into_iter().map(|(name, path)| export(name, &at(&path))));
    lines.push("# For certificate mode, also:".to_owned());
    let names = ["ALIPAY_APP_CERT", "ALIPAY_CERT", "ALIPAY_ROOT_CERT"];
    let certificates = names.into_iter().zip(files.certificates());
    lines.extend(certificates.map(|(name, path)| format!("# {}", export(name, &at(&path)))));
    lines
}

/// The host that clients have to allow plain HTTP for: one of another computer or container.
fn host_without_https(url: &str) -> Option<String> {
    let uri: http::Uri = url.parse().ok()?;
    let host = uri.host()?.trim_start_matches('[').trim_end_matches(']');
    let is_here = host == "localhost" || host.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback());
    (uri.scheme_str() == Some("http") && !is_here).then(|| host.to_owned())
}

/// `@` and the absolute path, as the variables name a file.
fn at(path: &Path) -> String {
    let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    format!("@{}", path.display())
}

/// Quoted for a shell if necessary.
fn quoted(value: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "@%+=:,./_-".contains(c);
    if value.chars().all(plain) {
        return value.to_owned();
    }
    format!("'{}'", value.replace('\'', r"'\''"))
}

fn warn(line: &str) {
    let _ = writeln!(io::stderr(), "warning: {line}");
}

/// How many lines wait to be printed.
const WAITING: usize = 1000;
/// How long the last lines may take.
const LAST_LINES: Duration = Duration::from_secs(1);

/// Lines that are printed by a thread of their own. When nobody reads them, the gateway goes on without: a test
/// that starts it and reads no more than the settings must not stop it.
pub(super) struct Log {
    lines: Mutex<Option<SyncSender<String>>>,
    left_out: Arc<AtomicUsize>,
    printed: Mutex<Receiver<()>>,
}

impl Log {
    pub(super) fn start() -> Arc<Self> {
        let (lines, waiting) = mpsc::sync_channel::<String>(WAITING);
        let (all, printed) = mpsc::channel();
        let left_out = Arc::new(AtomicUsize::new(0));
        let missing = Arc::clone(&left_out);
        thread::spawn(move || {
            for line in waiting {
                print(line);
                match missing.swap(0, Ordering::Relaxed) {
                    0 => {}
                    count => print(format_args!("# {count} lines left out: they were not read")),
                }
            }
            // Whoever waited may have gone.
            let _ = all.send(());
        });
        let (lines, printed) = (Mutex::new(Some(lines)), Mutex::new(printed));
        Arc::new(Self { lines, left_out, printed })
    }

    pub(super) fn line(&self, line: impl Display) {
        let lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
        if lines.as_ref().is_some_and(|lines| lines.try_send(line.to_string()).is_err()) {
            self.left_out.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Waits until the lines so far are printed, though not for long.
    pub(super) fn finish(&self) {
        drop(self.lines.lock().unwrap_or_else(PoisonError::into_inner).take());
        let printed = self.printed.lock().unwrap_or_else(PoisonError::into_inner);
        let _ = printed.recv_timeout(LAST_LINES);
    }
}

/// Prints a line. A closed pipe does not stop the gateway.
pub(super) fn print(line: impl Display) {
    let mut out = io::stdout().lock();
    let _ = writeln!(out, "{line}").and_then(|()| out.flush());
}
