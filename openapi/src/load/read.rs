//! The value pass: `serde_yaml` reads, the scan says how scalars were written.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

use super::{
    events::{SYNTAX, Scan},
    spans::{Id, Position},
};
use crate::diag::Diagnostic;

/// The error of a difference between the two passes. Users never see this message.
const DISAGREE: &str = "passes disagree";

/// Reads `text`, whose scan is known.
pub(super) fn value(text: &str, scan: &Scan<'_>) -> Result<Value, Box<Diagnostic>> {
    let seed = Reader { scan, id: 0 };
    seed.deserialize(serde_yaml::Deserializer::from_str(text)).map_err(|error| {
        let position = error.location().map(|at| Position {
            line: u32::try_from(at.line()).unwrap_or(u32::MAX),
            column: u32::try_from(at.column()).unwrap_or(u32::MAX),
        });
        let message = error.to_string();
        let finding = if message.contains(DISAGREE) {
            Diagnostic::error("ambiguous-yaml", "readers of YAML 1.1 and of YAML 1.2 see different values here")
                .hint("an unusual line break (U+0085, U+2028, U+2029) or blank is the usual cause; quote and escape it")
        } else {
            let short = message.split(" at line ").next().unwrap_or_default();
            Diagnostic::error(SYNTAX, format!("this is not YAML: {short}"))
                .hint("correct the file there or just above; indentation and unclosed quotes are the usual causes")
        };
        Box::new(finding.at(scan.spans().location(position)))
    })
}

/// Reads the value of one node.
#[derive(Clone, Copy)]
struct Reader<'a, 'text> {
    scan: &'a Scan<'text>,
    id: Id,
}

impl Reader<'_, '_> {
    fn child(self, key: &str) -> Option<Self> {
        let id = self.scan.spans().child(self.id, key)?;
        Some(Self { id, ..self })
    }

    /// `value`, when the scalar is written as JSON writes it; else what is written.
    fn scalar<E: serde::de::Error>(self, value: Value, json: &[&str]) -> Result<Value, E> {
        let text = self.scan.plain(self.id).ok_or_else(|| E::custom(DISAGREE))?;
        if json.contains(&text) { Ok(value) } else { Ok(Value::String(text.to_owned())) }
    }

    fn number<E: serde::de::Error>(self, number: Option<Number>) -> Result<Value, E> {
        match number {
            Some(number) => {
                let json = number.to_string();
                self.scalar(Value::Number(number), &[&json])
            }
            None => self.scalar(Value::Null, &[]),
        }
    }
}

impl<'de> DeserializeSeed<'de> for Reader<'_, '_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Reader<'_, '_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value that JSON can hold")
    }

    fn visit_bool<E: serde::de::Error>(self, value: bool) -> Result<Value, E> {
        self.scalar(Value::Bool(value), &[if value { "true" } else { "false" }])
    }

    fn visit_i64<E: serde::de::Error>(self, number: i64) -> Result<Value, E> {
        self.number(Some(number.into()))
    }

    fn visit_u64<E: serde::de::Error>(self, number: u64) -> Result<Value, E> {
        self.number(Some(number.into()))
    }

    fn visit_i128<E: serde::de::Error>(self, _: i128) -> Result<Value, E> {
        self.number(None)
    }

    fn visit_u128<E: serde::de::Error>(self, _: u128) -> Result<Value, E> {
        self.number(None)
    }

    fn visit_f64<E: serde::de::Error>(self, number: f64) -> Result<Value, E> {
        self.number(Number::from_f64(number))
    }

    fn visit_unit<E: serde::de::Error>(self) -> Result<Value, E> {
        self.scalar(Value::Null, &["null", "~", ""])
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Value, E> {
        Ok(Value::String(text.to_owned()))
    }

    fn visit_string<E: serde::de::Error>(self, text: String) -> Result<Value, E> {
        Ok(Value::String(text))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut list = Vec::new();
        loop {
            // The scan says whether there is a next item; without one the seed is never used.
            let next = self.child(&list.len().to_string());
            match items.next_element_seed(next.unwrap_or(self))? {
                Some(_) if next.is_none() => return Err(A::Error::custom(DISAGREE)),
                Some(item) => list.push(item),
                None => return Ok(Value::Array(list)),
            }
        }
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Value, A::Error> {
        let mut map = Map::new();
        while let Some(key) = members.next_key::<String>()? {
            let child = self.child(&key).ok_or_else(|| A::Error::custom(DISAGREE))?;
            let value = members.next_value_seed(child)?;
            map.insert(key, value);
        }
        Ok(Value::Object(map))
    }
}
