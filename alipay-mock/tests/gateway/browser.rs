//! The page in a real browser. It is driven by the DevTools protocol over two pipes: a message is JSON, and a NUL
//! ends it.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests fail by panicking"
)]

use crate::orders::{Order, content};
use crate::support;

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpListener;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::Duration;

use alipay_mock::{ActivityStatus, Clock, Fault, FaultRule, TradeStatus};
use serde_json::{Value, json};
use support::{Call, builder, create_request, gateway, published, send_request};

const NAME: &str = "chromium";
const OPTIONS: [&str; 10] = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--remote-debugging-pipe",
];

struct Browser {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
    session: Value,
    count: u64,
    /// What the page has complained of.
    complaints: Vec<Value>,
    /// Removed at the end.
    _profile: tempfile::TempDir,
}

impl Browser {
    /// A browser with an empty page; `None` where there is no browser.
    fn start() -> Option<Self> {
        let version = Command::new(NAME).arg("--version").stderr(Stdio::null()).output();
        if !version.is_ok_and(|version| version.status.success()) {
            return None;
        }
        let profile = tempfile::tempdir().unwrap();
        // It reads from 3 and writes to 4.
        let mut command = Command::new("sh");
        command.args(["-c", "exec \"$@\" 3<&0 4>&1 </dev/null >/dev/null 2>&1", "sh", NAME]);
        command.args(OPTIONS).arg(format!("--user-data-dir={}", profile.path().display()));
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let (input, output) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
        let mut browser = Self {
            child,
            input,
            output: BufReader::new(output),
            session: Value::Null,
            count: 0,
            complaints: Vec::new(),
            _profile: profile,
        };
        let target = browser.call("Target.createTarget", &json!({"url": "about:blank"}));
        let attach = json!({"targetId": target["targetId"], "flatten": true});
        browser.session = browser.call("Target.attachToTarget", &attach)["sessionId"].clone();
        browser.call("Runtime.enable", &json!({}));
        browser.call("Log.enable", &json!({}));
        Some(browser)
    }

    fn start_or_say() -> Option<Self> {
        let browser = Self::start();
        if browser.is_none() {
            // Unlike what is printed, this is shown of a test that passes.
            let line =
                format!("skipped: there is no `{NAME}`; install it to test the page in a browser");
            let mut stderr = std::io::stderr();
            writeln!(stderr, "{line}").unwrap();
        }
        browser
    }

    fn call(&mut self, method: &str, parameters: &Value) -> Value {
        self.count += 1;
        let mut message = json!({"id": self.count, "method": method, "params": parameters});
        if !self.session.is_null() {
            message["sessionId"] = self.session.clone();
        }
        write!(self.input, "{message}\0").unwrap();
        loop {
            let mut bytes = Vec::new();
            self.output.read_until(0, &mut bytes).unwrap();
            assert_eq!(bytes.pop(), Some(0), "{NAME} has ended");
            let received: Value = serde_json::from_slice(&bytes).unwrap();
            if received["id"] == self.count {
                assert!(received["error"].is_null(), "{method}: {received}");
                return received["result"].clone();
            }
            let complains = ["Runtime.exceptionThrown", "Log.entryAdded"];
            if complains.iter().any(|name| received["method"] == *name) {
                self.complaints.push(received["params"].clone());
            }
        }
    }

    /// The value of an expression of the page.
    fn value(&mut self, expression: &str) -> Value {
        let parameters =
            json!({"expression": expression, "awaitPromise": true, "returnByValue": true});
        let result = self.call("Runtime.evaluate", &parameters);
        assert!(result["exceptionDetails"].is_null(), "{expression}: {result}");
        result["result"]["value"].clone()
    }

