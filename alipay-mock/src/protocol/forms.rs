//! The strings that the signature of a form or a query may be over: those that are right, and those after a known mistake
//! of the one who signed, or after a known change on the way.

use std::iter;

use percent_encoding::percent_decode;

use super::canonical;
use super::changes::{self, encodings, unescape_html};
use super::rewritten::orders;
use super::variants::Variant;

/// The most parameters that are looked at: as many as the runtime reads of a notification.
const MOST_PARAMETERS: usize = 256;
/// The most parameters for which it is tried to leave two of them out.
const MOST_FOR_TWO: usize = 30;
/// The most parameters for which all orders are tried.
const MOST_FOR_ORDERS: usize = 5;
/// The longest form that is looked at, in bytes.
const LONGEST: usize = 64 * 1024;
/// Parameters that frameworks and people drop, and the values they had.
const DROPPED: [(&str, &str); 10] = [
    ("charset", "UTF-8"),
    ("charset", "utf-8"),
    ("charset", "GBK"),
    ("version", "1.0"),
    ("version", "1.1"),
    ("sign_type", "RSA2"),
    ("notify_type", "trade_status_sync"),
    ("format", "JSON"),
    ("format", "json"),
    ("encrypt_type", "AES"),
];

/// Which rule the signature of parameters follows.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Rule {
    /// Of notifications, and of the query with which a buyer returns: without `sign_type`.
    Notification,
    /// Of orders for pages and apps: with `sign_type`, and without blank values.
    Order,
}

type Decode = fn(&[u8]) -> Vec<u8>;

/// Parameters in the order they stand, decoded.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Parameters(Vec<(String, Vec<u8>)>);

impl Parameters {
    /// As a form is read: `+` is a blank, and escapes are decoded once.
    pub(super) fn of_form(form: &[u8]) -> Self {
        Self::split(form, decoded_form)
    }

    fn split(form: &[u8], decode: Decode) -> Self {
        let mut pairs: Vec<(String, Vec<u8>)> = Vec::new();
        for part in form.split(|byte| *byte == b'&') {
            let at = part.iter().position(|byte| *byte == b'=');
            let (name, value) = part.split_at(at.unwrap_or(0));
            let name = decode(name);
            match std::str::from_utf8(&name).ok().filter(|name| is_name(name)) {
                Some(name) => {
                    pairs.push((name.to_owned(), decode(value.get(1..).unwrap_or_default())));
                }
                // What was decoded before has an `&` of its value here.
                None => {
                    if let Some((_, value)) = pairs.last_mut() {
                        value.push(b'&');
                        value.extend(decode(part));
                    }
                }
            }
        }
        Self(pairs)
    }

    pub(super) fn get(&self, name: &str) -> Option<&[u8]> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_slice())
    }

    /// All values with one of these names. Of one with an `&`, what stands before it as well: the rest may be another
    /// parameter, whose name cannot be read.
    pub(super) fn named<'a>(&'a self, names: &'a [&str]) -> impl Iterator<Item = &'a [u8]> {
        let known = self.0.iter().filter(|(name, _)| names.contains(&name.as_str()));
        known.flat_map(|(_, value)| {
            iter::once(value.as_slice()).chain(value.split(|byte| *byte == b'&').next())
        })
    }

    /// The value of `sign`; empty if there is none.
    pub(super) fn signature(&self) -> String {
        String::from_utf8_lossy(self.get("sign").unwrap_or_default()).into_owned()
    }

    /// The strings that are right. The first is the usual one.
    pub(super) fn right(&self, rule: Rule) -> Vec<Vec<u8>> {
        let all = || self.0.iter().map(|(name, value)| (name.as_str(), value.as_slice()));
        match rule {
            Rule::Order => vec![canonical::order(all())],
            Rule::Notification => {
                // As the runtime tries them.
                let rules = (0..8_u8).map(|number| {
                    sorted(all().filter(|(name, value)| match *name {
                        "sign" => false,
                        "sign_type" => number & 1 != 0,
                        "alipay_cert_sn" if number & 4 != 0 => false,
                        _ => number & 2 == 0 || !value.is_empty(),
                    }))
                });
                let mut strings: Vec<Vec<u8>> = Vec::new();
                for string in rules {
                    if !strings.contains(&string) {
                        strings.push(string);
                    }
                }
                strings
            }
        }
    }

    /// Those that are signed by the usual rule of notifications, as they stand.
    fn signed(&self) -> Vec<(&str, &[u8])> {
        let all = self.0.iter().map(|(name, value)| (name.as_str(), value.as_slice()));
        all.filter(|(name, _)| !matches!(*name, "sign" | "sign_type")).collect()
    }

    fn with(&self, name: &str, value: &[u8]) -> Self {
        let mut pairs = self.0.clone();
        match pairs.iter_mut().find(|(known, _)| known == name) {
            Some((_, known)) => *known = value.to_vec(),
            None => pairs.push((name.to_owned(), value.to_vec())),
        }
        Self(pairs)
    }

    fn without(&self, names: &[&str]) -> Self {
        let kept = self.0.iter().filter(|(name, _)| !names.contains(&name.as_str()));
        Self(kept.cloned().collect())
    }

    /// With a parameter as a part of the value before it.
    fn joined(&self, at: usize) -> Self {
        let mut pairs = self.0.clone();
        if at > 0 && at < pairs.len() {
            let (name, value) = pairs.remove(at);
            if let Some((_, before)) = pairs.get_mut(at - 1) {
                before.extend([b"&", name.as_bytes(), b"=", &value].concat());
            }
        }
        Self(pairs)
    }

    fn names(&self) -> Vec<&str> {
        let names = self.0.iter().map(|(name, _)| name.as_str());
        names.filter(|name| !matches!(*name, "sign" | "sign_type")).collect()
    }
}

