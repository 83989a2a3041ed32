//! Where every value of the effective description comes from.

use std::{
    borrow::Cow,
    collections::{BTreeMap, HashSet},
    ops::Bound,
};

use crate::{diag::Location, ir::Confidence, load::Spans, pointer::Pointer};

/// What backs a refinement made by an overlay.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Evidence {
    /// How sure it is.
    pub confidence: Confidence,
    /// The source that the action names.
    pub source: String,
    /// The rule that has inferred it, if it was one.
    pub rule: Option<String>,
    /// Whether the action says that what it makes required is to be so, although it is only inferred.
    pub obliges: bool,
}

/// The action that set a value, and where in the overlay the value is written.
#[derive(Clone, Debug)]
pub(super) struct SetBy {
    /// The number of the action, among those of all overlays.
    pub(super) action: usize,
    /// The pointer of the value in the overlay.
    pub(super) written: Pointer,
}

/// The origin of every value: the overlay action that set it, or the base.
#[derive(Debug)]
pub(super) struct Trace {
    base: Spans,
    /// The overlays, in the order in which they were laid over.
    overlays: Vec<Spans>,
    /// What backs each action, and the number of its overlay.
    evidence: Vec<(Evidence, usize)>,
    /// How many of the actions are weak: others may change what they set.
    weak: usize,
    /// The values actions set as a whole: scalars, lists, and objects that were not there before.
    marks: BTreeMap<String, SetBy>,
    /// References that were moved into an `allOf` to make room for annotations.
    annotated: HashSet<Pointer>,
    /// Lists that lost items, so that their numbers are not those of the base.
    shortened: HashSet<Pointer>,
}

impl Trace {
    pub(super) fn of_base(base: Spans) -> Self {
        Self {
            base,
            overlays: Vec::new(),
            evidence: Vec::new(),
            weak: 0,
            marks: BTreeMap::new(),
            annotated: HashSet::new(),
            shortened: HashSet::new(),
        }
    }

    /// Notes that an overlay comes next. Gives the number of its first action.
    pub(super) fn lay(
        &mut self,
        overlay: Spans,
        evidence: impl IntoIterator<Item = Evidence>,
    ) -> usize {
        let (first, number) = (self.evidence.len(), self.overlays.len());
        self.overlays.push(overlay);
        self.evidence.extend(evidence.into_iter().map(|evidence| (evidence, number)));
        first
    }

    /// Notes that later actions may change what all before have set.
    pub(super) fn may_be_changed(&mut self) {
        self.weak = self.evidence.len();
    }

    /// Whether other actions may change what this one set.
    pub(super) fn is_weak(&self, mark: &SetBy) -> bool {
        mark.action < self.weak
    }

    /// The name of the base.
    pub(super) fn base(&self) -> &str {
        self.base.source()
    }

    /// The place of the key at `pointer`, in the overlay if an action set its value.
    pub(super) fn locate(&self, pointer: &Pointer) -> Location {
        let pointer = self.before_annotation(pointer);
        if let Some((mark, below)) = self.mark(&pointer) {
            return self.locate_mark(mark, below);
        }
        let mut known = Pointer::root();
        for segment in pointer.segments() {
            if self.shortened.contains(&known) {
                break;
            }
            known = known.join(segment);
        }
        self.base.locate(&known)
    }

    /// The evidence for the value at `pointer`; `None` when it comes from the base.
    pub(super) fn evidence(&self, pointer: &Pointer) -> Option<&Evidence> {
        let (mark, _) = self.mark(&self.before_annotation(pointer))?;
        self.evidence.get(mark.action).map(|(evidence, _)| evidence)
    }

    /// The number of the action that set the value at `pointer`; `None` when it comes from the base.
    pub(super) fn action(&self, pointer: &Pointer) -> Option<usize> {
        self.mark(&self.before_annotation(pointer)).map(|(mark, _)| mark.action)
    }

    /// The actions that say that they oblige and set something that `is_there`: their numbers, and where
    /// in the overlay they say so.
    pub(super) fn obliging(
        &self,
        is_there: impl Fn(&str) -> bool,
    ) -> BTreeMap<usize, (Pointer, Location)> {
        let mut found = BTreeMap::new();
        for (at, mark) in &self.marks {
            let Some((evidence, overlay)) = self.evidence.get(mark.action) else { continue };
            if evidence.obliges && is_there(at) {
                let action = mark.written.segments().take(2);
                let action = action.fold(Pointer::root(), |at, segment| at.join(segment));
                let said = action.join("x-obliges");
                let overlay = self.overlays.get(*overlay).unwrap_or(&self.base);
                let location = overlay.locate(&said);
                found.insert(mark.action, (said, location));
            }
        }
        found
    }

    /// Where the overlay says something of the value at `pointer` or of what is in it.
    pub(super) fn refinement(&self, pointer: &Pointer) -> Option<Location> {
        let own = self.marks.get(pointer.as_str());
        let mark = own.or_else(|| self.mark_below(pointer))?;
        Some(self.locate_mark(mark, ""))
    }

