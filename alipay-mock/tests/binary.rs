//! The gateway as a program.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests fail by panicking")]

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};

/// What `--keys-from-env` reads.
const VARIABLES: [&str; 8] = [
    "ALIPAY_APP_ID",
    "ALIPAY_PRIVATE_KEY",
    "ALIPAY_PUBLIC_KEY",
    "ALIPAY_ENCRYPT_KEY",
    "ALIPAY_APP_CERT",
    "ALIPAY_CERT",
    "ALIPAY_ROOT_CERT",
    "ALIPAY_MOCK_PRIVATE_KEY",
];

struct Program {
    child: Child,
    output: BufReader<ChildStdout>,
}

impl Program {
    fn start(arguments: &[&str]) -> Self {
        Self::spawn(Command::new(env!("CARGO_BIN_EXE_alipay-mock")).args(arguments))
    }

    fn spawn(command: &mut Command) -> Self {
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
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
        // Asked to stop, it removes its temporary folder.
        if matches!(self.child.try_wait(), Ok(None)) {
            #[cfg(unix)]
            let _ = Command::new("kill").arg(self.child.id().to_string()).status();
            #[cfg(not(unix))]
            let _ = self.child.kill();
        }
        let _ = self.child.wait();
    }
}

fn run(arguments: &[&str]) -> (Option<i32>, String, String) {
    run_with(arguments, &[])
}

/// Runs with these variables and no other ones of an application.
fn run_with(arguments: &[&str], variables: &[(String, String)]) -> (Option<i32>, String, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_alipay-mock"));
    for name in VARIABLES {
        command.env_remove(name);
    }
    command.envs(variables.iter().map(|(name, value)| (name, value)));
    let output = command.args(arguments).output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (output.status.code(), text(output.stdout), text(output.stderr))
}