/// Whether a form is no larger than those of Alipay. All that is tried of it is bounded by its size.
fn is_usual(form: &[u8]) -> bool {
    let separators = form.iter().filter(|byte| matches!(byte, b'&' | b'\n')).count();
    form.len() <= LONGEST && separators < MOST_PARAMETERS
}

/// All strings to try, the likelier first.
pub(super) fn all(form: &[u8], rule: Rule) -> impl Iterator<Item = Variant> + use<> {
    let (plain, readings) = if is_usual(form) {
        (Parameters::of_form(form), readings(form))
    } else {
        (Parameters(Vec::new()), Vec::new())
    };
    // As it stands first, so that nothing is explained by more than it takes.
    // Of orders there are strings of their own.
    let by_signer = if rule == Rule::Order { Vec::new() } else { misarranged(&plain) };
    let by_reading = readings.clone();
    let read = by_reading.into_iter().flat_map(move |(what, parameters)| {
        let right = parameters.right(rule);
        right.into_iter().map(move |text| Variant::new(what, text))
    });
    let changed = std::iter::once((None, plain.clone()))
        .chain(readings.into_iter().map(|(what, parameters)| (Some(what), parameters)))
        .flat_map(move |(what, parameters)| {
            changed(&parameters, rule).map(move |mut variant| {
                variant.mistakes.splice(0..0, what.map(Into::into));
                variant
            })
        });
    read.chain(by_signer).chain(left_out(&plain, rule)).chain(changed)
}

const DECODED: &str = "the form was decoded before: its values are not percent-encoded; verify the body as it was received";

/// The parameters of a form that was decoded before, if an `&` or two are of a value.
pub(super) fn joined_values(form: &[u8]) -> Vec<(&'static str, Parameters)> {
    let mut all: Vec<Parameters> = Vec::new();
    if !is_usual(form) {
        return Vec::new();
    }
    for decode in [<[u8]>::to_vec as Decode, decoded_form] {
        let parameters = Parameters::split(form, decode);
        let count = parameters.0.len();
        if count > MOST_FOR_TWO {
            continue;
        }
        for second in 1..count {
            let once = parameters.joined(second);
            all.extend((1..second).map(|first| once.joined(first)));
            all.push(once);
        }
    }
    all.into_iter().map(|parameters| (DECODED, parameters)).collect()
}

