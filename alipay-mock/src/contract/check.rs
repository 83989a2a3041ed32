//! Whether a request is as its description says.
//!
//! A statement that is only inferred does not make a request wrong, except for limits: the real
//! gateway may know better.

use std::cmp::Ordering;
use std::collections::HashSet;
use std::fmt;

use alipay_core::value::{Decimal, LocalDate, LocalDateTime, LocalTime};
use serde_json::{Map, Value};

use super::formats;
use super::input::Input;
use super::number::{compare, is_multiple};
use super::types::{Bound, Contract, Field, Limit, Operation, Place, Ty, TypeId};
use crate::error::{Detail, Refusal, excerpt};

/// How many mistakes a response names at most.
const MOST: usize = 20;

/// What operations call bad parameters, if they have one of these codes.
const OWN_CODES: [&str; 2] = ["INVALID_PARAMETER", "ACQ.INVALID_PARAMETER"];

/// Checks the parameters of an operation; that required ones are there only with `required`.
pub(crate) fn check(
    contract: &Contract,
    operation: &Operation,
    input: &Input,
    required: bool,
) -> Result<(), Refusal> {
    let details = mistakes(contract, operation, input, required, MOST);
    if details.is_empty() {
        return Ok(());
    }
    // The operation's own code for bad parameters if it has one, else the gateway's.
    let failure = Refusal::fields(details);
    let own = OWN_CODES.into_iter().find(|own| operation.codes.iter().any(|code| code == own));
    Err(Refusal { code: own.unwrap_or("invalid-parameter"), ..failure })
}

/// The mistakes, at most so many, in the order in which the parameters were sent.
pub(crate) fn mistakes(
    contract: &Contract,
    operation: &Operation,
    input: &Input,
    required: bool,
    most: usize,
) -> Vec<Detail> {
    let Some(fields) = contract.structs.get(&operation.request) else { return Vec::new() };
    let mut check = Check::new(contract, required);
    check.most = most;
    let headers = named_headers(fields, input);
    let places = [
        (Place::Path, &input.path),
        (Place::Query, &input.query),
        (Place::Header, &headers),
        (Place::Body, &input.body),
    ];
    for (place, members) in places {
        check.location = place.as_str();
        let fields: Vec<&Field> = fields.iter().filter(|field| field.place == place).collect();
        check.members(At::Root, &fields, members);
    }
    let files: Vec<&Field> = fields.iter().filter(|field| field.place == Place::File).collect();
    for field in &files {
        let sent = input.files.iter().any(|file| file.part == field.name);
        if !sent && check.is_missed(field) {
            check.missing(At::Member(&At::Root, &field.name));
        }
    }
    let mut before = HashSet::new();
    for file in &input.files {
        let part = At::Member(&At::Root, &file.part);
        if !before.insert(&file.part) {
            check.report(part, "BREAKS_RULE", format!("the part `{part}` is there twice"));
        }
        if !files.iter().any(|field| field.name == file.part) {
            check.unknown(part);
        }
    }
    check.found
}

/// The headers that are parameters, by the names they have there.
fn named_headers(fields: &[Field], input: &Input) -> Map<String, Value> {
    let fields = fields.iter().filter(|field| field.place == Place::Header);
    let sent = fields.filter_map(|field| {
        let value = input.headers.get(field.name.as_str())?;
        let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
        Some((field.name.clone(), Value::String(value)))
    });
    sent.collect()
}

/// Whether a value that is not sent is of a type and within limits. What objects, lists and maps hold is not looked at.
pub(super) fn fits(contract: &Contract, ty: &Ty, limits: &[&Bound], value: &Value) -> bool {
    let mut check = Check::new(contract, false);
    check.blank_is_absent = false;
    if !matches!(ty, Ty::Struct(_) | Ty::List(_) | Ty::Map(_)) {
        check.value(At::Root, ty, value, true);
    }
    let own = limits.iter().filter(|bound| bound.each().is_none());
    let own: Vec<_> = own.map(|bound| (*bound, false)).collect();
    check.limits(At::Root, &own, value);
    check.found.is_empty()
}

