//! The charset of a notification's texts, which it names itself (`charset`).

use encoding_rs::GB18030;

use crate::redact::OneLine;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Charset {
    Utf8,
    /// Has GBK within it, which has GB2312.
    Gb18030,
}

impl Charset {
    /// The charset of this name; UTF-8 if none is named. An unknown one is an error: its name, as it
    /// is shown to people.
    pub(super) fn named(name: Option<&[u8]>) -> Result<Self, String> {
        let Some(name) = name else { return Ok(Self::Utf8) };
        let is = |known: &str| name.eq_ignore_ascii_case(known.as_bytes());
        if is("UTF-8") || is("UTF8") {
            Ok(Self::Utf8)
        } else if is("GBK") || is("GB2312") || is("GB18030") {
            Ok(Self::Gb18030)
        } else {
            Err(OneLine::new(&String::from_utf8_lossy(name), 40).to_string())
        }
    }

    /// What it is called in an error.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Utf8 => "UTF-8",
            Self::Gb18030 => "GB18030 (GBK and GB2312 are within it)",
        }
    }

    /// The text, if the bytes are one in this charset.
    pub(super) fn decode(self, bytes: Vec<u8>) -> Option<String> {
        match self {
            Self::Utf8 => String::from_utf8(bytes).ok(),
            Self::Gb18030 => GB18030
                .decode_without_bom_handling_and_without_replacement(&bytes)
                .map(std::borrow::Cow::into_owned),
        }
    }
}
