//! The strings that a client may have signed instead of an order's right one, each with the mistake that leads to it.

use std::borrow::Cow;

use alipay_core::encrypt::AesKey;
use percent_encoding::percent_decode;

use super::canonical;
use super::changes::{encodings, unescape_html};
use super::parameters::{Parameter, Parameters};
use super::rewritten::{LONGEST_BODY, rendered};
use super::variants::{LONGEST_OF_TWO, Variant};
use crate::calendar;

type Mistake = Cow<'static, str>;

/// How many parameters an order has at most for mistakes with single ones to be tried.
const MOST_PARAMETERS: usize = 40;
/// By how many seconds a timestamp that was signed is looked for around the one that was sent.
const NEAR_SECONDS: i64 = 3;
/// A parameter as it may have been signed.
#[derive(Clone)]
struct Pair {
    name: String,
    value: Vec<u8>,
    is_in_query: bool,
}

/// Which parameters were signed.
enum Selection {
    /// Those that are not blank.
    Usual,
    WithBlank,
    Without(String),
    OfQuery(bool),
}

/// How they were joined.
#[derive(Clone, Copy)]
enum Joint {
    Sorted,
    AsSent,
    Without,
    Lines,
    Quoted,
    WithSign,
    QuestionMark,
    LineFeed,
}

/// A part of a guess. The first of each kind is the right one.
type Guesses<T> = Vec<(Option<Mistake>, T)>;

/// All strings to try: those with one mistake, then those with two.
pub(super) fn all(
    parameters: &Parameters,
    aes: Option<&AesKey>,
) -> impl Iterator<Item = Variant> + use<> {
    let pairs: Vec<Pair> = parameters
        .all()
        .iter()
        .filter(|parameter| parameter.name != "sign")
        .map(|Parameter { name, value, is_in_query, .. }| Pair {
            name: name.clone(),
            value: value.clone(),
            is_in_query: *is_in_query,
        })
        .collect();
    // Blank values are not signed, and may be long.
    let length: usize = pairs.iter().map(|pair| pair.name.len() + pair.value.len()).sum();
    let is_usual = length <= LONGEST_BODY && pairs.len() <= MOST_PARAMETERS;
    let (mut values, mut selections, mut joints) =
        (vec![(None, pairs.clone())], vec![(None, Selection::Usual)], joints());
    if is_usual {
        values.extend(all_values(&pairs, parameters));
        selections.extend(other_selections(&pairs));
    } else {
        joints.truncate(1);
    }
    // Mistakes with the value of one parameter come after these, and alone.
    let of_all = values.len();
    if is_usual {
        values.extend(single_values(&pairs, aes));
    }
    let counts = (values.len(), selections.len(), joints.len());
    let of_two = if length <= LONGEST_OF_TWO { of_all } else { 0 };
    let one = (1..counts.0)
        .map(|value| (value, 0, 0))
        .chain((1..counts.1).map(|selection| (0, selection, 0)))
        .chain((1..counts.2).map(|joint| (0, 0, joint)));
    let two = (0..of_two).flat_map(move |value| {
        let rest = (0..counts.1).flat_map(move |of| (0..counts.2).map(move |joint| (of, joint)));
        let is_wrong = |part: usize| usize::from(part > 0);
        rest.filter(move |(of, joint)| is_wrong(value) + is_wrong(*of) + is_wrong(*joint) == 2)
            .map(move |(of, joint)| (value, of, joint))
    });
    one.chain(two).filter_map(move |(value, selection, joint)| {
        let (first, pairs) = values.get(value)?;
        let (second, selection) = selections.get(selection)?;
        let (third, joint) = joints.get(joint)?;
        let mistakes = [first, second, third].into_iter().flatten().cloned().collect();
        Some(Variant { mistakes, text: joint.text(selection.of(pairs)) })
    })
}

impl Selection {
    fn of<'a>(&self, pairs: &'a [Pair]) -> Vec<&'a Pair> {
        let is_blank = |pair: &Pair| canonical::is_blank(&pair.value);
        let chosen = pairs.iter().filter(|pair| match self {
            Self::Usual => !is_blank(pair),
            Self::WithBlank => true,
            Self::Without(name) => pair.name != *name && !is_blank(pair),
            Self::OfQuery(query) => pair.is_in_query == *query && !is_blank(pair),
        });
        chosen.collect()
    }
}