/// Other ways in which the form may have to be read, each with what happened to it.
pub(super) fn readings(form: &[u8]) -> Vec<(&'static str, Parameters)> {
    if !is_usual(form) {
        return Vec::new();
    }
    let plus = "the form has `+` that stand for themselves: it was not encoded anew after it was decoded, and they read as blanks";
    let mut readings = Vec::new();
    // What is encoded was not decoded before: then its values were signed so.
    let is_encoded = form.contains(&b'%')
        && form.iter().all(|byte| byte.is_ascii_graphic() && !b"\"<>{}".contains(byte));
    if !is_encoded {
        readings.push((DECODED, Parameters::split(form, <[u8]>::to_vec)));
    }
    readings.push((plus, Parameters::split(form, |text| percent_decode(text).collect())));
    let mut rest = |what, form: &[u8]| {
        let all: [Decode; 3] =
            [decoded_form, |text| percent_decode(text).collect(), <[u8]>::to_vec];
        readings.extend(all.map(|decode| (what, Parameters::split(form, decode))));
    };
    if let Ok(text) = std::str::from_utf8(form) {
        if text.contains('&') && text.contains(';') {
            let html =
                "the form is HTML-escaped (`&amp;` for `&`); verify the body as it was received";
            rest(html, unescape_html(text).as_bytes());
        }
        let lines = text.trim().replace("\r\n", "&").replace(['\n', '\r'], "&");
        if lines.len() != form.len() || lines.as_bytes() != form {
            let broken =
                "the parameters stand on lines of their own; verify the body as it was received";
            rest(broken, lines.as_bytes());
            let joined = "the form was broken into lines; verify the body as it was received";
            rest(joined, text.replace(['\r', '\n'], "").as_bytes());
        }
    }
    let whole: Vec<u8> = percent_decode(form).collect();
    rest(
        "the whole form was percent-encoded once more; verify the body as it was received",
        &whole,
    );
    let plain = Parameters::of_form(form);
    readings.retain(|(_, parameters)| *parameters != plain && !parameters.0.is_empty());
    readings
}

/// What the one who signs may have signed of the right parameters.
fn misarranged(parameters: &Parameters) -> Vec<Variant> {
    let mut variants = Vec::new();
    let mut guess = |what: &str, text: Vec<u8>| variants.push(Variant::new(what.to_owned(), text));
    let pairs = parameters.signed();
    let all: Vec<(&str, &[u8])> =
        parameters.0.iter().map(|(name, value)| (name.as_str(), value.as_slice())).collect();
    let unsigned = || all.iter().copied().filter(|(name, _)| *name != "sign");
    let unsorted =
        "the parameters were signed in the order they stand; they have to be sorted by name";
    guess(unsorted, joined(&pairs));
    guess(unsorted, joined(&unsigned().collect::<Vec<_>>()));
    let other_order = "the parameters were signed in another order than that of their names";
    let mut reversed = pairs.clone();
    reversed.sort_unstable();
    reversed.reverse();
    guess(other_order, joined(&reversed));
    if pairs.len() <= MOST_FOR_ORDERS {
        for order in orders(&pairs) {
            guess(other_order, joined(&order));
        }
    }
    let encoded =
        "the values were signed percent-encoded; they are signed as they are, without encoding";
    let written: Vec<(&str, Vec<String>)> =
        pairs.iter().map(|(name, value)| (*name, encodings(value))).collect();
    let most = written.first().map_or(0, |(_, values)| values.len());
    for at in 0..most {
        let pairs: Vec<(&str, &[u8])> = written
            .iter()
            .map(|(name, values)| (*name, values.get(at).map_or(&b""[..], String::as_bytes)))
            .collect();
        guess(encoded, sorted(pairs.iter().copied()));
        guess("the parameters were signed percent-encoded, and not sorted", joined(&pairs));
    }
    let right = sorted(pairs.iter().copied());
    guess("the string was signed with an `&` at its end", [&right[..], b"&"].concat());
    guess(
        "the string was signed with a line feed at its end; it has none",
        [&right[..], b"\n"].concat(),
    );
    guess("the string was signed with a question mark before it", [b"?", &right[..]].concat());
    let quoted: Vec<Vec<u8>> =
        { pairs.iter() }.map(|(_, value)| [b"\"", *value, b"\""].concat()).collect();
    let quoted = pairs.iter().zip(&quoted).map(|((name, _), value)| (*name, value.as_slice()));
    guess("the values were signed in quotation marks", sorted(quoted));
    guess("`sign` itself was signed; it is left out", sorted(all.iter().copied()));
    let kept = "`sign_type` was signed; it is left out";
    guess(kept, sorted(unsigned()));
    let blank: Vec<(&str, &[u8])> = all
        .iter()
        .map(|(name, value)| (*name, if *name == "sign" { b"" } else { *value }))
        .collect();
    guess("an empty `sign` was signed; it is left out", sorted(blank.iter().copied()));
    let mut values = pairs.clone();
    values.sort_unstable();
    let values: Vec<&[u8]> = values.into_iter().map(|(_, value)| value).collect();
    guess("the values were signed without their names", values.join(&b'&'));
    guess("the values were signed without their names", values.concat());
    guess("the pairs were signed without `&` between them", {
        let mut pairs = pairs.clone();
        pairs.sort_unstable();
        pairs
            .iter()
            .map(|(name, value)| [name.as_bytes(), b"=", value].concat())
            .collect::<Vec<_>>()
            .concat()
    });
    if let Some(content) = parameters.get("biz_content") {
        guess("only `biz_content` was signed; all parameters are", content.to_vec());
    }
    variants
}

