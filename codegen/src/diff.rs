//! What changed between two descriptions, for the users of the generated crate.
//!
//! Two [IRs](alipay_openapi::ir) are compared, not two files: in the terms of the Rust API and of what travels
//! over the wire. Each change is rated on the request and on the response side, says where it stands in
//! both files, and has a fingerprint by which it can be accepted once reviewed.

mod accept;
mod change;
mod codes;
mod compare;
mod documentation;
mod entries;
mod fields;
mod items;
mod kinds;
mod limits;
mod operations;
mod pairs;
mod report;
mod scopes;
mod texts;
mod view;

pub use self::{
    accept::{Accepted, Stale},
    change::{Change, Kind, Position, Rating, Scope, Section},
    kinds::KINDS,
    report::{Format, Report, render},
};
use crate::{layout::Layout, named::NamedApi, names, public_api};
use alipay_openapi::{
    Description, Outline,
    diag::{Diagnostic, Diagnostics, Location, Sink},
    ir::Api,
    texts::Texts,
};
use compare::Comparison;
use view::View;

/// One side of a comparison.
#[derive(Clone, Debug)]
pub struct Compared {
    /// The description.
    pub description: Description,
    /// The segments that all tags begin with and module paths leave out; by default they are found from the
    /// tags of both sides.
    pub prefix: Option<String>,
}

/// Compares two descriptions. Neither lock matters; overlay actions that do not fit are warnings.
///
/// # Errors
///
/// All that is wrong with a description that cannot be understood.
pub fn diff(old: &Compared, new: &Compared) -> Result<Report, Diagnostics> {
    let (old_outline, new_outline) = match (old.description.outline(), new.description.outline()) {
        (Ok(old), Ok(new)) => (old, new),
        (Err(old), Err(new)) => return Err(both(old, new)),
        (Err(findings), Ok(_)) | (Ok(_), Err(findings)) => return Err(findings),
    };
    let Outline { document: old_document, api: old_api, texts: old_texts, warnings: mut sink } =
        old_outline;
    let Outline { document: new_document, api: new_api, texts: new_texts, warnings: found } =
        new_outline;
    sink.append(found);
    let texts = match (&old_texts, &new_texts) {
        (Some(old), Some(new)) => Some([old, new]),
        (None, None) => None,
        (None, Some(_)) => {
            no_fingerprints(&old.description, &mut sink);
            None
        }
        (Some(_), None) => {
            no_fingerprints(&new.description, &mut sink);
            None
        }
    };
    let old_layout = Layout::of(&old_api, &mut sink);
    let new_layout = Layout::of(&new_api, &mut sink);
    // Modules stand at the same place on both sides, even if tags have come or gone.
    let tags = old_api.groups.iter().chain(&new_api.groups).map(|group| group.tag.as_str());
    let shared = names::prefix(tags);
    let prefix = |side: &Compared| side.prefix.clone().unwrap_or_else(|| shared.clone());
    let old_names = names::resolve(&old_api, &old_layout, Some(&prefix(old)), None, &mut sink);
    let new_names = names::resolve(&new_api, &new_layout, Some(&prefix(new)), None, &mut sink);
    let (Some(old_names), Some(new_names)) = (old_names, new_names) else {
        return Err(sink.errors().finish());
    };
    let old = NamedApi { api: &old_api, layout: &old_layout, names: &old_names };
    let new = NamedApi { api: &new_api, layout: &new_layout, names: &new_names };
    let views =
        [View { document: &old_document, api: old }, View { document: &new_document, api: new }];
    Ok(Report {
        changes: compare(views, texts),
        old_version: old_api.version.clone(),
        new_version: new_api.version.clone(),
        warnings: distinct(sink),
        old_public_api: public_api::render(&old),
        new_public_api: public_api::render(&new),
    })
}

/// A base that was made before there were fingerprints.
fn no_fingerprints(description: &Description, sink: &mut Sink) {
    let source = description.base.name.clone();
    let message = "the base has no fingerprints of Alipay's texts: they are not compared";
    sink.push(
        Diagnostic::warning("no-fingerprints", message)
            .at(Location { source, line: 1, column: 1 })
            .hint("import it again"),
    );
}

/// The findings of two descriptions.
fn both(old: Diagnostics, new: Diagnostics) -> Diagnostics {
    let mut sink = Sink::new();
    old.into_iter().chain(new).for_each(|finding| sink.push(finding));
    distinct(sink)
}

/// Both sides often have the same overlay, and so the same findings.
fn distinct(sink: Sink) -> Diagnostics {
    let mut distinct = Sink::new();
    let mut last = None;
    for finding in sink.finish().iter() {
        if last.as_ref() != Some(finding) {
            distinct.push(finding.clone());
        }
        last = Some(finding.clone());
    }
    distinct.finish()
}

fn compare([old, new]: [View<'_>; 2], texts: Option<[&Texts; 2]>) -> Vec<Change> {
    // The version is shown with the report, and what was left out is not there to be compared.
    let Api {
        title: _,
        version: _,
        groups: _,
        structs: _,
        enums: _,
        common_codes: _,
        messages: _,
        left_out: _,
    } = new.api.api;
    let mut comparison = Comparison::new(old, new, texts);
    comparison.title();
    comparison.operations();
    comparison.structs();
    comparison.enums();
    comparison.common_codes();
    comparison.messages();
    comparison.other_texts();
    comparison.finish()
}
