//! Values made of the description: its examples where they fit, else made-up values that do.
//!
//! The same value is made each time. A field for which no value is found (of a pattern that is not known here, or of limits
//! that exclude each other) is left out.

use std::collections::HashSet;
use std::fmt::Display;
use std::str::FromStr;

use alipay_core::value::{Decimal, LocalDate, LocalDateTime, LocalTime, Yuan};
use serde_json::{Map, Number, Value, json};

use super::check::fits;
use super::formats;
use super::number::{Exact, written};
use super::types::{Bound, Contract, Field, Place, Ty};

/// How deep values go.
const DEEPEST: usize = 8;
/// How many values there are at most: types that name each other many times would make more of them than
/// anybody reads.
const MOST_VALUES: usize = 10_000;
/// How many items of an example are taken.
const MOST_ITEMS: usize = 20;
/// The longest string that is made, and how long one is that counts as a value more.
const LONGEST: usize = 100_000;
const LONG: usize = 100;
/// The most decimals that are reckoned with.
const MOST_DECIMALS: u32 = 18;

/// A response or the content of a message: an object with every field of the struct; an empty one if the struct is
/// not described.
pub(crate) fn example(contract: &Contract, id: &str) -> Map<String, Value> {
    Maker::new(contract, false).object(id)
}

/// A request: all of its parameters but files, without what is deprecated.
pub(crate) fn request_example(contract: &Contract, id: &str) -> Map<String, Value> {
    Maker::new(contract, true).object(id)
}

/// The fields of a response, by their paths, for which no value is found.
pub(crate) fn unmade(contract: &Contract, id: &str) -> Vec<String> {
    let mut maker = Maker::new(contract, false);
    maker.object(id);
    maker.lost
}

/// The members of a request, written as one map, with another value for each that cannot be sent; without it where none
/// is found.
#[cfg(feature = "client")]
pub(crate) fn fitted(
    contract: &Contract,
    operation: &super::types::Operation,
    members: &Map<String, Value>,
) -> Map<String, Value> {
    let mut members = members.clone();
    let fields = contract.structs.get(&operation.request).map_or(&[][..], Vec::as_slice);
    for field in fields {
        let is_shared = fields.iter().filter(|other| other.name == field.name).count() > 1;
        // As the runtime calls it.
        let key = match field.place {
            Place::Body => field.name.clone(),
            _ if !is_shared => field.name.clone(),
            place => format!("{}.{}", place.as_str(), field.name),
        };
        let Some(value) = members.get_mut(&key) else { continue };
        if super::check::is_right(contract, field, value) {
            continue;
        }
        match Maker::new(contract, true).field(field) {
            Some(made) => *value = made,
            None => {
                members.shift_remove(&key);
            }
        }
    }
    members
}

struct Maker<'a> {
    contract: &'a Contract,
    /// Whether a request is made.
    is_sent: bool,
    /// The structs around the present value.
    around: Vec<&'a str>,
    /// The fields that lead to it.
    names: Vec<&'a str>,
    /// How many more values there may be.
    left: usize,
    /// Which of several values is wanted: the items of some lists have to differ.
    number: usize,
    /// The fields for which no value is found.
    lost: Vec<String>,
}

/// The limits of a value.
type Bounds<'a> = Vec<&'a Bound>;

impl<'a> Maker<'a> {
    fn new(contract: &'a Contract, is_sent: bool) -> Self {
        let (around, names, lost) = (Vec::new(), Vec::new(), Vec::new());
        Self { contract, is_sent, around, names, left: MOST_VALUES, number: 0, lost }
    }

    fn object(&mut self, id: &str) -> Map<String, Value> {
        let mut members = Map::new();
        let Some((id, fields)) = self.contract.structs.get_key_value(id) else { return members };
        self.around.push(id);
        for field in fields {
            if self.is_sent && field.deprecated && !field.required {
                continue;
            }
            if let Some(value) = self.field(field) {
                members.insert(field.name.clone(), value);
            }
        }
        self.around.pop();
        members
    }

    fn field(&mut self, field: &'a Field) -> Option<Value> {
        let is_of_the_other_way = field.has(|bound| match bound {
            Bound::ReadOnly => self.is_sent,
            Bound::WriteOnly => !self.is_sent,
            _ => false,
        });
        if is_of_the_other_way || self.is_sent && field.place == Place::File {
            return None;
        }
        self.names.push(&field.name);
        let bounds = field.limits.iter().map(|limit| &limit.bound).collect();
        let value = self.of_type(&field.ty, &bounds, field.example.as_ref(), 0);
        self.names.pop();
        value
    }

