//! How it is recognised what was given in the place of a key or certificate. For each table, the first
//! row that fits counts.

use zeroize::Zeroizing;

use super::{given::Given, tidy};

/// Words of the label of a PEM text, and what is in it. For other labels, the data shows what it is.
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
    ("ECDSA", Given::EllipticCurve),
    ("DSA", Given::Dsa),
];

/// The object identifiers of keys, in DER: how they begin.
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

/// How texts are recognised that are neither PEM nor the base64 of a key.
const TEXTS: &[(Fits, Given)] = &[
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
    (|text| text.lower.trim_start().starts_with("00000000"), Given::Hexadecimal),
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

type Fits = fn(&Text<'_>) -> bool;

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
        let is_between =
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
            && (variable || frames.iter().any(|(open, close)| is_between(open, close)) || named())
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
