//! The event pass: positions, and everything a parsed value cannot show any more.

use std::{borrow::Cow, collections::HashMap};

use saphyr_parser::{Event, Marker, Parser, ScalarStyle};

use super::spans::{Id, Node, Position, Spans};
use crate::diag::{Diagnostic, Sink, quote};

/// How deep a value may be nested. Descriptions need about a dozen levels.
pub(crate) const MAX_DEPTH: usize = 64;
/// How much a text may hold once its aliases are written out: one for each value and for each 64
/// bytes of scalar text. Alipay's whole description is at a quarter of a million.
const MAX_WEIGHT: usize = 4_000_000;

/// The code of a text that is neither YAML nor JSON.
pub(super) const SYNTAX: &str = "syntax";

/// What the event pass found.
pub(super) struct Scan<'text> {
    spans: Spans,
    /// The text of plain scalars that may be read as something else than a string.
    plain: HashMap<Id, Cow<'text, str>>,
}

impl Scan<'_> {
    /// The positions alone.
    pub(super) fn into_spans(self) -> Spans {
        self.spans
    }

    pub(super) fn spans(&self) -> &Spans {
        &self.spans
    }

    /// The text of a plain scalar that may be read as something else than a string.
    pub(super) fn plain(&self, id: Id) -> Option<&str> {
        let id = self.spans.node(id)?.children_of;
        self.plain.get(&id).map(AsRef::as_ref)
    }
}

/// Walks the events of `text`.
pub(super) fn scan<'text>(name: &str, text: &'text str, sink: &mut Sink) -> Option<Scan<'text>> {
    let mut pass = Pass::new(name, sink);
    let mut parser = Parser::new_from_str(text);
    while let Some(next) = parser.next_event() {
        match next {
            Ok((event, span)) => {
                pass.event(event, position(span.start))?;
            }
            Err(error) => {
                let message = format!("this is not YAML: {}", error.info());
                return pass.fail(SYNTAX, position(*error.marker()), message).and(None);
            }
        }
    }
    if pass.documents == 0 {
        pass.sink.push(
            Diagnostic::error("empty-file", "the file is empty")
                .at(pass.scan.spans.location(None))
                .hint("check that this is the file you meant"),
        );
        return None;
    }
    pass.finish()
}

fn position(marker: Marker) -> Position {
    let number = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    Position { line: number(marker.line()), column: number(marker.col()).saturating_add(1) }
}

/// Whether a reader could take this plain scalar for something else than a string.
fn ambiguous(text: &str) -> bool {
    text.bytes().next().is_none_or(|first| first.is_ascii_digit() || b"+-.~tTfFnN".contains(&first))
}

/// A collection whose end has not come yet.
struct Open<'text> {
    id: Id,
    anchor: usize,
    weight_before: usize,
    height: usize,
    state: State<'text>,
}

enum State<'text> {
    /// A list, with the number of its next item.
    List(usize),
    /// A mapping that waits for a key.
    Key,
    /// A mapping that waits for the value of this key.
    Value(Cow<'text, str>, Position),
}

struct Anchored {
    id: Id,
    weight: usize,
    height: usize,
}

/// Takes the events of a text, of whichever format, and checks what holds of all of them.
pub(super) struct Pass<'text, 'sink> {
    scan: Scan<'text>,
    open: Vec<Open<'text>>,
    anchors: HashMap<usize, Anchored>,
    weight: usize,
    documents: usize,
    failed: bool,
    sink: &'sink mut Sink,
}

impl<'text, 'sink> Pass<'text, 'sink> {
    pub(super) fn new(name: &str, sink: &'sink mut Sink) -> Self {
        Self {
            scan: Scan { spans: Spans::new(name), plain: HashMap::new() },
            open: Vec::new(),
            anchors: HashMap::new(),
            weight: 0,
            documents: 0,
            failed: false,
            sink,
        }
    }

