//! Responses: what a successful one holds, and the codes of the others.
//!
//! Every operation's `default` response is the gateway's common error or the operation's own; both
//! have the same shape, so only the codes matter.

use openapiv3::{
    Components, Operation as Source, ReferenceOr, Response, Schema, SchemaKind, StatusCode, Type,
};
use serde_json::Value;

use super::{
    annotations::removed_values,
    bodies::{Call, JSON_ONLY, Json, bodyless, is_json},
    context::{Lowering, Resolved},
    enums::NAMES,
    keys::Use,
};
use crate::{
    ir::{Code, CodeSet, Confidence, Place, Retry, Role, Struct},
    pointer::Pointer,
};

impl<'a> Lowering<'a> {
    /// A response, wherever it is described.
    pub(super) fn resolve_response(
        &mut self,
        response: &'a ReferenceOr<Response>,
        at: &Pointer,
    ) -> Option<(&'a Response, Pointer)> {
        let section = |components: &'a Components| &components.responses;
        let (response, pointer, _) = self.resolve_any(section, "responses", response, at)?;
        Some((response, pointer))
    }

    /// The successful response. Several are one when they hold the same.
    pub(super) fn response(
        &mut self,
        call: &Call<'_>,
        source: &'a Source,
        at: &Pointer,
    ) -> Option<Struct> {
        let at = at.join("responses");
        let mut first: Option<Success<'a>> = None;
        for (status, response) in &source.responses.responses {
            if is_error(status) {
                continue;
            }
            let own = at.join(status);
            if !is_success(status) {
                let hint = match status {
                    StatusCode::Code(202) => {
                        "Alipay's gateway says with 202 that nothing was done and the request is to be \
                         repeated, and the client takes it so"
                    }
                    _ => "responses have status 200, 201 or 204, or are errors of 4xx or 5xx",
                };
                self.unsupported(&own, &format!("a response of status {status}"), hint);
                return None;
            }
            let (response, pointer) = self.resolve_response(response, &own)?;
            let success = self.success(response, own, &pointer)?;
            if matches!(status, StatusCode::Code(204)) && success.schema.is_some() {
                let hint = "a response of status 204 has no body: describe it as 200";
                self.unsupported(&success.own, "a body of a response without content", hint);
                return None;
            }
            match &first {
                None => first = Some(success),
                Some(first) if first.schema == success.schema => {}
                Some(first) => {
                    let what = format!("a response that differs from that at {}", first.own);
                    let hint = "an operation has one type of response: describe one object with the \
                                properties of all, none of them required";
                    self.unsupported(&success.own, &what, hint);
                    return None;
                }
            }
        }
        let Some(success) = first else {
            let hint = "describe its response of status 200";
            self.unsupported(&at, "an operation without a successful response", hint);
            return None;
        };
        let role = Role::Response(call.id.to_owned());
        let name = format!("{}ResponseModel", call.base);
        let Some(schema) = success.schema else {
            let (title, description) = (source.summary.as_ref(), "An empty response.".to_owned());
            return Some(bodyless(success.own, name, role, title, description));
        };
        let body = self.resolve(schema, &success.schema_at)?;
        let object = self.object(body.schema, &body.pointer, Use::Body)?;
        let owner = self.body_owner(&body, format!("{}Response", call.base));
        let fields = self.properties(&object, &owner, Place::Body);
        let name = body.name.map_or(name, str::to_owned);
        let id = self.identity_of(&body, &success.own, "application/json");
        Some(self.struct_of_schema(&body, id, name, role, object.required, fields))
    }

