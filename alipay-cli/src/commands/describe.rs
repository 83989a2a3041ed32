//! `alipay describe`: the fields, values and codes of an operation.

use alipay_core::operation::Safety;
use alipay_mock::description::{Example, Field, Operation, Required};
use clap::Args;
use serde_json::{Value, json};
use unicode_width::UnicodeWidthStr as _;

use crate::lookup;
use crate::outcome::Outcome;
use crate::output::{Line, Output};

pub(crate) const EXAMPLES: &str = "Examples:
  alipay describe alipay.trade.query
  alipay describe POST /v3/alipay/trade/query
  alipay describe alipay.trade.query --example > body.json

The description is Alipay's own, with what is known beside it. \"(inferred)\" stands behind what nobody
says, but names, texts or related operations suggest: it is no reason to refuse a request, except limits.";

/// How long lines are.
const COLUMNS: usize = 80;

#[derive(Debug, Args)]
pub(crate) struct Options {
    /// Operation, by its id, or by its method and path
    #[arg(value_name = "OPERATION", required = true, num_args = 1..=2)]
    operation: Vec<String>,
    /// Print an example of the body, and nothing else
    #[arg(long)]
    example: bool,
}

pub(crate) fn run(options: &Options, output: &Output) -> Outcome {
    let operations = lookup::operations()?;
    let operation = lookup::find(&operations, &options.operation.join(" "))?;
    let example = operation.example();
    if options.example {
        output.document(&example.body.unwrap_or_default());
    } else if output.is_json() {
        output.document(&document(&operation, &example));
    } else {
        describe(&operation, &example, output);
    }
    Ok(())
}

fn document(operation: &Operation<'_>, example: &Example) -> Value {
    let pairs = |pairs: &[(String, String)]| {
        let pairs = pairs.iter().map(|(name, value)| json!({ "name": name, "value": value }));
        pairs.collect::<Vec<_>>()
    };
    json!({
        "id": operation.id(),
        "method": operation.method(),
        "path": operation.path(),
        "title": operation.title(),
        "reads_only": reads_only(operation),
        "request": operation.request_fields().iter().map(field_document).collect::<Vec<_>>(),
        "response": operation.response_fields().iter().map(field_document).collect::<Vec<_>>(),
        "codes": operation.codes(),
        "example": {
            "path": pairs(&example.path),
            "query": pairs(&example.query),
            "body": example.body,
            "files": example.files,
        },
    })
}

fn field_document(field: &Field<'_>) -> Value {
    json!({
        "path": field.path(),
        "place": field.place(),
        "title": field.title(),
        "type": field.type_name(),
        "type_inferred": field.has_inferred_type(),
        "required": match field.required() {
            Required::Yes => "yes",
            Required::Inferred => "inferred",
            _ => "no",
        },
        "limits": field.limits(),
        "values": field.values(),
        "values_inferred": field.has_inferred_values(),
        "unit": field.unit(),
        "deprecated": field.is_deprecated(),
        "personal": field.is_personal(),
        "example": field.example(),
    })
}

fn reads_only(operation: &Operation<'_>) -> bool {
    lookup::safety(operation) != Safety::Unsafe
}

fn describe(operation: &Operation<'_>, example: &Example, output: &Output) {
    let line = Line::new().strong(operation.id()).plain("  ").plain(operation.title());
    output.line(line);
    output.line(format!("{} {}", operation.method(), operation.path()));
    output.line(match lookup::safety(operation) {
        Safety::ReadOnly => "It only reads: a call that fails is repeated.",
        Safety::Unsafe => {
            "It changes something: a call whose outcome is unknown is not repeated by itself."
        }
        _ => "It only reads (inferred): a call that fails is repeated.",
    });
    let fields = operation.request_fields();
    // Fields follow those that they are within, so each part is one after another.
    let mut place = "";
    for field in &fields {
        if field.depth() == 0 && field.place() != place {
            place = field.place();
            output.line("");
            output.line(Line::new().strong(heading(place)));
        }
        show(field, output);
    }
    if fields.is_empty() {
        output.line("");
        output.line("The request has no fields.");
    }
    output.line("");
    let fields = operation.response_fields();
    output.line(Line::new().strong(if fields.is_empty() {
        "The response has no fields."
    } else {
        "Response"
    }));
    for field in &fields {
        show(field, output);
    }
    if !operation.codes().is_empty() {
        output.line("");
        output.line(Line::new().strong("Error codes"));
        wrap("  ", operation.codes().iter().map(String::as_str), output);
    }
    output.line("");
    output.line(Line::new().strong("Example"));
    call(operation, example, output);
}

