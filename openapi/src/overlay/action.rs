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
pub(crate) struct Action {
    /// Where it stands in the overlay.
    pub(super) pointer: Pointer,
    /// The target as written.
    pub(crate) target: String,
    pub(super) path: JsonPath,
    /// Whether it removes what the target selects; else it merges its `update`.
    pub(super) remove: bool,
    /// Whether it may add schemas, properties, paths and operations.
    pub(super) adds: bool,
    /// Whether it may change what an earlier action set.
    pub(super) overrides: bool,
    pub(crate) evidence: Evidence,
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
    "x-obliges",
    "x-rule",
];

/// The longest target, and the deepest one. People's are far below both.
const LONGEST_TARGET: usize = 4_096;
const DEEPEST_TARGET: usize = 32;

/// Reads the actions that are well-formed; `None` means the document is not an overlay that is understood.
pub(crate) fn read(overlay: &Raw, sink: &mut Sink) -> Option<Vec<Action>> {
    let mut reader = ActionReader { overlay, sink, is_understood: true };
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
    // What follows from an action that is missing would only be reported as well.
    reader.is_understood.then_some(actions)
}

struct ActionReader<'a> {
    overlay: &'a Raw,
    sink: &'a mut Sink,
    /// Whether no action asks for what is not supported.
    is_understood: bool,
}

impl ActionReader<'_> {
    /// Says whether it is an overlay of a version that is read.
    fn check_document(&mut self) -> bool {
        let root = Pointer::root();
        let Some(given) = self.overlay.value.get("overlay") else {
            let (message, hint) = if self.overlay.value.get("openapi").is_some() {
                (
                    "this is an OpenAPI description, and no overlay",
                    "give the description as FILE and its overlay here",
                )
            } else {
                (
                    "not an overlay: there is no `overlay` key",
                    "an OpenAPI Overlay starts with `overlay: 1.0.0`",
                )
            };
            self.fail("not-an-overlay", &root, message.to_owned(), hint);
            return false;
        };
        if !given.as_str().is_some_and(is_read) {
            let (message, hint) = match given.as_str() {
                Some(version) => (
                    format!("this is Overlay {}; only 1.0 and 1.1 are read", quote(version)),
                    "write it as `overlay: 1.0.0`, as spec/README.md says",
                ),
                None => (
                    format!(
                        "`overlay` must be a string such as \"1.0.0\", found {}",
                        describe(given)
                    ),
                    "write `overlay: 1.0.0`",
                ),
            };
            self.fail("overlay-version", &root.join("overlay"), message, hint);
            return false;
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
        if map.contains_key("copy") {
            let message = "`copy`, of Overlay 1.1, is not supported".to_owned();
            let hint = "write what it copies as `update`";
            self.fail("unknown-action-key", &at.join("copy"), message, hint);
            self.is_understood = false;
            return None;
        }
        for key in map.keys().filter(|key| !ACTION_KEYS.contains(&key.as_str())) {
            let hint = did_you_mean_or(key, ACTION_KEYS.iter().copied(), || {
                format!("an action may have `{}`", ACTION_KEYS.join("`, `"))
            });
            let message = format!("{} is not a key of an action", quote(key));
            self.fail("unknown-action-key", &at.join(key), message, &hint);
        }
        let remove = self.flag(map, at, "remove");
        let evidence = self.evidence(map, at, remove == Some(true));
        // What is not said well is taken as said: else more would be found wrong with the action.
        let adds = self.flag(map, at, "x-adds").unwrap_or(true);
        let overrides = self.flag(map, at, "x-overrides").unwrap_or(true);
        let does = match (map.get("update"), remove) {
            (Some(_), Some(true)) => {
                self.structure(at, "an action has either `update` or `remove: true`, not both");
                None
            }
            (None, Some(false)) => {
                self.structure(at, "an action needs `update` or `remove: true`");
                None
            }
            (None, None) => None,
            (_, remove) => Some(remove.unwrap_or_default()),
        };
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
        if target.len() > LONGEST_TARGET || nesting(target) > DEEPEST_TARGET {
            let message = format!(
                "the target {} is longer than {LONGEST_TARGET} bytes, or nested more than \
                 {DEEPEST_TARGET} levels deep",
                quote(target)
            );
            let hint = "a target never needs this; check where the overlay comes from";
            self.fail("invalid-target", &at.join("target"), message, hint);
            return None;
        }
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
        let (pointer, target, remove) = (at.clone(), target.clone(), does?);
        Some(Action { pointer, target, path, remove, adds, overrides, evidence })
    }

    /// The evidence. Without it the action still applies, so that nothing else is found wrong for its
    /// sake; the error is noted.
    fn evidence(&mut self, map: &Map<String, Value>, at: &Pointer, removes: bool) -> Evidence {
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
        if let Some(rule) = map.get("x-rule").filter(|rule| !rule.is_string()) {
            let message = format!("`x-rule` must be the name of a rule, found {}", describe(rule));
            self.structure(&at.join("x-rule"), &message);
        }
        let obliges = self.flag(map, at, "x-obliges").unwrap_or(true);
        let reason = match confidence {
            _ if removes => Some("it only removes"),
            Some(Confidence::Inferred) | None => None,
            Some(_) => Some("only what is inferred needs to say so"),
        };
        if let (true, Some(reason)) = (obliges && map.contains_key("x-obliges"), reason) {
            let message = format!("`x-obliges` of the action obliges nobody: {reason}");
            self.fail("obliges-nobody", &at.join("x-obliges"), message, "remove `x-obliges`");
        }
        Evidence {
            confidence: confidence.unwrap_or(Confidence::Inferred),
            source: source.unwrap_or_default(),
            rule: map.get("x-rule").and_then(Value::as_str).map(str::to_owned),
            obliges,
        }
    }

    /// Whether an action says so; `None` when that is not clear.
    fn flag(&mut self, map: &Map<String, Value>, at: &Pointer, key: &str) -> Option<bool> {
        match map.get(key) {
            None => Some(false),
            Some(Value::Bool(flag)) => Some(*flag),
            Some(other) => {
                let message =
                    format!("`{key}` must be `true` or `false`, found {}", describe(other));
                self.structure(&at.join(key), &message);
                None
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

/// Whether overlays of this version are read. 1.1 only adds to 1.0.
fn is_read(version: &str) -> bool {
    let mut parts = version.splitn(3, '.');
    let known = parts.next() == Some("1") && matches!(parts.next(), Some("0" | "1"));
    known && parts.next().is_none_or(|patch| !patch.is_empty())
}

/// How deep brackets and parentheses stand in one another.
fn nesting(target: &str) -> usize {
    let (mut open, mut most) = (0_usize, 0);
    let mut quoted = None;
    let mut chars = target.chars();
    while let Some(c) = chars.next() {
        match (quoted, c) {
            (Some(_), '\\') => _ = chars.next(),
            (Some(mark), _) if c == mark => quoted = None,
            (None, '\'' | '"') => quoted = Some(c),
            (None, '[' | '(') => {
                open += 1;
                most = most.max(open);
            }
            (None, ']' | ')') => open = open.saturating_sub(1),
            _ => {}
        }
    }
    most
}
