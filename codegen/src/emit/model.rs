//! Structs: requests, answers, messages and their parts.

mod shapes;

use shapes::AccessShapes;
pub(super) use shapes::Shapes;

use super::{Builder, Context, Named, alias, comment, field, literal, members, open_enum};
use crate::{
    docs::{Doc, clean},
    ir::{Field, ListStyle, Place, Presence, Role, Struct, Ty},
    names::StructNames,
    plan::Home,
    print::{SourceFile, shape::Shape},
};

/// The most parameters and the most `bool`s clippy takes without asking.
const FEW_PARAMETERS: usize = 7;
const FEW_BOOLS: usize = 3;

/// The file of a family of shared types.
pub(super) fn family(context: &Context<'_>, module: &str) -> Result<SourceFile, String> {
    let home = Home::Family(module.to_owned());
    let mut file = Builder::new(context, home.clone());
    let mut names = Vec::new();
    for item in context.structs_of(&home) {
        let about = match &item.item.role {
            Role::Shared { in_request: true, in_response: false } => "Part of requests.",
            Role::Shared { in_request: false, .. } => "Part of answers.",
            _ => "Part of requests and answers.",
        };
        structure(&mut file, item, Doc::line(about))?;
        names.push(format!("`{}`", item.names.name));
    }
    for item in context.enums_of(&home) {
        open_enum::items(&mut file, item)?;
        names.push(format!("`{}`", item.names.name));
    }
    Ok(file.finish(Doc::line(format!("{}.", names.join(", ")))))
}

/// All items of a struct. `about` is said behind the description's text.
pub(super) fn structure(
    file: &mut Builder<'_>,
    item: Named<'_, Struct, StructNames>,
    about: Doc,
) -> Result<(), String> {
    file.imports.add("std::fmt");
    file.imports.add_all("alipay_core::model", ["Model", "Table"]);
    file.core("model");
    file.core("value::Value");
    file.imports.add_all("serde", ["Deserialize", "Deserializer", "Serialize", "Serializer"]);
    if !item.item.fields.is_empty() {
        file.core("model::Field");
    }
    let joined = |field: &Field| !matches!(field.list_style, None | Some(ListStyle::Repeated));
    if item.item.fields.iter().any(joined) {
        file.core("model::ListStyle");
    }
    let parts = Parts::new(file, item);
    let definition = parts.definition(file, about)?;
    file.push_text(definition);
    if takes_input(&item.item.role) {
        let setters = parts.setters(file)?;
        file.push_text(setters);
    }
    file.push_text(parts.model(file.context.shapes)?);
    let rest = file.context.shapes.wrappers.model(&item.names.name)?;
    file.push_text(rest);
    Ok(())
}

/// Whether callers make values of a struct.
pub(crate) fn takes_input(role: &Role) -> bool {
    matches!(role, Role::Request(_) | Role::Shared { in_request: true, .. })
}

/// The fields that `new` takes, in its order, with their numbers.
pub(crate) fn required_fields(item: &Struct) -> Vec<(usize, &Field)> {
    let rank = |field: &Field| item.required.iter().position(|name| *name == field.wire);
    let mut fields: Vec<_> =
        item.fields.iter().enumerate().filter(|(_, field)| field::is_required(field)).collect();
    fields.sort_by_key(|(number, field)| (rank(field).unwrap_or(usize::MAX), *number));
    fields
}

struct Parts<'a> {
    item: &'a Struct,
    name: &'a str,
    fields: Vec<(&'a Field, &'a str)>,
    types: Vec<String>,
}

impl<'a> Parts<'a> {
    fn new(file: &mut Builder<'_>, item: Named<'a, Struct, StructNames>) -> Self {
        let Named { item, names, .. } = item;
        let fields: Vec<_> =
            item.fields.iter().zip(names.fields.iter().map(String::as_str)).collect();
        let types = item.fields.iter().map(|field| field::field_type(file, field)).collect();
        Self { item, name: &names.name, fields, types }
    }

    fn all_optional(&self) -> bool {
        !self.item.fields.iter().any(field::is_required)
    }

    fn names_deprecated(&self) -> bool {
        self.item.fields.iter().any(|field| field.removed_in.is_some())
    }

    fn definition(&self, file: &Builder<'_>, about: Doc) -> Result<String, String> {
        let shapes = &file.context.shapes.model;
        let upstream = clean::code_span(&self.item.upstream_name).unwrap_or_default();
        let doc = Doc::about(&self.item.docs, &format!("The object {upstream}.")).append(about);
        let mut text = comment(&doc, 0);
        let upstream = alias(&self.item.upstream_name, self.name);
        text.push_str(&file.context.shapes.alias(upstream)?);
        let bools =
            self.fields.iter().filter(|(f, _)| field::is_required(f) && f.ty == Ty::Boolean);
        let shape = match (self.fields.is_empty(), self.all_optional()) {
            (true, _) => &shapes.empty,
            (_, true) => &shapes.optional,
            _ if bools.count() > FEW_BOOLS => &shapes.of_bools,
            _ => &shapes.strict,
        };
        let mut fields = String::new();
        for ((field, rust_name), ty) in self.fields.iter().zip(&self.types) {
            fields.push_str(&comment(&field::doc(field, rust_name), 4));
            let upstream = alias(&field.wire, rust_name);
            fields.push_str(&file.attributes(upstream, field.removed_in.as_deref())?);
            fields.push_str(&shapes.field.fill([rust_name, ty])?);
        }
        text.push_str(&shape.fill_lines([self.name], &fields)?);
        Ok(text)
    }

