//! A host that boots: systemd as process 1 over a tree of its own, with a stand-in for the service that starts the network.
//!
//! [`Machine::new`] makes it, [`Machine::boot`] boots it and gives a shell script to its systemd as what a person does
//! there; a second `boot` is a reboot of the same host, and one that outlasts its seconds ends as by a power cut. What it
//! wrote is beneath [`Machine::root`]. What that does not hold is as on the machine in use, which is only read, but for
//! configuration of networks, units and guests: there nothing is.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use rustix::fs::{XattrFlags, setxattr, statfs};
use tempfile::TempDir;

use crate::support::{copy_to, fixture, oracle, real_daemons};

/// Folders of which the machine in use shows nothing.
const OWN: [&str; 8] = [
    "etc/NetworkManager",
    "etc/kvmnet",
    "etc/libvirt",
    "etc/network",
    "etc/sysconfig",
    "etc/systemd",
    "var/lib/kvmnet",
    "var/lib/libvirt",
];

/// Where the stand-in and the script leave what they saw.
const SEEN: &str = "var/lib/seen";

/// The file system that cannot be the upper layer of an overlay: an overlay.
const OVERLAY: u32 = 0x794c_7630;

/// The last unit of a boot: it runs the script, notes what failed, and switches the host off.
const SCRIPT: &str = "kvmnet-test-script.service";

/// A host that boots.
pub(crate) struct Machine {
    folder: TempDir,
}

/// What happened between a boot and its end.
#[derive(Debug)]
pub(crate) struct Boot {
    /// What the script printed.
    pub(crate) printed: String,
    /// The units that had failed when the script had ended.
    pub(crate) failed: Vec<String>,
    /// Whether the script came to its end; if not, the power was cut.
    pub(crate) ended: bool,
}

/// The stand-in for a network service was started or stopped.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Seen {
    /// `start` or `stop`.
    pub(crate) what: String,
    /// The files that lay in the folder of profiles then, by their names.
    pub(crate) files: BTreeMap<String, String>,
}

impl Machine {
    /// Makes a host with the tree of the fixture `host` and the program in /usr/bin; nothing where tests with real
    /// programs are not asked for.
    pub(crate) fn new(host: &str) -> Option<Self> {
        if !real_daemons() {
            println!("skipped: KVMNET_REAL_DAEMONS is not 1");
            return None;
        }
        let temporary = std::env::temp_dir();
        let folder = match statfs(&temporary).unwrap().f_type as u32 {
            OVERLAY => tempfile::tempdir_in("/dev/shm"),
            _ => tempfile::tempdir_in(&temporary),
        };
        let machine = Self {
            folder: folder.unwrap(),
        };
        // systemd starts nothing that lies in a folder that only its owner may search
        let mode = fs::Permissions::from_mode(0o755);
        fs::set_permissions(machine.folder.path(), mode).unwrap();
        for name in ["etc", "usr", "var"] {
            let from = fixture(host).join(name);
            if from.exists() {
                fs::create_dir_all(machine.root()).unwrap();
                copy_to(&from, &machine.root().join(name));
            }
        }
        uncover(&machine.root().join("usr"), Path::new("/usr"));
        for name in OWN {
            let path = machine.root().join(name);
            fs::create_dir_all(&path).unwrap();
            setxattr(path, "trusted.overlay.opaque", b"y", XattrFlags::empty()).unwrap();
        }
        fs::remove_dir(machine.root().join("var/lib/kvmnet")).unwrap();
        machine.install("/usr/bin/kvmnet");
        Some(machine)
    }

    /// Returns the folder with all that is the host's own.
    pub(crate) fn root(&self) -> PathBuf {
        self.folder.path().join("upper")
    }

    /// Returns where `path` of the host is.
    pub(crate) fn path(&self, path: &str) -> PathBuf {
        self.root().join(path.trim_start_matches('/'))
    }

    /// Puts the program at `path`: as a link, so it may be replaced, but not changed.
    pub(crate) fn install(&self, path: &str) {
        let (program, path) = (env!("CARGO_BIN_EXE_kvmnet"), self.path(path));
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        if fs::hard_link(program, &path).is_err() {
            fs::copy(program, &path).unwrap();
        }
    }

