//! Checks that types read and write JSON without loss.

use std::any::Any;
use std::fmt;

use alipay_core::model::Model;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::failures::Failures;
use super::instances::{Instances, difference, with_unknown};

/// The beginning of every personal string in an instance. So it is recognised wherever it appears.
const PERSONAL: &str = "🔒";
/// A string that is in no list of known values.
const UNKNOWN: &str = "VALUE_OF_TOMORROW";

type Reader<'a, 'json> = &'a mut serde_json::Deserializer<serde_json::de::StrRead<'json>>;
type Writer<'a, 'bytes> = &'a mut serde_json::Serializer<&'bytes mut Vec<u8>>;

/// A type to be checked, and the name of its instances.
#[derive(Clone, Copy)]
pub struct Case {
    name: &'static str,
    decode: fn(Reader<'_, '_>) -> Result<Box<dyn Specimen>, serde_json::Error>,
}

impl Case {
    /// A type, with the name its instances have.
    #[must_use]
    pub const fn of<T>(name: &'static str) -> Self
    where
        T: Serialize + DeserializeOwned + PartialEq + fmt::Debug + 'static,
    {
        Self { name, decode: |json| T::deserialize(json).map(|value| Box::new(value) as _) }
    }

    fn read(&self, json: &str) -> Result<Box<dyn Specimen>, String> {
        let mut reader = serde_json::Deserializer::from_str(json);
        let value = (self.decode)(&mut reader).and_then(|value| reader.end().map(|()| value));
        value.map_err(|problem| problem.to_string())
    }
}

/// A value of a type under test, without its type.
pub trait Specimen: Any + fmt::Debug {
    /// Writes it.
    #[doc(hidden)]
    fn write(&self, writer: Writer<'_, '_>) -> Result<(), serde_json::Error>;

    /// Whether another is of the same type and equal.
    #[doc(hidden)]
    fn is(&self, other: &dyn Specimen) -> bool;
}

impl<T: Serialize + PartialEq + fmt::Debug + 'static> Specimen for T {
    fn write(&self, writer: Writer<'_, '_>) -> Result<(), serde_json::Error> {
        self.serialize(writer)
    }

    fn is(&self, other: &dyn Specimen) -> bool {
        (other as &dyn Any).downcast_ref::<T>().is_some_and(|other| self == other)
    }
}

fn written(value: &dyn Specimen) -> Result<String, String> {
    let mut json = Vec::new();
    value
        .write(&mut serde_json::Serializer::new(&mut json))
        .map_err(|problem| format!("cannot be written: {problem}"))?;
    String::from_utf8(json).map_err(|_| "is not written as UTF-8".to_owned())
}

pub(super) fn model_json(model: &dyn Model) -> Result<Value, String> {
    alipay_core::model::serialize(model, serde_json::value::Serializer)
        .map_err(|problem| format!("cannot be written: {problem}"))
}

/// Checks every type of a table: JSON that is read and written again is the same, unknown fields are
/// ignored, unknown values are kept, required fields are required, and `Debug` shows no personal data.
/// `instances` is the JSON generated with the table.
///
/// # Errors
///
/// Everything that is not so, and a table without types.
pub fn round_trips(cases: &[Case], instances: &str) -> Result<(), Failures> {
    let instances = Instances::read(instances)?;
    if cases.is_empty() {
        return Err(Failures::of("the table has no types".to_owned()));
    }
    let mut tally = Failures::default();
    for case in cases {
        let problems = match (instances.model(case.name), instances.set(case.name)) {
            (Some((all, least)), _) => model(case, all, &least),
            (None, Some(values)) => set(case, values),
            (None, None) => vec!["there is no instance of it".to_owned()],
        };
        tally.note(case.name, problems);
    }
    tally.finish("round-trips")
}

fn model(case: &Case, all: &Value, least: &Value) -> Vec<String> {
    let checks = [
        round_trip(case, all).and_then(|specimen| hides(all, &*specimen)),
        round_trip(case, least)
            .map(drop)
            .map_err(|problem| format!("with its required fields only, {problem}")),
        ignores_unknown(case, all),
        requires(case, least),
    ];
    checks.into_iter().filter_map(Result::err).collect()
}

/// It is the same after it was written and read.
fn round_trip(case: &Case, json: &Value) -> Result<Box<dyn Specimen>, String> {
    let specimen = case.read(&json.to_string())?;
    let text = written(&*specimen)?;
    let again: Value = serde_json::from_str(&text).map_err(|e| format!("is not JSON: {e}"))?;
    if let Some(difference) = difference(json, &again, "") {
        return Err(difference);
    }
    let other = case.read(&text).map_err(|e| format!("does not read what it wrote: {e}"))?;
    if !specimen.is(&*other) {
        return Err("is another value after it was written and read".to_owned());
    }
    Ok(specimen)
}

/// `Debug` shows no personal data.
fn hides(json: &Value, specimen: &dyn Specimen) -> Result<(), String> {
    let shown = format!("{specimen:?}{specimen:#?}");
    if shown.contains(PERSONAL) {
        return Err("shows personal data in Debug".to_owned());
    }
    if json.to_string().contains(PERSONAL) && !shown.contains("[redacted]") {
        return Err("does not show in Debug that it holds personal data".to_owned());
    }
    Ok(())
}

fn ignores_unknown(case: &Case, json: &Value) -> Result<(), String> {
    let plain = case.read(&json.to_string())?;
    let more = case.read(&with_unknown(json).to_string());
    match more {
        Ok(more) if plain.is(&*more) => Ok(()),
        Ok(_) => Err("is another value with an unknown field".to_owned()),
        Err(problem) => Err(format!("refuses an unknown field: {problem}")),
    }
}

/// Without any one of its required fields it cannot be read.
fn requires(case: &Case, least: &Value) -> Result<(), String> {
    let Value::Object(members) = least else { return Err("is not an object".to_owned()) };
    for name in members.keys() {
        let mut fewer = members.clone();
        fewer.shift_remove(name);
        if case.read(&Value::Object(fewer).to_string()).is_ok() {
            return Err(format!("is read without `{name}`, which is required"));
        }
    }
    Ok(())
}

/// All known values are kept, and others too.
fn set(case: &Case, values: &[Value]) -> Vec<String> {
    let mut problems = Vec::new();
    for value in values {
        match round_trip(case, value) {
            Ok(specimen) if !format!("{specimen:?}").starts_with("Unknown(") => {}
            Ok(_) => problems.push(format!("does not know {value}")),
            Err(problem) => problems.push(problem),
        }
    }
    match round_trip(case, &Value::from(UNKNOWN)) {
        Ok(specimen) if format!("{specimen:?}").starts_with("Unknown(") => {}
        Ok(_) => problems.push("reads an unknown value as a known one".to_owned()),
        Err(problem) => problems.push(format!("does not keep an unknown value: {problem}")),
    }
    problems
}
