//! Which requests get a fault.

use std::collections::VecDeque;
use std::fmt;
use std::str::FromStr;

use super::kind::Fault;
use super::parse::ParseFaultError;

/// How many rules wait at most. Further ones are dropped.
const CAPACITY: usize = 10_000;
/// The longest end of a path, in bytes.
const LONGEST_PATH: usize = 256;

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
                (fault, Left::Times(times.parse().map_err(|_| ParseFaultError::number(text))?))
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

/// The faults to come.
#[derive(Debug, Default)]
pub(crate) struct Faults(VecDeque<FaultRule>);

impl Faults {
    pub(crate) fn push(&mut self, rule: FaultRule) {
        if self.0.len() < CAPACITY && rule.left != Left::Times(0) {
            self.0.push_back(rule);
        }
    }

    /// The fault of a request: the first rule that applies to its path.
    pub(crate) fn take(&mut self, path: &str) -> Option<Fault> {
        let applies_to =
            |rule: &FaultRule| rule.path.as_ref().is_none_or(|end| path.ends_with(end.as_str()));
        let index = self.0.iter().position(applies_to)?;
        let rule = self.0.get_mut(index)?;
        let fault = rule.fault.clone();
        if let Left::Times(left) = &mut rule.left {
            *left -= 1;
            if *left == 0 {
                self.0.remove(index);
            }
        }
        Some(fault)
    }

    pub(crate) fn all(&self) -> Vec<FaultRule> {
        self.0.iter().cloned().collect()
    }

    pub(crate) fn clear(&mut self) {
        self.0.clear();
    }
}
