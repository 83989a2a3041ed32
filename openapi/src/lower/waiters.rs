//! What can be waited for: read from an operation, and checked when all types are known.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::{annotations::Extensions, context::Lowering};
use crate::{
    diag::{Diagnostic, Sink, did_you_mean_or, quote},
    ir::{
        Api, Condition, Field, Operation, Safety, Status, Ty, TypeId, Waiter, WaiterFailure,
        WaiterMessage,
    },
    overlay::Document,
    pointer::Pointer,
};

const STATUS: &str = "x-alipay-status";
const WAITERS: &str = "x-alipay-waiters";

impl Lowering<'_> {
    /// Where the status stands in the response.
    pub(super) fn status(&self, extensions: &Extensions, at: &Pointer) -> Option<Status> {
        let origin = at.join(STATUS);
        let at = strings(extensions.get(STATUS))?;
        Some(Status { at, confidence: self.confidence(&origin), origin })
    }

    /// What can be waited for. The audit has checked the keys and their types.
    pub(super) fn waiters(&self, extensions: &Extensions, at: &Pointer) -> Vec<Waiter> {
        let all = extensions.get(WAITERS).and_then(Value::as_object);
        let of_list = |list: Option<&Value>| list.and_then(Value::as_array).cloned();
        let waiter = |(name, said): (&String, &Value)| {
            let origin = at.join(WAITERS).join(name);
            let said = said.as_object()?;
            let success = of_list(said.get("success")).unwrap_or_default();
            let failures = of_list(said.get("failure")).unwrap_or_default().into_iter().enumerate();
            Some(Waiter {
                name: name.clone(),
                success: success
                    .iter()
                    .filter_map(|said| Some(condition(said.as_object()?)))
                    .collect(),
                failures: failures
                    .filter_map(|(number, said)| {
                        let said = said.as_object()?;
                        let origin = origin.join("failure").join(number);
                        Some(WaiterFailure {
                            name: text(said, "as")?,
                            condition: condition(said),
                            reason: text(said, "reason"),
                            docs: self.docs(None, text(said, "description").as_deref(), &origin),
                            origin,
                        })
                    })
                    .collect(),
                message: text(said, "message")
                    .map(|name| WaiterMessage { name, about: text(said, "about") }),
                docs: self.docs(None, text(said, "description").as_deref(), &origin),
                confidence: self.confidence(&origin.join("success")),
                origin,
            })
        };
        all.into_iter().flatten().filter_map(waiter).collect()
    }
}

fn condition(said: &Map<String, Value>) -> Condition {
    Condition {
        at: strings(said.get("at")).unwrap_or_default(),
        is: strings(said.get("is")).unwrap_or_default(),
    }
}

fn text(said: &Map<String, Value>, key: &str) -> Option<String> {
    said.get(key)?.as_str().map(str::to_owned)
}

fn strings(value: Option<&Value>) -> Option<Vec<String>> {
    let items = value?.as_array()?.iter();
    Some(items.filter_map(Value::as_str).map(str::to_owned).collect())
}

/// Checks that what is waited for can be found.
pub(super) fn check(api: &Api, document: &Document, sink: &mut Sink) {
    let mut check = Check { api, document, sink, found: 0, is_status_sound: true };
    for operation in api.groups.iter().flat_map(|group| &group.operations) {
        let before = check.found;
        check.status(operation);
        check.is_status_sound = check.found == before;
        for waiter in &operation.waiters {
            check.waiter(operation, waiter);
        }
    }
}

struct Check<'a> {
    api: &'a Api,
    document: &'a Document,
    sink: &'a mut Sink,
    /// How many errors there are.
    found: usize,
    /// Whether the status of the operation at hand is one. Otherwise what is said of it is not checked.
    is_status_sound: bool,
}

impl<'a> Check<'a> {
    fn error(&mut self, code: &'static str, at: &Pointer, message: String, hint: &str) {
        self.found += 1;
        let finding = Diagnostic::error(code, message).hint(hint);
        self.sink.push(finding.at(self.document.locate(at)).pointer(at));
    }