    /// A value of the type, within `depth` lists and maps. The example is used only if it fits.
    fn of_type(
        &mut self,
        ty: &'a Ty,
        bounds: &Bounds<'a>,
        example: Option<&Value>,
        depth: usize,
    ) -> Option<Value> {
        if self.around.len() + depth > DEEPEST + 1 {
            return None;
        }
        self.left = self.left.checked_sub(1)?;
        // Others are wanted beside the first.
        let example = example.filter(|_| self.number == 0);
        if example == Some(&Value::Null)
            && bounds.iter().any(|bound| matches!(bound, Bound::Nullable))
        {
            return Some(Value::Null);
        }
        let values = match ty {
            // A type within itself would never end.
            Ty::Struct(id) if self.around.contains(&id.as_str()) => return None,
            Ty::Struct(id) => {
                let (_, most) = counts(bounds, keys);
                let members = self.object(id).into_iter().take(most).collect();
                vec![Value::Object(members)]
            }
            Ty::List(inner) => self.list(inner, bounds, example, depth).into_iter().collect(),
            Ty::Map(inner) => self.map(inner, bounds, example, depth).into_iter().collect(),
            Ty::JsonString(inner) => {
                let given = example.and_then(Value::as_str).map(|text| json!(text));
                let made = self.of_type(inner, &Vec::new(), None, depth + 1);
                given.into_iter().chain(made.map(|value| json!(value.to_string()))).collect()
            }
            ty => self.plain(ty, bounds, example),
        };
        let found = values.into_iter().find(|value| fits(self.contract, ty, bounds, value));
        match &found {
            None => self.lost.push(self.names.join(".")),
            // Long strings count as many values.
            Some(Value::String(text)) => {
                self.left = self.left.saturating_sub(text.len() / LONG);
            }
            Some(_) => {}
        }
        found
    }

    fn list(
        &mut self,
        inner: &'a Ty,
        bounds: &Bounds<'a>,
        example: Option<&Value>,
        depth: usize,
    ) -> Option<Value> {
        let (least, most) = counts(bounds, items);
        let differ = bounds.iter().any(|bound| matches!(bound, Bound::UniqueItems));
        // What cannot be made costs nothing.
        if least > self.left || least > most {
            return None;
        }
        // Many examples of lists are a string of JSON, or one of the items.
        let read: Option<Value> =
            example.and_then(Value::as_str).and_then(|text| serde_json::from_str(text).ok());
        let examples: Vec<&Value> = match read.as_ref().filter(|read| read.is_array()).or(example) {
            // Objects are made of the examples of their fields.
            Some(Value::Array(items)) if matches!(inner, Ty::Struct(_)) => {
                items.iter().take(1).collect()
            }
            Some(Value::Array(items)) => items.iter().take(MOST_ITEMS).collect(),
            one => one.into_iter().collect(),
        };
        let count = examples.len().max(least).max(1).min(most);
        let each: Bounds<'a> = bounds.iter().filter_map(|bound| bound.each()).collect();
        let outer = self.number;
        let (mut items, mut known) = (Vec::new(), HashSet::new());
        // Some may be the same as others before them.
        let tries = if differ { count.saturating_mul(2) } else { count };
        for index in 0..tries {
            if items.len() == count {
                break;
            }
            let given = examples.get(index).or(examples.last()).copied();
            if differ {
                let is_given = outer == 0 && index < examples.len().max(1);
                self.number = if is_given { 0 } else { outer.saturating_mul(tries) + index };
            }
            let item = self.of_type(inner, &each, given, depth + 1);
            self.number = outer;
            // Where there is none, the next would be none as well.
            let Some(item) = item else { break };
            if !differ || known.insert(item.clone()) {
                items.push(item);
            }
        }
        Some(Value::Array(items))
    }