impl Joint {
    fn text(self, mut pairs: Vec<&Pair>) -> Vec<u8> {
        if !matches!(self, Self::AsSent) {
            pairs.sort_by(|a, b| a.name.cmp(&b.name));
        }
        let (quote, between): (&[u8], &[u8]) = match self {
            Self::Quoted => (b"\"", b"&"),
            Self::Without => (b"", b""),
            Self::Lines => (b"", b"\n"),
            _ => (b"", b"&"),
        };
        let joined: Vec<Vec<u8>> = pairs
            .into_iter()
            .map(|pair| [pair.name.as_bytes(), b"=", quote, &pair.value, quote].concat())
            .collect();
        let text = joined.join(between);
        match self {
            Self::WithSign => [b"sign=&", text.as_slice()].concat(),
            Self::QuestionMark => [b"?", text.as_slice()].concat(),
            Self::LineFeed => [text.as_slice(), b"\n"].concat(),
            _ => text,
        }
    }
}

fn joints() -> Guesses<Joint> {
    [
        ("", Joint::Sorted),
        (
            "the parameters were signed in the order they are sent; they have to be sorted by name",
            Joint::AsSent,
        ),
        ("the parameters were joined without `&`", Joint::Without),
        ("the parameters were joined by line feeds; they have to be joined by `&`", Joint::Lines),
        ("the values were signed in quotes; they have to be signed as they are", Joint::Quoted),
        ("an empty `sign` was signed; it is added afterwards", Joint::WithSign),
        ("a question mark was signed before the parameters", Joint::QuestionMark),
        ("a line feed was signed after the parameters", Joint::LineFeed),
    ]
    .into_iter()
    .map(|(mistake, joint)| {
        (Some(mistake.into()).filter(|mistake: &Mistake| !mistake.is_empty()), joint)
    })
    .collect()
}

/// Parameters that were left out, or should have been.
fn other_selections(pairs: &[Pair]) -> Guesses<Selection> {
    let mut guesses: Guesses<Selection> = Vec::new();
    let mut guess = |what: Mistake, selection| guesses.push((Some(what), selection));
    guess(
        "`sign_type` was not signed; in an order it is, unlike in a notification".into(),
        Selection::Without("sign_type".to_owned()),
    );
    if pairs.iter().any(|pair| canonical::is_blank(&pair.value)) {
        guess("blank parameters were signed; they are left out".into(), Selection::WithBlank);
    }
    for pair in pairs.iter().filter(|pair| pair.name != "sign_type") {
        let what = format!("`{}` was sent but not signed", pair.name);
        guess(what.into(), Selection::Without(pair.name.clone()));
    }
    if pairs.iter().any(|pair| pair.is_in_query) && pairs.iter().any(|pair| !pair.is_in_query) {
        guess(
            "only the parameters of the URL were signed, and not those of the form".into(),
            Selection::OfQuery(true),
        );
        guess(
            "only the parameters of the form were signed, and not those of the URL".into(),
            Selection::OfQuery(false),
        );
    }
    guesses
}

