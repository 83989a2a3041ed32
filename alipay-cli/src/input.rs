//! What is read: files, and standard input.

use std::io::{self, Read as _};
use std::path::PathBuf;
use std::str::FromStr;
use std::sync::atomic::{AtomicBool, Ordering};

use alipay_core::{keys::read_file, settings};

use crate::outcome::Failure;

/// The longest input that is read. Nothing that Alipay takes is longer.
const LONGEST: u64 = 64 << 20;

/// Whether standard input was read. It can be read once.
static READ: AtomicBool = AtomicBool::new(false);

/// Where to read from: `-` is standard input, anything else the path of a file, which may have `@` in front.
#[derive(Clone, Debug)]
pub(crate) enum Source {
    Stdin,
    File(PathBuf),
}

impl FromStr for Source {
    type Err = String;

    fn from_str(given: &str) -> Result<Self, String> {
        match given.strip_prefix('@').unwrap_or(given) {
            "-" => Ok(Self::Stdin),
            "" => Err("expected the path of a file, or `-` for standard input".to_owned()),
            path => Ok(Self::File(path.into())),
        }
    }
}

impl Source {
    /// What errors call it.
    pub(crate) fn name(&self) -> String {
        match self {
            Self::Stdin => "standard input".to_owned(),
            Self::File(path) => path.display().to_string(),
        }
    }

    /// All of its bytes.
    pub(crate) fn bytes(&self) -> Result<Vec<u8>, Failure> {
        let cannot =
            |error: io::Error| Failure::Unusable(format!("cannot read {}: {error}", self.name()));
        let mut bytes = Vec::new();
        match self {
            Self::Stdin => {
                if READ.swap(true, Ordering::Relaxed) {
                    let problem =
                        "standard input can be read once only; give a file for the other `-`";
                    return Err(Failure::unusable(problem));
                }
                io::stdin().lock().take(LONGEST + 1).read_to_end(&mut bytes).map_err(cannot)?;
            }
            Self::File(path) => {
                // A path that names nothing may be a key itself, which is not shown.
                let of_path = |error| match read_file(path).map_err(|error| error.to_string()) {
                    Err(problem) if !problem.contains(&self.name()) => Failure::Unusable(problem),
                    _ => cannot(error),
                };
                let file = std::fs::File::open(path).map_err(of_path)?;
                file.take(LONGEST + 1).read_to_end(&mut bytes).map_err(cannot)?;
            }
        }
        if bytes.len() as u64 > LONGEST {
            let name = self.name();
            return Err(Failure::Unusable(format!("{name} is longer than {} MiB", LONGEST >> 20)));
        }
        Ok(bytes)
    }

    /// All of its text, which is UTF-8.
    pub(crate) fn text(&self) -> Result<String, Failure> {
        String::from_utf8(self.bytes()?)
            .map_err(|_| Failure::Unusable(format!("{} is not UTF-8 text", self.name())))
    }
}

/// A value given as it is, or with `@` the path of a file that holds it, or `-` for standard input. No secret: those
/// are read from a [`Source`] or a variable.
#[derive(Clone, Debug)]
pub(crate) enum Given {
    Text(String),
    In(Source),
}

impl FromStr for Given {
    type Err = String;

    fn from_str(given: &str) -> Result<Self, String> {
        if given == "-" || given.starts_with('@') {
            return given.parse().map(Self::In);
        }
        Ok(Self::Text(given.to_owned()))
    }
}

impl Given {
    /// What errors call it, `option` if it is given as it is.
    pub(crate) fn name(&self, option: &str) -> String {
        match self {
            Self::Text(_) => option.to_owned(),
            Self::In(source) => source.name(),
        }
    }

    pub(crate) fn text(&self) -> Result<String, Failure> {
        match self {
            Self::Text(text) => Ok(text.clone()),
            Self::In(source) => source.text(),
        }
    }
}

/// What `option` names a place of: `@FILE`, or `-` for standard input. What is given is not shown, since it may be the
/// secret itself.
pub(crate) fn secret(option: &str, given: &str) -> Result<String, Failure> {
    if given != "-" && !given.starts_with('@') {
        return Err(Failure::Unusable(format!(
            "{option} takes `@` and the path of a file, or `-` for standard input: it is a secret, and others can \
             see the arguments of a program"
        )));
    }
    let source: Source = given.parse().map_err(Failure::Unusable)?;
    let secret = source.text()?.trim().to_owned();
    if secret.is_empty() {
        return Err(Failure::Unusable(format!("{}: {option} is empty", source.name())));
    }
    Ok(secret)
}

/// The variable that holds the token of a merchant.
pub(crate) const APP_AUTH_TOKEN: &str = "ALIPAY_APP_AUTH_TOKEN";

/// The token of a merchant that is set, which is a secret.
pub(crate) fn app_auth_token() -> Result<Option<String>, Failure> {
    let token = settings::read(APP_AUTH_TOKEN).map_err(Failure::unusable)?;
    Ok(token.map(|token| token.trim().to_owned()))
}

/// A name and a value.
pub(crate) type Pair = (String, String);

/// Reads `NAME=VALUE`.
pub(crate) fn pair(given: &str) -> Result<Pair, String> {
    match given.split_once('=') {
        Some((name, value)) if !name.is_empty() => Ok((name.to_owned(), value.to_owned())),
        _ => Err("expected NAME=VALUE".to_owned()),
    }
}
