//! The page at `/`.

use std::fmt::Write as _;

use serde_json::Value;

use super::Inspector;
use crate::calendar;
use crate::catalogue::Behaviour;

/// How many calls and activities the page shows.
const MOST: usize = 50;

const STYLE: &str = "\
:root { color-scheme: light dark; }
body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 70rem; padding: 0 1rem; }
h1 { font-size: 1.5rem; margin: 0; } h2 { font-size: 1.1rem; margin: 2rem 0 .5rem; }
p { margin: .25rem 0; } code, td.m, pre { font: 13px/1.45 ui-monospace, monospace; }
.t { overflow-x: auto; } table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; padding: .3rem .7rem .3rem 0; border-bottom: 1px solid #8884;
vertical-align: top; } th { font-weight: 600; opacity: .7; } .ok { color: #188038; }
.bad { color: #d93025; } .dim { opacity: .7; } details pre { white-space: pre-wrap;
overflow-wrap: anywhere; margin: .3rem 0; } summary { cursor: pointer; }
@media (prefers-color-scheme: dark) { .ok { color: #81c995; } .bad { color: #f28b82; } }";

pub(super) fn render(inspector: &Inspector) -> String {
    let engine = &inspector.engine;
    let mut page = String::with_capacity(16 * 1024);
    let now = engine.clock.now_millis();
    let app = Text(&engine.app_id);
    let answered = engine.answered();
    let time = Text(&calendar::date_time(now / 1000).to_string()).to_string();
    // Writing to a string cannot fail, here and below.
    let _ = write!(
        page,
        "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
         <title>alipay-mock</title><style>{STYLE}</style></head><body>\n\
         <h1>alipay-mock</h1>\n\
         <p>A local gateway for Alipay's OpenAPI v3. App <code>{app}</code>, {answered} requests \
         so far, clock <code>{time}</code> (Beijing). Reload for news.</p>\n\
         <p class=\"dim\">The same as JSON: <a href=\"/_mock/requests\">requests</a>, \
         <a href=\"/_mock/state\">state</a>, <a href=\"/_mock/messages\">messages</a>, \
         <a href=\"/_mock/deliveries\">deliveries</a>, <a href=\"/_mock/faults\">faults</a>, \
         <a href=\"/_mock/clock\">clock</a>, <a href=\"/_mock/operations\">operations</a>.</p>\n"
    );
    calls(&mut page, inspector);
    activities(&mut page, inspector);
    faults(&mut page, inspector);
    operations(&mut page, inspector);
    page.push_str("</body></html>\n");
    page
}

fn calls(page: &mut String, inspector: &Inspector) {
    page.push_str("<h2>Recent calls</h2>\n");
    let records = inspector.engine.records().newest(MOST);
    if records.is_empty() {
        page.push_str("<p class=\"dim\">None yet.</p>\n");
        return;
    }
    table(page, &["Time", "Call", "Status", "Verified", "Why", "Trace id"]);
    for record in &records {
        let shown = inspector.engine.redaction.request(record);
        let time = calendar::date_time(record.unix_millis / 1000).time().to_string();
        let status = record.status.map_or_else(|| "none".to_owned(), |status| status.to_string());
        let good = record.status.is_some_and(|status| status < 300);
        let why = match (&record.code, &record.message, &record.fault) {
            (Some(code), Some(message), _) => format!("{code}: {message}"),
            (Some(code), None, _) => code.clone(),
            (None, _, Some(fault)) => format!("fault {fault}"),
            _ => String::new(),
        };
        let details = format!("{:#}", part(&shown, &["target", "headers", "body"]));
        let _ = writeln!(
            page,
            "<tr><td class=\"m\">{}</td><td><details><summary><code>{} {}</code></summary>\
             <pre>{}</pre></details></td><td class=\"{}\">{}</td><td>{}</td><td>{}</td>\
             <td class=\"m dim\">{}</td></tr>",
            Text(&time),
            Text(&record.method),
            Text(record.path()),
            Text(&details),
            if good { "ok" } else { "bad" },
            Text(&status),
            if record.verified { "yes" } else { "no" },
            Text(&why),
            Text(&record.trace_id),
        );
    }
    page.push_str("</table></div>\n");
}

/// Some members of an object.
fn part(value: &Value, names: &[&str]) -> Value {
    let member = |name: &&str| Some(((*name).to_owned(), value.get(*name)?.clone()));
    Value::Object(names.iter().filter_map(member).collect())
}

fn activities(page: &mut String, inspector: &Inspector) {
    let engine = &inspector.engine;
    let (count, activities) = {
        let now_millis = engine.clock.now_millis();
        let mut service = engine.service();
        let newest = service.describe(MOST, now_millis);
        (service.len(), newest)
    };
    let _ = writeln!(page, "<h2>Activities ({count})</h2>");
    if activities.is_empty() {
        page.push_str("<p class=\"dim\">None yet: create one.</p>\n");
        return;
    }
    table(page, &["Id", "Name", "Status", "In progress", "Issued"]);
    for activity in activities {
        let text = |pointer: &str| activity.pointer(pointer).and_then(Value::as_str);
        let name = text("/activity_base_info/activity_name").or(text("/activity_name"));
        let running = text("/activity_base_info/activity_operation_status");
        let issued = activity.pointer("/summary/publish_count").and_then(Value::as_u64);
        let shown = format!("{:#}", engine.redaction.value(activity.clone()));
        let _ = writeln!(
            page,
            "<tr><td><details><summary><code>{}</code></summary><pre>{}</pre></details></td>\
             <td>{}</td><td>{}</td><td>{}</td><td>{}</td></tr>",
            Text(text("/activity_id").unwrap_or_default()),
            Text(&shown),
            Text(name.unwrap_or_default()),
            Text(text("/activity_status").unwrap_or_default()),
            Text(running.unwrap_or_default()),
            issued.unwrap_or_default(),
        );
    }
    page.push_str("</table></div>\n");
}

fn faults(page: &mut String, inspector: &Inspector) {
    let rules = inspector.engine.faults().all();
    if rules.is_empty() {
        return;
    }
    page.push_str("<h2>Faults to come</h2>\n<p>");
    for rule in rules.iter().take(MOST) {
        let _ = write!(page, "<code>{}</code> ", Text(&rule.to_string()));
    }
    page.push_str("</p>\n");
}

fn operations(page: &mut String, inspector: &Inspector) {
    let endpoints = inspector.engine.catalogue.endpoints();
    let _ = writeln!(page, "<h2>Operations ({})</h2>", endpoints.len());
    table(page, &["Operation", "", "Call", "Answers"]);
    for endpoint in endpoints {
        let answers = match endpoint.behaviour {
            Behaviour::Voucher(_) => "by its state",
            Behaviour::Example => "the description's example",
        };
        let _ = writeln!(
            page,
            "<tr><td><code>{}</code></td><td>{}</td><td><code>{} {}</code></td><td>{answers}</td>\
             </tr>",
            Text(&endpoint.operation.id),
            Text(&endpoint.operation.title),
            Text(&endpoint.operation.method),
            Text(&endpoint.operation.path),
        );
    }
    page.push_str("</table></div>\n");
}

/// The beginning of a table.
fn table(page: &mut String, heads: &[&str]) {
    page.push_str("<div class=\"t\"><table><tr>");
    for head in heads {
        let _ = write!(page, "<th>{}</th>", Text(head));
    }
    page.push_str("</tr>\n");
}

/// Text made safe for HTML.
struct Text<'a>(&'a str);

impl std::fmt::Display for Text<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for c in self.0.chars() {
            match c {
                '&' => f.write_str("&amp;")?,
                '<' => f.write_str("&lt;")?,
                '>' => f.write_str("&gt;")?,
                '"' => f.write_str("&quot;")?,
                '\'' => f.write_str("&#39;")?,
                c => f.write_char(c)?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::Text;

    #[test]
    fn text_cannot_become_markup() {
        let text = Text("<script a='\"'>&").to_string();
        assert_eq!(text, "&lt;script a=&#39;&quot;&#39;&gt;&amp;");
    }
}
