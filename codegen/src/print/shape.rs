//! Shapes: code that occurs often, laid out by the printer once and filled many times.
//!
//! To print tokens costs a hundred times what it costs to copy text, and most of a generated crate
//! repeats a few shapes with other names. So a shape is printed with placeholders, in its layouts from
//! the flattest to the most broken, and then filled: the first layout whose lines fit is the one the
//! printer would choose, since it breaks a group only when its line does not fit. Where that does not
//! tell, the printer is asked.

use std::{array, iter};

use proc_macro2::{Ident, Span, TokenStream};
use quote::quote;

use super::item_text;

/// The columns the printer fills.
const COLUMNS: usize = 89;
/// The columns of a struct's value on one line, from its name to its brace.
const VALUE_COLUMNS: usize = 35;
/// The length of a name that fits on no line.
const LONG: usize = 100;
/// How placeholders begin.
const HOLE: &str = "__hole_";
/// The placeholder of a list. As a parameter it has the type `()`, which gives way with it.
const LIST: &str = "__hole_l";
/// The placeholder of lines.
const LINES: &str = "__lines__";

/// Where code stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// It is an item.
    Item,
    /// It is a member of an `impl`.
    Member,
    /// It is the head of such a member, up to the brace.
    Head,
    /// It is in the body of such a member.
    Body,
    /// It is an arm of a `match` that is the whole body of such a member.
    Arm,
    /// It is a field of a struct.
    Field,
    /// It is an attribute of an item.
    Attribute,
    /// It is an attribute of a member, field or variant.
    InnerAttribute,
}

