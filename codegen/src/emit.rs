//! The IR to Rust: one module per construct, each a function from data to data.

mod api;
mod block;
mod codes;
mod example;
pub(crate) mod field;
mod messages;
mod meta;
pub(crate) mod model;
mod modules;
mod open_enum;
mod operation;
pub(crate) mod rows;
mod table;
pub(crate) mod trials;

use proc_macro2::Literal;

use block::Block;

use crate::{
    files::{Content, File},
    layout::{Home, Layout},
    names::{EnumNames, GroupNames, Names, OperationNames, StructNames},
    print::docs::Doc,
    print::{Imports, SourceFile, Unprintable},
};
use alipay_openapi::ir::{Api, Group, OpenEnum, Operation, Struct, TypeId};

/// The path of the module that holds all generated code.
const ROOT: &str = "crate::generated";

/// Everything emission looks at.
#[derive(Clone, Copy, Debug)]
pub struct Context<'a> {
    /// What to emit.
    pub api: &'a Api,
    /// Where it goes.
    pub layout: &'a Layout<'a>,
    /// What it is called.
    pub names: &'a Names,
    /// The name of the generated crate in Rust code, for example `alipay_voucher`.
    pub krate: &'a str,
    /// Identifies the texts the crate was generated from.
    pub digest: &'a str,
}

/// An example of the first operation, in parts: for a program of its own.
#[derive(Clone, Debug)]
pub(crate) struct FirstCall {
    /// The path of the struct with the group's calls.
    pub(crate) api: String,
    /// The method.
    pub(crate) method: String,
    /// The lines of the imports.
    pub(crate) imports: Vec<String>,
    /// The lines that call it through `api`.
    pub(crate) body: Vec<String>,
}

/// An example of the first operation; none when there is no operation.
///
/// # Errors
///
/// When the example cannot be laid out.
pub(crate) fn first_call(context: &Context<'_>) -> Result<Option<FirstCall>, Unprintable> {
    let Some(operation) = context.operations(0).next() else { return Ok(None) };
    let Some(request) = example::of_request(context, operation)? else { return Ok(None) };
    let mut body = request.lines;
    body.extend(example::sending(operation));
    Ok(Some(FirstCall {
        api: below(&operation.group.path, &operation.group.api),
        method: operation.names.method.clone(),
        imports: request.imports,
        body,
    }))
}

/// The parts of a file: Rust, or text that is complete.
#[derive(Debug)]
pub enum Emitted {
    /// A Rust file.
    Rust(SourceFile),
    /// Another file.
    Text(String),
}

/// Emits one file.
///
/// # Errors
///
/// When a template or an example cannot be rendered.
pub fn file(context: &Context<'_>, file: &File) -> Result<Emitted, Unprintable> {
    let source = match &file.content {
        Content::Module(path) => modules::module(context, path),
        Content::Api(group) => api::file(context, *group)?,
        Content::Operations(group) => modules::operations(context, *group),
        Content::Operation(group, operation) => operation::file(context, *group, *operation),
        Content::Models => modules::models(context),
        Content::GroupModels(group) => modules::group_models(context, *group),
        Content::Family(module) => model::family(context, module),
        Content::Enums => open_enum::file(context),
        Content::CommonErrorCode => codes::common_file(context),
        Content::Messages => messages::file(context),
        Content::Meta => meta::file(context),
        Content::Table => return table::operations(context).map(Emitted::Text),
    };
    Ok(Emitted::Rust(source))
}

/// A type with its names and its home.
#[derive(Debug)]
struct Named<'a, T, N> {
    item: &'a T,
    names: &'a N,
    home: &'a Home,
}

impl<T, N> Clone for Named<'_, T, N> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T, N> Copy for Named<'_, T, N> {}

/// A group's operation with its names.
#[derive(Clone, Copy, Debug)]
struct Op<'a> {
    group: &'a GroupNames,
    item: &'a Operation,
    names: &'a OperationNames,
}

impl<'a> Context<'a> {
    fn structs(&self) -> impl Iterator<Item = Named<'a, Struct, StructNames>> + use<'a> {
        let context = *self;
        (0..self.api.structs.len()).filter_map(move |number| context.struct_at(number))
    }

    fn enums(&self) -> impl Iterator<Item = Named<'a, OpenEnum, EnumNames>> + use<'a> {
        let context = *self;
        (0..self.api.enums.len()).filter_map(move |number| context.enum_at(number))
    }

    /// The structs that live in a home.
    fn structs_of(
        &self,
        home: &Home,
    ) -> impl Iterator<Item = Named<'a, Struct, StructNames>> + use<'a> {
        let context = *self;
        let numbers = self.layout.members(home).map(|members| members.structs.as_slice());
        numbers.unwrap_or_default().iter().filter_map(move |number| context.struct_at(*number))
    }

