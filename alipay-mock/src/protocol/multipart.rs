//! Uploads: `multipart/form-data` with a part `data` and parts with files.
//!
//! Only the text of `data` is signed, and encrypted if anything is.

use bytes::Bytes;

use super::request::RawRequest;
use crate::error::Refusal;

/// How many parts a body may have.
const MOST_PARTS: usize = 64;

/// The parts of an upload that matter here.
#[derive(Debug, Default, Eq, PartialEq)]
pub(crate) struct Upload {
    /// The text of part `data`; empty when there is none.
    pub(crate) data: Bytes,
    /// The names of the other parts.
    pub(crate) files: Vec<String>,
}

/// Reads an upload; `None` when the request is none.
pub(crate) fn read(request: &RawRequest) -> Result<Option<Upload>, Refusal> {
    let is_upload = request.media_type().as_deref() == Some("multipart/form-data");
    if !is_upload {
        return Ok(None);
    }
    let invalid = |message: &str| Refusal::bad_request("invalid-request-data", message);
    let boundary = request
        .header("content-type")
        .and_then(boundary)
        .ok_or_else(|| invalid("multipart/form-data needs a boundary"))?;
    parts(&request.body, &boundary)
        .map(Some)
        .ok_or_else(|| invalid("the body is not multipart/form-data with this boundary"))
}

/// The parameter `boundary` of a content type, quoted or not.
fn boundary(content_type: &str) -> Option<String> {
    let parameter = content_type.split(';').skip(1).find_map(|parameter| {
        let (name, value) = parameter.trim().split_once('=')?;
        name.eq_ignore_ascii_case("boundary").then_some(value)
    })?;
    let value = parameter.trim_matches('"');
    (1..=70).contains(&value.len()).then(|| value.to_owned())
}

fn parts(body: &Bytes, boundary: &str) -> Option<Upload> {
    let first = format!("--{boundary}");
    let between = format!("\r\n--{boundary}");
    // What stands before the first boundary is to be ignored.
    let mut at = find(body, first.as_bytes(), 0)? + first.len();
    let mut upload = Upload::default();
    for _ in 0..MOST_PARTS {
        let rest = body.get(at..)?;
        if rest.starts_with(b"--") {
            return Some(upload);
        }
        let blanks = rest.iter().take_while(|b| matches!(b, b' ' | b'\t')).count();
        let head_at = at + blanks + 2;
        if body.get(head_at - 2..head_at)? != b"\r\n" {
            return None;
        }
        let content_at = find(body, b"\r\n\r\n", head_at.saturating_sub(2))? + 4;
        let end = find(body, between.as_bytes(), content_at.saturating_sub(2))?;
        let head = std::str::from_utf8(body.get(head_at..content_at)?).ok()?;
        let name = part_name(head)?;
        if name == "data" {
            // Found from two bytes before, so that an empty part is seen, too.
            upload.data = body.slice(content_at.min(end)..end);
        } else {
            upload.files.push(name);
        }
        at = end + between.len();
    }
    None
}

/// `name` of the content disposition.
fn part_name(head: &str) -> Option<String> {
    let line = head.split("\r\n").find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.trim().eq_ignore_ascii_case("content-disposition").then_some(value)
    })?;
    line.split(';').find_map(|parameter| {
        let value = parameter.trim().strip_prefix("name=")?;
        Some(value.trim_matches('"').to_owned())
    })
}

fn find(text: &[u8], wanted: &[u8], from: usize) -> Option<usize> {
    let found = text.get(from..)?.windows(wanted.len()).position(|window| window == wanted)?;
    Some(from + found)
}

#[cfg(test)]
mod tests {
    #![allow(
        clippy::unwrap_used,
        clippy::indexing_slicing,
        reason = "a failed unwrap fails the test"
    )]

    use alipay_core::keys::PublicKey;
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;
    use proptest::prelude::*;

    use super::*;
    use crate::protocol::canonical;

    #[test]
    fn an_upload_of_an_official_sdk_is_read_and_verifies() {
        let vectors: serde_json::Value =
            serde_json::from_str(include_str!("../../tests/fixtures/vectors.json")).unwrap();
        let sent = &vectors["upload"]["request"];
        let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
        let body = Bytes::from(STANDARD.decode(text(&sent["body_base64"])).unwrap());
        let boundary = boundary(&text(&sent["headers"]["content-type"])).unwrap();
        let upload = parts(&body, &boundary).unwrap();
        assert_eq!(upload.files, ["file_content"]);
        let signed = text(&sent["string_to_sign"]);
        let first_line = signed.split('\n').next().unwrap();
        let read =
            canonical::request(first_line, "POST", &text(&sent["target"]), &upload.data, None);
        assert_eq!(read, signed.as_bytes());
        let key = PublicKey::parse(vectors["keys"]["app_public"].as_str().unwrap()).unwrap();
        key.verify(&read, &text(&sent["signature"])).unwrap();
    }

    #[test]
    fn parts_may_be_empty_but_not_broken() {
        let read = |text: &str| parts(&Bytes::copy_from_slice(text.as_bytes()), "b");
        let part = "Content-Disposition: form-data; name=\"data\"\r\n\r\n";
        assert_eq!(read(&format!("--b\r\n{part}\r\n--b--")).unwrap().data, "");
        assert_eq!(read(&format!("x\r\n--b\r\n{part}{{}}\r\n--b--\r\n")).unwrap().data, "{}");
        assert_eq!(read("--b--").unwrap(), Upload::default());
        for wrong in ["", "--b", "--b\r\n", &format!("--b\r\n{part}x"), "--b\r\n\r\n\r\n--b--"] {
            assert_eq!(read(wrong), None, "{wrong:?}");
        }
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_or_refused(body in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = parts(&Bytes::from(body.clone()), "b");
            let framed = [&b"--b\r\n"[..], &body, b"\r\n--b--"].concat();
            let _ = parts(&Bytes::from(framed), "b");
        }
    }
}
