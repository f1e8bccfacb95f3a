//! Writes that write less than they were asked to, for real.
//!
//! The process is stopped before a write and behind it. Stopped before, the longest file that it may write is set to half
//! of what comes (setrlimit(2), `RLIMIT_FSIZE`): the kernel then writes that half, and says so. Stopped behind, the limit
//! is lifted, and the rest can be written; or it stays, and the next write of the rest fails with EFBIG.

use std::fs;
use std::path::Path;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Resource, Rlimit, Signal};

use super::inject::Recorded;
use super::judge::{Judge, Said, folder, text};
use crate::support::snapshot::restore;
use crate::support::strace::{program, strace};

/// What comes behind the short write.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Then {
    /// The rest can be written.
    Rest,
    /// No file may become longer.
    Full,
}

/// A write of a file, and how many bytes it has.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Write {
    nth: usize,
    length: u64,
    then: Then,
}

impl Write {
    /// Returns what comes behind it.
    pub(crate) fn then(&self) -> Then {
        self.then
    }
}

/// Returns all writes of more than one byte to files beneath the root, each with both ends.
pub(crate) fn writes(recorded: &Recorded) -> Vec<Write> {
    let both = |(nth, length): &(usize, u64)| {
        [Then::Rest, Then::Full].map(|then| Write {
            nth: *nth,
            length: *length,
            then,
        })
    };
    let long = recorded
        .writes
        .iter()
        .filter(|(nth, length)| *nth > 1 && *length > 1);
    long.flat_map(both).collect()
}

/// Makes one write short, and judges what is left.
pub(crate) fn try_one(judge: &Judge<'_>, write: Write) -> Result<(), String> {
    let dir = folder();
    let (root, log, out) = (
        dir.path().join("root"),
        dir.path().join("log"),
        dir.path().join("out"),
    );
    restore(&judge.scene.start, &root);
    let options = [
        "--trace=write".to_owned(),
        format!("--inject=write:signal=STOP:when={}+1", write.nth - 1),
    ];
    let mut traced = strace(&log, &options);
    traced.arg("--").args(program(&root, judge.scene.words));
    // a file that becomes too long is an error, and not a signal
    let mut shell = std::process::Command::new("sh");
    shell.args(["-c", "trap '' XFSZ; exec \"$@\"", "sh"]);
    shell.arg(traced.get_program()).args(traced.get_args());
    shell.env_remove("KVMNET_ROOT").stdin(Stdio::null());
    shell.stdout(fs::File::create(&out).unwrap());
    shell.stderr(fs::File::create(dir.path().join("err")).unwrap());
    let mut child = shell.spawn().unwrap();
    let done = follow(&mut child, &log, write);
    let status = child.wait().unwrap();
    let all = |why: String| {
        let err = fs::read(dir.path().join("err")).unwrap();
        format!("{write:?}: {why}\n{}", text(&err))
    };
    done.map_err(all)?;
    let said = match (write.then, status.code()) {
        (Then::Rest, Some(0)) => Said::Applied,
        (Then::Full, Some(2)) => Said::Failed,
        (_, code) => return Err(all(format!("it ends with {code:?}"))),
    };
    judge.tree(&root, said).map_err(all)?;
    let short = format!(", {}) = {}", write.length, write.length / 2);
    if fs::read_to_string(&log).unwrap().contains(&short) {
        return Ok(());
    }
    Err(all("the write was not short".to_owned()))
}

/// Lets the process go on each time it stops, with the limit set and lifted.
fn follow(child: &mut Child, log: &Path, write: Write) -> Result<(), String> {
    const LONGEST: Duration = Duration::from_secs(60);
    let begun = Instant::now();
    let mut seen = 0;
    while child.try_wait().unwrap().is_none() {
        let text = fs::read_to_string(log).unwrap_or_default();
        let stops = text
            .lines()
            .filter(|line| line.contains("--- stopped by SIGSTOP ---"));
        let stops: Vec<&str> = stops.collect();
        if begun.elapsed() > LONGEST {
            let _ = child.kill();
            return Err(format!("it does not end: {text}"));
        }
        let Some(stop) = stops.get(seen) else {
            std::thread::sleep(Duration::from_micros(300));
            continue;
        };
        seen += 1;
        let pid: i32 = stop.split_whitespace().next().unwrap().parse().unwrap();
        let pid = Pid::from_raw(pid).unwrap();
        match (seen, write.then) {
            (1, _) => limit(pid, Some(write.length / 2)),
            (2, Then::Rest) => limit(pid, None),
            (_, Then::Rest | Then::Full) => {}
        }
        // it may have ended meanwhile
        let _ = rustix::process::kill_process(pid, Signal::CONT);
    }
    Ok(())
}

fn limit(pid: Pid, bytes: Option<u64>) {
    let limit = Rlimit {
        current: bytes,
        maximum: None,
    };
    let _ = rustix::process::prlimit(Some(pid), Resource::Fsize, limit);
}
