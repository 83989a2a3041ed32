//! What may be given in the place of a key or certificate: how it is recognised, what an error says
//! of it, and what to do.
//!
//! A new form is a variant of [`Given`], its row in [`Given::row`], and a row of the table that it is
//! recognised by: [`LABELS`], [`ALGORITHMS`], [`BEGINNINGS`] or [`TEXTS`]. `tests/runtime/keys_forms.rs`
//! has an example of each.

use std::fmt;

use zeroize::Zeroizing;

use super::tidy;

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
}

impl Wanted {
    /// What to do about anything else.
    fn belongs_here(self) -> &'static str {
        match self {
            Self::PrivateKey => "the app's private key belongs here (应用私钥)",
            Self::PublicKey => {
                "Alipay's public key belongs here, copied from the console (支付宝公钥)"
            }
            Self::Certificate => "the certificate (.crt) belongs here, as the console gives it",
            Self::AesKey => "the AES key belongs here, copied from the console (接口内容加密方式)",
        }
    }
}

/// What was given instead of a key or certificate, or what is wrong with its form.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
#[allow(missing_docs, reason = "`row` says what each is")]
pub enum Given {
    // What belongs elsewhere.
    PrivateKey,
    PublicKey,
    Certificate,
    CertificateRequest,
    AesKey,
    // Damage.
    Empty,
    BeginLine,
    EndLine,
    NoBeginLine,
    NoEndLine,
    NotBase64,
    WrongPadding,
    TwoStrings,
    Unknown,
    Several,
    // Containers and notations.
    Encrypted,
    Pkcs12,
    Pkcs7,
    JavaKeyStore,
    DotNetXml,
    Jwk,
    OpenSshPrivate,
    SshPublic,
    Putty,
    Pgp,
    TrustedCertificate,
    RevocationList,
    Parameters,
    Hexadecimal,
    OpensslText,
    Binary,
    Archive,
    // Keys of other algorithms.
    EllipticCurve,
    Sm2,
    Edwards,
    Dsa,
    RsaPss,
    OtherAlgorithm,
    // What is no key at all.
    Masked,
    Placeholder,
    Unset,
    Path,
    Url,
    Html,
    Json,
    Xml,
    Settings,
    Number,
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
        "Alipay's RSA2 signatures need an RSA key; make one with Alipay's key tool, or with: openssl genpkey \
         -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out app.pem",
    ),
    (Wanted::PublicKey, "Alipay's RSA2 signatures need an RSA key"),
    (Wanted::Certificate, "Alipay's RSA2 signatures need an RSA key"),
]);
const COPY: &str = "copy the whole text again";
const LINES: &str = "it has five plain dashes (-) on each side, capital letters, and blanks between \
    words; mend it, or copy the file again";
const KEY_MODE: &str =
    "the certificate (.crt) belongs here, or the key into key mode (Credentials::keys)";
const CERTIFICATE_MODE: &str =
    "certificates belong to certificate mode (Credentials::certificates)";

impl Given {
    /// What it is, and what to do.
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
                        "write the key as PEM (X.509), or copy it from the console (支付宝公钥)",
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
                Always("turn it into base64 with: xxd -r -p FILE | openssl base64 -A"),
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
                "a part of the text is hidden by asterisks, dots or crosses",
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
                Always("give its content, which keys::read_file reads"),
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
                let case = cases.iter().find(|(case, _)| case == wanted);
                case.map_or_else(|| wanted.belongs_here(), |(_, todo)| todo)
            }
        };
        write!(f, "{what}; {todo}")
    }
}

/// Words of the label of a PEM text, and what is in it. The first that fits counts. Where there is
/// none, the data shows what it is.
const LABELS: &[(&str, Given)] = &[
    ("OPENSSH", Given::OpenSshPrivate),
    ("SSH2 PUBLIC", Given::SshPublic),
    ("SSH2 ENCRYPTED", Given::OpenSshPrivate),
    ("PGP", Given::Pgp),
    ("PKCS7", Given::Pkcs7),
    ("CMS", Given::Pkcs7),
    ("PKCS12", Given::Pkcs12),
    ("TRUSTED CERTIFICATE", Given::TrustedCertificate),
    ("CRL", Given::RevocationList),
    ("PARAMETERS", Given::Parameters),
    ("ENCRYPTED", Given::Encrypted),
    ("SM2", Given::Sm2),
    ("DSA", Given::Dsa),
];

