//! Descriptions, from the text to the files of a crate.

use alipay_codegen::{Options, Output};
use alipay_openapi::{
    Description,
    diag::{Diagnostics, Severity, is_command},
    load::Source,
};

/// The longest description; longer ones are slow, and no different.
const LONGEST: usize = 16 * 1024;

/// A description is generated or refused, with findings that can be shown.
pub fn description(data: &[u8]) -> bool {
    let Ok(text) = str::from_utf8(data) else { return false };
    if text.len() > LONGEST {
        return false;
    }
    generated(&Description::new(Source::new("openapi.yaml", text)), Options::new("fuzzed"))
}

/// What is generated is the same the next time, and its names are kept.
pub(crate) fn generated(description: &Description, options: Options) -> bool {
    let findings = alipay_codegen::check(description);
    shown(&findings);
    match alipay_codegen::generate(description, &options) {
        Ok(output) => {
            shown(&output.warnings);
            let lock = Some(Source::new("names.lock", output.lock.clone()));
            let again = alipay_codegen::generate(description, &Options { lock, ..options });
            let again: Output =
                again.unwrap_or_else(|findings| panic!("with its own lock: {findings}"));
            assert!(again == output, "with its own lock, another crate is generated");
            true
        }
        Err(findings) => {
            assert!(findings.iter().any(|finding| finding.severity == Severity::Error));
            shown(&findings);
            false
        }
    }
}

pub(crate) fn shown(findings: &Diagnostics) {
    for finding in findings.iter() {
        assert!(!finding.message.is_empty(), "{finding:?}");
        for line in finding.to_string().lines() {
            assert!(!line.contains(is_command), "a finding has a control character: {line:?}");
        }
    }
}
