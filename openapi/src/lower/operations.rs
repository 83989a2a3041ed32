//! Operations: what they are called, what their request is made of, what a repeat does.

use std::collections::BTreeMap;

use heck::ToUpperCamelCase;
use openapiv3::{Operation as Source, PathItem, ReferenceOr, StatusCode};

use super::{
    annotations::{removed_in, string},
    bodies::{Call, bodyless},
    context::Lowering,
    objects::Owner,
};
use crate::{
    diag::Location,
    ir::{Confidence, Field, Group, Method, Operation, Place, Presence, Role, Safety, Struct, Ty},
    pointer::Pointer,
};

impl<'a> Lowering<'a> {
    /// The groups of the tags asked for, in the order of their first appearance.
    pub(super) fn groups(&mut self, tags: &[String]) -> Vec<Group> {
        let mut groups: Vec<Group> = Vec::new();
        let mut ids: BTreeMap<&'a str, Pointer> = BTreeMap::new();
        for (path, item) in &self.document.model.paths.paths {
            let at = Pointer::parse("/paths").join(path);
            let ReferenceOr::Item(item) = item else {
                let hint = "bundle the documents into one first, for example with `redocly bundle`";
                let message = "a path refers to another document".to_owned();
                self.error("unresolved-ref", &at.join("$ref"), message, hint);
                continue;
            };
            for (method, source) in item.iter() {
                let at = at.join(method);
                if let Some(id) = source.operation_id.as_deref()
                    && let Some(first) = ids.insert(id, at.clone())
                {
                    let message = format!("the operationId `{id}` is used twice, first at {first}");
                    let hint = "every operation needs an id of its own";
                    self.error("duplicate-operation-id", &at.join("operationId"), message, hint);
                    continue;
                }
                let wanted = tags.is_empty() || source.tags.iter().any(|tag| tags.contains(tag));
                let lowered =
                    wanted.then(|| self.operation(path, item, method, source, &at)).flatten();
                if let Some((tag, operation)) = lowered {
                    match groups.iter_mut().find(|group| group.tag == tag) {
                        Some(group) => group.operations.push(operation),
                        None => groups.push(Group { tag, operations: vec![operation] }),
                    }
                }
            }
        }
        for tag in tags.iter().filter(|tag| groups.iter().all(|group| group.tag != **tag)) {
            if !self.document.model.operations().any(|(.., one)| one.tags.contains(tag)) {
                let message = format!("no operation has the tag `{tag}`");
                let hint = "`cargo xtask tags FILE` lists them";
                self.error("unknown-tag", &Pointer::parse("/paths"), message, hint);
            }
        }
        groups
    }

    fn operation(
        &mut self,
        path: &str,
        item: &'a PathItem,
        method: &str,
        source: &'a Source,
        at: &Pointer,
    ) -> Option<(String, Operation)> {
        let (tag, id) = self.identity(source, at)?;
        let method = self.method(method, at)?;
        if !source.callbacks.is_empty() {
            let hint = "describe what the gateway sends as a message, with `x-webhooks`";
            self.unsupported(&at.join("callbacks"), "a callback", hint);
        }
        let path_at = at.parent().unwrap_or_default();
        for (servers, at) in [(&source.servers, at), (&item.servers, &path_at)] {
            if !servers.is_empty() {
                let hint = "all operations go to the address the client is made with: remove it";
                self.unsupported(&at.join("servers"), "an operation with servers of its own", hint);
            }
        }
        if source.request_body.is_some() && matches!(method, Method::Get | Method::Delete) {
            let what =
                format!("a request body of {}, which HTTP gives no meaning,", method.as_str());
            let hint = "remove it in the overlay: an action whose target is this body, with `remove: true`; \
                        what has to be sent goes into parameters";
            self.unsupported(&at.join("requestBody"), &what, hint);
            return None;
        }
        for (extensions, at) in [(&source.extensions, at), (&item.extensions, &path_at)] {
            if extensions.contains_key("x-rust-name") {
                let message =
                    "an operation is called after its operationId: its `x-rust-name` is not used";
                let hint = "give it another operationId in the overlay";
                self.error("unsupported-construct", &at.join("x-rust-name"), message, hint);
                return None;
            }
        }
        let base = id.to_upper_camel_case();
        let call = Call { id: &id, base: &base };
        let request = self.request(&call, item, source, at);
        let response = self.response(&call, source, at);
        let codes = self.all_codes(source, at);
        let (mut request, response) = (request?, response?);
        self.check_path(path, &request, at);
        let safety = self.safety(&id, method, source, &mut request, at);
        let docs = self.docs(source.summary.as_deref(), source.description.as_deref(), at);
        let completed_by = self.sourced_string(&source.extensions, "x-alipay-completed-by", at);
        let operation = Operation {
            id,
            method,
            path: path.to_owned(),
            request: request.id.clone(),
            response: response.id.clone(),
            no_content: source.responses.responses.contains_key(&StatusCode::Code(204)),
            codes,
            safety,
            completed_by,
            deprecated: source.deprecated,
            limits: self.rules(at),
            removed_in: removed_in(&source.extensions),
            docs,
            origin: at.clone(),
        };
        self.structs.push(request);
        self.structs.push(response);
        Some((tag, operation))
    }

