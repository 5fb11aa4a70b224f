//! A package to run the command on: a copy of a fixture, or made from a text, in a folder of its
//! own outside the repository, with a cache of its own and a scrubbed environment.
//!
//! All projects share one target directory, so the dependencies are built once. A project of the
//! same test lies at the same path in every run, so the directory does not grow from run to run.

use std::collections::HashMap;
use std::io::{BufRead, BufReader, Read};
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::sync::{LazyLock, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process, kill_process_group};
use serde_json::Value;

/// After this a process is taken to hang; no test is decided by it. Includes waiting for the build
/// directory, which all tests share.
const SAFETY_NET: Duration = Duration::from_secs(300);

/// How often the end of a process is looked for.
const TICK: Duration = Duration::from_millis(5);

/// A package, with a home, a cache and a folder for records of its own. Programs run in it find the
/// last one in `$RECORD`.
pub(crate) struct Project {
    folder: PathBuf,
    variables: Vec<(&'static str, String)>,
}

impl Project {
    /// A copy of `fixtures/<fixture>`.
    pub(crate) fn copy(fixture: &str) -> Self {
        let project = Self::empty();
        copy_folder(&repository().join("fixtures").join(fixture), &project.package());
        let manifest = project.read("Cargo.toml").replace("../../crates", &crates());
        // In the shared target directory cargo tells such packages apart by nothing but the
        // version.
        let version = hash(project.folder.as_os_str().as_encoded_bytes());
        let versioned = |line: &str| match line.starts_with("version = ") {
            true => format!("version = \"0.0.{version}\""),
            false => line.to_owned(),
        };
        let lines: Vec<_> = manifest.lines().map(versioned).collect();
        project.write("Cargo.toml", format!("{}\n\n[workspace]\n", lines.join("\n")));
        project
    }

    /// A copy of `examples/<example>`, as a package of its own.
    pub(crate) fn example(example: &str) -> Self {
        let project = Self::empty();
        let folder = repository().join("examples").join(example);
        copy_folder(&folder, &project.package());
        let manifest = project.read("Cargo.toml");
        let (_, rest) = manifest.split_once("[dev-dependencies]\n").expect("it has some");
        let own = |line: &&str| !line.starts_with("shakedown.workspace");
        let dependencies = rest.lines().take_while(|line| !line.starts_with('[')).filter(own);
        let dependencies = dependencies.collect::<Vec<_>>().join("\n");
        let version = hash(project.folder.as_os_str().as_encoded_bytes());
        project.write(
            "Cargo.toml",
            format!(
                "[package]\nname = \"copy-of-{example}\"\nversion = \"0.0.{version}\"\n\
                 edition = \"2024\"\n\n[dev-dependencies]\n{dependencies}\n\
                 shakedown = {{ path = \"{}/shakedown\" }}\n\n[workspace]\n",
                crates()
            ),
        );
        project
    }

    /// A library package `inline` with this text as its `src/lib.rs`.
    pub(crate) fn inline(source: &str) -> Self {
        let project = Self::empty();
        // In the shared target directory cargo tells such packages apart by nothing but the
        // version.
        let version = hash(project.folder.as_os_str().as_encoded_bytes()) ^ hash(source.as_bytes());
        project.write(
            "Cargo.toml",
            format!(
                "[package]\nname = \"inline\"\nversion = \"0.0.{version}\"\nedition = \"2024\"\n\n\
                 [dev-dependencies]\nshakedown = {{ path = \"{}/shakedown\" }}\n\n[workspace]\n",
                crates()
            ),
        );
        project.write("src/lib.rs", source);
        let file = std::fs::File::options().append(true).open(project.path("src/lib.rs"));
        let file = file.expect("it was just written");
        // The version changes with the source, so it need not look new to be built when it is.
        file.set_modified(std::time::SystemTime::UNIX_EPOCH).expect("a time can be set");
        project
    }

    fn empty() -> Self {
        let project = Self { folder: fresh_folder(), variables: Vec::new() };
        for folder in ["package", "home", "cache", "record"] {
            std::fs::create_dir_all(project.folder.join(folder)).expect("a folder can be made");
        }
        // The versions of this workspace are known to be there without a network.
        let lock = std::fs::read(repository().join("Cargo.lock")).expect("the lock file is there");
        project.write("Cargo.lock", lock);
        project
    }

    /// The same with a variable in the environment of everything that runs in it.
    pub(crate) fn with_variable(mut self, name: &'static str, value: &str) -> Self {
        self.variables.push((name, value.to_owned()));
        self
    }

    /// The folder of its `Cargo.toml`.
    pub(crate) fn package(&self) -> PathBuf {
        self.folder.join("package")
    }

