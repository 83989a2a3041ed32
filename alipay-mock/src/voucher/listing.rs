//! Pages of lists.

use serde_json::{Map, Value};

use crate::error::{Refusal, ensure_at};

/// Which page is asked for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Page {
    number: usize,
    size: usize,
}

impl Page {
    /// Reads `page_num` and `page_size`, which are numbers in a body and strings in a query.
    pub(super) fn read(request: &Map<String, Value>) -> Result<Self, Refusal> {
        let number = |name: &str| {
            let value = request.get(name).ok_or_else(|| Refusal::missing(name))?;
            let number = match value {
                Value::String(text) => text.parse().ok(),
                value => value.as_u64().and_then(|number| usize::try_from(number).ok()),
            };
            number.filter(|number| *number > 0).ok_or_else(|| {
                Refusal::invalid(format!("`{name}` must be a whole number above 0")).at(name)
            })
        };
        Ok(Self { number: number("page_num")?, size: number("page_size")? })
    }

    /// Refuses more entries, where `page_size` is a string and the contract cannot limit it.
    pub(super) fn at_most(self, largest: usize) -> Result<Self, Refusal> {
        let otherwise = format!("`page_size` must be at most {largest}");
        ensure_at("page_size", self.size <= largest, &otherwise)?;
        Ok(self)
    }

    /// The entries of the page.
    pub(super) fn of<T>(self, all: Vec<T>) -> Vec<T> {
        let before = self.size.saturating_mul(self.number - 1);
        all.into_iter().skip(before).take(self.size).collect()
    }

    /// Whether it is the first.
    pub(super) fn is_first(self) -> bool {
        self.number == 1
    }

    /// A response that says which page it is.
    pub(super) fn response(self) -> Map<String, Value> {
        Map::from_iter([
            ("page_num".to_owned(), self.number.into()),
            ("page_size".to_owned(), self.size.into()),
        ])
    }
}