    fn map(
        &mut self,
        inner: &'a Ty,
        bounds: &Bounds<'a>,
        example: Option<&Value>,
        depth: usize,
    ) -> Option<Value> {
        let (least, most) = counts(bounds, keys);
        if least > self.left {
            return None;
        }
        let given = example.and_then(Value::as_object);
        let mut entries: Vec<(String, Option<&Value>)> = match given {
            Some(entries) => {
                entries.iter().map(|(key, value)| (key.clone(), Some(value))).collect()
            }
            None => vec![("key".to_owned(), None)],
        };
        let missing = least.saturating_sub(entries.len());
        let more = (2..).map(|number| format!("key{number}"));
        let more = more.filter(|key| !given.is_some_and(|given| given.contains_key(key)));
        entries.extend(more.take(missing).map(|key| (key, None)));
        entries.truncate(most);
        let each: Bounds<'a> = bounds.iter().filter_map(|bound| bound.each()).collect();
        let mut map = Map::new();
        for (key, value) in entries {
            let value = self.of_type(inner, &each, value, depth + 1);
            map.extend(value.map(|value| (key, value)));
        }
        Some(Value::Object(map))
    }

    /// Values of a type that is no object and no list, the best first. Some may not fit.
    fn plain(&self, ty: &Ty, bounds: &Bounds<'_>, example: Option<&Value>) -> Vec<Value> {
        let number = self.number;
        let text = match example {
            Some(Value::String(text)) => Some(text.clone()),
            // An unquoted number in the description stands for a string.
            Some(Value::Number(number)) => Some(number.to_string()),
            _ => None,
        };
        let [hour, minute, second] = formats::time_of_day(number);
        let time = format!("{hour:02}:{minute:02}:{second:02}");
        let date = format!("2026-{:02}-{:02}", number / 28 % 12 + 1, number % 28 + 1);
        let strings = |given: Option<String>, made: Vec<String>| {
            given.into_iter().chain(made).map(Value::String).collect::<Vec<_>>()
        };
        let text = text.as_deref();
        match ty {
            Ty::String => strings(text.map(str::to_owned), made_strings(bounds, number)),
            Ty::Boolean => {
                let given = match text {
                    Some(text) => text.parse().ok(),
                    None => example.and_then(Value::as_bool),
                };
                let made = [number.is_multiple_of(2), !number.is_multiple_of(2)];
                given.into_iter().chain(made).map(Value::Bool).collect()
            }
            Ty::Integer | Ty::Number => {
                let texts = text.map(str::to_owned).into_iter();
                let texts = texts.chain(made_numbers(ty, bounds, number));
                texts.filter_map(|text| json_number(ty, &text)).collect()
            }
            Ty::Yuan => {
                let made = made_numbers(ty, bounds, number);
                strings(
                    as_written::<Yuan>(text),
                    made.iter().filter_map(|text| as_written::<Yuan>(Some(text))).collect(),
                )
            }
            Ty::Decimal => strings(as_written::<Decimal>(text), made_numbers(ty, bounds, number)),
            Ty::DateTime => {
                strings(as_written::<LocalDateTime>(text), vec![format!("2026-01-01 {time}")])
            }
            Ty::Date => strings(as_written::<LocalDate>(text), vec![date]),
            Ty::Time => strings(as_written::<LocalTime>(text), vec![time]),
            Ty::Enum(id) => {
                let values = self.contract.enums.get(id).map_or(&[][..], |item| &item.values);
                let given = text.filter(|text| !text.is_empty()).map(str::to_owned);
                let turn = number.checked_rem(values.len()).unwrap_or_default();
                let mut made = values.to_vec();
                made.rotate_left(turn);
                // Of a list without values, any value is as good.
                if made.is_empty() {
                    made.push("EXAMPLE".to_owned());
                }
                strings(given, made)
            }
            Ty::Any => {
                let (least, _) = counts(bounds, keys);
                let keys = 1..=least.max(usize::from(number > 0)).min(MOST_VALUES);
                let made: Map<String, Value> =
                    keys.map(|key| (format!("key{key}"), json!(number))).collect();
                example.cloned().into_iter().chain([Value::Object(made)]).collect()
            }
            Ty::File => vec![json!(text.unwrap_or("example"))],
            Ty::Struct(_) | Ty::List(_) | Ty::Map(_) | Ty::JsonString(_) => Vec::new(),
        }
    }
}

/// The largest of the bounds below and the smallest of those above, of one kind.
fn counts(bounds: &Bounds<'_>, kind: fn(&Bound) -> (Option<u64>, Option<u64>)) -> (usize, usize) {
    let least = bounds.iter().filter_map(|bound| kind(bound).0).max().unwrap_or_default();
    let most = bounds.iter().filter_map(|bound| kind(bound).1).min().unwrap_or(u64::MAX);
    let whole = |count| usize::try_from(count).unwrap_or(usize::MAX);
    (whole(least), whole(most))
}

