//! The forms in which keys and certificates are given by mistake: each is read, or named.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests fail by panicking")]
#![allow(clippy::format_collect, reason = "the texts are short")]

use crate::common;
use crate::issuing;

use alipay_core::{
    Credentials,
    encrypt::AesKey,
    keys::{PrivateKey, PublicKey, read_file},
};
use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD},
};
use common::{certified, key};
use issuing::{INTEGER, OCTETS, SEQUENCE, der, sequence};
use proptest::prelude::*;

const EC: &str = include_str!("../fixtures/keys/ec.pem");
const EC_SEC1: &str = include_str!("../fixtures/keys/ec_sec1.pem");
const REQUEST: &str = include_str!("../fixtures/keys/request.pem");
const ENCRYPTED: &str = include_str!("../fixtures/keys/encrypted.pem");
const ENCRYPTED_PKCS1: &str = include_str!("../fixtures/keys/encrypted_pkcs1.pem");
const WEAK: &str = include_str!("../fixtures/keys/weak.pem");

/// All that is read from a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Input {
    Private,
    Public,
    App,
    Alipay,
    Roots,
    Aes,
}

use Input::{Aes, Alipay, App, Private, Public, Roots};

const ALL: [Input; 6] = [Private, Public, App, Alipay, Roots, Aes];

/// What is read from this text, as a string that tells one from another, or what is wrong with it.
fn read(input: Input, text: &str) -> Result<String, String> {
    let certificates = |app: &str, alipay: &str, roots: &str| {
        let private = key("app_private_pkcs8");
        Credentials::certificates_at(certified(), key("app_id"), private, app, [alipay], roots)
    };
    let (app, alipay, roots) = (key("app_cert"), key("alipay_cert"), key("alipay_root_cert"));
    let read = match input {
        Private => Credentials::keys("2021", text, key("alipay_public"))
            .map(|_| PrivateKey::parse(text).unwrap().public_key().to_base64()),
        Public => Credentials::keys("2021", key("app_private_pkcs8"), text)
            .map(|_| PublicKey::parse(text).unwrap().to_base64()),
        App => certificates(text, alipay, roots)
            .map(|made| made.app_certificate_serial().unwrap().to_owned()),
        Alipay => certificates(app, text, roots)
            .map(|made| format!("{:?}", made.trust().certificates().last().unwrap())),
        Roots => certificates(app, alipay, text)
            .map(|made| made.root_certificate_serial().unwrap().to_owned()),
        Aes => common::credentials()
            .encrypt_key(text)
            .map(|_| AesKey::parse(text).unwrap().encrypt(b"text").unwrap()),
    };
    read.map_err(|error| error.to_string())
}

fn pem(label: &str, base64: &str) -> String {
    let lines: Vec<&str> =
        base64.as_bytes().chunks(64).map(|line| std::str::from_utf8(line).unwrap()).collect();
    format!("-----BEGIN {label}-----\n{}\n-----END {label}-----\n", lines.join("\n"))
}

fn private_pem() -> String {
    pem("RSA PRIVATE KEY", key("app_private_pkcs1"))
}

/// The base64 of the first block of a PEM text.
fn bare(pem: &str) -> String {
    pem.lines().skip(1).take_while(|line| !line.starts_with('-')).collect()
}

/// The usual form of each with lines.
fn lines_of(input: Input) -> Option<String> {
    match input {
        Private => Some(private_pem()),
        Public => Some(pem("PUBLIC KEY", key("alipay_public"))),
        App => Some(key("app_cert").to_owned()),
        Alipay => Some(key("alipay_cert").to_owned()),
        Roots => Some(key("alipay_root_cert").to_owned()),
        Aes => None,
    }
}

/// The usual form of each on one line, without begin and end.
fn bare_of(input: Input) -> Option<String> {
    match input {
        Private => Some(key("app_private_pkcs8").to_owned()),
        Public => Some(key("alipay_public").to_owned()),
        App => Some(bare(key("app_cert"))),
        Alipay => Some(bare(key("alipay_cert"))),
        Roots => None,
        Aes => Some(key("aes_key").to_owned()),
    }
}

fn each_line(text: &str, change: impl Fn(usize, &str) -> String) -> String {
    text.lines().enumerate().map(|(at, line)| change(at, line)).collect()
}

fn utf16(text: &str, bytes: fn(u16) -> [u8; 2]) -> String {
    STANDARD.encode(text.encode_utf16().flat_map(bytes).collect::<Vec<u8>>())
}

fn percent(text: &str) -> String {
    text.bytes()
        .map(|byte| match byte {
            b'0'..=b'9' | b'a'..=b'z' | b'A'..=b'Z' | b'-' | b'.' | b'_' | b'~' => {
                char::from(byte).to_string()
            }
            byte => format!("%{byte:02X}"),
        })
        .collect()
}

fn full_width(text: &str) -> String {
    let wide = |c: char| match c {
        '!'..='~' => char::from_u32(c as u32 + 0xfee0).unwrap(),
        c => c,
    };
    text.chars().map(wide).collect()
}

fn json(text: &str) -> String {
    serde_json::to_string(text).unwrap()
}

type Change = fn(&str) -> String;

