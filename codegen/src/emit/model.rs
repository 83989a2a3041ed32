//! Structs: requests, responses, messages and their parts.

use super::{
    builder::{Block, Builder, alias, literal},
    enums, field,
};
use crate::{
    layout::Home,
    named::{Named, NamedApi, NamedStruct},
    names::StructNames,
    print::SourceFile,
    print::docs::{Doc, clean, shortened},
};
use alipay_openapi::ir::{Field, ListStyle, Place, Presence, Role, Struct};

/// The file of a family of shared types.
pub(super) fn family(api: &NamedApi<'_>, module: &str) -> SourceFile {
    let home = Home::Family(module.to_owned());
    let mut file = Builder::new(api, Some(home.clone()));
    let mut names = Vec::new();
    for item in api.structs_of(&home) {
        structure(&mut file, item, part(api, item));
        names.push(format!("`{}`", item.names.name));
    }
    for item in api.enums_of(&home) {
        enums::open_enum(&mut file, item);
        names.push(format!("`{}`", item.names.name));
    }
    file.finish(Doc::line(format!("{}.", names.join(", "))))
}

/// Says what a shared struct is part of.
pub(super) fn part(api: &NamedApi<'_>, item: NamedStruct<'_>) -> Doc {
    /// More holders are only counted.
    const FEW: usize = 3;
    let whole = match &item.item.role {
        Role::Shared { in_request: true, in_response: false } => "requests",
        Role::Shared { in_request: false, .. } => "responses",
        Role::Message(name) => {
            let name = clean::code_span(name).unwrap_or_default();
            return Doc::line(format!("The content of the message {name}."));
        }
        _ => "requests and responses",
    };
    let holders = api.holders(&item.item.id).map(|holder| format!("`{holder}`"));
    let mut holders: Vec<_> = holders.collect();
    // The order of the schemas in the description means nothing.
    holders.sort_unstable();
    Doc::line(match holders.as_slice() {
        [] => format!("Part of {whole}."),
        few => format!("Part of {whole}: {}.", shortened(few, FEW)),
    })
}

/// A struct. `about` follows the description's own words.
pub(super) fn structure(file: &mut Builder<'_>, item: NamedStruct<'_>, about: Doc) {
    let Named { item, names, .. } = item;
    let own = Doc::about(&item.docs, "");
    let doc = if own.summary().is_empty() { about } else { own.append(about) };
    let rows = item.fields.iter().zip(&names.fields);
    let rows: Vec<_> =
        rows.map(|(field, name)| (field, name, field::doc(&file.api, field, name))).collect();
    let doc = doc.explained(rows.iter().map(|(.., doc)| doc));
    let mut block = file.block("model");
    block.doc(&doc, 4);
    block.attributes(4, alias(&item.upstream_name, &names.name), None);
    let optional = !item.fields.iter().any(Field::is_required);
    let kind = match (optional, item.role.takes_input()) {
        (true, true) => ": optional input",
        (true, false) => ": optional",
        (false, true) => ": input",
        (false, false) => "",
    };
    block.line(4, &format!("pub struct {}{kind} {{", names.name));
    for (field, name, doc) in &rows {
        block.doc(doc, 8);
        block.attributes(8, alias(&field.wire, name), field::deprecated(item, field));
        let ty = file.field_type(field);
        block.line(8, &format!("pub {name}: {ty} = {},", row(field)));
    }
    block.line(4, "}");
    let required = item.required_fields();
    if item.role.takes_input() && !required.is_empty() {
        block.blank();
        constructor(file, &mut block, item, names);
    }
    file.push(block);
}

/// The constructor. It takes the required fields one by one; many of them come in a struct of their own.
fn constructor(file: &mut Builder<'_>, block: &mut Block, item: &Struct, names: &StructNames) {
    let required = item.required_fields();
    let pairs =
        || required.iter().filter_map(|(number, field)| Some((*field, names.fields.get(*number)?)));
    if let Some(parts) = &names.parts {
        block.doc(
            &Doc::line(format!("The required fields, which [`{0}::new`] takes.", names.name)),
            4,
        );
        block.line(4, &format!("new {parts} {{"));
        for (field, name) in pairs() {
            block.doc(&Doc::line(field::doc(&file.api, field, name).summary()), 8);
            block.attributes(8, None, field::deprecated(item, field));
            let ty = file.present_type(field);
            block.line(8, &format!("{name}: {ty},"));
        }
        block.line(4, "}");
        return;
    }
    let mut doc = Doc::line(if required.len() < item.fields.len() {
        "Takes the required fields. Each of the others has a method of its name that sets it."
    } else {
        "Takes all fields."
    });
    for (field, name) in pairs() {
        doc = doc.item(field::parameter(&file.api, field, name));
    }
    block.doc(&doc, 4);
    block.line(4, "new(");
    for (field, name) in pairs() {
        let parameter = file.parameter_type(field);
        block.line(8, &format!("{name}: {parameter},"));
    }
    block.line(4, ")");
}

/// The row of a field: where it stands in a request or response, and how.
fn row(field: &Field) -> String {
    let place = match field.place {
        Place::Body => "body",
        Place::File => "file",
        Place::Query => "query",
        Place::Path => "path",
        Place::Header => "header",
    };
    let list = match field.list_style {
        None | Some(ListStyle::Repeated) => "",
        Some(ListStyle::Commas) => ".list(model::ListStyle::Commas)",
        Some(ListStyle::Spaces) => ".list(model::ListStyle::Spaces)",
        Some(ListStyle::Pipes) => ".list(model::ListStyle::Pipes)",
    };
    let required = matches!(field.presence, Presence::Required(_)) && field.place != Place::Path;
    let required = if required { ".required()" } else { "" };
    let sensitive = if field.sensitive { ".sensitive()" } else { "" };
    format!("{place}({}){required}{list}{sensitive}", literal(&field.wire))
}
