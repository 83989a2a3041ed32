//! Overlays: the first line names a base and the layer, the text of the layer follows.

use std::{collections::BTreeMap, sync::LazyLock};

use alipay_codegen::Options;
use alipay_openapi::{Description, diag::Sink, load::Source, overlay::shares};

use crate::{description, fixtures};

/// The bases of the generator's fixtures, by the names of their folders. They are JSON, which takes less time to read.
static BASES: LazyLock<BTreeMap<String, Description>> = LazyLock::new(|| {
    let folders = fixtures::folders("codegen/tests/fixtures/features").into_iter();
    let bases = folders.filter_map(|(name, folder)| {
        let text = std::fs::read_to_string(folder.join("openapi.yaml")).ok()?;
        let yaml = Description::new(Source::new("openapi.yaml", text));
        let json = yaml.raw(&mut Sink::new())?.value.to_string();
        Some((name, Description::new(Source::new("openapi.json", json))))
    });
    bases.collect()
});

/// What is laid over a base is applied or refused.
pub fn overlay(data: &[u8]) -> bool {
    let Ok(text) = str::from_utf8(data) else { return false };
    let Some((first, text)) = text.split_once('\n') else { return false };
    let Some((base, layer)) = first.split_once(' ') else { return false };
    let Some(base) = BASES.get(base).cloned() else { return false };
    let source = Source::new(format!("{layer}.yaml"), text);
    let described = match layer {
        "overlay" => base.overlay(Some(source.clone())),
        "inferred" => base.inferred(Some(source.clone())),
        "shared" => base.shared(Some(source.clone())),
        "retained" => base.retained(Some(source.clone())),
        _ => return false,
    };
    let _ = shares(&source);
    let _ = described.outline();
    description::generated(&described, Options::new("fuzzed"))
}