    /// The tag and the id. An operation has one tag, and its id is the tag, a dot and a verb.
    fn identity(&mut self, source: &Source, at: &Pointer) -> Option<(String, String)> {
        let hint = "in Alipay's descriptions the operationId is the operation's only tag, a dot and a verb";
        let Some(id) = source.operation_id.clone() else {
            self.error("operation-identity", at, "the operation has no operationId", hint);
            return None;
        };
        let [tag] = source.tags.as_slice() else {
            let message = format!("the operation has {} tags instead of one", source.tags.len());
            self.error("operation-identity", &at.join("tags"), message, hint);
            return None;
        };
        let verb = id.strip_prefix(tag.as_str()).and_then(|rest| rest.strip_prefix('.'));
        if verb.is_none_or(|verb| verb.is_empty() || verb.contains('.')) {
            let message = format!("the operationId `{id}` is not the tag `{tag}` and a verb");
            self.error("operation-identity", &at.join("operationId"), message, hint);
            return None;
        }
        Some((tag.clone(), id))
    }

    fn method(&mut self, method: &str, at: &Pointer) -> Option<Method> {
        match method {
            "get" => Some(Method::Get),
            "post" => Some(Method::Post),
            "put" => Some(Method::Put),
            "patch" => Some(Method::Patch),
            "delete" => Some(Method::Delete),
            _ => {
                let what = format!("the method {}", method.to_uppercase());
                let hint = "refine it in the overlay, or generate only tags that do without it";
                self.unsupported(at, &what, hint);
                None
            }
        }
    }

    fn request(
        &mut self,
        call: &Call<'_>,
        item: &'a PathItem,
        source: &'a Source,
        at: &Pointer,
    ) -> Option<Struct> {
        self.parameter_refused = false;
        let mut fields = Vec::new();
        let mut required = Vec::new();
        let own = at.join("parameters");
        let shared = at.parent().unwrap_or_default().join("parameters");
        let owner = Owner::new(format!("{}Request", call.base));
        for (list, at) in [(&source.parameters, own), (&item.parameters, shared)] {
            let mut of_list: Vec<(Field, Pointer)> = Vec::new();
            for (index, parameter) in list.iter().enumerate() {
                let pointer = at.join(index);
                let Some(field) = self.parameter(parameter, &owner, &pointer) else {
                    self.parameter_refused = true;
                    continue;
                };
                let same = of_list.iter().find(|(known, _)| is_same_parameter(known, &field));
                if let Some((_, first)) = same {
                    self.declared_twice(&field, first, &pointer);
                    continue;
                }
                of_list.push((field, pointer));
            }
            for (field, _) in of_list {
                // A path item's parameter gives way to the operation's own of the same name.
                if fields.iter().any(|known: &Field| is_same_parameter(known, &field)) {
                    continue;
                }
                if matches!(field.presence, Presence::Required(_)) {
                    required.push(field.wire.clone());
                }
                fields.push(field);
            }
        }
        let role = Role::Request(call.id.to_owned());
        let Some(body) = &source.request_body else {
            let (id, name) = (at.join("parameters"), format!("{}Model", call.base));
            let description = format!("Parameters of `{}`.", call.id);
            let item = bodyless(id, name, role, source.summary.as_ref(), description);
            return Some(Struct { fields, required, ..item });
        };
        self.body(call, body, at, fields, required)
    }