fn get(base_url: &str, target: &str) -> String {
    let mut stream = TcpStream::connect(base_url.strip_prefix("http://").unwrap()).unwrap();
    let request = format!("GET {target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).unwrap();
    let mut response = String::new();
    stream.read_to_string(&mut response).unwrap();
    response
}

/// Moves the clock by an hour.
#[cfg(feature = "client")]
fn advance_clock(base_url: &str) {
    let mut stream = TcpStream::connect(base_url.strip_prefix("http://").unwrap()).unwrap();
    let body = r#"{"advance_seconds":3600}"#;
    let request = format!(
        "POST /_mock/clock HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\
         Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    stream.write_all(request.as_bytes()).unwrap();
    let mut response = String::new();
    stream.read_to_string(&mut response).unwrap();
    assert!(response.starts_with("HTTP/1.1 200 "), "{response}");
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
    let key = read(&encrypt);
    assert!(app_id.bytes().all(|b| b.is_ascii_digit()) && key.trim().len() == 24);
    alipay_core::keys::PrivateKey::parse(&read(&private)).unwrap();
    alipay_core::keys::PublicKey::parse(&read(&public)).unwrap();

    // The page says the same, and no key.
    let page = get(&base_url, "/");
    for line in [format!("ALIPAY_PRIVATE_KEY={private}"), format!("ALIPAY_ENCRYPT_KEY={encrypt}")] {
        assert!(page.contains(&format!("export {line}\n")), "{line}: {page}");
    }
    for secret in [&key, &read(&private)] {
        assert!(!page.contains(secret.trim()));
    }

    get(&base_url, "/nowhere?user_id=2088");
    let line = program.line();
    let (request, rest) = line.split_once(" trace=").unwrap();
    assert_eq!(request, "GET /nowhere 404");
    assert!(rest.ends_with(" invalid-method: no operation has the path /nowhere"), "{line}");
    drop(program);

    let (_, [_, _, _, _, again]) = Program::start(&arguments).greeting();
    assert_eq!(read(&again), key);
}

#[cfg(unix)]
#[test]
fn keys_are_for_the_owner_only() {
    use std::os::unix::fs::PermissionsExt as _;

    for signal in ["-INT", "-TERM", "-HUP"] {
        let mut program = Program::start(&[]);
        let (_, [base_url, _, private, ..]) = program.greeting();
        let private = Path::new(private.strip_prefix('@').unwrap()).to_owned();
        let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
        let folder = private.parent().unwrap();
        assert_eq!((mode(&private), mode(folder)), (0o600, 0o700));
        // Asked to stop, it ends well and takes its temporary folder with it, even if requests hang.
        let mut stream = TcpStream::connect(base_url.strip_prefix("http://").unwrap()).unwrap();
        let request = "GET /v3/x HTTP/1.1\r\nHost: x\r\nalipay-mock-fault: hang\r\n\r\n";
        stream.write_all(request.as_bytes()).unwrap();
        assert!(program.line().contains("fault=hang"));
        let pid = program.child.id().to_string();
        assert!(Command::new("kill").args([signal, &pid]).status().unwrap().success());
        assert!(program.child.wait().unwrap().success(), "{signal}");
        assert!(!folder.exists());
    }
}

#[test]
fn a_folder_for_keys_is_kept_out_of_repositories_and_nothing_in_it_is_replaced() {
    let parent = tempfile::tempdir().unwrap();
    let folder = parent.path().join("keys");
    let keys = folder.to_str().unwrap();
    let start = || drop(Program::start(&["--keys", keys]).greeting());
    let content = |name: &str| std::fs::read_to_string(folder.join(name)).unwrap();
    start();
    assert_eq!(content(".gitignore"), "*\n");

    // A public key that is missing follows from the private one.
    let public = content("alipay_public_key.txt");
    std::fs::remove_file(folder.join("alipay_public_key.txt")).unwrap();
    start();
    assert_eq!(content("alipay_public_key.txt"), public);

    // One of another pair, and whatever else is missing, is an error, and stays as it is.
    let refused = |part: &str| {
        let names = || std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().file_name());
        let before: std::collections::BTreeSet<_> = names().collect();
        let (code, output, error) = run(&["--keys", keys]);
        assert_eq!((code, output.as_str(), error.lines().count()), (Some(2), "", 1), "{error}");
        assert!(error.contains(part), "{part}: {error}");
        assert_eq!(names().collect::<std::collections::BTreeSet<_>>(), before);
    };
    let other = content("app_public_key.txt");
    std::fs::write(folder.join("alipay_public_key.txt"), &other).unwrap();
    refused("Alipay public key: it does not belong to the Alipay private key");
    assert_eq!(content("alipay_public_key.txt"), other);
    std::fs::write(folder.join("alipay_public_key.txt"), public).unwrap();
    for (name, part) in [
        ("app_private_key.txt", "has some of the keys but no app_private_key.txt"),
        ("alipay_private_key.txt", "has some of the keys but no alipay_private_key.txt"),
        ("encrypt_key.txt", "has some of the keys but no encrypt_key.txt"),
        ("app_certificate.crt", "has some of the certificates but no app_certificate.crt"),
        ("alipay_certificate.crt", "has some of the certificates but no alipay_certificate.crt"),
        ("root_certificate.crt", "has some of the certificates but no root_certificate.crt"),
    ] {
        let text = content(name);
        std::fs::remove_file(folder.join(name)).unwrap();
        refused(part);
        std::fs::write(folder.join(name), text).unwrap();
    }
    // Only public keys: they are of somebody else.
    let private = ["app_private_key.txt", "alipay_private_key.txt", "encrypt_key.txt"];
    for name in private {
        std::fs::remove_file(folder.join(name)).unwrap();
    }
    refused("has some of the keys but no app_private_key.txt");

    // In a folder that was there, the new keys are hidden from git, and nothing else is.
    let empty = tempfile::tempdir().unwrap();
    drop(Program::start(&["--keys", empty.path().to_str().unwrap()]).greeting());
    let ignored = std::fs::read_to_string(empty.path().join(".gitignore")).unwrap();
    let mut ignored: Vec<_> = ignored.lines().map(str::to_owned).collect();
    ignored.sort();
    let mut made: Vec<_> = std::fs::read_dir(empty.path())
        .unwrap()
        .map(|file| file.unwrap().file_name().into_string().unwrap())
        .filter(|name| name != ".gitignore")
        .collect();
    made.sort();
    assert_eq!(ignored, made);
    // What the user has written there stays.
    let own = tempfile::tempdir().unwrap();
    std::fs::write(own.path().join(".gitignore"), "mine\n").unwrap();
    drop(Program::start(&["--keys", own.path().to_str().unwrap()]).greeting());
    assert_eq!(std::fs::read_to_string(own.path().join(".gitignore")).unwrap(), "mine\n");
}

/// New keys, as `alipay-mock keys` prints them.
fn new_keys() -> Vec<(String, String)> {
    let (code, output, error) = run(&["keys"]);
    assert_eq!((code, error.as_str()), (Some(0), ""));
    let lines = output.lines().map(|line| line.split_once('=').unwrap());
    lines.map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}

fn without(variables: &[(String, String)], name: &str) -> Vec<(String, String)> {
    variables.iter().filter(|(other, _)| other != name).cloned().collect()
}

fn with(variables: &[(String, String)], name: &str, value: &str) -> Vec<(String, String)> {
    let mut changed = without(variables, name);
    changed.push((name.to_owned(), value.to_owned()));
    changed
}

#[test]
fn keys_of_variables_belong_together() {
    let (keys, others) = (new_keys(), new_keys());
    let refused = |variables: &[(String, String)], expected: &str| {
        let (code, output, error) = run_with(&["--keys-from-env"], variables);
        assert_eq!((code, output.as_str(), error.lines().count()), (Some(2), "", 1), "{error}");
        assert!(error.starts_with(&format!("error: {expected}")), "{expected}: {error}");
        assert!(variables.iter().all(|(_, value)| value.len() < 20 || !error.contains(value)));
    };
    let value = |variables: &[(String, String)], name: &str| {
        variables.iter().find(|(other, _)| other == name).unwrap().1.clone()
    };
    for name in ["ALIPAY_PRIVATE_KEY", "ALIPAY_MOCK_PRIVATE_KEY", "ALIPAY_ENCRYPT_KEY"] {
        refused(
            &without(&keys, name),
            &format!("{name}: it is not set; `alipay-mock keys` prints"),
        );
        refused(&with(&keys, name, "not a key"), &format!("{name}: "));
        refused(&with(&keys, name, "@/nowhere"), &format!("{name}: the file /nowhere cannot"));
    }
    let not_its_own =
        "ALIPAY_PUBLIC_KEY: Alipay public key: it does not belong to the Alipay private key";
    for name in ["ALIPAY_PUBLIC_KEY", "ALIPAY_MOCK_PRIVATE_KEY"] {
        refused(&with(&keys, name, &value(&others, name)), not_its_own);
    }
    refused(&with(&keys, "ALIPAY_CERT", "x"), "ALIPAY_APP_CERT: it is not set");
    // Whoever names a file means to set the variable.
    let file = tempfile::NamedTempFile::new().unwrap();
    let nothing = format!("@{}", file.path().display());
    for name in ["ALIPAY_ENCRYPT_KEY", "ALIPAY_MOCK_PRIVATE_KEY", "ALIPAY_CERT"] {
        refused(&with(&keys, name, &nothing), &format!("{name}: the file "));
    }

    // Certificates of other keys, as they are in a folder.
    let folder = tempfile::tempdir().unwrap();
    drop(Program::start(&["--keys", folder.path().to_str().unwrap()]).greeting());
    let mut certified = keys.clone();
    for (name, file) in [
        ("ALIPAY_APP_CERT", "app_certificate.crt"),
        ("ALIPAY_CERT", "alipay_certificate.crt"),
        ("ALIPAY_ROOT_CERT", "root_certificate.crt"),
    ] {
        let path = folder.path().join(file);
        certified = with(&certified, name, &format!("@{}", path.display()));
    }
    refused(&certified, "ALIPAY_APP_CERT: app certificate: it was issued for another key than");
    assert_eq!(run(&["--keys-from-env", "--keys", "x"]).0, Some(2));
}

#[cfg(feature = "client")]
#[test]
fn gateway_and_client_share_the_keys_of_variables() {
    let keys = new_keys();
    let mut command = Command::new(env!("CARGO_BIN_EXE_alipay-mock"));
    for name in VARIABLES {
        command.env_remove(name);
    }
    command.args(["--host", "0.0.0.0", "--keys-from-env"]).envs(keys.iter().cloned());
    command.stderr(Stdio::piped());
    let mut program = Program::spawn(&mut command);
    let first = program.line();
    let base_url = first.strip_prefix("Gateway on ").unwrap();
    let base_url = base_url.strip_suffix(", keys from the environment").unwrap().to_owned();
    assert_eq!(program.line(), "");
    assert_eq!(program.line(), format!("export ALIPAY_BASE_URL={base_url}"));
    // The address is one that others can call; then it has to be allowed.
    let mut line = program.line();
    let mut child = Command::new(std::env::current_exe().unwrap());
    if let Some(host) = line.strip_prefix("export ALIPAY_ALLOW_HTTP_FOR=") {
        child.env("ALIPAY_ALLOW_HTTP_FOR", host);
        line = program.line();
    }
    assert_eq!(line, "");
    child.args(["--exact", "a_client_with_these_settings"]);
    child.env("ALIPAY_MOCK_TEST_MODE", "keys").env("ALIPAY_BASE_URL", base_url).envs(keys);
    let output = child.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));

    program.child.kill().unwrap();
    let mut warning = String::new();
    program.child.stderr.take().unwrap().read_to_string(&mut warning).unwrap();
    assert!(warning.starts_with("warning: other computers and containers can reach"), "{warning}");
    assert_eq!(warning.lines().count(), 1);
}

