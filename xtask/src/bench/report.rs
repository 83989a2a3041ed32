//! From what was measured to a table.

use std::{cmp::Ordering, collections::BTreeMap, fmt::Write as _};

use serde_json::Value as Json;

/// One figure of one round.
pub(super) struct Measured {
    group: String,
    member: String,
    value: f64,
    unit: Unit,
}

/// What a figure counts.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Unit {
    Nanoseconds,
    /// Anything else, by its name.
    Counted(String),
}

/// One line of the table.
pub(super) struct Row {
    group: String,
    member: String,
    /// The median of the rounds.
    pub(super) value: f64,
    unit: Unit,
    /// How many times its floor; the median of the rounds' ratios.
    ratio: Option<f64>,
}

impl Measured {
    /// Reads the two files criterion writes of a bench. A bench that counts writes files of the same
    /// shape, with a `unit`.
    pub(super) fn read(benchmark: &Json, estimates: &Json) -> Option<Self> {
        let text = |name: &str| Some(benchmark.get(name)?.as_str()?.to_owned());
        Some(Self {
            group: text("group_id")?,
            member: text("function_id").unwrap_or_default(),
            value: estimates.get("median")?.get("point_estimate")?.as_f64()?,
            unit: text("unit").map_or(Unit::Nanoseconds, Unit::Counted),
        })
    }

    fn is_floor(&self) -> bool {
        self.member.starts_with("floor")
    }
}

impl Row {
    pub(super) fn name(&self) -> String {
        format!("{}/{}", self.group, self.member)
    }
}

/// What several rounds say of one member of a group.
struct Rounds<'a> {
    values: Vec<f64>,
    ratios: Vec<f64>,
    unit: &'a Unit,
}

/// The rows of several rounds, floors first in their groups.
pub(super) fn rows(rounds: &[Vec<Measured>]) -> Vec<Row> {
    let mut found = BTreeMap::new();
    for round in rounds {
        for measured in round {
            let floor = round
                .iter()
                .find(|other| other.is_floor() && other.group == measured.group)
                .filter(|_| !measured.is_floor());
            let key = (measured.group.as_str(), !measured.is_floor(), measured.member.as_str());
            let none = || Rounds { values: Vec::new(), ratios: Vec::new(), unit: &measured.unit };
            let of_member = found.entry(key).or_insert_with(none);
            of_member.values.push(measured.value);
            of_member.ratios.extend(floor.map(|floor| measured.value / floor.value));
        }
    }
    let row = |((group, _, member), rounds): ((&str, bool, &str), Rounds<'_>)| {
        Some(Row {
            group: group.to_owned(),
            member: member.to_owned(),
            value: median(rounds.values)?,
            unit: rounds.unit.clone(),
            ratio: median(rounds.ratios),
        })
    };
    found.into_iter().filter_map(row).collect()
}

fn median(mut values: Vec<f64>) -> Option<f64> {
    values.sort_by(|a, b| a.partial_cmp(b).unwrap_or(Ordering::Equal));
    let upper = *values.get(values.len() / 2)?;
    let lower = *values.get(values.len().checked_sub(1)? / 2)?;
    Some(f64::midpoint(lower, upper))
}

/// The table, and how it differs from an earlier one.
pub(super) fn table(rows: &[Row], earlier: Option<&[(String, f64)]>) -> String {
    let change = |row: &Row| {
        let name = row.name();
        let (_, before) = earlier?.iter().find(|(other, _)| *other == name)?;
        Some(format!("{:+.1} %", (row.value / before - 1.0) * 100.0))
    };
    let head = ["what", "who", "median", "of its floor", "change"].map(str::to_owned);
    let mut lines = vec![head];
    for row in rows {
        lines.push([
            row.group.clone(),
            row.member.clone(),
            amount(row.value, &row.unit),
            row.ratio.map_or_else(String::new, |ratio| format!("{ratio:.2}x")),
            change(row).unwrap_or_default(),
        ]);
    }
    let columns = if earlier.is_some() { 5 } else { 4 };
    print(&lines, columns)
}

/// Text to the left, figures to the right; groups are told apart by a blank line.
fn print(lines: &[[String; 5]], columns: usize) -> String {
    let length = |text: &str| text.chars().count();
    let mut widths = [0; 5];
    for line in lines {
        for (width, cell) in widths.iter_mut().zip(line) {
            *width = length(cell).max(*width);
        }
    }
    let mut text = String::new();
    let mut group = "";
    for line in lines {
        let [what, ..] = line;
        if what != group && !group.is_empty() {
            text.push('\n');
        }
        group = what;
        let mut printed = String::new();
        for (index, (cell, width)) in line.iter().zip(widths).take(columns).enumerate() {
            // Writing to a string cannot fail.
            let _ = if index < 2 {
                write!(printed, "{cell:<width$}  ")
            } else {
                write!(printed, "{cell:>width$}  ")
            };
        }
        text.push_str(printed.trim_end());
        text.push('\n');
    }
    text
}

fn amount(value: f64, unit: &Unit) -> String {
    match unit {
        Unit::Counted(unit) if value >= 1e6 => format!("{:.2}M {unit}", value / 1e6),
        Unit::Counted(unit) => format!("{value:.1} {unit}"),
        Unit::Nanoseconds if value >= 1e9 => format!("{:.2} s", value / 1e9),
        Unit::Nanoseconds if value >= 1e6 => format!("{:.2} ms", value / 1e6),
        Unit::Nanoseconds if value >= 1e3 => format!("{:.2} µs", value / 1e3),
        Unit::Nanoseconds => format!("{value:.1} ns"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn round(floor: f64, subject: f64) -> Vec<Measured> {
        let measured = |member: &str, value| Measured {
            group: "sign".to_owned(),
            member: member.to_owned(),
            value,
            unit: Unit::Nanoseconds,
        };
        vec![measured("key", subject), measured("floor (alone)", floor)]
    }

    #[test]
    fn the_ratio_is_the_median_of_the_rounds_ratios() {
        let rows = rows(&[round(100.0, 110.0), round(200.0, 240.0), round(10.0, 13.0)]);
        let shown: Vec<_> =
            rows.iter().map(|row| (row.member.as_str(), row.value, row.ratio)).collect();
        assert_eq!(shown, [("floor (alone)", 100.0, None), ("key", 110.0, Some(1.2))]);
    }

    #[test]
    fn the_table_shows_what_changed_since() {
        let rows = rows(&[round(1500.0, 3000.0)]);
        let table = table(&rows, Some(&[("sign/key".to_owned(), 2000.0)]));
        assert_eq!(
            table,
            "what  who             median  of its floor   change\n\n\
             sign  floor (alone)  1.50 µs\n\
             sign  key            3.00 µs         2.00x  +50.0 %\n"
        );
    }

    #[test]
    fn counts_keep_their_unit() {
        let benchmark = serde_json::json!({
            "group_id": "allocations", "function_id": "client", "unit": "allocations",
        });
        let estimates = serde_json::json!({ "median": { "point_estimate": 42.0 } });
        let rows = rows(&[Measured::read(&benchmark, &estimates).into_iter().collect()]);
        assert!(table(&rows, None).contains("42.0 allocations"));
    }
}