    fn declared_twice(&mut self, field: &Field, first: &Pointer, second: &Pointer) {
        let Location { source, line, column } = self.document.locate(first);
        let message = format!(
            "the parameter `{}` is declared twice; the first is at {source}:{line}:{column}",
            field.wire
        );
        self.error("duplicate-parameter", second, message, "remove one of them");
    }

    /// Every name in the path template must be a path parameter, and every path parameter must be named.
    fn check_path(&mut self, path: &str, request: &Struct, at: &Pointer) {
        if let Some(problem) = impossible(path) {
            let pointer = at.parent().unwrap_or_default();
            let message = format!("the path `{}` {problem}", path.escape_debug());
            let hint = "write it as it is sent; values go into `{name}` and into parameters";
            self.error("impossible-path", &pointer, message, hint);
        }
        let named: Vec<&str> = path
            .split('{')
            .skip(1)
            .filter_map(|rest| rest.split_once('}'))
            .map(|(name, _)| name)
            .collect();
        let given: Vec<&str> = request
            .fields
            .iter()
            .filter(|field| field.place == Place::Path)
            .map(|field| field.wire.as_str())
            .collect();
        // A parameter that was refused has been reported already.
        let missed = named.iter().filter(|name| !self.parameter_refused && !given.contains(name));
        for name in missed.copied().collect::<Vec<_>>() {
            let message =
                format!("the path names `{{{name}}}`, but no parameter of that name is declared");
            self.error("path-parameter", at, message, "declare it with `in: path`");
        }
        for name in given.iter().filter(|name| !named.contains(name)) {
            let message = format!(
                "the parameter `{name}` is declared for the path, but the path does not name it"
            );
            self.error("path-parameter", at, message, "name it in braces in the path");
        }
    }

    fn safety(
        &mut self,
        id: &str,
        method: Method,
        source: &Source,
        request: &mut Struct,
        at: &Pointer,
    ) -> Safety {
        const KEY: &str = "x-alipay-idempotency-key";
        if let Some(key) = self.sourced_string(&source.extensions, KEY, at) {
            let mut fields = request.fields.iter_mut().filter(|field| field.wire == key.value);
            let problem = match (fields.next(), fields.next()) {
                (Some(field), None) => {
                    field.is_key = field.ty == Ty::Text;
                    None
                }
                (Some(_), Some(_)) => Some("is the name of several fields of the request"),
                (None, _) => Some("is not a field of the request"),
            };
            if let Some(problem) = problem {
                let message = format!("`{}` {problem}", key.value);
                let hint = "name a field of the request, as it stands on the wire, whose name no other field has";
                self.error("unknown-idempotency-key", &at.join(KEY), message, hint);
            }
            if source.extensions.contains_key(SAFETY) {
                let pointer = at.join(SAFETY);
                self.malformed(&pointer, SAFETY, &format!("absent where `{KEY}` says it"));
            }
            return Safety::IdempotentBy(key);
        }
        if let Some(word) = string(&source.extensions, SAFETY) {
            let confidence = self.confidence(&at.join(SAFETY));
            return match word.as_str() {
                "read-only" => Safety::ReadOnly(confidence),
                "unsafe" => Safety::Unsafe(confidence),
                "unknown" => Safety::Unknown,
                _ => {
                    let expected = "`read-only`, `unsafe` or `unknown`";
                    self.malformed(&at.join(SAFETY), SAFETY, expected);
                    Safety::Unknown
                }
            };
        }
        // What a message completes is more than a read.
        let acts = source.extensions.contains_key("x-alipay-completed-by");
        usual_safety(method, id.rsplit('.').next().unwrap_or_default(), acts)
    }
}

