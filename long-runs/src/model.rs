//! The sequential model of one activity: what a call changes, and whether it is refused.
//!
//! It knows one activity that only one connection uses, so what the gateway must hold is certain after each step,
//! however many other connections there are. Each step is possible in each state: what the state does not allow, the
//! model says is refused. So a run is a plain list of steps, and what is left of a list that fails is one again.

use std::collections::BTreeMap;

use proptest::prelude::*;

/// How many vouchers an activity has at first, and how many a user may receive.
pub(crate) const QUANTITY: u64 = 3;
pub(crate) const PER_USER: u64 = 2;

/// A request that changes something, without the number that goes with it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Request {
    Publish,
    /// The new total.
    Append(u64),
    Rename(u8),
    Stop,
    /// To one of a few users.
    Send(u8),
}

/// What one connection does next.
#[derive(Clone, Debug)]
pub(crate) enum Step {
    /// Adds a fault; whichever request comes next has it.
    Fault(&'static str),
    /// Sends a request with a new number, and sends it again until it is known what came of it.
    Call { request: Request, how: How },
    /// Sends a request once more, unchanged: the one that was sent so many requests ago.
    Again { ago: prop::sample::Index, how: How },
    /// Sends another request with a number that is taken.
    Taken { ago: prop::sample::Index, request: Request },
    /// Asks the gateway for the activity, as a client does.
    Query { encrypted: bool },
    /// The accepted change takes effect.
    Complete,
    /// A user pays with the voucher that was sent so many vouchers ago.
    Redeem { ago: prop::sample::Index },
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct How {
    pub(crate) encrypted: bool,
    /// Two calls at the same time.
    pub(crate) twice: bool,
}

/// The faults that a run has, one as likely as the other.
const FAULTS: [&str; 36] = [
    "no-signature",
    "null-signature",
    "wrong-signature",
    "garbage-signature",
    "tampered-body",
    "stale-timestamp",
    "unknown-serial",
    "duplicate-headers",
    "html-502",
    "empty-200",
    "truncated-json",
    "plaintext-for-ciphertext",
    "bad-padding",
    "oversized:9000000",
    "delay:20",
    "delay:60000",
    "hang",
    "slow-drip:50",
    "half-body",
    "close",
    "close-after-processing",
    "reset",
    "reset-after-headers",
    "refuse:30",
    "rate-limited:1",
    "redirect",
    "accepted",
    "no-content",
    "status:200",
    "status:503",
    "error:500:unknow-error",
    "error:400:BIZ_ERROR",
    "signed-error:400:SYSTEM_ERROR",
    "signed-error:400:BUSINESS_HAS_RISK",
    "signed-error:429:app-call-limited",
    "signed-error:400:invalid-response-data",
];

pub(crate) fn steps() -> impl Strategy<Value = Vec<Step>> {
    prop::collection::vec(step(), 1..60)
}

fn step() -> impl Strategy<Value = Step> {
    let how = || {
        (prop::bool::weighted(0.2), prop::bool::weighted(0.1))
            .prop_map(|(encrypted, twice)| How { encrypted, twice })
    };
    prop_oneof![
        6 => prop::sample::select(&FAULTS[..]).prop_map(Step::Fault),
        10 => (request(), how()).prop_map(|(request, how)| Step::Call { request, how }),
        3 => (any::<prop::sample::Index>(), how()).prop_map(|(ago, how)| Step::Again { ago, how }),
        1 => (any::<prop::sample::Index>(), request())
            .prop_map(|(ago, request)| Step::Taken { ago, request }),
        2 => any::<bool>().prop_map(|encrypted| Step::Query { encrypted }),
        6 => Just(Step::Complete),
        1 => any::<prop::sample::Index>().prop_map(|ago| Step::Redeem { ago }),
    ]
}

fn request() -> impl Strategy<Value = Request> {
    prop_oneof![
        4 => Just(Request::Publish),
        3 => (1..12_u64).prop_map(Request::Append),
        3 => any::<u8>().prop_map(Request::Rename),
        1 => Just(Request::Stop),
        10 => (0..4_u8).prop_map(Request::Send),
    ]
}

/// What can be seen of an activity in the gateway.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Seen {
    pub(crate) status: &'static str,
    pub(crate) operation: Option<&'static str>,
    pub(crate) quantity: u64,
    pub(crate) sent: u64,
    pub(crate) used: u64,
    pub(crate) name: String,
}

/// An activity as it must be.
#[derive(Clone, Debug)]
pub(crate) struct Model {
    seen: Seen,
    /// The request that was accepted and has not taken effect, with its number.
    pending: Option<(Request, String)>,
    /// How many vouchers each user has received.
    received: BTreeMap<u8, u64>,
    /// The requests that have succeeded, with their numbers and the id of what they made.
    pub(crate) known: Vec<(Request, String, Option<String>)>,
    /// The vouchers that were sent, and whether they were used.
    pub(crate) vouchers: Vec<(String, bool)>,
    /// The messages that must have come: the last part of their names, and the number or the voucher.
    pub(crate) messages: Vec<(&'static str, String)>,
}

impl Model {
    pub(crate) fn new(name: String) -> Self {
        let seen =
            Seen { status: "INIT", operation: None, quantity: QUANTITY, sent: 0, used: 0, name };
        Self {
            seen,
            pending: None,
            received: BTreeMap::new(),
            known: Vec::new(),
            vouchers: Vec::new(),
            messages: Vec::new(),
        }
    }

