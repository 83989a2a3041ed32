//! Which requests get a fault.

use std::collections::VecDeque;
use std::fmt;
use std::str::FromStr;

use super::kind::{Fault, Needs};
use super::parse::ParseFaultError;

/// How many rules wait at most.
const CAPACITY: usize = 10_000;
/// The longest end of a path, in bytes.
const LONGEST_PATH: usize = 256;
/// How many rules that are used up are remembered, and how many requests of each rule.
const REMEMBERED: usize = 100;

/// A fault, how often it happens, and to which requests.
///
/// The string form is `FAULT[*TIMES][@PATH]`. `*` without a number means every request. The path has
/// at most 256 bytes:
///
/// ```
/// use alipay_mock::{Fault, FaultRule};
///
/// let rule: FaultRule = "status:503*2@/voucher/send".parse()?;
/// assert_eq!(rule, FaultRule::new(Fault::Status(503)).times(2).path("/voucher/send"));
/// # Ok::<(), alipay_mock::ParseFaultError>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct FaultRule {
    fault: Fault,
    left: Left,
    path: Option<String>,
}

/// How many requests are left for a rule.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Left {
    All,
    Times(u64),
}

impl FaultRule {
    /// The fault happens to the next request.
    #[must_use]
    pub fn new(fault: Fault) -> Self {
        Self { fault, left: Left::Times(1), path: None }
    }

    /// The fault happens to this many requests.
    #[must_use]
    pub fn times(mut self, times: u64) -> Self {
        self.left = Left::Times(times);
        self
    }

    /// The fault happens to every request until the faults are cleared.
    #[must_use]
    pub fn always(mut self) -> Self {
        self.left = Left::All;
        self
    }

    /// The fault happens only to requests whose path ends with this string.
    #[must_use]
    pub fn path(mut self, path: impl Into<String>) -> Self {
        self.path = Some(path.into());
        self
    }

    /// The same as [`Self::path`] for a string from outside, which may be too long.
    pub(crate) fn outside_path(self, path: &str) -> Result<Self, ParseFaultError> {
        if path.len() > LONGEST_PATH {
            return Err(ParseFaultError::long_path(path.len(), LONGEST_PATH));
        }
        Ok(self.path(path))
    }
}

impl From<Fault> for FaultRule {
    fn from(fault: Fault) -> Self {
        Self::new(fault)
    }
}

impl FromStr for FaultRule {
    type Err = ParseFaultError;

    fn from_str(text: &str) -> Result<Self, ParseFaultError> {
        let (text, path) = match text.split_once('@') {
            Some((text, path)) => (text, Some(path)),
            None => (text, None),
        };
        let (fault, left) = match text.split_once('*') {
            Some((fault, "")) => (fault, Left::All),
            Some((fault, times)) => {
                let wrong = || ParseFaultError::number(text, "requests after `*`", "hang*3");
                (fault, Left::Times(times.parse().map_err(|_| wrong())?))
            }
            None => (text, Left::Times(1)),
        };
        let rule = Self { fault: fault.parse()?, left, path: None };
        match path {
            Some(path) => rule.outside_path(path),
            None => Ok(rule),
        }
    }
}

impl fmt::Display for FaultRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.fault.fmt(f)?;
        match self.left {
            Left::All => f.write_str("*")?,
            Left::Times(1) => {}
            Left::Times(times) => write!(f, "*{times}")?,
        }
        match &self.path {
            Some(path) => write!(f, "@{path}"),
            None => Ok(()),
        }
    }
}

/// What has become of a rule.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum FaultState {
    /// It waits for a request.
    Waiting,
    /// It waits for a success, since it would have no effect on a refusal.
    WaitingForSuccess,
    /// It waits for a success of a request that asks for encryption.
    WaitingForEncryptedSuccess,
    /// It has happened as often as it was asked for.
    Used,
}

impl FaultState {
    /// The state in words.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::WaitingForSuccess => "waiting for a success",
            Self::WaitingForEncryptedSuccess => "waiting for an encrypted success",
            Self::Used => "used",
        }
    }
}

/// A rule, and what has become of it.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct FaultStatus {
    /// The rule, with the times that are left; of a rule that is used up, as it was given.
    pub rule: FaultRule,
    /// What it waits for, or that it is used up.
    pub state: FaultState,
    /// The trace ids of the requests that got the fault, oldest first, the last 100.
    pub used_by: Vec<String>,
    /// How many requests have passed it by: it would have been for them, had they been what it waits for.
    pub passed_by: u64,
}