/// Whether a value can be sent for a field, as JSON.
#[cfg(feature = "client")]
pub(super) fn is_right(contract: &Contract, field: &Field, value: &Value) -> bool {
    let mut check = Check::new(contract, true);
    check.field(At::Member(&At::Root, &field.name), field, value);
    check.found.is_empty()
}

struct Check<'a> {
    contract: &'a Contract,
    /// Whether required fields have to be there.
    required: bool,
    /// Whether an empty string counts as absent.
    blank_is_absent: bool,
    location: &'static str,
    found: Vec<Detail>,
    /// How many mistakes are named at most.
    most: usize,
}

/// Where a value stands.
#[derive(Clone, Copy)]
enum At<'a> {
    Root,
    Member(&'a At<'a>, &'a str),
    Item(&'a At<'a>, usize),
    /// In the JSON that a string holds.
    InString(&'a At<'a>),
}

impl At<'_> {
    /// A JSON pointer to the value, or to the string that holds it; and whether it is in a string.
    fn pointer(&self) -> (String, bool) {
        let (parent, step) = match self {
            Self::Root => return (String::new(), false),
            Self::InString(string) => return (string.pointer().0, true),
            Self::Member(parent, name) => (parent, name.replace('~', "~0").replace('/', "~1")),
            Self::Item(parent, index) => (parent, index.to_string()),
        };
        match parent.pointer() {
            (string, true) => (string, true),
            (parent, false) => (format!("{parent}/{step}"), false),
        }
    }
}

impl fmt::Display for At<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Root => Ok(()),
            Self::Member(Self::Root, name) => f.write_str(&excerpt(name)),
            Self::Member(parent, name) => write!(f, "{parent}.{}", excerpt(name)),
            Self::Item(parent, index) => write!(f, "{parent}[{index}]"),
            Self::InString(string) => string.fmt(f),
        }
    }
}

impl<'a> Check<'a> {
    fn new(contract: &'a Contract, required: bool) -> Self {
        let location = Place::Body.as_str();
        Self { contract, required, blank_is_absent: true, location, found: Vec::new(), most: MOST }
    }

    fn report(&mut self, path: At<'_>, issue: &'static str, description: String) {
        if self.found.len() < self.most {
            let (location, (pointer, _)) = (self.location, path.pointer());
            self.found.push(Detail {
                field: path.to_string(),
                location,
                pointer,
                issue,
                description,
            });
        }
    }

    fn missing(&mut self, path: At<'_>) {
        self.report(path, "MISSING_REQUIRED", format!("`{path}` is required"));
    }

    fn unknown(&mut self, path: At<'_>) {
        let description =
            format!("unknown field `{path}`; check its spelling and the object it belongs to");
        self.report(path, "UNKNOWN_FIELD", description);
    }

    fn wrong(&mut self, path: At<'_>, ty: &Ty) {
        // Only JSON has quotes.
        let bare = self.location == "body" && matches!(ty, Ty::Boolean | Ty::Integer | Ty::Number);
        let note = if bare { ", without quotes" } else { "" };
        self.report(path, "WRONG_TYPE", format!("`{path}` must be {}{note}", wanted(ty)));
    }

    fn is_missed(&self, field: &Field) -> bool {
        self.required && field.required
    }

    fn members(&mut self, parent: At<'_>, fields: &[&Field], members: &Map<String, Value>) {
        for (name, value) in members {
            match fields.iter().find(|field| field.name == *name) {
                Some(field) => self.field(At::Member(&parent, name), field, value),
                None => self.unknown(At::Member(&parent, name)),
            }
        }
        for field in fields {
            if !members.contains_key(&field.name) && self.is_missed(field) {
                self.missing(At::Member(&parent, &field.name));
            }
        }
    }

