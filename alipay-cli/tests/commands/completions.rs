//! `alipay completions`.

use crate::harness::alipay;

#[test]
fn each_shell_has_completions() {
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let script = alipay(["completions", shell]).run().ends(0).stdout;
        assert!(script.contains("operations") && script.contains("completions"), "{shell}");
    }
    assert!(alipay(["completions", "tcl"]).run().ends(2).stderr.contains("possible values"));
}
