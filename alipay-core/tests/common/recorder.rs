//! A subscriber that remembers spans and events.

use std::{
    cell::RefCell,
    collections::BTreeMap,
    fmt,
    sync::{Arc, Mutex},
};

use tracing::{
    Event, Metadata, Subscriber,
    field::{Field, Visit},
    span::{Attributes, Id, Record},
};
use tracing_core::span::Current;

/// Remembers spans and what was recorded in them, and events.
#[derive(Clone, Default)]
pub struct Recorder {
    pub spans: Arc<Mutex<Vec<Recorded>>>,
    pub events: Arc<Mutex<Vec<Told>>>,
}

pub type Fields = BTreeMap<&'static str, String>;

#[derive(Debug)]
pub struct Recorded {
    pub metadata: &'static Metadata<'static>,
    pub name: &'static str,
    pub parent: Option<u64>,
    pub fields: Fields,
    pub entered: usize,
    pub closed: bool,
}

/// An event.
#[derive(Clone, Debug)]
pub struct Told {
    pub metadata: &'static Metadata<'static>,
    /// The name of the span it is in.
    pub within: Option<&'static str>,
    pub fields: Fields,
}

impl Told {
    /// Level, name and span, and a line for each field. How long a call took is left out.
    pub fn shown(&self) -> String {
        let within = self.within.map(|span| format!(" in {span}")).unwrap_or_default();
        let head = format!("{} {}{within}", self.metadata.level(), self.metadata.name());
        let fields = self.fields.iter().map(|(name, value)| match *name {
            "alipay.duration_ms" => format!("  {name}"),
            _ => format!("  {name}={value}"),
        });
        std::iter::once(head).chain(fields).collect::<Vec<_>>().join("\n")
    }
}

impl Recorder {
    /// All that was told, and nothing of it twice.
    pub fn take_events(&self) -> Vec<Told> {
        std::mem::take(&mut *self.events.lock().unwrap())
    }

    /// All that was recorded and told, as text.
    pub fn text(&self) -> String {
        let (spans, events) = (self.spans.lock().unwrap(), self.events.lock().unwrap());
        format!("{spans:?}\n{events:?}")
    }
}

struct Visitor<'a>(&'a mut Fields);

impl Visit for Visitor<'_> {
    fn record_str(&mut self, field: &Field, value: &str) {
        self.0.insert(field.name(), value.to_owned());
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.0.insert(field.name(), format!("{value:?}"));
    }
}

thread_local! {
    /// The spans this thread is in.
    static ENTERED: RefCell<Vec<Id>> = const { RefCell::new(Vec::new()) };
}

fn index(id: &Id) -> usize {
    usize::try_from(id.into_u64()).unwrap() - 1
}

impl Subscriber for Recorder {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target().starts_with("alipay")
    }

    fn new_span(&self, span: &Attributes<'_>) -> Id {
        let mut spans = self.spans.lock().unwrap();
        let mut fields = Fields::new();
        span.record(&mut Visitor(&mut fields));
        spans.push(Recorded {
            metadata: span.metadata(),
            name: span.metadata().name(),
            parent: match span.parent() {
                Some(parent) => Some(parent.into_u64()),
                None => ENTERED.with_borrow(|entered| entered.last().map(Id::into_u64)),
            },
            fields,
            entered: 0,
            closed: false,
        });
        Id::from_u64(u64::try_from(spans.len()).unwrap())
    }

    fn record(&self, id: &Id, values: &Record<'_>) {
        let mut spans = self.spans.lock().unwrap();
        values.record(&mut Visitor(&mut spans.get_mut(index(id)).unwrap().fields));
    }

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        let mut fields = Fields::new();
        event.record(&mut Visitor(&mut fields));
        let entered = ENTERED.with_borrow(|entered| entered.last().map(index));
        let within = entered.map(|index| self.spans.lock().unwrap()[index].name);
        self.events.lock().unwrap().push(Told { metadata: event.metadata(), within, fields });
    }

    fn enter(&self, id: &Id) {
        self.spans.lock().unwrap().get_mut(index(id)).unwrap().entered += 1;
        ENTERED.with_borrow_mut(|entered| entered.push(id.clone()));
    }

    fn exit(&self, _: &Id) {
        ENTERED.with_borrow_mut(Vec::pop);
    }

    fn current_span(&self) -> Current {
        let Some(id) = ENTERED.with_borrow(|entered| entered.last().cloned()) else {
            return Current::none();
        };
        let metadata = self.spans.lock().unwrap().get(index(&id)).unwrap().metadata;
        Current::new(id, metadata)
    }

    fn try_close(&self, id: Id) -> bool {
        self.spans.lock().unwrap().get_mut(index(&id)).unwrap().closed = true;
        true
    }
}
