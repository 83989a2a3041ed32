//! Which groups need which file: a shared type is compiled only when a group in use reaches it.

use std::collections::{BTreeSet, HashMap};

use super::{Home, Layout};
use alipay_openapi::ir::{Api, Ty};

/// The groups that reach each home of shared types. A home that is not here is needed always: nothing
/// but messages, which belong to no group, may lead to it.
pub(super) fn groups_by_home(api: &Api, layout: &Layout<'_>) -> HashMap<Home, BTreeSet<usize>> {
    let graph = Graph { api, layout };
    let mut reached: HashMap<Home, BTreeSet<usize>> = HashMap::new();
    for (number, group) in api.groups.iter().enumerate() {
        let own = (0..group.operations.len()).map(|operation| Home::Operation(number, operation));
        for home in graph.closure(own) {
            reached.entry(home).or_default().insert(number);
        }
    }
    for home in graph.closure([Home::Messages]) {
        reached.remove(&home);
    }
    reached
}

struct Graph<'a> {
    api: &'a Api,
    layout: &'a Layout<'a>,
}

impl Graph<'_> {
    /// The homes that can be reached from some. A file is compiled as a whole, so all of its types lead
    /// on.
    fn closure(&self, from: impl IntoIterator<Item = Home>) -> BTreeSet<Home> {
        let mut waiting: Vec<Home> = from.into_iter().collect();
        let mut reached = BTreeSet::new();
        while let Some(home) = waiting.pop() {
            let structs = self.layout.members(&home).map(|members| members.structs.as_slice());
            for item in structs.unwrap_or_default().iter().filter_map(|n| self.api.structs.get(*n))
            {
                for field in &item.fields {
                    let next = self.home_of(&field.ty);
                    waiting.extend(next.filter(|next| !reached.contains(*next)).cloned());
                }
            }
            reached.insert(home);
        }
        reached
    }

    fn home_of(&self, ty: &Ty) -> Option<&Home> {
        match ty.innermost() {
            Ty::Enum(id) => self.layout.enums.get(self.layout.enum_number(id)?),
            Ty::Struct { id, .. } => self.layout.structs.get(self.layout.struct_number(id)?),
            _ => None,
        }
    }
}
