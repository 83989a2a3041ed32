//! Bodies: what a request sends, and what requests and responses have in common.

use std::collections::HashSet;

use openapiv3::{Components, MediaType, ReferenceOr, RequestBody};

use super::{
    annotations::removed_in,
    context::{Lowering, Resolved},
    keys::Use,
    objects::{Owner, example},
};
use crate::{
    ir::{Docs, Field, Place, Role, Struct, TypeId},
    pointer::Pointer,
};

type Content = indexmap::IndexMap<String, MediaType>;

pub(super) const JSON_ONLY: &str = "the client sends and reads `application/json`; refine it in the overlay, or \
                         generate only tags that do without it";

/// The operation a request belongs to.
#[derive(Clone, Copy)]
pub(super) struct Call<'n> {
    pub(super) id: &'n str,
    pub(super) base: &'n str,
}

/// What is JSON among the media types of a body.
pub(super) enum Json<'a> {
    Absent,
    /// There are several.
    Ambiguous,
    Found(&'a str, &'a MediaType),
}

/// A media type that is JSON, whatever its parameters.
pub(super) fn is_json(kind: &str) -> bool {
    essence(kind).eq_ignore_ascii_case("application/json")
}

fn essence(kind: &str) -> &str {
    kind.split(';').next().unwrap_or_default().trim()
}

impl<'a> Lowering<'a> {
    /// The request of an operation with a body.
    pub(super) fn body(
        &mut self,
        call: &Call<'_>,
        body: &'a ReferenceOr<RequestBody>,
        at: &Pointer,
        fields: Vec<Field>,
        required: Vec<String>,
    ) -> Option<Struct> {
        let own = at.join("requestBody");
        let section = |components: &'a Components| &components.request_bodies;
        let (body, at, _) = self.resolve_any(section, "requestBodies", body, &own)?;
        let mut item = self.sent(call, body, &at.join("content"), &own, fields, required)?;
        if let Some(version) = removed_in(&body.extensions) {
            let is_sent = |field: &&mut Field| matches!(field.place, Place::Body | Place::File);
            for field in item.fields.iter_mut().filter(is_sent) {
                field.removed_in.get_or_insert_with(|| version.clone());
            }
        }
        Some(item)
    }

    /// The request of an operation whose body is `body`, with its media types at `at`.
    fn sent(
        &mut self,
        call: &Call<'_>,
        body: &'a RequestBody,
        at: &Pointer,
        own: &Pointer,
        fields: Vec<Field>,
        required: Vec<String>,
    ) -> Option<Struct> {
        if body.content.is_empty() {
            self.unsupported(at, "a body without a media type", JSON_ONLY);
            return None;
        }
        let is_upload = |kind: &str| essence(kind).eq_ignore_ascii_case("multipart/form-data");
        match self.json_of(&body.content, at) {
            Json::Found(kind, media) => {
                let at = at.join(kind);
                let body = self.media(media, &at)?;
                let mut item = self.json_body(call, &body, own, fields, required)?;
                item.example = example(media.example.as_ref(), &at).or(item.example);
                return Some(item);
            }
            Json::Ambiguous => return None,
            Json::Absent => {}
        }
        match body.content.iter().next() {
            Some((kind, media)) if is_upload(kind) && body.content.len() == 1 => {
                let at = at.join(kind);
                for (part, encoding) in &media.encoding {
                    if !encoding.headers.is_empty() {
                        let at = at.join("encoding").join(part).join("headers");
                        self.unsupported(&at, "a part with headers of its own", "remove them");
                    }
                }
                let body = self.media(media, &at)?;
                self.multipart_body(call, &body, own, fields, required)
            }
            _ => {
                let hint = "one body of application/json or multipart/form-data";
                self.unsupported(at, "a body of this media type, or of several,", hint);
                None
            }
        }
    }

