//! Credentials and a client from environment variables: what they say, what is missing or wrong, and that no
//! value is shown.

#![cfg(feature = "reqwest")]
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "tests fail by panicking")]

use crate::common;

use std::{ffi::OsStr, path::PathBuf, process::Command};

use alipay_core::{Client, Credentials, keys::PrivateKey, settings::Settings};
use common::key;

/// Every variable that is read.
const VARIABLES: [&str; 9] = [
    "ALIPAY_BASE_URL",
    "ALIPAY_ALLOW_HTTP_FOR",
    "ALIPAY_APP_ID",
    "ALIPAY_PRIVATE_KEY",
    "ALIPAY_PUBLIC_KEY",
    "ALIPAY_APP_CERT",
    "ALIPAY_CERT",
    "ALIPAY_ROOT_CERT",
    "ALIPAY_ENCRYPT_KEY",
];
/// Set for the process that reads the variables.
const CHILD: &str = "ALIPAY_CORE_TEST_SETTINGS";

/// Runs in a process of its own, which has the variables of the next tests.
#[test]
fn what_the_environment_says() {
    match std::env::var(CHILD).as_deref() {
        Ok("client") => match Client::from_env() {
            Ok(client) => println!("<<{client:?}>>"),
            Err(error) => println!("<<{error}|{error:?}>>"),
        },
        Ok("client, if set") => match Client::from_env_if_set() {
            Ok(client) => println!("<<{client:?}>>"),
            Err(error) => println!("<<{error}>>"),
        },
        Ok("problems") => {
            let settings = Settings::from_env_at(common::certified());
            let problems: Vec<_> = settings.problems().iter().map(ToString::to_string).collect();
            println!("<<{}|{settings:?}>>", problems.join("\n"));
        }
        Ok("certificates") => match Settings::from_env_at(common::certified()).into_credentials() {
            Ok(credentials) => println!("<<{credentials:?}>>"),
            Err(error) => println!("<<{error}>>"),
        },
        Ok(_) => match Credentials::from_env() {
            Ok(credentials) => println!("<<{credentials:?}>>"),
            Err(error) => println!("<<{error}|{error:?}>>"),
        },
        Err(_) => {}
    }
}

/// What is made of these variables: `Debug` of it, or the error.
fn made(what: &str, variables: &[(&str, &OsStr)]) -> String {
    let mut child = Command::new(std::env::current_exe().unwrap());
    child.args(["--exact", "--nocapture", "settings::what_the_environment_says"]).env(CHILD, what);
    for name in VARIABLES {
        child.env_remove(name);
    }
    let output = child.envs(variables.iter().copied()).output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{text}");
    text.split_once("<<").unwrap().1.split_once(">>").unwrap().0.to_owned()
}

/// A setting that works, in key mode.
fn good() -> Vec<(&'static str, String)> {
    vec![
        ("ALIPAY_BASE_URL", " https://openapi-sandbox.dl.alipaydev.com\n".to_owned()),
        ("ALIPAY_APP_ID", format!("{}\n", key("app_id"))),
        ("ALIPAY_PRIVATE_KEY", key("app_private_pkcs8").to_owned()),
        ("ALIPAY_PUBLIC_KEY", key("alipay_public").to_owned()),
    ]
}

fn client(variables: &[(&str, String)]) -> String {
    let variables: Vec<_> =
        variables.iter().map(|(name, value)| (*name, OsStr::new(value))).collect();
    made("client", &variables)
}

/// The same with one variable more, or other than it was.
fn with(name: &'static str, value: &str) -> String {
    let mut variables = good();
    variables.retain(|(other, _)| *other != name);
    variables.push((name, value.to_owned()));
    client(&variables)
}

fn fixture(file: &str) -> PathBuf {
    [env!("CARGO_MANIFEST_DIR"), "tests/fixtures", file].iter().collect()
}

#[test]
fn variables_make_a_client() {
    let plain = client(&good());
    assert!(plain.contains("https://openapi-sandbox.dl.alipaydev.com\""), "{plain}");
    assert!(plain.contains("mode: \"keys\"") && plain.contains("encrypted: false"), "{plain}");
    let encrypted = with("ALIPAY_ENCRYPT_KEY", key("aes_key"));
    assert!(encrypted.contains("encrypted: true"), "{encrypted}");
    // Credentials alone need no gateway.
    let variables = good();
    let variables: Vec<_> =
        variables.iter().skip(1).map(|(name, value)| (*name, OsStr::new(value))).collect();
    assert!(made("credentials", &variables).starts_with("Credentials {"));
}

