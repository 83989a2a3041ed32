//! `alipay keys`: what it makes is read by openssl, and what it shows is no secret.

use std::path::Path;
use std::process::Command;

use alipay_core::keys::PrivateKey;
use alipay_mock::Gateway;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::harness::{alipay, two_gateways};

/// What openssl prints; `None`, which is said, where there is none.
fn openssl(arguments: &[&str]) -> Option<String> {
    match Command::new("openssl").args(arguments).output() {
        Ok(output) => {
            let text = [output.stdout, output.stderr].concat();
            let text = String::from_utf8_lossy(&text).into_owned();
            assert!(output.status.success(), "openssl {arguments:?}: {text}");
            Some(text)
        }
        Err(error) => {
            eprintln!("skipped: openssl cannot be started: {error}");
            None
        }
    }
}

fn path(folder: &Path, name: &str) -> String {
    folder.join(name).to_str().unwrap().to_owned()
}

fn read(folder: &Path, name: &str) -> String {
    std::fs::read_to_string(folder.join(name)).unwrap().trim_end().to_owned()
}

/// The public key of a gateway's app.
fn public_of(gateway: &Gateway) -> String {
    PrivateKey::parse(gateway.app_private_key()).unwrap().public_key().to_base64()
}

/// A folder with new keys and a request.
fn generated() -> (tempfile::TempDir, String) {
    let folder = tempfile::tempdir().unwrap();
    let out = path(folder.path(), "keys");
    let subject = "CN=example.com,O=Example\\, Ltd,C=CN";
    alipay(["keys", "generate", "--out", &out, "--csr", subject]).run().ends(0);
    (folder, out)
}

#[test]
fn a_new_pair_has_each_form_and_no_file_is_replaced() {
    let (_folder, out) = generated();
    let folder = Path::new(&out);
    let key = PrivateKey::parse(&read(folder, "app_private_key.pem")).unwrap();
    assert_eq!(key.public_key().bits(), 2048);
    assert_eq!(read(folder, "app_private_key_pkcs8.txt"), *key.to_pkcs8_base64().unwrap());
    assert_eq!(read(folder, "app_private_key_pkcs1.txt"), *key.to_pkcs1_base64().unwrap());
    assert_eq!(read(folder, "app_public_key.txt"), key.public_key().to_base64());
    assert_eq!(read(folder, ".gitignore"), "*");
    #[cfg(unix)]
    for (name, mode) in [("app_private_key.pem", 0o600), ("app_request.csr", 0o600), ("", 0o700)] {
        use std::os::unix::fs::PermissionsExt as _;
        let found = folder.join(name).metadata().unwrap().permissions().mode();
        assert_eq!(found & 0o777, mode, "{name}");
    }

    let again = alipay(["keys", "generate", "--out", &out]).run().ends(2);
    assert!(again.stderr.contains("is there already, and no file is replaced"), "{}", again.stderr);
    // Of a run that fails, nothing is left.
    std::fs::remove_file(folder.join("app_private_key.pem")).unwrap();
    alipay(["keys", "generate", "--out", &out]).run().ends(2);
    assert!(!folder.join("app_private_key.pem").exists());
    assert_eq!(read(folder, "app_public_key.txt"), key.public_key().to_base64());
}

#[test]
fn a_new_pair_is_not_shown_unless_asked() {
    let folder = tempfile::tempdir().unwrap();
    let out = path(folder.path(), "keys");
    let made = alipay(["keys", "generate", "--bits", "3072", "--out", &out, "--json"]);
    let made = made.run().ends(0);
    let secret = read(Path::new(&out), "app_private_key_pkcs8.txt");
    made.hides([secret.as_str(), read(Path::new(&out), "app_private_key_pkcs1.txt").as_str()]);
    let document = made.json();
    assert_eq!((&document["bits"], document["files"].as_array().unwrap().len()), (&3072.into(), 4));

    let printed = alipay(["keys", "generate", "--print"]).run().ends(0);
    let key = PrivateKey::parse(&printed.stdout).unwrap();
    assert!(printed.stderr.contains(&key.public_key().to_base64()));
    let printed = alipay(["keys", "generate", "--print", "--json"]).run().ends(0).json();
    let key = PrivateKey::parse(printed["private_key"].as_str().unwrap()).unwrap();
    assert_eq!(printed["public_key"], key.public_key().to_base64());
    alipay(["keys", "generate"]).run().ends(2);
    alipay(["keys", "generate", "--bits", "1024", "--print"]).run().ends(2);
}