    fn field(&mut self, path: At<'_>, field: &Field, value: &Value) {
        if field.has(|bound| matches!(bound, Bound::ReadOnly)) {
            let description = format!("`{path}` is only in responses: it is not to be sent");
            return self.report(path, "READ_ONLY", description);
        }
        if value.is_null() && field.has(|bound| matches!(bound, Bound::Nullable)) {
            return;
        }
        // Outside of a body there is no other way to send nothing.
        let is_blank = value == "";
        if is_blank && self.location != "body" && self.is_missed(field) {
            return self.missing(path);
        }
        let sure = !field.inferred;
        let before = self.found.len();
        if self.location == "body" {
            self.value(path, &field.ty, value, sure);
        } else {
            // Parameters outside the body are strings, whatever their type.
            self.parameter(path, &field.ty, value, sure);
        }
        if self.found.len() == before && (field.required || !is_blank) {
            let limits = field.limits.iter().map(|Limit { bound, inferred }| (bound, *inferred));
            self.limits(path, &limits.collect::<Vec<_>>(), value);
        }
    }

    fn parameter(&mut self, path: At<'_>, ty: &Ty, value: &Value, sure: bool) {
        let given = value.as_str().unwrap_or_default();
        match ty {
            Ty::Integer if given.parse::<i64>().is_err() => self.wrong(path, ty),
            Ty::Boolean if !matches!(given, "true" | "false") => self.wrong(path, ty),
            Ty::Number if !given.parse::<f64>().is_ok_and(f64::is_finite) => self.wrong(path, ty),
            Ty::List(inner) => {
                for (index, item) in value.as_array().into_iter().flatten().enumerate() {
                    self.parameter(At::Item(&path, index), inner, item, sure);
                }
            }
            Ty::Integer | Ty::Number | Ty::Boolean | Ty::Struct(_) => {}
            _ => self.value(path, ty, value, sure),
        }
    }

    /// `sure` says that the type is not inferred. Then its format is checked, too.
    fn value(&mut self, path: At<'_>, ty: &Ty, value: &Value, sure: bool) {
        match (ty, value) {
            (Ty::String, Value::String(_))
            | (Ty::Boolean, Value::Bool(_))
            | (Ty::Number, Value::Number(_))
            | (Ty::Any, _) => {}
            (Ty::Integer, Value::Number(number)) if number.is_i64() || number.is_u64() => {}
            (Ty::Map(inner), Value::Object(entries)) => {
                for (key, value) in entries {
                    self.value(At::Member(&path, key), inner, value, sure);
                }
            }
            (Ty::Enum(id), Value::String(given)) => self.known(path, id, given),
            (Ty::Struct(id), Value::Object(members)) => {
                let Some(fields) = self.contract.structs.get(id) else { return };
                let fields: Vec<&Field> = fields.iter().collect();
                self.members(path, &fields, members);
            }
            (Ty::List(inner), Value::Array(items)) if fit(inner, items) => {
                for (index, item) in items.iter().enumerate() {
                    self.value(At::Item(&path, index), inner, item, sure);
                }
            }
            (Ty::JsonString(inner), Value::String(given)) => {
                match serde_json::from_str::<Value>(given) {
                    Ok(value) if matches_list(inner, &value) => {
                        self.value(At::InString(&path), inner, &value, sure);
                    }
                    _ => self.wrong(path, ty),
                }
            }
            (_, Value::String(given)) if formatted(ty, given, sure) => {}
            _ => self.wrong(path, ty),
        }
    }

    fn known(&mut self, path: At<'_>, id: &TypeId, given: &str) {
        let Some(item) = self.contract.enums.get(id) else { return };
        // An empty string counts as absent. Whether it may be absent is checked elsewhere.
        if given.is_empty() && self.blank_is_absent
            || item.inferred
            || item.values.iter().any(|value| value == given)
        {
            return;
        }
        let allowed = item.values.join(", ");
        self.report(path, "UNKNOWN_VALUE", format!("`{path}` must be one of {allowed}"));
    }

