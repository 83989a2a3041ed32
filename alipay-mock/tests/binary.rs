//! The gateway as a program.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests fail by panicking")]

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};

struct Program {
    child: Child,
    output: BufReader<ChildStdout>,
}

impl Program {
    fn start(arguments: &[&str]) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_alipay-mock"))
            .args(arguments)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let output = BufReader::new(child.stdout.take().unwrap());
        Self { child, output }
    }

    fn line(&mut self) -> String {
        let mut line = String::new();
        self.output.read_line(&mut line).unwrap();
        line.trim_end().to_owned()
    }

    /// The first line, and the values of the `export` lines.
    fn greeting(&mut self) -> (String, [String; 5]) {
        let first = self.line();
        assert_eq!(self.line(), "");
        let names = [
            "ALIPAY_BASE_URL",
            "ALIPAY_APP_ID",
            "ALIPAY_PRIVATE_KEY",
            "ALIPAY_PUBLIC_KEY",
            "ALIPAY_ENCRYPT_KEY",
        ];
        let values = names.map(|name| {
            let line = self.line();
            let value = line.strip_prefix(&format!("export {name}="));
            value.unwrap_or_else(|| panic!("{line}")).to_owned()
        });
        assert!(self.line().starts_with("# For certificate mode"));
        for name in ["ALIPAY_APP_CERT", "ALIPAY_CERT", "ALIPAY_ROOT_CERT"] {
            let line = self.line();
            let value = line.strip_prefix(&format!("# export {name}="));
            let pem = read(value.unwrap_or_else(|| panic!("{line}")));
            assert!(pem.starts_with("-----BEGIN CERTIFICATE-----"));
        }
        assert_eq!(self.line(), "");
        (first, values)
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn run(arguments: &[&str]) -> (Option<i32>, String, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_alipay-mock")).args(arguments).output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (output.status.code(), text(output.stdout), text(output.stderr))
}

fn get(base_url: &str, target: &str) {
    let mut stream = TcpStream::connect(base_url.strip_prefix("http://").unwrap()).unwrap();
    let request = format!("GET {target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).unwrap();
    stream.read_to_end(&mut Vec::new()).unwrap();
}

fn read(path: &str) -> String {
    std::fs::read_to_string(path.strip_prefix('@').unwrap()).unwrap()
}

#[test]
fn greets_logs_and_keeps_its_keys() {
    let folder = tempfile::tempdir().unwrap();
    let keys = folder.path().join("keys");
    let arguments = ["--keys", keys.to_str().unwrap()];
    let mut program = Program::start(&arguments);
    let (first, [base_url, app_id, private, public, encrypt]) = program.greeting();
    assert_eq!(first, format!("Gateway on {base_url}, keys in {}", keys.display()));
    assert!(app_id.bytes().all(|b| b.is_ascii_digit()) && encrypt.len() == 24);
    alipay_core::keys::PrivateKey::parse(&read(&private)).unwrap();
    alipay_core::keys::PublicKey::parse(&read(&public)).unwrap();

    get(&base_url, "/nowhere?user_id=2088");
    let line = program.line();
    let (request, rest) = line.split_once(" trace=").unwrap();
    assert_eq!(request, "GET /nowhere 404");
    assert!(rest.ends_with(" invalid-method: no operation has the path /nowhere"), "{line}");
    drop(program);

    let (_, [_, _, _, _, again]) = Program::start(&arguments).greeting();
    assert_eq!(again, encrypt);
}

#[cfg(unix)]
#[test]
fn keys_are_for_the_owner_only() {
    use std::os::unix::fs::PermissionsExt as _;

    let mut program = Program::start(&[]);
    let (_, [_, _, private, ..]) = program.greeting();
    let private = Path::new(private.strip_prefix('@').unwrap()).to_owned();
    let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    let folder = private.parent().unwrap();
    assert_eq!((mode(&private), mode(folder)), (0o600, 0o700));
    // Asked to stop, it ends well and takes its temporary folder with it.
    let pid = program.child.id().to_string();
    assert!(Command::new("kill").args(["-INT", &pid]).status().unwrap().success());
    assert!(program.child.wait().unwrap().success());
    assert!(!folder.exists());
}

#[test]
fn bad_usage_ends_with_2_and_one_line() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let (code, output, error) = run(&["--port", &port]);
    assert_eq!((code, output.as_str()), (Some(2), ""));
    assert!(error.starts_with("error: cannot listen on") && error.contains(&port), "{error}");
    assert_eq!(error.lines().count(), 1);

    let folder = tempfile::tempdir().unwrap();
    let keys = folder.path().to_str().unwrap();
    std::fs::write(folder.path().join("encrypt_key.txt"), "x").unwrap();
    let (code, _, error) = run(&["--keys", keys]);
    assert_eq!(code, Some(2));
    assert!(error.contains("has some of the keys"), "{error}");

    for name in ["app_private_key.txt", "alipay_private_key.txt"] {
        std::fs::write(folder.path().join(name), "not a key").unwrap();
    }
    let (code, _, error) = run(&["--keys", keys]);
    assert_eq!(code, Some(2));
    assert!(error.contains("cannot be used: app private key"), "{error}");

    let (code, _, error) = run(&["--keys", "/dev/null/keys"]);
    assert_eq!(code, Some(2));
    assert!(error.contains("cannot make the folder /dev/null/keys"), "{error}");

    assert_eq!(run(&["--prot", "1"]).0, Some(2));
    assert_eq!(run(&["--port", "70000"]).0, Some(2));
    let (code, output, _) = run(&["--help"]);
    assert_eq!(code, Some(0));
    assert!(output.contains("Examples:") && output.contains("--keys <DIR>"), "{output}");
}

#[test]
fn serves_another_description_with_faults() {
    let fixture = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/library.yaml");
    let arguments = ["--spec", fixture, "--fault", "status:503@/list", "--app-id", "2021"];
    let mut program = Program::start(&arguments);
    let (_, [base_url, app_id, ..]) = program.greeting();
    assert_eq!(app_id, "2021");
    get(&base_url, "/v3/library/book/list");
    let line = program.line();
    assert!(line.starts_with("GET /v3/library/book/list 503 trace="), "{line}");
    assert!(line.ends_with(" fault=status:503"), "{line}");

    let (code, _, error) = run(&["--spec", "/nowhere.yaml"]);
    assert_eq!((code, error.contains("cannot read /nowhere.yaml")), (Some(2), true), "{error}");
    let (code, _, error) = run(&["--spec", concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml")]);
    assert!(code == Some(2) && error.contains("the description cannot be served"), "{error}");
    let (code, _, error) = run(&["--fault", "nonsense"]);
    assert!(code == Some(2) && error.contains("no fault is named `nonsense`"), "{error}");
    let (code, _, error) = run(&["--notify", "https://x"]);
    assert!(code == Some(2) && error.contains("--notify: the URL must start"), "{error}");
    assert_eq!(run(&["--overlay", fixture]).0, Some(2));
}

#[test]
fn what_cannot_be_kept_to_is_said_at_the_start() {
    let library = include_str!("fixtures/library.yaml");
    let title = "title: {type: string, example: 红楼梦";
    assert!(library.contains(title));
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("library.yaml");
    std::fs::write(&file, library.replace(title, &format!("{title}, pattern: '^(?!x)'"))).unwrap();
    let mut program = Program::start(&["--spec", file.to_str().unwrap()]);
    let note = (0..20).map(|_| program.line()).find(|line| line.starts_with("# note: "));
    assert!(note.as_ref().is_some_and(|note| note.contains("`^(?!x)` is not checked")), "{note:?}");
}

#[test]
fn triggers_a_message() {
    let folder = tempfile::tempdir().unwrap();
    let keys = folder.path().join("keys");
    let keys = keys.to_str().unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    let received = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut text = String::new();
        while !text.contains("sign=") {
            let mut buffer = [0; 4096];
            let count = stream.read(&mut buffer).unwrap();
            text.push_str(std::str::from_utf8(buffer.get(..count).unwrap()).unwrap());
        }
        stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\nsuccess").unwrap();
        text
    });
    let arguments = ["trigger", "expired", "--to", &url, "--keys", keys, "--set", "activity_id=77"];
    let (code, output, error) = run(&arguments);
    assert_eq!(code, Some(0), "{error}");
    assert!(output.starts_with("alipay.marketing.activity.message.expired "), "{output}");
    assert!(output.ends_with(" 200 accepted\n"), "{output}");
    let text = received.join().unwrap();
    assert!(text.contains("%22activity_id%22%3A%2277%22"), "{text}");

    let (code, _, error) = run(&["trigger", "expird", "--to", &url, "--keys", keys]);
    assert!(code == Some(2) && error.contains("no message is named `expird`"), "{error}");
    let (code, _, error) = run(&["trigger", "expired", "--to", &url, "--keys", keys]);
    assert!(code == Some(2) && error.contains("cannot post to 127.0.0.1"), "{error}");
}

#[test]
fn duplicates_beyond_the_limit_are_refused() {
    // No URL to post to either, so that the program ends in any case.
    let arguments = ["--notify", "nowhere", "--notify-duplicates", "101"];
    let (code, _, error) = run(&arguments);
    assert_eq!(code, Some(2));
    assert!(error.contains("101 is not in 0..=100"), "{error}");
}

/// Runs in a process of its own, with the settings that the program printed.
#[cfg(feature = "client")]
#[test]
fn a_client_with_these_settings() {
    let Ok(mode) = std::env::var("ALIPAY_MOCK_TEST_MODE") else { return };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let client = alipay_core::Client::from_env().unwrap();
    assert_eq!(client.trust().certificates().is_empty(), mode == "keys");
    let call = client.raw(alipay_core::operation::Method::Get, "/v3/nowhere");
    let error = runtime.block_on(async { call.await.unwrap_err() });
    // Alipay's side understood the request, and its response was verified.
    assert_eq!(error.outcome(), alipay_core::Outcome::Rejected, "{error}");
    assert_eq!(error.code_text(), Some("invalid-method"), "{error}");
}

#[cfg(feature = "client")]
#[test]
fn what_it_prints_are_the_settings_of_a_client() {
    let mut program = Program::start(&[]);
    let lines: Vec<_> = (0..11).map(|_| program.line()).collect();
    for mode in ["keys", "certificates"] {
        let mut child = Command::new(std::env::current_exe().unwrap());
        child.args(["--exact", "a_client_with_these_settings"]);
        child.env("ALIPAY_MOCK_TEST_MODE", mode);
        let mut count = 0;
        for line in &lines {
            let line = if mode == "keys" { line } else { line.trim_start_matches("# ") };
            let setting = line.strip_prefix("export ").and_then(|line| line.split_once('='));
            if let Some((name, value)) = setting {
                child.env(name, value);
                count += 1;
            }
        }
        assert_eq!(count, if mode == "keys" { 5 } else { 8 });
        let output = child.output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    }
}
