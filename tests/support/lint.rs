//! Next steps are lines that are pasted into a shell: here they are collected, and looked at as shells and shellcheck do.

use std::collections::BTreeSet;
use std::fs;
use std::process::Command;
use std::sync::Mutex;

use serde_json::Value as Json;
use tempfile::TempDir;

use super::have;

/// What is found once is known.
pub(crate) static FOUND: Mutex<BTreeSet<String>> = Mutex::new(BTreeSet::new());

/// What shellcheck is not asked for: what a script between single quotes holds is meant for another shell.
const MEANT: &str = "SC2016";

/// Collects the next steps of what was printed: of an object their commands, else the lines as they are pasted.
pub(crate) fn collect(printed: &str) {
    let scripts: Vec<String> = match serde_json::from_str::<Json>(printed) {
        Ok(object) => ["next_steps", "on_that_host"]
            .iter()
            .filter_map(|key| object[*key].as_array())
            .flatten()
            .map(commands)
            .collect(),
        Err(_) => pasted(printed).into_iter().collect(),
    };
    let mut found = FOUND.lock().unwrap();
    for script in scripts {
        found.extend(inner(&script));
        found.insert(script);
    }
}

/// Returns the commands of a reader, one a line; the keys are all that there are.
fn commands(steps: &Json) -> String {
    let keys: Vec<&String> = steps.as_object().unwrap().keys().collect();
    assert_eq!(keys, ["commands", "interrupts", "reader", "when"]);
    let commands = steps["commands"].as_array().unwrap().iter();
    let commands: Vec<&str> = commands.map(|command| command.as_str().unwrap()).collect();
    assert!(!commands.is_empty(), "{steps}");
    commands.join("\n")
}

/// Returns the block of lines for that host.
fn pasted(printed: &str) -> Option<String> {
    let (_, block) = printed.split_once("\nOn that host, if it is running:\n")?;
    let lines: Vec<&str> = block
        .lines()
        .take_while(|line| line.starts_with("  "))
        .collect();
    Some(lines.join("\n"))
}

/// Returns the scripts that are given to another shell.
fn inner(script: &str) -> Vec<String> {
    let mut found = Vec::new();
    for part in script.split("sh -c ").skip(1) {
        let part = part.trim_start_matches(['\\', '\n', ' ']);
        // between its quotes a quote is `'\''`
        let text = part.strip_prefix('\'').unwrap().replace("'\\''", "\u{0}");
        let text = text.split('\'').next().unwrap();
        found.push(text.replace('\u{0}', "'"));
    }
    found
}

/// Returns what is wrong with all that was collected; tells how much that was.
pub(crate) fn faults() -> String {
    let found = FOUND.lock().unwrap();
    let dir = TempDir::new().unwrap();
    let mut faults = String::new();
    let mut files = Vec::new();
    for (number, script) in found.iter().enumerate() {
        let file = dir.path().join(format!("{number}.sh"));
        fs::write(&file, format!("{script}\n")).unwrap();
        let output = Command::new("sh").arg("-n").arg(&file).output().unwrap();
        if !output.status.success() {
            faults += &format!("{}{script}\n", String::from_utf8_lossy(&output.stderr));
        }
        files.push(file);
    }
    let checked = have("shellcheck");
    // as many as a command line holds
    for files in files.chunks(500).filter(|_| checked) {
        let mut command = Command::new("shellcheck");
        command.args([
            "--shell=sh",
            "--exclude",
            MEANT,
            "--format=tty",
            "--color=never",
        ]);
        let output = command.args(files).output().unwrap();
        faults += &String::from_utf8_lossy(&output.stdout);
    }
    let by = if checked { "sh and shellcheck" } else { "sh" };
    println!("{} next steps, linted by {by}", found.len());
    faults
}