    fn malformed(&mut self, at: &Pointer, message: &str, hint: &str) {
        self.error("malformed-extension", at, message.to_owned(), hint);
    }

    fn status(&mut self, operation: &Operation) {
        let Some(status) = &operation.status else { return };
        if status.at.is_empty() {
            let hint = "name the field of the response, for example `[info.status]`";
            self.malformed(&status.origin, "`x-alipay-status` names no field", hint);
        }
        let mut first: Option<(&str, &Ty)> = None;
        for (number, path) in status.at.iter().enumerate() {
            let at = status.origin.join(number);
            let Some(field) = self.of_response(operation, path, &at) else { continue };
            if !matches!(field.ty, Ty::Text | Ty::Enum(_)) {
                let message = format!("the status `{path}` is not a string");
                self.malformed(&at, &message, "name a field that is a string");
            }
            match first {
                Some((known, ty)) if *ty != field.ty => {
                    let message = format!("`{path}` has another type than `{known}`");
                    let hint = "give both the same values, or one pinned name (`x-rust-name`): the method `status` has one type";
                    self.malformed(&at, &message, hint);
                }
                Some(_) => {}
                None => first = Some((path, &field.ty)),
            }
        }
    }

    fn waiter(&mut self, operation: &Operation, waiter: &Waiter) {
        let at = &waiter.origin;
        if !matches!(operation.safety, Safety::ReadOnly(_)) || operation.completed_by.is_some() {
            let message =
                format!("`{}` is asked again and again, and may act each time", operation.id);
            let hint = "move the waiter to an operation that reads, or say `x-alipay-safety: read-only` if this one does";
            self.malformed(at, &message, hint);
        }
        let Some(status) = &operation.status else {
            let hint = "say on the operation where the status stands: `x-alipay-status: [path.of.the.field]`";
            self.malformed(at, "a waiter needs `x-alipay-status` beside it", hint);
            return;
        };
        if waiter.success.is_empty() {
            let hint = "say which values of the status are success: `[{is: [DONE]}]`";
            self.malformed(&at.join("success"), "`success` has no condition", hint);
        }
        let good = waiter.success.iter().enumerate();
        let good = good.map(|(number, condition)| (condition, at.join("success").join(number)));
        let bad = waiter.failures.iter();
        let bad = bad.map(|failure| (&failure.condition, failure.origin.clone()));
        let mut tried = BTreeSet::new();
        for (condition, at) in good.chain(bad) {
            self.condition(operation, status, condition, &at);
            let fields = if condition.at.is_empty() { &status.at } else { &condition.at };
            for (number, value) in condition.is.iter().enumerate() {
                if !tried.insert((fields, value)) {
                    let message = format!("the waiter says twice what {} is", quote(value));
                    let hint = "a value is success or one of the failures: name it once";
                    self.error("duplicate-value", &at.join("is").join(number), message, hint);
                }
            }
        }
        for failure in &waiter.failures {
            let Some(reason) = &failure.reason else { continue };
            let at = failure.origin.join("reason");
            if let Some(field) = self.of_response(operation, reason, &at)
                && field.ty != Ty::Text
            {
                let message = format!("the reason `{reason}` is not a string");
                self.malformed(&at, &message, "name a field that is a string");
            }
        }
        self.message(operation, waiter);
    }

    fn condition(
        &mut self,
        operation: &Operation,
        status: &Status,
        condition: &Condition,
        at: &Pointer,
    ) {
        if condition.is.is_empty() {
            let hint = "name the values, for example `is: [DONE]`";
            self.malformed(&at.join("is"), "`is` has no value", hint);
        }
        if condition.at.is_empty() && !self.is_status_sound {
            return;
        }
        let fields = if condition.at.is_empty() { &status.at } else { &condition.at };
        for (number, path) in fields.iter().enumerate() {
            let place = at.join("at").join(number);
            let found = self.of_response(operation, path, &place);
            let Some(field) = found else { continue };
            let known: Vec<&str> = match &field.ty {
                Ty::Enum(id) => {
                    let found = self.api.enums.iter().find(|item| item.id == *id);
                    let values = found.into_iter().flat_map(|item| &item.values);
                    values.map(|value| value.wire.as_str()).collect()
                }
                Ty::Boolean => vec!["true", "false"],
                Ty::Text | Ty::Integer => continue,
                _ => {
                    let message = format!(
                        "`{path}` is no string, boolean or integer, and cannot be compared"
                    );
                    let hint = "name a field that is one of them";
                    self.malformed(&place, &message, hint);
                    continue;
                }
            };
            for (number, value) in condition.is.iter().enumerate() {
                if !known.contains(&value.as_str()) {
                    let message = format!("{} is no known value of `{path}`", quote(value));
                    let hint = did_you_mean_or(value, known.iter().copied(), || {
                        format!(
                            "use one of `{}`, or add it to the known values",
                            known.join("`, `")
                        )
                    });
                    self.error("unknown-enum-value", &at.join("is").join(number), message, &hint);
                }
            }
        }
    }

