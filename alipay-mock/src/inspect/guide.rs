//! What those see who have not called the gateway yet. The commands are those of the README.

use crate::engine::Engine;

const README: &str = include_str!("../../README.md");

/// How to make a first call from a shell.
pub(super) struct Guide {
    pub(super) setup: String,
    /// A function for a shell, and a first call.
    pub(super) function: &'static str,
    /// A call whose signature is wrong.
    pub(super) mistake: &'static str,
}

impl Guide {
    pub(super) fn new(engine: &Engine) -> Self {
        let setup = engine.setup.get().cloned().unwrap_or_else(|| {
            let (url, app_id) = (&engine.base_url, &engine.app_id);
            format!("export ALIPAY_BASE_URL={url}\nexport ALIPAY_APP_ID={app_id}\n")
        });
        Self { setup, function: block("call() {"), mistake: block("( sign() {") }
    }
}

/// Commands that make an activity.
pub(super) fn create() -> &'static str {
    block("call POST $voucher/create")
}

/// The README's block of shell commands that has this string; an empty one if there is none.
fn block(with: &str) -> &'static str {
    let blocks = README.split("```sh\n").skip(1).filter_map(|rest| rest.split("```").next());
    let mut blocks = blocks.filter(|block| block.contains(with));
    blocks.next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_readme_has_the_commands() {
        for part in ["call() {", "( sign() {", "call POST $voucher/create"] {
            let block = block(part);
            assert!(block.contains("call ") && block.ends_with('\n'), "{part}: {block}");
            // They have to work for any gateway.
            assert!(!block.contains(":8787"), "{block}");
        }
    }
}
