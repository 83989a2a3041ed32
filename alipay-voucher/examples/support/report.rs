//! What the examples print: a line per call.

use alipay_voucher::{Accepted, Response};

pub(crate) fn print<T>(step: &str, response: &Response<T>, outcome: &str) {
    let trace = response.trace_id().unwrap_or("-");
    println!("{step:<8} {} {outcome:<40} trace {trace}", response.status().as_u16());
}

pub(crate) fn print_accepted<T>(step: &str, accepted: &Accepted<T>) {
    let message = accepted.completed_by();
    let short = message.strip_prefix("alipay.marketing.activity.").unwrap_or(message);
    print(step, accepted, &format!("accepted, {short} completes it"));
}
