//! Keys and certificates in files.

use std::{fs, path::Path};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use zeroize::Zeroizing;

use crate::error::{Error, ErrorKind};

/// More than any key or bundle of certificates has.
const MAX_BYTES: u64 = 1024 * 1024;

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
/// [`ErrorKind::Configuration`] when the file cannot be read, or has more than 1 MiB.
pub fn read_file(path: impl AsRef<Path>) -> Result<Zeroizing<String>, Error> {
    let path = path.as_ref();
    let problem = |cause| {
        Error::new(ErrorKind::Configuration, format!("the file {} cannot be read", path.display()))
            .with_source(cause)
    };
    if fs::metadata(path).map_err(problem)?.len() > MAX_BYTES {
        return Err(Error::new(
            ErrorKind::Configuration,
            format!("the file {} is too large for a key or certificate", path.display()),
        ));
    }
    let bytes = Zeroizing::new(fs::read(path).map_err(problem)?);
    Ok(Zeroizing::new(match std::str::from_utf8(&bytes) {
        Ok(text) => text.to_owned(),
        Err(_) => STANDARD.encode(&*bytes),
    }))
}