fn lengths(bound: &Bound) -> (Option<u64>, Option<u64>) {
    match bound {
        Bound::MinLength(least) => (Some(*least), None),
        Bound::MaxLength(most) => (None, Some(*most)),
        _ => (None, None),
    }
}

fn items(bound: &Bound) -> (Option<u64>, Option<u64>) {
    match bound {
        Bound::MinItems(least) => (Some(*least), None),
        Bound::MaxItems(most) => (None, Some(*most)),
        _ => (None, None),
    }
}

fn keys(bound: &Bound) -> (Option<u64>, Option<u64>) {
    match bound {
        Bound::MinKeys(least) => (Some(*least), None),
        Bound::MaxKeys(most) => (None, Some(*most)),
        _ => (None, None),
    }
}

/// Strings that may be within limits, another one for each number.
fn made_strings(bounds: &Bounds<'_>, number: usize) -> Vec<String> {
    let (least, most) = counts(bounds, lengths);
    let least = least.min(LONGEST);
    let mut made = Vec::new();
    for bound in bounds {
        match bound {
            Bound::Pattern(pattern) => {
                let samples: Vec<String> = [least, 0]
                    .into_iter()
                    .filter_map(|least| pattern.sample(least, number))
                    .collect();
                // What matches somewhere may have more around it.
                let padded = |sample: &String| {
                    let missing = least.saturating_sub(sample.chars().count());
                    format!("{sample}{}", "0".repeat(missing))
                };
                let padded: Vec<String> = samples.iter().map(padded).collect();
                made.extend(samples.into_iter().chain(padded));
            }
            Bound::Format(format) => {
                let samples = [0, least].into_iter();
                made.extend(samples.filter_map(|least| formats::sample(format, least, number)));
            }
            _ => {}
        }
    }
    let digits = if number == 0 { String::new() } else { number.to_string() };
    let length = "example".len().max(least).min(most);
    let word = "example".chars().cycle().take(length.saturating_sub(digits.len()));
    made.push(word.collect::<String>() + &digits);
    made
}

/// Numbers that may be within limits, another one for each number; as they are written.
fn made_numbers(ty: &Ty, bounds: &Bounds<'_>, number: usize) -> Vec<String> {
    let listed = bounds.iter().find_map(|bound| match bound {
        Bound::OneOf(values) => Some(values),
        _ => None,
    });
    if let Some(values) = listed {
        let turn = number.checked_rem(values.len()).unwrap_or_default();
        let (before, after) = values.split_at(turn);
        return [after, before].concat();
    }
    made_number(ty, bounds, number).into_iter().collect()
}

fn made_number(ty: &Ty, bounds: &Bounds<'_>, number: usize) -> Option<String> {
    let (usual, decimals) = match ty {
        Ty::Integer => ("1", 0),
        Ty::Number => ("1.5", 1),
        _ => ("1.00", 2),
    };
    let (mut low, mut high, mut steps) = (None, None, Vec::new());
    let mut is_fine = false;
    for bound in bounds {
        match bound {
            Bound::Minimum(bound) => low = Exact::read(bound).map(|bound| (bound, 0)),
            Bound::MoreThan(bound) => low = Exact::read(bound).map(|bound| (bound, 1)),
            Bound::Maximum(bound) => high = Exact::read(bound).map(|bound| (bound, 0)),
            Bound::LessThan(bound) => high = Exact::read(bound).map(|bound| (bound, 1)),
            Bound::MultipleOf(step) => steps.extend(Exact::read(step)),
            _ => {}
        }
        // Between two bounds that are excluded there is room one decimal further only.
        is_fine |= matches!(bound, Bound::MoreThan(_) | Bound::LessThan(_));
    }
    let written_out = [low, high].into_iter().flatten().map(|(bound, _)| bound.decimals());
    let written_out = written_out.chain(steps.iter().map(|step| step.decimals())).max();
    let decimals = written_out.unwrap_or_default().max(decimals) + u32::from(is_fine);
    if decimals > MOST_DECIMALS {
        return None;
    }
    let one = 10_i128.checked_pow(decimals)?;
    // Numbers of the type, and multiples, are this far apart.
    let mut step = match ty {
        Ty::Integer => one,
        Ty::Yuan => one.checked_div(100)?,
        _ => 1,
    };
    for wanted in steps {
        let wanted = wanted.units(decimals)?;
        step = step.checked_mul(wanted.checked_div(common_divisor(step, wanted))?)?;
    }
    let down = |units: i128| units.checked_div_euclid(step)?.checked_mul(step);
    let up = |units: i128| down(units.checked_add(step - 1)?);
    let low = match low {
        Some((bound, more)) => Some(up(bound.units(decimals)?.checked_add(more)?)?),
        None => None,
    };
    let high = match high {
        Some((bound, less)) => Some(down(bound.units(decimals)?.checked_sub(less)?)?),
        None => None,
    };
    let usual = up(Exact::read(usual)?.units(decimals)?)?;
    let first = usual.max(low.unwrap_or(usual)).min(high.unwrap_or(i128::MAX));
    let further = step.checked_mul(i128::try_from(number).ok()?)?;
    let units = match (low, high) {
        (Some(low), Some(high)) => {
            let span = high.checked_sub(low)?.checked_add(step)?;
            low.checked_add(
                first.checked_sub(low)?.checked_add(further)?.checked_rem_euclid(span)?,
            )?
        }
        (None, Some(_)) => first.checked_sub(further)?,
        _ => first.checked_add(further)?,
    };
    if *ty == Ty::Integer {
        return Some((units / one).to_string());
    }
    Some(written(units, usize::try_from(decimals).ok()?))
}