    /// Limits count even if they are inferred, mostly from sibling operations. The message then says
    /// so.
    fn limits(&mut self, path: At<'_>, limits: &[(&Bound, bool)], value: &Value) {
        if limits.is_empty() {
            return;
        }
        for (bound, inferred) in limits {
            if let Some((issue, what)) = mistake(bound, value) {
                let note = inferred_note(*inferred);
                self.report(path, issue, format!("`{path}` {what}{note}"));
            }
        }
        self.range(path, limits, value);
        let each = limits.iter().filter_map(|(bound, inferred)| Some((bound.each()?, *inferred)));
        let each: Vec<_> = each.collect();
        if each.is_empty() {
            return;
        }
        match value {
            Value::Array(items) => {
                for (index, item) in items.iter().enumerate() {
                    self.limits(At::Item(&path, index), &each, item);
                }
            }
            Value::Object(entries) => {
                for (key, value) in entries {
                    self.limits(At::Member(&path, key), &each, value);
                }
            }
            _ => {}
        }
    }

    fn range(&mut self, path: At<'_>, limits: &[(&Bound, bool)], value: &Value) {
        let Some(given) = number(value) else { return };
        let (mut low, mut high, mut inferred) = (None, None, false);
        for (bound, is_inferred) in limits {
            match bound {
                Bound::Minimum(bound) => low = Some((bound, false)),
                Bound::MoreThan(bound) => low = Some((bound, true)),
                Bound::Maximum(bound) => high = Some((bound, false)),
                Bound::LessThan(bound) => high = Some((bound, true)),
                _ => continue,
            }
            inferred |= is_inferred;
        }
        let is_beyond = |bound: Option<(&String, bool)>, side: Ordering| {
            let Some((bound, excluded)) = bound else { return false };
            let order = compare(&given, bound);
            order == Some(side) || excluded && order == Some(Ordering::Equal)
        };
        if !is_beyond(low, Ordering::Less) && !is_beyond(high, Ordering::Greater) {
            return;
        }
        let above = |(bound, excluded): (&String, bool)| {
            if excluded { format!("more than {bound}") } else { format!("at least {bound}") }
        };
        let below = |(bound, excluded): (&String, bool)| {
            if excluded { format!("less than {bound}") } else { format!("at most {bound}") }
        };
        let (issue, range) = match (low, high) {
            (Some((low, false)), Some((high, false))) => {
                ("OUT_OF_RANGE", format!("{low} to {high}"))
            }
            (Some(low), Some(high)) => {
                ("OUT_OF_RANGE", format!("{} and {}", above(low), below(high)))
            }
            (Some(low), None) => ("UNDER_LIMIT", above(low)),
            (None, high) => ("OVER_LIMIT", high.map(below).unwrap_or_default()),
        };
        let note = inferred_note(inferred);
        self.report(path, issue, format!("`{path}` must be {range}{note}"));
    }
}

/// How a value breaks a limit, if it does: the issue, and the rest of a sentence about the field. Ranges are checked as a
/// whole.
fn mistake(bound: &Bound, value: &Value) -> Option<(&'static str, String)> {
    let over = |count: usize, most: u64, what: &str| {
        let is_over = u64::try_from(count).unwrap_or(u64::MAX) > most;
        is_over.then(|| ("OVER_LIMIT", format!("has {count} {what}, at most {most} allowed")))
    };
    let under = |count: usize, least: u64, what: &str| {
        let is_under = u64::try_from(count).unwrap_or(u64::MAX) < least;
        is_under.then(|| ("UNDER_LIMIT", format!("has {count} {what}, at least {least} allowed")))
    };
    let unless = |right: bool, issue: &'static str, what: String| (!right).then_some((issue, what));
    match (bound, value) {
        (Bound::MinLength(least), Value::String(text)) => {
            under(text.chars().count(), *least, "characters")
        }
        (Bound::MaxLength(most), Value::String(text)) => {
            over(text.chars().count(), *most, "characters")
        }
        (Bound::MinItems(least), Value::Array(items)) => under(items.len(), *least, "items"),
        (Bound::MaxItems(most), Value::Array(items)) => over(items.len(), *most, "items"),
        (Bound::MinKeys(least), Value::Object(members)) => under(members.len(), *least, "members"),
        (Bound::MaxKeys(most), Value::Object(members)) => over(members.len(), *most, "members"),
        (Bound::UniqueItems, Value::Array(items)) => {
            let mut known = HashSet::new();
            let twice = items.iter().position(|item| !known.insert(item))?;
            Some(("DUPLICATE_ITEM", format!("has an item twice; the second is `[{twice}]`")))
        }
        (Bound::MultipleOf(step), value) => {
            let right = is_multiple(&number(value)?, step).unwrap_or(true);
            unless(right, "NOT_A_MULTIPLE", format!("must be a multiple of {step}"))
        }
        (Bound::OneOf(values), Value::Bool(_) | Value::Number(_) | Value::String(_)) => {
            let given = number(value).unwrap_or_else(|| value.to_string());
            let is_it =
                |value: &String| *value == given || compare(value, &given) == Some(Ordering::Equal);
            let right = values.iter().any(is_it);
            unless(right, "UNKNOWN_VALUE", format!("must be one of {}", values.join(", ")))
        }
        (Bound::Pattern(pattern), Value::String(text)) => {
            let what = format!("must match the pattern `{}`", excerpt(&pattern.text));
            unless(pattern.is_match(text), "WRONG_PATTERN", what)
        }
        (Bound::Format(format), Value::String(text)) => {
            let what = format!("must be {}", formats::wanted(format));
            unless(formats::is_right(format, text), "WRONG_FORMAT", what)
        }
        _ => None,
    }
}

