//! Webhooks to messages.

use heck::ToUpperCamelCase;
use openapiv3::Schema;
use serde_json::Value;

use super::{context::Lowering, objects::Owner};
use crate::{
    diag::{Diagnostic, Sink},
    ir::{Confidence, Message, Place, Role},
    overlay::Document,
    pointer::Pointer,
};

const KEY: &str = "x-webhooks";

/// A webhook that was read: its schema is not part of the typed model, so it has to live somewhere.
pub(super) struct Webhook<'a> {
    name: &'a str,
    post: &'a Value,
    origin: Pointer,
    schema: Schema,
    schema_pointer: Pointer,
}

/// Reads `x-webhooks`, which has the shape of OpenAPI 3.1's `webhooks`.
pub(super) fn read<'a>(document: &'a Document, sink: &mut Sink) -> Vec<Webhook<'a>> {
    let root = Pointer::root().join(KEY);
    let Some(webhooks) = document.model.extensions.get(KEY) else { return Vec::new() };
    let Some(webhooks) = webhooks.as_object() else {
        report(
            document,
            sink,
            &root,
            format!("`{KEY}` must be a map from message name to path item"),
        );
        return Vec::new();
    };
    webhooks
        .iter()
        .filter_map(|(name, item)| webhook(document, sink, name, item, &root.join(name)))
        .collect()
}

fn webhook<'a>(
    document: &Document,
    sink: &mut Sink,
    name: &'a str,
    item: &'a Value,
    at: &Pointer,
) -> Option<Webhook<'a>> {
    let path = ["requestBody", "content", "application/json", "schema"];
    let origin = at.join("post");
    let found = item.get("post").and_then(|post| {
        let schema = path.iter().try_fold(post, |value, key| value.get(key))?;
        Some((post, schema))
    });
    let Some((post, schema)) = found else {
        let message = format!("the message `{name}` has no `post.{}`", path.join("."));
        report(document, sink, at, message);
        return None;
    };
    let schema_pointer = path.iter().fold(origin.clone(), |pointer, key| pointer.join(key));
    match serde_json::from_value(schema.clone()) {
        Ok(schema) => Some(Webhook { name, post, origin, schema, schema_pointer }),
        Err(error) => {
            report(document, sink, &schema_pointer, format!("this is not a schema: {error}"));
            None
        }
    }
}

impl<'a> Lowering<'a> {
    /// Lowers the messages.
    pub(super) fn messages(&mut self, webhooks: &'a [Webhook<'a>]) -> Vec<Message> {
        webhooks.iter().filter_map(|webhook| self.message(webhook)).collect()
    }

    fn message(&mut self, webhook: &'a Webhook<'a>) -> Option<Message> {
        let Webhook { name, post, origin, schema, schema_pointer } = webhook;
        let object = self.object(schema, schema_pointer)?;
        let owner = Owner::new(name.to_upper_camel_case());
        let fields = self.properties(&object, &owner, Place::Body);
        let role = Role::Message((*name).to_owned());
        let required = object.required;
        let content = self.struct_of_schema(schema_pointer, name, role, schema, required, fields);
        self.structs.push(content);
        let text = |key: &str| post.get(key).and_then(Value::as_str);
        let mut docs = self.docs(text("summary"), text("description"), origin);
        if let Some(word) = text("x-confidence") {
            match Confidence::parse(word) {
                Some(confidence) => docs.confidence = confidence,
                None => self.malformed(
                    &origin.join("x-confidence"),
                    "x-confidence",
                    "a confidence word",
                ),
            }
        }
        Some(Message {
            name: (*name).to_owned(),
            content: schema_pointer.clone(),
            pinned_name: text("x-rust-name").map(str::to_owned),
            docs,
            origin: origin.clone(),
        })
    }
}

/// Notes that an extension does not hold what it should.
fn report(document: &Document, sink: &mut Sink, pointer: &Pointer, message: String) {
    let finding = Diagnostic::error("malformed-extension", message);
    sink.push(finding.at(document.locate(pointer)).pointer(pointer));
}
