//! Limits: whether they were tightened or widened.
//!
//! The client checks none of them. A tightened limit of a request means that Alipay may refuse what it took; a
//! widened limit of a response means that it may return what it did not.

use std::cmp::Ordering;

use alipay_openapi::ir::{Field, Limit, Sourced};

/// What two sets of limits do not share, in sentences.
#[derive(Default)]
pub(super) struct Moved {
    pub(super) tightened: Vec<String>,
    pub(super) widened: Vec<String>,
}

/// What a limit bounds: only limits of the same are compared.
#[derive(PartialEq)]
enum Subject {
    Low(&'static str),
    High(&'static str),
    Step,
    Values,
    Each(Box<Subject>),
    Other,
}

impl Moved {
    pub(super) fn between(mut gone: Vec<Limit>, mut new: Vec<Limit>) -> Self {
        let mut moved = Self::default();
        gone.retain(|limit| match new.iter().position(|other| other == limit) {
            Some(at) => {
                new.remove(at);
                false
            }
            None => true,
        });
        for limit in gone {
            let same = |other: &Limit| subject(other) == subject(&limit);
            let lone = subject(peeled(&limit)) == Subject::Other;
            let found = new.iter().position(|other| !lone && same(other));
            match found.map(|at| new.remove(at)) {
                Some(other) => moved.compare(&limit, &other),
                None => moved.lone(&limit, false),
            }
        }
        for limit in &new {
            moved.lone(limit, true);
        }
        moved
    }

    /// A limit that only one side has.
    fn lone(&mut self, limit: &Limit, is_new: bool) {
        let text =
            if is_new { format!("\"{limit}\" is new") } else { format!("\"{limit}\" is gone") };
        // That a value may be `null` allows more, all else allows less.
        let tightens = is_new != matches!(limit, Limit::Nullable);
        if tightens { self.tightened.push(text) } else { self.widened.push(text) }
    }

    fn compare(&mut self, a: &Limit, b: &Limit) {
        let text = format!("\"{a}\" is now \"{b}\"");
        let (a, b) = (peeled(a), peeled(b));
        let (tighter, wider) = match (subject(a), a, b) {
            (Subject::Low(_), ..) => match by_bound(a, b) {
                Some(Ordering::Less) => (true, false),
                Some(Ordering::Greater) => (false, true),
                Some(Ordering::Equal) => return,
                None => (true, true),
            },
            (Subject::High(_), ..) => match by_bound(a, b) {
                Some(Ordering::Less) => (false, true),
                Some(Ordering::Greater) => (true, false),
                Some(Ordering::Equal) => return,
                None => (true, true),
            },
            (_, Limit::MultipleOf(a), Limit::MultipleOf(b)) => {
                let multiple = |of: &str, step: &str| -> Option<bool> {
                    of.parse::<i64>().ok()?.checked_rem(step.parse().ok()?).map(|rest| rest == 0)
                };
                match (multiple(b, a), multiple(a, b)) {
                    (Some(tighter), Some(wider)) if tighter != wider => (tighter, wider),
                    (Some(true), Some(true)) => return,
                    _ => (true, true),
                }
            }
            (_, Limit::OneOf(a), Limit::OneOf(b)) => {
                (a.iter().any(|value| !b.contains(value)), b.iter().any(|value| !a.contains(value)))
            }
            _ => (true, true),
        };
        if tighter {
            self.tightened.push(text.clone());
        }
        if wider {
            self.widened.push(text);
        }
    }
}

/// The limits of a field, with the sentence that says when it is required: both oblige whoever sends it.
pub(super) fn of_field(field: &Field) -> Vec<Limit> {
    let mut limits = values(&field.limits);
    limits.extend(field.required_when.iter().map(|when| Limit::Rule(when.value.clone())));
    limits
}

/// Limits without their evidence.
pub(super) fn values(limits: &[Sourced<Limit>]) -> Vec<Limit> {
    limits.iter().map(|limit| limit.value.clone()).collect()
}

/// The limit, whether it holds for a value or for each of several.
fn peeled(limit: &Limit) -> &Limit {
    match limit {
        Limit::Each(limit) => peeled(limit),
        limit => limit,
    }
}

fn subject(limit: &Limit) -> Subject {
    match limit {
        Limit::MinLength(_) => Subject::Low("length"),
        Limit::MaxLength(_) => Subject::High("length"),
        Limit::MinItems(_) => Subject::Low("items"),
        Limit::MaxItems(_) => Subject::High("items"),
        Limit::MinKeys(_) => Subject::Low("keys"),
        Limit::MaxKeys(_) => Subject::High("keys"),
        Limit::Minimum(_) | Limit::MoreThan(_) => Subject::Low("number"),
        Limit::Maximum(_) | Limit::LessThan(_) => Subject::High("number"),
        Limit::MultipleOf(_) => Subject::Step,
        Limit::OneOf(_) => Subject::Values,
        Limit::Each(limit) => Subject::Each(Box::new(subject(limit))),
        Limit::Pattern(_)
        | Limit::Format(_)
        | Limit::UniqueItems
        | Limit::Nullable
        | Limit::ReadOnly
        | Limit::WriteOnly
        | Limit::Rule(_) => Subject::Other,
    }
}

/// The order of two bounds of the same. Of two equal numbers, the one that is excluded is further in.
fn by_bound(a: &Limit, b: &Limit) -> Option<Ordering> {
    let order = decimals(&number(a)?, &number(b)?)?;
    let inward = |limit: &Limit| match limit {
        Limit::MoreThan(_) => 1,
        Limit::LessThan(_) => -1,
        _ => 0,
    };
    Some(order.then(inward(a).cmp(&inward(b))))
}

fn number(limit: &Limit) -> Option<String> {
    match limit {
        Limit::MinLength(n)
        | Limit::MaxLength(n)
        | Limit::MinItems(n)
        | Limit::MaxItems(n)
        | Limit::MinKeys(n)
        | Limit::MaxKeys(n) => Some(n.to_string()),
        Limit::Minimum(number)
        | Limit::Maximum(number)
        | Limit::MoreThan(number)
        | Limit::LessThan(number) => Some(number.clone()),
        Limit::MultipleOf(_)
        | Limit::OneOf(_)
        | Limit::Pattern(_)
        | Limit::Format(_)
        | Limit::UniqueItems
        | Limit::Nullable
        | Limit::ReadOnly
        | Limit::WriteOnly
        | Limit::Each(_)
        | Limit::Rule(_) => None,
    }
}

/// Compares two decimal numbers exactly. None if one is no decimal number.
fn decimals(a: &str, b: &str) -> Option<Ordering> {
    struct Decimal<'t> {
        negative: bool,
        whole: &'t str,
        fraction: &'t str,
    }
    fn read(text: &str) -> Option<Decimal<'_>> {
        let digits = text.strip_prefix('-').unwrap_or(text);
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        let good = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        let (whole, fraction) = (whole.trim_start_matches('0'), fraction.trim_end_matches('0'));
        let negative = digits.len() < text.len() && !(whole.is_empty() && fraction.is_empty());
        (!digits.is_empty() && good(whole) && good(fraction)).then_some(Decimal {
            negative,
            whole,
            fraction,
        })
    }
    let (a, b) = (read(a)?, read(b)?);
    let size = a.whole.len().cmp(&b.whole.len());
    let size = size.then_with(|| a.whole.cmp(b.whole)).then_with(|| a.fraction.cmp(b.fraction));
    Some(match (a.negative, b.negative) {
        (false, false) => size,
        (true, true) => size.reverse(),
        (negative, _) => {
            if negative {
                Ordering::Less
            } else {
                Ordering::Greater
            }
        }
    })
}