    /// What was found; `None` after an error.
    pub(super) fn finish(self) -> Option<Scan<'text>> {
        (!self.failed).then_some(self.scan)
    }

    /// Takes one event; `None` ends the pass.
    pub(super) fn event(&mut self, event: Event<'text>, at: Position) -> Option<()> {
        match event {
            Event::Nothing | Event::StreamStart | Event::StreamEnd | Event::DocumentEnd => {}
            Event::DocumentStart(_) => {
                self.documents += 1;
                if self.documents > 1 {
                    return self.fail(
                        "several-documents",
                        at,
                        "a second YAML document starts here; one file holds one",
                    );
                }
            }
            Event::Scalar(text, style, anchor, tag) => {
                self.refuse_tag(tag.is_some(), at);
                return self.scalar(text, style, anchor, at);
            }
            Event::Alias(anchor) => return self.alias(anchor, at),
            Event::SequenceStart(anchor, tag) => {
                self.refuse_tag(tag.is_some(), at);
                return self.start(State::List(0), anchor, at);
            }
            Event::MappingStart(anchor, tag) => {
                self.refuse_tag(tag.is_some(), at);
                return self.start(State::Key, anchor, at);
            }
            Event::SequenceEnd | Event::MappingEnd => {
                let closed = self.open.pop()?;
                if closed.anchor != 0 {
                    let weight = self.weight - closed.weight_before;
                    self.anchors.insert(
                        closed.anchor,
                        Anchored { id: closed.id, weight, height: closed.height },
                    );
                }
                self.raise(closed.height + 1);
            }
        }
        Some(())
    }

    fn scalar(
        &mut self,
        text: Cow<'text, str>,
        style: ScalarStyle,
        anchor: usize,
        at: Position,
    ) -> Option<()> {
        let plain = style == ScalarStyle::Plain;
        if let Some(Open { state: state @ State::Key, .. }) = self.open.last_mut() {
            let merges = plain && text == "<<";
            *state = State::Value(text, at);
            if merges {
                let message = "`<<` merges another mapping in, which OpenAPI does not have";
                self.fail("merge-key", at, message);
            }
            return Some(());
        }
        let weight = 1 + text.len() / 64;
        let id = self.value(at)?;
        if plain && ambiguous(&text) {
            self.scan.plain.insert(id, text);
        }
        self.anchored(anchor, id, weight);
        self.grow(weight, at)
    }

    fn start(&mut self, state: State<'text>, anchor: usize, at: Position) -> Option<()> {
        if self.open.len() >= MAX_DEPTH {
            return self.fail(
                "too-deep",
                at,
                format!("values are nested more than {MAX_DEPTH} levels deep here"),
            );
        }
        if matches!(self.open.last(), Some(Open { state: State::Key, .. })) {
            return self.fail("yaml-key", at, "a list or mapping stands where a key is expected");
        }
        let weight_before = self.weight;
        let id = self.value(at)?;
        self.open.push(Open { id, anchor, weight_before, height: 0, state });
        self.grow(1, at)
    }

    fn alias(&mut self, anchor: usize, at: Position) -> Option<()> {
        if matches!(self.open.last(), Some(Open { state: State::Key, .. })) {
            return self.fail("yaml-key", at, "an alias stands where a key is expected");
        }
        let Some(&Anchored { id: target, weight, height }) = self.anchors.get(&anchor) else {
            return self.fail("yaml-alias", at, "this alias refers to a value it is part of");
        };
        if self.open.len() + height > MAX_DEPTH {
            return self.fail(
                "too-deep",
                at,
                format!("with this alias, values are nested more than {MAX_DEPTH} levels deep"),
            );
        }
        let id = self.value(at)?;
        let children_of = self.scan.spans.node(target)?.children_of;
        self.scan.spans.node_mut(id)?.children_of = children_of;
        self.raise(height);
        self.grow(weight, at)
    }

    /// Notes a value and links it to the collection it is in.
    fn value(&mut self, at: Position) -> Option<Id> {
        let spans = &mut self.scan.spans;
        let id = spans.add(Node { at, children_of: 0 });
        spans.node_mut(id)?.children_of = id;
        let Some(parent) = self.open.last_mut() else { return Some(id) };
        let key = match &mut parent.state {
            State::List(next) => {
                let key = next.to_string();
                *next += 1;
                Cow::Owned(key)
            }
            // A key never comes here: it makes no node.
            State::Key => return Some(id),
            State::Value(key, at) => {
                spans.node_mut(id)?.at = *at;
                let key = std::mem::take(key);
                parent.state = State::Key;
                key
            }
        };
        let parent = parent.id;
        if let Some(first) = spans.link(parent, &key, id) {
            let at = spans.node(id)?.at;
            let first = spans.node(first)?.at;
            let (key, Position { line, column }) = (quote(&key), first);
            let message = format!("the key {key} stands here and at {line}:{column} already");
            self.failed = true;
            self.sink.push(
                Diagnostic::error("duplicate-key", message)
                    .at(self.scan.spans.location(Some(at)))
                    .hint("remove one of them: readers silently take the last one"),
            );
        }
        Some(id)
    }

    fn anchored(&mut self, anchor: usize, id: Id, weight: usize) {
        if anchor != 0 {
            self.anchors.insert(anchor, Anchored { id, weight, height: 0 });
        }
    }

    /// Raises the height of the open collection to that of a value in it.
    fn raise(&mut self, height: usize) {
        if let Some(parent) = self.open.last_mut() {
            parent.height = parent.height.max(height);
        }
    }

    fn grow(&mut self, weight: usize, at: Position) -> Option<()> {
        self.weight = self.weight.saturating_add(weight);
        if self.weight > MAX_WEIGHT {
            return self.fail(
                "too-large",
                at,
                format!(
                    "the file holds more than {MAX_WEIGHT} values up to here, aliases written out"
                ),
            );
        }
        Some(())
    }

    fn refuse_tag(&mut self, is_there: bool, at: Position) {
        if is_there {
            self.fail("yaml-tag", at, "YAML tags (`!…`) mean nothing in a description");
        }
    }

    /// Notes an error. Returns `None`, so that callers can end the pass with it.
    fn fail(&mut self, code: &'static str, at: Position, message: impl Into<String>) -> Option<()> {
        self.failed = true;
        let hint = match code {
            SYNTAX => {
                "correct the file there or just above; indentation and unclosed quotes are the usual causes"
            }
            "merge-key" => "write the merged keys out",
            "several-documents" => "put it into a file of its own, or remove the `---`",
            "yaml-tag" => "remove it, and quote the value if it is a string",
            "yaml-key" => "keys are strings; quote it if that is what it is",
            _ => "a description never needs this; check where the file comes from",
        };
        let location = self.scan.spans.location(Some(at));
        self.sink.push(Diagnostic::error(code, message).at(location).hint(hint));
        None
    }
}
