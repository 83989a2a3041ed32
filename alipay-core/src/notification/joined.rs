//! What is signed is the parameters joined as `k=v&k=v`, with nothing escaped. A value that holds `&`
//! and `=` could be several parameters of the genuine notification, or several be one value of it.

use std::collections::BTreeMap;

/// Parameters whose values never hold either character.
const PLAIN: [&str; 6] =
    ["app_id", "notify_id", "msg_method", "utc_timestamp", "version", "charset"];
/// The content is JSON and may hold anything.
const CONTENT: &str = "biz_content";

/// A parameter whose value could be more than that, as it is shown to people.
pub(super) fn ambiguous(parameters: &BTreeMap<String, String>) -> Option<&'static str> {
    parameters.iter().find_map(|(name, value)| {
        let plain = PLAIN.into_iter().find(|plain| plain == name);
        let joins = match plain {
            _ if name == CONTENT => false,
            Some(_) => value.contains(['&', '=']),
            None => holds_parameter(value),
        };
        joins.then(|| plain.unwrap_or("a parameter"))
    })
}

/// Whether a value goes on with `&`, a name and `=`.
fn holds_parameter(value: &str) -> bool {
    value.split('&').skip(1).any(|part| {
        part.split_once('=').is_some_and(|(name, _)| {
            !name.is_empty()
                && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
        })
    })
}
