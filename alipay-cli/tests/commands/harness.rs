//! Starts the program, with an environment that has nothing but what a test gives.

use std::ffi::{OsStr, OsString};
use std::fs::OpenOptions;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::LazyLock;
use std::thread;

use alipay_mock::{Gateway, GatewayKeys};
use serde_json::Value;

/// The variables whose values no output may show.
const SECRET: [&str; 4] = [
    "ALIPAY_PRIVATE_KEY",
    "ALIPAY_ENCRYPT_KEY",
    "ALIPAY_APP_AUTH_TOKEN",
    "ALIPAY_MOCK_PRIVATE_KEY",
];

/// Personal data for tests: whoever puts them into requests, responses or notifications finds them in no output.
pub(crate) mod personal {
    pub(crate) const USER_ID: &str = "2088612345678901";
    pub(crate) const OPEN_ID: &str = "074a1CcTG1LelxKe4xQC0zgNdId0nxi95b5lsNpazWY";
    pub(crate) const PHONE: &str = "13800138765";
    pub(crate) const LOGON_ID: &str = "canary.logon@example.com";
    pub(crate) const TOKEN: &str = "202611BBcanarytoken9f8e7d6c5b4a";

    pub(crate) const ALL: [&str; 5] = [USER_ID, OPEN_ID, PHONE, LOGON_ID, TOKEN];
}

/// `alipay` with these arguments, to be run.
pub(crate) fn alipay<A: AsRef<OsStr>>(arguments: impl IntoIterator<Item = A>) -> Run {
    let arguments = arguments.into_iter().map(|argument| argument.as_ref().to_owned()).collect();
    Run {
        arguments,
        variables: Vec::new(),
        stdin: None,
        folder: None,
        secrets: Vec::new(),
        stdout: None,
    }
}

pub(crate) struct Run {
    arguments: Vec<OsString>,
    variables: Vec<(OsString, OsString)>,
    stdin: Option<Vec<u8>>,
    folder: Option<PathBuf>,
    secrets: Vec<String>,
    stdout: Option<PathBuf>,
}

impl Run {
    pub(crate) fn env(mut self, name: &str, value: impl AsRef<OsStr>) -> Self {
        self.variables.retain(|(known, _)| known != name);
        self.variables.push((name.into(), value.as_ref().to_owned()));
        self
    }

    pub(crate) fn without(mut self, name: &str) -> Self {
        self.variables.retain(|(known, _)| known != name);
        self
    }

    /// The settings of a client of this gateway, in key mode.
    pub(crate) fn settings(self, gateway: &Gateway) -> Self {
        self.env("ALIPAY_BASE_URL", gateway.base_url())
            .env("ALIPAY_APP_ID", gateway.app_id())
            .env("ALIPAY_PRIVATE_KEY", gateway.app_private_key())
            .env("ALIPAY_PUBLIC_KEY", gateway.alipay_public_key())
            .env("ALIPAY_ENCRYPT_KEY", gateway.encrypt_key())
    }

    /// The same, without encryption.
    pub(crate) fn plain_settings(self, gateway: &Gateway) -> Self {
        self.settings(gateway).without("ALIPAY_ENCRYPT_KEY")
    }

    pub(crate) fn stdin(mut self, input: impl Into<Vec<u8>>) -> Self {
        self.stdin = Some(input.into());
        self
    }

    /// The folder it runs in.
    pub(crate) fn folder(mut self, folder: &Path) -> Self {
        self.folder = Some(folder.to_owned());
        self
    }

    /// Where it writes its output, in place of what is returned.
    #[cfg(unix)]
    pub(crate) fn stdout(mut self, path: impl Into<PathBuf>) -> Self {
        self.stdout = Some(path.into());
        self
    }

    /// One more string that no output may show.
    pub(crate) fn secret(mut self, secret: impl Into<String>) -> Self {
        self.secrets.push(secret.into());
        self
    }

    /// Runs it to its end. No secret of its variables may be in what it prints.
    pub(crate) fn run(self) -> Output {
        let secrets = self.all_secrets();
        let input = self.stdin.clone().unwrap_or_default();
        let mut child = self.spawn();
        let mut stdin = child.stdin.take().unwrap();
        // A program that does not read its input has ended, maybe.
        let writer = thread::spawn(move || drop(stdin.write_all(&input)));
        let output = child.wait_with_output().unwrap();
        writer.join().unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        let output = Output {
            code: output.status.code().unwrap_or(-1),
            stdout: text(output.stdout),
            stderr: text(output.stderr),
        };
        output.hides(secrets.iter().map(String::as_str));
        output
    }

    /// Starts it, for what runs until it is stopped. Standard input, output and error are pipes.
    pub(crate) fn spawn(self) -> Child {
        let mut command = Command::new(env!("CARGO_BIN_EXE_alipay"));
        command.args(&self.arguments).env_clear().envs(self.variables);
        // Without it, Windows opens no socket.
        if let Some(root) = std::env::var_os("SystemRoot") {
            command.env("SystemRoot", root);
        }
        if let Some(folder) = &self.folder {
            command.current_dir(folder);
        }
        let stdout = match &self.stdout {
            Some(path) => OpenOptions::new().write(true).open(path).unwrap().into(),
            None => Stdio::piped(),
        };
        let command = command.stdin(Stdio::piped()).stdout(stdout).stderr(Stdio::piped());
        command.spawn().unwrap()
    }

    fn all_secrets(&self) -> Vec<String> {
        let of_variables =
            self.variables.iter().filter(|(name, _)| SECRET.iter().any(|secret| name == secret));
        let of_variables = of_variables.filter_map(|(_, value)| value.to_str());
        let values = of_variables.filter(|value| !value.starts_with('@')).map(str::to_owned);
        values.chain(self.secrets.iter().cloned()).collect()
    }
}

/// What the program printed, and how it ended.
#[derive(Debug)]
pub(crate) struct Output {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Output {
    /// The same, if it ended with this exit code.
    #[track_caller]
    pub(crate) fn ends(self, code: i32) -> Self {
        assert_eq!(self.code, code, "stdout:\n{}\nstderr:\n{}", self.stdout, self.stderr);
        self
    }

    /// Standard output as one JSON document.
    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|e| panic!("{e}: {self:?}"))
    }

    /// That none of these is in it. Of a long one, such as a key, no line of it may be there either.
    #[track_caller]
    pub(crate) fn hides<'a>(&self, secrets: impl IntoIterator<Item = &'a str>) {
        for secret in secrets {
            for line in secret.lines().filter(|line| !line.starts_with("-----")) {
                let start = line.get(..40).unwrap_or(line);
                let shown = start.len() >= 6
                    && (self.stdout.contains(start) || self.stderr.contains(start));
                assert!(!shown, "a secret is shown:\n{}\n{}", self.stdout, self.stderr);
            }
        }
    }
}

/// That no personal data of tests is in the output.
#[track_caller]
pub(crate) fn canaries(output: &Output) {
    output.hides(personal::ALL);
}

/// Two sets of keys, made once for all tests.
pub(crate) fn two_sets_of_keys() -> [GatewayKeys; 2] {
    static KEYS: LazyLock<[GatewayKeys; 2]> =
        LazyLock::new(|| [(); 2].map(|()| GatewayKeys::generate().unwrap()));
    KEYS.clone()
}

/// A gateway, and another one with keys of its own: what one signs, the other refuses.
pub(crate) fn two_gateways() -> (Gateway, Gateway) {
    let [one, other] =
        two_sets_of_keys().map(|keys| Gateway::builder().keys(keys).start_blocking().unwrap());
    (one, other)
}
