//! What is decided when all types are known: their order and directions, what is boxed, and which fields
//! have to be there.

use std::collections::{BTreeMap, HashSet};

use super::{context::Lowering, enums::describe};
use crate::{
    diag::{Diagnostic, quote},
    ir::{OpenEnum, Presence, Role, Struct, Ty, TypeId},
    overlay::Document,
    pointer::Pointer,
};

impl Lowering<'_> {
    /// Lowers the shared types that are still wanted, settles what each is for, and gives everything.
    pub(super) fn finish(mut self) -> (Vec<Struct>, Vec<OpenEnum>) {
        while let Some(name) = self.wanted.pop() {
            self.shared_struct(&name);
        }
        self.report_foreign_formats();
        let mut structs = std::mem::take(&mut self.structs);
        let order = component_order(self.document);
        // The sort is stable: requests, responses and messages were lowered in the right order.
        structs.sort_by_key(|item| match item.role {
            Role::Request(_) | Role::Response(_) => (0, None),
            Role::Shared { .. } => (1, place_in(&order, &item.id)),
            Role::Message(_) => (2, None),
        });
        settle_directions(&mut structs);
        box_cycles(&mut structs);
        for item in &mut structs {
            self.settle_presence(item);
        }
        self.report_idle_obligations();
        let mut enums = self.named_enums(&structs);
        describe(&mut enums, &structs);
        (structs, enums)
    }

    /// Says once of each format that is nothing to the generator that values stay what they are.
    fn report_foreign_formats(&mut self) {
        for ((word, format), places) in std::mem::take(&mut self.foreign_formats) {
            let Some(first) = places.first() else { continue };
            let more = if places.len() > 1 {
                format!(" ({} places)", places.len())
            } else {
                String::new()
            };
            let message = format!(
                "the {word} format {} is not known{more}: it is only said in the documentation",
                quote(&format)
            );
            let hint = "nothing is wrong if that is meant; otherwise refine it in the overlay: \
                        spec/README.md lists the formats";
            self.warn("unknown-format", first, message, hint);
        }
    }

    /// Says of which actions that say that they oblige that is not so. After another error, not all
    /// requirements were met.
    fn report_idle_obligations(&mut self) {
        if self.has_errors() {
            return;
        }
        for (action, (written, location)) in self.document.obliging() {
            if !self.obliged.contains(&action) {
                let message = "`x-obliges` of the action obliges nobody: it makes no field of a \
                               request required"
                    .to_owned();
                let hint = "remove `x-obliges`";
                let finding = Diagnostic::error("obliges-nobody", message).hint(hint);
                self.found(finding.at(location).pointer(&written));
            }
        }
    }

    /// Decides whether the fields of a struct have to be there, now that its directions are known.
    pub(super) fn settle_presence(&mut self, item: &mut Struct) {
        let returned = match item.role {
            Role::Request(_) => false,
            Role::Response(_) | Role::Message(_) => true,
            Role::Shared { in_request, in_response } => in_response && !in_request,
        };
        // Responses promise no field, so a type that is used in both directions has no required fields.
        let promised = match item.role {
            Role::Request(_) => true,
            Role::Shared { in_response, .. } => !in_response,
            Role::Response(_) | Role::Message(_) => false,
        };
        if !promised {
            item.required.clear();
        }
        let required: HashSet<&str> = item.required.iter().map(String::as_str).collect();
        for field in &mut item.fields {
            if returned {
                field.presence = Presence::Returned;
            } else if promised
                // A request knows already.
                && !matches!(item.role, Role::Request(_))
                && required.contains(field.wire.as_str())
            {
                let said = self.required_at.get(&item.id).and_then(|all| all.get(&field.wire));
                let at = said.cloned().unwrap_or_else(|| item.id.join("required"));
                field.presence = self.required(&field.wire, &at);
            }
        }
    }
}

/// The place of each component schema in the description.
fn component_order(document: &Document) -> BTreeMap<String, usize> {
    let schemas = document.model.components.iter().flat_map(|components| components.schemas.keys());
    let root = Pointer::parse("/components/schemas");
    schemas.enumerate().map(|(index, name)| (root.join(name).as_str().to_owned(), index)).collect()
}

