//! Applies actions to a value, one after the other.

use std::cmp::Ordering;

use serde_json::{Map, Value};

use super::{
    action::Action,
    target,
    trace::{SetBy, Trace},
};
use crate::{
    audit::{
        shapes::{METHODS, ObjectKind},
        walk::Slot,
    },
    diag::{Diagnostic, Sink, describe, did_you_mean, quote},
    load::MAX_DEPTH,
    path::{follow, steps_of},
    pointer::{Pointer, height},
};

/// What is said of the type of a string.
const TYPE_KEYS: [&str; 6] = [
    "format",
    "x-alipay-json-text",
    "x-alipay-unit",
    "x-enum-descriptions",
    "x-enum-names",
    "x-extensible-enum",
];

const TARGET_THE_OBJECT: &str =
    "target the object that holds the key, and give the key in `update`";

/// Applies the actions of `overlay`, the first of which has the number `first`, to `value`, as far as they fit.
/// Gives the places where there may be references now with annotations beside them.
pub(super) fn apply(
    value: &mut Value,
    overlay: &Value,
    (actions, first): (&[Action], usize),
    trace: &mut Trace,
    sink: &mut Sink,
) -> Vec<Pointer> {
    let expected = |action: &Action| overlay.pointer(action.pointer.join("x-expect").as_str());
    // `x-expect` is about the base, whatever earlier actions did to it.
    let base = actions.iter().any(|action| expected(action).is_some()).then(|| value.clone());
    let mut merge = Merge { trace, sink, touched: Vec::new(), restated: Vec::new() };
    for (index, action) in (first..).zip(actions) {
        // Most targets name one value. Looking for it step by step costs the size of what is around it.
        let targets: Vec<Pointer> = match steps_of(&action.target) {
            Some(steps) => follow(value, &steps).into_iter().collect(),
            None => {
                let found = action.path.query_located(value);
                let mut found: Vec<_> = found.locations().collect();
                // A path may name a value twice, and items in any order.
                found.sort_by(|a, b| a.partial_cmp(b).unwrap_or(Ordering::Equal));
                found.dedup();
                found.into_iter().map(|at| Pointer::parse(&at.to_json_pointer())).collect()
            }
        };
        let update = overlay.pointer(action.pointer.join("update").as_str());
        // A target that selects nothing may be a key that the action means to set: say so.
        if let (true, Some(update)) = (targets.is_empty(), update.filter(|new| !new.is_object())) {
            merge.update_not_object(action, update);
            continue;
        }
        if targets.is_empty() {
            let (why, hint) = target::why_nothing(&action.target, value);
            let message = format!("the target {} selects nothing: {why}", quote(&action.target));
            merge.fail("unmatched-target", &action.pointer.join("target"), message, hint);
            continue;
        }
        if let Some(expected) = expected(action) {
            for target in &targets {
                let was = base.as_ref().and_then(|base| base.pointer(target.as_str()));
                let is = was.or_else(|| value.pointer(target.as_str()));
                merge.expect(expected, is, target, &action.pointer.join("x-expect"));
            }
        }
        let job = Job { action, index };
        let changed = if action.remove {
            merge.remove(value, &targets, job);
            true
        } else {
            merge.update(value, &targets, update, job)
        };
        let restated = std::mem::take(&mut merge.restated);
        if !changed {
            merge.warn_no_effect(action);
        } else if targets.len() == 1 {
            merge.warn_restated(restated);
        }
    }
    merge.touched
}

struct Merge<'a> {
    trace: &'a mut Trace,
    sink: &'a mut Sink,
    touched: Vec<Pointer>,
    /// Where the action at hand repeats what the base says.
    restated: Vec<Pointer>,
}

/// The update that is being merged.
#[derive(Clone, Copy)]
struct Job<'a> {
    action: &'a Action,
    index: usize,
}

