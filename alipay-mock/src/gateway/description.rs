//! Serving a description that is not a contract yet.

use alipay_openapi::Description;
use alipay_openapi::contract::contract;
use alipay_openapi::load::Source;

use super::builder::GatewayBuilder;

/// A description that cannot be served. The message lists what is wrong with it, a line each.
#[derive(Clone, Debug, thiserror::Error)]
#[error("the description cannot be served:\n{0}")]
pub struct DescriptionError(String);

impl GatewayBuilder {
    /// The description to serve, YAML or JSON, and the overlay that refines it; each as the name that
    /// errors use for it, and its content. Default: all of Alipay's operations.
    ///
    /// It is served as [`Self::contract`] says.
    pub fn description(
        self,
        base: (impl Into<String>, impl Into<String>),
        overlay: Option<(&str, &str)>,
    ) -> Result<Self, DescriptionError> {
        let base = Source::new(base.0, base.1);
        let overlay = overlay.map(|(name, text)| Source::new(name, text));
        let api = Description::new(base).overlay(overlay).api();
        let api = api.map_err(|findings| DescriptionError(findings.to_string()))?;
        Ok(self.contract(contract(&api)))
    }
}