/// The place of a shared type: that of the component it is, or is a part of.
fn place_in(order: &BTreeMap<String, usize>, id: &Pointer) -> Option<usize> {
    let component: String = id.as_str().split_inclusive('/').take(4).collect();
    order.get(component.trim_end_matches('/')).copied()
}

/// Marks every shared type with the directions it travels in.
fn settle_directions(structs: &mut [Struct]) {
    let index = numbers(structs);
    let reach = |start: &dyn Fn(&Role) -> bool| {
        let mut reached = vec![false; structs.len()];
        let mut open: Vec<usize> = (0..structs.len())
            .filter(|&i| structs.get(i).is_some_and(|item| start(&item.role)))
            .collect();
        while let Some(at) = open.pop() {
            let Some(flag) = reached.get_mut(at) else { continue };
            if std::mem::replace(flag, true) {
                continue;
            }
            let fields = structs.get(at).map(|item| item.fields.as_slice()).unwrap_or_default();
            open.extend(
                fields
                    .iter()
                    .filter_map(|field| field.ty.innermost_struct())
                    .filter_map(|id| index.get(id)),
            );
        }
        reached
    };
    let requests = reach(&|role| matches!(role, Role::Request(_)));
    let responses = reach(&|role| matches!(role, Role::Response(_) | Role::Message(_)));
    for ((item, request), response) in structs.iter_mut().zip(requests).zip(responses) {
        if let Role::Shared { in_request, in_response } = &mut item.role {
            (*in_request, *in_response) = (request, response);
        }
    }
}

/// The number of each struct.
fn numbers(structs: &[Struct]) -> BTreeMap<TypeId, usize> {
    structs.iter().enumerate().map(|(index, item)| (item.id.clone(), index)).collect()
}

/// Boxes every field that closes a cycle. Lists need no box.
pub(super) fn box_cycles(structs: &mut [Struct]) {
    let index = numbers(structs);
    let edges: Vec<Vec<(usize, usize)>> = structs
        .iter()
        .map(|item| {
            let fields = item.fields.iter().enumerate();
            let held = |ty: &Ty| if let Ty::Struct { id, .. } = ty { index.get(id) } else { None };
            fields.filter_map(|(at, field)| Some((at, *held(&field.ty)?))).collect()
        })
        .collect();
    for (from, field) in back_edges(&edges) {
        let field = structs.get_mut(from).and_then(|item| item.fields.get_mut(field));
        if let Some(Ty::Struct { boxed, .. }) = field.map(|field| &mut field.ty) {
            *boxed = true;
        }
    }
}

/// The edges of a depth-first search that lead back to a node on the way.
fn back_edges(edges: &[Vec<(usize, usize)>]) -> Vec<(usize, usize)> {
    #[derive(Clone, Copy, PartialEq)]
    enum Visit {
        New,
        OnTheWay,
        Done,
    }
    let mut marks = vec![Visit::New; edges.len()];
    let mut found = Vec::new();
    for start in 0..edges.len() {
        // An explicit stack: descriptions are input, and input must not choose our stack depth.
        let mut way = vec![(start, 0)];
        while let Some((node, next)) = way.pop() {
            if next == 0 {
                match marks.get_mut(node) {
                    Some(mark) if *mark == Visit::New => *mark = Visit::OnTheWay,
                    _ => continue,
                }
            }
            match edges.get(node).and_then(|out| out.get(next)) {
                Some(&(field, to)) => {
                    way.push((node, next + 1));
                    match marks.get(to) {
                        Some(Visit::OnTheWay) => found.push((node, field)),
                        Some(Visit::New) => way.push((to, 0)),
                        _ => {}
                    }
                }
                None => {
                    if let Some(mark) = marks.get_mut(node) {
                        *mark = Visit::Done;
                    }
                }
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::back_edges;

    #[test]
    fn only_edges_that_close_a_cycle_are_found() {
        // 0 -> 1 -> 2 -> 0, 2 -> 2, 0 -> 2
        let edges = [vec![(0, 1), (1, 2)], vec![(0, 2)], vec![(0, 0), (1, 2)]];
        assert_eq!(back_edges(&edges), [(2, 0), (2, 1)]);
        assert_eq!(back_edges(&[vec![(0, 1)], vec![]]), []);
    }
}
