//! An example per operation that compiles: the whole example of its request where the description has
//! one, else made from the examples of its fields.

use std::collections::BTreeSet;

use proc_macro2::{Ident, Literal, Span, TokenStream};
use quote::quote;
use serde_json::{Map, Value};

use crate::{
    layout::Home,
    named::{Named, NamedApi, NamedEnum, NamedOperation, NamedStruct, below},
    print::{Imports, Unprintable, item_text},
};
use alipay_openapi::{
    ir::fit::{is_key, misfit},
    ir::{Field, Ty, TypeId},
};

/// Setters shown on a request that requires nothing.
const SETTERS: usize = 4;
/// Longer examples of strings are left out.
const LONG: usize = 48;
/// Models inside models that are made up; what is deeper is left out.
const DEPTH: usize = 4;

/// The example of a request, in lines.
#[derive(Debug)]
pub(crate) struct Request {
    /// What it imports.
    pub(crate) imports: Vec<String>,
    /// `let request = …;`
    pub(crate) lines: Vec<String>,
}

/// The example of an operation's request.
///
/// # Errors
///
/// When the example cannot be laid out.
pub(crate) fn of_request(
    api: &NamedApi<'_>,
    operation: NamedOperation<'_>,
    krate: &str,
) -> Result<Option<Request>, Unprintable> {
    let Some(request) = api.structure(&operation.item.request) else { return Ok(None) };
    let mut example = Example { api, used: BTreeSet::new(), around: Vec::new(), owned: false };
    let value = example.model(request, None, DEPTH);
    let mut imports = Imports::default();
    for path in &example.used {
        imports.add(&format!("{krate}::{path}"));
    }
    let imports = imports.render("", "use").concat().lines().map(str::to_owned).collect();
    let text = item_text(quote!(fn example() { let request = #value; }))?;
    let inner = text.lines().skip(1).filter(|line| *line != "}");
    let lines = inner.map(|line| line.strip_prefix("    ").unwrap_or(line).to_owned()).collect();
    Ok(Some(Request { imports, lines }))
}

/// The lines that send the request through `api`.
pub(crate) fn sending(operation: NamedOperation<'_>) -> [String; 2] {
    let method = &operation.names.method;
    [
        format!("let response = api.{method}(request).await?;"),
        "println!(\"{response:?}\");".to_owned(),
    ]
}

/// The lines of an example that calls an operation; those that begin with `# ` are not shown.
///
/// # Errors
///
/// When the example cannot be laid out.
pub(super) fn of_call(
    api: &NamedApi<'_>,
    operation: NamedOperation<'_>,
    krate: &str,
) -> Result<Vec<String>, Unprintable> {
    let Some(request) = of_request(api, operation, krate)? else { return Ok(Vec::new()) };
    let api = below(&operation.group.path, &operation.group.api);
    let mut lines = vec![format!(
        "# async fn example(api: {krate}::{api}) -> Result<(), Box<dyn std::error::Error>> {{",
    )];
    lines.extend(request.imports);
    lines.push(String::new());
    lines.extend(request.lines);
    lines.extend(sending(operation));
    lines.extend(["# Ok(())".to_owned(), "# }".to_owned()]);
    Ok(lines)
}

/// An identifier. Names were checked when they were made.
fn ident(name: &str) -> Ident {
    Ident::new(name, Span::call_site())
}

struct Example<'c, 'a> {
    api: &'c NamedApi<'a>,
    /// The paths of the types in use.
    used: BTreeSet<String>,
    /// The structs around the value at hand, so that a cycle ends.
    around: Vec<TypeId>,
    /// Whether values have exactly the type of their field, as a struct of required fields wants it; `new`
    /// and setters take more.
    owned: bool,
}

impl Example<'_, '_> {
    /// A struct: what `given` has, or the struct's own example, or what is known to be needed. A request of
    /// which nothing is needed shows some setters then.
    fn model(
        &mut self,
        named: NamedStruct<'_>,
        given: Option<&Map<String, Value>>,
        depth: usize,
    ) -> TokenStream {
        let Named { item, names, .. } = named;
        let name = self.path(named.home, &names.name);
        let own = item.example.as_ref().and_then(|example| example.value.as_object());
        let given = given.or(own);
        self.around.push(item.id.clone());
        let owned = self.owned;
        self.owned = names.parts.is_some();
        let required = item.required_fields();
        let members = item.members();
        let mut arguments = Vec::new();
        for (number, field) in &required {
            let is_member = members.get(field.wire.as_str()) == Some(number);
            let value = given.and_then(|given| given.get(&field.wire)).filter(|_| is_member);
            arguments.push(self.field(field, value.or_else(|| example_of(field)), depth));
        }
        self.owned = false;
        let fields: Vec<_> = item.fields.iter().zip(&names.fields).collect();
        let mut calls = Vec::new();
        for (wire, value) in given.into_iter().flatten() {
            let member = members.get(wire.as_str()).and_then(|number| fields.get(*number));
            let optional = |(field, _): &&(&Field, &String)| !field.is_required() && shows(value);
            if let Some((field, setter)) = member.filter(optional) {
                let (setter, value) = (ident(setter), self.field(field, Some(value), depth));
                calls.push(quote!(.#setter(#value)));
            }
        }
        if given.is_none() && depth > 0 {
            let mut chosen = needed(&fields);
            if chosen.is_empty() && required.is_empty() && self.around.len() == 1 {
                chosen = telling(&fields);
            }
            for (field, setter) in chosen {
                let (setter, value) = (ident(setter), self.field(field, example_of(field), depth));
                calls.push(quote!(.#setter(#value)));
            }
        }
        self.around.pop();
        self.owned = owned;
        let Some(parts) = &names.parts else {
            return quote!(#name::new(#(#arguments),*) #(#calls)*);
        };
        let parts = self.path(named.home, parts);
        let fields = required.iter().filter_map(|(number, _)| names.fields.get(*number));
        let fields = fields.map(|field| ident(field));
        quote!(#name::new(#parts { #(#fields: #arguments),* }) #(#calls)*)
    }

    /// The value of a field.
    fn field(&mut self, field: &Field, example: Option<&Value>, depth: usize) -> TokenStream {
        if !field.is_key {
            return self.value(&field.ty, example, depth);
        }
        let text = example.and_then(Value::as_str).filter(|text| is_key(text));
        parsed(text.unwrap_or("20260131-0001"))
    }

    /// A value of a type: the example if it is one, else made up.
    fn value(&mut self, ty: &Ty, example: Option<&Value>, depth: usize) -> TokenStream {
        let example = example.filter(|example| shows(example));
        let text = match example {
            Some(Value::String(text)) => Some(text.clone()),
            Some(other) => Some(other.to_string()),
            None => None,
        };
        let read = |otherwise: &str| {
            let good = |text: &&str| misfit(self.api.api, ty, &Value::from(*text)).is_none();
            parsed(text.as_deref().filter(good).unwrap_or(otherwise))
        };
        match ty {
            Ty::Text => {
                let single =
                    !example.is_some_and(|example| example.is_array() || example.is_object());
                let text = Literal::string(text.as_deref().filter(|_| single).unwrap_or("…"));
                if self.owned { quote!(#text.to_owned()) } else { quote!(#text) }
            }
            Ty::File => {
                self.used.insert("value::File".to_owned());
                quote!(File::open("photo.jpg")?)
            }
            Ty::Boolean => {
                let value = text.and_then(|text| text.parse::<bool>().ok()).unwrap_or(true);
                quote!(#value)
            }
            Ty::Integer => {
                let number = text.and_then(|text| text.parse().ok()).unwrap_or(1);
                let number = Literal::i64_unsuffixed(number);
                quote!(#number)
            }
            Ty::Float => {
                let number =
                    text.and_then(|text| text.parse().ok()).filter(|n: &f64| n.is_finite());
                let number = Literal::f64_unsuffixed(number.unwrap_or(1.5));
                quote!(#number)
            }
            Ty::Json => {
                let json = example.map_or_else(|| "{}".to_owned(), Value::to_string);
                quote!(#json.parse()?)
            }
            Ty::Yuan => read("1.00"),
            Ty::Decimal => read("6.5"),
            Ty::LocalDateTime => read("2026-01-31 23:59:59"),
            Ty::LocalDate => read("2026-01-31"),
            Ty::LocalTime => read("23:59:59"),
            Ty::Enum(id) => match self.api.open_enum(id) {
                Some(found) => self.known_value(found, text.as_deref()),
                None => quote!(""),
            },
            Ty::Struct { id, boxed } => {
                let value = match (self.api.structure(id), example) {
                    (Some(found), Some(Value::Object(given))) => {
                        self.model(found, Some(given), depth)
                    }
                    (Some(found), _)
                        if !self.around.contains(id)
                            && (depth > 0 || found.item.fields.iter().any(Field::is_required)) =>
                    {
                        self.model(found, None, depth.saturating_sub(1))
                    }
                    (Some(found), _) => {
                        let name = self.path(found.home, &found.names.name);
                        quote!(#name::new())
                    }
                    (None, _) => quote!(""),
                };
                if self.owned && *boxed { quote!(Box::new(#value)) } else { value }
            }
            Ty::List(item) => {
                let items = match example {
                    Some(Value::Array(items)) => {
                        items.iter().map(|example| self.value(item, Some(example), depth)).collect()
                    }
                    _ => vec![self.value(item, None, depth)],
                };
                if self.owned { quote!(Vec::from([#(#items),*])) } else { quote!([#(#items),*]) }
            }
            Ty::Map(value) => {
                let entries = match example {
                    Some(Value::Object(entries)) if !entries.is_empty() => entries
                        .iter()
                        .map(|(key, example)| {
                            (key.as_str(), self.value(value, Some(example), depth))
                        })
                        .collect(),
                    _ => vec![("key", self.value(value, None, depth))],
                };
                let owned = self.owned.then(|| quote!(.to_owned()));
                let entries = entries.iter().map(|(key, value)| quote!((#key #owned, #value)));
                let entries = quote!([#(#entries),*]);
                if self.owned { quote!(#entries.into()) } else { entries }
            }
            Ty::JsonText(inner) => {
                let example = text.and_then(|text| serde_json::from_str(&text).ok());
                let inner = self.value(inner, example.as_ref(), depth);
                if self.owned { quote!(#inner.into()) } else { inner }
            }
        }
    }

    /// The name of a type, which is imported.
    fn path(&mut self, home: &Home, name: &str) -> Ident {
        self.used.insert(self.api.path(home, name));
        ident(name)
    }

    fn known_value(&mut self, found: NamedEnum<'_>, text: Option<&str>) -> TokenStream {
        let values = found.item.values.iter().map(|value| value.wire.as_str());
        let mut pairs = values.zip(&found.names.variants);
        let chosen = pairs.clone().find(|(wire, _)| text == Some(wire)).or_else(|| pairs.next());
        let name = self.path(found.home, &found.names.name);
        match chosen {
            Some((_, variant)) => {
                let variant = ident(variant);
                quote!(#name::#variant)
            }
            None => quote!(#name::from("…")),
        }
    }
}

/// A value that is read from its text.
fn parsed(text: &str) -> TokenStream {
    quote!(#text.parse()?)
}

/// The setters of fields that are known to be needed although nothing obliges a caller to give them: their
/// sentence says so without naming another field in code, which would be a condition.
fn needed<'f>(fields: &[(&'f Field, &'f String)]) -> Vec<(&'f Field, &'f String)> {
    let mut conditions = BTreeSet::new();
    let is_needed = |(field, _): &(&'f Field, &'f String)| {
        let Some(when) = field.required_when.as_ref().map(|when| when.value.as_str()) else {
            return false;
        };
        // Of fields of which one is required, an example sets one.
        let alternative = ["Exactly one", "At least one"].iter().any(|one| when.starts_with(one));
        let required = when.starts_with("Required") && !when.contains('`');
        is_current(field)
            && !field.is_required()
            && (required || alternative && conditions.insert(when))
    };
    fields.iter().copied().filter(is_needed).collect()
}

/// The first setters that have a simple value to show.
fn telling<'f>(fields: &[(&'f Field, &'f String)]) -> Vec<(&'f Field, &'f String)> {
    let tells = |(field, _): &(&Field, &String)| {
        let simple = !matches!(
            field.ty,
            Ty::Struct { .. } | Ty::List(_) | Ty::Map(_) | Ty::Json | Ty::JsonText(_)
        );
        let has_example = field.example.is_some() || matches!(field.ty, Ty::Enum(_) | Ty::File);
        simple && is_current(field) && has_example
    };
    fields.iter().copied().filter(tells).take(SETTERS).collect()
}

/// Whether a field is not one of those that are only kept.
fn is_current(field: &Field) -> bool {
    field.legacy.is_none() && !field.deprecated && field.removed_in.is_none()
}

/// The example of a field, unless it is too long to be shown.
fn example_of(field: &Field) -> Option<&Value> {
    let example = field.example.as_ref();
    example.filter(|example| example.as_str().is_none_or(|text| text.len() <= LONG))
}

/// Whether an example shows anything. The type of an empty list's items would not be known.
fn shows(example: &Value) -> bool {
    match example {
        Value::Null => false,
        Value::Array(items) => !items.is_empty(),
        _ => true,
    }
}