/// A number, or a string that may hold one.
fn number(value: &Value) -> Option<String> {
    match value {
        Value::Number(number) => Some(number.to_string()),
        Value::String(text) => Some(text.clone()),
        _ => None,
    }
}

fn inferred_note(inferred: bool) -> &'static str {
    if inferred { " (inferred)" } else { "" }
}

/// Whether the items of a list may be of a type: strings are either all strings, or the list is wrong.
fn fit(inner: &Ty, items: &[Value]) -> bool {
    !matches!(inner, Ty::String | Ty::Enum(_)) || items.iter().all(Value::is_string)
}

/// Whether the JSON inside a string has the right type. If not, the mistake is one of the string and
/// not of its content.
fn matches_list(ty: &Ty, value: &Value) -> bool {
    match (ty, value) {
        (Ty::List(inner), Value::Array(items)) => fit(inner, items),
        (Ty::List(_), _) => false,
        (Ty::Struct(_), value) => value.is_object(),
        _ => true,
    }
}

fn formatted(ty: &Ty, given: &str, sure: bool) -> bool {
    let right = match ty {
        Ty::Yuan => is_amount(given),
        Ty::Decimal => given.parse::<Decimal>().is_ok(),
        Ty::DateTime => given.parse::<LocalDateTime>().is_ok(),
        Ty::Date => given.parse::<LocalDate>().is_ok(),
        Ty::Time => given.parse::<LocalTime>().is_ok(),
        Ty::File => true,
        _ => return false,
    };
    right || !sure
}

/// Whether a string is digits with at most two decimals.
fn is_amount(text: &str) -> bool {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    match text.split_once('.') {
        Some((whole, part)) => digits(whole) && digits(part) && part.len() <= 2,
        None => digits(text),
    }
}

fn wanted(ty: &Ty) -> &'static str {
    match ty {
        Ty::String | Ty::Enum(_) => "a string",
        Ty::Boolean => "true or false",
        Ty::Integer => "a whole number",
        Ty::Number => "a number",
        Ty::Any => "any JSON",
        Ty::Yuan => "an amount in yuan as a string with at most two decimals, like \"10.00\"",
        Ty::Decimal => "a decimal number as a string, like \"6.5\"",
        Ty::DateTime => "a time as a string in the form yyyy-MM-dd HH:mm:ss",
        Ty::Date => "a date as a string in the form yyyy-MM-dd",
        Ty::Time => "a time of day as a string in the form HH:mm:ss",
        Ty::File => "a file part of a multipart body",
        Ty::Struct(_) | Ty::Map(_) => "an object",
        Ty::List(inner) => match **inner {
            Ty::Struct(_) => "an array of objects",
            Ty::String | Ty::Enum(_) => "an array of strings",
            _ => "an array",
        },
        Ty::JsonString(inner) => match **inner {
            Ty::List(_) => "a string that holds a JSON array of strings, like \"[\\\"1\\\"]\"",
            _ => "a string that holds JSON",
        },
    }
}
