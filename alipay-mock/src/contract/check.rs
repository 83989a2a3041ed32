//! Whether a request is as its description says.
//!
//! A statement that is only inferred does not make a request wrong, except for limits: the real
//! gateway may know better.

use alipay_core::value::{LocalDate, LocalDateTime, LocalTime};
use serde_json::{Map, Value};

use super::input::Input;
use super::types::{Bound, Contract, Field, Limit, Operation, Place, Ty, TypeId};
use crate::error::{Detail, Refusal, excerpt};

/// How many mistakes are named at most.
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
    let details = mistakes(contract, operation, input, required);
    if details.is_empty() {
        return Ok(());
    }
    // The operation's own code for bad parameters if it has one, else the gateway's.
    let failure = Refusal::fields(details);
    let own = OWN_CODES.into_iter().find(|own| operation.codes.iter().any(|code| code == own));
    Err(Refusal { code: own.unwrap_or("invalid-parameter"), ..failure })
}

/// All mistakes, in the order in which the parameters were sent.
fn mistakes(
    contract: &Contract,
    operation: &Operation,
    input: &Input,
    required: bool,
) -> Vec<Detail> {
    let Some(fields) = contract.structs.get(&operation.request) else { return Vec::new() };
    let mut check = Check { contract, required, location: "path", found: Vec::new() };
    let headers = named_headers(fields, input);
    let places = [
        (Place::Path, "path", &input.path),
        (Place::Query, "query", &input.query),
        (Place::Header, "header", &headers),
        (Place::Body, "body", &input.body),
    ];
    for (place, location, members) in places {
        check.location = location;
        let fields: Vec<&Field> = fields.iter().filter(|field| field.place == place).collect();
        check.members("", &fields, members);
    }
    let files: Vec<&Field> = fields.iter().filter(|field| field.place == Place::File).collect();
    for field in &files {
        let sent = input.files.iter().any(|file| file.part == field.name);
        if !sent && check.is_missed(field) {
            check.missing(&field.name);
        }
    }
    for file in &input.files {
        if !files.iter().any(|field| field.name == file.part) {
            check.unknown(&excerpt(&file.part));
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

struct Check<'a> {
    contract: &'a Contract,
    required: bool,
    location: &'static str,
    found: Vec<Detail>,
}

impl Check<'_> {
    fn report(&mut self, field: &str, issue: &'static str, description: String) {
        if self.found.len() < MOST {
            let location = self.location;
            self.found.push(Detail { field: field.to_owned(), location, issue, description });
        }
    }

    fn missing(&mut self, path: &str) {
        self.report(path, "MISSING_REQUIRED", format!("`{path}` is required"));
    }

    fn unknown(&mut self, path: &str) {
        let description =
            format!("unknown field `{path}`; check its spelling and the object it belongs to");
        self.report(path, "UNKNOWN_FIELD", description);
    }

    fn wrong(&mut self, path: &str, ty: &Ty) {
        // Only JSON has quotes.
        let bare = self.location == "body" && matches!(ty, Ty::Boolean | Ty::Integer | Ty::Number);
        let note = if bare { ", without quotes" } else { "" };
        self.report(path, "WRONG_TYPE", format!("`{path}` must be {}{note}", wanted(ty)));
    }

    fn is_missed(&self, field: &Field) -> bool {
        self.required && field.required
    }

    fn members(&mut self, parent: &str, fields: &[&Field], members: &Map<String, Value>) {
        let join = |name: &str| {
            if parent.is_empty() { name.to_owned() } else { format!("{parent}.{name}") }
        };
        for (name, value) in members {
            match fields.iter().find(|field| field.name == *name) {
                Some(field) => self.field(&join(name), field, value),
                None => self.unknown(&join(&excerpt(name))),
            }
        }
        for field in fields {
            if !members.contains_key(&field.name) && self.is_missed(field) {
                self.missing(&join(&field.name));
            }
        }
    }

    fn field(&mut self, path: &str, field: &Field, value: &Value) {
        let sure = !field.inferred;
        let before = self.found.len();
        if self.location == "body" {
            self.value(path, &field.ty, value, sure);
        } else {
            // Parameters outside the body are strings, whatever their type.
            self.parameter(path, &field.ty, value, sure);
        }
        if self.found.len() == before {
            self.limits(path, field, value);
        }
    }

    fn parameter(&mut self, path: &str, ty: &Ty, value: &Value, sure: bool) {
        let given = value.as_str().unwrap_or_default();
        match ty {
            Ty::Integer if given.parse::<i64>().is_err() => self.wrong(path, ty),
            Ty::Boolean if !matches!(given, "true" | "false") => self.wrong(path, ty),
            Ty::Number if !given.parse::<f64>().is_ok_and(f64::is_finite) => self.wrong(path, ty),
            Ty::List(inner) => {
                for (index, item) in value.as_array().into_iter().flatten().enumerate() {
                    self.parameter(&format!("{path}[{index}]"), inner, item, sure);
                }
            }
            Ty::Integer | Ty::Number | Ty::Boolean | Ty::Struct(_) => {}
            _ => self.value(path, ty, value, sure),
        }
    }

    /// `sure` says that the type is not inferred. Then its format is checked, too.
    fn value(&mut self, path: &str, ty: &Ty, value: &Value, sure: bool) {
        match (ty, value) {
            (Ty::String, Value::String(_))
            | (Ty::Boolean, Value::Bool(_))
            | (Ty::Number, Value::Number(_))
            | (Ty::Any, _) => {}
            (Ty::Integer, Value::Number(number)) if number.is_i64() || number.is_u64() => {}
            (Ty::Map(inner), Value::Object(entries)) => {
                for (key, value) in entries {
                    let path = format!("{path}.{}", excerpt(key));
                    self.value(&path, inner, value, sure);
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
                    self.value(&format!("{path}[{index}]"), inner, item, sure);
                }
            }
            (Ty::JsonString(inner), Value::String(given)) => {
                match serde_json::from_str::<Value>(given) {
                    Ok(value) if matches_list(inner, &value) => {
                        self.value(path, inner, &value, sure);
                    }
                    _ => self.wrong(path, ty),
                }
            }
            (_, Value::String(given)) if formatted(ty, given, sure) => {}
            _ => self.wrong(path, ty),
        }
    }

    fn known(&mut self, path: &str, id: &TypeId, given: &str) {
        let Some(item) = self.contract.enums.get(id) else { return };
        // An empty string counts as absent. Whether it may be absent is checked elsewhere.
        if given.is_empty() || item.inferred || item.values.iter().any(|value| value == given) {
            return;
        }
        let allowed = item.values.join(", ");
        self.report(path, "UNKNOWN_VALUE", format!("`{path}` must be one of {allowed}"));
    }

    /// Limits count even if they are inferred, mostly from sibling operations. The message then says
    /// so.
    fn limits(&mut self, path: &str, field: &Field, value: &Value) {
        for Limit { bound, inferred } in &field.limits {
            let upper = matches!(bound, Bound::MaxLength(_) | Bound::MaxItems(_));
            let (count, bound, what) = match (bound, value) {
                (Bound::MaxLength(bound) | Bound::MinLength(bound), Value::String(text))
                    if !text.is_empty() =>
                {
                    (text.chars().count(), *bound, "characters")
                }
                (Bound::MaxItems(bound) | Bound::MinItems(bound), Value::Array(items)) => {
                    (items.len(), *bound, "items")
                }
                _ => continue,
            };
            let count = u64::try_from(count).unwrap_or(u64::MAX);
            let (issue, allowed) = match upper {
                true if count > bound => ("OVER_LIMIT", "at most"),
                false if count < bound => ("UNDER_LIMIT", "at least"),
                _ => continue,
            };
            let note = inferred_note(*inferred);
            let description =
                format!("`{path}` has {count} {what}, {allowed} {bound} allowed{note}");
            self.report(path, issue, description);
        }
        self.range(path, &field.limits, value);
    }

    fn range(&mut self, path: &str, limits: &[Limit], value: &Value) {
        let given = match value {
            Value::Number(number) => scaled(&number.to_string()),
            Value::String(string) => scaled(string),
            _ => None,
        };
        let Some(given) = given else { return };
        let (mut low, mut high, mut inferred) = (None, None, false);
        for limit in limits {
            match &limit.bound {
                Bound::Minimum(bound) => low = Some(bound.as_str()),
                Bound::Maximum(bound) => high = Some(bound.as_str()),
                _ => continue,
            }
            inferred |= limit.inferred;
        }
        let below = low.and_then(scaled).is_some_and(|low| given < low);
        let above = high.and_then(scaled).is_some_and(|high| given > high);
        if !below && !above {
            return;
        }
        let (issue, range) = match (low, high) {
            (Some(low), Some(high)) => ("OUT_OF_RANGE", format!("{low} to {high}")),
            (Some(low), None) => ("UNDER_LIMIT", format!("at least {low}")),
            (None, high) => ("OVER_LIMIT", format!("at most {}", high.unwrap_or_default())),
        };
        let note = inferred_note(inferred);
        self.report(path, issue, format!("`{path}` must be {range}{note}"));
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
        Ty::Yuan => decimal(given, 2),
        Ty::Decimal => decimal(given, 9),
        Ty::DateTime => given.parse::<LocalDateTime>().is_ok(),
        Ty::Date => given.parse::<LocalDate>().is_ok(),
        Ty::Time => given.parse::<LocalTime>().is_ok(),
        Ty::File => true,
        _ => return false,
    };
    right || !sure
}

/// Whether a string is digits with at most this many decimals.
fn decimal(text: &str, most_decimals: usize) -> bool {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    match text.split_once('.') {
        Some((whole, part)) => digits(whole) && digits(part) && part.len() <= most_decimals,
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

/// A decimal number in billionths, for comparisons; `None` when it is not one. Numbers may be larger than the
/// runtime's decimals: whether one is in range does not depend on that.
fn scaled(number: &str) -> Option<i128> {
    let (sign, number) = match number.strip_prefix('-') {
        Some(rest) => (-1, rest),
        None => (1, number),
    };
    let (whole, part) = number.split_once('.').unwrap_or((number, "0"));
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    if !digits(whole) || !digits(part) || whole.len() > 20 || part.len() > 9 {
        return None;
    }
    let value: i128 = format!("{whole}{part:0<9}").parse().ok()?;
    Some(sign * value)
}

#[cfg(test)]
mod tests {
    use super::scaled;

    #[test]
    fn decimals_compare_as_numbers() {
        assert!(scaled("0.1") < scaled("0.10000001"));
        assert_eq!(scaled("3000"), scaled("3000.00"));
        assert!(scaled("-1") < scaled("0") && scaled("9") < scaled("10"));
        assert!(scaled("10000000000000000000") > scaled("1000"));
        assert_eq!(scaled("x"), None);
    }
}