/// The object identifiers of keys, in DER: how they begin. The first that fits counts.
const ALGORITHMS: &[(&[u8], Given)] = &[
    // 1.2.840.113549.1.1.10
    (&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0a], Given::RsaPss),
    // 1.2.156.10197: a curve or an algorithm of SM.
    (&[0x2a, 0x81, 0x1c, 0xcf, 0x55], Given::Sm2),
    // 1.2.840.10045.2.1, and the named curves 1.2.840.10045.3 and 1.3.132.0
    (&[0x2a, 0x86, 0x48, 0xce, 0x3d], Given::EllipticCurve),
    (&[0x2b, 0x81, 0x04, 0x00], Given::EllipticCurve),
    // 1.3.101.110 to 113
    (&[0x2b, 0x65], Given::Edwards),
    // 1.2.840.10040.4.1
    (&[0x2a, 0x86, 0x48, 0xce, 0x38, 0x04, 0x01], Given::Dsa),
];

/// How binary files begin that are not DER, or DER of indefinite length.
const BEGINNINGS: &[(&[u8], Given)] = &[
    (&[0xfe, 0xed, 0xfe, 0xed], Given::JavaKeyStore),
    (&[0xce, 0xce, 0xce, 0xce], Given::JavaKeyStore),
    (&[0x30, 0x80, 0x02, 0x01, 0x03, 0x30], Given::Pkcs12),
    (&[0x30, 0x80, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07], Given::Pkcs7),
    (b"openssh-key-v1\0", Given::OpenSshPrivate),
    (b"\0\0\0\x07ssh-rsa", Given::SshPublic),
    (b"\0\0\0\x07ssh-dss", Given::SshPublic),
    (b"\0\0\0\x0bssh-ed25519", Given::SshPublic),
    (b"\0\0\0\x13ecdsa-sha2-", Given::SshPublic),
    (&[0x1f, 0x8b], Given::Archive),
    (b"PK\x03\x04", Given::Archive),
    (b"Rar!", Given::Archive),
    (b"7z\xbc\xaf", Given::Archive),
];

