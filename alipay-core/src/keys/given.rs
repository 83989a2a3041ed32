//! What may be given in the place of a key or certificate: what an error says of it, and what to do.
//!
//! A new form is a variant of [`Given`], its row in [`Given::row`], and a row of the table in
//! `recognise.rs` that it is recognised by. `tests/runtime/keys_forms.rs` has an example of each.

use std::fmt;

use crate::input::term;

/// What is read: what belongs where something else was given.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Wanted {
    /// The app's private key (应用私钥).
    PrivateKey,
    /// Alipay's public key (支付宝公钥).
    PublicKey,
    /// A certificate (公钥证书), or several.
    Certificate,
    /// The AES key for encrypted content (接口内容加密方式).
    AesKey,
    /// Any of these.
    Any,
}

impl Wanted {
    /// What to do about anything else.
    fn belongs_here(self) -> &'static str {
        match self {
            Self::PrivateKey => concat!(term!(app_private_key), " belongs here"),
            Self::PublicKey => {
                concat!(term!(alipay_public_key), " belongs here, copied from the console")
            }
            Self::Certificate => "the certificate (.crt) belongs here, as the console gives it",
            Self::AesKey => concat!(term!(aes_key), " belongs here, copied from the console"),
            Self::Any => "a key or a certificate belongs here",
        }
    }
}

/// What was given instead of a key or certificate, or what is wrong with its form.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Given {
    /// A private key.
    PrivateKey,
    /// A public key.
    PublicKey,
    /// A certificate.
    Certificate,
    /// A certificate signing request (CSR).
    CertificateRequest,
    /// Something as short as an AES key.
    AesKey,
    /// Nothing, or only blanks.
    Empty,
    /// A PEM text with a damaged begin line.
    BeginLine,
    /// A PEM text with a damaged end line.
    EndLine,
    /// A PEM text without its begin line.
    NoBeginLine,
    /// A PEM text without its end line.
    NoEndLine,
    /// A text that is neither PEM nor base64.
    NotBase64,
    /// Base64 of a length that it cannot have, or with wrong padding.
    WrongPadding,
    /// Base64 with `=` before its end.
    TwoStrings,
    /// Data of an unknown form, or damaged.
    Unknown,
    /// Data that begins like a key or certificate, but states a length that none has.
    DamagedLength,
    /// Several different keys that would fit.
    Several,
    /// A private key that is encrypted with a password.
    Encrypted,
    /// A key store (PKCS#12).
    Pkcs12,
    /// A bundle of certificates (PKCS#7).
    Pkcs7,
    /// A key store of Java (JKS, JCEKS).
    JavaKeyStore,
    /// A key in the XML form of .NET.
    DotNetXml,
    /// A JSON Web Key, or a set of them.
    Jwk,
    /// A private key in the form of OpenSSH.
    OpenSshPrivate,
    /// A public key in the form of SSH.
    SshPublic,
    /// A private key in the form of PuTTY.
    Putty,
    /// A PGP key or message.
    Pgp,
    /// A certificate with openssl's notes on trust.
    TrustedCertificate,
    /// A list of revoked certificates (CRL).
    RevocationList,
    /// Parameters of an algorithm.
    Parameters,
    /// Hexadecimal digits.
    Hexadecimal,
    /// What openssl prints for people.
    OpensslText,
    /// Binary data that was read as text.
    Binary,
    /// An archive or compressed data.
    Archive,
    /// A key of an elliptic curve (EC).
    EllipticCurve,
    /// A key for SM2.
    Sm2,
    /// An Ed25519, X25519, Ed448 or X448 key.
    Edwards,
    /// A DSA key.
    Dsa,
    /// An RSA key for PSS signatures only.
    RsaPss,
    /// A key of another algorithm.
    OtherAlgorithm,
    /// A key of which a part is hidden.
    Masked,
    /// A placeholder or variable.
    Placeholder,
    /// The name of no value, such as `null`.
    Unset,
    /// The path or name of a file.
    Path,
    /// An address (URL).
    Url,
    /// An HTML page.
    Html,
    /// A JSON document.
    Json,
    /// An XML document.
    Xml,
    /// Several settings (`NAME=value`).
    Settings,
    /// A number, such as an app id.
    Number,
    /// A PEM text whose line feeds have become the letter n.
    LostBackslashes,
    /// A secret that another tool has encrypted: Ansible Vault, Jasypt, SOPS, age.
    EncryptedSecret,
    /// A pointer of Git LFS.
    LfsPointer,
    /// A document of a word processor, or a picture.
    Document,
    /// What a program prints for an object, or for the bytes of a text.
    Printed,
}

