//! Parameters: path, query and headers.

use openapiv3::{
    Components, HeaderStyle, Parameter, ParameterData, ParameterSchemaOrContent, PathStyle,
    QueryStyle, ReferenceOr,
};

use super::{
    annotations::{is_true, removed_in, string},
    context::Lowering,
    objects::Owner,
};
use crate::{
    ir::{Field, ListStyle, Place, Presence, Ty},
    pointer::Pointer,
};

// `known_twice.rs` among the tests of alipay-mock compares this with the runtime.
/// Headers that the client or the HTTP stack sets. Those that begin with `alipay-` or `proxy-` are not
/// listed.
const PROTOCOL_HEADERS: [&str; 15] = [
    "accept",
    "accept-encoding",
    "authorization",
    "connection",
    "content-encoding",
    "content-length",
    "content-type",
    "cookie",
    "expect",
    "host",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "user-agent",
];

const ELSEWHERE: &str = "send it in the JSON body, or make it a list or a single value";

impl<'a> Lowering<'a> {
    pub(super) fn parameter(
        &mut self,
        parameter: &'a ReferenceOr<Parameter>,
        owner: &Owner,
        at: &Pointer,
    ) -> Option<Field> {
        let section = |components: &'a Components| &components.parameters;
        let (parameter, pointer, _) = self.resolve_any(section, "parameters", parameter, at)?;
        match parameter {
            Parameter::Query { parameter_data, style, allow_reserved, .. } => {
                if *allow_reserved {
                    let hint = "remove it: reserved characters are always percent-encoded";
                    self.unsupported(&pointer.join("allowReserved"), "`allowReserved`", hint);
                }
                let mut field =
                    self.parameter_field(parameter_data, owner, Place::Query, &pointer)?;
                self.query_list(&mut field, style, parameter_data.explode, &pointer)?;
                Some(field)
            }
            Parameter::Path { parameter_data, style } => {
                if *style != PathStyle::Simple {
                    let hint = "use `style: simple`, which is the default";
                    self.unsupported(
                        &pointer.join("style"),
                        "a path parameter of this style",
                        hint,
                    );
                }
                let field = self.parameter_field(parameter_data, owner, Place::Path, &pointer)?;
                self.single(field, "a path parameter that is a list or an object", &pointer)
            }
            Parameter::Header { parameter_data, style: HeaderStyle::Simple } => {
                self.header_name(&parameter_data.name, &pointer)?;
                let field = self.parameter_field(parameter_data, owner, Place::Header, &pointer)?;
                self.single(field, "a header parameter that is a list or an object", &pointer)
            }
            Parameter::Cookie { .. } => {
                let hint = "the gateway knows no cookies: send it in the query or in a header";
                self.unsupported(&pointer, "a cookie parameter", hint);
                None
            }
        }
    }

    /// Settles how a list stands in the query; anything else must be a single value.
    fn query_list(
        &mut self,
        field: &mut Field,
        style: &QueryStyle,
        explode: Option<bool>,
        at: &Pointer,
    ) -> Option<()> {
        if *style == QueryStyle::DeepObject {
            self.unsupported(
                &at.join("style"),
                "a query parameter of style `deepObject`",
                ELSEWHERE,
            );
            return None;
        }
        let Ty::List(item) = &field.ty else {
            let single = field.ty.is_single();
            if !single {
                self.unsupported(at, "a query parameter that is an object", ELSEWHERE);
            }
            return single.then_some(());
        };
        if !item.is_single() {
            self.unsupported(at, "a query parameter that is a list of lists or objects", ELSEWHERE);
            return None;
        }
        let explode = explode.unwrap_or(*style == QueryStyle::Form);
        field.list_style = Some(match style {
            _ if explode => ListStyle::Repeated,
            QueryStyle::SpaceDelimited => ListStyle::Spaces,
            QueryStyle::PipeDelimited => ListStyle::Pipes,
            QueryStyle::Form | QueryStyle::DeepObject => ListStyle::Commas,
        });
        Some(())
    }

    fn single(&mut self, field: Field, what: &str, at: &Pointer) -> Option<Field> {
        if field.ty.is_single() {
            return Some(field);
        }
        self.unsupported(at, what, "send it in the query or in the JSON body");
        None
    }

    /// Refuses headers that the protocol uses, and names that are none.
    fn header_name(&mut self, name: &str, at: &Pointer) -> Option<()> {
        let lower = name.to_ascii_lowercase();
        let reserved = lower.starts_with("alipay-")
            || lower.starts_with("proxy-")
            || PROTOCOL_HEADERS.contains(&lower.as_str());
        let token = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
        if reserved {
            let message = format!("the header `{name}` is the protocol's, and the client sets it");
            let hint = "remove the parameter: callers have methods for what may be set";
            self.error("reserved-header", &at.join("name"), message, hint);
        } else if name.is_empty() || !name.bytes().all(token) {
            let message = "this is not the name of a header".to_owned();
            let hint = "use letters, digits and hyphens, like `X-Request-Kind`";
            self.error("reserved-header", &at.join("name"), message, hint);
        } else {
            return Some(());
        }
        None
    }

    fn parameter_field(
        &mut self,
        data: &'a ParameterData,
        owner: &Owner,
        place: Place,
        at: &Pointer,
    ) -> Option<Field> {
        let ParameterSchemaOrContent::Schema(schema) = &data.format else {
            let hint = "give it a `schema`; what is sent as JSON belongs into the body";
            self.unsupported(&at.join("content"), "a parameter with a media type", hint);
            return None;
        };
        let pointer = at.join("schema");
        self.parameter_keys(at)?;
        let mut field = self.field(&data.name, owner, place, schema, pointer)?;
        let said = at.join("required");
        if place == Place::Path {
            field.presence = Presence::Required(self.confidence(&said));
        } else if data.required {
            field.presence = self.required(&data.name, &said);
        }
        if data.description.is_some() {
            field.docs = self.docs(field.docs.title.as_deref(), data.description.as_deref(), at);
        }
        field.deprecated |= data.deprecated.unwrap_or(false);
        field.example = field.example.or_else(|| data.example.clone());
        field.sensitive |= is_true(&data.extensions, "x-alipay-sensitive");
        field.pinned_name = string(&data.extensions, "x-rust-name").or(field.pinned_name);
        field.removed_in = removed_in(&data.extensions).or(field.removed_in);
        if field.required_when.is_none() {
            field.required_when = self.sourced_string(&data.extensions, "x-alipay-required", at);
        }
        if field.legacy.is_none() {
            field.legacy = self.legacy(&data.extensions, at);
        }
        field.limits.extend(self.rules(at));
        field.origin = at.clone();
        Some(field)
    }

    /// What decides on the type is said in the schema.
    fn parameter_keys(&mut self, at: &Pointer) -> Option<()> {
        const OF_SCHEMAS: [&str; 5] = [
            "x-extensible-enum",
            "x-enum-descriptions",
            "x-alipay-unit",
            "x-alipay-minimum",
            "x-alipay-maximum",
        ];
        let keys = self.raw(at)?.keys().filter(|key| OF_SCHEMAS.contains(&key.as_str()));
        let mut good = Some(());
        for key in keys.collect::<Vec<_>>() {
            let message = format!("`{key}` beside the `schema` of a parameter is not used");
            let hint = "say it in the `schema`";
            self.error("unsupported-construct", &at.join(key), message, hint);
            good = None;
        }
        good
    }
}