/// What may happen to any text on its way. It is read all the same.
const ON_THE_WAY: &[(&str, Change)] = &[
    ("nothing", |text| text.to_owned()),
    ("double quotes", |text| format!("\"{text}\"")),
    ("single quotes", |text| format!("'{text}'\n")),
    ("backticks", |text| format!("`{text}`")),
    ("bytes of Python", |text| format!("b'{}'", text.replace('\n', "\\n"))),
    ("a variable in Python", |text| format!("KEY = rb'{text}'")),
    ("typographic quotes", |text| format!("“{text}”")),
    ("German quotes", |text| format!("„{text}“")),
    ("French quotes", |text| format!("« {text} »")),
    ("quotes twice", |text| format!("\"'{text}'\"")),
    ("escaped quotes", |text| format!("\\\"{text}\\\"")),
    ("a comma", |text| format!("\"{text}\",")),
    ("a semicolon", |text| format!("{text};")),
    ("a setting", |text| format!("APP_KEY={text}")),
    ("a quoted setting", |text| format!("export ALIPAY_KEY='{text}'")),
    ("a setting with blanks", |text| format!("alipay.app-key = {text}")),
    ("a setting of PowerShell", |text| format!("$env:ALIPAY_KEY = \"{text}\"")),
    ("a setting of cmd", |text| format!("set KEY={text}")),
    ("a field of YAML", |text| format!("alipayKey: \"{text}\"")),
    ("a field of JSON", |text| format!("\"alipayKey\": {},", json(text))),
    ("a name in Chinese", |text| format!("应用私钥：{text}")),
    ("a variable in Java", |text| format!("String key = {};", json(text))),
    ("a byte order mark", |text| format!("\u{feff}{text}")),
    ("zero-width blanks", |text| format!("\u{200b}{}\u{200d}", text.replace('A', "A\u{200b}"))),
    ("no-break blanks", |text| format!("\u{a0}{text}\u{a0}")),
    ("wide blanks", |text| format!("\u{3000}{text}\u{3000}")),
    ("marks of direction", |text| format!("\u{202a}{text}\u{202c}")),
    ("a soft hyphen", |text| text.replace("Aw", "\u{ad}Aw")),
    ("full width", full_width),
    ("blanks around", |text| format!("\n\n  {text}  \n\n")),
    ("JSON", json),
    ("JSON twice", |text| json(&json(text))),
    ("JSON thrice", |text| json(&json(&json(text)))),
    ("JSON of PHP", |text| json(text).replace('/', "\\/")),
    ("JSON of Gson", |text| json(text).replace('=', "\\u003d").replace('+', "\\u002b")),
    ("entities", |text| text.replace('+', "&#43;").replace('/', "&#x2F;").replace('=', "&#61;")),
    ("percent", percent),
    ("a form", |text| percent(text).replace("%20", "+")),
    ("the mark of a shell", |text| format!("{text}%")),
    ("percent twice", |text| percent(&percent(text))),
    ("base64 of the text", |text| STANDARD.encode(text)),
    ("base64 with lines", |text| {
        let base64 = STANDARD.encode(text);
        base64
            .as_bytes()
            .chunks(76)
            .map(|line| format!("{}\n", std::str::from_utf8(line).unwrap()))
            .collect()
    }),
    ("base64 twice", |text| STANDARD.encode(STANDARD.encode(text))),
    ("base64 without padding", |text| STANDARD_NO_PAD.encode(text)),
    ("URL-safe base64 of the text", |text| URL_SAFE_NO_PAD.encode(text)),
    ("base64 of the text in quotes", |text| STANDARD.encode(format!("\"{text}\"\n"))),
    ("base64 of Laravel", |text| format!("base64:{}", STANDARD.encode(text))),
    ("a data URL", |text| format!("data:application/x-pem-file;base64,{}", STANDARD.encode(text))),
    ("UTF-16 with a mark", |text| utf16(&format!("\u{feff}{text}"), u16::to_le_bytes)),
    ("UTF-16 of the other order", |text| utf16(&format!("\u{feff}{text}"), u16::to_be_bytes)),
    ("UTF-16 without a mark", |text| utf16(text, u16::to_le_bytes)),
    ("UTF-16 read as bytes", |text| text.chars().flat_map(|c| [c, '\0']).collect()),
    ("UTF-8 with a mark", |text| STANDARD.encode(format!("\u{feff}{text}"))),
];

/// What may happen to the lines of a PEM text.
const TO_LINES: &[(&str, Change)] = &[
    ("CR LF", |text| text.replace('\n', "\r\n")),
    ("CR", |text| text.replace('\n', "\r")),
    ("one line", |text| text.replace('\n', "")),
    ("blanks for line feeds", |text| text.replace('\n', " ")),
    ("escaped line feeds", |text| text.replace('\n', "\\n")),
    ("escaped twice", |text| text.replace('\n', "\\\\n")),
    ("escaped CR LF", |text| text.replace('\n', "\\r\\n")),
    ("escaped and real", |text| text.replace('\n', "\\n\n")),
    ("line separators", |text| text.replace('\n', "\u{2028}")),
    ("breaks of HTML", |text| text.replace('\n', "<br/>")),
    ("lines between", |text| text.replace('\n', "\n\n")),
    ("indented", |text| each_line(text, |_, line| format!("    {line}\n"))),
    ("indented with tabs", |text| each_line(text, |_, line| format!("\t{line}\t\n"))),
    ("a block of YAML", |text| {
        format!("key: |\n{}", each_line(text, |_, line| format!("  {line}\n")))
    }),
    ("a folded block of YAML", |text| {
        format!("key: >-\n{}", each_line(text, |_, line| format!("  {line}\n")))
    }),
    ("a quoted mail", |text| each_line(text, |_, line| format!("> {line}\n"))),
    ("a mail quoted twice", |text| each_line(text, |_, line| format!(">> {line}\n"))),
    ("a comment", |text| each_line(text, |_, line| format!("# {line}\n"))),
    ("a comment in Java", |text| each_line(text, |_, line| format!("  // {line}\n"))),
    ("a comment in SQL", |text| each_line(text, |_, line| format!("-- {line}\n"))),
    ("lines of a diff", |text| each_line(text, |_, line| format!("+{line}\n"))),
    ("numbers", |text| each_line(text, |at, line| format!("{:6}\t{line}\n", at + 1))),
    ("numbers and colons", |text| each_line(text, |at, line| format!("{}:{line}\n", at + 1))),
    ("numbers and bars", |text| each_line(text, |at, line| format!("{:3} | {line}\n", at + 1))),
    ("continued", |text| each_line(text, |_, line| format!("{line}\\\n"))),
    ("joined strings", |text| each_line(text, |_, line| format!("  \"{line}\" +\n"))),
    ("joined strings with line feeds", |text| {
        each_line(text, |_, line| format!("\"{line}\\n\" +\n"))
    }),
    ("joined with strings between", |text| {
        each_line(text, |_, line| format!("\"{line}\" + \"\\n\" +\n"))
    }),
    ("joined before", |text| each_line(text, |_, line| format!("    + \"{line}\\n\"\n"))),
    ("joined in PHP", |text| each_line(text, |_, line| format!("'{line}' .\n"))),
    ("an array", |text| format!("[\n{}]", each_line(text, |_, line| format!("  \"{line}\",\n")))),
    ("Markdown", |text| format!("```\n{text}```\n")),
    ("a comment in front", |text| format!("# 应用私钥, PKCS1\nfriendlyName: app\n{text}")),
    ("a comment in another charset", |text| {
        STANDARD.encode([b"\xd3\xa6\xd3\xc3\n", text.as_bytes()].concat())
    }),
    ("URL-safe", |text| text.replace('+', "-").replace('/', "_")),
    ("no padding", |text| text.replace('=', "")),
    ("padding too much", |text| text.replace("\n-----END", "==\n-----END")),
    ("JSON around", |text| format!("{{\"key\":{}}}", json(text))),
    ("another label", |text| text.replace("BEGIN RSA ", "BEGIN ").replace("END RSA ", "END ")),
];

