//! Reads an overlay document into actions.

use serde_json::{Map, Value};
use serde_json_path::JsonPath;

use super::trace::Evidence;
use crate::{
    diag::{Diagnostic, Sink, describe, did_you_mean_or, quote},
    ir::Confidence,
    load::Raw,
    pointer::Pointer,
};

/// One action of an overlay.
pub(super) struct Action {
    /// Where it stands in the overlay.
    pub(super) pointer: Pointer,
    /// The target as written.
    pub(super) target: String,
    pub(super) path: JsonPath,
    /// Whether it removes what the target selects; else it merges its `update`.
    pub(super) remove: bool,
    /// Whether it may add schemas, properties, paths and operations.
    pub(super) adds: bool,
    /// Whether it may change what an earlier action set.
    pub(super) overrides: bool,
    pub(super) evidence: Evidence,
}

const ACTION_KEYS: &[&str] = &[
    "target",
    "description",
    "update",
    "remove",
    "x-confidence",
    "x-source",
    "x-expect",
    "x-adds",
    "x-overrides",
];

/// Reads the actions that are well-formed; `None` means the document is not an overlay.
pub(super) fn read(overlay: &Raw, sink: &mut Sink) -> Option<Vec<Action>> {
    let mut reader = ActionReader { overlay, sink };
    if !reader.check_document() {
        return None;
    }
    let list = Pointer::root().join("actions");
    let mut actions = Vec::new();
    match overlay.value.get("actions") {
        Some(Value::Array(items)) => {
            for (index, item) in items.iter().enumerate() {
                actions.extend(reader.action(item, &list.join(index)));
            }
        }
        Some(other) => {
            let message = format!("`actions` must be a list, found {}", describe(other));
            reader.structure(&list, &message);
        }
        None => reader.structure(&Pointer::root(), "an overlay needs the key `actions`"),
    }
    Some(actions)
}

struct ActionReader<'a> {
    overlay: &'a Raw,
    sink: &'a mut Sink,
}

impl ActionReader<'_> {
    /// Says whether it is an overlay at all.
    fn check_document(&mut self) -> bool {
        let root = Pointer::root();
        let version = root.join("overlay");
        match self.overlay.value.get("overlay") {
            Some(Value::String(text)) if text == "1.0" || text.starts_with("1.0.") => {}
            Some(other) => {
                let found = describe(other);
                let message =
                    format!("`overlay` must be a string such as \"1.0.0\", found {found}");
                self.fail("overlay-version", &version, message, "write `overlay: 1.0.0`");
            }
            None => {
                let message = "not an overlay: there is no `overlay` key".to_owned();
                let hint = "an OpenAPI Overlay starts with `overlay: 1.0.0`";
                self.fail("not-an-overlay", &root, message, hint);
                return false;
            }
        }
        for key in self.overlay.value.as_object().into_iter().flat_map(Map::keys) {
            if !matches!(key.as_str(), "overlay" | "info" | "extends" | "actions")
                && !key.starts_with("x-")
            {
                let message = format!("{} is not a key of an overlay", quote(key));
                self.structure(&root.join(key), &message);
            }
        }
        let info = self.overlay.value.get("info");
        for key in ["title", "version"] {
            if info.and_then(|info| info.get(key)).and_then(Value::as_str).is_none() {
                let message = format!("an overlay needs the string `info.{key}`");
                self.structure(&root.join("info"), &message);
            }
        }
        true
    }

    fn action(&mut self, item: &Value, at: &Pointer) -> Option<Action> {
        let Value::Object(map) = item else {
            self.structure(at, &format!("an action must be a mapping, found {}", describe(item)));
            return None;
        };
        for key in map.keys().filter(|key| !ACTION_KEYS.contains(&key.as_str())) {
            let hint = did_you_mean_or(key, ACTION_KEYS.iter().copied(), || {
                format!("an action may have `{}`", ACTION_KEYS.join("`, `"))
            });
            let message = format!("{} is not a key of an action", quote(key));
            self.fail("unknown-action-key", &at.join(key), message, &hint);
        }
        let evidence = self.evidence(map, at);
        let remove = self.flag(map, at, "remove");
        let adds = self.flag(map, at, "x-adds");
        let overrides = self.flag(map, at, "x-overrides");
        match (map.get("update"), remove) {
            (Some(_), true) => {
                self.structure(at, "an action has either `update` or `remove: true`, not both");
            }
            (None, false) => self.structure(at, "an action needs `update` or `remove: true`"),
            _ => {}
        }
        let target = match map.get("target") {
            Some(Value::String(target)) => target,
            Some(other) => {
                let message = format!("`target` must be a string, found {}", describe(other));
                self.structure(&at.join("target"), &message);
                return None;
            }
            None => {
                self.structure(at, "an action needs the key `target`");
                return None;
            }
        };
        let path = match JsonPath::parse(target) {
            Ok(path) => path,
            Err(error) => {
                let message = format!(
                    "the target {} is not a JSONPath: {} (character {})",
                    quote(target),
                    error.message().lines().next().unwrap_or_default(),
                    error.position(),
                );
                let hint =
                    "names with other characters than letters, digits and `_` go into `['…']`";
                self.fail("invalid-target", &at.join("target"), message, hint);
                return None;
            }
        };
        let (pointer, target, evidence) = (at.clone(), target.clone(), evidence?);
        Some(Action { pointer, target, path, remove, adds, overrides, evidence })
    }

    fn evidence(&mut self, map: &Map<String, Value>, at: &Pointer) -> Option<Evidence> {
        let words = Confidence::ALL.map(Confidence::as_str);
        let any = format!("one of `{}`", words.join("`, `"));
        let confidence = match map.get("x-confidence") {
            Some(value) => {
                let known = value.as_str().and_then(Confidence::parse);
                if known.is_none() {
                    let message = format!("`x-confidence` cannot be {}", describe(value));
                    let word = value.as_str().unwrap_or_default();
                    let hint = did_you_mean_or(word, words, || format!("use {any}"));
                    self.fail("unknown-confidence", &at.join("x-confidence"), message, &hint);
                }
                known
            }
            None => {
                let message = "the action does not say how sure it is".to_owned();
                self.fail(
                    "missing-evidence",
                    at,
                    message,
                    &format!("add `x-confidence` with {any}"),
                );
                None
            }
        };
        let source = match map.get("x-source") {
            Some(Value::String(source)) if !source.trim().is_empty() => Some(source.clone()),
            Some(other) => {
                let message = format!("`x-source` must name a source, found {}", describe(other));
                self.structure(&at.join("x-source"), &message);
                None
            }
            None => {
                let message = "the action does not say where this is known from".to_owned();
                let hint = "add `x-source` with the name of the source";
                self.fail("missing-evidence", at, message, hint);
                None
            }
        };
        Some(Evidence { confidence: confidence?, source: source? })
    }

    fn flag(&mut self, map: &Map<String, Value>, at: &Pointer, key: &str) -> bool {
        match map.get(key) {
            None => false,
            Some(Value::Bool(flag)) => *flag,
            Some(other) => {
                let message =
                    format!("`{key}` must be `true` or `false`, found {}", describe(other));
                self.structure(&at.join(key), &message);
                false
            }
        }
    }

    fn structure(&mut self, at: &Pointer, message: &str) {
        let hint = "spec/README.md says how overlays are written";
        self.fail("overlay-structure", at, message.to_owned(), hint);
    }

    fn fail(&mut self, code: &'static str, at: &Pointer, message: String, hint: &str) {
        let location = self.overlay.locate(at);
        self.sink.push(Diagnostic::error(code, message).at(location).pointer(at).hint(hint));
    }
}
