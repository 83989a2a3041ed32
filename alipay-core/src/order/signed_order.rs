//! A signed order, as a link, a form and a string.

use std::{collections::BTreeMap, fmt, fmt::Write as _};

use percent_encoding::utf8_percent_encode;

use crate::{notification::join, prepare::RESERVED};

/// Sends the form that stands before the script. A field could be called `submit`, so the method is not looked up in
/// the form.
const SCRIPT: &str =
    "HTMLFormElement.prototype.submit.call(document.currentScript.previousElementSibling)";

/// An order with its signature. It is valid for the buyer's browser or app only, and not a secret there; do not log
/// it, since it may hold personal data and a token. See [`crate::order`].
///
/// Alipay accepts it for a limited time after it was signed. Sign a new one when the buyer comes again; the
/// `out_trade_no` says that it is the same order.
#[derive(Clone, PartialEq, Eq)]
pub struct SignedOrder {
    /// The gateway's address with its path.
    address: String,
    /// All but the signature, sorted by name.
    parameters: BTreeMap<String, String>,
    signature: String,
}

impl SignedOrder {
    /// What a content security policy has to allow for the script of [`form_with_script`](Self::form_with_script):
    /// `script-src` needs this hash. (A policy with `form-action` also needs the gateway there, for example
    /// `https://openapi.alipay.com`, and the hosts it leads to.)
    pub const SCRIPT_HASH: &str = "'sha256-pbR3hE4fPqGWmevADr759T1dRbcdD9UwO5NQXKY/w4Y='";

    pub(super) fn new(
        address: String,
        parameters: BTreeMap<String, String>,
        signature: String,
    ) -> Self {
        Self { address, parameters, signature }
    }

    /// What is asked of Alipay, for example `alipay.trade.page.pay`.
    #[must_use]
    pub fn method(&self) -> &str {
        self.parameters.get("method").map_or("", String::as_str)
    }

    /// The order as a link, to redirect the buyer's browser to.
    ///
    /// Servers and proxies limit the length of links; a [form](Self::form) has no such limit.
    #[must_use]
    pub fn url(&self) -> String {
        format!("{}?{}", self.address, self.order_string())
    }

    /// The order as a string for Alipay's SDK in the app (`orderStr`), of methods such as `alipay.trade.app.pay`.
    /// Give it to the app as it is.
    #[must_use]
    pub fn order_string(&self) -> String {
        let mut text = String::new();
        for (name, value) in self.parameters() {
            if !text.is_empty() {
                text.push('&');
            }
            text.push_str(name);
            text.push('=');
            text.extend(utf8_percent_encode(value, RESERVED));
        }
        text
    }

    /// The order as a form for a page, with a button that sends it.
    ///
    /// All values are escaped. The form consists of ASCII, so the charset of the page does not matter. It is sent
    /// as a POST.
    #[must_use]
    pub fn form(&self) -> String {
        let mut form = String::from("<form method=\"post\" action=\"");
        escape(&mut form, &self.address);
        // Alipay reads the charset of a form before its body.
        form.push_str("?charset=utf-8\" accept-charset=\"utf-8\">");
        for (name, value) in self.parameters() {
            form.push_str("<input type=\"hidden\" name=\"");
            escape(&mut form, name);
            form.push_str("\" value=\"");
            escape(&mut form, value);
            form.push_str("\">");
        }
        form.push_str("<button type=\"submit\">Alipay ");
        escape(&mut form, "支付宝");
        form.push_str("</button></form>");
        form
    }

    /// The [form](Self::form) and a script that sends it as soon as the browser reads it. Without scripts the button
    /// is left.
    ///
    /// A content security policy has to allow the [script](Self::SCRIPT_HASH).
    #[must_use]
    pub fn form_with_script(&self) -> String {
        format!("{}<script>{SCRIPT}</script>", self.form())
    }

    /// All parameters and their values, not encoded; the signature is the last.
    pub fn parameters(&self) -> impl Iterator<Item = (&str, &str)> {
        let parameters =
            self.parameters.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        parameters.chain([("sign", self.signature.as_str())])
    }

    /// The string that the signature covers, to compare it with what another program signs. It holds all that the
    /// order holds.
    #[must_use]
    pub fn string_to_sign(&self) -> String {
        let pairs = self.parameters.iter().map(|(name, value)| (name.as_str(), value.as_bytes()));
        String::from_utf8_lossy(&join(pairs)).into_owned()
    }
}

/// Shows the method only: all else may be personal or secret.
impl fmt::Debug for SignedOrder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SignedOrder").field("method", &self.method()).finish_non_exhaustive()
    }
}

/// Escapes for an attribute in double quotes, and between tags. What is not ASCII is escaped, too.
fn escape(html: &mut String, text: &str) {
    for character in text.chars() {
        match character {
            '&' | '<' | '>' | '"' | '\'' => push_reference(html, character),
            other if other.is_ascii() => html.push(other),
            other => push_reference(html, other),
        }
    }
}

fn push_reference(html: &mut String, character: char) {
    // Writing to a string does not fail.
    let _ = write!(html, "&#{};", u32::from(character));
}