#[test]
fn what_happens_on_the_way_is_undone() {
    for input in ALL {
        for text in [lines_of(input), bare_of(input)].into_iter().flatten() {
            let expected = read(input, &text).unwrap();
            for (name, change) in ON_THE_WAY {
                // That is 32 bytes, and may be a key of its own.
                if (input, *name) == (Aes, "base64 twice") {
                    continue;
                }
                assert_eq!(
                    read(input, &change(&text)).as_ref(),
                    Ok(&expected),
                    "{input:?}: {name}"
                );
            }
        }
        let Some(text) = lines_of(input) else { continue };
        let expected = read(input, &text).unwrap();
        for (name, change) in TO_LINES {
            assert_eq!(read(input, &change(&text)).as_ref(), Ok(&expected), "{input:?}: {name}");
        }
    }
}

/// Base64 without begin and end lines, which may have lines itself.
#[test]
fn what_happens_to_bare_base64_is_undone() {
    for input in [Private, Public, App, Alipay] {
        let text = bare_of(input).unwrap();
        let expected = read(input, &text).unwrap();
        let lines = text
            .as_bytes()
            .chunks(64)
            .map(|line| format!("{}\n", std::str::from_utf8(line).unwrap()));
        let lines: String = lines.collect();
        let changed = [
            lines.clone(),
            each_line(&lines, |_, line| format!("> {line}\r\n")),
            each_line(&lines, |at, line| format!("{:4}  {line}\n", at + 9)),
            each_line(&lines, |_, line| format!("\"{line}\" +\n")),
            each_line(&lines, |_, line| format!("//{line}\n")),
            each_line(&lines, |_, line| format!("+{line}\n")),
            format!("key: |-\n{}", each_line(&lines, |_, line| format!("    {line}\n"))),
            format!("- {text}"),
            text.replace('+', "-").replace('/', "_"),
            text.trim_end_matches('=').to_owned(),
            format!("{}===", text.trim_end_matches('=')),
            URL_SAFE.encode(STANDARD.decode(&text).unwrap()),
        ];
        for changed in changed {
            assert_eq!(read(input, &changed).as_ref(), Ok(&expected), "{input:?}: {changed:.80}");
        }
    }
    let aes = read(Aes, key("aes_key")).unwrap();
    let url_safe = key("aes_key").replace('+', "-").replace('/', "_");
    assert_eq!(read(Aes, &url_safe).unwrap(), aes);
}

#[test]
fn files_in_other_encodings_are_read() {
    let path = std::env::temp_dir().join(format!("alipay-core-utf16-{}.pem", std::process::id()));
    let text = private_pem().replace('\n', "\r\n");
    let marked: Vec<u8> =
        format!("\u{feff}{text}").encode_utf16().flat_map(u16::to_le_bytes).collect();
    std::fs::write(&path, marked).unwrap();
    let content = read_file(&path).unwrap();
    std::fs::remove_file(&path).unwrap();
    assert_eq!(read(Private, &content), read(Private, &private_pem()));
}

/// A key in the place of a path is not shown.
#[test]
fn contents_are_no_paths() {
    let pem = private_pem();
    let lines = pem.replace('\n', "\\n");
    for text in [&pem, &lines, key("app_private_pkcs8"), key("aes_key"), key("alipay_cert")] {
        let error = read_file(text).unwrap_err().to_string();
        assert!(error.contains("looks like its content"), "{error}");
        assert_eq!(parts(text).find(|part| error.contains(part)), None, "{error}");
    }
}

/// Changes of the begin or the end line of a PEM text, and words of the message.
const BROKEN_LINES: &[(&str, Change, &[&str])] = &[
    (
        "four dashes",
        |text| text.replacen("-----BEGIN", "----BEGIN", 1),
        &["begin line", "five plain dashes"],
    ),
    ("six dashes", |text| text.replacen("-----BEGIN", "------BEGIN", 1), &["begin line", "dashes"]),
    (
        "four dashes after",
        |text| text.replacen("KEY-----", "KEY----", 1),
        &["begin line", "dashes"],
    ),
    (
        "six dashes after",
        |text| text.replacen("KEY-----", "KEY------", 1),
        &["begin line", "dashes"],
    ),
    ("one dash", |text| text.replace("-----", "-"), &["begin line", "dashes"]),
    ("no dashes", |text| text.replace('-', ""), &["begin line", "dashes"]),
    ("no dashes before", |text| text.replace("-----BEGIN", "BEGIN"), &["begin line", "dashes"]),
    ("en dashes", |text| text.replace('-', "–"), &["begin line", "plain dashes"]),
    ("em dashes", |text| text.replace("--", "—"), &["begin line", "plain dashes"]),
    ("hyphens", |text| text.replace('-', "\u{2010}"), &["begin line", "plain dashes"]),
    ("blanks after the dashes", |text| text.replace("-----BEGIN", "----- BEGIN"), &["begin line"]),
    (
        "blanks between the dashes",
        |text| text.replace("-----BEGIN", "- - - - -BEGIN"),
        &["begin line"],
    ),
    (
        "small letters",
        |text| text.replace("BEGIN RSA PRIVATE KEY", "begin rsa private key"),
        &["begin line", "capital letters"],
    ),
    (
        "one small letter",
        |text| text.replace("BEGIN RSA", "BEGIN RSa"),
        &["begin line", "capital letters"],
    ),
    (
        "a lost blank",
        |text| text.replace("BEGIN RSA", "BEGINRSA"),
        &["begin line", "blanks between words"],
    ),
    (
        "all blanks lost",
        |text| text.replace("BEGIN RSA PRIVATE KEY", "BEGINRSAPRIVATEKEY"),
        &["begin line", "blanks"],
    ),
    (
        "underscores",
        |text| text.replace("BEGIN RSA PRIVATE KEY", "BEGIN_RSA_PRIVATE_KEY"),
        &["begin line", "blanks"],
    ),
    (
        "an end line of four dashes",
        |text| text.replacen("-----END", "----END", 1),
        &["end line", "dashes"],
    ),
    (
        "an end line of six dashes",
        |text| text.replacen("-----END", "------END", 1),
        &["end line", "dashes"],
    ),
    (
        "an end line in small letters",
        |text| text.replace("END RSA", "end RSA"),
        &["end line", "capital letters"],
    ),
    (
        "an end line with em dashes",
        |text| text.replace("-----END", "—–END"),
        &["end line", "plain dashes"],
    ),
    ("half an end line", |text| text.replace("END RSA PRIVATE KEY-----", "END RSA"), &["end line"]),
    ("no end line", |text| text.replace("-----END RSA PRIVATE KEY-----", ""), &["no end line"]),
    (
        "no begin line",
        |text| text.replace("-----BEGIN RSA PRIVATE KEY-----", ""),
        &["no begin line"],
    ),
    ("two begin lines", |text| text.replace("END", "BEGIN"), &["no end line"]),
];

