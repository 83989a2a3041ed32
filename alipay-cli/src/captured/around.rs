//! What stands around what was captured: lines of logs, commands, and the dumps of programs.

use serde_json::Value;

/// What is said of a dump. Its values were decoded, and some dumps lose where a value ends.
pub(super) const DUMP: &str = "it shows parameters that a program has decoded, as print_r, var_dump and Map.toString do, \
    from which what was signed cannot be told for certain; give the body of the POST as it was received (PHP: \
    file_get_contents('php://input'), Java: the request's input stream, Go: io.ReadAll(r.Body)), or the parameters as one \
    JSON object (PHP: json_encode($_POST))";

/// Whether it is the dump of parameters: names and values, in none of the forms in which they are sent.
pub(super) fn is_dump(text: &str) -> bool {
    let text = text.trim();
    let is_json = || serde_json::from_str::<Value>(text).is_ok();
    if let Some(inner) = text.strip_prefix('{') {
        // Java's `{a=1, sign=…}` and Python's `{'a': '1', 'sign': '…'}`.
        let is_named = inner.contains(", sign=") || inner.starts_with("sign=");
        return (is_named || inner.contains("'sign':")) && !is_json();
    }
    if ["[sign] =>", "[\"sign\"]=>", "'sign' =>", "'sign': ", " sign:[", "[sign:["]
        .iter()
        .any(|name| text.contains(name))
    {
        return true;
    }
    let lines: Vec<&str> = text.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    // Each parameter in a line of its own. A form that was broken into lines still has its escapes.
    ["=", ": ", "\t"].iter().any(|mark| {
        let pairs: Option<Vec<_>> = lines.iter().map(|line| line.split_once(mark)).collect();
        let is_name = |name: &str| name.trim().chars().all(|c| c.is_ascii_lowercase() || c == '_');
        pairs.is_some_and(|pairs| {
            pairs.len() > 2
                && pairs.iter().any(|(name, _)| name.trim() == "sign")
                && pairs.iter().all(|(name, _)| is_name(name))
                && (*mark != "=" || pairs.iter().any(|(_, value)| value.contains([' ', '"', ':'])))
        })
    })
}

/// The form, query or address in a text that has more than that, such as a line of a log. The error continues
/// "cannot read NAME: ".
pub(super) fn form_within(text: &str) -> Result<Option<&str>, String> {
    let is_mark = |c: char| c.is_whitespace() || matches!(c, '"' | '`' | '<' | '>' | '\\');
    if form_of(text) == Some(text) {
        return Ok(None);
    }
    let mut found = None;
    for part in text.split(is_mark) {
        let part = part.trim_end_matches([',', ';', ']', '}']);
        let inner = part.strip_prefix('\'').and_then(|part| part.strip_suffix('\''));
        let part = inner.unwrap_or(part);
        let Some(form) = form_of(part) else { continue };
        if found.replace((form, part)).is_some() {
            return Err(
                "it holds parameters with `sign` more than once; keep one of them".to_owned()
            );
        }
    }
    let Some((form, part)) = found else { return Ok(None) };
    // A form that was decoded or broken into lines is not whole here.
    let has_more = |rest: &str| rest.contains(['&', '%']) && !rest.starts_with("http");
    let (before, after) = text.split_once(part).unwrap_or_default();
    let is_broken = (before.ends_with(char::is_whitespace) && before.contains('&'))
        || (after.starts_with(char::is_whitespace)
            && after.split_whitespace().next().is_some_and(has_more));
    Ok((!is_broken).then_some(form))
}

/// The form at the end of a word such as `body=a=1&sign=…`, or the address; `None` if there is none.
fn form_of(part: &str) -> Option<&str> {
    let first = part.split('&').next()?;
    let is_of_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
    // In a form a value has no `=`, except at the end of base64.
    let (before, _) = first.trim_end_matches('=').rsplit_once('=').unwrap_or((first, ""));
    let at = before.rfind(|c| !is_of_name(c)).map_or(0, |at| at + 1);
    let form = part.get(at..)?;
    let is_of_form = |c: char| c.is_ascii_alphanumeric() || "-_.*+%=/~!:@,'()".contains(c);
    let pairs = || form.split('&').map(|pair| pair.split_once('='));
    let has =
        |wanted: &str| pairs().flatten().any(|(name, value)| name == wanted && !value.is_empty());
    let is_form = pairs().all(|pair| pair.is_some_and(|(_, value)| value.chars().all(is_of_form)));
    if !is_form || !has("sign") || !has("app_id") {
        return None;
    }
    // The address says what it is.
    if !before.get(..at)?.ends_with('?') {
        return Some(form);
    }
    let address = part.get(..at)?;
    let start = address.find("http://").or_else(|| address.find("https://"));
    part.get(start.or_else(|| address.find('/')).unwrap_or(at)..)
}

/// The string in a document that has the parameters: a form, or a JSON object with `sign`.
pub(super) fn signed_text(value: &Value) -> Option<&str> {
    match value {
        Value::String(text) => {
            let text = text.trim();
            let is_json = || {
                text.starts_with('{')
                    && serde_json::from_str::<Value>(text)
                        .is_ok_and(|inner| inner.get("sign").is_some())
            };
            (form_of(text).is_some() || is_json()).then_some(text)
        }
        Value::Array(items) => items.iter().find_map(signed_text),
        Value::Object(members) => members.values().find_map(signed_text),
        _ => None,
    }
}
