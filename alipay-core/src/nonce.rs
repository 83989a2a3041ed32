//! Random numbers for nonces and request ids.

/// Makes random numbers that never repeat. Replace it to make runs reproducible.
pub trait NonceSource: Send + Sync + 'static {
    /// 16 bytes that nobody can predict, new each time.
    ///
    /// # Errors
    ///
    /// When the source of randomness fails; the call then fails before it is sent.
    fn next(&self) -> Result<[u8; 16], NoRandomness>;
}

/// The operating system's source of randomness failed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, thiserror::Error)]
#[error("the source of random numbers failed")]
pub struct NoRandomness;

/// Random numbers from the cryptographic library.
#[derive(Clone, Copy, Debug, Default)]
pub struct RandomNonces;

impl NonceSource for RandomNonces {
    fn next(&self) -> Result<[u8; 16], NoRandomness> {
        let mut bytes = [0; 16];
        crate::backend::random(&mut bytes).map_err(|_| NoRandomness)?;
        Ok(bytes)
    }
}

/// As a UUID of version 4, the form other clients of the protocol send: 36 characters.
pub(crate) fn uuid(bytes: [u8; 16]) -> String {
    let number = u128::from_be_bytes(bytes);
    let version = (number & !(0xf << 76)) | (4 << 76);
    let number = (version & !(0b11 << 62)) | (0b10 << 62);
    let mut text = String::with_capacity(36);
    for (index, byte) in number.to_be_bytes().into_iter().enumerate() {
        if matches!(index, 4 | 6 | 8 | 10) {
            text.push('-');
        }
        text.extend(digits(byte));
    }
    text
}

/// As 32 hexadecimal digits, the longest request id the protocol allows.
pub(crate) fn hex(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(2 * bytes.len());
    text.extend(bytes.iter().copied().flat_map(digits));
    text
}

/// The two hexadecimal digits of a byte. Several times quicker than formatting it, and each call
/// makes two ids.
fn digits(byte: u8) -> [char; 2] {
    let digit = |value: u8| char::from(if value < 10 { b'0' + value } else { b'a' - 10 + value });
    [digit(byte >> 4), digit(byte & 0xf)]
}

#[cfg(test)]
mod tests {
    use super::{hex, uuid};

    #[test]
    fn a_uuid_has_version_4_and_its_variant() {
        assert_eq!(uuid([0xff; 16]), "ffffffff-ffff-4fff-bfff-ffffffffffff");
        assert_eq!(uuid([0; 16]), "00000000-0000-4000-8000-000000000000");
    }

    #[test]
    fn hex_keeps_leading_zeros() {
        assert_eq!(hex(&[0, 1, 0xab]), "0001ab");
    }
}