    /// The enums that live in a home.
    fn enums_of(
        &self,
        home: &Home,
    ) -> impl Iterator<Item = Named<'a, OpenEnum, EnumNames>> + use<'a> {
        let context = *self;
        let numbers = self.layout.members(home).map(|members| members.enums.as_slice());
        numbers.unwrap_or_default().iter().filter_map(move |number| context.enum_at(*number))
    }

    fn struct_at(&self, number: usize) -> Option<Named<'a, Struct, StructNames>> {
        Some(Named {
            item: self.api.structs.get(number)?,
            names: self.names.structs.get(number)?,
            home: self.layout.structs.get(number)?,
        })
    }

    fn enum_at(&self, number: usize) -> Option<Named<'a, OpenEnum, EnumNames>> {
        Some(Named {
            item: self.api.enums.get(number)?,
            names: self.names.enums.get(number)?,
            home: self.layout.enums.get(number)?,
        })
    }

    fn group(&self, group: usize) -> Option<(&'a Group, &'a GroupNames)> {
        Some((self.api.groups.get(group)?, self.names.groups.get(group)?))
    }

    fn operations(&self, group: usize) -> impl Iterator<Item = Op<'a>> + use<'a> {
        self.group(group).into_iter().flat_map(|(group, names)| {
            let pairs = group.operations.iter().zip(&names.operations);
            pairs.map(move |(item, operation)| Op { group: names, item, names: operation })
        })
    }

    fn structure(&self, id: &TypeId) -> Option<Named<'a, Struct, StructNames>> {
        self.struct_at(self.layout.struct_number(id)?)
    }

    fn open_enum(&self, id: &TypeId) -> Option<Named<'a, OpenEnum, EnumNames>> {
        self.enum_at(self.layout.enum_number(id)?)
    }

    /// The public module of the items of a home, below the root; the empty path is the root.
    fn public_module(&self, home: &Home) -> String {
        let group = match home {
            Home::Operation(group, _) => self.names.groups.get(*group),
            Home::Messages => return "messages".to_owned(),
            Home::Family(_) | Home::Enums => None,
        };
        match group {
            Some(group) => below(&group.path, "models"),
            None => "models".to_owned(),
        }
    }

    /// The whole path of a name in the generated code.
    fn path(&self, home: &Home, name: &str) -> String {
        format!("{ROOT}::{}::{name}", self.public_module(home))
    }
}

/// A file under construction: what its items say they need is imported.
#[derive(Debug)]
struct Builder<'a> {
    context: Context<'a>,
    /// The home of the file's own items, which need no import.
    home: Home,
    imports: Imports,
    items: Vec<String>,
}

impl<'a> Builder<'a> {
    fn new(context: &Context<'a>, home: Home) -> Self {
        Self { context: *context, home, imports: Imports::default(), items: Vec::new() }
    }

    /// Imports a name from the runtime.
    fn core(&mut self, path: &str) {
        self.imports.add(&format!("alipay_core::{path}"));
    }

    /// Imports a generated type, unless it lives here, and gives its name.
    fn local(&mut self, home: &Home, name: &str) -> String {
        if *home != self.home {
            self.imports.add(&self.context.path(home, name));
        }
        name.to_owned()
    }

    /// A call of one of the runtime's macros.
    fn block(&mut self, name: &str) -> Block {
        self.core(name);
        Block::new(name)
    }

    fn push(&mut self, block: Block) {
        self.items.push(block.finish());
    }

    fn push_text(&mut self, item: String) {
        self.items.push(item);
    }

    fn finish(self, doc: Doc) -> SourceFile {
        SourceFile { doc, imports: self.imports, items: self.items, ..SourceFile::default() }
    }
}

/// A path below the segments of another.
fn below(path: &[String], last: &str) -> String {
    path.iter().map(String::as_str).chain([last]).collect::<Vec<_>>().join("::")
}

/// What is said of what Alipay has dropped and is kept for those who use it.
fn dropped_in(version: &str) -> String {
    format!("Alipay dropped it in its description {version}")
}

/// A text as Rust writes it.
fn literal(text: &str) -> String {
    if text.bytes().all(|b| b == b' ' || b.is_ascii_graphic() && !matches!(b, b'"' | b'\\')) {
        return format!("\"{text}\"");
    }
    Literal::string(text).to_string()
}

/// The upstream name of an item, for rustdoc to find it by, where it differs.
fn alias<'u>(upstream: &'u str, name: &str) -> Option<&'u str> {
    // rustdoc takes no quotes and no white space but single blanks inside.
    let fine = upstream.chars().all(|c| c.is_ascii_graphic() && !matches!(c, '"' | '\''));
    (upstream != name && !upstream.is_empty() && fine).then_some(upstream)
}