    fn setters(&self, file: &mut Builder<'_>) -> Result<String, String> {
        let mut all = vec![self.constructor(file)?];
        for (field, rust_name) in self.fields.iter().filter(|(field, _)| !field::is_required(field))
        {
            let (parameter, value) = field::parameter(file, rust_name, &field.ty);
            let shapes = file.context.shapes;
            let doc = Doc::line(format!("Sets [`{rust_name}`](#structfield.{rust_name})."));
            let mut text = comment(&doc, 4);
            text.push_str(&file.attributes(None, field.removed_in.as_deref())?);
            text.push_str(&shapes.member_expect_deprecated(field.removed_in.is_some())?);
            text.push_str(&shapes.model.setter.fill([rust_name, &parameter])?);
            text.push_str(&shapes.model.set.fill([rust_name, &value])?);
            text.push_str("        self\n    }\n");
            all.push(text);
        }
        Ok(members(&format!("impl {}", self.name), &all))
    }

    fn constructor(&self, file: &mut Builder<'_>) -> Result<String, String> {
        let required = required_fields(self.item);
        if required.is_empty() {
            let doc = if self.fields.is_empty() {
                "A value; there is nothing to set."
            } else {
                "An empty value; the methods named like the fields set them."
            };
            let new = file.context.shapes.model.new_empty.fill([])?;
            return Ok(comment(&Doc::line(doc), 4) + &new);
        }
        let optional = required.len() < self.fields.len();
        let doc = if optional {
            "A value with what is required; the methods named like the other fields set those."
        } else {
            "A value with what is required, which is all there is."
        };
        let mut parameters = Vec::new();
        let mut values = Vec::new();
        for (number, field) in &required {
            let Some((_, rust_name)) = self.fields.get(*number) else { continue };
            let (parameter, value) = field::parameter(file, rust_name, &field.ty);
            parameters.push(format!("{rust_name}: {parameter}"));
            values.push(if value == *rust_name { value } else { format!("{rust_name}: {value}") });
        }
        let shapes = file.context.shapes;
        let mut text = comment(&Doc::line(doc), 4);
        if parameters.len() > FEW_PARAMETERS {
            text.push_str(&shapes.model.many_parameters.fill([])?);
        }
        if required.iter().filter(|(_, field)| field.ty == Ty::Boolean).count() > FEW_BOOLS {
            text.push_str(&shapes.model.many_bools.fill([])?);
        }
        let deprecated = required.iter().any(|(_, field)| field.removed_in.is_some());
        text.push_str(&shapes.member_expect_deprecated(deprecated)?);
        text.push_str(&shapes.model.new.fill_list([], &parameters)?);
        let value = if optional { &shapes.model.value_and_rest } else { &shapes.model.value };
        text.push_str(&value.fill_list([], &values)?);
        text.push_str("    }\n");
        Ok(text)
    }

    fn model(&self, shapes: &super::Shapes) -> Result<String, String> {
        let expected = shapes.expect_deprecated(self.names_deprecated())?;
        let shapes = &shapes.model.access;
        let name = literal(self.name);
        let table: Vec<_> = self.fields.iter().map(|(field, _)| table_entry(field)).collect();
        let (table, field, field_mut) = if self.fields.is_empty() {
            let none = |shape: &Shape<0>| shape.fill([]);
            (shapes.no_table.fill([&name])?, none(&shapes.no_field)?, none(&shapes.no_field_mut)?)
        } else {
            let (arms, arms_mut) = self.arms(shapes)?;
            (
                shapes.table.fill_list([&name], &table)?,
                shapes.field_of.fill_lines([], &arms)?,
                shapes.field_mut_of.fill_lines([], &arms_mut)?,
            )
        };
        let blank = if self.all_optional() {
            shapes.blank_default.fill([])?
        } else {
            let blank =
                |field: &Field| if field::is_required(field) { "Value::blank()" } else { "None" };
            let values =
                self.fields.iter().map(|(field, name)| format!("{name}: {}", blank(field)));
            shapes.blank.fill_list([], &values.collect::<Vec<_>>())?
        };
        let head = format!("impl Model for {}", self.name);
        Ok(expected + &members(&head, &[table, field, field_mut, blank]))
    }

    /// The arms that give a field by its number.
    fn arms(&self, shapes: &AccessShapes) -> Result<(String, String), String> {
        let (mut arms, mut arms_mut) = (String::new(), String::new());
        for (number, (_, rust_name)) in self.fields.iter().enumerate() {
            let number = number.to_string();
            arms.push_str(&shapes.arm.fill([&number, rust_name])?);
            arms_mut.push_str(&shapes.arm_mut.fill([&number, rust_name])?);
        }
        Ok((arms, arms_mut))
    }
}

fn table_entry(field: &Field) -> String {
    let place = match field.place {
        Place::Body => "body",
        Place::File => "file",
        Place::Query => "query",
        Place::Path => "path",
        Place::Header => "header",
    };
    let list = match field.list_style {
        None | Some(ListStyle::Repeated) => "",
        Some(ListStyle::Commas) => ".list(ListStyle::Commas)",
        Some(ListStyle::Spaces) => ".list(ListStyle::Spaces)",
        Some(ListStyle::Pipes) => ".list(ListStyle::Pipes)",
    };
    let required = matches!(field.presence, Presence::Required(_)) && field.place != Place::Path;
    let required = if required { ".required()" } else { "" };
    let sensitive = if field.sensitive { ".sensitive()" } else { "" };
    format!("Field::{place}({}){required}{list}{sensitive}", literal(&field.wire))
}
