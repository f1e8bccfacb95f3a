//! The tree under attack, what lies outside of it, and running the program with a limit of time.

use std::collections::BTreeMap;
use std::fs;
use std::io::Read;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::LazyLock;
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::support::{self, Found, Nodes, copy_to, nodes, strace};

/// What every file outside of the root holds, and no output may.
pub(crate) const OUTSIDE: &str = "lies-outside-of-the-root";

/// Longer than any command takes.
const LIMIT: Duration = Duration::from_secs(30);

/// A folder that holds `root`, `outside` with a file for each of the root's, and `plan`.
static BASE: LazyLock<TempDir> = LazyLock::new(|| {
    let base = tempfile::tempdir().unwrap();
    let root = base.path().join("root");
    copy_to(&support::fixture("tutorial"), &root);
    let keyfiles = root.join("etc/NetworkManager/system-connections");
    fs::create_dir_all(&keyfiles).unwrap();
    fs::create_dir_all(root.join("etc/kvmnet/templates")).unwrap();
    let template = include_str!("../../templates/ifcfg-bridge.hbs");
    fs::write(root.join("etc/kvmnet/templates/ifcfg-bridge.hbs"), template).unwrap();
    let plan = base.path().join("plan");
    let plan = plan.to_str().unwrap();
    for words in [
        &["network", "set", "default", "--domain", "lan", "--yes"][..],
        &[
            "bridge",
            "add",
            "br0",
            "--port",
            "ens33",
            "--dry-run",
            "--out",
            plan,
        ],
    ] {
        let output = support::kvmnet(&root, words);
        assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
    }
    outside(&root, &base.path().join("outside"));
    base
});

/// Makes the folder `to` with a file for each of those beneath `from`.
fn outside(from: &Path, to: &Path) {
    fs::create_dir(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let (from, to) = {
            let entry = entry.unwrap();
            (entry.path(), to.join(entry.file_name()))
        };
        match from.is_dir() && !from.is_symlink() {
            true => outside(&from, &to),
            false => fs::write(to, format!("# {OUTSIDE}\nTYPE={OUTSIDE}\n")).unwrap(),
        }
    }
}

/// A copy of the tree under attack.
pub(crate) struct Scene {
    dir: TempDir,
    outside: Traces,
}

impl Scene {
    pub(crate) fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        copy_to(BASE.path(), dir.path());
        let outside = traces(&dir.path().join("outside"));
        Self { dir, outside }
    }

    pub(crate) fn path(&self) -> &Path {
        self.dir.path()
    }

    pub(crate) fn root(&self) -> PathBuf {
        self.path().join("root")
    }

    /// Returns the words of a command, where `PLAN` is the path of the saved plan.
    pub(crate) fn words(&self, command: &str) -> Vec<String> {
        let plan = self.path().join("plan");
        let word = |word: &str| word.replace("PLAN", plan.to_str().unwrap());
        command.split(' ').map(word).collect()
    }

    /// Runs a command on the root, and fails where it hangs, panics, does not say why, or touches what is outside.
    pub(crate) fn run(&self, command: &str, context: &str) -> Ran {
        let words = self.words(command);
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let line = strace::program(&self.root(), &words);
        let mut process = Command::new(&line[0]);
        process.args(&line[1..]).env_clear();
        self.judge(process, &format!("{context}: {command}"))
    }

    /// Runs a process, and fails where it hangs, panics, does not say why, or touches what is outside.
    pub(crate) fn judge(&self, process: Command, context: &str) -> Ran {
        let ran = in_time(process, context);
        assert!(!ran.said.contains("panicked"), "{context}\n{}", ran.said);
        assert!(
            matches!(ran.code, 0..=2),
            "{context}: {}\n{}",
            ran.code,
            ran.said
        );
        // in words, or as JSON
        let words = ["error: ", "error[", "\"findings\": ["];
        let why = ran.code == 0 || words.iter().any(|word| ran.said.contains(word));
        assert!(why, "{context}: {} without a word\n{}", ran.code, ran.said);
        self.untouched(context);
        assert!(!ran.said.contains(OUTSIDE), "{context}: read\n{}", ran.said);
        ran
    }

    /// Fails where something outside of the root is no longer what it was, or was read into the root.
    pub(crate) fn untouched(&self, context: &str) {
        let now = traces(&self.path().join("outside"));
        assert!(now == self.outside, "{context}: outside was touched");
        let mut beside: Vec<_> = fs::read_dir(self.path())
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        beside.sort();
        assert_eq!(beside, ["outside", "plan", "root"], "{context}");
    }
}

/// What a command said, and how it ended.
pub(crate) struct Ran {
    /// The exit status; -1 is a signal.
    pub(crate) code: i32,
    /// Both outputs.
    pub(crate) said: String,
}

fn in_time(mut process: Command, context: &str) -> Ran {
    process.stdin(Stdio::null());
    let mut child = process
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let (mut out, mut err) = (child.stdout.take().unwrap(), child.stderr.take().unwrap());
    let err = std::thread::spawn(move || {
        let mut bytes = Vec::new();
        err.read_to_end(&mut bytes).map(|_| bytes).unwrap()
    });
    let out = std::thread::spawn(move || {
        let mut bytes = Vec::new();
        out.read_to_end(&mut bytes).map(|_| bytes).unwrap()
    });
    let start = Instant::now();
    let status = loop {
        if let Some(status) = child.try_wait().unwrap() {
            break status;
        }
        if start.elapsed() > LIMIT {
            child.kill().unwrap();
            panic!("{context}: hangs");
        }
        std::thread::sleep(Duration::from_millis(1));
    };
    let said = [out.join().unwrap(), err.join().unwrap()].concat();
    Ran {
        code: status.code().unwrap_or(-1),
        said: String::from_utf8_lossy(&said).into_owned(),
    }
}

/// What there is, with the owner of each thing and the time of its last change.
pub(crate) type Traces = (Nodes, BTreeMap<String, (u32, u32, i64, i64)>);

/// Returns all that changing something in `folder` would change.
pub(crate) fn traces(folder: &Path) -> Traces {
    let found = nodes(folder);
    let trace = |path: &String| {
        let meta = folder.join(path).symlink_metadata().unwrap();
        let trace = (meta.uid(), meta.gid(), meta.mtime(), meta.mtime_nsec());
        (path.clone(), trace)
    };
    let traces = found.keys().map(trace).collect();
    (found, traces)
}

/// Returns what there is, with the owner of each thing, without what kvmnet keeps itself; reading and taking back may change
/// times.
pub(crate) fn contents(root: &Path) -> BTreeMap<String, (Found, (u32, u32))> {
    let owned = |(path, found): (String, Found)| {
        let meta = root.join(&path).symlink_metadata().unwrap();
        (path, (found, (meta.uid(), meta.gid())))
    };
    support::snapshot::snapshot(root)
        .into_iter()
        .map(owned)
        .collect()
}

/// Returns all paths in `folder`, sorted.
pub(crate) fn paths(folder: &Path) -> Vec<String> {
    nodes(folder).into_keys().collect()
}

/// Changes many things at once, on all cores.
pub(crate) fn all<T: Sync>(things: &[T], each: impl Fn(&T) + Sync) {
    support::sample::each(&support::whole::test_name(), things, each);
}
