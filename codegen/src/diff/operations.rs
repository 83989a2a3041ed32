//! Groups, operations and messages.

use alipay_openapi::{
    ir::{
        Condition, Confidence, Group, Message, Operation, Place, Safety, Status, Struct, Waiter,
        WaiterFailure,
    },
    pointer::Pointer,
};

use super::{
    change::{Scope, Sides},
    compare::{Comparison, Item},
    documentation, kinds,
    limits::{self, Moved},
    texts::{Of, Reworded},
};
use crate::named::{NamedApi, NamedOperation, NamedWaiter, http_line};

impl Comparison<'_> {
    /// The title, which the documentation of the crate shows.
    pub(super) fn title(&mut self) {
        if self.old.api.api.title != self.new.api.api.title {
            let at = Pointer::root().join("info").join("title");
            let (scope, rust) = (Scope::gateway(), String::new());
            let item = Item::new(&scope, "the description", rust, Sides::BOTH, &at, &at);
            self.described(&item, vec!["title changed".to_owned()], Reworded::default());
        }
    }

    pub(super) fn operations(&mut self) {
        self.groups();
        let old: Vec<_> = scoped(&self.old.api);
        let mut new: Vec<_> = scoped(&self.new.api);
        for (scope, a) in old {
            let id = self.pairs.operations.get(&a.item.id).unwrap_or(&a.item.id);
            match new.iter().position(|(_, b)| b.item.id == *id) {
                Some(at) => {
                    let (scope, b) = new.remove(at);
                    self.operation(&scope, a, b);
                }
                None => {
                    let (id, rust) = (&a.item.id, a.method_path());
                    let item = Item::new(&scope, id, rust, Sides::BOTH, &a.item.origin, None);
                    let message = format!("operation removed ({})", http_line(a.item));
                    self.note(kinds::OPERATION_REMOVED, &item, message, "");
                }
            }
        }
        for (scope, b) in new {
            let (id, rust) = (&b.item.id, b.method_path());
            let item = Item::new(&scope, id, rust, Sides::BOTH, None, &b.item.origin);
            let message = format!("new operation ({})", http_line(b.item));
            self.note(kinds::OPERATION_ADDED, &item, message, "");
        }
    }

    /// The struct with a group's calls.
    fn groups(&mut self) {
        let (old, new) = (self.old.api, self.new.api);
        let paths = Pointer::root().join("paths");
        for (number, group) in old.api.groups.iter().enumerate() {
            // Operations are compared one by one.
            let Group { tag, operations: _ } = group;
            let (scope, before) = (Scope::group(tag), old.api_path(number));
            match new.api.groups.iter().position(|other| other.tag == *tag) {
                Some(after) => {
                    let rust = new.api_path(after);
                    let item = Item::new(&scope, tag, rust, Sides::BOTH, &paths, &paths);
                    self.rust_name(&item, &before);
                }
                None => {
                    let item = Item::new(&scope, tag, before, Sides::BOTH, &paths, None);
                    let message = "group removed, with all its operations";
                    self.note(kinds::GROUP_REMOVED, &item, message, "");
                }
            }
        }
        for (number, Group { tag, .. }) in new.api.groups.iter().enumerate() {
            if old.api.groups.iter().all(|other| other.tag != *tag) {
                let (scope, rust) = (Scope::group(tag), new.api_path(number));
                let item = Item::new(&scope, tag, rust, Sides::BOTH, None, &paths);
                self.note(kinds::GROUP_ADDED, &item, "new group", "");
            }
        }
    }

    fn operation(&mut self, scope: &Scope, before: NamedOperation<'_>, after: NamedOperation<'_>) {
        let (a, b) = (before.item, after.item);
        // Each has a rating below, or a reason for having none.
        let Operation {
            id,
            method: _,
            path: _,
            // The types are compared one by one, as the request and the response of this operation.
            request,
            response: _,
            no_content,
            codes: _,
            safety: _,
            completed_by: _,
            status: _,
            waiters: _,
            limits,
            deprecated,
            removed_in,
            docs,
            origin,
        } = b;
        let item = Item::new(scope, id, after.method_path(), Sides::BOTH, &a.origin, origin);
        if a.id == *id {
            self.rust_name(&item, &before.method_path());
        } else {
            let message = format!("renamed: was `{}`", a.id);
            self.note(kinds::OPERATION_RENAMED, &item, message, &a.id);
        }
        let (was, is) = (http_line(a), http_line(b));
        if was != is {
            let message = format!("moved from `{was}` to `{is}`");
            self.note(kinds::OPERATION_MOVED, &item, message, &is);
        }
        let bodies = [(self.old.api, &a.request), (self.new.api, request)];
        let [was, is] = bodies.map(|(api, id)| api.structure(id).map(|named| body(named.item)));
        if let (Some(was), Some(is)) = (was, is)
            && was != is
        {
            let kind = match (was, is) {
                (Body::Nothing, Body::Json) => kinds::BODY_ADDED,
                _ => kinds::BODY_CHANGED,
            };
            let message = format!("the request had {}, and now has {}", was.words(), is.words());
            let (rust, origin) = (after.method_path(), (&a.origin, origin));
            let item = Item::new(scope, id, rust, Sides::REQUEST, origin.0, origin.1);
            self.note(kind, &item, message, is.words());
        }
        self.safety(&item, a, b);
        if a.no_content != *no_content {
            let (kind, message) = if *no_content {
                let message = "an unsigned response of status 204 is now a success";
                (kinds::NO_CONTENT_GAINED, message)
            } else {
                let message = "an unsigned response of status 204 is no longer a success";
                (kinds::NO_CONTENT_LOST, message)
            };
            self.note(kind, &item, message, "");
        }
        self.completion(&item, a, b);
        self.status(&item, before, after);
        self.waiters(scope, before, after);
        // The rules of an operation bind whoever calls it.
        let sent = Item::new(scope, id, after.method_path(), Sides::REQUEST, &a.origin, origin);
        self.moved(&sent, Moved::between(limits::values(&a.limits), limits::values(limits)));
        let versions = [&a.removed_in, removed_in];
        self.retained(kinds::OPERATION_DEPRECATED, &item, versions, None);
        let mut aspects = documentation::docs(&a.docs, docs, self.names(&a.origin, origin));
        if evidence_differs(a, b) || documentation::resourced(&a.limits, limits) {
            aspects.push("evidence changed".to_owned());
        }
        aspects.extend(documentation::deprecated(a.deprecated, *deprecated));
        let reworded = self.reworded(Of::Operation, &a.origin, origin);
        self.described(&item, aspects, reworded);
        self.codes(scope, before, after);
    }

    /// What a repeat does.
    fn safety(&mut self, item: &Item<'_>, a: &Operation, b: &Operation) {
        let is_read = |safety: &Safety| matches!(safety, Safety::ReadOnly(_));
        let (was, is) = (repeated(&a.safety), repeated(&b.safety));
        let (kind, message, key) = match (&a.safety, &b.safety) {
            (Safety::IdempotentBy(old), Safety::IdempotentBy(new)) if old.value == new.value => {
                return;
            }
            (Safety::IdempotentBy(old), _) => {
                let message = format!("{is}; no longer idempotent by `{}`", old.value);
                (kinds::IDEMPOTENCY_LOST, message, old.value.as_str())
            }
            (old, Safety::IdempotentBy(new)) if is_read(old) => {
                (kinds::READ_ONLY_LOST, format!("{is}; until now {was}"), new.value.as_str())
            }
            (_, Safety::IdempotentBy(new)) => {
                let message = format!("may now be repeated with the same `{}`", new.value);
                (kinds::IDEMPOTENCY_GAINED, message, new.value.as_str())
            }
            (old, new) => {
                let kind = match (is_read(old), is_read(new)) {
                    (false, true) => kinds::READ_ONLY_GAINED,
                    (true, false) => kinds::READ_ONLY_LOST,
                    _ if was == is => return,
                    _ => kinds::SAFETY_STATED,
                };
                (kind, format!("{is}; until now {was}"), "")
            }
        };
        self.note(kind, item, message, key);
    }

    /// What completes the operation.
    fn completion(&mut self, item: &Item<'_>, a: &Operation, b: &Operation) {
        let message = |operation: &Operation| {
            operation.completed_by.as_ref().map(|message| message.value.clone())
        };
        let (before, after) = (message(a), message(b));
        let words = match (&before, &after) {
            (before, after) if before == after => return,
            (Some(before), Some(after)) => {
                format!("completed by the message `{after}`, no longer by `{before}`")
            }
            (None, _) => {
                "the response is now `Accepted`: a message says when the operation is done"
                    .to_owned()
            }
            (_, None) => "the response is now the result itself, no longer `Accepted`".to_owned(),
        };
        // Both messages stand in the fingerprint: another one is another change.
        let detail = [before, after].map(Option::unwrap_or_default).join(" ");
        self.note(kinds::COMPLETION_CHANGED, item, words, detail.trim_end());
    }

    /// The method `status` of the response.
    fn status(&mut self, item: &Item<'_>, before: NamedOperation<'_>, after: NamedOperation<'_>) {
        let (was, is) = (before.item.status.as_ref(), after.item.status.as_ref());
        let paths = |status: Option<&Status>| status.map(|status| status.at.join(", "));
        let (kind, message) = match (paths(was), paths(is)) {
            (was, is) if was == is => return,
            (None, Some(is)) => {
                (kinds::STATUS_ADDED, format!("its response has a status, from `{is}`"))
            }
            (Some(_), None) => {
                (kinds::STATUS_REMOVED, "its response has no status any more".to_owned())
            }
            (was, is) => {
                let [was, is] = [was, is].map(Option::unwrap_or_default);
                (
                    kinds::STATUS_CHANGED,
                    format!("the status is read from `{is}`, no longer from `{was}`"),
                )
            }
        };
        self.note(kind, item, message, &paths(is).unwrap_or_default());
    }

    /// What can be waited for by asking it.
    fn waiters(&mut self, scope: &Scope, before: NamedOperation<'_>, after: NamedOperation<'_>) {
        let find = |operation: NamedOperation<'_>, name: &str| {
            operation.item.waiters.iter().any(|waiter| waiter.name == name)
        };
        for old in before.waiters().filter(|old| !find(after, &old.item.name)) {
            let name = &old.item.name;
            let item =
                Item::new(scope, name, old.method_path(), Sides::BOTH, &old.item.origin, None);
            self.note(kinds::WAITER_REMOVED, &item, "waiter removed", "");
        }
        for new in after.waiters() {
            let Waiter { name, success, failures, message, docs, confidence, origin } = new.item;
            let (subject, rust) = (subject(new), new.method_path());
            let Some(old) = before.waiters().find(|old| old.item.name == *name) else {
                let item = Item::new(scope, &subject, rust, Sides::BOTH, None, origin);
                self.note(kinds::WAITER_ADDED, &item, "new waiter", "");
                continue;
            };
            let item = Item::new(scope, &subject, rust, Sides::BOTH, &old.item.origin, origin);
            self.rust_name(&item, &old.method_path());
            let a = old.item;
            if a.success != *success {
                let words = format!("it succeeds when {}", conditions(success));
                self.changed(&item, &words);
            }
            if a.message != *message {
                let words = match message {
                    Some(message) => format!("the message `{}` ends it", message.name),
                    None => "no message ends it any more".to_owned(),
                };
                self.changed(&item, &words);
            }
            for gone in a.failures.iter().filter(|gone| !has(failures, &gone.name)) {
                let words = format!("it no longer fails as `{}`", gone.name);
                self.note(kinds::WAITER_FAILURE_REMOVED, &item, words, &gone.name);
            }
            for failure in failures {
                let WaiterFailure { name, condition, reason, docs: _, origin: _ } = failure;
                let fails = format!("it fails as `{name}` when {}", says(condition));
                match a.failures.iter().find(|old| old.name == *name) {
                    None => self.note(kinds::WAITER_FAILURE_ADDED, &item, fails, name),
                    Some(old) if old.condition != *condition => {
                        self.changed(&item, &fails);
                    }
                    Some(old) if old.reason != *reason => {
                        let words = format!("the reason of `{name}` is read from another field");
                        self.changed(&item, &words);
                    }
                    Some(_) => {}
                }
            }
            let common = |these: &[WaiterFailure], those: &[WaiterFailure]| -> Vec<String> {
                let both = these.iter().filter(|failure| has(those, &failure.name));
                both.map(|failure| failure.name.clone()).collect()
            };
            if common(&a.failures, failures) != common(failures, &a.failures) {
                self.changed(&item, "its failures are tried in another order");
            }
            let mut aspects = documentation::docs(&a.docs, docs, [None; 2]);
            let meanings = |waiter: &Waiter| -> Vec<_> {
                waiter.failures.iter().map(|failure| failure.docs.clone()).collect()
            };
            if a.failures.len() == failures.len() && meanings(a) != meanings(new.item) {
                aspects.push("meaning of a failure changed".to_owned());
            }
            if a.confidence != *confidence {
                aspects.push("evidence changed".to_owned());
            }
            self.described(&item, aspects, Reworded::default());
        }
    }

    /// A wait that ends in another way. The words stand in the fingerprint: other ones are another change.
    fn changed(&mut self, item: &Item<'_>, words: &str) {
        self.note(kinds::WAITER_CHANGED, item, words, words);
    }

    pub(super) fn messages(&mut self) {
        let (old, new) = (self.old.api, self.new.api);
        let path = |api: &NamedApi<'_>, number: usize| {
            let variant = api.names.messages.get(number).map_or("", String::as_str);
            format!("{}::{variant}", api.messages_path())
        };
        let find = |messages: &[Message], name: &str| {
            messages.iter().position(|message| message.name == name)
        };
        for (number, a) in old.api.messages.iter().enumerate() {
            let (scope, before) = (Scope::message(&a.name), path(&old, number));
            let after = find(&new.api.messages, &a.name);
            match after.and_then(|at| Some((at, new.api.messages.get(at)?))) {
                Some((at, b)) => {
                    // The content is compared as the content of this message; a pinned name shows in the path.
                    let Message { name, content: _, pinned_name: _, docs, origin } = b;
                    let rust = path(&new, at);
                    let item = Item::new(&scope, name, rust, Sides::RESPONSE, &a.origin, origin);
                    self.rust_name(&item, &before);
                    let reworded = self.reworded(Of::Operation, &a.origin, origin);
                    let names = self.names(&a.origin, origin);
                    self.described(&item, documentation::docs(&a.docs, docs, names), reworded);
                }
                None => {
                    let item = Item::new(&scope, &a.name, before, Sides::RESPONSE, &a.origin, None);
                    self.note(kinds::MESSAGE_REMOVED, &item, "message removed", "");
                }
            }
        }
        for (number, b) in new.api.messages.iter().enumerate() {
            if find(&old.api.messages, &b.name).is_none() {
                let (scope, rust) = (Scope::message(&b.name), path(&new, number));
                let item = Item::new(&scope, &b.name, rust, Sides::RESPONSE, None, &b.origin);
                self.note(kinds::MESSAGE_ADDED, &item, "new message", "");
            }
        }
    }
}