/// Parameters that were added, or are missing.
fn left_out(parameters: &Parameters, rule: Rule) -> Vec<Variant> {
    let mut variants = Vec::new();
    let names = parameters.names();
    for (number, name) in names.iter().enumerate() {
        let without = parameters.without(&[name]);
        let what = format!(
            "`{name}` is among the parameters but was not signed: it was added, or forgotten"
        );
        variants
            .extend(without.right(rule).into_iter().map(|text| Variant::new(what.clone(), text)));
        if names.len() > MOST_FOR_TWO {
            continue;
        }
        for other in names.iter().skip(number + 1) {
            let without = parameters.without(&[name, other]);
            let what =
                format!("`{name}` and `{other}` are among the parameters but were not signed");
            variants.extend(
                { without.right(rule) }.into_iter().map(|text| Variant::new(what.clone(), text)),
            );
        }
    }
    for (name, value) in DROPPED {
        let what = format!(
            "`{name}` is missing, or its value was changed: what was signed has `{name}={value}`"
        );
        let with = parameters.with(name, value.as_bytes());
        variants
            .extend({ with.right(rule) }.into_iter().map(|text| Variant::new(what.clone(), text)));
    }
    variants
}

/// Values that were changed since they were signed: all of them at once, or one.
fn changed(parameters: &Parameters, rule: Rule) -> impl Iterator<Item = Variant> + use<> {
    let right = parameters.right(rule);
    let strings = right.into_iter().enumerate().flat_map(|(number, text)| {
        let all: Box<dyn Iterator<Item = (Vec<&'static str>, Vec<u8>)>> = if number < 2 {
            Box::new(changes::undone(&text))
        } else {
            Box::new(
                changes::once(&text)
                    .map(|(what, text)| (vec![what], text))
                    .collect::<Vec<_>>()
                    .into_iter(),
            )
        };
        all.map(|(what, text)| Variant::changed("a value", &what, text))
    });
    let (of_single, of_encoded) = (parameters.clone(), parameters.clone());
    let single = parameters
        .0
        .clone()
        .into_iter()
        .filter(|(name, _)| !matches!(name.as_str(), "sign" | "sign_type"));
    let single = single.flat_map(move |(name, value)| {
        let parameters = of_single.clone();
        let undone: Vec<_> = changes::once(&value).collect();
        undone.into_iter().flat_map(move |(what, value)| {
            let subject = format!("`{name}`");
            let right = parameters.with(&name, &value).right(rule).into_iter();
            right.map(|text| Variant::changed(&subject, &[what], text)).collect::<Vec<_>>()
        })
    });
    // A value that was decoded once too often.
    let encoded = { of_encoded.0.clone() }.into_iter().flat_map(move |(name, value)| {
        let parameters = of_encoded.clone();
        encodings(&value).into_iter().flat_map(move |value| {
            let what = format!("`{name}` was percent-decoded once too often after it was signed");
            let right = parameters.with(&name, value.as_bytes()).right(rule).into_iter();
            right.map(|text| Variant::new(what.clone(), text)).collect::<Vec<_>>()
        })
    });
    single.chain(encoded).chain(strings)
}

/// Whether it can be the name of a parameter.
fn is_name(name: &str) -> bool {
    !name.is_empty()
        && name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.'))
}

/// A name or value of a form, decoded: `+` is a blank.
pub(super) fn decoded_form(text: &[u8]) -> Vec<u8> {
    let blanks: Vec<u8> =
        text.iter().map(|byte| if *byte == b'+' { b' ' } else { *byte }).collect();
    percent_decode(&blanks).collect()
}

fn sorted<'a>(pairs: impl Iterator<Item = (&'a str, &'a [u8])>) -> Vec<u8> {
    let mut pairs: Vec<(&str, &[u8])> = pairs.collect();
    pairs.sort_unstable();
    joined(&pairs)
}

fn joined(pairs: &[(&str, &[u8])]) -> Vec<u8> {
    let pairs: Vec<Vec<u8>> =
        pairs.iter().map(|(name, value)| [name.as_bytes(), b"=", value].concat()).collect();
    pairs.join(&b'&')
}
