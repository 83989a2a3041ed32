//! The text that is signed: the parameters as `name=value`, sorted by name and joined by `&`, with
//! nothing escaped.

/// Whether a text can be a parameter's name. Names hold no `=` and no `&`, so a name in the text
/// that is signed begins and ends in one place.
pub(super) fn is_name(text: &[u8]) -> bool {
    let fits = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.');
    !text.is_empty() && text.iter().all(fits)
}

/// Joins parameters that are sorted by name.
pub(super) fn join<'a>(parameters: impl Iterator<Item = (&'a str, &'a [u8])>) -> Vec<u8> {
    let mut text = Vec::new();
    for (index, (name, value)) in parameters.enumerate() {
        if index > 0 {
            text.push(b'&');
        }
        text.extend_from_slice(name.as_bytes());
        text.push(b'=');
        text.extend_from_slice(value);
    }
    text
}
