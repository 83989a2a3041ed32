//! An instance of a type as JSON: from the description's examples where they are of the type, else made up. It may break
//! the limits of its fields; the gateway of the tests replaces what cannot be sent.

use serde_json::{Map, Value, json};

use crate::named::NamedApi;
use alipay_openapi::ir::{Field, Place, Struct, Ty, TypeId, fit::misfit};

/// How many values an instance has at most: types that name each other many times would make more of
/// them than anybody reads.
const MOST_VALUES: usize = 2_000;
/// How deep structs are nested at most.
const DEEPEST: usize = 24;
/// Stands at the beginning of a string with personal data; the tests know it.
const PERSONAL: &str = "🔒";

/// Which fields an instance has.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Extent {
    /// All, to the bottom; but no field in which a type meets itself.
    Full,
    /// Those that are required.
    Least,
}

/// An instance of a struct.
pub(super) fn instance(api: &NamedApi<'_>, item: &Struct, extent: Extent) -> Value {
    Maker { api, around: Vec::new(), left: MOST_VALUES, extent }.object(item, false)
}

struct Maker<'c, 'a> {
    api: &'c NamedApi<'a>,
    /// The structs around the present value.
    around: Vec<TypeId>,
    /// How many more values there may be.
    left: usize,
    extent: Extent,
}

impl Maker<'_, '_> {
    fn object(&mut self, item: &Struct, personal: bool) -> Value {
        self.around.push(item.id.clone());
        let mut members = Map::new();
        for (field, key) in item.fields.iter().zip(item.keys()) {
            let wanted = field.is_required() || self.extent == Extent::Full;
            // A file has no JSON form.
            if wanted && field.place != Place::File {
                // A header holds ASCII.
                let personal = (personal || field.sensitive) && field.place != Place::Header;
                if let Some(value) = self.field(field, personal) {
                    members.insert(key, value);
                }
            }
        }
        self.around.pop();
        Value::Object(members)
    }

    fn field(&mut self, field: &Field, personal: bool) -> Option<Value> {
        let example = field.example.as_ref();
        let value = self.value(&field.ty, example, personal, &field.wire)?;
        // In a path a string stands between slashes.
        match value.as_str() {
            Some("" | "." | "..") if field.place == Place::Path => Some(json!(field.wire)),
            _ => Some(value),
        }
    }

    /// A value of a type; none where it would go on for ever.
    fn value(
        &mut self,
        ty: &Ty,
        example: Option<&Value>,
        personal: bool,
        name: &str,
    ) -> Option<Value> {
        self.left = self.left.checked_sub(1)?;
        let text = example.and_then(Value::as_str);
        let fitting = |other: &str| {
            let number = example.filter(|example| example.is_number()).map(Value::to_string);
            let text = number.as_deref().or(text);
            json!(text.filter(|text| fits(self.api, ty, text)).unwrap_or(other))
        };
        Some(match ty {
            Ty::Text if personal => json!(format!("{PERSONAL}{name}")),
            Ty::Text => match example {
                Some(Value::String(text)) if !text.is_empty() => json!(text),
                Some(Value::Number(number)) => json!(number.to_string()),
                _ => json!(name),
            },
            Ty::Boolean => match text {
                Some(text) => json!(text == "true"),
                None => json!(example.and_then(Value::as_bool).unwrap_or(true)),
            },
            Ty::Integer => {
                let number = example.and_then(Value::as_i64);
                json!(number.or_else(|| text?.parse().ok()).unwrap_or(1))
            }
            // Without a fraction it would come back with one.
            Ty::Float => match example.and_then(Value::as_f64) {
                Some(number) if number.fract() != 0.0 => json!(number),
                _ => json!(0.5),
            },
            Ty::Json if personal => json!({ name: format!("{PERSONAL}{name}") }),
            Ty::Json => {
                example.filter(|any| any.is_object()).cloned().unwrap_or(json!({ name: 1 }))
            }
            Ty::Yuan => in_cents(fitting("1.00")),
            Ty::Decimal => fitting("1.00"),
            Ty::LocalDateTime => fitting("2026-01-31 23:59:59"),
            Ty::LocalDate => fitting("2026-01-31"),
            Ty::LocalTime => fitting("23:59:59"),
            Ty::Enum(id) => {
                let values = self.api.open_enum(id).map(|found| found.item.values.as_slice());
                let mut known = values.unwrap_or_default().iter().map(|value| value.wire.as_str());
                let example = text.filter(|text| known.clone().any(|wire| wire == *text));
                json!(example.or_else(|| known.next()).unwrap_or(name))
            }
            Ty::File => return None,
            Ty::Struct { id, .. } => {
                if self.around.contains(id) || self.around.len() > DEEPEST {
                    return None;
                }
                let found = self.api.structure(id)?;
                self.object(found.item, personal)
            }
            Ty::List(inner) => self.list(inner, example, personal, name),
            Ty::Map(inner) => json!({ "key": self.value(inner, None, personal, name)? }),
            Ty::JsonText(inner) => {
                let example = text.and_then(|text| serde_json::from_str(text).ok());
                json!(self.value(inner, example.as_ref(), personal, name)?.to_string())
            }
        })
    }

    fn list(&mut self, inner: &Ty, example: Option<&Value>, personal: bool, name: &str) -> Value {
        // Most examples of lists are a string of JSON, or one of the items.
        let read = example.and_then(Value::as_str).and_then(|text| serde_json::from_str(text).ok());
        let examples = match read.as_ref().filter(|read: &&Value| read.is_array()).or(example) {
            Some(Value::Array(items)) => items.iter().take(2).map(Some).collect(),
            one => vec![one],
        };
        let most = if matches!(inner, Ty::Struct { .. }) && self.around.len() > 1 { 1 } else { 2 };
        let mut items: Vec<_> = examples
            .into_iter()
            .take(most)
            .filter_map(|example| self.value(inner, example, personal, name))
            .collect();
        if items.is_empty() {
            items.extend(self.value(inner, None, personal, name));
        }
        Value::Array(items)
    }
}

/// An amount of money as its type writes it.
fn in_cents(amount: Value) -> Value {
    let Some(text) = amount.as_str() else { return amount };
    let (whole, cents) = text.split_once('.').unwrap_or((text, ""));
    json!(format!("{whole}.{cents:0<2}"))
}

/// Whether a string is a value of the type as the type writes it: without superfluous zeros.
fn fits(api: &NamedApi<'_>, ty: &Ty, text: &str) -> bool {
    let padded = text.starts_with('0') && matches!(text.as_bytes().get(1), Some(b'0'..=b'9'));
    let plain = !matches!(ty, Ty::Yuan | Ty::Decimal) || !padded && !text.starts_with('-');
    plain && misfit(&|id| Some(api.open_enum(id)?.item), ty, &Value::from(text)).is_none()
}
