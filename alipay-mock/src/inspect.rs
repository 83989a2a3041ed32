//! Shows and controls a running gateway: a page for people, JSON for programs.

mod api;
mod calls;
mod cashier;
mod guide;
mod operation;
mod page;
mod reply;
mod state;

use http::Response;

use self::api::Refused;
pub(crate) use self::reply::Content;
use self::reply::{events, html, json, response};
use crate::delivery::Sender;
use crate::engine::{CASHIER, Engine};
use crate::protocol::request::RawRequest;

/// The path of everything but the page. No operation of Alipay's has such a path.
const FOLDER: &str = "/_mock/";
/// Browsers ask for it by themselves.
const ICON: &str = "/favicon.ico";
const STYLE: &str = include_str!("../templates/page.css");
const SCRIPT: &str = include_str!("../templates/page.js");
/// The response to a request for this interface; `None` when it is for Alipay.
pub(crate) fn respond(
    engine: &Engine,
    sender: &Sender,
    request: &RawRequest,
) -> Option<Response<Content>> {
    let path = request.path();
    let reads = matches!(request.method.as_str(), "GET" | "HEAD");
    if path == ICON && reads {
        return Some(response(204, "image/x-icon", "", &[]));
    }
    let is_page = path == "/" && reads;
    // Without the slash at its end it is the folder, too.
    let name = path.strip_prefix(FOLDER).or((path == FOLDER.trim_end_matches('/')).then_some(""));
    if !is_page && name.is_none() {
        return None;
    }
    if !is_called_by_its_name(engine, request) {
        let message = "the host must be an address, a name without dots or ending in .localhost, .internal or .test, or that \
                       of `--public-url`";
        return Some(json(Err(Refused::new(403, message))));
    }
    if let Some(page) = path.strip_prefix(CASHIER) {
        return Some(cashier::respond(engine, page, request));
    }
    Some(match name {
        None => match page::render(engine, sender, request.query()) {
            Ok(page) => html(page),
            Err(refused) => json(Err(refused)),
        },
        Some("page.css") if reads => response(200, "text/css;charset=UTF-8", STYLE, &[]),
        Some("page.js") if reads => response(200, "text/javascript;charset=UTF-8", SCRIPT, &[]),
        Some("events") if request.method == "GET" => match engine.listen() {
            Some(changes) => events(changes),
            None => json(Err(Refused::new(503, "too many pages listen already; close some"))),
        },
        Some(name) => json(api::respond(engine, sender, name, request)),
    })
}

/// Whether the request names a host that can be the gateway's. A page of another site, whose name was made
/// to resolve to this machine, must not read or control anything. An address cannot be made to lead
/// elsewhere, and no site of the Internet has a name without dots, such as that of a container, or one with a
/// reserved ending.
fn is_called_by_its_name(engine: &Engine, request: &RawRequest) -> bool {
    let Some(host) = request.header("host") else { return false };
    let Ok(authority) = host.parse::<http::uri::Authority>() else { return false };
    let host = authority.host().trim_start_matches('[').trim_end_matches(']').to_ascii_lowercase();
    let reserved = |ending: &str| host.ends_with(ending);
    host.parse::<std::net::IpAddr>().is_ok()
        || !host.contains('.')
        || [".localhost", ".internal", ".test"].into_iter().any(reserved)
        || engine.hosts.iter().any(|known| known.eq_ignore_ascii_case(&host))
}
