//! What Alipay's texts say of types, values and marks, by rules: an overlay that no person has written.
//!
//! Alipay's description has hardly a type but the string; that a string is an amount in yuan stands in its text. A
//! rule looks for words that leave no doubt, and is held against the examples. What has an example that does not fit is
//! left out. If more than one example in a hundred does not fit, the whole rule is left out.
//!
//! The outcome is `spec/alipay/inferred.yaml`. It is weaker than what people write: their overlays change what it
//! says without a word.

mod marks;
mod money;
mod request;
mod required;
mod subject;
mod text;
mod times;
mod values;

use std::collections::{BTreeSet, HashMap, HashSet};

use indexmap::IndexMap;
use serde_json::{Map, Value, json};

use self::{
    request::{Operation, operations},
    subject::{Spot, Subject, part_of_path, subjects},
};
use crate::{
    diag::{Diagnostic, Sink},
    import::{self, Component, reached, tags_of, to_yaml},
    ir::{Confidence, Ty},
    load::{Raw, Source, load, parse},
    overlay,
    path::{Step, follow, steps_of},
    pointer::Pointer,
    texts,
};

/// The source of what is inferred: Alipay's description.
const FROM_TEXTS: &str = "Y";
/// The source of the table of required fields.
const FROM_CLIENT: &str = "G";
/// The rule that is a table.
const REQUIRED: &str = "required-secondary";
/// The rule about operations.
const KEY: &str = "idempotency-key";

/// Who compares the examples of a string with the type that a rule says.
enum Compared {
    /// It is done for the rule: an example that is no value of this type is a misfit.
    With(Ty),
    /// The rule itself, which finds nothing where an example is something else.
    ByRule,
}

/// What a rule says of a property or a parameter, if anything.
type Says = fn(&Subject<'_>) -> Option<Map<String, Value>>;

/// The rules about types. Of a string, the first that finds something counts.
const TYPES: &[(&str, Says, Compared)] = &[
    ("yuan", money::yuan, Compared::With(Ty::Yuan)),
    ("date-time", times::date_time, Compared::ByRule),
    ("date", times::date, Compared::ByRule),
    ("time", times::time, Compared::ByRule),
    ("enum-words", values::words, Compared::ByRule),
    ("enum-digits", values::digits, Compared::ByRule),
];

/// The rules about anything else. Each that finds something counts.
const MARKS: &[(&str, Says)] = &[("range", marks::range), ("deprecated", marks::deprecated)];

/// How many of a hundred examples may not fit what a rule says of them.
const MOST_MISFITS: usize = 1;

/// What is inferred from a description.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Inferred {
    /// The overlay, as YAML; none for a base, which has no texts.
    pub overlay: Option<String>,
    /// What each rule has found, in the order of the rules.
    pub found: Vec<Found>,
}

/// What a rule has found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Found {
    /// The rule.
    pub rule: &'static str,
    /// How many fields or operations it says something of.
    pub places: usize,
    /// How many of them have an example.
    pub examples: usize,
    /// How many more it would have said something of, but for an example that is no such value.
    pub misfits: usize,
}

impl Found {
    fn is_precise(&self) -> bool {
        self.misfits * 100 <= (self.examples + self.misfits) * MOST_MISFITS
    }
}

/// Infers what the texts of a description say.
///
/// `required` is the table of the fields that a third-party client insists on. What does not fit the description, and
/// rules that are left out, are warnings in `sink`.
pub fn infer(raw: &Raw, required: Option<&Source>, sink: &mut Sink) -> Inferred {
    let root = &raw.value;
    if texts::are_left_out(root) {
        return Inferred { overlay: None, found: Vec::new() };
    }
    let operations = operations(root);
    let mut subjects = subjects(root);
    let in_utc = subjects.iter().filter(|subject| times::is_in_utc(subject));
    let in_utc = domains_of(root, in_utc.map(|subject| subject.part.clone()).collect());
    for subject in &mut subjects {
        subject.is_near_utc = in_utc.contains(&subject.part);
    }
    let subjects = subjects;
    let mut actions = Actions::in_the_order_of(&operations);
    let mut found = Vec::new();
    for (name, says, compared) in TYPES {
        let one = type_rule(name, *says, compared, &subjects, &mut actions);
        if !one.is_precise() {
            let message = format!(
                "the rule `{name}` is left out: {} of {} examples do not fit what it says",
                one.misfits,
                one.misfits + one.examples
            );
            let hint = "Alipay words its texts in another way now: correct the rule in `openapi/src/infer`";
            let at = raw.locate(&Pointer::root());
            sink.push(Diagnostic::warning("imprecise-rule", message).at(at).hint(hint));
        }
        found.push(one);
    }
    for (name, says) in MARKS {
        found.push(mark_rule(name, *says, &subjects, &mut actions));
    }
    found.push(idempotency_keys(&operations, &subjects, &mut actions));
    if let Some(table) = required {
        let spots = required::spots(table, &operations, sink);
        let update = || Map::from_iter([("x-alipay-required".to_owned(), json!("Required."))]);
        let mut one = Found { rule: REQUIRED, ..Found::default() };
        for subject in subjects.iter().filter(|subject| spots.contains(&subject.spot)) {
            one.places += 1;
            actions.add(&subject.spot, 0, REQUIRED, update());
        }
        found.push(one);
    }
    let version = root.pointer("/info/version").and_then(Value::as_str).unwrap_or("unknown");
    Inferred { overlay: Some(written(version, &found, actions)), found }
}

