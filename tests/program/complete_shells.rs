//! Completion as somebody types it: bash, zsh and fish on a terminal, each with the script that the program prints. The line is
//! sent to a function in the place of the program, which writes down its words: so it is seen that a name is one word.

use std::fs::{self, File};
use std::io::{Read, Write};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;
use std::process::{Child, Command};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use rustix::pty::OpenptFlags;
use tempfile::TempDir;

use crate::support::{copy_to, fixture, have};

/// Names of guests that a shell would take for something else; those that can be typed, sorted.
pub(crate) fn names(root: &Path) -> Vec<String> {
    let typed = [
        "Win 2022",
        "o'brien",
        "$(touch owned)",
        "`touch owned`",
        "a:b",
        "back\\slash",
        "d!g",
        "e~f",
        "~g",
        "*",
        "q\"x",
        "#h",
        "{a,b}",
        "=ls",
        "ünï",
        "s;touch owned",
        "&touch owned",
        "(p)",
        "[x]",
        "^c",
        "%s",
        "z<y>x",
        "m \"n\" 'o' $P !q \\r",
        "| touch owned",
    ];
    let not_typed = [
        "-rf",
        "tab\there",
        "bell\u{7f}",
        "turned\u{202e}round",
        "no\u{a0}space",
        "\u{feff}",
    ];
    let folder = root.join("etc/libvirt/qemu");
    fs::create_dir_all(&folder).unwrap();
    for (number, name) in typed.iter().chain(&not_typed).enumerate() {
        let mut escaped = String::new();
        for c in name.chars() {
            escaped += &format!("&#{};", u32::from(c));
        }
        let text = format!("<domain type='kvm'>\n  <name>{escaped}</name>\n</domain>\n");
        fs::write(folder.join(format!("g{number}.xml")), text).unwrap();
    }
    let mut typed = typed.map(ToOwned::to_owned).to_vec();
    typed.sort();
    typed
}

/// A shell on a terminal.
struct Typing {
    shell: &'static str,
    dir: TempDir,
    child: Child,
    keys: File,
    screen: Receiver<Vec<u8>>,
    shown: String,
}

/// Makes a program that is in no PATH: it completes as the real one does, and else writes down its words.
fn own_program(at: &Path) {
    fs::create_dir(at.join("own")).unwrap();
    let script = format!(
        "#!/bin/sh\ncase $1 in\n__complete) : >asked; exec {} \"$@\" ;;\nesac\nprintf '%s\\n' \"$@\" >words.new\nmv words.new words\n",
        env!("CARGO_BIN_EXE_kvmnet")
    );
    let program = at.join("own/kvmnet");
    fs::write(&program, script).unwrap();
    fs::set_permissions(program, fs::Permissions::from_mode(0o755)).unwrap();
}

/// Longer than a shell takes for anything.
const LIMIT: Duration = Duration::from_secs(20);

