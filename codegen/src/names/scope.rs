//! Names that are claimed in scopes, and the collisions among them.

use std::collections::HashMap;

use alipay_openapi::{
    diag::{Diagnostic, Sink},
    pointer::Pointer,
};

/// Who gives an item its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum NamedBy {
    Overlay,
    Rule,
}

impl NamedBy {
    /// The overlay, if it pins a name.
    pub(super) fn of(pinned: Option<&String>) -> Self {
        if pinned.is_some() { Self::Overlay } else { Self::Rule }
    }
}

/// All claims of a run.
#[derive(Debug, Default)]
pub(super) struct Claims(Vec<Claim>);

#[derive(Debug)]
struct Claim {
    scope: String,
    name: String,
    pointer: Pointer,
    by: NamedBy,
    /// What to do if the name is taken.
    hint: String,
}

impl Claims {
    /// Claims a name in a scope, which is named by its Rust path; the root is the empty path.
    pub(super) fn add(&mut self, scope: &str, name: &str, pointer: &Pointer, by: NamedBy) {
        self.add_with(
            scope,
            name,
            pointer,
            by,
            "give one of them another name with x-rust-name in the overlay",
        );
    }

    /// The same for what `x-rust-name` does not name. The hint says what to do if the name is taken.
    pub(super) fn add_with(
        &mut self,
        scope: &str,
        name: &str,
        pointer: &Pointer,
        by: NamedBy,
        hint: impl Into<String>,
    ) {
        self.0.push(Claim {
            scope: scope.to_owned(),
            name: name.to_owned(),
            pointer: pointer.clone(),
            by,
            hint: hint.into(),
        });
    }

    /// Notes an error `name-collision` for each claim to a name that is taken. Pinned names come
    /// first, so that it is the others that have to move; names of the root are taken everywhere,
    /// since every module may use the types there.
    pub(super) fn check(mut self, sink: &mut Sink) {
        self.0.sort_by_key(|claim| (claim.by, !claim.scope.is_empty()));
        let mut taken: HashMap<(&str, &str), &Pointer> = HashMap::with_capacity(self.0.len());
        for claim in &self.0 {
            let key = (claim.scope.as_str(), claim.name.as_str());
            let is_type = claim.name.starts_with(|c: char| c.is_ascii_uppercase());
            let at_root =
                if is_type && !is_variant(claim) { taken.get(&("", key.1)) } else { None };
            let Some(other) = taken.get(&key).or(at_root) else {
                taken.insert(key, &claim.pointer);
                continue;
            };
            let message =
                format!("two items would be called `{}`; the other is {other}", claim.name);
            let finding = Diagnostic::error("name-collision", message);
            sink.push(finding.pointer(&claim.pointer).hint(&claim.hint));
        }
    }
}

/// Whether a claim is that of a variant, whose scope is its enum.
fn is_variant(claim: &Claim) -> bool {
    let last = claim.scope.rsplit("::").next().unwrap_or_default();
    last.starts_with(|c: char| c.is_ascii_uppercase())
}
