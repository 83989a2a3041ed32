//! What is given to credentials and clients, and what Alipay's console calls it.

/// A thing of the console: in English, with the console's Chinese term. Each stands here once; it is a literal,
/// for `concat!`.
macro_rules! term {
    (app_private_key) => {
        "the app's private key (应用私钥)"
    };
    (app_public_key) => {
        "the app's own public key (应用公钥)"
    };
    (alipay_public_key) => {
        "Alipay's public key (支付宝公钥)"
    };
    (app_certificate) => {
        "the app's certificate (应用公钥证书)"
    };
    (alipay_certificate) => {
        "Alipay's certificate (支付宝公钥证书)"
    };
    (root_certificates) => {
        "the root certificates (支付宝根证书)"
    };
    (aes_key) => {
        "the AES key (接口内容加密方式的 AES 密钥)"
    };
    (key_mode) => {
        "key mode (公钥模式)"
    };
    (certificate_mode) => {
        "certificate mode (公钥证书模式)"
    };
    (modes) => {
        "the console shows which of the two the app is in (接口加签方式)"
    };
    (key_tool) => {
        "Alipay's key tool (支付宝开放平台密钥工具)"
    };
    (signature_is_wrong) => {
        "signature is wrong (验签失败)"
    };
    (why_it_is_wrong) => {
        concat!(
            "it was changed on the way, or what was given as ",
            term!(alipay_public_key),
            " or ",
            term!(alipay_certificate),
            " is not Alipay's"
        )
    };
}

pub(crate) use term;

/// Something that is given to credentials or a client: each has an environment variable.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Input {
    /// The gateway's address.
    BaseUrl,
    /// The host that plain http is allowed for.
    HttpHost,
    /// The app's id.
    AppId,
    /// The app's private key (应用私钥).
    AppPrivateKey,
    /// Alipay's public key (支付宝公钥).
    AlipayPublicKey,
    /// The app's certificate (应用公钥证书).
    AppCertificate,
    /// Alipay's certificate (支付宝公钥证书).
    AlipayCertificate,
    /// The root certificates (支付宝根证书).
    RootCertificates,
    /// The AES key for encrypted content (接口内容加密方式).
    AesKey,
}

impl Input {
    /// All of them.
    pub const ALL: [Self; 9] = [
        Self::BaseUrl,
        Self::HttpHost,
        Self::AppId,
        Self::AppPrivateKey,
        Self::AlipayPublicKey,
        Self::AppCertificate,
        Self::AlipayCertificate,
        Self::RootCertificates,
        Self::AesKey,
    ];

    /// What errors call it: in English, with the Chinese term of Alipay's console.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::BaseUrl => "the base URL",
            Self::HttpHost => "the host that plain http is allowed for",
            Self::AppId => "the app id",
            Self::AppPrivateKey => term!(app_private_key),
            Self::AlipayPublicKey => term!(alipay_public_key),
            Self::AppCertificate => term!(app_certificate),
            Self::AlipayCertificate => term!(alipay_certificate),
            Self::RootCertificates => term!(root_certificates),
            Self::AesKey => term!(aes_key),
        }
    }

    /// The environment variable that holds it.
    #[must_use]
    pub const fn variable(self) -> &'static str {
        match self {
            Self::BaseUrl => "ALIPAY_BASE_URL",
            Self::HttpHost => "ALIPAY_ALLOW_HTTP_FOR",
            Self::AppId => "ALIPAY_APP_ID",
            Self::AppPrivateKey => "ALIPAY_PRIVATE_KEY",
            Self::AlipayPublicKey => "ALIPAY_PUBLIC_KEY",
            Self::AppCertificate => "ALIPAY_APP_CERT",
            Self::AlipayCertificate => "ALIPAY_CERT",
            Self::RootCertificates => "ALIPAY_ROOT_CERT",
            Self::AesKey => "ALIPAY_ENCRYPT_KEY",
        }
    }
}