impl Typing {
    fn start(shell: &'static str, terminal: &str) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let at = dir.path();
        let made = Command::new(env!("CARGO_BIN_EXE_kvmnet"))
            .args(["completions", shell])
            .output()
            .unwrap();
        fs::write(at.join("script"), made.stdout).unwrap();
        fs::create_dir(at.join("bin")).unwrap();
        symlink(env!("CARGO_BIN_EXE_kvmnet"), at.join("bin/kvmnet")).unwrap();
        own_program(at);
        copy_to(&fixture("tutorial"), &at.join("tree"));
        names(&at.join("tree"));
        let ours = rustix::pty::openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
        rustix::pty::grantpt(&ours).unwrap();
        rustix::pty::unlockpt(&ours).unwrap();
        let name = rustix::pty::ptsname(&ours, Vec::new())
            .unwrap()
            .into_string()
            .unwrap();
        let theirs = File::options().read(true).write(true).open(name).unwrap();
        rustix::termios::tcsetwinsize(
            &theirs,
            rustix::termios::Winsize {
                ws_row: 50,
                ws_col: 250,
                ws_xpixel: 0,
                ws_ypixel: 0,
            },
        )
        .unwrap();
        let options: &[&str] = match shell {
            "bash" => &["--norc", "--noprofile", "-i"],
            "zsh" => &["-f", "-i"],
            _ => &["--no-config", "-i"],
        };
        // a session of its own has the terminal as its own
        let mut command = Command::new("setsid");
        command
            .args(["--ctty", shell])
            .args(options)
            .env_clear()
            .current_dir(at);
        let path = std::env::var("PATH").unwrap();
        command.env("PATH", format!("{}:{path}", at.join("bin").display()));
        command
            .env("HOME", at)
            .env("TERM", terminal)
            .env("LC_ALL", "C.UTF-8")
            .env("T", at.join("tree"));
        command
            .stdin(theirs.try_clone().unwrap())
            .stdout(theirs.try_clone().unwrap())
            .stderr(theirs);
        let child = command.spawn().unwrap();
        drop(command);
        let (send, screen) = channel();
        let mut reader = File::from(ours.try_clone().unwrap());
        std::thread::spawn(move || {
            let mut part = [0; 4096];
            while let Ok(read @ 1..) = reader.read(&mut part) {
                if send.send(part[..read].to_vec()).is_err() {
                    return;
                }
            }
        });
        let mut typing = Self {
            shell,
            dir,
            child,
            keys: ours.into(),
            screen,
            shown: String::new(),
        };
        let function = match shell {
            "fish" => {
                "function kvmnet; printf '%s\\n' $argv >words.new; mv words.new words; end; function fish_prompt; echo 'ready> '; end"
            }
            _ => {
                "kvmnet() { printf '%s\\n' \"$@\" >words.new; mv words.new words; }; PS1='ready> '"
            }
        };
        let load = match shell {
            "zsh" => "autoload -Uz compinit; compinit -u -D; source ./script",
            "bash" => {
                "bind 'set enable-bracketed-paste off'; bind 'set bell-style none'; . ./script"
            }
            _ => "source ./script",
        };
        typing.keys(&format!("{load}\n{function}\n"));
        typing.keys("touch 'begun'\n");
        typing.until(|at| at.join("begun").exists());
        typing
    }

    fn at(&self) -> &Path {
        self.dir.path()
    }

    fn keys(&mut self, text: &str) {
        self.keys.write_all(text.as_bytes()).unwrap();
    }

