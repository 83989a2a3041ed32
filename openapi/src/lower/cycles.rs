//! Breaks cycles of structs that hold each other, so that they have a size.

use std::collections::BTreeMap;

use crate::ir::{Struct, Ty, TypeId};

/// Boxes every field that closes a cycle. Lists need no box.
pub(super) fn box_cycles(structs: &mut [Struct]) {
    let index: BTreeMap<TypeId, usize> =
        structs.iter().enumerate().map(|(index, item)| (item.id.clone(), index)).collect();
    let edges: Vec<Vec<(usize, usize)>> = structs
        .iter()
        .map(|item| {
            let fields = item.fields.iter().enumerate();
            fields.filter_map(|(at, field)| Some((at, *index.get(held(&field.ty)?)?))).collect()
        })
        .collect();
    for (from, field) in back_edges(&edges) {
        let field = structs.get_mut(from).and_then(|item| item.fields.get_mut(field));
        if let Some(Ty::Struct { boxed, .. }) = field.map(|field| &mut field.ty) {
            *boxed = true;
        }
    }
}

fn held(ty: &Ty) -> Option<&TypeId> {
    match ty {
        Ty::Struct { id, .. } => Some(id),
        _ => None,
    }
}

/// The edges of a depth-first search that lead back to a node on the way.
fn back_edges(edges: &[Vec<(usize, usize)>]) -> Vec<(usize, usize)> {
    #[derive(Clone, Copy, PartialEq)]
    enum Mark {
        New,
        OnTheWay,
        Done,
    }
    let mut marks = vec![Mark::New; edges.len()];
    let mut found = Vec::new();
    for start in 0..edges.len() {
        // An explicit stack: descriptions are input, and input must not choose our stack depth.
        let mut way = vec![(start, 0)];
        while let Some((node, next)) = way.pop() {
            if next == 0 {
                match marks.get_mut(node) {
                    Some(mark) if *mark == Mark::New => *mark = Mark::OnTheWay,
                    _ => continue,
                }
            }
            match edges.get(node).and_then(|out| out.get(next)) {
                Some(&(field, to)) => {
                    way.push((node, next + 1));
                    match marks.get(to) {
                        Some(Mark::OnTheWay) => found.push((node, field)),
                        Some(Mark::New) => way.push((to, 0)),
                        _ => {}
                    }
                }
                None => {
                    if let Some(mark) = marks.get_mut(node) {
                        *mark = Mark::Done;
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
