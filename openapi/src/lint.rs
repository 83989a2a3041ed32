//! Rules of good descriptions. Each looks at the IR and warns; none stops generation.

use std::collections::{HashMap, HashSet};

use serde_json::Value;

use crate::{
    diag::{Diagnostic, Sink, codes::explain, did_you_mean_or},
    ir::fit::{is_key, misfit},
    ir::{Api, Field, Limit, OpenEnum, Place, Presence, Struct, Ty, TypeId},
    overlay::Document,
    personal::is_suspicious,
    pointer::Pointer,
};

/// What a rule looks at.
enum LooksAt {
    /// Each field, with the struct it is in.
    Fields(fn(&Types<'_>, &Struct, &Field, &mut Warn<'_>)),
    /// Each struct.
    Structs(fn(&Types<'_>, &Struct, &mut Warn<'_>)),
    /// The API as a whole.
    Api(fn(&Api, &mut Warn<'_>)),
    /// The API, and the description itself.
    Description(fn(&Api, &Document, &mut Warn<'_>)),
}

/// All types, by what identifies them.
struct Types<'a> {
    structs: HashMap<&'a TypeId, &'a Struct>,
    enums: HashMap<&'a TypeId, &'a OpenEnum>,
}

impl Types<'_> {
    fn misfit(&self, ty: &Ty, value: &Value) -> Option<String> {
        misfit(&|id| self.enums.get(id).copied(), ty, value)
    }
}

/// How a rule reports: pointer, message, hint.
type Warn<'a> = dyn FnMut(&Pointer, String, &str) + 'a;

/// The rule that generation runs as well: an example that does not fit is not shown.
const WHOLE_EXAMPLES: (&str, LooksAt) = ("example-misfit", LooksAt::Structs(whole_example));

/// The code of each rule, what it looks at, and the rule.
const RULES: &[(&str, LooksAt)] = &[
    WHOLE_EXAMPLES,
    ("example-misfit", LooksAt::Fields(example)),
    ("default-misfit", LooksAt::Fields(default)),
    ("money-not-decimal", LooksAt::Fields(exact_money)),
    ("money-without-unit", LooksAt::Fields(unit_of_money)),
    ("time-without-format", LooksAt::Fields(format_of_time)),
    ("personal-not-marked", LooksAt::Description(marked_as_personal)),
    ("undocumented", LooksAt::Fields(documented_field)),
    ("undocumented", LooksAt::Api(documented_items)),
    ("unexplained-value", LooksAt::Api(explained_values)),
];

const DESCRIBE: &str = "describe it in the overlay";
const CORRECT: &str = "correct the example in the overlay";

/// The code of each rule, with what it means.
pub fn rules() -> impl Iterator<Item = (&'static str, &'static str)> {
    let mut seen = HashSet::new();
    let codes = RULES.iter().map(|(code, _)| *code).filter(move |code| seen.insert(*code));
    codes.map(|code| (code, explain(code).unwrap_or_default()))
}

/// Runs all rules.
pub fn lint(api: &Api, document: &Document, sink: &mut Sink) {
    run(RULES, api, document, sink);
}

/// Runs the rule of whole examples, which generation does too: what does not fit is not shown.
pub fn whole_examples(api: &Api, document: &Document, sink: &mut Sink) {
    run(&[WHOLE_EXAMPLES], api, document, sink);
}

fn run(rules: &[(&'static str, LooksAt)], api: &Api, document: &Document, sink: &mut Sink) {
    let types = Types {
        structs: api.structs.iter().map(|item| (&item.id, item)).collect(),
        enums: api.enums.iter().map(|item| (&item.id, item)).collect(),
    };
    for (code, rule) in rules {
        let mut warn = |pointer: &Pointer, message: String, hint: &str| {
            let finding = Diagnostic::warning(code, message);
            sink.push(finding.at(document.locate(pointer)).pointer(pointer).hint(hint));
        };
        match rule {
            LooksAt::Api(check) => check(api, &mut warn),
            LooksAt::Description(check) => check(api, document, &mut warn),
            LooksAt::Structs(check) => {
                api.structs.iter().for_each(|item| check(&types, item, &mut warn));
            }
            LooksAt::Fields(check) => {
                for item in &api.structs {
                    item.fields.iter().for_each(|field| check(&types, item, field, &mut warn));
                }
            }
        }
    }
}

/// Whether a name has one of these words, and none of the others.
fn is_about(name: &str, words: &[&str], others: &[&str]) -> bool {
    let has = |words: &[&str]| name.split('_').any(|word| words.contains(&word));
    has(words) && !has(others)
}

/// Whether a field looks like an amount of money: by its name, unless another word says otherwise.
fn is_money(field: &Field) -> bool {
    const WORDS: &[&str] = &["amount", "amt", "price", "fee", "balance"];
    const OTHERS: &[&str] =
        &["type", "name", "desc", "info", "id", "no", "mode", "status", "list", "rule", "unit"];
    is_about(&field.wire, WORDS, OTHERS)
}

/// Money is exact.
fn exact_money(_: &Types<'_>, _: &Struct, field: &Field, warn: &mut Warn<'_>) {
    let (what, hint) = match field.ty {
        Ty::Text => ("any string", "refine it to `format: decimal` with `x-alipay-unit: yuan`"),
        Ty::Float => (
            "a binary fraction",
            "amounts are exact: if it is a string on the wire, refine it to `type: string` and \
             `format: decimal`",
        ),
        _ => return,
    };
    if is_money(field) {
        let message = format!("`{}` looks like an amount of money, but is {what}", field.wire);
        warn(&field.origin, message, hint);
    }
}

/// An amount that is an integer states its unit.
fn unit_of_money(_: &Types<'_>, _: &Struct, field: &Field, warn: &mut Warn<'_>) {
    if field.ty == Ty::Integer && field.unit.is_none() && is_money(field) {
        let message =
            format!("`{}` looks like an amount of money, but its unit is not stated", field.wire);
        warn(&field.origin, message, "state it with `x-alipay-unit`");
    }
}

/// Times have a format. A stated unit (milliseconds, say) is as good.
fn format_of_time(_: &Types<'_>, _: &Struct, field: &Field, warn: &mut Warn<'_>) {
    const OTHERS: &[&str] = &["type", "info", "zone", "unit", "rule", "limit", "times"];
    if field.ty == Ty::Text
        && field.unit.is_none()
        && is_about(&field.wire, &["time", "date", "gmt"], OTHERS)
    {
        let message = format!("`{}` looks like a time, but is any string", field.wire);
        let hint = "refine it to `format: local-date-time`, `local-date` or `local-time`, or state its `x-alipay-unit`";
        warn(&field.origin, message, hint);
    }
}

/// What its Chinese label calls personal is redacted, or said to be something else.
fn marked_as_personal(api: &Api, document: &Document, warn: &mut Warn<'_>) {
    for item in &api.structs {
        for field in item.fields.iter().filter(|field| is_suspicious(field, document)) {
            let (wire, owner) = (&field.wire, &item.upstream_name);
            let message = format!(
                "the label of `{wire}` of `{owner}` speaks of personal data, but `Debug` shows the value"
            );
            warn(&field.origin, message, "say with `x-alipay-sensitive` whether it is personal");
        }
    }
}

fn documented_field(_: &Types<'_>, item: &Struct, field: &Field, warn: &mut Warn<'_>) {
    if field.docs.description.is_none() {
        let message = format!("`{}` of `{}` has no description", field.wire, item.upstream_name);
        warn(&field.origin, message, DESCRIBE);
    }
}

/// Everything public has a description.
fn documented_items(api: &Api, warn: &mut Warn<'_>) {
    let operations = || api.groups.iter().flat_map(|group| &group.operations);
    let structs = api.structs.iter().map(|item| (&item.docs, &item.id, &item.upstream_name));
    let items = operations().map(|item| (&item.docs, &item.origin, &item.id)).chain(structs);
    for (_, pointer, name) in items.filter(|(docs, ..)| docs.description.is_none()) {
        warn(pointer, format!("`{name}` has no description"), DESCRIBE);
    }
    for set in operations().map(|operation| &operation.codes).chain(&api.common_codes) {
        for code in set.codes.iter().filter(|code| code.meaning.is_none()) {
            let message = format!("the error code `{}` has no meaning", code.wire);
            warn(&set.origin, message, "explain it in `x-error-codes`");
        }
    }
}

/// Every known value of an enum is explained.
fn explained_values(api: &Api, warn: &mut Warn<'_>) {
    for item in &api.enums {
        for value in item.values.iter().filter(|value| value.meaning.is_none()) {
            let message = format!("the value `{}` of `{}` is not explained", value.wire, item.name);
            warn(&item.id, message, "explain it in `x-enum-descriptions`");
        }
    }
}

fn default(types: &Types<'_>, _: &Struct, field: &Field, warn: &mut Warn<'_>) {
    let Some(default) = field.default.as_ref().filter(|default| !default.is_null()) else { return };
    if let Some(why) = types.misfit(&field.ty, default) {
        let message = format!("the default of `{}` does not fit: {why}", field.wire);
        warn(&field.origin, message, "correct the default in the overlay");
    }
}

/// Examples are values of their field's type: they end in documentation and in generated tests.
fn example(types: &Types<'_>, _: &Struct, field: &Field, warn: &mut Warn<'_>) {
    let Some(example) = field.example.as_ref().filter(|example| !example.is_null()) else { return };
    if let Some(why) = types.misfit(&field.ty, example).or_else(|| too_long(field, example)) {
        let message = format!("the example of `{}` does not fit: {why}", field.wire);
        warn(&field.origin.join("example"), message, CORRECT);
    }
}

/// The whole example of an object has the object's fields, all that are required, and values that fit.
fn whole_example(types: &Types<'_>, item: &Struct, warn: &mut Warn<'_>) {
    if let Some(example) = &item.example {
        WholeExample { types, warn }.object(item, &example.value, &example.origin);
    }
}

struct WholeExample<'a, 'w> {
    types: &'a Types<'a>,
    warn: &'a mut Warn<'w>,
}

impl WholeExample<'_, '_> {
    fn object(&mut self, item: &Struct, value: &Value, at: &Pointer) {
        let name = &item.upstream_name;
        let Value::Object(members) = value else {
            let message = format!("the example of `{name}` does not fit: it has to be an object");
            return (self.warn)(at, message, CORRECT);
        };
        let fields = item.members();
        for (wire, member) in members {
            let at = at.join(wire);
            match fields.get(wire.as_str()).and_then(|number| item.fields.get(*number)) {
                Some(field) => self.value(field, &field.ty, member, &at),
                None => {
                    let known = item.fields.iter().map(|field| field.wire.as_str());
                    let otherwise = || "name a property of the schema".to_owned();
                    let hint = did_you_mean_or(wire, known, otherwise);
                    let message =
                        format!("the example has `{wire}`, which is no field of `{name}`");
                    (self.warn)(&at, message, &hint);
                }
            }
        }
        // Parameters have examples of their own.
        let missing = item.fields.iter().filter(|field| {
            matches!(field.presence, Presence::Required(_))
                && field.place == Place::Body
                && !members.contains_key(&field.wire)
        });
        for field in missing {
            let wire = &field.wire;
            let message = format!("the example of `{name}` lacks `{wire}`, which is required");
            (self.warn)(at, message, CORRECT);
        }
    }

    fn value(&mut self, field: &Field, ty: &Ty, value: &Value, at: &Pointer) {
        let why = match (ty, value) {
            (Ty::Struct { id, .. }, _) => {
                if let Some(item) = self.types.structs.get(id) {
                    self.object(item, value, at);
                }
                None
            }
            (Ty::List(inner), Value::Array(items)) if !items.is_empty() => {
                for (number, item) in items.iter().enumerate() {
                    self.value(field, inner, item, &at.join(number));
                }
                None
            }
            (Ty::Map(inner), Value::Object(entries)) if !entries.is_empty() => {
                for (key, entry) in entries {
                    self.value(field, inner, entry, &at.join(key));
                }
                None
            }
            (Ty::List(_), _) => Some("it has to be a list of at least one item".to_owned()),
            (Ty::Map(_), _) => Some("it has to be an object of at least one entry".to_owned()),
            (Ty::File, _) => Some("a file has no JSON form".to_owned()),
            _ if field.is_key && !value.as_str().is_some_and(is_key) => {
                Some("it has to be 1 to 64 visible ASCII characters".to_owned())
            }
            _ => self.types.misfit(ty, value).or_else(|| too_long(field, value)),
        };
        if let Some(why) = why {
            let message = format!("the example of `{}` does not fit: {why}", field.wire);
            (self.warn)(at, message, CORRECT);
        }
    }
}

fn too_long(field: &Field, value: &Value) -> Option<String> {
    let length = value.as_str()?.chars().count() as u64;
    field.limits.iter().find_map(|limit| match limit.value {
        Limit::MaxLength(most) if length > most => {
            Some(format!("it has {length} characters, and may have {most}"))
        }
        _ => None,
    })
}