    /// Waits until an expression of the page is true.
    fn wait(&mut self, expression: &str) {
        for _ in 0..500 {
            if self.value(&format!("Boolean({expression})")) == true {
                return;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        let page = self.value("document.body.innerText");
        panic!("it does not become true: {expression}\n{}", page.as_str().unwrap_or_default());
    }

    fn size(&mut self, width: u64, height: u64) {
        let size =
            json!({"width": width, "height": height, "deviceScaleFactor": 1, "mobile": false});
        self.call("Emulation.setDeviceMetricsOverride", &size);
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // Without its pipe it ends by itself; it must not outlive a test that fails.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// On a telephone nothing is cut off, the status comes first, and names stand on one line.
fn fits_on_a_telephone(browser: &mut Browser) {
    browser.size(390, 800);
    browser.wait("innerWidth === 390");
    assert_eq!(browser.value("document.documentElement.scrollWidth <= 390"), true);
    let order = "(() => { const call = document.querySelector('.call');
        const [status, name] = ['.status', '.name'].map((part) => call.querySelector(part).getBoundingClientRect());
        return status.right <= name.left && name.height < 30; })()";
    assert_eq!(browser.value(order), true);
    // What stands below all calls is a touch away, also from there.
    for part in ["clock", "calls", "activities"] {
        browser.value(&format!("document.querySelector('.parts [href=\"#{part}\"]').click()"));
        let top = format!("document.getElementById('h-{part}').getBoundingClientRect().top");
        browser.wait(&format!("{top} >= 0 && {top} < innerHeight"));
        let link = "document.querySelector('.parts').getBoundingClientRect().top";
        assert_eq!(browser.value(&format!("{link} >= 0 && {link} < 200")), true);
    }
    // A call that a link opens stands below the links.
    browser.value("location.hash = document.querySelectorAll('.call')[4].id");
    let call = "document.querySelectorAll('.call')[4]";
    let links = "document.querySelector('.parts').getBoundingClientRect().bottom";
    browser.wait(&format!("{call}.open && {call}.getBoundingClientRect().top >= {links}"));
}

#[test]
fn the_page_lives_in_a_browser() {
    let Some(mut browser) = Browser::start_or_say() else { return };
    let gateway = gateway();
    browser.size(1280, 800);
    browser.call("Page.navigate", &json!({"url": gateway.base_url()}));
    browser.wait("document.getElementById('live')?.textContent === 'live'");
    browser.wait("document.getElementById('guide').open");
    // A page that is loaded again would forget this.
    browser.value("window.mark = 1");

    // Calls appear.
    let id = published(&gateway, &create_request("1", 10));
    browser.wait("document.querySelectorAll('.call.good').length === 2");
    browser.wait(&format!("document.getElementById('a-{id}')"));
    let call = Call::post(&gateway, "send", &send_request(&id, "1", "2088000000000001"));
    let text = call.right_text();
    call.signed(text.trim_end()).send();
    browser.wait("document.querySelector('.call.bad mark')");

    // What is open stays open, and where it is, while others come; so does what is written into a field.
    let trace = gateway.requests().last().unwrap().trace_id.clone();
    browser.value(&format!("document.getElementById('d-{trace}').open = true"));
    browser.value("document.querySelector('input[name=path]').value = '/send'");
    browser.value(&format!("window.top_ = document.getElementById('d-{trace}')"));
    Call::post(&gateway, "send", &send_request(&id, "1", "2088000000000001")).succeed();
    browser.wait("document.querySelectorAll('.call').length === 4");
    // It is a repeat now: an earlier call with the same number.
    browser.wait(&format!("document.getElementById('d-{trace}').closest('.repeats')"));
    assert_eq!(browser.value(&format!("document.getElementById('d-{trace}').open")), true);
    browser.value("document.querySelector('.repeats').open = true; scrollTo(0, 300)");
    Call::query(&gateway, "7").send();
    browser.wait("document.querySelectorAll('.call').length === 5");
    assert_eq!(browser.value("document.querySelector('.repeats').open"), true);
    assert!(browser.value("scrollY").as_f64().unwrap() >= 300.0);

    // What is read stays, although the list has newer calls only; it goes when it is closed.
    let id_of_read = format!("document.getElementById('d-{}')", gateway.requests()[0].trace_id);
    browser.value(&format!("{id_of_read}.open = true"));
    for _ in 0..60 {
        Call::new(&gateway, "POST", "/v3/nowhere", "").send();
    }
    browser.wait("document.querySelector('#h-calls').textContent.includes('65')");
    browser.wait("document.querySelectorAll('.call').length === 51");
    assert_eq!(browser.value(&format!("{id_of_read}.open")), true);
    browser.value(&format!("{id_of_read}.open = false"));
    Call::query(&gateway, "7").send();
    browser.wait("document.querySelectorAll('.call').length === 50");
    assert_eq!(browser.value(&id_of_read), Value::Null);

    // Clicks change the gateway.
    browser.value("document.querySelector('button[value=\"status:503\"]').click()");
    browser.wait(
        "document.querySelector('#faults .list')?.textContent.includes('status:503@/send waiting')",
    );
    let faults = gateway.faults();
    assert_eq!(faults[0].rule, FaultRule::new(Fault::Status(503)).path("/send"));
    let before = gateway.clock().now_millis();
    browser.value("document.querySelector('button[value=\"3600\"]').click()");
    browser.wait("document.querySelector('.now').textContent.endsWith('09:00:00')");
    assert_eq!(gateway.clock().now_millis() - before, 3_600_000);
    browser.value(
        "document.querySelector('[name=beijing]').value = '2026-01-05T08:00:30';
         document.querySelector('[name=beijing]').form.requestSubmit()",
    );
    browser.wait("document.querySelector('.now').textContent === '2026-01-05 08:00:30'");
    browser.value("document.querySelector('[formaction=\"/_mock/pause\"]').click()");
    browser.wait("document.querySelector('.badge').textContent === 'PAUSE'");
    assert_eq!(gateway.activity_state(&id).unwrap().status, ActivityStatus::Pause);
    browser.value("document.querySelector('#faults [data-method=DELETE] button').click()");
    browser.wait("!document.querySelector('#faults .list')");
    assert!(gateway.faults().is_empty());

    // Operations are found while one writes.
    browser.value(
        "document.querySelector('.find input').value = '退款';
         document.querySelector('.find input').dispatchEvent(new Event('input'))",
    );
    browser.wait("document.querySelector('#found a[href=\"/?operation=alipay.trade.refund\"]')");
    assert_eq!(browser.value("window.mark"), 1);

    fits_on_a_telephone(&mut browser);
    assert_eq!(browser.complaints, Vec::<Value>::new());

    // The page says that the gateway is gone.
    let url = gateway.base_url().to_owned();
    drop(gateway);
    browser.wait("document.getElementById('live').textContent !== 'live'");

    // A clock that runs is seen to run. Without scripts the page is there to look at, and has no controls.
    let port = url.rsplit(':').next().unwrap().parse().unwrap();
    let gateway = builder().clock(Clock::system()).port(port).start_blocking().unwrap();
    Call::query(&gateway, "7").send();
    browser.call("Page.navigate", &json!({"url": gateway.base_url()}));
    browser.wait("document.getElementById('live')?.textContent === 'live'");
    browser.value("window.shown = document.querySelector('.now').textContent");
    browser.wait("document.querySelector('.now').textContent !== window.shown");
    browser.call("Emulation.setScriptExecutionDisabled", &json!({"value": true}));
    browser.call("Page.reload", &json!({}));
    browser.wait("document.readyState === 'complete' && !document.querySelector('html.scripted')");
    browser.wait("document.querySelectorAll('.call.bad').length === 1");
    let hidden =
        "[...document.querySelectorAll('form.script')].every((form) => !form.offsetParent)";
    assert_eq!(browser.value(hidden), true);
}

/// A shop on a port of its own: a page with an order, and one to come back to.
fn shop(order: impl Fn(&str) -> String) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let page = order(&url);
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut request = [0; 8192];
            let count = stream.read(&mut request).unwrap();
            let request = String::from_utf8_lossy(&request[..count]).into_owned();
            let body = match request.split(' ').nth(1) {
                Some("/") => &page,
                Some(path) if path.starts_with("/done?") => "<p id=done>thanks</p>",
                _ => "",
            };
            let head =
                "HTTP/1.1 200 OK\r\nContent-Type: text/html;charset=UTF-8\r\nConnection: close";
            let _ = write!(stream, "{head}\r\nContent-Length: {}\r\n\r\n{body}", body.len());
        }
    });
    url
}