/// What to do.
enum Todo {
    /// The same, whatever belongs there.
    Always(&'static str),
    /// It depends on what belongs there. Where nothing is said, that is to be given.
    For(&'static [(Wanted, &'static str)]),
}

/// What to do about a key of another algorithm.
const RSA: Todo = Todo::For(&[
    (
        Wanted::PrivateKey,
        concat!(
            "Alipay's RSA2 signatures need an RSA key; make one with ",
            term!(key_tool),
            ", or with: openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out app.pem"
        ),
    ),
    (Wanted::PublicKey, "Alipay's RSA2 signatures need an RSA key"),
]);
const COPY: &str = "copy the whole text again";
const LINES: &str = "it has five plain dashes (-) on each side, capital letters, and blanks between \
    words; mend it, or copy the file again";
const KEY_MODE: &str = concat!(
    "the certificate (.crt) belongs here, or the key into ",
    term!(key_mode),
    ", Credentials::keys; ",
    term!(modes)
);
const CERTIFICATE_MODE: &str = concat!(
    "certificates belong to ",
    term!(certificate_mode),
    ", Credentials::certificates; ",
    term!(modes)
);

impl Given {
    /// What it is, and what to do.
    #[allow(clippy::too_many_lines, reason = "a table")]
    fn row(self) -> (&'static str, Todo) {
        use Todo::{Always, For};
        use Wanted::{Certificate, PrivateKey, PublicKey};

        match self {
            Self::PrivateKey => ("this is a private key", For(&[])),
            Self::PublicKey => ("this is a public key", For(&[(Certificate, KEY_MODE)])),
            Self::Certificate => (
                "this is a certificate, not a key",
                For(&[(PrivateKey, CERTIFICATE_MODE), (PublicKey, CERTIFICATE_MODE)]),
            ),
            Self::CertificateRequest => (
                "this is a certificate signing request",
                For(&[
                    (PrivateKey, "give the private key that it was made with"),
                    (Certificate, "the certificate (.crt) that was issued for it belongs here"),
                ]),
            ),
            Self::AesKey => ("this is as short as an AES key", For(&[])),

            Self::Empty => {
                ("the text is empty", Always("is the variable set, and the file written?"))
            }
            Self::BeginLine => ("the begin line of the PEM text is damaged", Always(LINES)),
            Self::EndLine => ("the end line of the PEM text is damaged", Always(LINES)),
            Self::NoBeginLine => {
                ("the PEM text has no begin line; a part of it is missing", Always(COPY))
            }
            Self::NoEndLine => {
                ("the PEM text has no end line; a part of it is missing", Always(COPY))
            }
            Self::NotBase64 => (
                "the text has characters that neither PEM nor base64 has",
                Always("copy it again, and nothing else"),
            ),
            Self::WrongPadding => {
                ("the base64 text has a character too few or too many", Always(COPY))
            }
            Self::TwoStrings => (
                "`=` stands within the base64 text, and only its end may have it",
                Always("if these are two texts, give one"),
            ),
            Self::Unknown => (
                "the data is not a key or certificate in any known form",
                Always("was its beginning or another part lost? Copy the whole text again"),
            ),
            Self::DamagedLength => (
                "the data begins like a key or certificate, but states a length that none has; it was damaged",
                Always(COPY),
            ),
            Self::Several => (
                "the text holds several keys that would fit here",
                Always("give the one that is meant"),
            ),

            Self::Encrypted => (
                "the private key is encrypted with a password",
                For(&[(
                    PrivateKey,
                    "decrypt it with: openssl pkey -in FILE -out app.pem (DER: add -inform DER)",
                )]),
            ),
            Self::Pkcs12 => (
                "this is a key store (PKCS#12; .p12, .pfx)",
                For(&[
                    (
                        PrivateKey,
                        "take the key out with: openssl pkcs12 -in FILE -nodes -nocerts -out app.pem \
                         (add -legacy if openssl says that an algorithm is unsupported)",
                    ),
                    (
                        Certificate,
                        "take the certificate out with: openssl pkcs12 -in FILE -nokeys -out app.crt \
                         (add -legacy if openssl says that an algorithm is unsupported)",
                    ),
                ]),
            ),
            Self::Pkcs7 => (
                "this is a bundle of certificates (PKCS#7; .p7b)",
                For(&[(
                    Certificate,
                    "take the certificates out with: openssl pkcs7 -print_certs -in FILE -out app.crt \
                     (DER: add -inform DER)",
                )]),
            ),
            Self::JavaKeyStore => (
                "this is a Java key store (JKS, JCEKS)",
                For(&[
                    (
                        PrivateKey,
                        "take the key out with: keytool -importkeystore -srckeystore FILE \
                         -destkeystore app.p12 -deststoretype PKCS12, then: openssl pkcs12 -in app.p12 \
                         -nodes -nocerts -out app.pem",
                    ),
                    (
                        Certificate,
                        "take the certificate out with: keytool -exportcert -rfc -keystore FILE -alias \
                         NAME -file app.crt",
                    ),
                ]),
            ),
            Self::DotNetXml => (
                "this is a key in the XML form of .NET",
                For(&[
                    (PrivateKey, "write it as PEM, in .NET with RSA.ExportPkcs8PrivateKeyPem"),
                    (PublicKey, "write it as PEM, in .NET with RSA.ExportSubjectPublicKeyInfoPem"),
                ]),
            ),
            Self::Jwk => (
                "this is a JSON Web Key (JWK)",
                For(&[
                    (PrivateKey, "write the key as PEM (PKCS#8)"),
                    (
                        PublicKey,
                        concat!(
                            "write it as PEM (X.509), or copy ",
                            term!(alipay_public_key),
                            " from the console"
                        ),
                    ),
                ]),
            ),
            Self::OpenSshPrivate => (
                "this is a private key in the form of OpenSSH",
                For(&[(
                    PrivateKey,
                    "convert a copy of the file with: ssh-keygen -p -m PEM -f COPY",
                )]),
            ),
            Self::SshPublic => ("this is a public key in the form of SSH", For(&[])),
            Self::Putty => (
                "this is a private key in the form of PuTTY (.ppk)",
                For(&[(
                    PrivateKey,
                    "convert it with: puttygen FILE -O private-openssh -o app.pem, then: ssh-keygen -p \
                     -m PEM -f app.pem",
                )]),
            ),
            Self::Pgp => ("this is a PGP key or message", For(&[])),
            Self::TrustedCertificate => (
                "this is a certificate with openssl's notes on trust",
                For(&[(Certificate, "take them off with: openssl x509 -in FILE -out app.crt")]),
            ),
            Self::RevocationList => ("this is a list of revoked certificates (CRL)", For(&[])),
            Self::Parameters => ("these are parameters of an algorithm, without a key", For(&[])),
            Self::Hexadecimal => (
                "this is hexadecimal",
                Always(
                    "turn it into base64 with: xxd -r -p FILE | openssl base64 -A (a dump with addresses: without -p)",
                ),
            ),
            Self::OpensslText => (
                "this is what openssl prints for people (-text)",
                Always("give the PEM text, which openssl prints without -text and -noout"),
            ),
            Self::Binary => (
                "this is binary data that was read as text",
                Always("read the file with keys::read_file, or give its bytes as base64"),
            ),
            Self::Archive => ("this is an archive or compressed", Always("unpack it")),

            Self::EllipticCurve => {
                ("this is not an RSA key, but one of an elliptic curve (EC)", RSA)
            }
            Self::Sm2 => ("this is not an RSA key, but one for SM2 (国密)", RSA),
            Self::Edwards => {
                ("this is not an RSA key, but an Ed25519, X25519, Ed448 or X448 key", RSA)
            }
            Self::Dsa => ("this is not an RSA key, but a DSA key", RSA),
            Self::RsaPss => ("this is an RSA key for PSS signatures only", RSA),
            Self::OtherAlgorithm => ("this is not an RSA key", RSA),

            Self::Masked => (
                "the text is masked: asterisks, dots or crosses hide a part of it",
                Always("copy it from where it was made, not from where it is shown"),
            ),
            Self::Placeholder => {
                ("this is a placeholder", Always("put the real value in its place"))
            }
            Self::Unset => {
                ("this is the name of no value, such as null", Always("is the variable set?"))
            }
            Self::Path => (
                "this is the path or name of a file",
                Always(
                    "give its content, which keys::read_file reads, or in an environment variable `@` and the path",
                ),
            ),
            Self::Url => ("this is an address (URL)", Always("give what is found there")),
            Self::Html => (
                "this is an HTML page",
                Always("the download gave a page instead of the file; download it again"),
            ),
            Self::Json => ("this is a JSON document", Always("give only the value of the field")),
            Self::Xml => ("this is an XML document", Always("give only the text that is meant")),
            Self::Settings => {
                ("these are several settings (NAME=value)", Always("give only the value of one"))
            }
            Self::Number => ("this is a number, such as an app id", For(&[])),
            Self::LostBackslashes => (
                "the line feeds of the PEM text have become the letter n",
                Always(
                    "something took the backslash of each \\n away; put quotes around the text, or give the file",
                ),
            ),
            Self::EncryptedSecret => (
                "this is encrypted by another tool, such as Ansible Vault, Jasypt, SOPS or age",
                Always("decrypt it with that tool before you give it"),
            ),
            Self::LfsPointer => (
                "this is a pointer of Git LFS, which stands for the file",
                Always("fetch the file with: git lfs pull"),
            ),
            Self::Document => (
                "this is a document or a picture (RTF, DOC, PDF, PNG, JPEG)",
                Always("give the text alone, in a file of plain text"),
            ),
            Self::Printed => (
                "this is what a program prints for an object, or for bytes as numbers",
                Always("give the text itself, or base64 of the bytes"),
            ),
        }
    }

    /// Whether it is a thing of its own that may stand beside what belongs there, in one file.
    pub(crate) fn may_be_beside(self) -> bool {
        matches!(
            self,
            Self::PrivateKey
                | Self::PublicKey
                | Self::Certificate
                | Self::CertificateRequest
                | Self::RevocationList
                | Self::Parameters
                | Self::Unknown
        )
    }
}

/// The rest of a message: what it is, and what to do.
pub(super) struct Message(pub(super) Given, pub(super) Wanted);

impl fmt::Display for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(given, wanted) = self;
        let (what, todo) = given.row();
        let todo = match todo {
            Todo::Always(todo) => todo,
            Todo::For(cases) => {
                let case = cases.iter().find(|(case, _)| case == wanted || *wanted == Wanted::Any);
                case.map_or_else(|| wanted.belongs_here(), |(_, todo)| todo)
            }
        };
        write!(f, "{what}; {todo}")
    }
}