/// A file of the folder `services`.
fn service(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("services").join(name);
    std::fs::read_to_string(path).unwrap()
}

/// What stands behind this on a line: a list in JSON.
fn list(text: &str, before: &str) -> Vec<String> {
    let list = text.lines().find_map(|line| line.strip_prefix(before)).unwrap();
    serde_json::from_str(list).unwrap_or_else(|e| panic!("{e}: {list}"))
}

#[test]
fn the_services_give_options_that_there_are() {
    let run = |arguments: &[String]| {
        let arguments: Vec<_> = arguments.iter().map(String::as_str).collect();
        run_with(&arguments, &[])
    };
    // They end for want of keys, which are looked at after the options.
    let mut of_image = list(&service("Dockerfile"), "CMD ");
    of_image.extend(["--keys".to_owned(), "/dev/null/keys".to_owned()]);
    let (_, _, error) = run(&of_image);
    assert!(error.contains("cannot make the folder /dev/null/keys"), "{error}");
    let (_, _, error) = run(&list(&service("compose.yaml"), "    command: "));
    assert!(error.contains("ALIPAY_PRIVATE_KEY: it is not set"), "{error}");
}

#[cfg(target_os = "linux")]
#[test]
fn the_health_check_of_the_image_sees_the_gateway() {
    let check = list(&service("Dockerfile"), "    CMD ");
    let mut program = Program::start(&[]);
    let (_, [base_url, ..]) = program.greeting();
    let port = base_url.rsplit(':').next().unwrap();
    let passes = || {
        let arguments = check.iter().skip(1).map(|argument| argument.replace("8787", port));
        let mut command = Command::new(check.first().unwrap());
        command.args(arguments).stderr(Stdio::null()).status().unwrap().success()
    };
    assert!(passes());
    drop(program);
    assert!(!passes());
}