/// Says what a repeat does, where the method and the verb do not tell.
const SAFETY: &str = "x-alipay-safety";

/// Verbs of operations that only read, although Alipay makes some of them a POST. A verb under which any
/// operation may act does not belong here, such as `preconsult` and `verify`.
const READS: [&str; 7] = [
    "batchquery",
    "batchqueryvoucher",
    "consult",
    "query",
    "querydetail",
    "querystatus",
    "queryvoucher",
];

/// Verbs of operations that act. Alipay makes one of them a GET.
const ACTS: [&str; 24] = [
    "add", "apply", "bind", "cancel", "close", "confirm", "create", "delete", "modify", "pay",
    "publish", "refund", "send", "set", "settle", "sign", "stop", "submit", "sync", "transfer",
    "unbind", "unsign", "update", "upload",
];

/// What a repeat does, as method and verb tell.
fn usual_safety(method: Method, verb: &str, acts: bool) -> Safety {
    match method {
        Method::Get if !acts && !ACTS.contains(&verb) => Safety::ReadOnly(Confidence::Documented),
        Method::Post if !acts && READS.contains(&verb) => Safety::ReadOnly(Confidence::Inferred),
        _ => Safety::Unknown,
    }
}

/// Whether two parameters have the same name and place.
fn is_same_parameter(a: &Field, b: &Field) -> bool {
    let same_name = match a.place {
        Place::Header => a.wire.eq_ignore_ascii_case(&b.wire),
        _ => a.wire == b.wire,
    };
    same_name && a.place == b.place
}

/// Why a path template cannot be sent, if so.
fn impossible(path: &str) -> Option<&'static str> {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~/{}%!$&'()*+,;=:@".contains(&byte);
    let hex = |part: &str| {
        let mut digits = part.bytes();
        let mut digit = || digits.next().is_some_and(|byte| byte.is_ascii_hexdigit());
        digit() && digit()
    };
    let dots = |part: &str| {
        matches!(part.to_ascii_lowercase().replace("%2e", ".").as_str(), "" | "." | "..")
    };
    // Outside of `{name}` no brace may be left.
    let mut outside = path.to_owned();
    while let Some((before, rest)) = outside.split_once('{') {
        let Some((name, after)) = rest.split_once('}') else { break };
        if name.is_empty() || name.contains(['{', '/']) {
            break;
        }
        outside = format!("{before}x{after}");
    }
    // One `/` at the end is sent as it is.
    let inner = outside.strip_suffix('/').filter(|inner| !inner.is_empty()).unwrap_or(&outside);
    if !path.starts_with('/') {
        Some("does not begin with `/`")
    } else if path.contains(['?', '#']) {
        Some("holds a query or a fragment")
    } else if outside.contains(['{', '}']) {
        Some("has a brace without its other half")
    } else if !outside.bytes().all(fits) {
        Some("has characters that have to be percent-encoded")
    } else if !outside.split('%').skip(1).all(hex) {
        Some("has a `%` that is not followed by two hexadecimal digits")
    } else if inner.split('/').skip(1).any(dots) {
        Some("has an empty part, or dots as a part")
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::impossible;

    #[test]
    fn paths_that_cannot_be_sent() {
        for path in ["/v3/a/b", "/v3/a/{id}/b{c}d", "/v3/%41:x", "/v3/a/", "/v3/{a}/"] {
            assert_eq!(impossible(path), None, "{path}");
        }
        for path in [
            "v3/a",
            "/v3/商店/{id}",
            "/v3/with space",
            "/v3/x?y=1",
            "/v3/frag#y",
            "/v3/a/{x}/b{",
            "/v3/a/../b",
            "/v3/%zz/a",
            "/v3//a",
            "/v3/a//",
            "/",
            "/v3/{}",
        ] {
            assert!(impossible(path).is_some(), "{path}");
        }
    }
}