#[test]
fn openssl_takes_each_form() {
    let (_folder, out) = generated();
    let folder = Path::new(&out);
    let pem = path(folder, "app_private_key.pem");
    let Some(checked) = openssl(&["pkey", "-in", &pem, "-check", "-noout"]) else { return };
    assert!(checked.contains("Key is valid"), "{checked}");
    let request = path(folder, "app_request.csr");
    let checked = openssl(&["req", "-in", &request, "-noout", "-verify", "-subject", "-pubkey"]);
    let checked = checked.unwrap();
    assert!(checked.contains("verify OK") && checked.contains("Example, Ltd"), "{checked}");
    let public = openssl(&["pkey", "-in", &pem, "-pubout"]).unwrap();
    assert!(checked.contains(&public), "{checked}\n{public}");

    for (form, begin) in [
        ("pkcs1-pem", "-----BEGIN RSA PRIVATE KEY-----"),
        ("pkcs8-pem", "-----BEGIN PRIVATE KEY-----"),
    ] {
        let file = path(folder, form);
        let run = alipay(["keys", "convert", &pem, "--to", form, "--out", &file]).run().ends(0);
        assert!(run.stdout.contains("written"), "{}", run.stdout);
        assert!(read(folder, form).starts_with(begin));
        assert_eq!(openssl(&["pkey", "-in", &file, "-pubout"]).unwrap(), public);
    }
    let converted = alipay(["keys", "convert", &pem, "--to", "public-pem"]).run().ends(0);
    assert_eq!(converted.stdout, public);
    // What openssl makes is shown and converted.
    let traditional = path(folder, "traditional.der");
    openssl(&["rsa", "-in", &pem, "-outform", "DER", "-traditional", "-out", &traditional]);
    let shown = alipay(["keys", "show", &traditional, &pem]).run().ends(0);
    assert!(shown.stdout.contains("form: PKCS#1, "), "{}", shown.stdout);
    assert!(shown.stdout.ends_with("They belong together.\n"), "{}", shown.stdout);
    let store = path(folder, "app.p12");
    openssl(&["req", "-x509", "-key", &pem, "-subj", "/CN=x", "-out", &path(folder, "x.crt")]);
    let certificate = path(folder, "x.crt");
    openssl(&[
        "pkcs12",
        "-export",
        "-inkey",
        &pem,
        "-in",
        &certificate,
        "-passout",
        "pass:x",
        "-out",
        &store,
    ]);
    let shown = alipay(["keys", "show", &store]).run().ends(1);
    assert!(shown.stdout.contains("this is a key store (PKCS#12"), "{}", shown.stdout);
    let shown = alipay(["keys", "show", &certificate, &pem]).run().ends(0);
    assert!(shown.stdout.contains("root certificate"), "{}", shown.stdout);
    assert!(shown.stdout.contains("subject: CN=x"), "{}", shown.stdout);
}

#[test]
fn a_private_key_is_printed_only_if_asked() {
    let (_folder, out) = generated();
    let folder = Path::new(&out);
    let pem = path(folder, "app_private_key.pem");
    let secret = read(folder, "app_private_key_pkcs8.txt");
    let convert =
        |more: &[&str]| alipay(["keys", "convert", &pem, "--to", "pkcs8"].iter().chain(more));
    let refused = convert(&[]).secret(&secret).run().ends(2);
    assert!(refused.stderr.contains("give `--out FILE`, or `--out -`"), "{}", refused.stderr);
    assert_eq!(convert(&["--out", "-"]).run().ends(0).stdout.trim_end(), secret);
    let there = path(folder, "app_public_key.txt");
    let refused = convert(&["--out", &there]).secret(&secret).run().ends(2);
    assert!(refused.stderr.contains("no file is replaced"), "{}", refused.stderr);
    let public = read(folder, "app_public_key.txt");
    for file in ["app_private_key.pem", "app_request.csr", "app_public_key.txt"] {
        let file = path(folder, file);
        let converted = alipay(["keys", "convert", &file, "--to", "public"]).run().ends(0);
        assert_eq!(converted.stdout.trim_end(), public);
    }
    let wrong = alipay(["keys", "convert", &there, "--to", "pkcs8", "--out", "-"]).run().ends(2);
    assert!(wrong.stderr.contains("this is a public key"), "{}", wrong.stderr);
}

