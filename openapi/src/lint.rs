//! Rules of good descriptions. Each looks at the IR and warns; none stops generation.

mod documentation;
mod enum_values;
mod examples;
mod money;
mod times;

use crate::{
    diag::{Diagnostic, Sink},
    ir::{Api, Field, Struct},
    overlay::Document,
    pointer::Pointer,
};

/// Runs all rules.
pub fn lint(api: &Api, document: &Document, sink: &mut Sink) {
    whole_examples(api, document, sink);
    let mut warn = warner(document, sink);
    for (item, field) in fields(api) {
        money::check(field, &mut warn);
        times::check(field, &mut warn);
        examples::check(api, field, &mut warn);
        documentation::check_field(item, field, &mut warn);
    }
    documentation::check_items(api, &mut warn);
    enum_values::check(api, &mut warn);
}

/// Runs the rule of whole examples, which generation does too: what does not fit is not shown.
pub fn whole_examples(api: &Api, document: &Document, sink: &mut Sink) {
    let mut warn = warner(document, sink);
    for item in &api.structs {
        examples::check_whole(api, item, &mut warn);
    }
}

fn warner(
    document: &Document,
    sink: &mut Sink,
) -> impl FnMut(&'static str, &Pointer, String, &str) {
    |code, pointer, message, hint| {
        let finding = Diagnostic::warning(code, message);
        sink.push(finding.at(document.locate(pointer)).pointer(pointer).hint(hint));
    }
}

/// How a rule reports: code, place, message, hint.
type Warn<'a> = dyn FnMut(&'static str, &Pointer, String, &str) + 'a;

fn fields(api: &Api) -> impl Iterator<Item = (&Struct, &Field)> {
    api.structs.iter().flat_map(|item| item.fields.iter().map(move |field| (item, field)))
}

/// Whether a name has one of these words.
fn has_word(name: &str, words: &[&str]) -> bool {
    name.split('_').any(|word| words.contains(&word))
}