#[test]
fn broken_lines_are_named() {
    for (name, change, words) in BROKEN_LINES {
        let text = private_pem();
        let changed = change(&text);
        assert_ne!(text, changed, "{name}");
        assert_named(Private, name, &changed, words);
        // In other files the same happens, and to what is encoded as a whole.
        assert_named(Private, name, &STANDARD.encode(&changed), words);
        assert_named(Private, name, &changed.replace('\n', "\\n"), words);
        for (input, label) in [
            (Public, "PUBLIC KEY"),
            (App, "CERTIFICATE"),
            (Alipay, "CERTIFICATE"),
            (Roots, "CERTIFICATE"),
        ] {
            let text = lines_of(input).unwrap().replace(label, "RSA PRIVATE KEY");
            assert_named(input, name, &change(&text), words);
        }
    }
}

/// All eight characters in a row, but for those of a label.
fn parts(text: &str) -> impl Iterator<Item = String> {
    let letters: Vec<char> = text.chars().collect();
    let parts: Vec<String> = letters.windows(8).map(|part| part.iter().collect()).collect();
    let labels = "-----begin rsa private key----- certificate";
    parts.into_iter().filter(move |part| !labels.contains(&part.to_lowercase()))
}

#[track_caller]
fn assert_named(input: Input, name: &str, text: &str, words: &[&str]) {
    let read = read(input, text);
    assert!(read.is_err(), "{input:?}: {name} was read");
    let error = read.unwrap_err();
    for word in words {
        assert!(error.contains(word), "{input:?}: {name}: {error}");
    }
    assert!(!error.contains('\n'), "{error}");
    let shown = parts(text).find(|part| error.contains(part));
    assert_eq!(shown, None, "{input:?}: {name}: {error}");
}

fn oid(content: &[u8]) -> Vec<u8> {
    der(0x06, content)
}

const RSA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01];
const RSA_PSS: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0a];
const EC_KEY: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01];
const SM2_CURVE: &[u8] = &[0x2a, 0x81, 0x1c, 0xcf, 0x55, 0x01, 0x82, 0x2d];
const ED25519: &[u8] = &[0x2b, 0x65, 0x70];
const DSA: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x38, 0x04, 0x01];
const PKCS7_DATA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x01];
const PKCS7_SIGNED: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x02];

/// PKCS#8 of another algorithm.
fn pkcs8(algorithm: &[&[u8]]) -> Vec<u8> {
    let algorithm = sequence(
        &algorithm
            .iter()
            .map(|id| oid(id))
            .collect::<Vec<_>>()
            .iter()
            .map(|id| &**id)
            .collect::<Vec<_>>(),
    );
    sequence(&[&der(INTEGER, &[0]), &algorithm, &der(OCTETS, &[0x5a; 120])])
}

/// A public key of another algorithm.
fn info(algorithm: &[&[u8]]) -> Vec<u8> {
    let algorithm = sequence(
        &algorithm
            .iter()
            .map(|id| oid(id))
            .collect::<Vec<_>>()
            .iter()
            .map(|id| &**id)
            .collect::<Vec<_>>(),
    );
    sequence(&[&algorithm, &der(0x03, &[&[0], &[0x5a; 120][..]].concat())])
}

fn pkcs12() -> Vec<u8> {
    let content = sequence(&[&oid(PKCS7_DATA), &der(0xa0, &der(OCTETS, &[0x5a; 900]))]);
    sequence(&[&der(INTEGER, &[3]), &content, &der(SEQUENCE, &[0x5a; 60])])
}

fn pkcs7() -> Vec<u8> {
    sequence(&[&oid(PKCS7_SIGNED), &der(0xa0, &der(SEQUENCE, &[0x5a; 900]))])
}

fn bytes(start: &[u8]) -> String {
    STANDARD.encode([start, &[0x5a; 900]].concat())
}

fn cut(text: &str, characters: usize) -> String {
    text[..text.len() - characters].to_owned()
}