    /// A path in the package.
    pub(crate) fn path(&self, relative: impl AsRef<Path>) -> PathBuf {
        self.package().join(relative)
    }

    /// The text of a file of the package.
    pub(crate) fn read(&self, relative: impl AsRef<Path>) -> String {
        let path = self.path(relative);
        std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    }

    /// Writes a file of the package, and the folders above it.
    pub(crate) fn write(&self, relative: impl AsRef<Path>, content: impl AsRef<[u8]>) {
        let path = self.path(relative);
        let parent = path.parent().expect("a file is in a folder");
        std::fs::create_dir_all(parent).expect("a folder can be made");
        std::fs::write(&path, content).expect("a file can be written");
    }

    /// The files in `testdata` of a target: seeds and findings, by path, sorted.
    pub(crate) fn testdata(&self, target: &str) -> Vec<PathBuf> {
        files(&self.path("testdata/fuzz").join(target.replace("::", ".")))
    }

    /// The entries that the engine found for a target, by path, sorted.
    pub(crate) fn entries(&self, target: &str) -> Vec<PathBuf> {
        let folder = target.replace("::", ".");
        let is_entry = |path: &PathBuf| {
            let parent = path.parent().and_then(Path::file_name);
            parent.is_some_and(|name| name.to_string_lossy() == folder) && !is_hidden(path)
        };
        files(&self.cache()).into_iter().filter(is_entry).collect()
    }

    /// The folder given to the command as the user's cache folder.
    pub(crate) fn cache(&self) -> PathBuf {
        self.folder.join("cache")
    }

    /// The folder `$RECORD`, where targets leave something for the test.
    pub(crate) fn record(&self) -> PathBuf {
        self.folder.join("record")
    }

    /// The processes, other than `but`, that work in the folder of the package.
    pub(crate) fn processes(&self, but: u32) -> Vec<Pid> {
        let all = std::fs::read_dir("/proc").expect("/proc is there").flatten();
        all.filter_map(|entry| {
            let id = entry.file_name().to_str()?.parse().ok()?;
            let is_here = std::fs::read_link(entry.path().join("cwd")).ok()? == self.package();
            (is_here && id != but as i32).then(|| Pid::from_raw(id)).flatten()
        })
        .collect()
    }

    /// Demands that all processes of the project end by themselves.
    #[track_caller]
    pub(crate) fn check_no_process_is_left(&self) {
        let started = Instant::now();
        while !self.processes(0).is_empty() {
            assert!(started.elapsed() < SAFETY_NET / 10, "left: {:?}", self.processes(0));
            std::thread::sleep(TICK);
        }
    }

    /// Runs `cargo shakedown ARGS` to its end.
    pub(crate) fn shakedown(&self, args: &[&str]) -> Run {
        self.start(args).finish()
    }

    /// Starts `cargo shakedown ARGS`.
    pub(crate) fn start(&self, args: &[&str]) -> Running {
        let mut command = self.command(env!("CARGO_BIN_EXE_cargo-shakedown"));
        command.arg("shakedown").args(args);
        Running::new(command)
    }

    /// Runs `cargo ARGS` to its end.
    pub(crate) fn cargo(&self, args: &[&str]) -> Run {
        let mut command = self.command(env!("CARGO"));
        command.args(args);
        Running::new(command).finish()
    }

    /// Runs a command that was printed, as a shell takes it.
    pub(crate) fn paste(&self, line: &str) -> Run {
        let programs = [env!("CARGO_BIN_EXE_cargo-shakedown"), env!("CARGO")];
        let folders = programs.map(|program| Path::new(program).with_file_name(""));
        let path = std::env::var_os("PATH").unwrap_or_default();
        let path = folders.into_iter().chain(std::env::split_paths(&path));
        let mut command = self.command("sh");
        command.args(["-c", line]);
        command.env("PATH", std::env::join_paths(path).expect("no colons"));
        Running::new(command).finish()
    }

    /// Runs the package's tests as its users do.
    pub(crate) fn cargo_test(&self) -> Run {
        self.cargo(&["test", "--quiet", "--tests"])
    }

