//! Where every key and value of a text stands.

use std::{
    collections::HashMap,
    hash::{DefaultHasher, Hash, Hasher},
    sync::Arc,
};

use crate::{diag::Location, pointer::Pointer};

/// The number of a node.
pub(super) type Id = u32;

/// A line and a column, both from 1; columns count characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Position {
    pub(super) line: u32,
    pub(super) column: u32,
}

/// One value of the text.
#[derive(Clone, Copy, Debug)]
pub(super) struct Node {
    /// Where its key stands; for list items and the root, where the value stands.
    pub(super) at: Position,
    /// The node whose children are this node's children: itself, or what an alias refers to.
    pub(super) children_of: Id,
}

/// The positions of one source, by JSON pointer.
///
/// They mirror the text as a tree: a node is twelve bytes, and a child is found by its parent's number
/// and a hash of its key. So no pointer and no key is stored.
#[derive(Clone, Debug)]
pub(crate) struct Spans {
    source: String,
    nodes: Vec<Node>,
    children: HashMap<(Id, u64), Id>,
    /// Values that were put in from another text, by the place where they were put.
    grafts: HashMap<Pointer, Graft>,
}

/// A value of another text.
#[derive(Clone, Debug)]
struct Graft {
    /// Where it stands in its own text.
    written: Pointer,
    spans: Arc<Spans>,
}

impl Spans {
    pub(super) fn new(source: &str) -> Self {
        Self {
            source: source.to_owned(),
            nodes: Vec::new(),
            children: HashMap::new(),
            grafts: HashMap::new(),
        }
    }

    /// The name of the source.
    pub(crate) fn source(&self) -> &str {
        &self.source
    }

    /// The place of the key at `pointer` (of the item itself, in a list), or that of the nearest value
    /// above it.
    pub(crate) fn locate(&self, pointer: &Pointer) -> Location {
        let mut above = (!self.grafts.is_empty()).then(|| pointer.clone());
        while let Some(at) = above {
            if let Some(graft) = self.grafts.get(&at) {
                let below = pointer.as_str().strip_prefix(at.as_str()).unwrap_or_default();
                return graft.spans.locate(&graft.written.below(below));
            }
            above = at.parent();
        }
        self.location(self.nearest(pointer).map(|node| node.at))
    }

    /// Notes that the value at `at` was put in from another text, where it stands at `written`.
    pub(crate) fn graft(&mut self, at: Pointer, written: Pointer, spans: Arc<Self>) {
        self.grafts.insert(at, Graft { written, spans });
    }

    pub(super) fn add(&mut self, node: Node) -> Id {
        let id = Id::try_from(self.nodes.len()).unwrap_or(Id::MAX);
        self.nodes.push(node);
        id
    }

    /// Notes that `child` is the member `key` of `parent`; gives the member that had this key before.
    pub(super) fn link(&mut self, parent: Id, key: &str, child: Id) -> Option<Id> {
        self.children.insert((parent, hash(key)), child)
    }

    pub(super) fn node(&self, id: Id) -> Option<&Node> {
        self.nodes.get(id as usize)
    }

    pub(super) fn node_mut(&mut self, id: Id) -> Option<&mut Node> {
        self.nodes.get_mut(id as usize)
    }

    pub(super) fn child(&self, parent: Id, key: &str) -> Option<Id> {
        let parent = self.node(parent)?.children_of;
        self.children.get(&(parent, hash(key))).copied()
    }

    pub(super) fn location(&self, position: Option<Position>) -> Location {
        let Position { line, column } = position.unwrap_or(Position { line: 1, column: 1 });
        Location { source: self.source.clone(), line: line as usize, column: column as usize }
    }

    fn nearest(&self, pointer: &Pointer) -> Option<&Node> {
        let mut id = 0;
        for segment in pointer.segments() {
            match self.child(id, &segment) {
                Some(child) => id = child,
                None => break,
            }
        }
        self.node(id)
    }
}

fn hash(key: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    key.hash(&mut hasher);
    hasher.finish()
}
