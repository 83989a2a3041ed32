//! The page that says why an order is refused.

use askama::Template;

use crate::error::Refusal;
use crate::protocol::diagnosis::Diagnosis;

#[derive(Template)]
#[template(path = "refusal.html")]
struct Page<'a> {
    code: &'a str,
    message: &'a str,
    /// Alipay's words for the code, where its page is known.
    words: &'a str,
    diagnosis: Option<&'a Diagnosis>,
    trace_id: &'a str,
}

/// The page, as HTML.
pub(crate) fn page(refusal: &Refusal, trace_id: &str) -> Result<String, askama::Error> {
    let Refusal { code, message, diagnosis, .. } = refusal;
    let words = match *code {
        "invalid-signature" => "验签出错",
        "invalid-app-id" => "无效的 AppID 参数",
        _ => "",
    };
    Page { code, message, words, diagnosis: diagnosis.as_deref(), trace_id }.render()
}