fn common_divisor(a: i128, b: i128) -> i128 {
    if b == 0 { a } else { common_divisor(b, a % b) }
}

fn json_number(ty: &Ty, text: &str) -> Option<Value> {
    Some(Value::Number(match ty {
        Ty::Integer => match text.parse::<i64>() {
            Ok(number) => number.into(),
            Err(_) => text.parse::<u64>().ok()?.into(),
        },
        _ => Number::from_f64(text.parse().ok()?)?,
    }))
}

/// A string as Alipay writes values of its type, such as `88.80` for 88.8 yuan.
fn as_written<T: FromStr + Display>(text: Option<&str>) -> Option<String> {
    text?.parse().ok().map(|value: T| value.to_string())
}

#[cfg(test)]
mod tests {
    use http::HeaderMap;

    use super::super::{ALL, CURATED, Input, Operation, check};
    use super::*;
    use crate::protocol::upload::FilePart;

    /// How many operations Alipay's description of 2026-09-23 has.
    const COUNT: usize = 746;

    /// A request with everything that the description has.
    fn request(contract: &Contract, operation: &Operation) -> Input {
        let mut members = Maker::new(contract, true).object(&operation.request);
        let mut input = Input { headers: HeaderMap::new(), ..Input::default() };
        let as_sent = |value: Value| match value {
            Value::Array(items) => {
                Value::Array(items.iter().map(|item| json!(plain(item))).collect())
            }
            value => json!(plain(&value)),
        };
        for field in &contract.structs[&operation.request] {
            let name = field.name.clone();
            if field.place == Place::File {
                let content = bytes::Bytes::from_static(b"x");
                input.files.push(FilePart { part: name, name: "a.png".to_owned(), content });
                continue;
            }
            let Some(value) = members.shift_remove(&name) else { continue };
            match field.place {
                Place::Path => input.path.insert(name, as_sent(value)),
                Place::Query => input.query.insert(name, as_sent(value)),
                Place::Body => input.body.insert(name, value),
                Place::Header | Place::File => panic!("{} {name}", operation.id),
            };
        }
        input
    }

    fn plain(value: &Value) -> String {
        value.as_str().map_or_else(|| value.to_string(), str::to_owned)
    }

    #[test]
    fn what_is_made_passes_the_checks() {
        for (text, least) in [(ALL, COUNT), (CURATED[0], 7), (CURATED[1], 10)] {
            let contract = Contract::parse(text).unwrap();
            assert!(contract.operations.len() >= least, "{}", contract.operations.len());
            assert_eq!(contract.unchecked_patterns(), Vec::<String>::new());
            for operation in &contract.operations {
                let id = &operation.id;
                let sent = check(&contract, operation, &request(&contract, operation), true);
                assert_eq!(sent.err().map(|refusal| refusal.details), None, "request of {id}");
                // A response is held against its type as if it was sent.
                let operation =
                    Operation { request: operation.response.clone(), ..operation.clone() };
                let body = example(&contract, &operation.request);
                assert_eq!(body.len(), contract.structs[&operation.request].len(), "{id}");
                let input = Input { body, ..Input::default() };
                let received = check(&contract, &operation, &input, true);
                assert_eq!(received.err().map(|refusal| refusal.details), None, "response of {id}");
                assert_eq!(unmade(&contract, &operation.request), Vec::<String>::new(), "{id}");
            }
        }
    }
}