    /// Writes a file of the host, with the folders above it.
    pub(crate) fn write(&self, path: &str, text: &str) {
        let path = self.path(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    /// Writes the unit `name`, as an admin does.
    pub(crate) fn unit(&self, name: &str, text: &str) {
        self.write(&format!("/etc/systemd/system/{name}"), text);
    }

    /// Returns the text of a file of the host, if it is there.
    pub(crate) fn read(&self, path: &str) -> Option<String> {
        fs::read_to_string(self.path(path)).ok()
    }

    /// Writes `network.service`, which waits for nothing but for what says that it comes before it, and keeps the profiles of `folder` that it is started and
    /// stopped with.
    pub(crate) fn stand_in(&self, folder: &str) {
        let keep = |what: &str| {
            format!(
                "/bin/sh -c 'n=$$(ls /{SEEN} | grep -c -e -start -e -stop); d=/{SEEN}/$$n-{what}; mkdir $$d; cp -R {folder}/. $$d'"
            )
        };
        self.unit(
            "network.service",
            &format!(
                "[Unit]\nDefaultDependencies=no\nBefore=network.target\nWants=network.target\n\n\
                 [Service]\nType=oneshot\nRemainAfterExit=yes\nExecStart={}\nExecStop={}\n",
                keep("start"),
                keep("stop")
            ),
        );
    }

    /// Returns what the stand-in was started and stopped with so far, the first first.
    pub(crate) fn seen(&self) -> Vec<Seen> {
        let entries = fs::read_dir(self.path(SEEN)).unwrap();
        let mut folders: Vec<(usize, String, PathBuf)> = entries
            .filter_map(|entry| {
                let path = entry.unwrap().path();
                let (n, what) = path.file_name()?.to_str()?.split_once('-')?;
                Some((n.parse().ok()?, what.to_owned(), path))
            })
            .collect();
        folders.sort();
        folders
            .into_iter()
            .map(|(_, what, path)| Seen {
                what,
                files: texts(&path),
            })
            .collect()
    }

    /// Returns how often the stand-in was started and stopped so far.
    pub(crate) fn seen_so_far(&self) -> usize {
        match self.path(SEEN).exists() {
            true => self.seen().len(),
            false => 0,
        }
    }

    /// Boots the host with `units` started, runs the shell script `script` when they are, and switches it off; after
    /// `seconds` the power is cut, at whatever point that is. `$SEEN` is a folder for what shall be read later.
    pub(crate) fn boot(&self, units: &[&str], script: &str, seconds: u32) -> Boot {
        let seen = self.path(SEEN);
        fs::create_dir_all(&seen).unwrap();
        for name in ["printed", "failed", "ended"] {
            let _ = fs::remove_file(seen.join(name));
        }
        let units = units.join(" ");
        self.unit(
            "kvmnet-test.target",
            &format!("[Unit]\nWants={units} {SCRIPT}\n"),
        );
        self.unit(
            SCRIPT,
            &format!(
                "[Unit]\nDefaultDependencies=no\nAfter={units}\n\n[Service]\nType=oneshot\nEnvironment=SEEN=/{SEEN}\n\
                 ExecStart=/bin/sh -c 'sh /{SEEN}/script >/{SEEN}/printed 2>&1; \
                 systemctl list-units --failed --plain --no-legend >/{SEEN}/failed; \
                 touch /{SEEN}/ended; systemctl poweroff -ff'\n"
            ),
        );
        fs::write(seen.join("script"), script).unwrap();
        let mut boot = Command::new("bash");
        boot.arg(oracle("systemd-boot"))
            .arg(self.folder.path())
            .arg(seconds.to_string());
        // its group is named by its process number, and a test that was stopped may have left one of that name
        let taken = |output: &Output| output.stderr.ends_with(b"File exists\n");
        let mut outputs = (0..5).map(|_| boot.output().unwrap());
        let output = outputs.find(|output| !taken(output)).unwrap();
        let error = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "systemd-boot: {error}");
        let failed = fs::read_to_string(seen.join("failed")).unwrap_or_default();
        let name = |line: &str| line.split_whitespace().next().map(str::to_owned);
        Boot {
            printed: fs::read_to_string(seen.join("printed")).unwrap_or_default(),
            failed: failed.lines().filter_map(name).collect(),
            ended: seen.join("ended").exists(),
        }
    }
}

/// Deletes the files of `folder` that stand for programs which the machine in use has beneath `real`.
fn uncover(folder: &Path, real: &Path) {
    for entry in fs::read_dir(folder).into_iter().flatten() {
        let (path, real) = {
            let entry = entry.unwrap();
            (entry.path(), real.join(entry.file_name()))
        };
        match path.is_dir() {
            true => uncover(&path, &real),
            false if real.exists() => fs::remove_file(path).unwrap(),
            false => {}
        }
    }
}

/// Returns the files in a folder by their names, with their texts.
pub(crate) fn texts(folder: &Path) -> BTreeMap<String, String> {
    let entries = fs::read_dir(folder).unwrap().map(Result::unwrap);
    entries
        .filter(|entry| entry.metadata().unwrap().mode() & 0o170_000 == 0o100_000)
        .map(|entry| {
            let text = fs::read_to_string(entry.path()).unwrap();
            (entry.file_name().into_string().unwrap(), text)
        })
        .collect()
}
