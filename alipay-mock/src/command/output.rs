//! The output of the program.

use std::fmt::Display;
use std::io::{self, Write as _};
use std::path::Path;

use alipay_mock::Gateway;

use crate::key_files::KeyFiles;

/// Prints how to reach the gateway. The lines can be pasted into a shell.
pub(crate) fn greet(gateway: &Gateway, files: &KeyFiles) {
    print(format_args!("Gateway on {}, keys in {files}", gateway.base_url()));
    print("");
    for (name, value) in [
        ("ALIPAY_BASE_URL", gateway.base_url().to_owned()),
        ("ALIPAY_APP_ID", gateway.app_id().to_owned()),
        ("ALIPAY_PRIVATE_KEY", at(&files.app_private_key())),
        ("ALIPAY_PUBLIC_KEY", at(&files.alipay_public_key())),
        ("ALIPAY_ENCRYPT_KEY", gateway.encrypt_key().to_owned()),
    ] {
        print(format_args!("export {name}={}", quoted(&value)));
    }
    print("# For certificate mode, also:");
    let names = ["ALIPAY_APP_CERT", "ALIPAY_CERT", "ALIPAY_ROOT_CERT"];
    for (name, path) in names.into_iter().zip(files.certificates()) {
        print(format_args!("# export {name}={}", quoted(&at(&path))));
    }
    for note in gateway.notes() {
        print(format_args!("# note: {note}"));
    }
    print("");
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

/// Prints a line. A closed pipe does not stop the gateway.
pub(crate) fn print(line: impl Display) {
    let mut out = io::stdout().lock();
    let _ = writeln!(out, "{line}").and_then(|()| out.flush());
}