#[cfg(all(unix, feature = "client"))]
#[test]
fn the_script_runs_a_command_beside_a_gateway() {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/services/with-gateway.sh");
    let test = std::env::current_exe().unwrap();
    let here = tempfile::tempdir().unwrap();
    let run = |command: &[&str]| {
        let output = Command::new(script)
            .args(command)
            .env("MOCK", env!("CARGO_BIN_EXE_alipay-mock"))
            .env("ALIPAY_MOCK_TEST_MODE", "keys")
            .env("TMPDIR", here.path())
            .output()
            .unwrap();
        // Nothing is left behind.
        assert_eq!(std::fs::read_dir(here.path()).unwrap().count(), 0);
        (output.status.code(), String::from_utf8(output.stdout).unwrap())
    };
    let (code, output) = run(&[test.to_str().unwrap(), "--exact", "a_client_with_these_settings"]);
    assert!(code == Some(0) && output.contains("1 passed"), "{output}");
    assert_eq!(run(&["sh", "-c", "exit 3"]).0, Some(3));
}

#[test]
fn the_printed_settings_are_those_for_others() {
    let arguments = ["--public-url", "http://alipay-mock:8787/"];
    let mut program = Program::start(&arguments);
    assert!(program.line().starts_with("Gateway on http://alipay-mock:8787, keys in "));
    let lines: Vec<_> = (0..4).map(|_| program.line()).collect();
    let expected = [
        "",
        "export ALIPAY_BASE_URL=http://alipay-mock:8787",
        "export ALIPAY_ALLOW_HTTP_FOR=alipay-mock",
        "export ALIPAY_APP_ID=2021000000000001",
    ];
    assert_eq!(lines, expected);
    let (code, _, error) = run(&["--public-url", "alipay-mock"]);
    assert_eq!((code, error.starts_with("error: the public URL: ")), (Some(2), true), "{error}");
    let (code, _, error) = run(&["--host", "nowhere.invalid"]);
    assert!(code == Some(2) && error.contains("cannot listen on nowhere.invalid"), "{error}");
}