    /// What a response holds.
    fn success(
        &mut self,
        response: &'a Response,
        own: Pointer,
        pointer: &Pointer,
    ) -> Option<Success<'a>> {
        let at = pointer.join("content");
        if response.content.is_empty() {
            return Some(Success { own, schema: None, schema_at: at });
        }
        let (kind, media) = match self.json_of(&response.content, &at) {
            Json::Found(kind, media) => (kind, media),
            Json::Ambiguous => return None,
            Json::Absent => {
                for kind in response.content.keys() {
                    let what = format!("a response of type {kind}");
                    self.unsupported(&at.join(kind), &what, JSON_ONLY);
                }
                return None;
            }
        };
        let at = at.join(kind);
        let Some(schema) = &media.schema else {
            let hint = "say what is in it with `schema`";
            self.unsupported(&at, "a response without a schema", hint);
            return None;
        };
        Some(Success { own, schema: Some(schema), schema_at: at.join("schema") })
    }

    /// The codes of all of an operation's error responses: `default`, and those for single statuses.
    pub(super) fn all_codes(&mut self, source: &'a Source, at: &Pointer) -> CodeSet {
        let at = at.join("responses");
        let default = source.responses.default.as_ref();
        let mut all = self.codes(default, &at.join("default"));
        for (status, response) in &source.responses.responses {
            if !is_error(status) {
                continue;
            }
            let more = self.codes(Some(response), &at.join(status));
            join(&mut all, more.codes);
        }
        all
    }

    /// The operation's own codes; the common ones are noted aside.
    fn codes(&mut self, response: Option<&'a ReferenceOr<Response>>, at: &Pointer) -> CodeSet {
        let none = CodeSet { codes: Vec::new(), origin: at.clone() };
        let Some((response, at)) =
            response.and_then(|response| self.resolve_response(response, at))
        else {
            return none;
        };
        let at = at.join("content");
        let Some((kind, media)) = response.content.iter().find(|(kind, _)| is_json(kind)) else {
            return none;
        };
        let Some(schema) = &media.schema else { return none };
        let pointer = at.join(kind).join("schema");
        let Some(resolved) = self.resolve(schema, &pointer) else { return none };
        match &resolved.schema.schema_kind {
            SchemaKind::AnyOf { any_of } | SchemaKind::OneOf { one_of: any_of } => {
                self.arms(any_of, &resolved, none)
            }
            _ => self.own_codes(&[resolved], none),
        }
    }

    fn arms(
        &mut self,
        arms: &'a [ReferenceOr<Schema>],
        parent: &Resolved<'a>,
        none: CodeSet,
    ) -> CodeSet {
        const COMMON: &str = "CommonErrorType";
        let place = |index: usize| parent.pointer.join("anyOf").join(index);
        let arms: Vec<_> = arms
            .iter()
            .enumerate()
            .filter_map(|(index, arm)| self.resolve(arm, &place(index)))
            .collect();
        // Under another name, it is the first that several operations refer to.
        let is_named = self.is_used(COMMON);
        let mut own = Vec::new();
        for arm in arms {
            let is_common = match (arm.name, &self.common_error) {
                (Some(name), _) if is_named => name == COMMON,
                (Some(_), Some(known)) => *known == arm.pointer,
                (Some(name), None) => !self.used_once(name),
                (None, _) => false,
            };
            if !is_common {
                own.push(arm);
            } else if self.common_error.is_none() {
                self.common_codes = self.code_set(&arm);
                self.common_error = Some(arm.pointer);
            }
        }
        self.own_codes(&own, none)
    }

    /// The codes of an operation's own errors.
    fn own_codes(&mut self, errors: &[Resolved<'a>], none: CodeSet) -> CodeSet {
        let mut all = none;
        for error in errors {
            let Some(set) = self.code_set(error) else { continue };
            // A list that other operations have as well is told apart by the place in this one.
            if errors.len() == 1 && error.name.is_none_or(|name| self.used_once(name)) {
                all.origin = set.origin;
            }
            join(&mut all, set.codes);
        }
        all
    }

    /// The codes listed for the `code` of an error body.
    fn code_set(&mut self, error: &Resolved<'a>) -> Option<CodeSet> {
        let object = self.object(error.schema, &error.pointer, Use::Body)?;
        let origin = error.pointer.join("properties").join("code");
        let code = object.inline("code");
        let origin = code.map_or(origin, |(_, pointer)| pointer.clone());
        let Some((code, SchemaKind::Type(Type::String(text)))) =
            code.map(|(code, _)| (code, &code.schema_kind))
        else {
            let hint = "an error body has the strings `code` and `message`";
            self.unsupported(&origin, "an error body without a string `code`", hint);
            return None;
        };
        let at = origin.join("x-error-codes");
        let notes = code.schema_data.extensions.get("x-error-codes").and_then(Value::as_object);
        let wires: Vec<String> = text.enumeration.iter().flatten().cloned().collect();
        self.listed_twice(&origin.join("enum"), &wires);
        let names = self.notes(code, NAMES, &wires, &origin);
        for key in ["x-extensible-enum", "x-enum-descriptions", "x-rust-name"] {
            if code.schema_data.extensions.contains_key(key) {
                let message = format!("`{key}` of the `code` of an error is not used");
                let hint = "list the codes in `enum`, explain them in `x-error-codes`, and name them in \
                            `x-enum-names`";
                self.error("unsupported-construct", &origin.join(key), message, hint);
            }
        }
        if let Some(stray) = notes.and_then(|notes| notes.keys().find(|key| !wires.contains(key))) {
            let message = format!("`{stray}` has a meaning, but it is not among the codes");
            let hint = "drop the meaning: the code is gone from the description";
            self.error("unknown-enum-value", &at.join(stray), message, hint);
        }
        let removed = removed_values(&code.schema_data.extensions);
        let codes = wires.into_iter().map(|wire| {
            let note = notes.and_then(|notes| notes.get(&wire));
            let text = |key: &str| note?.get(key)?.as_str();
            Code {
                meaning: text("meaning").map(str::to_owned),
                action: text("action").map(str::to_owned),
                retry: match text("retry") {
                    Some("same-request") => Some(Retry::SameRequest),
                    Some("later") => Some(Retry::Later),
                    Some("never") => Some(Retry::Never),
                    _ => None,
                },
                confidence: match note {
                    Some(_) => self.confidence(&at.join(&wire).join("meaning")),
                    None => Confidence::Documented,
                },
                removed_in: removed.get(wire.as_str()).map(|version| (*version).to_owned()),
                pinned_name: names.get(wire.as_str()).map(|name| (*name).to_owned()),
                wire,
            }
        });
        Some(CodeSet { codes: codes.collect(), origin })
    }
}

/// A successful response.
struct Success<'a> {
    /// Where the operation has it.
    own: Pointer,
    schema: Option<&'a ReferenceOr<Schema>>,
    schema_at: Pointer,
}

fn is_success(status: &StatusCode) -> bool {
    match status {
        StatusCode::Code(code) => (200..300).contains(code) && *code != 202,
        StatusCode::Range(range) => *range == 2,
    }
}

/// Whether a status says that a call failed.
pub(super) fn is_error(status: &StatusCode) -> bool {
    match status {
        StatusCode::Code(code) => (400..600).contains(code),
        StatusCode::Range(range) => matches!(range, 4 | 5),
    }
}

/// Adds the codes that a set lacks.
fn join(set: &mut CodeSet, more: Vec<Code>) {
    for code in more {
        if set.codes.iter().all(|known| known.wire != code.wire) {
            set.codes.push(code);
        }
    }
}