    /// Waits until something is so.
    #[track_caller]
    fn until(&mut self, is_so: impl Fn(&Path) -> bool) {
        let begun = Instant::now();
        while !is_so(self.dir.path()) {
            while let Ok(bytes) = self.screen.try_recv() {
                self.shown += &String::from_utf8_lossy(&bytes);
            }
            assert!(begun.elapsed() < LIMIT, "{}: {}", self.shell, self.shown);
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// Waits until this is on the screen.
    #[track_caller]
    fn until_shown(&mut self, text: &str) {
        let begun = Instant::now();
        while !self.shown.contains(text) {
            assert!(
                begun.elapsed() < LIMIT,
                "{}: {text}: {}",
                self.shell,
                self.shown
            );
            self.quiet();
        }
    }

    /// Waits until the terminal is quiet.
    fn quiet(&mut self) {
        while let Ok(bytes) = self.screen.recv_timeout(Duration::from_millis(80)) {
            self.shown += &String::from_utf8_lossy(&bytes);
        }
    }

    /// Types a line and a tab, and returns the words that the command is called with then.
    fn complete(&mut self, line: &str) -> Vec<String> {
        let words = self.at().join("words");
        let _ = fs::remove_file(&words);
        self.shown.clear();
        self.keys(&format!("{line}\t"));
        // what is typed while a shell completes may be taken before
        self.quiet();
        self.keys("\n");
        self.until(|at| at.join("words").exists());
        let text = fs::read_to_string(words).unwrap();
        text.lines().map(ToOwned::to_owned).collect()
    }
}

impl Drop for Typing {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What is typed before the tab, and what the last word is then.
const LINES: &[(&str, &str)] = &[
    ("kvmnet --root $T guest connect W", "Win 2022"),
    ("kvmnet --root=$T guest connect 'W", "Win 2022"),
    ("kvmnet --root \"$T\" guest connect \"W", "Win 2022"),
    ("kvmnet guest --root $T connect Win\\ 2", "Win 2022"),
    ("kvmnet --root $T guest connect o", "o'brien"),
    ("kvmnet --root $T guest connect \\$", "$(touch owned)"),
    ("kvmnet --root $T guest connect '$", "$(touch owned)"),
    ("kvmnet --root $T guest connect \\`", "`touch owned`"),
    ("kvmnet --root $T guest connect s", "s;touch owned"),
    ("kvmnet --root $T guest connect \\|", "| touch owned"),
    ("kvmnet --root $T guest connect a:", "a:b"),
    ("kvmnet --root $T guest connect back", "back\\slash"),
    ("kvmnet --root $T guest connect d", "d!g"),
    ("kvmnet --root $T guest connect '~", "~g"),
    ("kvmnet --root $T guest connect m", "m \"n\" 'o' $P !q \\r"),
    ("kvmnet --root $T guest connect 'm", "m \"n\" 'o' $P !q \\r"),
    ("kvmnet --root $T guest connect z", "z<y>x"),
    (
        "kvmnet --root $T bridge add br7 --port=ens33,e",
        "--port=ens33,ens34",
    ),
    ("kvmnet --root $T bridge add-port br0 e", "ens34"),
    (
        "kvmnet --root $T network set default --mode=na",
        "--mode=nat",
    ),
    ("kvmnet --root=tr", "--root=tree/"),
    ("kvmnet apply pl", "plan a"),
    ("kvmnet apply ~/pl", "HOME/plan a"),
    ("./own/kvmnet --root $T guest connect W", "Win 2022"),
    ("~/own/kvmnet --root $T guest connect W", "Win 2022"),
];

fn types(shell: &'static str) {
    if !have(shell) || !have("setsid") {
        return;
    }
    let mut typing = Typing::start(shell, "dumb");
    fs::write(typing.at().join("plan a"), "{\n  \"kvmnet_plan\": 3\n}\n").unwrap();
    fs::write(typing.at().join("plain"), "x").unwrap();
    for (line, expected) in LINES {
        let words = typing.complete(line);
        let home = typing.at().to_str().unwrap();
        let expected = expected.replace("HOME", home);
        let last = words.last().cloned().unwrap_or_default();
        let last = match shell {
            "zsh" if expected.ends_with('/') => last.trim_end_matches('/').to_owned() + "/",
            _ => last,
        };
        assert_eq!(
            last, expected,
            "{shell}: {line}: {words:?}: {}",
            typing.shown
        );
    }
    // fish tells of the line as far as the cursor alone
    if shell != "fish" {
        let behind = " --root $T";
        let back = "\u{2}".repeat(behind.len());
        let words = typing.complete(&format!("kvmnet guest connect W{behind}{back}"));
        assert_eq!(words[2], "Win 2022", "{shell}: {}", typing.shown);
    }
    assert!(!typing.at().join("owned").exists(), "{shell} ran a name");
    assert!(
        typing.at().join("asked").exists(),
        "{shell}: the program that was typed"
    );
}

#[test]
fn names_are_one_word_in_bash() {
    types("bash");
}

#[test]
fn names_are_one_word_in_zsh() {
    types("zsh");
}

#[test]
fn names_are_one_word_in_fish() {
    types("fish");
}

/// With all names shown at once, none of them runs, and the screen has their help.
#[test]
fn lists_show_what_things_are() {
    for shell in ["zsh", "fish"] {
        if !have(shell) || !have("setsid") {
            continue;
        }
        let mut typing = Typing::start(shell, "xterm");
        typing.keys("kvmnet --root $T bridge add br7 --port ens3");
        typing.quiet();
        typing.shown.clear();
        typing.keys("\t");
        for word in ["ens34", "free"] {
            typing.until_shown(word);
        }
        // another one, since what interrupts a line takes keys with it
        typing = Typing::start(shell, "xterm");
        typing.keys("kvmnet --root $T guest connect ");
        typing.quiet();
        typing.keys("\t");
        typing.until_shown("brien");
        assert!(!typing.at().join("owned").exists(), "{shell} ran a name");
    }
}
