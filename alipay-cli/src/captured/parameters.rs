//! Parameters: forms, queries, and objects of JSON that have them.

use alipay_mock::unescape_html;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use serde_json::Value;

use super::kind::Kind;

/// What parameters are, by their names. `path` is that of an address.
pub(super) fn kind_of(form: &str, path: Option<&str>) -> Kind {
    let plain =
        form.replace("&amp;", "&").replace("%26", "&").replace("%3D", "=").replace("%3d", "=");
    let plain = plain.replace(['\r', '\n'], "&");
    let value = |name: &str| {
        plain.split('&').find_map(|pair| {
            let (known, value) = pair.trim().split_once('=')?;
            (known == name).then_some(value)
        })
    };
    if path.is_some_and(|path| path.ends_with("/gateway.do")) {
        Kind::Order
    } else if value("method").is_some_and(|method| method.ends_with(".return")) {
        Kind::Return
    } else if ["notify_id", "notify_type", "msg_method", "trade_status"]
        .iter()
        .any(|name| value(name).is_some())
    {
        Kind::Notification
    } else if value("biz_content").is_some() && value("method").is_some() {
        Kind::Order
    } else if path.is_some() || value("trade_no").is_some() {
        Kind::Return
    } else {
        Kind::Notification
    }
}

/// A parameter; servers may give several values for a name as a list.
pub(super) fn parameter_value(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Array(items) => match items.as_slice() {
            [one] => parameter_value(one),
            _ => None,
        },
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(value) => Some(value.to_string()),
        // A content that was read as JSON, too.
        Value::Object(_) => Some(value.to_string()),
        Value::Null => Some(String::new()),
    }
}

/// The parameters of a page that posts an order: those of its address, and its inputs.
pub(super) fn of_page(page: &str) -> Option<Vec<u8>> {
    let attribute = |tag: &str, name: &str| -> Option<String> {
        let at = tag.find(&format!("{name}="))? + name.len() + 1;
        let rest = tag.get(at..)?;
        let quote = rest.chars().next().filter(|c| matches!(c, '"' | '\''))?;
        let value = rest.get(1..)?;
        Some(unescape_html(value.get(..value.find(quote)?)?))
    };
    let tags = |name: &str| -> Vec<String> {
        page.match_indices(&format!("<{name}"))
            .filter_map(|(at, _)| {
                let rest = page.get(at..)?;
                Some(rest.get(..end_of_tag(rest))?.to_owned())
            })
            .collect()
    };
    let action = tags("form").iter().find_map(|form| attribute(form, "action"))?;
    let mut pairs: Vec<String> =
        action.split_once('?').map(|(_, query)| query.to_owned()).into_iter().collect();
    for input in tags("input") {
        if let (Some(name), Some(value)) = (attribute(&input, "name"), attribute(&input, "value")) {
            // Common parameters may stand in both.
            if !pairs
                .iter()
                .any(|pair| pair.split('&').any(|pair| pair.starts_with(&format!("{name}="))))
            {
                pairs.push(format!("{name}={}", encoded(&value)));
            }
        }
    }
    let form = pairs.join("&");
    form.contains("sign=").then(|| form.into_bytes())
}

/// The parameters of a form or of a JSON object, decoded.
pub(crate) fn parameters(bytes: &[u8]) -> Result<Vec<(String, String)>, String> {
    let text = std::str::from_utf8(bytes).map_err(|_| "it is not UTF-8")?.trim();
    if text.starts_with('{') {
        let value: Value =
            serde_json::from_str(text).map_err(|error| format!("it is no JSON: {error}"))?;
        let members = value.as_object().into_iter().flatten();
        let pairs: Option<_> =
            members.map(|(name, value)| Some((name.clone(), parameter_value(value)?))).collect();
        return pairs.ok_or_else(|| "it has members that are no parameters".to_owned());
    }
    let pairs: Option<_> = text
        .split('&')
        .map(|pair| pair.split_once('=').map(|(name, value)| (decoded(name), decoded(value))))
        .collect();
    pairs.ok_or_else(|| "it is neither a form (`name=value&…`) nor a JSON object".to_owned())
}

/// A value decoded as that of a form.
pub(crate) fn decoded(value: &str) -> String {
    percent_decode_str(&value.replace('+', " ")).decode_utf8_lossy().into_owned()
}

/// A value encoded as that of a form.
pub(crate) fn encoded(value: &str) -> String {
    const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.');
    utf8_percent_encode(value, RESERVED).to_string()
}

/// Where a tag of HTML ends. A value in quotes may have `>` in it.
fn end_of_tag(tag: &str) -> usize {
    let mut quote = None;
    let end = tag.find(|c| match quote {
        Some(open) => {
            quote = quote.filter(|_| c != open);
            false
        }
        None => {
            quote = Some(c).filter(|c| matches!(c, '"' | '\''));
            c == '>'
        }
    });
    end.unwrap_or(tag.len())
}
