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
mod fields;
mod items;
mod kinds;
mod limits;
mod operations;
mod pairs;
mod report;
mod scopes;
mod view;

pub use self::{
    accept::{Accepted, Stale},
    change::{Change, Kind, Position, Rating, Scope, Section},
    kinds::KINDS,
    report::{Format, Report, render},
};
use crate::{layout::Layout, named::NamedApi, names, public_api};
use alipay_openapi::{
    Description,
    diag::{Diagnostics, Sink},
    ir::Api,
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
    let (old_document, old_api, mut sink) = old.description.outline()?;
    let (new_document, new_api, found) = new.description.outline()?;
    sink.append(found);
    let old_layout = Layout::of(&old_api, &mut sink);
    let new_layout = Layout::of(&new_api, &mut sink);
    // Modules stand at the same place on both sides, even if tags have come or gone.
    let tags = old_api.groups.iter().chain(&new_api.groups).map(|group| group.tag.as_str());
    let shared = names::prefix(tags);
    let prefix = |side: &Compared| side.prefix.clone().unwrap_or_else(|| shared.clone());
    let old_names = names::resolve(&old_api, &old_layout, Some(&prefix(old)), None, &mut sink);
    let new_names = names::resolve(&new_api, &new_layout, Some(&prefix(new)), None, &mut sink);
    let (Some(old_names), Some(new_names)) = (old_names, new_names) else {
        return Err(sink.finish());
    };
    let old = NamedApi { api: &old_api, layout: &old_layout, names: &old_names };
    let new = NamedApi { api: &new_api, layout: &new_layout, names: &new_names };
    let views =
        [View { document: &old_document, api: old }, View { document: &new_document, api: new }];
    Ok(Report {
        changes: compare(views),
        old_version: old_api.version.clone(),
        new_version: new_api.version.clone(),
        warnings: distinct(sink),
        old_public_api: public_api::render(&old),
        new_public_api: public_api::render(&new),
    })
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

fn compare([old, new]: [View<'_>; 2]) -> Vec<Change> {
    // The version is shown with the report; all else is compared.
    let Api { title: _, version: _, groups: _, structs: _, enums: _, common_codes: _, messages: _ } =
        new.api.api;
    let mut comparison = Comparison::new(old, new);
    comparison.title();
    comparison.operations();
    comparison.structs();
    comparison.enums();
    comparison.common_codes();
    comparison.messages();
    comparison.finish()
}
