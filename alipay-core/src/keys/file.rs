//! Keys and certificates in files.

use std::{
    fs::{self, File},
    io::{self, Read as _},
    path::Path,
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use zeroize::Zeroizing;

use crate::error::{Error, ErrorKind};

/// More than any key or bundle of certificates has.
const MAX_BYTES: usize = 1024 * 1024;

/// Reads the file of a key or of certificates, for [`Credentials`](crate::Credentials): text as it
/// is, binary (DER) files as bare base64. What the text holds is found out when it is used. Wiped
/// from memory when dropped.
///
/// ```no_run
/// use alipay_core::{Credentials, keys::read_file};
///
/// # fn f() -> Result<(), alipay_core::Error> {
/// let credentials = Credentials::keys(
///     "2021000000000001",
///     &read_file("app_private_key.pem")?,
///     &read_file("alipay_public_key.txt")?,
/// )?;
/// # Ok(()) }
/// ```
///
/// # Errors
///
/// [`ErrorKind::Configuration`] when the file cannot be read, has more than 1 MiB, or is no regular
/// file: pipes and devices may never end, or never begin.
pub fn read_file(path: impl AsRef<Path>) -> Result<Zeroizing<String>, Error> {
    let path = path.as_ref();
    let problem = |what: &str| {
        Error::new(ErrorKind::Configuration, format!("the file {} {what}", path.display()))
    };
    let unreadable = |cause: io::Error| problem("cannot be read").with_source(cause);
    // Opening a pipe waits for somebody to write to it.
    if !fs::metadata(path).map_err(unreadable)?.is_file() {
        return Err(problem("is not a regular file; read it yourself, and give its content"));
    }
    let file = File::open(path).map_err(unreadable)?;
    // Allocated once: a buffer that grows leaves parts of a key behind. What the file system says of
    // the size is not asked, the file may grow.
    let mut bytes = Zeroizing::new(Vec::with_capacity(MAX_BYTES + 1));
    file.take(MAX_BYTES as u64 + 1).read_to_end(&mut bytes).map_err(unreadable)?;
    if bytes.len() > MAX_BYTES {
        return Err(problem("is too large for a key or certificate"));
    }
    Ok(Zeroizing::new(match std::str::from_utf8(&bytes) {
        Ok(text) => text.to_owned(),
        Err(_) => STANDARD.encode(&*bytes),
    }))
}