/// How texts are recognised that are neither PEM nor the base64 of a key. The first that fits counts.
const TEXTS: &[(fn(&Text<'_>) -> bool, Given)] = &[
    (
        |text| {
            text.raw
                .chars()
                .any(|c| c == '\u{fffd}' || c.is_control() && !c.is_whitespace() && c != '\0')
        },
        Given::Binary,
    ),
    (|text| text.lower.trim_start().starts_with("putty-user-key-file"), Given::Putty),
    (|text| text.begins(&["ssh-", "ecdsa-sha2-", "sk-ssh-", "sk-ecdsa-"]), Given::SshPublic),
    (|text| text.holds(&["<rsakeyvalue", "<modulus>"]), Given::DotNetXml),
    (|text| text.begins(&["<!doctype", "<html"]) || text.holds(&["<html", "</body>"]), Given::Html),
    (|text| text.begins(&["{", "["]) && text.lower.contains("\"kty\""), Given::Jwk),
    (|text| text.begins(&["{\"", "{ ", "{\n", "[\"", "[{", "[\n", "[ ", "{}", "[]"]), Given::Json),
    (
        |text| text.holds(&["modulus:", "public-key: (", "private-key: (", "publicexponent:"]),
        Given::OpensslText,
    ),
    (
        |text| {
            text.holds(&["serial number"]) && text.lower.trim_start().starts_with("certificate:")
        },
        Given::OpensslText,
    ),
    (
        |text| {
            text.value.starts_with("<?xml")
                || text.value.starts_with('<') && text.lower.contains("</")
        },
        Given::Xml,
    ),
    (|text| text.is_placeholder(), Given::Placeholder),
    (|text| text.is_masked(), Given::Masked),
    (
        |text| {
            matches!(
                text.value,
                "null"
                    | "(null)"
                    | "none"
                    | "nil"
                    | "undefined"
                    | "nan"
                    | "true"
                    | "false"
                    | "[object object]"
                    | "(none)"
            )
        },
        Given::Unset,
    ),
    (|text| text.is_url(), Given::Url),
    (|text| tidy::settings(text.lower) > 1, Given::Settings),
    (|text| text.is_path(), Given::Path),
    (
        |text| {
            matches!(text.value.len(), 1..=32)
                && text.value.bytes().all(|byte| byte.is_ascii_digit())
        },
        Given::Number,
    ),
    (|text| text.is_hexadecimal(), Given::Hexadecimal),
];

/// A text that is neither PEM nor the base64 of a key.
struct Text<'a> {
    /// As it was given.
    raw: &'a str,
    /// Tidied, and in small letters.
    lower: &'a str,
    /// What is left of that without a name in front and quotes around.
    value: &'a str,
}

impl Text<'_> {
    fn begins(&self, beginnings: &[&str]) -> bool {
        beginnings.iter().any(|beginning| self.value.starts_with(beginning))
    }

    fn holds(&self, parts: &[&str]) -> bool {
        parts.iter().any(|part| self.lower.contains(part))
    }

    fn is_short(&self) -> bool {
        self.value.chars().nth(120).is_none()
    }

    fn is_placeholder(&self) -> bool {
        const WORDS: &[&str] = &[
            "your",
            "change",
            "replace",
            "example",
            "todo",
            "fixme",
            "placeholder",
            "insert",
            "paste",
            "dummy",
            "secret",
            "private_key",
            "public_key",
            "private-key",
            "public-key",
            "private key",
            "public key",
            "privatekey",
            "publickey",
            "aes_key",
            "aes-key",
            "aes key",
            "aeskey",
            "here",
            "你的",
            "您的",
            "填写",
            "替换",
            "请输入",
            "应用私钥",
            "应用公钥",
            "支付宝公钥",
            "密钥",
            "证书",
        ];
        let framed =
            |open: &str, close: &str| self.value.starts_with(open) && self.value.ends_with(close);
        let frames = [
            ("<", ">"),
            ("${", "}"),
            ("$(", ")"),
            ("{", "}"),
            ("#{", "}"),
            ("%", "%"),
            ("[", "]"),
            ("__", "__"),
        ];
        let variable = self.value.starts_with('$');
        let named = || self.holds(WORDS) && !self.is_path() && !self.is_url();
        self.is_short()
            && (variable || frames.iter().any(|(open, close)| framed(open, close)) || named())
    }

    fn is_masked(&self) -> bool {
        const SIGNS: &[&str] =
            &["**", "…", "...", "••", "●●", "××", "xxxx", "██", "[redacted", "⋯"];
        self.holds(SIGNS)
    }

    fn is_url(&self) -> bool {
        self.raw.trim().split_once("://").is_some_and(|(scheme, _)| {
            scheme.len() <= 32 && !scheme.ends_with(['"', '\'']) && !scheme.contains('\n')
        })
    }

    fn is_path(&self) -> bool {
        const ENDS: &[&str] = &[
            ".pem",
            ".key",
            ".crt",
            ".cer",
            ".cert",
            ".der",
            ".txt",
            ".p12",
            ".pfx",
            ".p7b",
            ".p8",
            ".jks",
            ".keystore",
            ".ppk",
            ".pub",
            ".csr",
            ".json",
            ".yml",
            ".yaml",
            ".env",
            ".zip",
            ".xml",
        ];
        const STARTS: &[&str] = &[
            "./",
            "../",
            "~",
            "classpath:",
            "file:",
            "@",
            "/etc/",
            "/home/",
            "/usr/",
            "/var/",
            "/run/",
            "/opt/",
            "/root/",
            "/tmp/",
            "/app/",
            "/srv/",
            "/mnt/",
            "/users/",
            "\\\\",
        ];
        let path = tidy::unquoted(self.raw);
        let drive = |path: &str| matches!(path.as_bytes(), [drive, b':', b'\\' | b'/', ..] if drive.is_ascii_alphabetic());
        let small = path.to_lowercase();
        let one_line = path.len() <= 4096 && !path.contains('\n');
        one_line
            && (drive(path)
                || STARTS.iter().any(|start| small.starts_with(start))
                || ENDS.iter().any(|end| small.ends_with(end) || self.value.ends_with(end)))
    }

    fn is_hexadecimal(&self) -> bool {
        let digits = self.value.strip_prefix("0x").unwrap_or(self.value);
        let separator = |c: char| c.is_whitespace() || matches!(c, ':' | ',' | '-');
        let mut digits = digits.chars().filter(|c| !separator(*c));
        // As many as the shortest AES key has; fewer may be a word.
        digits.clone().nth(31).is_some() && digits.all(|c| c.is_ascii_hexdigit())
    }
}

/// What a PEM text of this label holds, if it is nothing to be read.
pub(super) fn of_label(label: &str) -> Option<Given> {
    LABELS.iter().find(|(words, _)| label.contains(words)).map(|(_, given)| *given)
}

/// The algorithm of a key, if it is none of RSA's.
pub(super) fn of_algorithm(id: &[u8]) -> Given {
    let row = ALGORITHMS.iter().find(|(start, _)| id.starts_with(start));
    row.map_or(Given::OtherAlgorithm, |(_, given)| *given)
}

/// What data is that is no DER.
pub(super) fn of_beginning(data: &[u8]) -> Option<Given> {
    BEGINNINGS.iter().find(|(start, _)| data.starts_with(start)).map(|(_, given)| *given)
}

/// What a text is that is neither PEM nor the base64 of a key: as it was given, and tidied.
pub(super) fn of_text(raw: &str, tidy: &str) -> Option<Given> {
    let lower = Zeroizing::new(tidy.to_lowercase());
    let text = Text { raw, lower: &lower, value: tidy::value(&lower) };
    TEXTS.iter().find(|(fits, _)| fits(&text)).map(|(_, given)| *given)
}
