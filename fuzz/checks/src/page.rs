//! Pages of HTML, read apart from the runtime.

/// The action of a form, and the names and values of its inputs.
pub(crate) fn form(page: &str) -> Option<(String, Vec<(String, String)>)> {
    let mut tags = page.split('<').skip(1);
    let action = attribute(tags.next()?, "action")?;
    let inputs = tags.filter(|tag| tag.starts_with("input "));
    let inputs = inputs.map(|tag| Some((attribute(tag, "name")?, attribute(tag, "value")?)));
    Some((action, inputs.collect::<Option<_>>()?))
}

/// An attribute in double quotes.
fn attribute(tag: &str, name: &str) -> Option<String> {
    let (_, rest) = tag.split_once(&format!(" {name}=\""))?;
    unescaped(rest.split_once('"')?.0)
}

/// A string whose characters may be written as numbers.
fn unescaped(text: &str) -> Option<String> {
    let mut parts = text.split('&');
    let mut unescaped = parts.next()?.to_owned();
    for part in parts {
        let (number, rest) = part.strip_prefix('#')?.split_once(';')?;
        unescaped.push(char::from_u32(number.parse().ok()?)?);
        unescaped.push_str(rest);
    }
    Some(unescaped)
}
