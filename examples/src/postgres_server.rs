//! A PostgreSQL server for as long as a test or an example runs: with a folder of its own, on a socket in it, and
//! without an account or a password. For tests only.

use std::{
    env, fs, io,
    os::unix::{
        fs::{MetadataExt as _, chown},
        process::CommandExt as _,
    },
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use postgres::{Config, NoTls};
use tempfile::TempDir;

use crate::program::Failure;

/// The user that Debian's package makes. The server refuses to run as root.
const USER: &str = "postgres";
/// Where Debian's packages put the programs of each version.
const VERSIONS: &str = "/usr/lib/postgresql";
/// Runs the server until standard input ends, however the process at its other end has ended.
const UNTIL_END_OF_INPUT: &str = r#"
    trap '' INT
    "$@" </dev/null >/dev/null 2>log & server=$!
    cat >/dev/null
    kill -QUIT $server; wait $server
    folder=$PWD; cd /; rm -rf "$folder""#;
/// How long the server may take to start.
const PATIENCE: Duration = Duration::from_secs(60);

/// A running server. It ends, and its folder is removed, when this is dropped.
#[derive(Debug)]
pub struct PostgresServer {
    shell: Child,
    folder: TempDir,
}

impl PostgresServer {
    /// Starts a server; `None` where PostgreSQL is not installed, or only root could run it.
    ///
    /// # Errors
    ///
    /// When it is installed, and does not start.
    pub fn start() -> Result<Option<Self>, Failure> {
        let Some(programs) = programs() else { return Ok(None) };
        let folder = tempfile::Builder::new().prefix("pg").tempdir()?;
        let Some(owner) = owner(folder.path())? else { return Ok(None) };
        let made = owner
            .command(&programs.join("initdb"), folder.path())
            .args(["--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync", "-U", USER])
            .args(["-D", "data"])
            .output()?;
        if !made.status.success() {
            return Err(format!("initdb: {}", String::from_utf8_lossy(&made.stderr)).into());
        }
        let shell = owner
            .command(Path::new("/bin/sh"), folder.path())
            .args(["-c", UNTIL_END_OF_INPUT, "sh"])
            .arg(programs.join("postgres"))
            // Nobody needs its data after a power failure.
            .args(["-D", "data", "-c", "fsync=off", "-c", "listen_addresses=", "-k"])
            .arg(folder.path())
            .stdin(Stdio::piped())
            .spawn()?;
        let server = Self { shell, folder };
        server.wait()?;
        Ok(Some(server))
    }

    /// How to connect to its database.
    #[must_use]
    pub fn config(&self) -> Config {
        let mut config = Config::new();
        config.host_path(self.folder.path()).user(USER).dbname(USER);
        config
    }

    fn wait(&self) -> Result<(), Failure> {
        let started = Instant::now();
        loop {
            match self.config().connect(NoTls) {
                Ok(_) => return Ok(()),
                Err(error) if started.elapsed() > PATIENCE => {
                    let log = fs::read_to_string(self.folder.path().join("log"))?;
                    return Err(format!("PostgreSQL does not start: {error}\n{log}").into());
                }
                Err(_) => thread::sleep(Duration::from_millis(50)),
            }
        }
    }
}

impl Drop for PostgresServer {
    fn drop(&mut self) {
        drop(self.shell.stdin.take());
        // Nothing can be done if this fails.
        let _ = self.shell.wait();
    }
}

/// The folder of the programs: of the newest version of Debian's packages, or on the path.
fn programs() -> Option<PathBuf> {
    let version = |folder: &Path| folder.file_name()?.to_str()?.parse::<u32>().ok();
    let versions = fs::read_dir(VERSIONS).into_iter().flatten().filter_map(Result::ok);
    let newest = versions.map(|entry| entry.path()).max_by_key(|folder| version(folder));
    let path = env::var_os("PATH").unwrap_or_default();
    let mut folders =
        newest.map(|folder| folder.join("bin")).into_iter().chain(env::split_paths(&path));
    folders.find(|folder| folder.join("initdb").is_file() && folder.join("postgres").is_file())
}

/// Who runs the server.
enum Owner {
    Oneself,
    User { uid: u32, gid: u32 },
}

impl Owner {
    fn command(&self, program: &Path, folder: &Path) -> Command {
        let mut command = Command::new(program);
        command.current_dir(folder);
        if let Self::User { uid, gid } = *self {
            command.uid(uid).gid(gid);
        }
        command
    }
}

/// Whoever owns the folder, unless that is root: then it is given to the user of the package. `None` if there is no
/// such user.
fn owner(folder: &Path) -> io::Result<Option<Owner>> {
    if fs::metadata(folder)?.uid() != 0 {
        return Ok(Some(Owner::Oneself));
    }
    let users = fs::read_to_string("/etc/passwd")?;
    let ids = users.lines().find_map(|line| {
        let mut fields = line.split(':');
        let is_user = fields.next() == Some(USER);
        let mut id = || fields.by_ref().find_map(|field| field.parse().ok());
        is_user.then(|| Some((id()?, id()?))).flatten()
    });
    let Some((uid, gid)) = ids else { return Ok(None) };
    chown(folder, Some(uid), Some(gid))?;
    Ok(Some(Owner::User { uid, gid }))
}
