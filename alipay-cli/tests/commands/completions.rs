//! `alipay completions`.

use std::process::Command;

use crate::harness::alipay;

#[test]
fn each_shell_has_completions() {
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let script = alipay(["completions", shell]).run().ends(0).stdout;
        assert!(script.contains("operations") && script.contains("completions"), "{shell}");
        // PowerShell and elvish complete no values.
        let has_ids = script.contains("alipay.trade.refund");
        assert_eq!(has_ids, matches!(shell, "bash" | "zsh" | "fish"), "{shell}");
    }
    assert!(alipay(["completions", "tcl"]).run().ends(2).stderr.contains("possible values"));
}

/// The script does what it should in a bash, where there is one.
#[test]
fn bash_completes_options_and_operations() {
    let script = alipay(["completions", "bash"]).run().ends(0).stdout;
    let complete = |words: &str| {
        let count = words.split(' ').count() - 1;
        let program = format!(
            "{script}\nCOMP_WORDS=({words}); COMP_CWORD={count}; \
             _alipay alipay \"${{COMP_WORDS[COMP_CWORD]}}\" \"${{COMP_WORDS[COMP_CWORD-1]}}\"; \
             printf '%s\\n' \"${{COMPREPLY[@]}}\""
        );
        let output = Command::new("bash").args(["-c", &program]).output();
        output.ok().map(|output| String::from_utf8(output.stdout).unwrap())
    };
    let Some(operations) = complete("alipay call alipay.trade.ref") else {
        println!("there is no bash here");
        return;
    };
    assert_eq!(operations, "alipay.trade.refund\nalipay.trade.refund.apply\n");
    let options = complete("alipay call alipay.trade.query --dry").unwrap();
    assert_eq!(options, "--dry-run\n");
}
