//! Operations: parameters, body and files merged into one request; the 200 answer; what a repeat does.

use std::collections::BTreeMap;

use heck::ToUpperCamelCase;
use openapiv3::{
    MediaType, Operation as Source, Parameter, ParameterData, ParameterSchemaOrContent, PathItem,
    ReferenceOr, Response, StatusCode,
};

use super::context::{Lowering, Resolved};
use crate::{
    ir::{
        Confidence, Docs, Field, Group, Method, Operation, Place, Presence, Role, Safety, Struct,
        TypeId,
    },
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
                self.unsupported(
                    &at,
                    "a path that refers to another document",
                    "refine it in the overlay, or generate only tags that do without it",
                );
                continue;
            };
            for (method, source) in item.iter() {
                let at = at.join(method);
                if let Some(id) = source.operation_id.as_deref()
                    && let Some(first) = ids.insert(id, at.clone())
                {
                    let message = format!("the operationId `{id}` is used twice, first at {first}");
                    self.error(
                        "duplicate-operation-id",
                        &at.join("operationId"),
                        message,
                        "every operation needs an id of its own",
                    );
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
            if !self
                .document
                .model
                .operations()
                .any(|(_, _, operation)| operation.tags.contains(tag))
            {
                self.error(
                    "unknown-tag",
                    &Pointer::parse("/paths"),
                    format!("no operation has the tag `{tag}`"),
                    "`cargo xtask tags FILE` lists them",
                );
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
            self.unsupported(
                &at.join("callbacks"),
                "a callback",
                "refine it in the overlay, or generate only tags that do without it",
            );
        }
        let base = id.to_upper_camel_case();
        let request = self.request(&id, &base, item, source, at);
        let response = self.response(&id, &base, source, at);
        let codes =
            self.codes(source.responses.default.as_ref(), &at.join("responses").join("default"));
        let (request, response) = (request?, response?);
        self.check_path(path, &request, at);
        let safety = self.safety(method, source, &request, at);
        let docs = self.docs(source.summary.as_deref(), source.description.as_deref(), at);
        let completed_by = self.text_extension(&source.extensions, "x-alipay-completed-by", at);
        let operation = Operation {
            id,
            method,
            path: path.to_owned(),
            request: request.id.clone(),
            response: response.id.clone(),
            codes,
            safety,
            completed_by,
            removed_in: self.removed_in(&source.extensions, at),
            docs,
            origin: at.clone(),
        };
        self.structs.push(request);
        self.structs.push(response);
        Some((tag, operation))
    }

    /// The tag and id, which follow a law: one tag, and the id is the tag and a verb.
    fn identity(&mut self, source: &Source, at: &Pointer) -> Option<(String, String)> {
        let hint = "in Alipay's descriptions the operationId is the operation's only tag, a dot and a verb";
        let Some(id) = source.operation_id.clone() else {
            self.error(
                "operation-identity",
                at,
                "the operation has no operationId".to_owned(),
                hint,
            );
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
                self.unsupported(
                    at,
                    &format!("the method {}", method.to_uppercase()),
                    "refine it in the overlay, or generate only tags that do without it",
                );
                None
            }
        }
    }

    fn request(
        &mut self,
        id: &str,
        base: &str,
        item: &'a PathItem,
        source: &'a Source,
        at: &Pointer,
    ) -> Option<Struct> {
        let mut fields = Vec::new();
        let mut required = Vec::new();
        let own = at.join("parameters");
        let shared = at.parent().unwrap_or_default().join("parameters");
        let parameters =
            source.parameters.iter().enumerate().map(|(index, p)| (own.join(index), p));
        let inherited =
            item.parameters.iter().enumerate().map(|(index, p)| (shared.join(index), p));
        for (pointer, parameter) in parameters.chain(inherited) {
            let Some(field) = self.parameter(parameter, &pointer) else { continue };
            // A path item's parameter gives way to the operation's own of the same name.
            if fields
                .iter()
                .any(|known: &Field| known.wire == field.wire && known.place == field.place)
            {
                continue;
            }
            if matches!(field.presence, Presence::Required(_)) {
                required.push(field.wire.clone());
            }
            fields.push(field);
        }
        let role = Role::Request(id.to_owned());
        let Some(body) = &source.request_body else {
            return Some(Struct {
                id: at.join("parameters"),
                upstream_name: format!("{base}Model"),
                role,
                fields,
                required,
                module: None,
                pinned_name: None,
                docs: described(source.summary.as_ref(), format!("Parameters of `{id}`.")),
            });
        };
        let ReferenceOr::Item(body) = body else {
            self.unsupported(
                &at.join("requestBody"),
                "a reference to a shared request body",
                "refine it in the overlay, or generate only tags that do without it",
            );
            return None;
        };
        let at = at.join("requestBody").join("content");
        let mut content = body.content.iter();
        match (content.next(), content.next()) {
            (Some((kind, media)), None) if kind == "application/json" => {
                let body = self.media(media, &at.join(kind))?;
                self.json_body(&body, &at.join(kind), base, role, fields, required)
            }
            (Some((kind, media)), None) if kind == "multipart/form-data" => {
                let body = self.media(media, &at.join(kind))?;
                self.multipart_body(&body, base, role, fields, required)
            }
            (None, _) => {
                self.unsupported(
                    &at,
                    "a body without a media type",
                    "refine it in the overlay, or generate only tags that do without it",
                );
                None
            }
            _ => {
                let hint = "one body of application/json or multipart/form-data";
                self.unsupported(&at, "a body of this media type, or of several,", hint);
                None
            }
        }
    }

    fn media(&mut self, media: &'a MediaType, at: &Pointer) -> Option<Resolved<'a>> {
        let at = at.join("schema");
        match &media.schema {
            Some(schema) => self.resolve(schema, &at),
            None => {
                self.unsupported(
                    &at,
                    "a body without a schema",
                    "refine it in the overlay, or generate only tags that do without it",
                );
                None
            }
        }
    }

    /// Parameters first, then the properties of the body.
    fn json_body(
        &mut self,
        body: &Resolved<'a>,
        at: &Pointer,
        base: &str,
        role: Role,
        mut fields: Vec<Field>,
        mut required: Vec<String>,
    ) -> Option<Struct> {
        let object = self.object(body.schema, &body.pointer)?;
        for field in self.properties(object, &body.pointer, Place::Body) {
            if let Some(known) = fields.iter().find(|known| known.wire == field.wire) {
                let message = format!(
                    "`{}` is both a parameter ({}) and a property of the body",
                    field.wire, known.origin
                );
                self.error(
                    "ambiguous-field",
                    &field.origin,
                    message,
                    "the request has one field of a name; remove one in the overlay",
                );
            }
            fields.push(field);
        }
        // A body that others use too gets a struct of its own here, with an identity of its own.
        let id = match body.name {
            Some(name) if self.used_once(name) => body.pointer.clone(),
            Some(_) => at.join("schema"),
            None => body.pointer.clone(),
        };
        let name = body.name.map_or_else(|| format!("{base}Model"), str::to_owned);
        let mut item =
            self.struct_of_schema(&body.pointer, &name, role, body.schema, object, fields);
        item.id = id;
        required.append(&mut item.required);
        item.required = required;
        Some(item)
    }

    /// The `data` part is the JSON of the other parameters; every other part is a file.
    fn multipart_body(
        &mut self,
        body: &Resolved<'a>,
        base: &str,
        role: Role,
        mut fields: Vec<Field>,
        mut required: Vec<String>,
    ) -> Option<Struct> {
        let object = self.object(body.schema, &body.pointer)?;
        let mut name = format!("{base}Model");
        for (part, property) in &object.properties {
            let pointer = body.pointer.join("properties").join(part);
            match property {
                ReferenceOr::Reference { reference } => {
                    let data = self.component(reference, &pointer)?;
                    let object = self.object(data.schema, &data.pointer)?;
                    fields.extend(self.properties(object, &data.pointer, Place::Body));
                    required.extend(object.required.iter().cloned());
                    name = data.name.map_or(name, str::to_owned);
                }
                ReferenceOr::Item(schema) => {
                    fields.extend(self.field(part, Place::File, schema, pointer));
                }
            }
        }
        let mut item =
            self.struct_of_schema(&body.pointer, &name, role, body.schema, object, fields);
        required.append(&mut item.required);
        item.required = required;
        Some(item)
    }

    fn parameter(&mut self, parameter: &'a ReferenceOr<Parameter>, at: &Pointer) -> Option<Field> {
        let (parameter, pointer) = match parameter {
            ReferenceOr::Item(parameter) => (parameter, at.clone()),
            ReferenceOr::Reference { reference } => self.shared_parameter(reference, at)?,
        };
        match parameter {
            Parameter::Query { parameter_data, .. } => {
                self.parameter_field(parameter_data, Place::Query, &pointer)
            }
            Parameter::Path { parameter_data, .. } => {
                self.parameter_field(parameter_data, Place::Path, &pointer)
            }
            Parameter::Header { .. } => {
                self.unsupported(
                    &pointer,
                    "a header parameter",
                    "the client sets the protocol's headers itself",
                );
                None
            }
            Parameter::Cookie { .. } => {
                self.unsupported(
                    &pointer,
                    "a cookie parameter",
                    "refine it in the overlay, or generate only tags that do without it",
                );
                None
            }
        }
    }

    fn shared_parameter(
        &mut self,
        reference: &'a str,
        at: &Pointer,
    ) -> Option<(&'a Parameter, Pointer)> {
        let name = reference.strip_prefix("#/components/parameters/");
        let components = self.document.model.components.as_ref();
        let found = name
            .zip(components)
            .and_then(|(name, components)| components.parameters.get_key_value(name));
        match found {
            Some((name, ReferenceOr::Item(parameter))) => {
                Some((parameter, Pointer::parse("/components/parameters").join(name)))
            }
            _ => {
                self.error(
                    "unresolved-ref",
                    &at.join("$ref"),
                    format!("there is no parameter `{reference}`"),
                    "references to parameters must be of the form `#/components/parameters/Name`",
                );
                None
            }
        }
    }

    fn parameter_field(
        &mut self,
        data: &'a ParameterData,
        place: Place,
        at: &Pointer,
    ) -> Option<Field> {
        let ParameterSchemaOrContent::Schema(schema) = &data.format else {
            self.unsupported(
                &at.join("content"),
                "a parameter with a media type",
                "refine it in the overlay, or generate only tags that do without it",
            );
            return None;
        };
        let resolved = self.resolve(schema, &at.join("schema"))?;
        let mut field = self.field(&data.name, place, resolved.schema, resolved.pointer)?;
        if matches!(field.ty, crate::ir::Ty::List(_) | crate::ir::Ty::Struct { .. }) {
            self.unsupported(
                at,
                "a parameter that is a list or an object",
                "refine it in the overlay, or generate only tags that do without it",
            );
            return None;
        }
        let required = data.required || place == Place::Path;
        if required {
            let pointer = at.join("required");
            let confidence = self.confidence(&pointer);
            if confidence == Confidence::Inferred && place != Place::Path {
                self.only_inferred(&data.name, &pointer);
            }
            field.presence = Presence::Required(confidence);
        }
        if data.description.is_some() {
            field.docs = self.docs(field.docs.title.as_deref(), data.description.as_deref(), at);
        }
        field.deprecated |= data.deprecated.unwrap_or(false);
        field.example = field.example.or_else(|| data.example.clone());
        field.sensitive |= self.flag_extension(&data.extensions, "x-alipay-sensitive", at);
        field.removed_in = self.removed_in(&data.extensions, at).or(field.removed_in);
        if field.required_when.is_none() {
            field.required_when = self.text_extension(&data.extensions, "x-alipay-required", at);
        }
        field.origin = at.clone();
        Some(field)
    }

    /// Every name in the path template is a parameter, and the other way round.
    fn check_path(&mut self, path: &str, request: &Struct, at: &Pointer) {
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
        for name in named.iter().filter(|name| !given.contains(name)) {
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

    /// The 200 answer; an operation without one answers with an empty object.
    fn response(
        &mut self,
        id: &str,
        base: &str,
        source: &'a Source,
        at: &Pointer,
    ) -> Option<Struct> {
        let at = at.join("responses");
        let mut success = None;
        for (status, response) in &source.responses.responses {
            match status {
                StatusCode::Code(200) => success = Some(response),
                _ => self.unsupported(
                    &at.join(status),
                    &format!("an answer for status {status}"),
                    "operations have one answer, for 200, and a `default` for errors",
                ),
            }
        }
        let at = at.join(200);
        let role = Role::Response(id.to_owned());
        let empty = |id: TypeId, role| Struct {
            id,
            upstream_name: format!("{base}ResponseModel"),
            role,
            fields: Vec::new(),
            required: Vec::new(),
            module: None,
            pinned_name: None,
            docs: described(source.summary.as_ref(), "An empty answer.".to_owned()),
        };
        let content = match success {
            None => {
                self.unsupported(
                    &at,
                    "an operation without an answer for status 200",
                    "refine it in the overlay, or generate only tags that do without it",
                );
                return None;
            }
            Some(ReferenceOr::Reference { .. }) => {
                self.unsupported(
                    &at,
                    "a reference to a shared response",
                    "refine it in the overlay, or generate only tags that do without it",
                );
                return None;
            }
            Some(ReferenceOr::Item(Response { content, .. })) if content.is_empty() => {
                return Some(empty(at.clone(), role));
            }
            Some(ReferenceOr::Item(response)) => &response.content,
        };
        let at = at.join("content");
        let mut media = content.iter();
        let (Some((kind, media)), None) = (media.next(), media.next()) else {
            self.unsupported(
                &at,
                "an answer of several media types",
                "refine it in the overlay, or generate only tags that do without it",
            );
            return None;
        };
        if kind != "application/json" {
            self.unsupported(
                &at.join(kind),
                &format!("an answer of type {kind}"),
                "refine it in the overlay, or generate only tags that do without it",
            );
            return None;
        }
        let body = self.media(media, &at.join(kind))?;
        let object = self.object(body.schema, &body.pointer)?;
        let fields = self.properties(object, &body.pointer, Place::Body);
        let name = body.name.map_or_else(|| format!("{base}ResponseModel"), str::to_owned);
        let mut item =
            self.struct_of_schema(&body.pointer, &name, role, body.schema, object, fields);
        if body.name.is_some_and(|name| !self.used_once(name)) {
            item.id = at.join(kind).join("schema");
        }
        Some(item)
    }

    fn safety(
        &mut self,
        method: Method,
        source: &Source,
        request: &Struct,
        at: &Pointer,
    ) -> Safety {
        const KEY: &str = "x-alipay-idempotency-key";
        if let Some(key) = self.text_extension(&source.extensions, KEY, at) {
            if !request.fields.iter().any(|field| field.wire == key.value) {
                let message = format!("`{}` is not a field of the request", key.value);
                self.error(
                    "unknown-idempotency-key",
                    &at.join(KEY),
                    message,
                    "name a field of the request, as it stands on the wire",
                );
            }
            return Safety::IdempotentBy(key);
        }
        match method {
            Method::Get => Safety::ReadOnly,
            _ => Safety::Unsafe,
        }
    }
}

/// The texts of a struct that the description implies but does not describe.
fn described(title: Option<&String>, description: String) -> Docs {
    Docs { title: title.cloned(), description: Some(description), ..Docs::default() }
}