    /// The message that says the same, and what both have to be about.
    fn message(&mut self, operation: &Operation, waiter: &Waiter) {
        const ABOUT: &str = "name the field, of the request and of the message, that says what both are about, for example `about: order_id`";
        let Some(WaiterMessage { name, about }) = &waiter.message else {
            let at = waiter.origin.join("about");
            if self.document.value.pointer(at.as_str()).is_some() {
                let hint = "name the message, or remove `about`";
                self.malformed(&at, "`about` says nothing without `message`", hint);
            }
            return;
        };
        let Some(message) = self.api.messages.iter().find(|message| message.name == *name) else {
            let names = self.api.messages.iter().map(|message| message.name.as_str());
            let hint = did_you_mean_or(name, names, || {
                "describe it in `x-webhooks`, or correct the name".to_owned()
            });
            let text = format!("there is no message {}", quote(name));
            self.error("unknown-message", &waiter.origin.join("message"), text, &hint);
            return;
        };
        let Some(about) = about else {
            self.malformed(&waiter.origin, "a waiter with a `message` needs `about`", ABOUT);
            return;
        };
        let at = waiter.origin.join("about");
        let whole = |id: &TypeId| self.api.structs.iter().find(|item| item.id == *id);
        let places = [(whole(&operation.request), "request"), (whole(&message.content), "message")];
        for (item, place) in places {
            let mut fields = item.into_iter().flat_map(|item| &item.fields);
            if !fields.any(|field| field.wire == *about && field.ty == Ty::Text) {
                let text = format!("the {place} has no field {} that is a string", quote(about));
                self.error("unknown-field", &at, text, ABOUT);
            }
        }
    }

    /// A field of the response.
    fn of_response(
        &mut self,
        operation: &Operation,
        path: &str,
        at: &Pointer,
    ) -> Option<&'a Field> {
        let way = match self.api.follow(&operation.response, path) {
            Ok(way) => return way.last().map(|(_, field)| *field),
            Err(way) => way,
        };
        let name = path.split('.').nth(way.len()).unwrap_or_default();
        let before = way.last().map(|(_, field)| *field);
        let id = match before.map(|field| &field.ty) {
            None => Some(&operation.response),
            Some(Ty::Struct { id, .. }) => Some(id),
            Some(_) => None,
        };
        let item = self.api.structs.iter().find(|item| Some(&item.id) == id);
        let (message, hint) = match (item, before) {
            (None, before) => {
                let through = before.map_or("", |field| field.wire.as_str());
                let message =
                    format!("{} leads through `{through}`, which is no object", quote(path));
                (
                    message,
                    "name fields of objects within objects; lists cannot be looked into".to_owned(),
                )
            }
            (Some(item), before) => {
                let whole = match before {
                    Some(field) => format!("`{}`", field.wire),
                    None => "the response".to_owned(),
                };
                let known = item.fields.iter().map(|field| field.wire.as_str());
                let hint = did_you_mean_or(name, known, || {
                    "write the names on the wire, from the outermost, with dots between".to_owned()
                });
                (
                    format!("{} leads nowhere: {whole} has no field {}", quote(path), quote(name)),
                    hint,
                )
            }
        };
        self.error("unknown-field", at, message, &hint);
        None
    }
}
