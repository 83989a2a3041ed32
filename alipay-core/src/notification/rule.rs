//! Which parameters of a notification its signature covers.

use std::collections::BTreeMap;

use super::{CERTIFICATE_SERIAL, SIGN, SIGN_TYPE, joined::join};
use crate::trust::TrustedKeys;

/// Which parameters a signature covers. Each rule is tried with a full check of the signature, over
/// the bytes as they were received.
#[derive(Clone, Copy)]
pub(super) struct Rule {
    /// Rule v2 signs `sign_type`, v1 does not.
    sign_type: bool,
    blank_values: bool,
    certificate_serial: bool,
}

impl Rule {
    /// All rules in use, the most likely first.
    pub(super) fn all() -> [Self; 8] {
        let rule = |blank_values, certificate_serial, sign_type| Self {
            sign_type,
            blank_values,
            certificate_serial,
        };
        [
            rule(true, true, false),
            rule(true, true, true),
            rule(false, true, false),
            rule(false, true, true),
            rule(true, false, false),
            rule(true, false, true),
            rule(false, false, false),
            rule(false, false, true),
        ]
    }

    /// Whether the rule differs from the ones before it for these parameters.
    pub(super) fn applies_to(self, parameters: &BTreeMap<String, Vec<u8>>) -> bool {
        (self.blank_values || parameters.values().any(Vec::is_empty))
            && (self.certificate_serial || parameters.contains_key(CERTIFICATE_SERIAL))
    }

    pub(super) fn covers(self, name: &str, value: &[u8]) -> bool {
        match name {
            SIGN => false,
            SIGN_TYPE => self.sign_type,
            CERTIFICATE_SERIAL if !self.certificate_serial => false,
            _ => self.blank_values || !value.is_empty(),
        }
    }

    /// Whether the signature is over the covered parameters, sorted by name and joined.
    pub(super) fn matches(
        self,
        parameters: &BTreeMap<String, Vec<u8>>,
        keys: &TrustedKeys,
        signature: &str,
    ) -> bool {
        let parameters = parameters.iter().map(|(name, value)| (name.as_str(), value.as_slice()));
        let covered = parameters.filter(|(name, value)| self.covers(name, value));
        keys.verify(&[&join(covered)], signature)
    }
}