/// The tags of a description of whose operations, or of what these reach, something is inferred; `None` if
/// the overlay cannot be read.
pub fn tags(raw: &Raw, overlay: &Source, sink: &mut Sink) -> Option<BTreeSet<String>> {
    let overlay = parse(overlay, sink)?;
    let (mut operations, mut schemas) = (HashSet::new(), HashSet::new());
    // What another client insists on is no word of Alipay's.
    let actions = overlay::read(&overlay, sink)?.into_iter();
    for action in actions.filter(|action| action.evidence.confidence == Confidence::Inferred) {
        let mut steps = steps_of(&action.target).into_iter().flatten();
        let mut name = || match steps.next() {
            Some(Step::Name(name)) => Some(name),
            Some(Step::Index(_)) | None => None,
        };
        if let (Some(section), Some(first), Some(second)) = (name(), name(), name()) {
            match section.as_str() {
                "paths" => _ = operations.insert((first, second)),
                _ => _ = schemas.insert((first, second)),
            }
        }
    }
    let known = import::operations(&raw.value).filter(|(path, method, operation)| {
        operations.contains(&((*path).to_owned(), (*method).to_owned()))
            || !reached(&raw.value, &[*operation]).is_disjoint(&schemas)
    });
    Some(known.flat_map(|(.., operation)| tags_of(operation)).map(str::to_owned).collect())
}

/// What an overlay says of a part of the description it was inferred from; `None` if that is nothing, or if
/// there was an error.
pub fn within(overlay: &Source, part: &Source, sink: &mut Sink) -> Option<String> {
    let part = load(part, sink)?.value;
    let overlay = parse(overlay, sink)?;
    overlay::read(&overlay, sink)?;
    let mut overlay = overlay.value;
    // These are counts of the whole.
    overlay.as_object_mut()?.shift_remove(RULES);
    let actions = overlay.get_mut("actions")?.as_array_mut()?;
    actions.retain(|action| {
        let steps = action.get("target").and_then(Value::as_str).and_then(steps_of);
        steps.is_some_and(|steps| follow(&part, &steps).is_some())
    });
    let says_something = !actions.is_empty();
    says_something.then(|| format!("{HEADER}{}", to_yaml(&overlay)))
}

