//! The table that is printed at the end.

use std::fmt;

/// Rows of a name and a value.
#[derive(Default)]
pub(crate) struct Table(Vec<(String, String)>);

impl Table {
    pub(crate) fn row(&mut self, name: &str, value: &dyn fmt::Display) {
        self.0.push((name.to_owned(), value.to_string()));
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let width = self.0.iter().map(|(name, _)| name.len()).max().unwrap_or(0);
        let mut rows = self.0.iter();
        if let Some((name, value)) = rows.next() {
            write!(f, "{name:width$}  {value}")?;
        }
        rows.try_for_each(|(name, value)| write!(f, "\n{name:width$}  {value}"))
    }
}