/// Mistakes with all values.
fn all_values(pairs: &[Pair], parameters: &Parameters) -> Guesses<Vec<Pair>> {
    let mut guesses: Guesses<Vec<Pair>> = Vec::new();
    let mut guess = |what: &'static str, change: &dyn Fn(&Pair) -> Vec<u8>| {
        let changed = pairs.iter().map(|pair| Pair { value: change(pair), ..pair.clone() });
        guesses.push((Some(what.into()), changed.collect()));
    };
    let encoded = "the values were signed percent-encoded; sign them as they are, and encode them for the URL or the form \
                   afterwards";
    for at in 0..encodings(&[]).len() {
        guess(encoded, &|pair| {
            let encoding = encodings(&pair.value).into_iter().nth(at);
            encoding.map_or_else(|| pair.value.clone(), String::into_bytes)
        });
    }
    guess("the values were sent percent-encoded twice", &|pair| {
        percent_decode(&pair.value).collect()
    });
    let plus = "a `+` was sent as it is, which is a blank; it has to be sent as %2B";
    let as_sent = |name: &str| {
        let known = parameters.all().iter().find(|known| known.name == name);
        known.and_then(|known| known.with_plus.clone())
    };
    let kept = |pair: &Pair| as_sent(&pair.name).unwrap_or_else(|| pair.value.clone());
    guess(plus, &|pair| if pair.name == "timestamp" { pair.value.clone() } else { kept(pair) });
    guess(plus, &kept);
    for escape in [html_escaped, quotes_escaped] {
        guess(
            "the values were signed HTML-escaped; sign them as they are, and escape them for the page afterwards",
            &|pair| escape(&pair.value),
        );
    }
    guess("the values were sent HTML-escaped twice", &|pair| {
        unescape_html(&String::from_utf8_lossy(&pair.value)).into_bytes()
    });
    let gbk = encoding_rs::GBK;
    guess(
        "the values were signed in UTF-8, and sent in GBK; `charset`, what is signed and what is sent have to be one",
        &|pair| gbk.decode(&pair.value).0.into_owned().into_bytes(),
    );
    guess(
        "the values were signed in GBK, and sent in UTF-8; `charset`, what is signed and what is sent have to be one",
        &|pair| gbk.encode(&String::from_utf8_lossy(&pair.value)).0.into_owned(),
    );
    guess("the values were signed in ISO-8859-1; sign them in UTF-8", &|pair| {
        let text = String::from_utf8_lossy(&pair.value);
        text.chars().map(|c| u8::try_from(c).unwrap_or(b'?')).collect()
    });
    guess("the values were signed without the white space around them", &|pair| {
        pair.value.trim_ascii().to_vec()
    });
    guesses.retain(|(_, changed)| {
        changed.iter().zip(pairs).any(|(changed, pair)| changed.value != pair.value)
    });
    guesses
}

/// Mistakes with the value of one parameter.
fn single_values(pairs: &[Pair], aes: Option<&AesKey>) -> Guesses<Vec<Pair>> {
    let mut guesses: Guesses<Vec<Pair>> = Vec::new();
    for (at, pair) in pairs.iter().enumerate() {
        let mut guess = |what: Mistake, value: Vec<u8>| {
            if value == pair.value {
                return;
            }
            let mut changed = pairs.to_vec();
            if let Some(changed) = changed.get_mut(at) {
                changed.value = value;
            }
            guesses.push((Some(what), changed));
        };
        let name = &pair.name;
        for encoding in encodings(&pair.value) {
            let what = format!("`{name}` was signed percent-encoded; sign its value as it is");
            guess(what.into(), encoding.into_bytes());
        }
        guess(
            format!("`{name}` was sent percent-encoded twice").into(),
            percent_decode(&pair.value).collect(),
        );
        match name.as_str() {
            "biz_content" => {
                if let Some(Ok(plain)) = aes.map(|key| key.decrypt(&pair.value)) {
                    let what = "the plaintext of `biz_content` was signed; encrypt first, then sign the ciphertext";
                    for text in rendered(&plain) {
                        guess(what.into(), text);
                    }
                    guess(what.into(), plain);
                }
                let what = "the JSON of `biz_content` was written again between signing and sending; sign the string that is \
                            sent";
                for text in rendered(&pair.value) {
                    guess(what.into(), text);
                }
            }
            "timestamp" => {
                let sent = std::str::from_utf8(&pair.value).ok();
                let Some(sent) = sent.and_then(calendar::parse_date_time) else { continue };
                for by in (1..=NEAR_SECONDS).flat_map(|by| [-by, by]) {
                    let what = "the timestamp was taken anew between signing and sending; send the one that is signed";
                    guess(what.into(), calendar::date_time(sent + by).to_string().into_bytes());
                }
            }
            "charset" | "format" | "sign_type" => {
                let what = format!("`{name}` was signed in other letters than the ones sent");
                guess(what.clone().into(), pair.value.to_ascii_uppercase());
                guess(what.into(), pair.value.to_ascii_lowercase());
            }
            _ => {}
        }
    }
    guesses
}

fn html_escaped(value: &[u8]) -> Vec<u8> {
    let text = String::from_utf8_lossy(value).replace('&', "&amp;").replace('"', "&quot;");
    text.replace('<', "&lt;").replace('>', "&gt;").replace('\'', "&#39;").into_bytes()
}

/// Of quotes alone, as some SDKs do.
fn quotes_escaped(value: &[u8]) -> Vec<u8> {
    String::from_utf8_lossy(value).replace('"', "&quot;").into_bytes()
}