#[test]
fn a_buyer_pays_in_a_browser_without_scripts() {
    let Some(mut browser) = Browser::start_or_say() else { return };
    let gateway = gateway();
    let address = format!("{}/gateway.do", gateway.base_url());
    let shop = shop(|url| {
        let order =
            Order::page(&content("7", "88.88")).with("return_url", &format!("{url}/done?a=1"));
        let escaped = |text: &str| text.replace('&', "&amp;").replace('"', "&quot;");
        let order = order.signed();
        let inputs = order.0.iter().map(|(name, value)| {
            format!("<input type=hidden name={name} value=\"{}\">", escaped(value))
        });
        let inputs = inputs.collect::<String>();
        format!(
            "<form method=post action=\"{address}?charset=utf-8\">{inputs}<button>Buy</button></form>"
        )
    });
    browser.call("Emulation.setScriptExecutionDisabled", &json!({"value": true}));
    browser.size(390, 800);
    browser.call("Page.navigate", &json!({"url": shop}));
    browser.wait("document.querySelector('button')?.textContent === 'Buy'");
    browser.value("document.querySelector('button').click()");
    browser.wait("document.querySelector('.sum')?.textContent === '¥ 88.88'");
    assert_eq!(browser.value("document.documentElement.scrollWidth <= 390"), true);
    browser.value("document.querySelector('[value=fail]').click()");
    browser.wait("document.querySelector('.bad')?.textContent.includes('failed')");
    assert_eq!(gateway.order("7").unwrap().status, TradeStatus::WaitBuyerPay);
    browser.value("document.querySelector('[value=pay]').click()");
    browser.wait("document.getElementById('done')?.textContent === 'thanks'");
    let address = browser.value("location.href");
    let address = address.as_str().unwrap();
    assert!(address.starts_with(&format!("{shop}/done?a=1&")), "{address}");
    assert!(address.contains("&out_trade_no=7&") && address.contains("&sign="), "{address}");
    assert_eq!(gateway.order("7").unwrap().status, TradeStatus::TradeSuccess);

    // The order is paid. An order that is refused is explained, and the style is there.
    browser.call("Page.navigate", &json!({"url": shop}));
    browser.wait("document.querySelector('button')?.textContent === 'Buy'");
    browser.value("document.querySelector('button').click()");
    browser.wait("document.querySelector('h2 code')?.textContent === 'ACQ.TRADE_HAS_SUCCESS'");
    browser.wait("getComputedStyle(document.querySelector('header')).display === 'flex'");
    assert_eq!(browser.complaints, Vec::<Value>::new());
}
