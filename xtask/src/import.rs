//! `cargo xtask import`.

use std::path::Path;

use codegen::{diag::Sink, import::ImportOptions};

use crate::{
    Failure, Outcome, cli,
    files::{self, Change},
    lint,
    manifest::{Entry, Manifest},
};

/// Makes or refreshes the base of a crate.
pub(crate) fn run(root: &Path, options: &cli::Import) -> Outcome {
    let mut manifest = Manifest::read(root)?;
    let known = manifest.find(&options.name)?;
    let tags = match (&known, options.tags.as_slice()) {
        (Some(entry), []) => entry.tags.clone(),
        (None, []) => {
            return Err(Failure::Unusable(format!(
                "`{}` is not in spec/crates.toml yet: say which tags it is made from with --tag TAG",
                options.name
            )));
        }
        (_, tags) => tags.to_vec(),
    };
    let source = files::read(&options.from, root)?;
    let mut sink = Sink::new();
    let imported = codegen::import::import(
        &source,
        &tags,
        ImportOptions { with_prose: options.with_prose },
        &mut sink,
    );
    lint::report(sink);
    let Some(imported) = imported else { return Err(Failure::Found) };
    let entry = Entry { name: options.name.clone(), tags };
    manifest.set(&entry);
    let mut change = Change::default();
    change.file(root.join("spec").join(&entry.name).join("openapi.yaml"), imported.yaml);
    change.file(root.join("spec/crates.toml"), manifest.text());
    let difference = change.difference(root)?;
    difference.apply(root)?;
    println!(
        "{}: {} operations, {} schemas, {} properties{}",
        entry.name,
        imported.operations,
        imported.schemas,
        imported.properties,
        if difference.is_empty() { ", unchanged" } else { "" }
    );
    Ok(())
}