/// What is given for one of them, by mistake, and words of the message.
#[allow(clippy::too_many_lines, reason = "a table")]
fn given() -> Vec<(&'static str, Input, String, &'static [&'static str])> {
    let private = key("app_private_pkcs8");
    let public = key("alipay_public");
    let own = |text: &str| text.to_owned();
    let binary = |der: Vec<u8>| STANDARD.encode(der);
    let lossy = |der: &[u8]| String::from_utf8_lossy(der).into_owned();
    let hex = |text: &str| {
        STANDARD.decode(text).unwrap().iter().map(|byte| format!("{byte:02x}")).collect::<String>()
    };
    let colons = |text: &str| {
        STANDARD.decode(text).unwrap().iter().map(|byte| format!("{byte:02X}:")).collect::<String>()
    };
    let ed25519 = sequence(&[
        &der(INTEGER, &[0]),
        &sequence(&[&oid(ED25519)]),
        &der(OCTETS, &der(OCTETS, &[0x5a; 32])),
    ]);
    let number = der(INTEGER, &[0x5a; 100]);
    let dsa = sequence(&[&der(INTEGER, &[0]), &number, &number, &number, &number, &number]);
    let sm2_sec1 = sequence(&[
        &der(INTEGER, &[1]),
        &der(OCTETS, &[0x5a; 32]),
        &der(0xa0, &oid(SM2_CURVE)),
        &der(0xa1, &[0x5a; 70]),
    ]);
    let dotnet = "<RSAKeyValue><Modulus>zUaK4N3k</Modulus><Exponent>AQAB</Exponent><D>c2VjcmV0</D></RSAKeyValue>";
    let jwk = r#"{"kty":"RSA","n":"zUaK4N3kzUaK4N3k","e":"AQAB","d":"c2VjcmV0c2VjcmV0"}"#;
    let putty = "PuTTY-User-Key-File-3: ssh-rsa\nEncryption: none\nComment: me\nPublic-Lines: 6\nAAAAB3Nz\nPrivate-Lines: 14\nAAABAQDN\nPrivate-MAC: 00\n";
    let ssh = format!("ssh-rsa {} me@host", bytes(b"\0\0\0\x07ssh-rsa"));
    let ssh2 = format!(
        "---- BEGIN SSH2 PUBLIC KEY ----\nComment: \"me\"\n{}\n---- END SSH2 PUBLIC KEY ----",
        bytes(b"\0\0\0\x07ssh-rsa")
    );
    let html = "<!DOCTYPE html>\n<html><head><title>登录</title></head><body>Sign in</body></html>";
    let settings =
        format!("ALIPAY_APP_ID=2021\nAPP_PRIVATE_KEY={private}\nALIPAY_PUBLIC_KEY={public}\n");
    let other = PrivateKey::generate().unwrap();
    vec![
        // Key stores and bundles, in DER, in base64 of it with and without lines, and read as text.
        (
            "PKCS#12",
            Private,
            binary(pkcs12()),
            &["key store (PKCS#12", "openssl pkcs12 -in FILE -nodes -nocerts"],
        ),
        (
            "PKCS#12",
            App,
            binary(pkcs12()),
            &["key store (PKCS#12", "openssl pkcs12 -in FILE -nokeys"],
        ),
        ("PKCS#12", Public, binary(pkcs12()), &["key store (PKCS#12", "支付宝公钥"]),
        ("PKCS#12", Roots, binary(pkcs12()), &["key store (PKCS#12"]),
        ("PKCS#12", Aes, binary(pkcs12()), &["key store (PKCS#12", "接口内容加密方式"]),
        ("PKCS#12 with lines", Private, pem("PKCS12", &binary(pkcs12())), &["PKCS#12"]),
        ("PKCS#12 as a private key", Private, pem("PRIVATE KEY", &binary(pkcs12())), &["PKCS#12"]),
        ("PKCS#12 as a certificate", App, pem("CERTIFICATE", &binary(pkcs12())), &["PKCS#12"]),
        ("PKCS#12 of base64 of base64", Private, STANDARD.encode(binary(pkcs12())), &["PKCS#12"]),
        (
            "PKCS#12 in BER",
            Private,
            bytes(&[0x30, 0x80, 0x02, 0x01, 0x03, 0x30, 0x80, 0x06, 0x09]),
            &["PKCS#12"],
        ),
        ("PKCS#12 read as text", Private, lossy(&pkcs12()), &["binary data"]),
        (
            "JKS",
            Private,
            bytes(&[0xfe, 0xed, 0xfe, 0xed, 0, 0, 0, 2]),
            &["Java key store", "keytool -importkeystore"],
        ),
        (
            "JCEKS",
            App,
            bytes(&[0xce, 0xce, 0xce, 0xce, 0, 0, 0, 2]),
            &["Java key store", "keytool -exportcert"],
        ),
        (
            "JKS read as text",
            Private,
            lossy(&[0xfe, 0xed, 0xfe, 0xed, 0, 0, 0, 2]),
            &["binary data"],
        ),
        ("PKCS#7", App, binary(pkcs7()), &["PKCS#7", "openssl pkcs7 -print_certs"]),
        (
            "PKCS#7 with lines",
            Alipay,
            pem("PKCS7", &binary(pkcs7())),
            &["PKCS#7", "openssl pkcs7 -print_certs"],
        ),
        ("PKCS#7 as a certificate", Roots, pem("CERTIFICATE", &binary(pkcs7())), &["PKCS#7"]),
        (
            "PKCS#7 among the roots",
            Roots,
            format!("{}{}", key("alipay_root_cert"), pem("PKCS7", &binary(pkcs7()))),
            &["PKCS#7"],
        ),
        ("PKCS#7", Private, binary(pkcs7()), &["PKCS#7", "应用私钥"]),
        (
            "PKCS#7 in BER",
            App,
            bytes(&[0x30, 0x80, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x02]),
            &["PKCS#7"],
        ),
        ("a ZIP archive", App, bytes(b"PK\x03\x04"), &["archive", "unpack"]),
        ("gzip", Private, bytes(&[0x1f, 0x8b, 8]), &["compressed", "unpack"]),
        // Other notations of keys.
        (".NET", Private, own(dotnet), &[".NET", "ExportPkcs8PrivateKeyPem"]),
        (".NET", Public, own(dotnet), &[".NET", "ExportSubjectPublicKeyInfoPem"]),
        (".NET, in quotes", Private, json(dotnet), &[".NET"]),
        (".NET with lines", Private, format!("<?xml version=\"1.0\"?>\n{dotnet}"), &[".NET"]),
        (".NET in base64", Private, STANDARD.encode(dotnet), &[".NET"]),
        ("JWK", Private, own(jwk), &["JWK", "PEM"]),
        ("JWK", Public, own(jwk), &["JWK"]),
        ("JWKS", Public, format!("{{\n \"keys\": [{jwk}]\n}}"), &["JWK"]),
        ("JWK as a string", Private, json(jwk), &["JWK"]),
        (
            "OpenSSH",
            Private,
            pem("OPENSSH PRIVATE KEY", &bytes(b"openssh-key-v1\0")),
            &["OpenSSH", "ssh-keygen -p -m PEM"],
        ),
        ("OpenSSH without lines", Private, bytes(b"openssh-key-v1\0"), &["OpenSSH"]),
        (
            "OpenSSH as a private key",
            Private,
            pem("PRIVATE KEY", &bytes(b"openssh-key-v1\0")),
            &["OpenSSH"],
        ),
        (
            "OpenSSH",
            Public,
            pem("OPENSSH PRIVATE KEY", &bytes(b"openssh-key-v1\0")),
            &["OpenSSH", "支付宝公钥"],
        ),
        ("ssh-rsa", Public, own(&ssh), &["public key in the form of SSH", "支付宝公钥"]),
        ("ssh-rsa", Private, own(&ssh), &["public key in the form of SSH", "应用私钥"]),
        ("ssh-ed25519", Public, own("ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ"), &["SSH"]),
        ("ssh-rsa without its name", Public, bytes(b"\0\0\0\x07ssh-rsa"), &["SSH"]),
        ("SSH2", Public, ssh2, &["SSH"]),
        ("PuTTY", Private, own(putty), &["PuTTY", "puttygen"]),
        ("PGP", Private, pem("PGP PRIVATE KEY BLOCK", &bytes(&[0x95])), &["PGP"]),
        ("PGP", Public, pem("PGP PUBLIC KEY BLOCK", &bytes(&[0x99])), &["PGP", "支付宝公钥"]),
        (
            "encrypted",
            Private,
            own(ENCRYPTED),
            &["encrypted with a password", "openssl pkey -in FILE"],
        ),
        (
            "encrypted, bare",
            Private,
            bare(ENCRYPTED),
            &["encrypted with a password", "openssl pkey"],
        ),
        ("encrypted PKCS#1", Private, own(ENCRYPTED_PKCS1), &["encrypted with a password"]),
        ("encrypted", Public, own(ENCRYPTED), &["encrypted", "支付宝公钥"]),
        ("encrypted", App, own(ENCRYPTED), &["encrypted", "certificate (.crt)"]),
        ("hexadecimal", Private, hex(private), &["hexadecimal", "xxd -r -p"]),
        ("hexadecimal with colons", Private, colons(private), &["hexadecimal"]),
        ("hexadecimal with 0x", Public, format!("0x{}", hex(public)), &["hexadecimal"]),
        ("hexadecimal", App, hex(&bare(key("app_cert"))), &["hexadecimal"]),
        (
            "a dump",
            Private,
            own(
                "00000000: 3082 04a2 0201 0002 8201 0100 cd52 63b7  0.............Rc.\n00000010: 73a1 2fcf",
            ),
            &["hexadecimal"],
        ),
        ("hexadecimal", Aes, hex(key("aes_key")), &["hexadecimal"]),
        ("hexadecimal of 32 bytes", Aes, "0123456789abcdef".repeat(4), &["hexadecimal"]),
        (
            "openssl -text",
            Private,
            own("RSA Private-Key: (2048 bit, 2 primes)\nmodulus:\n    00:cd:52:63\n"),
            &["openssl prints for people"],
        ),
        (
            "openssl -text",
            App,
            own("Certificate:\n    Data:\n        Version: 3 (0x2)\n        Serial Number: 1\n"),
            &["openssl prints for people"],
        ),
        (
            "a trusted certificate",
            App,
            pem("TRUSTED CERTIFICATE", &bare(key("app_cert"))),
            &["trust", "openssl x509"],
        ),
        // Other algorithms.
        ("EC", Private, own(EC), &["not an RSA key", "elliptic curve", "openssl genpkey"]),
        ("EC, SEC 1", Private, own(EC_SEC1), &["not an RSA key", "elliptic curve"]),
        (
            "EC",
            Public,
            binary(info(&[EC_KEY, &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07]])),
            &["elliptic curve"],
        ),
        ("SM2", Private, binary(pkcs8(&[EC_KEY, SM2_CURVE])), &["not an RSA key", "SM2"]),
        ("SM2, SEC 1", Private, binary(sm2_sec1), &["SM2"]),
        ("SM2", Public, binary(info(&[EC_KEY, SM2_CURVE])), &["SM2"]),
        ("Ed25519", Private, pem("PRIVATE KEY", &binary(ed25519)), &["not an RSA key", "Ed25519"]),
        ("Ed25519", Public, binary(info(&[ED25519])), &["Ed25519"]),
        ("DSA", Private, pem("DSA PRIVATE KEY", &binary(dsa.clone())), &["not an RSA key", "DSA"]),
        ("DSA, bare", Private, binary(dsa), &["DSA"]),
        ("DSA, PKCS#8", Private, binary(pkcs8(&[DSA])), &["DSA"]),
        ("RSA-PSS", Private, binary(pkcs8(&[RSA_PSS])), &["PSS"]),
        (
            "an unknown algorithm",
            Private,
            binary(pkcs8(&[&[0x2a, 0x03, 0x04]])),
            &["not an RSA key"],
        ),
        (
            "PKCS#8 without an RSA key in it",
            Private,
            binary(pkcs8(&[RSA])),
            &["not a key or certificate"],
        ),
        // One for another.
        ("a public key", Private, own(public), &["this is a public key", "应用私钥"]),
        ("a private key", Public, own(private), &["this is a private key", "支付宝公钥"]),
        ("the app's own public key", Public, own(key("app_public")), &["app's own public key"]),
        (
            "a certificate",
            Private,
            own(key("app_cert")),
            &["this is a certificate", "Credentials::certificates"],
        ),
        (
            "a certificate",
            Public,
            bare(key("alipay_cert")),
            &["this is a certificate", "Credentials::certificates"],
        ),
        (
            "a certificate",
            Aes,
            own(key("alipay_cert")),
            &["this is a certificate", "接口内容加密方式"],
        ),
        ("a private key", App, private_pem(), &["this is a private key", "certificate (.crt)"]),
        ("a private key", Aes, own(private), &["this is a private key", "接口内容加密方式"]),
        ("a public key", Aes, own(public), &["this is a public key", "接口内容加密方式"]),
        ("a public key", App, own(public), &["this is a public key", "Credentials::keys"]),
        ("a public key", Roots, pem("PUBLIC KEY", public), &["this is a public key"]),
        (
            "a request",
            Private,
            own(REQUEST),
            &["certificate signing request", "private key that it was made with"],
        ),
        ("a request", App, own(REQUEST), &["certificate signing request", "issued for it"]),
        ("a request", Public, bare(REQUEST), &["certificate signing request", "支付宝公钥"]),
        ("an AES key", Private, own(key("aes_key")), &["as short as an AES key", "应用私钥"]),
        ("an AES key", Public, own(key("aes_key")), &["as short as an AES key", "支付宝公钥"]),
        ("an AES key", App, own(key("aes_key")), &["as short as an AES key"]),
        ("an app id", Private, own("2021000000000001"), &["a number", "app id"]),
        ("an app id", Aes, own("2021000000000001"), &["a number", "app id"]),
        (
            "two private keys",
            Private,
            format!("{}{}", private_pem(), &*other.to_pkcs8_pem().unwrap()),
            &["several keys"],
        ),
        (
            "two public keys",
            Public,
            format!("{}{}", pem("PUBLIC KEY", public), other.public_key().to_pem()),
            &["several keys"],
        ),
        (
            "only a certificate and a public key",
            Private,
            format!("{}{}", key("app_cert"), pem("PUBLIC KEY", public)),
            &["this is a certificate"],
        ),
        (
            "a certificate and an encrypted key",
            Private,
            format!("{}{ENCRYPTED}", key("app_cert")),
            &["encrypted with a password"],
        ),
        ("a weak key", Private, own(WEAK), &["1024 bits"]),
        // Damage.
        ("nothing", Private, own(""), &["is empty"]),
        ("quotes only", Public, own("\"\""), &["is empty"]),
        ("a name only", Aes, own("  \u{feff}\n"), &["is empty"]),
        (
            "an empty PEM text",
            App,
            own("-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----"),
            &["is empty"],
        ),
        ("half a key", Private, cut(private, 824), &["824 characters", "missing"]),
        ("a lost character at the end", Private, cut(private, 1), &["1 characters", "missing"]),
        (
            "lost lines",
            Private,
            private_pem()
                .lines()
                .enumerate()
                .filter(|(at, _)| *at != 5)
                .map(|(_, line)| format!("{line}\n"))
                .collect(),
            &["64 characters", "missing"],
        ),
        (
            "a lost character",
            Private,
            format!("{}{}", &private[..700], &private[701..]),
            &["1 characters", "missing"],
        ),
        (
            "five lost characters",
            Public,
            format!("{}{}", &public[..100], &public[105..]),
            &["5 characters", "missing"],
        ),
        (
            "a lost character",
            App,
            key("app_cert").replacen("AQ", "Q", 1),
            &["1 characters", "missing"],
        ),
        ("lost plus signs", Private, private.replace('+', " "), &["missing", "`+`"]),
        (
            "a character more",
            Private,
            format!("{}A{}", &private[..700], &private[700..]),
            &["1 characters", "too many"],
        ),
        ("a key twice", Private, format!("{private}{private}"), &["too many"]),
        (
            "a key and something",
            Public,
            format!("{}{}", public.trim_end_matches('='), "abcd"),
            &["too many"],
        ),
        ("two strings", Aes, format!("{0}{0}", key("aes_key")), &["`=` stands within"]),
        ("the first character lost", Private, private[1..].to_owned(), &["beginning"]),
        ("the first line lost", Private, private[64..].to_owned(), &["beginning"]),
        (
            "another alphabet",
            Private,
            private.replace('A', "А"),
            &["characters that neither PEM nor base64"],
        ),
        ("a lost character", Aes, key("aes_key")[1..].to_owned(), &["too few or too many"]),
        ("no padding", Aes, key("aes_key").replace('=', ""), &["too few or too many"]),
        ("one character more", Aes, format!("A{}", key("aes_key")), &["too few or too many"]),
        ("three bytes", Aes, own("AAAA"), &["3 bytes"]),
        (
            "a damaged length",
            Private,
            own("MIR//////wIBADANBgkqhkiG9w0BAQEFAASCBKgwggSkAgEAAoIBAQ"),
            &["states a length that none has", "copy"],
        ),
        (
            "a lost character of one like DER",
            Aes,
            own("MIIEBCNBrBQWFBYGCAoMDg="),
            &["too few or too many"],
        ),
        (
            "prose",
            Private,
            own("please ask the administrator for it!"),
            &["neither PEM nor base64"],
        ),
        ("masked", Private, format!("{}****{}", &private[..20], &private[1600..]), &["masked"]),
        ("masked at the end", Private, format!("{}******", &private[..20]), &["masked"]),
        (
            "masked with dots",
            Private,
            format!("{}...{}", &private[..20], &private[1600..]),
            &["masked"],
        ),
        ("masked with an ellipsis", Public, format!("{}…", &public[..20]), &["masked"]),
        ("masked with bullets", Aes, own("rkNe••••••••••••"), &["masked"]),
        ("masked with crosses", Aes, own("rkNexxxxxxxxxxxxxx=="), &["masked"]),
        (
            "masked PEM",
            Private,
            own("-----BEGIN PRIVATE KEY-----\n...\n-----END PRIVATE KEY-----"),
            &["masked"],
        ),
        // What is no key at all.
        ("a path", Private, own("/etc/alipay/app.pem"), &["path or name of a file", "read_file"]),
        ("a path without an end", Private, own("/home/me/keys/app"), &["path or name of a file"]),
        ("a path of Windows", Private, own("C:\\new\\temp\\app.pem"), &["path or name of a file"]),
        (
            "a path of Windows without an end",
            Private,
            own("D:\\keys\\app"),
            &["path or name of a file"],
        ),
        ("a name", App, own("appCertPublicKey_2021000000000001.crt"), &["path or name of a file"]),
        (
            "a name in quotes",
            App,
            own("\"appCertPublicKey_2021000000000001.crt\""),
            &["path or name of a file"],
        ),
        (
            "a setting with a path",
            Roots,
            own("ROOT=certs/alipayRootCert.crt"),
            &["path or name of a file"],
        ),
        ("a path in the home", Aes, own("~/aes.txt"), &["path or name of a file"]),
        ("an address", Public, own("https://open.alipay.com/key.pem"), &["address"]),
        ("a page", App, own(html), &["HTML page"]),
        ("a page", Private, own(html), &["HTML page"]),
        ("a page in base64", Private, STANDARD.encode(html), &["HTML page"]),
        (
            "a JSON document",
            Private,
            format!("{{\"app_id\": \"2021\", \"privateKey\": \"{private}\"}}"),
            &["JSON document"],
        ),
        ("a JSON list", Public, format!("[\"{public}\", \"{public}\"]"), &["JSON document"]),
        (
            "an XML document",
            Private,
            own("<?xml version=\"1.0\"?><config><key>MIIE</key></config>"),
            &["XML document"],
        ),
        ("settings", Private, settings, &["several settings"]),
        ("a placeholder", Private, own("YOUR_PRIVATE_KEY"), &["placeholder"]),
        ("a placeholder", Aes, own("your-aes-key"), &["placeholder"]),
        ("a placeholder in brackets", Public, own("<the key of alipay>"), &["placeholder"]),
        (
            "a placeholder in PEM",
            Private,
            own("-----BEGIN PRIVATE KEY-----\nYOUR KEY\n-----END PRIVATE KEY-----"),
            &["placeholder"],
        ),
        (
            "a placeholder in Chinese",
            Private,
            own("请填写您的应用私钥，例如：MIIEvQIB"),
            &["placeholder"],
        ),
        ("a placeholder in Chinese", Public, own("您的支付宝公钥"), &["placeholder"]),
        ("a variable", Private, own("${APP_PRIVATE_KEY}"), &["placeholder"]),
        ("a variable", Private, own("$APP_PRIVATE_KEY"), &["placeholder"]),
        ("a variable", Aes, own("{{ alipay.aes }}"), &["placeholder"]),
        ("a variable of Windows", Private, own("%ALIPAY%"), &["placeholder"]),
        (
            "lost backslashes",
            Private,
            private_pem().replace('\n', "n"),
            &["line feeds", "the letter n", "backslash"],
        ),
        ("slashes for them", App, key("app_cert").replace('\n', "/n"), &["the letter n"]),
        (
            "Jasypt",
            Private,
            format!("ENC({})", "wQ3fN8Yk".repeat(8)),
            &["encrypted by another tool"],
        ),
        (
            "Spring Cloud",
            Private,
            format!("KEY={{cipher}}{}", "AQBz7kfm".repeat(8)),
            &["encrypted by another tool"],
        ),
        ("SOPS", Aes, own("ENC[AES256_GCM,data:p673w==,type:str]"), &["encrypted by another tool"]),
        (
            "Ansible Vault",
            Private,
            own("$ANSIBLE_VAULT;1.1;AES256\n3136626431626536303630376432\n"),
            &["encrypted by another tool"],
        ),
        (
            "age",
            Private,
            pem("AGE ENCRYPTED FILE", &bytes(b"age-encryption.org/v1\n")),
            &["encrypted by another tool"],
        ),
        (
            "Git LFS",
            App,
            own("version https://git-lfs.github.com/spec/v1\noid sha256:4d7a2146\nsize 1704\n"),
            &["Git LFS", "git lfs pull"],
        ),
        ("RTF", Private, format!("{{\\rtf1\\ansi {private}}}"), &["document", "plain text"]),
        ("PDF", App, own("%PDF-1.7\n1 0 obj"), &["document"]),
        ("PDF in base64", App, bytes(b"%PDF-1.7\n"), &["document"]),
        ("DOC", Private, bytes(&[0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1]), &["document"]),
        ("PNG", Private, bytes(b"\x89PNG\r\n\x1a\n"), &["picture"]),
        ("JPEG", Private, bytes(&[0xff, 0xd8, 0xff, 0xe0]), &["picture"]),
        ("bzip2", Private, bytes(b"BZh91AY&SY"), &["compressed", "unpack"]),
        ("xz", Private, bytes(b"\xfd7zXZ\0"), &["compressed"]),
        ("Java's bytes", Private, own("[B@1b6d3586"), &["a program prints"]),
        (
            "Java's object",
            Public,
            own("sun.security.rsa.RSAPublicKeyImpl@ffc3d1e2"),
            &["a program prints"],
        ),
        (
            "Python's object",
            Private,
            own("<RSAPrivateKey object at 0x7f3a>"),
            &["a program prints"],
        ),
        (
            "Node's bytes",
            Private,
            own("<Buffer 2d 2d 2d 2d 2d 42 45 ... 9 more bytes>"),
            &["a program prints"],
        ),
        ("Go's bytes", Private, format!("[{}]", "45 ".repeat(40)), &["a program prints"]),
        ("numbers of bytes", App, "48, -126, 4, ".repeat(20), &["a program prints"]),
        (
            "C's bytes",
            Private,
            format!("{{ {} }}", "0x30, 0x82, ".repeat(20)),
            &["a program prints"],
        ),
        ("escaped bytes", Aes, "\\x30\\xa2".repeat(8), &["a program prints"]),
        (
            "a variable in Go",
            Private,
            format!("[]byte(\"{private}\")"),
            &["neither PEM nor base64"],
        ),
        (
            "a damaged certificate in front",
            App,
            format!("{}{}", pem("CERTIFICATE", &bare(key("app_cert"))[64..]), key("app_cert")),
            &["beginning or another part lost"],
        ),
        (
            "a damaged length among the roots",
            Roots,
            format!("{}{}", key("alipay_root_cert"), pem("CERTIFICATE", "MIT/////MIIDIC")),
            &["states a length that none has"],
        ),
        // What could be an AES key by its length.
        ("digits", Aes, own("20210000000000012088102146225135"), &["a number"]),
        ("a path", Aes, own("/etc/alipay/keys/aeskeyofproduct"), &["path or name of a file"]),
        ("crosses", Aes, format!("{}==", "x".repeat(22)), &["masked"]),
        ("null", Private, own("null"), &["no value"]),
        ("undefined", Aes, own("undefined"), &["no value"]),
        ("None", App, own("None"), &["no value"]),
    ]
}

