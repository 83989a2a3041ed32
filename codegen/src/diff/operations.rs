//! Groups, operations and messages.

use alipay_openapi::{
    ir::{Confidence, Group, Message, Operation, Place, Safety, Struct},
    pointer::Pointer,
};

use super::{
    change::{Scope, Sides},
    compare::{Comparison, Item},
    documentation, kinds,
    limits::{self, Moved},
    texts::{Of, Reworded},
};
use crate::named::{NamedApi, NamedOperation, http_line};

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
        // The rules of an operation bind whoever calls it.
        let sent = Item::new(scope, id, after.method_path(), Sides::REQUEST, &a.origin, origin);
        self.moved(&sent, Moved::between(limits::values(&a.limits), limits::values(limits)));
        let versions = [&a.removed_in, removed_in];
        self.retained(kinds::OPERATION_DEPRECATED, &item, versions, None);
        let mut aspects = documentation::docs(&a.docs, docs);
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
                    self.described(&item, documentation::docs(&a.docs, docs), reworded);
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

/// Whether what is said of repeats and completion stayed, but not how sure it is.
fn evidence_differs(a: &Operation, b: &Operation) -> bool {
    let key = match (&a.safety, &b.safety) {
        (Safety::IdempotentBy(a), Safety::IdempotentBy(b)) => {
            a.value == b.value && a.confidence != b.confidence
        }
        _ => false,
    };
    key || documentation::resourced(a.completed_by.as_slice(), b.completed_by.as_slice())
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