    pub(crate) fn seen(&self) -> &Seen {
        &self.seen
    }

    /// The code with which a new request is refused; `None` if it succeeds.
    pub(crate) fn refusal(&self, request: &Request) -> Option<&'static str> {
        let (status, is_idle) = (self.seen.status, self.pending.is_none());
        match request {
            Request::Publish => (!is_idle || status != "INIT").then_some("BIZ_ERROR"),
            Request::Send(user) => match status {
                "INIT" => Some("ACTIVITY_NOT_ACTIVE"),
                "FINISHED" => Some("ACTIVITY_IS_STOPED"),
                _ if self.seen.sent >= self.seen.quantity => Some("BUDGET_NOT_ENOUGH"),
                _ if self.received.get(user) >= Some(&PER_USER) => Some("COUNT_OVER_LIMIT"),
                _ => None,
            },
            change => {
                let fits = match change {
                    Request::Append(total) => status == "ACTIVE" && *total > self.seen.quantity,
                    Request::Rename(_) => status != "FINISHED",
                    _ => true,
                };
                (!is_idle || !fits).then_some("INVALID_PARAMETER")
            }
        }
    }

    /// What is seen after a request that succeeds.
    pub(crate) fn after(&self, request: &Request) -> Seen {
        let mut after = self.clone();
        after.accept(request, "");
        after.seen
    }

    /// A request has succeeded. `made` is the id of the voucher.
    pub(crate) fn happened(&mut self, request: Request, number: String, made: Option<String>) {
        self.accept(&request, &number);
        if let Some(voucher) = &made {
            self.messages.push(("received", voucher.clone()));
            self.vouchers.push((voucher.clone(), false));
        }
        self.known.push((request, number, made));
    }

    fn accept(&mut self, request: &Request, number: &str) {
        self.seen.operation = match request {
            Request::Send(user) => {
                self.seen.sent += 1;
                *self.received.entry(*user).or_default() += 1;
                return;
            }
            // Stopping what has ended changes nothing.
            Request::Stop if self.seen.status == "FINISHED" => return,
            Request::Publish => Some("CREATING"),
            Request::Append(_) => Some("APPENDING"),
            Request::Rename(_) => Some("MODIFYING"),
            Request::Stop => Some("FINISHEING"),
        };
        self.pending = Some((request.clone(), number.to_owned()));
    }

    /// The accepted request takes effect, if there is one.
    pub(crate) fn complete(&mut self) -> bool {
        let Some((request, number)) = self.pending.take() else { return false };
        self.seen.operation = None;
        let message = match request {
            Request::Publish => {
                self.seen.status = "ACTIVE";
                "created"
            }
            Request::Append(total) => {
                self.seen.quantity = total;
                "appended"
            }
            Request::Rename(name) => {
                self.seen.name = renamed(&self.seen.name, name);
                "modified"
            }
            Request::Stop => {
                self.seen.status = "FINISHED";
                "stopped"
            }
            Request::Send(_) => return false,
        };
        self.messages.push((message, number));
        true
    }

    /// A voucher is used, if it was not before.
    pub(crate) fn redeem(&mut self, index: usize) -> bool {
        let (voucher, used) = &mut self.vouchers[index];
        if std::mem::replace(used, true) {
            return false;
        }
        self.seen.used += 1;
        self.messages.push(("used", voucher.clone()));
        true
    }
}

/// Another name of the same activity. What stands before the blank stays.
pub(crate) fn renamed(name: &str, number: u8) -> String {
    let first = name.split(' ').next().unwrap_or(name);
    format!("{first} {number}")
}
