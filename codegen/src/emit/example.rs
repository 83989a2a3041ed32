//! An example per operation that compiles, made from the description's examples.

use std::collections::BTreeSet;

use proc_macro2::{Ident, Literal, Span, TokenStream};
use quote::quote;

use super::{Context, Op, below};
use crate::{
    ir::{Field, OpenEnum, Struct, Ty, TypeId},
    names::{EnumNames, StructNames},
    print::{Imports, Unprintable, item_text},
};

use super::Named;

/// Setters shown on a request that requires nothing.
const SETTERS: usize = 4;
/// Texts longer than this are left out.
const LONG: usize = 48;
/// Models inside models; what is deeper is left out.
const DEPTH: usize = 4;

/// The lines of an example that calls an operation; those that begin with `# ` are not shown.
///
/// # Errors
///
/// When the example cannot be laid out.
pub(super) fn of_call(
    context: &Context<'_>,
    operation: Op<'_>,
) -> Result<Vec<String>, Unprintable> {
    let krate = context.krate;
    let Op { group, item, names } = operation;
    let Some(request) = context.structure(&item.request) else { return Ok(Vec::new()) };
    let mut example = Example { context, used: BTreeSet::new(), strict: Vec::new() };
    let value = example.model(request, DEPTH, true);
    let method = ident(&names.method);
    let body = quote! {
        let request = #value;
        let response = api.#method(request).await?;
        println!("{response:?}");
    };
    let mut imports = Imports::default();
    for path in &example.used {
        imports.add(&format!("{krate}::{path}"));
    }
    let api = below(&group.path, &group.api);
    let mut lines = vec![format!(
        "# async fn example(api: {krate}::{api}) -> Result<(), Box<dyn std::error::Error>> {{"
    )];
    let imports = imports.render("use").concat();
    lines.extend(imports.lines().map(str::to_owned));
    lines.push(String::new());
    let text = item_text(quote!(async fn example() { #body }))?;
    let inner = text.lines().skip(1).filter(|line| *line != "}");
    lines.extend(inner.map(|line| line.strip_prefix("    ").unwrap_or(line).to_owned()));
    lines.push("# Ok(())".to_owned());
    lines.push("# }".to_owned());
    Ok(lines)
}

/// An identifier. Names were checked when they were made.
fn ident(name: &str) -> Ident {
    Ident::new(name, Span::call_site())
}

struct Example<'c, 'a> {
    context: &'c Context<'a>,
    /// The paths of the types in use.
    used: BTreeSet<String>,
    /// The structs around the value at hand, so that a cycle ends.
    strict: Vec<TypeId>,
}

impl Example<'_, '_> {
    fn model(
        &mut self,
        named: Named<'_, Struct, StructNames>,
        depth: usize,
        setters: bool,
    ) -> TokenStream {
        let Named { item, names, home } = named;
        self.used.insert(format!("{}::{}", self.context.public_module(home), names.name));
        let name = ident(&names.name);
        self.strict.push(item.id.clone());
        let required = item.required_fields();
        let arguments: Vec<_> =
            required.iter().map(|(_, field)| self.value(&field.ty, Some(field), depth)).collect();
        let mut calls = Vec::new();
        if setters && required.is_empty() {
            let good = |(field, _): &(&Field, &String)| {
                let simple = !matches!(
                    field.ty,
                    Ty::Struct { .. } | Ty::List(_) | Ty::Map(_) | Ty::Json | Ty::JsonText(_)
                );
                simple && field.legacy.is_none() && !field.deprecated && has_example(field)
            };
            let fields = || item.fields.iter().zip(&names.fields).filter(good);
            let needed = |(field, _): &(&Field, &String)| field.required_when.is_some();
            let chosen: Vec<_> = if fields().any(|pair| needed(&pair)) {
                fields().filter(needed).collect()
            } else {
                fields().take(SETTERS).collect()
            };
            // Of fields of which exactly one is required, an example sets one.
            let mut conditions = BTreeSet::new();
            for (field, setter) in chosen {
                let condition = field.required_when.as_ref().map(|when| when.value.as_str());
                if condition
                    .is_some_and(|when| when.starts_with("Exactly one") && !conditions.insert(when))
                {
                    continue;
                }
                let (setter, value) = (ident(setter), self.value(&field.ty, Some(field), depth));
                calls.push(quote!(.#setter(#value)));
            }
        }
        self.strict.pop();
        let Some(parts) = &names.parts else {
            return quote!(#name::new(#(#arguments),*) #(#calls)*);
        };
        self.used.insert(format!("{}::{parts}", self.context.public_module(home)));
        let fields = required.iter().filter_map(|(number, _)| names.fields.get(*number));
        let fields = fields.map(|field| ident(field));
        let owned = required.iter().zip(&arguments).map(|((_, field), value)| match field.ty {
            Ty::Text if !field.is_key => quote!(#value.to_owned()),
            Ty::List(_) | Ty::Map(_) | Ty::JsonText(_) => quote!(#value.into()),
            _ => value.clone(),
        });
        let parts = ident(parts);
        quote!(#name::new(#parts { #(#fields: #owned),* }) #(#calls)*)
    }

    fn value(&mut self, ty: &Ty, field: Option<&Field>, depth: usize) -> TokenStream {
        let example = field.and_then(|field| field.example.as_ref());
        let text = example.and_then(serde_json::Value::as_str).filter(|text| text.len() <= LONG);
        match ty {
            Ty::Text if field.is_some_and(|field| field.is_key) => {
                parsed(text.unwrap_or("20260131-0001"))
            }
            Ty::Text => {
                let number = example.filter(|example| example.is_number()).map(ToString::to_string);
                let text = text.map(str::to_owned).or(number).unwrap_or_else(|| "…".to_owned());
                let text = Literal::string(&text);
                quote!(#text)
            }
            Ty::File => {
                self.used.insert("value::File".to_owned());
                quote!(File::open("photo.jpg")?)
            }
            Ty::Boolean => {
                let truth = example.and_then(serde_json::Value::as_bool).unwrap_or(true);
                quote!(#truth)
            }
            Ty::Integer => {
                let number = example.and_then(serde_json::Value::as_i64).unwrap_or(1);
                let number = Literal::i64_unsuffixed(number);
                quote!(#number)
            }
            Ty::Float => {
                let number = example.and_then(serde_json::Value::as_f64).unwrap_or(1.5);
                let number = Literal::f64_unsuffixed(number);
                quote!(#number)
            }
            Ty::Json => quote!("{}".parse()?),
            Ty::Yuan => parsed(text.filter(|text| is_decimal(text)).unwrap_or("1.00")),
            Ty::Decimal => parsed(text.filter(|text| is_decimal(text)).unwrap_or("6.5")),
            Ty::LocalDateTime => parsed("2026-01-31 23:59:59"),
            Ty::LocalDate => parsed("2026-01-31"),
            Ty::LocalTime => parsed("23:59:59"),
            Ty::Enum(id) => match self.context.open_enum(id) {
                Some(found) => self.known_value(found, text),
                None => quote!(""),
            },
            Ty::Struct { id, .. } => match self.context.structure(id) {
                Some(found) if depth > 0 && !self.strict.contains(id) => {
                    self.model(found, depth - 1, false)
                }
                Some(found) => {
                    self.used.insert(format!(
                        "{}::{}",
                        self.context.public_module(found.home),
                        found.names.name
                    ));
                    let name = ident(&found.names.name);
                    quote!(#name::new())
                }
                None => quote!(""),
            },
            Ty::List(item) => {
                let item = self.value(item, None, depth);
                quote!([#item])
            }
            Ty::Map(value) => {
                let value = self.value(value, None, depth);
                quote!([("key", #value)])
            }
            Ty::JsonText(inner) => self.value(inner, None, depth),
        }
    }

    fn known_value(
        &mut self,
        found: Named<'_, OpenEnum, EnumNames>,
        text: Option<&str>,
    ) -> TokenStream {
        let values = found.item.values.iter().map(|value| value.wire.as_str());
        let mut pairs = values.zip(&found.names.variants);
        let chosen = pairs.clone().find(|(wire, _)| text == Some(wire)).or_else(|| pairs.next());
        self.used.insert(format!(
            "{}::{}",
            self.context.public_module(found.home),
            found.names.name
        ));
        let name = ident(&found.names.name);
        match chosen {
            Some((_, variant)) => {
                let variant = ident(variant);
                quote!(#name::#variant)
            }
            None => quote!(#name::from("…")),
        }
    }
}

fn has_example(field: &Field) -> bool {
    field.example.is_some() || matches!(field.ty, Ty::Enum(_) | Ty::File)
}

fn parsed(text: &str) -> TokenStream {
    quote!(#text.parse()?)
}

/// Whether a text is a decimal number with at most two decimals.
fn is_decimal(text: &str) -> bool {
    let (whole, part) = text.split_once('.').unwrap_or((text, "0"));
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    digits(whole) && whole.len() <= 9 && digits(part) && part.len() <= 2
}