#[test]
fn bad_usage_ends_with_2_and_one_line() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let (code, output, error) = run(&["--port", &port]);
    assert_eq!((code, output.as_str()), (Some(2), ""));
    assert!(error.starts_with("error: cannot listen on") && error.contains(&port), "{error}");
    assert!(error.contains("another program has this port: choose another one"), "{error}");
    assert_eq!(error.lines().count(), 1);
    // The temporary folder of the keys is removed all the same.
    let parent = tempfile::tempdir().unwrap();
    let variable = ("TMPDIR".to_owned(), parent.path().to_str().unwrap().to_owned());
    assert_eq!(run_with(&["--port", &port], &[variable]).0, Some(2));
    assert_eq!(std::fs::read_dir(parent.path()).unwrap().count(), 0);

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
    for part in ["--host <HOST>", "--public-url <URL>", "--keys-from-env", "SIGTERM"] {
        assert!(output.contains(part), "{part}: {output}");
    }
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
    let base_url = lines.iter().find_map(|line| line.strip_prefix("export ALIPAY_BASE_URL="));
    for mode in ["keys", "certificates"] {
        // Clients of other processes do not know of it.
        advance_clock(base_url.unwrap());
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

#[test]
fn a_running_gateway_is_controlled() {
    let mut program = Program::start(&[
        "--complete-after",
        "manual",
        "--review",
        "reject:no licence",
        "--old-twins",
    ]);
    let (_, [base_url, ..]) = program.greeting();
    let control = |arguments: &[&str]| {
        let all = [&["control"], arguments, &["--gateway", &base_url]].concat();
        run(&all)
    };
    let (code, shown, _) = control(&["faults", "fault=wrong-signature", "times=2"]);
    assert_eq!((code, shown.contains("wrong-signature*2")), (Some(0), true), "{shown}");
    let (code, shown, _) = control(&["faults"]);
    assert_eq!((code, shown.contains("waiting for a success")), (Some(0), true), "{shown}");
    for (arguments, message) in [
        (&["pause", "activity_id=7"][..], "404: no activity has the id `7`"),
        (&["redeem", "voucher_id=7"], "404: no voucher has the id `7`"),
        (&["vouchers", "activity_id=7"], "404: no activity has the id `7`"),
        (&["pause"], "400: give `activity_id`"),
        (&["review", "result=maybe"], "400: give `result`"),
        (&["dance"], "404: there are GET"),
        (&["../etc"], "is no action"),
    ] {
        let (code, _, error) = control(arguments);
        assert_eq!((code, error.contains(message)), (Some(2), true), "{error}");
    }
    assert_eq!(control(&["completion", "after_ms=10"]).0, Some(0));
    assert_eq!(control(&["review", "result=off"]).0, Some(0));
    assert_eq!(control(&["clock", "advance_seconds=60"]).0, Some(0));
    assert_eq!(control(&["complete"]).0, Some(0));
    let (code, shown, _) = control(&["operations", "find=激活支付券"]);
    assert_eq!((code, shown.contains("voucher.publish")), (Some(0), true), "{shown}");

    for (arguments, message) in [
        (&["--fault", "delay:1s"][..], "milliseconds, as in `delay:1000`"),
        (&["--review", "maybe"], "reject:REASON"),
        (&["--complete-after", "soon"], "`manual`"),
        (
            &["control", "state", "--gateway", "https://openapi.alipay.com"],
            "not the address of a local gateway",
        ),
    ] {
        let (code, _, error) = run(arguments);
        assert_eq!((code, error.contains(message)), (Some(2), true), "{error}");
    }
}

#[test]
fn trigger_refuses_members_that_the_message_does_not_have() {
    let folder = tempfile::tempdir().unwrap();
    let keys = folder.path().to_str().unwrap();
    let trigger = ["trigger", "expired", "--to", "http://127.0.0.1:9/", "--keys", keys];
    let (code, _, error) = run(&[&trigger[..], &["--set", "vouchr_id=7"]].concat());
    assert_eq!((code, error.contains("did you mean `voucher_id`?")), (Some(2), true), "{error}");
    let (_, _, error) = run(&[&trigger[..], &["--set", "vouchr_id=7", "--lenient"]].concat());
    assert!(error.contains("cannot post"), "{error}");
}

/// A connection that sends nothing yet.
fn connect(base_url: &str) -> TcpStream {
    let stream = TcpStream::connect(base_url.strip_prefix("http://").unwrap()).unwrap();
    stream.set_read_timeout(Some(std::time::Duration::from_secs(20))).unwrap();
    stream
}

fn status(mut stream: TcpStream) -> String {
    let request = "GET /_mock/clock HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    stream.write_all(request.as_bytes()).unwrap();
    let mut response = String::new();
    stream.read_to_string(&mut response).unwrap();
    response.get(..12).unwrap_or_default().to_owned()
}

#[test]
fn when_places_run_out_the_connection_that_has_waited_longest_goes() {
    let mut program = Program::start(&[]);
    let (_, [base_url, ..]) = program.greeting();
    // More than there are places, half of them in the middle of a request.
    let mut idle: Vec<_> = (0..600)
        .map(|number| {
            let mut stream = connect(&base_url);
            if number % 2 == 0 {
                let _ = stream.write_all(b"GET /slow HTTP/1.1\r\nHost: ");
            }
            stream
        })
        .collect();
    assert_eq!(status(connect(&base_url)), "HTTP/1.1 200");
    assert_eq!(status(idle.remove(599)), "HTTP/1.1 200", "the newest is still open");
    let mut first = idle.remove(0);
    assert!(matches!(first.read(&mut [0]), Ok(0) | Err(_)), "the oldest is closed");
}

#[test]
#[cfg(target_os = "linux")]
fn it_serves_on_when_file_descriptors_run_out() {
    let program = env!("CARGO_BIN_EXE_alipay-mock");
    let limited = format!("ulimit -n 40; exec {program}");
    let mut program = Program::spawn(Command::new("sh").args(["-c", &limited]));
    let (_, [base_url, ..]) = program.greeting();
    let idle: Vec<_> = (0..100).map(|_| connect(&base_url)).collect();
    for _ in 0..5 {
        assert_eq!(status(connect(&base_url)), "HTTP/1.1 200");
    }
    // It waits for a free one without being busy. Fields 14 and 15 are its time, in hundredths of a second.
    let busy = || {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", program.child.id())).unwrap();
        let (_, fields) = stat.rsplit_once(") ").unwrap();
        let times = fields.split(' ').skip(11).take(2);
        times.map(|time| time.parse::<u64>().unwrap()).sum::<u64>()
    };
    let before = busy();
    std::thread::sleep(std::time::Duration::from_secs(1));
    assert!(busy() - before < 50, "{} of 100 hundredths of a second", busy() - before);
    drop(idle);
    assert_eq!(status(connect(&base_url)), "HTTP/1.1 200");
}

/// Whether a program is there. A line of the output says when it is not.
#[cfg(unix)]
#[allow(clippy::print_stderr, reason = "says what was not tested")]
fn is_installed(program: &str) -> bool {
    let found = Command::new("sh").args(["-c", &format!("command -v {program}")]).output();
    let found = found.is_ok_and(|output| output.status.success());
    if !found {
        eprintln!("skipped in part: `{program}` is not installed");
    }
    found
}

#[cfg(unix)]
const OVERLAY: &str = "overlay: 1.0.0\ninfo: {title: ours, version: '1'}\nactions: []\n";

/// What the README's commands find: `cargo run` starts the program that was built, and what would serve until it
/// is stopped is stopped once it serves, but for the first gateway.
#[cfg(unix)]
const SHELL: &str = r#"
set -euo pipefail
main= PORT=0
trap '[ -z "$main" ] || kill $main || cat tmp.* >&2' EXIT
cargo() { [ "$1 $2 $3 $4" = "run -p alipay-mock --" ]; shift 4; alipay-mock "$@"; }
alipay-mock() {
    case $1 in control|trigger) "$MOCK" "$@"; return ;; esac
    # The port of the first gateway is taken.
    [ -z "$main" ] || set -- "${@/#$PORT/0}"
    local pid log=$(mktemp --tmpdir=.)
    "$MOCK" "$@" > "$log" 2>&1 & pid=$!
    until grep -q '^# export ALIPAY_ROOT_CERT=' "$log"; do
        kill -0 $pid 2> /dev/null || { cat "$log" >&2; return 1; }
        sleep 0.05
    done
    if [ -n "$main" ]; then kill $pid; wait $pid || true; echo "served $*"; return; fi
    main=$pid
    eval "$(grep '^export ' "$log")"
    PORT=${ALIPAY_BASE_URL##*:}
}
"#;

/// The commands of the README, as a newcomer pastes them one after the other.
#[test]
#[cfg(unix)]
fn the_commands_of_the_readme_work() {
    const README: &str = include_str!("../README.md");
    if !["bash", "curl", "openssl"].map(is_installed).into_iter().all(|installed| installed) {
        return;
    }
    let blocks: Vec<&str> = README
        .split("```sh\n")
        .skip(1)
        .map(|rest| rest.split("```").next().unwrap().trim_end())
        // The test below has these.
        .filter(|block| !block.contains("first-call/"))
        .collect();
    // What the response to the last command of a block must have in it; a block has its row by a part of it.
    let expected = [
        ("cargo run", ""),
        ("call() {", "HTTP/1.1 200 OK"),
        ("( sign()", "the last line feed is missing"),
        ("$voucher/create", "\"voucher_id\""),
        ("--fault", "served --fault rate-limited:2*3"),
        ("trigger expired", " 200 accepted"),
        ("order() {", "\"trade_status\":\"TRADE_SUCCESS\""),
        ("control pause", "wrong-signature"),
        ("/_mock/clock\" -d", "\"activity_status\":\"PAUSE\""),
        ("--spec", "served --spec"),
        ("--host 0.0.0.0", "served --host 0.0.0.0"),
        ("--retry 60", "unix_millis"),
    ];
    assert_eq!(blocks.len(), expected.len(), "a block without a row here: {blocks:#?}");
    let folder = tempfile::tempdir().unwrap();
    let fixture = include_str!("fixtures/library.yaml");
    std::fs::write(folder.path().join("openapi.yaml"), fixture).unwrap();
    std::fs::write(folder.path().join("overlay.yaml"), OVERLAY).unwrap();
    let app = TcpListener::bind("127.0.0.1:0").unwrap();
    let app_address = app.local_addr().unwrap().to_string();
    std::thread::spawn(move || {
        for stream in app.incoming() {
            let response = b"HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\nsuccess";
            let mut stream = stream.unwrap();
            let _ = stream.read(&mut [0; 8192]);
            let _ = stream.write_all(response);
        }
    });
    let mut script = SHELL.to_owned();
    for block in &blocks {
        let block = block.replace("8787", "$PORT").replace("127.0.0.1:3000", &app_address);
        script.extend([block.as_str(), "\necho '=== end of a block'\n"]);
    }
    let output = Command::new("bash")
        .args(["-c", &script])
        .env("MOCK", env!("CARGO_BIN_EXE_alipay-mock"))
        .current_dir(folder.path())
        .output()
        .unwrap();
    let [stdout, stderr] =
        [&output.stdout, &output.stderr].map(|text| String::from_utf8_lossy(text));
    assert!(output.status.success(), "{stdout}\n{stderr}");
    let outputs: Vec<&str> = stdout.split("=== end of a block\n").collect();
    for ((block, output), (part, expected)) in blocks.iter().zip(outputs).zip(expected) {
        assert!(block.contains(part), "{part} is not in its place: {block}");
        assert!(output.contains(expected), "no {expected} in the output of\n{block}\n\n{output}");
    }
}

/// The first call in other languages, for those that are installed.
#[test]
#[cfg(unix)]
fn the_first_calls_in_other_languages_are_accepted() {
    const README: &str = include_str!("../README.md");
    let mut program = Program::start(&[]);
    let (_, [base_url, app_id, private_key, ..]) = program.greeting();
    let commands: Vec<_> =
        README.lines().filter(|line| line.contains(" alipay-mock/first-call/")).collect();
    assert_eq!(commands.len(), 3);
    for command in commands {
        if !is_installed(command.split(' ').next().unwrap()) {
            continue;
        }
        let output = Command::new("sh")
            .args(["-c", command])
            .env("ALIPAY_BASE_URL", &base_url)
            .env("ALIPAY_APP_ID", &app_id)
            .env("ALIPAY_PRIVATE_KEY", &private_key)
            .current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
            .output()
            .unwrap();
        let stdout = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success(), "{command}: {output:?}");
        assert!(stdout.contains("To sign:\napp_id=") && stdout.contains("200"), "{stdout}");
        assert!(program.line().contains("/v3/alipay/trade/cancel 200"), "{command}");
    }
}

#[test]
fn lines_that_nobody_reads_do_not_stop_it() {
    let mut program = Program::start(&[]);
    let (_, [base_url, ..]) = program.greeting();
    // More than a pipe and the queue hold: each leaves a line of more than a hundred characters.
    for _ in 0..2200 {
        get(&base_url, "/v3/alipay/marketing/activity/voucher/query");
    }
    let mut line = program.line();
    while !line.contains("lines left out") {
        assert!(line.contains("query 400"), "{line}");
        line = program.line();
    }
    // Once they are read, none is missing any more.
    get(&base_url, "/last");
    while !program.line().contains("/last 404") {}
}
