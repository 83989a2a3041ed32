//! Forms, read and written apart from the runtime.

use std::fmt::Write as _;

use base64::{
    Engine as _, alphabet,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};

/// A name and a value, and how they were written.
#[derive(Clone)]
pub(crate) struct Pair {
    pub(crate) name: Vec<u8>,
    pub(crate) value: Vec<u8>,
    written: Vec<u8>,
}

impl Pair {
    pub(crate) fn new(name: &str, value: &[u8]) -> Self {
        let mut written = format!("{name}=");
        for byte in value {
            write!(written, "%{byte:02X}").expect("a string");
        }
        Self { name: name.into(), value: value.into(), written: written.into() }
    }

    /// As a browser writes it.
    pub(crate) fn as_posted(&self) -> Self {
        Self::new(str::from_utf8(&self.name).expect("a name"), &self.value)
    }

    /// As strings.
    pub(crate) fn in_text(&self) -> (String, String) {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        (text(&self.name), text(&self.value))
    }

    fn read(written: &[u8]) -> Option<Self> {
        let at = written.iter().position(|byte| *byte == b'=')?;
        let (name, value) = (decoded(&written[..at])?, decoded(&written[at + 1..])?);
        Some(Self { name, value, written: written.to_owned() })
    }
}

fn decoded(written: &[u8]) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(written.len());
    let mut rest = written.iter();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'+' => b' ',
            b'%' => {
                let digits = [*rest.next()?, *rest.next()?];
                if !digits.iter().all(u8::is_ascii_hexdigit) {
                    return None;
                }
                u8::from_str_radix(str::from_utf8(&digits).ok()?, 16).ok()?
            }
            other => *other,
        });
    }
    Some(bytes)
}

/// The pairs of a form; `None` if it is none.
pub(crate) fn read(form: &[u8]) -> Option<Vec<Pair>> {
    form.split(|byte| *byte == b'&').map(Pair::read).collect()
}

/// As it is posted.
pub(crate) fn write(pairs: &[Pair]) -> Vec<u8> {
    pairs.iter().map(|pair| pair.written.clone()).collect::<Vec<_>>().join(&b'&')
}

/// As it is signed.
pub(crate) fn signed(pairs: &[Pair]) -> Vec<u8> {
    let mut sorted: Vec<_> = pairs.iter().map(|pair| (&*pair.name, &*pair.value)).collect();
    sorted.sort();
    sorted.iter().map(|(name, value)| [*name, *value].join(&b'=')).collect::<Vec<_>>().join(&b'&')
}

/// The bytes of base64, however it ends.
pub(crate) fn base64(text: &[u8]) -> Option<Vec<u8>> {
    let lenient = GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true);
    GeneralPurpose::new(&alphabet::STANDARD, lenient).decode(text).ok()
}