fn heading(place: &str) -> &'static str {
    match place {
        "path" => "Request: path",
        "query" => "Request: query",
        "header" => "Request: headers",
        "file" => "Request: files",
        _ => "Request: body",
    }
}

/// A field in one line or two.
fn show(field: &Field<'_>, output: &Output) {
    let indent = "  ".repeat(field.depth() + 1);
    let inferred = |is_inferred: bool| if is_inferred { " (inferred)" } else { "" };
    let mut line = Line::new()
        .plain(&indent)
        .strong(field.name())
        .plain("  ")
        .plain(field.type_name())
        .plain(inferred(field.has_inferred_type()));
    match field.required() {
        Required::Yes => line = line.plain(", ").doubtful("required"),
        Required::Inferred => line = line.plain(", required (inferred)"),
        _ => {}
    }
    if field.is_deprecated() {
        line = line.plain(", deprecated");
    }
    if !field.title().is_empty() {
        line = line.plain("  ").faint(field.title());
    }
    output.line(line);
    let mut facts = field.limits();
    if !field.unit().is_empty() {
        facts.push(format!("in {}", field.unit()));
    }
    let mut words: Vec<String> = Vec::new();
    for (index, fact) in facts.iter().enumerate() {
        let end = if index + 1 < facts.len() || !field.values().is_empty() { ";" } else { "" };
        words.push(format!("{fact}{end}"));
    }
    if !field.values().is_empty() {
        words.push(format!("one of{}:", inferred(field.has_inferred_values())));
        words.extend(field.values().iter().cloned());
    }
    let words: Vec<&str> = words.iter().flat_map(|words| words.split(' ')).collect();
    if !words.is_empty() {
        wrap(&format!("{indent}    "), words.into_iter(), output);
    }
}

/// Words in lines that are not too long.
fn wrap<'a>(indent: &str, words: impl Iterator<Item = &'a str>, output: &Output) {
    let mut line = String::new();
    for word in words {
        if !line.is_empty() && indent.width() + line.width() + 1 + word.width() > COLUMNS {
            output.line(Line::new().plain(indent).faint(&line));
            line.clear();
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    if !line.is_empty() {
        output.line(Line::new().plain(indent).faint(line));
    }
}

/// A command that calls the operation, and its body.
fn call(operation: &Operation<'_>, example: &Example, output: &Output) {
    let options = |name: &str, pairs: &[(String, String)]| {
        let pairs = pairs.iter().map(|(key, value)| format!("--{name} {key}={}", quoted(value)));
        pairs.collect::<Vec<_>>()
    };
    let mut parts = vec![format!("alipay call {}", operation.id())];
    parts.extend(options("path", &example.path));
    parts.extend(options("query", &example.query));
    parts.extend(example.files.iter().map(|part| format!("--file {part}=@FILE")));
    let body = example.body.as_ref().filter(|body| !body.is_empty());
    if body.is_some() {
        parts.push("--body @body.json".to_owned());
    }
    output.line(format!("  {}", parts.join(" \\\n    ")));
    if let Some(body) = body {
        output.line("");
        output.line(Line::new().strong("body.json"));
        output.document(body);
    }
}

/// An argument of a command in a shell.
fn quoted(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "@%+=:,./_-".contains(c);
    if !text.is_empty() && text.chars().all(plain) {
        return text.to_owned();
    }
    format!("'{}'", text.replace('\'', r"'\''"))
}