impl Place {
    /// An item with the code in its place.
    fn around(self, code: &TokenStream) -> TokenStream {
        match self {
            Self::Item => code.clone(),
            Self::Member => quote!(impl A { #code }),
            Self::Head => quote!(impl A { #code { a } }),
            Self::Body => quote!(impl A { fn a() { #code } }),
            Self::Arm => quote!(impl A { fn a() { match a { #code } } }),
            Self::Field => quote!(struct A { #code }),
            Self::Attribute => quote!(#code struct A;),
            Self::InnerAttribute => quote!(impl A { #code fn a() {} }),
        }
    }

    /// How many lines of that item come before the code, and after it.
    fn lines_around(self) -> (usize, usize) {
        match self {
            Self::Item => (0, 0),
            Self::Member | Self::Field => (1, 1),
            Self::Head => (1, 3),
            Self::Body => (2, 2),
            Self::Arm => (3, 3),
            Self::Attribute => (0, 1),
            Self::InnerAttribute => (1, 2),
        }
    }

    /// Code that was laid out with lines that do not fit, laid out anew.
    fn print_text(self, flat: &str) -> Result<String, String> {
        // The brace of a head has no end.
        let head = flat.trim_end().strip_suffix('{').filter(|_| self == Self::Head);
        match head.unwrap_or(flat).parse() {
            Ok(code) => self.print(&code),
            Err(problem) => Err(format!("{problem}: {flat}")),
        }
    }

    /// The code, laid out.
    fn print(self, code: &TokenStream) -> Result<String, String> {
        let text = item_text(self.around(code))?;
        let (before, after) = self.lines_around();
        let count = text.lines().count().saturating_sub(before + after);
        Ok(text.lines().skip(before).take(count).flat_map(|line| [line, "\n"]).collect())
    }
}

/// The placeholder of lines that are laid out already. The line it stands on gives way to them.
pub(crate) fn lines() -> Ident {
    Ident::new(LINES, Span::call_site())
}

/// Code with holes for `N` names, types or expressions, and perhaps for a list or for lines.
#[derive(Debug)]
pub(crate) struct Shape<const N: usize> {
    place: Place,
    /// From the flattest to the most broken. Each breaks one group more than the one before, inside
    /// those that are broken there.
    layouts: Vec<Layout>,
    /// The columns the lines of the flattest may take.
    flat_columns: usize,
}

/// What goes into the holes of a shape.
#[derive(Clone, Copy, Debug)]
struct Filling<'a> {
    values: &'a [&'a str],
    /// The items of the list, without commas.
    list: &'a [String],
    lines: &'a str,
}

impl<const N: usize> Shape<N> {
    /// Lays out `code`, which is given the placeholders of its values and that of the list. Besides the
    /// flat layout there is one for each of `breaks`, which names a hole (the last is the list) with
    /// something in it that fits on no line.
    ///
    /// # Errors
    ///
    /// When the code is not Rust.
    pub(crate) fn new(
        place: Place,
        breaks: &[usize],
        code: impl Fn([Ident; N], Ident) -> TokenStream,
    ) -> Result<Self, String> {
        let layout = |broken: Option<usize>| {
            let hole = |hole: usize, name: &str| {
                let length = if broken == Some(hole) { LONG } else { 0 };
                Ident::new(&format!("{name:_<length$}"), Span::call_site())
            };
            let values = array::from_fn(|number| hole(number, &format!("{HOLE}{number}")));
            place.print(&code(values, hole(N, LIST))).map(|text| Layout::parse(&text))
        };
        let layouts = iter::once(None).chain(breaks.iter().copied().map(Some)).map(layout);
        Ok(Self { place, layouts: layouts.collect::<Result<_, _>>()?, flat_columns: COLUMNS })
    }

    /// The same for code whose longest line is the value of a struct, indented by `indent` columns: the
    /// printer keeps only short ones on a line.
    pub(crate) fn of_value(self, indent: usize) -> Self {
        Self { flat_columns: indent + VALUE_COLUMNS, ..self }
    }

    /// The code with values in its holes.
    ///
    /// # Errors
    ///
    /// When it is not Rust.
    pub(crate) fn fill(&self, values: [&str; N]) -> Result<String, String> {
        self.pour(Filling { values: &values, list: &[], lines: "" })
    }

    /// The same with the items of the list.
    ///
    /// # Errors
    ///
    /// When it is not Rust.
    pub(crate) fn fill_list(&self, values: [&str; N], list: &[String]) -> Result<String, String> {
        self.pour(Filling { values: &values, list, lines: "" })
    }

    /// The same with lines.
    ///
    /// # Errors
    ///
    /// When it is not Rust.
    pub(crate) fn fill_lines(&self, values: [&str; N], lines: &str) -> Result<String, String> {
        self.pour(Filling { values: &values, list: &[], lines })
    }

    fn pour(&self, filling: Filling<'_>) -> Result<String, String> {
        let mut columns = self.flat_columns;
        for layout in &self.layouts {
            let (text, longest) = layout.fill(filling);
            if longest <= columns {
                return Ok(text);
            }
            // The printer does not count every comma at the end of a line.
            if longest == columns + 1 {
                break;
            }
            columns = COLUMNS;
        }
        // The length does not tell, or something else than what the layouts break is too long.
        let flat = self.layouts.first().map(|layout| layout.fill(filling).0).unwrap_or_default();
        self.place.print_text(&flat)
    }
}

/// Text with holes.
#[derive(Debug, PartialEq, Eq)]
struct Layout {
    /// Text, and the hole behind it.
    parts: Vec<(String, Hole)>,
    /// The text behind the last hole.
    end: String,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Hole {
    /// The n-th value.
    Value(usize),
    /// The list, on the line.
    Inline,
    /// The list, a line for each item: what stands before each of them.
    Items(String),
    /// The lines.
    Lines,
}

impl Layout {
    fn parse(text: &str) -> Self {
        let mut parts = Vec::new();
        let mut before = String::new();
        let mut close = |before: &mut String, hole| parts.push((std::mem::take(before), hole));
        for line in text.split_inclusive('\n') {
            if line.contains(LINES) {
                close(&mut before, Hole::Lines);
                continue;
            }
            let item = line.trim_start();
            let item_ends = |rest: &str| matches!(rest.trim_start_matches('_'), ",\n" | ": (),\n");
            if item.strip_prefix(LIST).is_some_and(item_ends) {
                let pad = line.strip_suffix(item).unwrap_or_default();
                close(&mut before, Hole::Items(pad.to_owned()));
                continue;
            }
            let mut rest = line;
            while let Some((plain, hole)) = rest.split_once(HOLE) {
                before.push_str(plain);
                let mut name = hole.chars();
                let number = name.next().and_then(|digit| digit.to_digit(10));
                close(&mut before, number.map_or(Hole::Inline, |n| Hole::Value(n as usize)));
                rest = name.as_str().trim_start_matches('_');
                if number.is_none() {
                    rest = rest.strip_prefix(": ()").unwrap_or(rest);
                }
            }
            before.push_str(rest);
        }
        Self { parts, end: before }
    }

    /// The filled text, and the length of its longest line, leaving lines aside that were laid out
    /// already.
    fn fill(&self, filling: Filling<'_>) -> (String, usize) {
        let Filling { values, list, lines } = filling;
        let mut text = String::with_capacity(256 + lines.len());
        let mut longest = 0;
        let mut measured = 0;
        for (before, hole) in &self.parts {
            text.push_str(before);
            match hole {
                Hole::Value(number) => text.push_str(values.get(*number).unwrap_or(&"")),
                Hole::Inline => {
                    for (number, item) in list.iter().enumerate() {
                        text.push_str(if number == 0 { "" } else { ", " });
                        text.push_str(item);
                    }
                }
                Hole::Items(pad) => {
                    for part in list.iter().flat_map(|item| [pad, item.as_str(), ",\n"]) {
                        text.push_str(part);
                    }
                }
                Hole::Lines => {
                    longest = longest.max(longest_line(text.get(measured..)));
                    text.push_str(lines);
                    measured = text.len();
                }
            }
        }
        text.push_str(&self.end);
        longest = longest.max(longest_line(text.get(measured..)));
        (text, longest)
    }
}

/// The length of the longest line in bytes, which is how the printer counts.
fn longest_line(text: Option<&str>) -> usize {
    text.unwrap_or_default().lines().map(str::len).max().unwrap_or_default()
}