/// Applies a rule about types to all strings of which nothing is said yet. If it is not precise, nothing is inferred by
/// it.
fn type_rule(
    name: &'static str,
    says: Says,
    compared: &Compared,
    subjects: &[Subject<'_>],
    actions: &mut Actions,
) -> Found {
    let mut found = Found { rule: name, ..Found::default() };
    let mut said = Vec::new();
    let strings = subjects.iter().filter(|subject| subject.kind == "string" && !subject.is_typed);
    for subject in strings.filter(|subject| !actions.typed.contains(&subject.schema)) {
        let Some(update) = says(subject) else { continue };
        let fits = match compared {
            Compared::With(ty) => subject.examples_are(ty),
            Compared::ByRule => true,
        };
        if fits {
            found.places += 1;
            found.examples += usize::from(subject.has_example());
            said.push((subject, update));
        } else {
            found.misfits += 1;
        }
    }
    if !found.is_precise() {
        return Found { places: 0, ..found };
    }
    for (subject, update) in said {
        actions.typed.insert(subject.schema.clone());
        actions.add(&subject.schema, subject.lists, name, update);
    }
    found
}

/// Applies a rule about anything else to all properties and parameters.
fn mark_rule(
    name: &'static str,
    says: Says,
    subjects: &[Subject<'_>],
    actions: &mut Actions,
) -> Found {
    let mut found = Found { rule: name, ..Found::default() };
    for subject in subjects {
        let Some(update) = says(subject) else { continue };
        found.places += 1;
        found.examples += usize::from(subject.has_example());
        actions.add(&subject.schema, 0, name, update);
    }
    found
}

/// Some parts of a description, with all other parts of their domains.
fn domains_of(root: &Value, mut parts: HashSet<Component>) -> HashSet<Component> {
    let mut domains: HashMap<String, HashSet<Component>> = HashMap::new();
    for (path, _, operation) in import::operations(root) {
        for tag in tags_of(operation) {
            let domain = tag.split('.').take(2).collect::<Vec<_>>().join(".");
            let domain = domains.entry(domain).or_default();
            domain.insert(part_of_path(path));
            domain.extend(reached(root, &[operation]));
        }
    }
    let theirs: Vec<_> =
        domains.into_values().filter(|domain| !domain.is_disjoint(&parts)).collect();
    parts.extend(theirs.into_iter().flatten());
    parts
}

/// Marks the operations of which exactly one field makes a repeat harmless.
fn idempotency_keys(
    operations: &[Operation<'_>],
    subjects: &[Subject<'_>],
    actions: &mut Actions,
) -> Found {
    let harmless = subjects.iter().filter(|subject| marks::makes_harmless(subject));
    let harmless: HashSet<&Spot> = harmless.map(|subject| &subject.spot).collect();
    let mut found = Found { rule: KEY, ..Found::default() };
    for Operation { target, fields, .. } in operations {
        let mut keys = fields.iter().filter(|(_, spot)| harmless.contains(spot));
        if let (Some((wire, _)), None) = (keys.next(), keys.next()) {
            found.places += 1;
            let update = Map::from_iter([("x-alipay-idempotency-key".to_owned(), json!(wire))]);
            actions.add(&Spot { target: target.clone(), property: None }, 0, KEY, update);
        }
    }
    found
}

/// The actions: those of one target stand together, and what one rule says of it is one action.
#[derive(Default)]
struct Actions {
    of_target: IndexMap<String, IndexMap<&'static str, Map<String, Value>>>,
    /// The schemas whose types are inferred already.
    typed: HashSet<Spot>,
}

impl Actions {
    /// None yet. Their targets stand in the order of the description, in whatever order rules find something.
    fn in_the_order_of(operations: &[Operation<'_>]) -> Self {
        let mut actions = Self::default();
        let mut begin = |target: String| _ = actions.of_target.entry(target).or_default();
        for operation in operations {
            begin(operation.target.clone());
            for (_, spot) in operation.fields.iter().filter(|(_, spot)| spot.property.is_none()) {
                begin(spot.target.clone());
                begin(format!("{}.schema", spot.target));
            }
        }
        actions
    }

    /// Adds what a rule says of what stands in so many lists.
    fn add(&mut self, spot: &Spot, lists: usize, rule: &'static str, update: Map<String, Value>) {
        let update = (0..lists)
            .fold(update, |inner, _| Map::from_iter([("items".to_owned(), Value::Object(inner))]));
        let action =
            self.of_target.entry(spot.target.clone()).or_default().entry(rule).or_default();
        match &spot.property {
            Some(property) => _ = action.insert(property.clone(), Value::Object(update)),
            None => action.extend(update),
        }
    }
}

/// The overlay as YAML.
fn written(version: &str, found: &[Found], actions: Actions) -> String {
    let actions = actions.of_target.into_iter().flat_map(|(target, of_rule)| {
        of_rule.into_iter().map(move |(rule, update)| {
            let (confidence, source) = match rule {
                REQUIRED => (Confidence::Secondary, FROM_CLIENT),
                _ => (Confidence::Inferred, FROM_TEXTS),
            };
            json!({
                "target": target,
                "x-confidence": confidence.as_str(),
                "x-source": source,
                "x-rule": rule,
                "update": update,
            })
        })
    });
    let rules = found.iter().map(|one| {
        let counts = json!({
            "places": one.places,
            "examples": one.examples,
            "misfits": one.misfits,
        });
        (one.rule.to_owned(), counts)
    });
    let document = json!({
        "overlay": "1.0.0",
        "info": {
            "title": "What Alipay's texts say of types, values and marks, by rules",
            "version": version,
        },
        RULES: rules.collect::<Map<_, _>>(),
        "actions": actions.collect::<Vec<_>>(),
    });
    format!("{HEADER}{}", to_yaml(&document))
}

/// What each rule found, how much of that has an example, and what was left out for its example.
const RULES: &str = "x-rules";

const HEADER: &str = "\
# Made by `cargo xtask import` from the texts of Alipay's description; nobody has read each action.
# What people know goes into an overlay of their own, which changes what is said here. See ../README.md.
";
