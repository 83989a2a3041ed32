//! The asynchronous messages: their contents, and an enum of all.

use quote::quote;

use super::{Builder, Context, alias, alias_attribute, ident, model, open_enum};
use crate::{
    docs::{Doc, clean},
    plan::Home,
    print::SourceFile,
};

pub(super) fn file(context: &Context<'_>) -> Result<SourceFile, String> {
    let mut file = Builder::new(context, Home::Messages);
    file.imports.add_all("alipay_core::notification", ["Notification", "Verified"]);
    file.imports.add_all("alipay_core", ["Error", "value::UnknownValue"]);
    let name = ident(&context.names.message_enum);
    let mut variants = Vec::new();
    let mut names = Vec::new();
    let mut wires = Vec::new();
    for (item, variant) in context.api.messages.iter().zip(&context.names.messages) {
        let Some(found) = context.structure(&item.content) else { continue };
        let model = file.local(found.home, &found.names.name);
        let upstream = format!("The message {}.", clean::code_span(&item.name).unwrap_or_default());
        let about = Doc::about(&item.docs, "");
        let doc = if about.summary().is_empty() {
            Doc::line(upstream)
        } else {
            about.paragraph(upstream)
        };
        let doc = file.doc(&doc, 4);
        let alias = alias_attribute(alias(&item.name, variant));
        let (model, variant) = (ident(&model), ident(variant));
        variants.push(quote!(#doc #alias #variant(#model),));
        names.push(variant);
        wires.push(item.name.as_str());
    }
    file.push(quote! {
        /// A message of Alipay's, after verification.
        #[derive(Clone, Debug, PartialEq)]
        #[non_exhaustive]
        pub enum #name {
            #(#variants)*
            /// A message that is not in the list: its name.
            Unknown(UnknownValue),
        }
    });
    file.push(quote! {
        impl #name {
            /// Reads the content of a notification that was verified.
            ///
            /// # Errors
            ///
            /// When the content does not have the fields of its message.
            pub fn from_notification(notification: &Verified<Notification>) -> Result<Self, Error> {
                let message = match notification.method() {
                    #(#wires => Self::#names(notification.decode()?),)*
                    name => Self::Unknown(UnknownValue::new(name)),
                };
                Ok(message)
            }
            /// The name of the message.
            #[must_use]
            pub fn name(&self) -> &str {
                match self {
                    #(Self::#names(_) => #wires,)*
                    Self::Unknown(name) => name.as_str(),
                }
            }
        }
    });
    for item in context.structs_of(&Home::Messages) {
        model::structure(&mut file, item, Doc::new())?;
    }
    for item in context.enums_of(&Home::Messages) {
        open_enum::items(&mut file, item)?;
    }
    Ok(file.finish(Doc::line("The messages Alipay sends when something has happened.")))
}