#[test]
fn a_gateway_for_tests_without_https_is_named() {
    let made = |url: &str, host: Option<&str>| {
        let mut variables = good();
        variables.retain(|(name, _)| *name != "ALIPAY_BASE_URL");
        variables.push(("ALIPAY_BASE_URL", url.to_owned()));
        variables.extend(host.map(|host| ("ALIPAY_ALLOW_HTTP_FOR", host.to_owned())));
        client(&variables)
    };
    let url = "http://alipay-mock:8787";
    let client = made(url, Some(" alipay-mock\n"));
    assert!(client.starts_with("Client {") && client.contains(url), "{client}");
    for host in [None, Some(""), Some("other")] {
        let text = made(url, host);
        assert!(text.starts_with("ALIPAY_BASE_URL: the base URL: plain http is allowed"), "{text}");
        assert!(text.contains("(`ALIPAY_ALLOW_HTTP_FOR`)"), "{text}");
    }
    let text = made("http://openapi.alipay.com", None);
    assert!(text.starts_with("ALIPAY_BASE_URL: the base URL: Alipay's own hosts"), "{text}");
    for (host, part) in [
        ("openapi.alipay.com", "Alipay's own hosts are called by https only"),
        ("http://alipay-mock:8787", "without scheme and port"),
    ] {
        for url in ["http://openapi.alipay.com", "https://openapi.alipay.com", url] {
            let text = made(url, Some(host));
            assert!(text.starts_with("ALIPAY_ALLOW_HTTP_FOR: the host that "), "{text}");
            assert!(text.contains(part), "{text}");
        }
    }
}

