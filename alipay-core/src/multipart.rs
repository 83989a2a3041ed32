//! Uploads: `multipart/form-data` with the JSON parameters in the part `data`, and files.

use std::fmt::Write as _;

use bytes::Bytes;
use http::HeaderValue;

use crate::{
    transport::{Body, Piece},
    value::File,
};

/// A file and the name of its part.
pub(crate) type NamedFile = (String, File);

const DATA: &str = "data";

/// The part with the JSON parameters.
pub(crate) struct Data {
    pub(crate) text: Bytes,
    pub(crate) media_type: &'static str,
}

/// A boundary. It is random, so no content holds it.
pub(crate) fn boundary(random: [u8; 16]) -> String {
    format!("alipay-{}", crate::nonce::hex(&random))
}

pub(crate) fn content_type(boundary: &str) -> String {
    format!("multipart/form-data; boundary={boundary}")
}

/// Puts the parts together. Files are not read, only named.
pub(crate) fn body(
    boundary: &str,
    data: Option<Data>,
    files: &[NamedFile],
) -> Result<Body, String> {
    let mut pieces = Vec::with_capacity(2 * files.len() + 3);
    let mut text = String::new();
    if let Some(data) = data {
        head(&mut text, boundary, DATA, None, data.media_type);
        pieces.push(Piece::Bytes(std::mem::take(&mut text).into()));
        pieces.push(Piece::Bytes(data.text));
        text.push_str("\r\n");
    }
    for (name, file) in files {
        if name == DATA {
            // The server would take it for the parameters, and files are not signed.
            return Err(
                "a file must not be named `data`: that is the part with the JSON parameters"
                    .to_owned(),
            );
        }
        let fits =
            HeaderValue::from_str(file.media_type()).is_ok_and(|_| file.media_type().is_ascii());
        if !fits || !file.media_type().contains('/') {
            return Err(format!("`{name}`: the media type of the file is not valid"));
        }
        head(&mut text, boundary, name, Some(file.name()), file.media_type());
        pieces.push(Piece::Bytes(std::mem::take(&mut text).into()));
        pieces.push(Piece::File(file.clone()));
        text.push_str("\r\n");
    }
    // Writing to a string cannot fail.
    let _ = write!(text, "--{boundary}--\r\n");
    pieces.push(Piece::Bytes(text.into()));
    Ok(Body::pieces(pieces))
}

fn head(text: &mut String, boundary: &str, name: &str, file: Option<&str>, media_type: &str) {
    let _ =
        write!(text, "--{boundary}\r\nContent-Disposition: form-data; name=\"{}\"", quoted(name));
    if let Some(file) = file {
        let _ = write!(text, "; filename=\"{}\"", quoted(file));
    }
    let _ = write!(text, "\r\nContent-Type: {media_type}\r\n\r\n");
}

/// Characters that would end the quoted name or its line are escaped, as browsers do.
fn quoted(name: &str) -> String {
    let mut text = String::with_capacity(name.len());
    for character in name.chars() {
        match character {
            '"' => text.push_str("%22"),
            '\r' => text.push_str("%0D"),
            '\n' => text.push_str("%0A"),
            other => text.push(other),
        }
    }
    text
}