    /// The place in the overlay that was laid over last.
    pub(super) fn locate_written(&self, written: &Pointer) -> Location {
        self.overlays.last().unwrap_or(&self.base).locate(written)
    }

    /// The place of what a mark stands for, or of a value `below` it.
    pub(super) fn locate_mark(&self, mark: &SetBy, below: &str) -> Location {
        let number = self.evidence.get(mark.action).map(|(_, number)| *number);
        let overlay = number.and_then(|number| self.overlays.get(number));
        overlay.unwrap_or(&self.base).locate(&mark.written.below(below))
    }

    /// The mark of the value at `pointer` or of the nearest value above it that was set as a whole,
    /// with the way down from there, in escaped form.
    pub(super) fn mark<'p>(&self, pointer: &'p Pointer) -> Option<(&SetBy, &'p str)> {
        if self.marks.is_empty() {
            return None;
        }
        let whole = pointer.as_str();
        let mut at = whole;
        loop {
            if let Some(mark) = self.marks.get(at) {
                return Some((mark, whole.strip_prefix(at).unwrap_or_default()));
            }
            at = at.rsplit_once('/')?.0;
        }
    }

    /// A mark somewhere below `pointer`.
    pub(super) fn mark_below(&self, pointer: &Pointer) -> Option<&SetBy> {
        let prefix = format!("{}/", pointer.as_str());
        self.below(&prefix).next().map(|(_, mark)| mark)
    }

    /// Notes that an action set the value at `pointer`, where nothing was or a value without members.
    pub(super) fn set(&mut self, pointer: &Pointer, mark: SetBy) {
        self.marks.insert(pointer.as_str().to_owned(), mark);
    }

    /// Notes that an action set the value at `pointer` in place of a list or an object.
    pub(super) fn replace(&mut self, pointer: &Pointer, mark: SetBy) {
        self.forget_below(pointer);
        self.set(pointer, mark);
    }

    /// Notes that the value at `pointer` is gone.
    pub(super) fn removed(&mut self, pointer: &Pointer) {
        self.marks.remove(pointer.as_str());
        self.forget_below(pointer);
    }

    /// Notes that the item `index` of the list at `list` is gone and the later ones moved up.
    pub(super) fn item_removed(&mut self, list: &Pointer, index: usize) {
        self.removed(&list.join(index));
        self.shortened.insert(list.clone());
        let prefix = format!("{}/", list.as_str());
        let moved_up = |at: &str| {
            let rest = at.strip_prefix(&prefix)?;
            let (number, below) = rest.split_at_checked(rest.find('/').unwrap_or(rest.len()))?;
            let number = number.parse::<usize>().ok().filter(|number| *number > index)?;
            Some(format!("{prefix}{}{below}", number - 1))
        };
        let keys: Vec<String> = self.below(&prefix).map(|(at, _)| at.clone()).collect();
        let marks: Vec<_> = keys
            .into_iter()
            .filter_map(|at| Some((moved_up(&at)?, self.marks.remove(&at)?)))
            .collect();
        self.marks.extend(marks);
    }

    /// Notes that the list at `list` lost items.
    pub(super) fn shortened(&mut self, list: Pointer) {
        self.shortened.insert(list);
    }

    /// Notes that the reference at `pointer` was moved into an `allOf`.
    pub(super) fn annotated(&mut self, pointer: Pointer) {
        self.annotated.insert(pointer);
    }

    fn forget_below(&mut self, pointer: &Pointer) {
        let prefix = format!("{}/", pointer.as_str());
        let gone: Vec<String> = self.below(&prefix).map(|(at, _)| at.clone()).collect();
        for at in gone {
            self.marks.remove(&at);
        }
    }

    /// The marks whose pointers begin with `prefix`.
    fn below<'s, 'p>(
        &'s self,
        prefix: &'p str,
    ) -> impl Iterator<Item = (&'s String, &'s SetBy)> + use<'s, 'p> {
        let from = (Bound::Included(prefix), Bound::Unbounded);
        self.marks.range::<str, _>(from).take_while(move |(at, _)| at.starts_with(prefix))
    }

    /// The pointer as it was before references were moved into an `allOf`.
    fn before_annotation<'p>(&self, pointer: &'p Pointer) -> Cow<'p, Pointer> {
        if self.annotated.is_empty() || !pointer.as_str().contains("/allOf") {
            return Cow::Borrowed(pointer);
        }
        let mut before = Pointer::root();
        let mut now = Pointer::root();
        let mut segments = pointer.segments();
        while let Some(segment) = segments.next() {
            let moved = segment == "allOf" && self.annotated.contains(&now);
            now = now.join(&segment);
            if moved {
                if let Some(item) = segments.next() {
                    now = now.join(item);
                }
            } else {
                before = before.join(segment);
            }
        }
        Cow::Owned(before)
    }
}