#[test]
fn a_variable_may_name_a_file() {
    let folder = std::env::temp_dir().join(format!("alipay-core-settings-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    for (file, name) in [("private.txt", "app_private_pkcs8"), ("empty.txt", "")] {
        let text = if name.is_empty() { "\n" } else { key(name) };
        std::fs::write(folder.join(file), text).unwrap();
    }
    let at = |file: &str| format!(" @{}\n", folder.join(file).display());
    let read = with("ALIPAY_PRIVATE_KEY", &at("private.txt"));
    let empty = with("ALIPAY_PRIVATE_KEY", &at("empty.txt"));
    let gone = with("ALIPAY_PRIVATE_KEY", &at("gone.txt"));
    let not_encrypted = with("ALIPAY_ENCRYPT_KEY", &at("empty.txt"));
    let folder_itself = with("ALIPAY_PRIVATE_KEY", &at(""));
    let name = with("ALIPAY_PRIVATE_KEY", "keys/private.txt");
    std::fs::remove_dir_all(&folder).unwrap();
    assert!(read.starts_with("Client {"), "{read}");
    assert!(empty.starts_with("ALIPAY_PRIVATE_KEY: the file "), "{empty}");
    assert!(empty.contains("empty.txt is empty|"), "{empty}");
    // Without the key nothing would be encrypted.
    assert!(not_encrypted.starts_with("ALIPAY_ENCRYPT_KEY: the file "), "{not_encrypted}");
    assert!(folder_itself.contains("is a directory; give the path of a file"), "{folder_itself}");
    assert!(name.contains("or in an environment variable `@` and the path"), "{name}");
    let none = with("ALIPAY_PRIVATE_KEY", "@");
    assert!(none.starts_with("ALIPAY_PRIVATE_KEY: the path of a file is missing"), "{none}");
    let home = with("ALIPAY_PRIVATE_KEY", "@~/no such folder/app.pem");
    assert!(home.starts_with("ALIPAY_PRIVATE_KEY: `~` stands for no folder"), "{home}");
    assert!(gone.starts_with("ALIPAY_PRIVATE_KEY: the file "), "{gone}");
    // The rest are the system's words.
    assert!(gone.contains("gone.txt cannot be read: "), "{gone}");
}

#[test]
fn what_is_missing_is_named() {
    let terms = ["the base URL", "the app id", "(应用私钥)", "(支付宝公钥)"];
    for ((name, _), term) in good().into_iter().zip(terms) {
        for value in [None, Some("  ")] {
            let mut variables = good();
            variables.retain(|(other, _)| *other != name);
            variables.extend(value.map(|value| (name, value.to_owned())));
            let text = client(&variables);
            assert!(text.starts_with(&format!("{name}: ")), "{text}");
            let rest = "it is not set; give the value, or `@` and the path of a file";
            assert!(text.contains(&format!("{term}: {rest}")), "{text}");
        }
    }
    // Any of the certificates asks for certificate mode.
    for (given, missing) in [
        ("ALIPAY_CERT", "ALIPAY_APP_CERT: the app's certificate (应用公钥证书)"),
        ("ALIPAY_ROOT_CERT", "ALIPAY_APP_CERT: the app's certificate (应用公钥证书)"),
        ("ALIPAY_APP_CERT", "ALIPAY_CERT: Alipay's certificate (支付宝公钥证书)"),
    ] {
        let text = with(given, key("app_cert"));
        let expected = format!("{missing}: it is not set; certificate mode (公钥证书模式) needs");
        assert!(text.starts_with(&expected), "{text}");
    }
}

/// Nobody reads it in certificate mode.
#[test]
fn a_public_key_that_is_not_used_may_be_wrong() {
    let made = |alipay: &str, public: &str| {
        let mut variables = good();
        variables.retain(|(name, _)| *name != "ALIPAY_PUBLIC_KEY");
        variables.extend([
            ("ALIPAY_APP_CERT", key("app_cert").to_owned()),
            ("ALIPAY_CERT", alipay.to_owned()),
            ("ALIPAY_ROOT_CERT", key("alipay_root_cert").to_owned()),
            ("ALIPAY_PUBLIC_KEY", public.to_owned()),
        ]);
        let variables: Vec<_> =
            variables.iter().map(|(name, value)| (*name, OsStr::new(value))).collect();
        made("certificates", &variables)
    };
    for public in ["@/nowhere/c", "@", "no key"] {
        let credentials = made(key("alipay_cert"), public);
        assert!(credentials.starts_with("Credentials {"), "{credentials}");
    }
    let wrong = made("@/nowhere/cert", "@/nowhere/c");
    assert!(wrong.starts_with("ALIPAY_CERT: the file /nowhere/cert"), "{wrong}");
}

#[test]
fn what_is_wrong_is_named_and_not_shown() {
    let weak = format!("@{}", fixture("keys/weak.pem").display());
    for (name, value, expected) in [
        ("ALIPAY_BASE_URL", "openapi.alipay.com", "the base URL: "),
        ("ALIPAY_APP_ID", "2021 000", "the app id: it is malformed"),
        (
            "ALIPAY_PRIVATE_KEY",
            "c2VjcmV0IHNlY3JldCBzZWNyZXQ=",
            "the app's private key (应用私钥): ",
        ),
        ("ALIPAY_PRIVATE_KEY", weak.as_str(), "the app's private key (应用私钥): "),
        ("ALIPAY_PUBLIC_KEY", "c2VjcmV0IHNlY3JldCBzZWNyZXQ=", "Alipay's public key (支付宝公钥): "),
        ("ALIPAY_ENCRYPT_KEY", "c2VjcmV0", "the AES key (接口内容加密方式的 AES 密钥): "),
    ] {
        let text = with(name, value);
        assert!(text.starts_with(&format!("{name}: {expected}")), "{text}");
        assert!(!text.contains("c2VjcmV0") && !text.contains("secret"), "{text}");
    }
    // A key in the place of a path.
    let text = with("ALIPAY_PRIVATE_KEY", &format!("@{}", key("app_private_pkcs8")));
    assert!(text.starts_with("ALIPAY_PRIVATE_KEY: what was given as the path"), "{text}");
    assert!(!text.contains(&key("app_private_pkcs8")[..40]), "{text}");
    let mut variables = good();
    for name in ["ALIPAY_APP_CERT", "ALIPAY_CERT", "ALIPAY_ROOT_CERT"] {
        variables.push((name, "c2VjcmV0".to_owned()));
    }
    let text = client(&variables);
    assert!(text.starts_with("ALIPAY_APP_CERT: the app's certificate (应用公钥证书): "), "{text}");
}

#[cfg(unix)]
#[test]
fn bytes_that_are_no_text_are_not_shown() {
    use std::os::unix::ffi::OsStrExt as _;

    let text = made("client", &[("ALIPAY_BASE_URL", OsStr::from_bytes(b"c2VjcmV0\xff"))]);
    assert!(text.starts_with("ALIPAY_BASE_URL: it is not UTF-8; write the value"), "{text}");
    assert!(!text.contains("c2VjcmV0"), "{text}");
}

#[test]
fn a_part_of_the_settings_is_not_taken_for_none() {
    let if_set = |variables: &[(&str, &OsStr)]| made("client, if set", variables);
    assert_eq!(if_set(&[]), "None");
    assert_eq!(if_set(&VARIABLES.map(|name| (name, OsStr::new("")))), "None");
    for name in VARIABLES {
        let made = if_set(&[(name, OsStr::new("x"))]);
        assert!(made.contains(": it is not set"), "{name}: {made}");
    }
    let good = good();
    let good: Vec<_> = good.iter().map(|(name, value)| (*name, OsStr::new(value))).collect();
    assert!(if_set(&good).starts_with("Some(Client"), "{}", if_set(&good));
}

/// All problems of these variables, without the rest.
fn problems(variables: &[(&'static str, String)]) -> Vec<String> {
    let variables: Vec<_> =
        variables.iter().map(|(name, value)| (*name, OsStr::new(value))).collect();
    let made = made("problems", &variables);
    let (problems, debug) = made.rsplit_once('|').unwrap();
    for secret in [key("app_private_pkcs8"), key("aes_key"), "c2VjcmV0"] {
        assert!(!problems.contains(secret) && !debug.contains(secret), "{made}");
    }
    problems.lines().map(str::to_owned).collect()
}

/// Each begins as it should, and none is left out.
fn begin(problems: &[String], expected: &[&str]) {
    assert_eq!(problems.len(), expected.len(), "{problems:#?}");
    for (problem, expected) in problems.iter().zip(expected) {
        assert!(problem.starts_with(expected), "{problem}\n{expected}");
    }
}

#[test]
fn all_problems_are_found_at_once() {
    begin(&problems(&good()), &[]);
    begin(
        &problems(&[
            ("ALIPAY_BASE_URL", "https://openapi.alipay.com/gateway.do".to_owned()),
            ("ALIPAY_ALLOW_HTTP_FOR", "http://x".to_owned()),
            ("ALIPAY_PRIVATE_KEY", "c2VjcmV0".to_owned()),
            ("ALIPAY_PUBLIC_KEY", "@/nowhere/c".to_owned()),
            ("ALIPAY_ENCRYPT_KEY", "c2VjcmV0".to_owned()),
        ]),
        &[
            "ALIPAY_PUBLIC_KEY: the file /nowhere/c cannot be read",
            "ALIPAY_APP_ID: the app id: it is not set",
            "ALIPAY_ALLOW_HTTP_FOR: the host that plain http is allowed for: it must be one host",
            "ALIPAY_BASE_URL: the base URL: /gateway.do belongs to the older protocol",
            "ALIPAY_PRIVATE_KEY: the app's private key (应用私钥): ",
            "ALIPAY_ENCRYPT_KEY: the AES key (接口内容加密方式的 AES 密钥): ",
        ],
    );
    let mut own = good();
    own.retain(|(name, _)| *name != "ALIPAY_PUBLIC_KEY");
    own.push(("ALIPAY_PUBLIC_KEY", key("app_public").to_owned()));
    begin(
        &problems(&own),
        &["ALIPAY_PUBLIC_KEY: Alipay's public key (支付宝公钥): this is the app's own"],
    );
}

#[test]
fn what_does_not_belong_together_is_found_at_once() {
    let with = |app: &str, alipay: &str, root: &str, more: &[(&'static str, &str)]| {
        let mut variables = good();
        variables.retain(|(name, _)| !more.iter().any(|(other, _)| other == name));
        variables.extend([
            ("ALIPAY_APP_CERT", app.to_owned()),
            ("ALIPAY_CERT", alipay.to_owned()),
            ("ALIPAY_ROOT_CERT", root.to_owned()),
        ]);
        variables.extend(more.iter().map(|(name, value)| (*name, (*value).to_owned())));
        problems(&variables)
    };
    let [app, alipay, root] = ["app_cert", "alipay_cert", "alipay_root_cert"].map(key);
    begin(&with(app, alipay, root, &[]), &[]);
    begin(
        &with(alipay, app, &format!("{root}{app}"), &[]),
        &[
            "ALIPAY_APP_CERT: the app's certificate (应用公钥证书): it was issued for another key",
            "ALIPAY_CERT: Alipay's certificate (支付宝公钥证书): this is the app's certificate",
            "ALIPAY_ROOT_CERT: the root certificates (支付宝根证书): Alipay's certificate",
        ],
    );
    let other = PrivateKey::generate().unwrap().to_pkcs8_pem().unwrap();
    let other = with(app, alipay, root, &[("ALIPAY_PRIVATE_KEY", &other)]);
    begin(&other, &["ALIPAY_APP_CERT: the app's certificate (应用公钥证书): it was issued for"]);
    begin(
        &with(root, "x", "x", &[]),
        &[
            "ALIPAY_APP_CERT: the app's certificate (应用公钥证书): this is one of the root",
            "ALIPAY_CERT: Alipay's certificate (支付宝公钥证书): ",
            "ALIPAY_ROOT_CERT: the root certificates (支付宝根证书): ",
        ],
    );
}
