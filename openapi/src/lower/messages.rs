//! Webhooks to messages.

use heck::ToUpperCamelCase;
use openapiv3::{PathItem, ReferenceOr, Schema};
use serde::Deserialize;

use super::{annotations::string, context::Lowering, keys::Use, objects::Owner};
use crate::{
    ir::{Message, Place, Role},
    overlay::Document,
    pointer::Pointer,
};

const KEY: &str = "x-webhooks";
const JSON: &str = "application/json";

/// A webhook. It is not part of the document's typed model, so its own is held here.
pub(super) struct Webhook<'a> {
    name: &'a str,
    item: Result<PathItem, serde_json::Error>,
}

/// Reads `x-webhooks`, which has the shape of OpenAPI 3.1's `webhooks`.
pub(super) fn read(document: &Document) -> Vec<Webhook<'_>> {
    let webhooks = document.model.extensions.get(KEY).and_then(|webhooks| webhooks.as_object());
    let items = webhooks.into_iter().flatten();
    items.map(|(name, item)| Webhook { name, item: PathItem::deserialize(item) }).collect()
}

impl Webhook<'_> {
    /// What the message holds.
    fn schema(&self) -> Option<&ReferenceOr<Schema>> {
        let post = self.item.as_ref().ok()?.post.as_ref()?;
        post.request_body.as_ref()?.as_item()?.content.get(JSON)?.schema.as_ref()
    }
}

impl<'a> Lowering<'a> {
    /// Lowers the messages.
    pub(super) fn messages(&mut self, webhooks: &'a [Webhook<'a>]) -> Vec<Message> {
        webhooks.iter().filter_map(|webhook| self.message(webhook)).collect()
    }

    fn message(&mut self, webhook: &'a Webhook<'a>) -> Option<Message> {
        let name = webhook.name;
        let at = Pointer::root().join(KEY).join(name);
        let (Ok(PathItem { post: Some(post), .. }), Some(schema)) =
            (&webhook.item, webhook.schema())
        else {
            let message =
                format!("the message `{name}` has no `post.requestBody.content.{JSON}.schema`");
            self.error("malformed-extension", &at, message, "say there what the message holds");
            return None;
        };
        let origin = at.join("post");
        let id = origin.join("requestBody").join("content").join(JSON).join("schema");
        let body = self.resolve(schema, &id)?;
        let object = self.object(body.schema, &body.pointer, Use::Body)?;
        let owner = Owner::new(name.to_upper_camel_case());
        let fields = self.properties(&object, &owner, Place::Body);
        let role = Role::Message(name.to_owned());
        let (own, name) = (id.clone(), name.to_owned());
        let content =
            self.struct_of_schema(&body, own, name.clone(), role, object.required, fields);
        self.structs.push(content);
        Some(Message {
            name,
            content: id,
            pinned_name: string(&post.extensions, "x-rust-name"),
            docs: self.docs(post.summary.as_deref(), post.description.as_deref(), &origin),
            origin,
        })
    }
}
