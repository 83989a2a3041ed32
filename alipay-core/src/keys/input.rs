//! What is given to the credentials, by the names that errors and Alipay's console have for it.

use std::fmt;

use crate::error::Error;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Input {
    AppPrivateKey,
    AlipayPublicKey,
    AppCertificate,
    AlipayCertificate,
    RootCertificates,
    AesKey,
}

impl Input {
    /// How errors call it.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::AppPrivateKey => "the app's private key (应用私钥)",
            Self::AlipayPublicKey => "Alipay's public key (支付宝公钥)",
            Self::AppCertificate => "the app's certificate (应用公钥证书)",
            Self::AlipayCertificate => "Alipay's certificate (支付宝公钥证书)",
            Self::RootCertificates => "the root certificates (支付宝根证书)",
            Self::AesKey => "the AES key (接口内容加密方式)",
        }
    }

    /// An error that says what is wrong with it.
    pub(crate) fn error(self, problem: impl fmt::Display) -> Error {
        Error::configuration(format!("{}: {problem}", self.name()))
    }
}