#[test]
fn what_is_given_by_mistake_is_named() {
    for (name, input, text, words) in given() {
        assert_named(input, name, &text, words);
    }
}

/// The terms of the console are in the messages.
#[test]
fn messages_say_which_input_it_was() {
    for (input, name) in [
        (Private, "the app's private key (应用私钥): "),
        (Public, "Alipay's public key (支付宝公钥): "),
        (App, "the app's certificate (应用公钥证书): "),
        (Alipay, "Alipay's certificate (支付宝公钥证书): "),
        (Roots, "the root certificates (支付宝根证书): "),
        (Aes, "the AES key (接口内容加密方式的 AES 密钥): "),
    ] {
        for text in ["", "null", "/etc/app.pem", ENCRYPTED] {
            let error = read(input, text).unwrap_err();
            assert!(error.starts_with(name), "{error}");
        }
    }
}

#[test]
fn other_things_may_stand_beside() {
    let (private, public) = (private_pem(), pem("PUBLIC KEY", key("alipay_public")));
    let (app, alipay, roots) = (key("app_cert"), key("alipay_cert"), key("alipay_root_cert"));
    let same = |input, text: &str, alone: &str| {
        assert_eq!(read(input, text).unwrap(), read(input, alone).unwrap(), "{input:?}");
    };
    same(Private, &format!("{app}{private}"), &private);
    same(Private, &format!("{private}{app}{public}"), &private);
    same(Private, &format!("{private}{private}"), &private);
    same(Public, &format!("{private}{public}"), &public);
    same(Public, &format!("{public}{alipay}"), &public);
    same(App, &format!("{private}{app}"), app);
    same(App, &format!("{REQUEST}{app}"), app);
    same(Alipay, &format!("{public}{alipay}"), alipay);
    same(Roots, &format!("{public}{roots}"), roots);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Whatever is done to a key, a message has no eight characters of it in a row.
    #[test]
    fn no_message_shows_a_key(
        which in 0usize..ALL.len(),
        into in 0usize..ALL.len(),
        way in 0usize..ON_THE_WAY.len(),
        from: prop::sample::Index,
        to: prop::sample::Index,
        insert in "\\PC{0,3}",
    ) {
        let text = [lines_of(ALL[which]), bare_of(ALL[which])].into_iter().flatten().last().unwrap();
        let (from, to) = (from.index(text.len()), to.index(text.len()));
        let (from, to) = (from.min(to), from.max(to));
        let damaged = format!("{}{insert}{}", &text[..from], &text[to..]);
        for text in [&ON_THE_WAY[way].1(&damaged), &damaged, &text[from..to]] {
            if let Err(error) = read(ALL[into], text) {
                let shown = parts(text).find(|part| error.contains(part));
                prop_assert_eq!(shown, None, "{}", error);
            }
        }
    }

    #[test]
    fn anything_is_taken_calmly(bytes: Vec<u8>, text in "\\PC*", signs in "[-BEGINDbegin \\\\%&;<>=:\"'\n0-9a-f]*") {
        let bytes = STANDARD.encode(&bytes);
        let label = format!("-----BEGIN {text}-----{signs}-----END {text}-----");
        for input in ALL {
            for text in [&bytes, &text, &signs, &label] {
                let _ = read(input, text);
            }
        }
    }
}

/// Work grows with the length of a text, not with its square.
#[test]
fn long_texts_are_read_at_once() {
    let (done, waiting) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        for part in [
            "\\",
            "\\\\u",
            "%25",
            "&",
            "&#",
            "<",
            "-",
            "- ",
            "BEGIN",
            "-----BEGIN ",
            "--END",
            "E",
            "=",
            ":",
            "\"",
            "1\n",
            "1: a\n",
            "a=b\n",
            " ",
            "\n",
            "+ ",
            ">",
            "<br",
            "-----BEGIN A-----\n",
            "----BEGIN KEY----\n",
            "LS0t",
            "中",
        ] {
            let text = part.repeat(256 * 1024 / part.len());
            for input in [Private, Roots, Aes] {
                assert!(read(input, &text).is_err(), "{part}");
            }
        }
        done.send(())
    });
    waiting.recv_timeout(std::time::Duration::from_secs(300)).unwrap();
}
