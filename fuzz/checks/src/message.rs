//! HTTP messages as text: a line of words, headers, an empty line, the body.

use http::{HeaderMap, HeaderName, HeaderValue};

pub(crate) struct Message<'a> {
    pub(crate) words: Vec<&'a str>,
    pub(crate) headers: HeaderMap,
    pub(crate) body: &'a [u8],
}

impl<'a> Message<'a> {
    /// Lines that are no headers are left out; `None` without a line of words.
    pub(crate) fn read(data: &'a [u8]) -> Option<Self> {
        let (first, rest) = line(data);
        let words = str::from_utf8(first).ok()?.split(' ').collect();
        Some(Self { words, ..Self::headed(rest) })
    }

    /// The same of data that begins with the headers.
    pub(crate) fn headed(data: &'a [u8]) -> Self {
        let mut rest = data;
        let mut headers = HeaderMap::new();
        while !rest.is_empty() {
            let header;
            (header, rest) = line(rest);
            if header.is_empty() {
                break;
            }
            let Some(at) = header.iter().position(|byte| *byte == b':') else { continue };
            let (name, value) = (&header[..at], header[at + 1..].trim_ascii());
            if let (Ok(name), Ok(value)) =
                (HeaderName::from_bytes(name), HeaderValue::from_bytes(value))
            {
                headers.append(name, value);
            }
        }
        Self { words: Vec::new(), headers, body: rest }
    }

    pub(crate) fn has(&self, word: &str) -> bool {
        self.words.contains(&word)
    }

    /// Sets a header that is not there yet.
    pub(crate) fn add(&mut self, name: &'static str, value: &str) {
        if let Ok(value) = HeaderValue::from_str(value) {
            self.headers.entry(name).or_insert(value);
        }
    }

    /// Sets a header.
    pub(crate) fn set(&mut self, name: &'static str, value: &str) {
        self.headers.remove(name);
        self.add(name, value);
    }

    /// The value of a header, empty if there is none.
    pub(crate) fn value(&self, name: &str) -> String {
        let value = self.headers.get(name).and_then(|value| value.to_str().ok());
        value.unwrap_or_default().to_owned()
    }
}

fn line(data: &[u8]) -> (&[u8], &[u8]) {
    match data.iter().position(|byte| *byte == b'\n') {
        Some(at) => (&data[..at], &data[at + 1..]),
        None => (data, &[]),
    }
}
