//! A group's calls: a struct that holds the client, with a method per operation.

use quote::quote;

use super::{Builder, Context, Op, below, codes, comment, example, members, operation};
use crate::{
    docs::{Doc, clean},
    plan::Home,
    print::{
        SourceFile,
        shape::{Place, Shape},
    },
};

/// What a group's calls are made of.
#[derive(Debug)]
pub(super) struct Shapes {
    /// The struct.
    definition: Shape<1>,
    /// Its constructor.
    new: Shape<0>,
    /// What gives the client back.
    client: Shape<0>,
    /// A call: method, request and marker.
    call: Shape<3>,
}

impl Shapes {
    pub(super) fn new() -> Result<Self, String> {
        Ok(Self {
            definition: Shape::new(Place::Item, &[], |[name], _| {
                quote! {
                    #[derive(Clone, Debug)]
                    pub struct #name {
                        client: Client,
                    }
                }
            })?,
            new: Shape::new(Place::Member, &[], |[], _| {
                quote! {
                    /// The operations, called through a client.
                    #[must_use]
                    pub fn new(client: Client) -> Self {
                        Self { client }
                    }
                }
            })?,
            client: Shape::new(Place::Member, &[], |[], _| {
                quote! {
                    /// The client.
                    #[must_use]
                    pub fn client(&self) -> &Client {
                        &self.client
                    }
                }
            })?,
            call: Shape::new(Place::Member, &[0], |[method, request, marker], _| {
                quote! {
                    pub fn #method(&self, request: impl Borrow<#request>) -> Call<#marker> {
                        Call::new(&self.client, request.borrow())
                    }
                }
            })?,
        })
    }
}

/// The file with a group's calls.
///
/// # Errors
///
/// When an example cannot be laid out.
pub(super) fn file(context: &Context<'_>, number: usize) -> Result<SourceFile, String> {
    let Some((group, names)) = context.group(number) else { return Ok(SourceFile::default()) };
    // No type lives here, so everything is imported.
    let mut file = Builder::new(context, Home::Family(String::new()));
    file.imports.add("std::borrow::Borrow");
    file.imports.add_all("alipay_core", ["Call", "Client"]);
    let count = match names.operations.len() {
        1 => "The operation".to_owned(),
        n => format!("The {n} operations"),
    };
    let tag = clean::code_span(&group.tag).unwrap_or_default();
    let summary = format!("{count} of {tag}.");
    let shapes = &context.shapes.api;
    file.push_text(comment(&Doc::line(&summary), 0) + &shapes.definition.fill([&names.api])?);
    let mut all = vec![shapes.new.fill([])?, shapes.client.fill([])?];
    for (n, operation) in context.operations(number).enumerate() {
        all.push(call(&mut file, operation, &Home::Operation(number, n))?);
    }
    file.push_text(members(&format!("impl {}", names.api), &all));
    Ok(file.finish(Doc::line(summary)))
}

fn call(file: &mut Builder<'_>, operation: Op<'_>, home: &Home) -> Result<String, String> {
    let Op { group, item, names } = operation;
    let context = file.context;
    let Some(request) = context.structure(&item.request) else { return Ok(String::new()) };
    let doc = Doc::about(
        &item.docs,
        &format!("Calls {}.", clean::code_span(&item.id).unwrap_or_default()),
    )
    .paragraph(format!("{}.", operation::http_line(operation)))
    .append(operation::conduct(operation))
    .heading("Errors")
    .append(errors(&context, operation, home))
    .heading("Example")
    .code("no_run", example::of_call(&context, operation)?);
    file.imports.add(&format!(
        "crate::generated::{}::{}",
        below(&group.path, "operations"),
        names.marker
    ));
    let request = file.local(request.home, &request.names.name);
    let attributes = file.attributes(Some(&item.id), item.removed_in.as_deref())?;
    let call = context.shapes.api.call.fill([&names.method, &request, &names.marker])?;
    Ok([comment(&doc, 4), attributes, call].concat())
}

/// The codes an operation may answer.
fn errors(context: &Context<'_>, operation: Op<'_>, home: &Home) -> Doc {
    let name = &operation.names.codes.name;
    let link = format!("[`{name}`]({})", context.path(home, name));
    let codes: Vec<_> =
        operation.item.codes.codes.iter().filter_map(|code| clean::code_span(&code.wire)).collect();
    let own = if codes.is_empty() {
        format!("The operation has no published codes of its own ({link}).")
    } else {
        format!("{link}: {}.", codes.join(", "))
    };
    match &context.api.common_codes {
        Some(_) => Doc::line(own).paragraph(format!(
            "And those of the gateway, [`{common}`](crate::generated::models::{common}).",
            common = codes::COMMON,
        )),
        None => Doc::line(own),
    }
}
