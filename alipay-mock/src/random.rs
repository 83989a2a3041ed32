//! Random bytes and identifiers.

use std::fmt::Write as _;

/// Fills `bytes` from the system's generator.
pub(crate) fn fill(bytes: &mut [u8]) {
    // The generator fails only while the system is starting, and then identifiers need not be
    // random, only unique within one gateway, which counters see to.
    let _ = aws_lc_rs::rand::fill(bytes);
}

/// So many random hexadecimal digits, in lower case.
pub(crate) fn hex(digits: usize) -> String {
    let mut bytes = vec![0; digits.div_ceil(2)];
    fill(&mut bytes);
    let mut text = String::with_capacity(2 * bytes.len());
    for byte in bytes {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
    }
    text.truncate(digits);
    text
}