impl Merge<'_> {
    fn update(
        &mut self,
        root: &mut Value,
        targets: &[Pointer],
        update: Option<&Value>,
        job: Job<'_>,
    ) -> bool {
        let action = job.action;
        let written = action.pointer.join("update");
        let mut changed = false;
        let levels = update.map_or(0, height);
        for target in targets {
            // Many actions could nest what no file may.
            if target.depth() + levels > MAX_DEPTH {
                let message =
                    format!("with this, values are nested more than {MAX_DEPTH} levels deep");
                let hint = "a description never needs this; check where the overlay comes from";
                self.fail("too-deep", &written, message, hint);
                return true;
            }
            match (root.pointer_mut(target.as_str()), update) {
                (Some(Value::Object(object)), Some(Value::Object(update))) => {
                    changed |= self.merge(object, update, target, &written, job);
                }
                // The update of a list is appended to it as an entry.
                (Some(Value::Array(items)), Some(entry)) => {
                    changed = true;
                    let at = target.join(items.len());
                    self.trace.set(&at, SetBy { action: job.index, written: written.clone() });
                    self.touch(&at, entry);
                    items.push(entry.clone());
                }
                (Some(Value::Object(_)), Some(update)) => {
                    self.update_not_object(action, update);
                    return true;
                }
                (Some(other), _) => {
                    let message = format!(
                        "the target {} selects {target}, which holds {}: an update needs an object or a list",
                        quote(&action.target),
                        describe(other)
                    );
                    let at = action.pointer.join("target");
                    self.fail("target-not-object", &at, message, TARGET_THE_OBJECT);
                    return true;
                }
                (None, _) => {}
            }
        }
        changed
    }

    /// Merges `update` into `object`. Says whether anything changed.
    fn merge(
        &mut self,
        object: &mut Map<String, Value>,
        update: &Map<String, Value>,
        at: &Pointer,
        written: &Pointer,
        job: Job<'_>,
    ) -> bool {
        let dropped = self.drop_weak_type(object, update, at);
        let mut changed = dropped;
        for (key, new) in update {
            let (at_key, written) = (at.join(key), written.join(key));
            match (object.get_mut(key), new) {
                (Some(Value::Object(old)), Value::Object(new)) => {
                    changed |= self.merge(old, new, &at_key, &written, job);
                }
                (Some(old), new) if old == new => match self.trace.mark(&at_key) {
                    None => {
                        // An action that takes out what is inferred is needed, even where it repeats the base.
                        if !dropped {
                            self.restated.push(written.clone());
                        }
                        self.trace.set(&at_key, SetBy { action: job.index, written });
                    }
                    // It is known now, and no longer inferred.
                    Some((mark, _)) if self.trace.is_weak(mark) => {
                        changed = true;
                        self.trace.set(&at_key, SetBy { action: job.index, written });
                    }
                    Some(_) => {}
                },
                (Some(old), new) => {
                    changed = true;
                    if self.may_change(old, &at_key, &written, job) {
                        let mark = SetBy { action: job.index, written };
                        if old.is_object() || old.is_array() {
                            self.trace.replace(&at_key, mark);
                        } else {
                            self.trace.set(&at_key, mark);
                        }
                        *old = new.clone();
                        self.touch(&at_key, new);
                    }
                }
                (None, new) => {
                    changed = true;
                    if !self.may_add(object, key, at, &written, job) {
                        continue;
                    }
                    object.insert(key.clone(), new.clone());
                    if object.contains_key("$ref") {
                        self.touched.push(at.clone());
                    }
                    self.touch(&at_key, new);
                    self.trace.set(&at_key, SetBy { action: job.index, written });
                }
            }
        }
        changed
    }

    /// Takes out what is inferred of a type, where a person says something of it: the two together may make no
    /// sense. Says whether anything was inferred that the person does not say.
    fn drop_weak_type(
        &mut self,
        object: &mut Map<String, Value>,
        update: &Map<String, Value>,
        at: &Pointer,
    ) -> bool {
        if !TYPE_KEYS.iter().any(|key| update.contains_key(*key)) {
            return false;
        }
        let mut changed = false;
        for key in TYPE_KEYS {
            let at_key = at.join(key);
            let is_weak =
                self.trace.mark(&at_key).is_some_and(|(mark, _)| self.trace.is_weak(mark));
            if is_weak && object.get(key) != update.get(key) {
                changed |= object.shift_remove(key).is_some();
                self.trace.removed(&at_key);
            }
        }
        changed
    }

    fn remove(&mut self, root: &mut Value, targets: &[Pointer], job: Job<'_>) {
        let action = job.action;
        // From the back, so that the numbers of list items stay right.
        for target in targets.iter().rev() {
            let (Some(parent), Some(key)) = (target.parent(), target.last()) else {
                let message = "an action cannot remove the whole description".to_owned();
                let at = action.pointer.join("target");
                self.fail("overlay-structure", &at, message, "correct the target");
                return;
            };
            let written = action.pointer.join("remove");
            let Some(old) = root.pointer(target.as_str()) else { continue };
            if !self.may_change(old, target, &written, job) {
                continue;
            }
            match root.pointer_mut(parent.as_str()) {
                Some(Value::Object(map)) => {
                    map.shift_remove(&key);
                    self.trace.removed(target);
                }
                Some(Value::Array(items)) => {
                    if let Ok(item) = key.parse() {
                        items.remove(item);
                        self.trace.item_removed(&parent, item);
                    }
                }
                _ => {}
            }
        }
    }

    fn touch(&mut self, at: &Pointer, new: &Value) {
        if new.is_object() || new.is_array() {
            self.touched.push(at.clone());
        }
    }

    /// Returns whether the action may change a value: what another action set, only with `x-overrides`.
    fn may_change(&mut self, old: &Value, at: &Pointer, written: &Pointer, job: Job<'_>) -> bool {
        let (mark, set, below) = match self.trace.mark(at) {
            Some((mark, below)) => (mark, "which", below),
            None if !old.is_object() && !old.is_array() => return true,
            None => match self.trace.mark_below(at) {
                Some(mark) => (mark, "part of which", ""),
                None => return true,
            },
        };
        if job.action.overrides || mark.action == job.index || self.trace.is_weak(mark) {
            return true;
        }
        let before = self.trace.locate_mark(mark, below);
        let was = if old.is_object() { String::new() } else { format!(" to {}", describe(old)) };
        let message = format!(
            "this changes {at}, {set} the action at {}:{}:{} set{was}",
            before.source, before.line, before.column
        );
        let hint = "remove one of the two, or put `x-overrides: true` on this action";
        self.fail("conflicting-actions", written, message, hint);
        false
    }

    /// Returns whether the action may add a key. A new property, schema, path or operation is almost always
    /// a slip, so it needs `x-adds`.
    fn may_add(
        &mut self,
        object: &Map<String, Value>,
        key: &str,
        at: &Pointer,
        written: &Pointer,
        job: Job<'_>,
    ) -> bool {
        let what = match Slot::of(at) {
            Slot::Map("properties", _) => "property",
            Slot::Map("schemas", _) => "schema",
            Slot::Map("paths", _) => "path",
            Slot::Object(ObjectKind::PathItem) if METHODS.contains(&key) => "operation",
            Slot::Object(ObjectKind::Schema) if key == "properties" => "key",
            _ => return true,
        };
        if job.action.adds || self.trace.mark(at).is_some() {
            return true;
        }
        let message = format!("the description has no {what} {} at {at}", quote(key));
        let near = did_you_mean(key, object.keys().map(String::as_str));
        let hint = match near.filter(|_| what != "operation") {
            Some(near) => format!(
                "did you mean `{near}`? If it is to be added, put `x-adds: true` on the action"
            ),
            None => "if it is to be added, put `x-adds: true` on the action".to_owned(),
        };
        self.fail("unexpected-addition", written, message, hint);
        false
    }

    /// Checks that `expected` is part of what is there. `null` expects nothing.
    fn expect(
        &mut self,
        expected: &Value,
        found: Option<&Value>,
        target: &Pointer,
        written: &Pointer,
    ) {
        match (expected, found) {
            (Value::Null, None | Some(Value::Null)) => {}
            (Value::Object(expected), Some(Value::Object(found))) => {
                for (key, expected) in expected {
                    self.expect(expected, found.get(key), &target.join(key), &written.join(key));
                }
            }
            (expected, Some(found)) if expected == found => {}
            (expected, found) => {
                let found = found.map_or_else(|| "nothing".to_owned(), describe);
                let message = format!(
                    "the action expects {} at {target}, but the base has {found}",
                    describe(expected)
                );
                let hint = "the base has changed: see whether the action is still right, then correct `x-expect`";
                self.fail("stale-expectation", written, message, hint);
            }
        }
    }

    fn warn_no_effect(&mut self, action: &Action) {
        let message = format!(
            "the action on {} changes nothing: all of it is there already",
            quote(&action.target)
        );
        let finding = Diagnostic::warning("no-effect", message);
        self.push(finding.hint("remove the action"), &action.pointer.join("target"));
    }

    fn update_not_object(&mut self, action: &Action, update: &Value) {
        let message = format!("`update` must be a mapping, found {}", describe(update));
        let at = action.pointer.join("update");
        self.fail("update-not-object", &at, message, TARGET_THE_OBJECT);
    }

    fn warn_restated(&mut self, written: Vec<Pointer>) {
        for written in written {
            let key = quote(&written.last().unwrap_or_default());
            let message = format!("the base has come to say the same of {key}");
            let finding = Diagnostic::warning("already-in-base", message);
            self.push(finding.hint("remove it from the action"), &written);
        }
    }

    fn fail(
        &mut self,
        code: &'static str,
        written: &Pointer,
        message: String,
        hint: impl Into<String>,
    ) {
        self.push(Diagnostic::error(code, message).hint(hint), written);
    }

    fn push(&mut self, finding: Diagnostic, written: &Pointer) {
        self.sink.push(finding.at(self.trace.locate_written(written)).pointer(written));
    }
}