#[test]
fn what_a_file_is_and_whether_two_belong_together() {
    let (gateway, other) = two_gateways();
    let folder = tempfile::tempdir().unwrap();
    let made = gateway.certificates().unwrap();
    let write = |name: &str, text: &str| {
        std::fs::write(folder.path().join(name), text).unwrap();
        path(folder.path(), name)
    };
    let key = write("app.txt", gateway.app_private_key());
    let certificate = write("app.crt", &made.app);
    let show = |files: &[&str]| {
        let run = alipay(["keys", "show"].iter().chain(files));
        run.secret(gateway.app_private_key()).secret(gateway.encrypt_key())
    };
    let shown = show(&[&key, &certificate]).run().ends(0);
    let public = public_of(&gateway);
    for part in ["form: PKCS#8, bare base64", "bits: 2048", made.app_serial(), &public] {
        assert!(shown.stdout.contains(part), "{part}\n{}", shown.stdout);
    }
    assert!(shown.stdout.ends_with("They belong together.\n"), "{}", shown.stdout);
    let foreign = write("other.txt", &public_of(&other));
    let shown = show(&[&foreign, &certificate]).run().ends(1);
    assert!(shown.stdout.contains("They do not belong together"), "{}", shown.stdout);

    let bundle = show(&["-"]).stdin(made.root.as_str()).run().ends(0);
    let serial = format!("serial (alipay-root-cert-sn): {}", made.root_serial());
    assert!(bundle.stdout.contains(&serial), "{}", bundle.stdout);
    let aes = show(&["-"]).stdin(gateway.encrypt_key()).run().ends(0);
    assert!(aes.stdout.contains("as long as an AES key\n  bits: 128"), "{}", aes.stdout);
    let document = alipay(["keys", "show", &key, &foreign, "--json"]).run().ends(1).json();
    assert_eq!(document["belong_together"], false);
    assert_eq!(document["files"][0]["holds"][0]["what"], "private key");
    let nothing = show(&["-"]).stdin("").run().ends(1);
    assert!(nothing.stdout.contains("problem: the text is empty"), "{}", nothing.stdout);
    show(&["/nowhere/at/all"]).run().ends(2);
}

#[test]
fn a_subject_that_is_none_is_refused() {
    for (subject, part) in [
        ("", "expected NAME=VALUE"),
        ("O=x", "it must have a common name"),
        ("CN=x,X=y", "`X` is none of CN"),
        ("CN=x,CN=y", "`CN` is given twice"),
        ("CN=x,C=China", "the country must be two letters"),
        ("CN=", "`CN` has no value"),
    ] {
        let run = alipay(["keys", "generate", "--out", "/nowhere/at/all", "--csr", subject]);
        let run = run.run().ends(2);
        assert!(run.stderr.contains(part), "{subject}: {}", run.stderr);
    }
}

#[test]
fn forms_that_other_programs_do_not_read_are_said() {
    let key = PrivateKey::generate().unwrap();
    let (pem, base64) = (key.to_pkcs8_pem().unwrap(), key.to_pkcs8_base64().unwrap());
    let shown = |text: &[u8]| {
        let output =
            alipay(["keys", "show", "-"]).stdin(text).secret(base64.as_str()).run().ends(0);
        output.stdout.lines().find(|line| line.contains("form: ")).unwrap().to_owned()
    };
    let others = "other programs may not read that, but what `alipay keys convert` writes";
    let bytes = STANDARD.decode(base64.as_str()).unwrap();
    let utf16: Vec<u8> =
        [0xfeff].into_iter().chain(base64.encode_utf16()).flat_map(u16::to_le_bytes).collect();
    for (text, form) in [
        (pem.as_bytes().to_vec(), "PKCS#8, PEM"),
        (base64.as_bytes().to_vec(), "PKCS#8, bare base64"),
        (bytes, "PKCS#8, binary (DER)"),
    ] {
        assert_eq!(shown(&text), format!("  form: {form}"));
    }
    for (text, form) in [
        (
            pem.replace("PRIVATE", "RSA PRIVATE").into_bytes(),
            "PEM with the wrong label: `RSA PRIVATE KEY` instead of `PRIVATE KEY`",
        ),
        (pem.trim().replace('\n', "\\n").into_bytes(), "PEM with `\\n` written out"),
        (pem.replace('\n', "").into_bytes(), "PEM in one line"),
        (STANDARD.encode(base64.as_bytes()).into_bytes(), "in base64 twice"),
        (base64.replace('+', "%2B").into_bytes(), "percent-encoded"),
        (utf16, "UTF-16"),
    ] {
        let shown = shown(&text);
        assert!(shown.contains(form) && shown.ends_with(others), "{form}: {shown}");
    }
}

#[test]
fn a_printed_pair_is_json_for_programs() {
    let output = alipay(["keys", "generate", "--print", "--json"]).run().ends(0);
    let document = output.json();
    let key = PrivateKey::parse(document["private_key"].as_str().unwrap()).unwrap();
    assert_eq!(document["public_key"], key.public_key().to_base64());
    assert_eq!(output.stderr, "");
}

#[test]
fn a_key_in_place_of_a_path_is_not_shown() {
    let key = PrivateKey::generate().unwrap();
    for text in [key.to_pkcs8_base64().unwrap(), key.to_pkcs8_pem().unwrap()] {
        for arguments in [
            &["keys", "show"][..],
            &["keys", "convert", "--to", "public"],
            &["verify"],
            &["sign", "--path", "/v3/a", "--body", "{}", "--private-key"],
        ] {
            let given = text.as_str().trim_start_matches('-');
            let given = arguments.iter().copied().chain([given]);
            let output = alipay(given).secret(text.as_str()).run().ends(2);
            assert!(output.stderr.contains("looks like its content"), "{}", output.stderr);
        }
    }
}