/// The operations of all groups, with where their changes are listed.
fn scoped<'a>(api: &NamedApi<'a>) -> Vec<(Scope, NamedOperation<'a>)> {
    let groups = api.api.groups.iter().enumerate();
    groups
        .flat_map(|(number, group)| {
            let operations = api.operations(number);
            operations.map(|named| (Scope::operation(&group.tag, &named.item.id), named))
        })
        .collect()
}

/// What is sent beside path, query and headers.
#[derive(Clone, Copy, PartialEq)]
enum Body {
    Nothing,
    Json,
    Upload,
}

impl Body {
    fn words(self) -> &'static str {
        match self {
            Self::Nothing => "no body",
            Self::Json => "a JSON body",
            Self::Upload => "a multipart body",
        }
    }
}

/// The runtime decides in the same way, in `alipay-core/src/prepare/encode.rs`.
fn body(request: &Struct) -> Body {
    let has = |place| request.fields.iter().any(|field| field.place == place);
    match (has(Place::File), has(Place::Body)) {
        (true, _) => Body::Upload,
        (false, true) => Body::Json,
        (false, false) => Body::Nothing,
    }
}

/// Whether what is said of repeats, completion and the status stayed, but not how sure it is.
fn evidence_differs(a: &Operation, b: &Operation) -> bool {
    let key = match (&a.safety, &b.safety) {
        (Safety::IdempotentBy(a), Safety::IdempotentBy(b)) => {
            a.value == b.value && a.confidence != b.confidence
        }
        _ => false,
    };
    let status = match (&a.status, &b.status) {
        (Some(a), Some(b)) => a.at == b.at && a.confidence != b.confidence,
        _ => false,
    };
    key || status || documentation::resourced(a.completed_by.as_slice(), b.completed_by.as_slice())
}

/// What a change of a waiter is about.
fn subject(waiter: NamedWaiter<'_>) -> String {
    format!("{} until {}", waiter.operation.item.id, waiter.item.name)
}

fn has(failures: &[WaiterFailure], name: &str) -> bool {
    failures.iter().any(|failure| failure.name == name)
}

fn conditions(all: &[Condition]) -> String {
    all.iter().map(says).collect::<Vec<_>>().join(", or ")
}

/// A condition, in words.
fn says(Condition { at, is }: &Condition) -> String {
    let at =
        if at.is_empty() { "the status".to_owned() } else { format!("`{}`", at.join("` or `")) };
    format!("{at} is `{}`", is.join("` or `"))
}

/// What a repeat does, in words.
fn repeated(safety: &Safety) -> String {
    match safety {
        Safety::IdempotentBy(key) => format!("it is idempotent by `{}`", key.value),
        Safety::ReadOnly(Confidence::Inferred) => "it only reads, by inference".to_owned(),
        Safety::ReadOnly(_) => "it only reads".to_owned(),
        Safety::Unsafe(_) => "a repeat may act twice".to_owned(),
        Safety::Unknown => "whether a repeat is safe is not known".to_owned(),
    }
}