    /// The JSON among several media types; an error is in the sink.
    pub(super) fn json_of(&mut self, content: &'a Content, at: &Pointer) -> Json<'a> {
        let mut found = content.iter().filter(|(kind, _)| is_json(kind));
        let Some((kind, media)) = found.next() else { return Json::Absent };
        if let Some((second, _)) = found.next() {
            let hint = "keep one of them: their parameters make no difference to the client";
            self.unsupported(&at.join(second), "JSON described twice", hint);
            return Json::Ambiguous;
        }
        for other in content.keys().filter(|other| *other != kind) {
            let message = format!("`{other}` is not used: there is {kind} beside it");
            let hint = "remove it, unless others need it";
            self.warn("unused-media-type", &at.join(other), message, hint);
        }
        Json::Found(kind, media)
    }

    pub(super) fn media(&mut self, media: &'a MediaType, at: &Pointer) -> Option<Resolved<'a>> {
        let Some(schema) = &media.schema else {
            let hint = "say what is in it with `schema`";
            self.unsupported(at, "a body without a schema", hint);
            return None;
        };
        self.resolve(schema, &at.join("schema"))
    }

    /// The name that types in a body begin with: that of the body's schema when other operations use it.
    pub(super) fn body_owner(&self, body: &Resolved<'a>, name: String) -> Owner {
        match body.name {
            Some(shared) if !self.used_once(shared) => Owner::new(shared),
            _ => Owner::new(name),
        }
    }

    /// Parameters first, then the properties of the body.
    fn json_body(
        &mut self,
        call: &Call<'_>,
        body: &Resolved<'a>,
        own: &Pointer,
        mut fields: Vec<Field>,
        mut required: Vec<String>,
    ) -> Option<Struct> {
        let object = self.object(body.schema, &body.pointer, Use::Body)?;
        let owner = self.body_owner(body, format!("{}Request", call.base));
        let mut own_fields = self.properties(&object, &owner, Place::Body);
        self.require(&mut own_fields, &object);
        fields.extend(own_fields);
        let name = body.name.map_or_else(|| format!("{}Model", call.base), str::to_owned);
        required.extend(object.required);
        let role = Role::Request(call.id.to_owned());
        let id = self.identity_of(body, own, "application/json");
        Some(self.struct_of_schema(body, id, name, role, required, fields))
    }

    /// The identity of the body's struct. A schema that others use gets a second struct here, with an
    /// identity of its own.
    pub(super) fn identity_of(&self, body: &Resolved<'a>, own: &Pointer, kind: &str) -> TypeId {
        let shared = match body.name {
            Some(name) => !self.used_once(name),
            // A schema that is written in a shared body or response.
            None => !body.pointer.as_str().starts_with(own.as_str()),
        };
        if shared { own.join("content").join(kind).join("schema") } else { body.pointer.clone() }
    }

    /// The `data` part is the JSON of the other parameters; every other part is a file.
    fn multipart_body(
        &mut self,
        call: &Call<'_>,
        body: &Resolved<'a>,
        own: &Pointer,
        mut fields: Vec<Field>,
        mut required: Vec<String>,
    ) -> Option<Struct> {
        let object = self.object(body.schema, &body.pointer, Use::Body)?;
        let owner = Owner::new(format!("{}Request", call.base));
        let mut name = format!("{}Model", call.base);
        let mut shown = None;
        for (part, (property, pointer)) in &object.properties {
            match property {
                ReferenceOr::Reference { .. } if *part != "data" => {
                    let hint =
                        "the JSON part of an upload is called `data`; every other part is a file";
                    self.unsupported(pointer, "a JSON part of this name", hint);
                    return None;
                }
                ReferenceOr::Reference { reference } => {
                    let data = self.component(reference, pointer)?;
                    let object = self.object(data.schema, &data.pointer, Use::Body)?;
                    let mut own_fields = self.properties(&object, &owner, Place::Body);
                    self.require(&mut own_fields, &object);
                    fields.extend(own_fields);
                    required.extend(object.required.iter().cloned());
                    name = data.name.map_or(name, str::to_owned);
                    shown = example(data.schema.schema_data.example.as_ref(), &data.pointer);
                }
                ReferenceOr::Item(_) => {
                    let file = self.field(part, &owner, Place::File, property, pointer.clone());
                    let mut file = Vec::from_iter(file);
                    self.require(&mut file, &object);
                    fields.extend(file);
                }
            }
        }
        // The part `data` is no field: the schema of `data` lists what it requires.
        let known: HashSet<&str> = fields.iter().map(|field| field.wire.as_str()).collect();
        let mut parts = object.required;
        parts.retain(|part| known.contains(part.as_str()));
        required.extend(parts);
        let role = Role::Request(call.id.to_owned());
        let id = self.identity_of(body, own, "multipart/form-data");
        let item = self.struct_of_schema(body, id, name, role, required, fields);
        // Files have no JSON form, so the example is that of the other parameters.
        Some(Struct { example: shown, ..item })
    }
}

/// A struct without a body, which the description implies but does not describe.
pub(super) fn bodyless(
    id: Pointer,
    name: String,
    role: Role,
    title: Option<&String>,
    description: String,
) -> Struct {
    Struct {
        id,
        upstream_name: name,
        role,
        fields: Vec::new(),
        required: Vec::new(),
        module: None,
        pinned_name: None,
        example: None,
        docs: Docs { title: title.cloned(), description: Some(description), ..Docs::default() },
    }
}