    /// A program in the folder of the package, with an environment that says nothing.
    pub(crate) fn command(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        command.current_dir(self.package()).env_clear();
        command.envs(std::env::vars_os().filter(|(name, _)| is_kept(&name.to_string_lossy())));
        // Whatever is missing, a test must not make rustup install or update a toolchain.
        command.env("RUSTUP_AUTO_INSTALL", "0");
        for (variable, folder) in [("CARGO_HOME", ".cargo"), ("RUSTUP_HOME", ".rustup")] {
            let default = || Some(std::env::home_dir()?.join(folder).into());
            command.envs(std::env::var_os(variable).or_else(default).map(|path| (variable, path)));
        }
        command.env("HOME", self.folder.join("home"));
        command.env("XDG_CACHE_HOME", self.cache()).env("RECORD", self.record());
        command.envs(self.variables.iter().map(|(name, value)| (name, value)));
        command.env("CARGO", env!("CARGO"));
        command.env("CARGO_TARGET_DIR", Path::new(env!("CARGO_TARGET_TMPDIR")).join("e2e"));
        command.envs([("CARGO_NET_OFFLINE", "true"), ("CARGO_INCREMENTAL", "0")]);
        command.envs([("CARGO_TERM_COLOR", "never"), ("NO_COLOR", "1"), ("LC_ALL", "C")]);
        command
    }
}

impl Drop for Project {
    /// What a failed test leaves behind is kept for a look.
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("the project is kept in {}", self.folder.display());
        } else {
            let _ = std::fs::remove_dir_all(&self.folder);
        }
    }
}

/// A process that runs.
pub(crate) struct Running {
    child: Child,
    lines: Receiver<String>,
    /// The lines of standard output seen so far.
    stdout: String,
    stderr: Option<JoinHandle<String>>,
    started: Instant,
}

impl Running {
    /// Starts the command, in a process group of its own.
    pub(crate) fn new(mut command: Command) -> Self {
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.process_group(0).spawn().expect("the program can be started");
        let stdout = BufReader::new(child.stdout.take().expect("a pipe"));
        let mut stderr = child.stderr.take().expect("a pipe");
        let (sender, lines) = channel();
        std::thread::spawn(move || {
            for line in stdout.lines().map_while(Result::ok) {
                if sender.send(line).is_err() {
                    break;
                }
            }
        });
        let stderr = std::thread::spawn(move || {
            let mut bytes = Vec::new();
            let _ = stderr.read_to_end(&mut bytes);
            String::from_utf8_lossy(&bytes).into_owned()
        });
        let stderr = Some(stderr);
        Self { child, lines, stdout: String::new(), stderr, started: Instant::now() }
    }

    /// Id of the process.
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// Waits for a JSON line that is wanted; returns it, or nothing if the output ends first.
    pub(crate) fn wait_for(&mut self, wanted: impl Fn(&Value) -> bool) -> Option<Value> {
        loop {
            let value = serde_json::from_str(&self.next_line()?).ok();
            if let Some(value) = value.filter(|value| wanted(value)) {
                return Some(value);
            }
        }
    }

    /// Sends a signal to this process alone.
    pub(crate) fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.child), signal).expect("it is still there");
    }

    /// Waits for the end.
    pub(crate) fn finish(mut self) -> Run {
        while self.next_line().is_some() {}
        let status = loop {
            match self.child.try_wait().expect("the process can be waited for") {
                Some(status) => break status,
                None => self.check_safety_net(),
            }
            std::thread::sleep(TICK);
        };
        let stderr = self.stderr.take().and_then(|thread| thread.join().ok());
        let stdout = std::mem::take(&mut self.stdout);
        Run { status, stdout, stderr: stderr.unwrap_or_default() }
    }

    /// The next line of standard output, nothing at its end.
    /// Waits for a line that begins so; what follows there.
    pub(crate) fn wait_for_line(&mut self, begin: &str) -> Option<String> {
        loop {
            if let Some(rest) = self.next_line()?.strip_prefix(begin) {
                return Some(rest.to_owned());
            }
        }
    }

    fn next_line(&mut self) -> Option<String> {
        loop {
            match self.lines.recv_timeout(Duration::from_secs(1)) {
                Ok(line) => {
                    self.stdout.push_str(&line);
                    self.stdout.push('\n');
                    return Some(line);
                }
                Err(RecvTimeoutError::Disconnected) => return None,
                Err(RecvTimeoutError::Timeout) => self.check_safety_net(),
            }
        }
    }

    #[track_caller]
    fn check_safety_net(&mut self) {
        if self.started.elapsed() > SAFETY_NET {
            self.kill();
            let stderr = self.stderr.take().and_then(|thread| thread.join().ok());
            panic!("it hangs; so far it said:\n{}{}", self.stdout, stderr.unwrap_or_default());
        }
    }

    fn kill(&mut self) {
        let _ = kill_process_group(Pid::from_child(&self.child), Signal::KILL);
        let _ = self.child.wait();
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if matches!(self.child.try_wait(), Ok(None)) {
            self.kill();
        }
    }
}

