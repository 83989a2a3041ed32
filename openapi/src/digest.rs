//! The digest of a description.

/// The 64-bit FNV-1a hash of strings, in hexadecimal. Carriage returns do not count, since line ends are
/// not content. It identifies a description; it protects nothing.
#[must_use]
pub fn digest<'t>(texts: impl IntoIterator<Item = &'t str>) -> String {
    let mut hash: u64 = 0xcbf2_9ce4_8422_2325;
    for text in texts {
        // A byte that UTF-8 does not have keeps the strings apart.
        for byte in text.bytes().filter(|byte| *byte != b'\r').chain([0xFF]) {
            hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }
    format!("{hash:016x}")
}