#[derive(Debug)]
struct Kept {
    given: FaultRule,
    /// What is left of it.
    rule: FaultRule,
    used_by: VecDeque<String>,
    passed_by: u64,
}

impl Kept {
    fn applies_to(&self, path: &str) -> bool {
        self.rule.path.as_ref().is_none_or(|end| path.ends_with(end.as_str()))
    }

    fn status(&self, is_used: bool) -> FaultStatus {
        let (rule, state) = match self.rule.fault.needs() {
            _ if is_used => (&self.given, FaultState::Used),
            Needs::Request => (&self.rule, FaultState::Waiting),
            Needs::Success | Needs::Body => (&self.rule, FaultState::WaitingForSuccess),
            Needs::EncryptedBody => (&self.rule, FaultState::WaitingForEncryptedSuccess),
        };
        let used_by = self.used_by.iter().cloned().collect();
        FaultStatus { rule: rule.clone(), state, used_by, passed_by: self.passed_by }
    }
}

/// A success that a fault may spoil.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Success {
    pub(crate) has_body: bool,
    pub(crate) is_encrypted: bool,
}

/// The faults to come, and those that have happened.
#[derive(Debug, Default)]
pub(crate) struct Faults {
    waiting: VecDeque<Kept>,
    /// Those that are used up, oldest first.
    used: VecDeque<Kept>,
}

impl Faults {
    /// Adds a rule. False if it is for no request, or too many wait already: then it is dropped.
    pub(crate) fn push(&mut self, rule: FaultRule) -> bool {
        let is_kept = self.waiting.len() < CAPACITY && rule.left != Left::Times(0);
        if is_kept {
            let given = rule.clone();
            self.waiting.push_back(Kept { given, rule, used_by: VecDeque::new(), passed_by: 0 });
        }
        is_kept
    }

    /// The fault of a request before it is processed. Of the rules that apply to its path the first counts; `None`
    /// if that one needs a success.
    pub(crate) fn take(&mut self, path: &str, trace_id: &str) -> Option<Fault> {
        self.take_if(path, trace_id, |needs| needs == Needs::Request)
    }

    /// The fault of a request that was processed, and found no fault before. It had a success, or was refused.
    pub(crate) fn take_after(
        &mut self,
        path: &str,
        trace_id: &str,
        success: Option<Success>,
    ) -> Option<Fault> {
        if let Some(Success { has_body, is_encrypted }) = success {
            let met =
                |needs: Needs| needs != Needs::Request && needs.are_met(has_body, is_encrypted);
            let fault = self.take_if(path, trace_id, met);
            if fault.is_some() {
                return fault;
            }
        }
        let first = self.waiting.iter_mut().find(|kept| kept.applies_to(path));
        if let Some(kept) = first.filter(|kept| kept.rule.fault.needs() != Needs::Request) {
            kept.passed_by += 1;
        }
        None
    }

    fn take_if(
        &mut self,
        path: &str,
        trace_id: &str,
        is_met: impl FnOnce(Needs) -> bool,
    ) -> Option<Fault> {
        let index = self.waiting.iter().position(|kept| kept.applies_to(path))?;
        let kept = self.waiting.get_mut(index).filter(|kept| is_met(kept.rule.fault.needs()))?;
        let fault = kept.rule.fault.clone();
        bounded(&mut kept.used_by, trace_id.to_owned());
        if let Left::Times(left) = &mut kept.rule.left {
            *left -= 1;
            if *left == 0
                && let Some(used) = self.waiting.remove(index)
            {
                bounded(&mut self.used, used);
            }
        }
        Some(fault)
    }

    /// Those to come, in their order; then those that are used up, the last one first.
    pub(crate) fn all(&self) -> Vec<FaultStatus> {
        let waiting = self.waiting.iter().map(|kept| kept.status(false));
        waiting.chain(self.used.iter().rev().map(|kept| kept.status(true))).collect()
    }

    /// Removes those to come, and forgets the others.
    pub(crate) fn clear(&mut self) {
        self.waiting.clear();
        self.used.clear();
    }
}

fn bounded<T>(queue: &mut VecDeque<T>, item: T) {
    if queue.len() >= REMEMBERED {
        queue.pop_front();
    }
    queue.push_back(item);
}