/// What a process left behind.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) status: ExitStatus,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Run {
    /// Demands this exit status; shows everything otherwise.
    #[track_caller]
    pub(crate) fn exits(self, code: i32) -> Self {
        let Self { status, stdout, stderr } = &self;
        assert_eq!(status.code(), Some(code), "{:?}\n{stdout}\n{stderr}", status.signal());
        self
    }

    /// Demands that standard output or standard error contain this text.
    #[track_caller]
    pub(crate) fn says(self, text: &str) -> Self {
        let Self { stdout, stderr, .. } = &self;
        let said = stdout.contains(text) || stderr.contains(text);
        assert!(said, "`{text}` is not in this output:\n{stdout}\n{stderr}");
        self
    }

    /// The lines of standard output, all of which must be JSON objects.
    #[track_caller]
    pub(crate) fn json(&self) -> Vec<Value> {
        let parse = |line: &str| -> Value {
            serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"))
        };
        self.stdout.lines().map(parse).inspect(|value| assert!(value.is_object())).collect()
    }

    /// The JSON lines of a type: `start`, `finding`, ..
    #[track_caller]
    pub(crate) fn of_type(&self, kind: &str) -> Vec<Value> {
        self.json().into_iter().filter(|line| line["type"] == kind).collect()
    }

    /// The last line, which must be the summary.
    #[track_caller]
    pub(crate) fn summary(&self) -> Value {
        let last = self.json().pop().unwrap_or_else(|| panic!("no output\n{}", self.stderr));
        assert_eq!(last["type"], "summary", "{}", self.stderr);
        last
    }

    /// A number of the only target in the summary.
    #[track_caller]
    pub(crate) fn number(&self, field: &str) -> u64 {
        let summary = self.summary();
        assert_eq!(summary["targets"].as_array().map(Vec::len), Some(1), "{summary}");
        summary["targets"][0][field].as_u64().unwrap_or_else(|| panic!("{field}: {summary}"))
    }

    /// The kinds of all findings, sorted.
    #[track_caller]
    pub(crate) fn kinds(&self) -> Vec<String> {
        let findings = self.of_type("finding");
        let mut kinds: Vec<_> =
            findings.iter().filter_map(|finding| Some(finding["kind"].as_str()?.into())).collect();
        kinds.sort();
        kinds
    }
}

/// All files below a folder by path, sorted; none if there is no folder.
pub(crate) fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        match entry.path() {
            path if path.is_dir() => found.extend(files(&path)),
            path => found.push(path),
        }
    }
    found.sort();
    found
}

/// All files below a folder with their content, by relative path; without hidden ones.
pub(crate) fn contents(folder: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let read = |path: PathBuf| {
        let content = std::fs::read(&path).expect("a file can be read");
        (path.strip_prefix(folder).expect("it is below").to_path_buf(), content)
    };
    files(folder).into_iter().filter(|path| !is_hidden(path)).map(read).collect()
}

/// Variables without which programs are not found, or the toolchain would be another one.
fn is_kept(variable: &str) -> bool {
    matches!(variable, "PATH" | "TMPDIR") || variable.starts_with("RUSTUP_")
}

fn is_hidden(path: &Path) -> bool {
    path.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.'))
}

/// The root of this repository.
pub(crate) fn repository() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    here.canonicalize().expect("the repository is there")
}

fn crates() -> String {
    repository().join("crates").display().to_string()
}

/// Copies a folder. The copies look new, so cargo builds what the last run may have edited.
fn copy_folder(from: &Path, to: &Path) {
    for path in files(from) {
        let copy = to.join(path.strip_prefix(from).expect("it is below"));
        std::fs::create_dir_all(copy.parent().expect("it is below")).expect("a folder");
        std::fs::copy(&path, &copy).expect("a fixture can be copied");
    }
}

/// An empty folder named after the test, and after this build of it.
fn fresh_folder() -> PathBuf {
    static USED: LazyLock<Mutex<HashMap<String, u32>>> = LazyLock::new(Mutex::default);
    let test = match std::thread::current().name() {
        Some(name) if name != "main" => name.replace("::", "-"),
        _ => format!("process-{}", std::process::id()),
    };
    let number = {
        let mut used = USED.lock().expect("no test panics with the lock");
        *used.entry(test.clone()).and_modify(|number| *number += 1).or_insert(1)
    };
    let build = hash(env!("CARGO_TARGET_TMPDIR").as_bytes());
    let folder = std::env::temp_dir().join(format!("shakedown-e2e-{build:x}"));
    let folder = folder.join(format!("{test}-{number}"));
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).expect("a folder can be made");
    // Programs see their directory without symbolic links.
    folder.canonicalize().expect("it was just made")
}

/// FNV-1a without its offset: the same in every run.
fn hash(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3))
}
