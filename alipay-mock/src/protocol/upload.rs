//! Uploads: `multipart/form-data` with a part `data` and parts with files.
//!
//! Only the content of `data` is signed. If a request is encrypted, only `data` is.

use std::convert::Infallible;

use bytes::Bytes;
use futures_util::future::FutureExt as _;
use futures_util::stream;
use multer::Multipart;

use super::request::RawRequest;
use crate::error::Refusal;

/// How many parts a body may have.
const MOST_PARTS: usize = 64;

/// The parts of an upload that matter here.
#[derive(Debug, Default, Eq, PartialEq)]
pub(crate) struct Upload {
    /// The content of part `data`; empty when there is none.
    pub(crate) data: Bytes,
    /// The other parts.
    pub(crate) files: Vec<FilePart>,
}

/// A part with a file.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(crate) struct FilePart {
    /// The name of the part.
    pub(crate) part: String,
    /// The name of the file; empty when there is none.
    pub(crate) name: String,
    pub(crate) content: Bytes,
}

/// Reads an upload; `None` when the request is not one.
pub(crate) fn read(request: &RawRequest) -> Result<Option<Upload>, Refusal> {
    if request.media_type().as_deref() != Some("multipart/form-data") {
        return Ok(None);
    }
    let invalid = |message: &str| Refusal::bad_request("invalid-request-data", message);
    let boundary = request
        .header("content-type")
        .and_then(boundary)
        .ok_or_else(|| invalid("multipart/form-data needs a boundary"))?;
    parts(&request.body, boundary)
        .map(Some)
        .ok_or_else(|| invalid("the body is not multipart/form-data with this boundary"))
}

fn boundary(content_type: &str) -> Option<String> {
    let boundary = multer::parse_boundary(content_type).ok()?;
    (1..=70).contains(&boundary.len()).then_some(boundary)
}

fn parts(body: &Bytes, boundary: String) -> Option<Upload> {
    let body = stream::iter([Ok::<_, Infallible>(body.clone())]);
    let mut multipart = Multipart::new(body, boundary);
    // The whole body is in memory, so that nothing is ever waited for.
    let read = async {
        let mut upload = Upload::default();
        for _ in 0..MOST_PARTS {
            let Some(part) = multipart.next_field().await.ok()? else { return Some(upload) };
            let name = part.name()?.to_owned();
            let file_name = part.file_name().unwrap_or_default().to_owned();
            let content = part.bytes().await.ok()?;
            if name == "data" {
                upload.data = content;
            } else {
                upload.files.push(FilePart { part: name, name: file_name, content });
            }
        }
        None
    };
    read.now_or_never().flatten()
}

#[cfg(test)]
mod tests {
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
        let upload = parts(&body, boundary).unwrap();
        let parts: Vec<&str> = upload.files.iter().map(|file| file.part.as_str()).collect();
        assert_eq!(parts, ["file_content"]);
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
        let read = |text: &str| parts(&Bytes::copy_from_slice(text.as_bytes()), "b".to_owned());
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
            let _ = parts(&Bytes::from(body.clone()), "b".to_owned());
            let framed = [&b"--b\r\n"[..], &body, b"\r\n--b--"].concat();
            let _ = parts(&Bytes::from(framed), "b".to_owned());
        }
    }
}
