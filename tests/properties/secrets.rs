//! The laws of masking, over files that are put together from parts whose meaning is known: every secret is hidden
//! (`hunter`), and all else is seen (`seen`), what a shell would run before all (`run`).

use crate::support;
use crate::support::{Found, fixture, hosts, nodes};
use kvmnet::change::{Change, ChangeSet, Labels};
use kvmnet::secret;
use kvmnet::tree::{Attrs, File, HostPath, Node};
use proptest::prelude::*;
use proptest::sample::{Index, select};
use proptest::test_runner::RngSeed;

const IFCFG: &str = "/etc/sysconfig/network-scripts/ifcfg-ens33";
const KEYFILE: &str = "/etc/NetworkManager/system-connections/ens33.nmconnection";
const GUEST: &str = "/etc/libvirt/qemu/vm1.xml";

/// What stands in the place of a secret.
const MASK: &str = "***";

fn config() -> ProptestConfig {
    ProptestConfig {
        cases: 2000,
        failure_persistence: None,
        // the same cases at every run
        rng_seed: RngSeed::Fixed(4711),
        ..ProptestConfig::default()
    }
}

fn shown(path: &str, text: &str) -> String {
    secret::line(&HostPath::parse(path).unwrap(), text).into_owned()
}

/// Checks that the secrets of the text are hidden, and that all that is to be seen is.
fn judge(path: &str, text: &str) -> Result<(), TestCaseError> {
    let shown = shown(path, text);
    prop_assert!(!shown.contains("hunter"), "leaked\n{text}\n{shown}");
    for word in ["seen", "run", "KEY", "passw", "<", ">", "$(", "`", "psk"] {
        let count = |text: &str| text.matches(word).count();
        prop_assert_eq!(
            count(&shown),
            count(text),
            "{} is hidden\n{}\n{}",
            word,
            text,
            shown
        );
    }
    Ok(())
}

// Shell.

const NAMES: &[&str] = &["KEY", "KEY1", "WPA_PSK", "MKA_CAK", "IEEE_8021X_PASSWORD"];

/// A piece of the right side of an assignment: hidden, but for what is run.
fn piece() -> impl Strategy<Value = &'static str> {
    select(vec![
        "hunter",
        "hunter\\ hunter",
        "'hunter hunter'",
        "'hunter\nhunter'",
        "'hunter;#hunter\"'",
        "\"hunter hunter\"",
        "\"hunter\nhunter\"",
        "\"hunter;'hunter\\\"hunter\"",
        "$'hunter\\'hunter'",
        "\"hunter$(run 'seen;' \"seen\")hunter\"",
        "\"hunter`run seen`hunter\"",
        "\"hunter${run}hunter$run/hunter\"",
        "$(run seen)",
        "$(run | run; run)",
        "$(run $(run \"`run`\") )",
        "`run`",
        "${run}",
        "$run.",
        "${run:-hunter}",
        "${run:-\"hunter\"$(run)}",
        "$((1+run))",
        "hunter#hunter",
        "hunter=hunter",
        "hunter\\\nhunter",
        "~hunter",
        "{hunter,hunter}",
        "é漢hunter",
    ])
}

/// A right side that begins as one.
fn right_side() -> impl Strategy<Value = String> {
    prop::collection::vec(piece(), 1..4).prop_map(|pieces| pieces.concat())
}

/// An assignment to a secret's name, as a shell understands one.
fn secret_assignment() -> impl Strategy<Value = String> {
    let shapes = vec![
        "{name}={word}",
        "{name}+={word}",
        "{name}[0]={word}",
        "export {name}={word}",
        "declare -x {name}={word}",
        "local -r seen=seen {name}={word} seen",
        "{name}={word} run seen",
        "seen=seen {name}={word} run",
        "if run; then {name}={word}; fi",
        "if run\nthen\n\t{name}={word}\nfi",
        "case seen in seen) {name}={word};; *) run;; esac",
        "for i in seen seen; do {name}={word}; run; done",
        "run && {name}={word} || run",
        "seen() { {name}={word}; }",
        "( {name}={word}; run )",
        "seen=$({name}={word}; run)",
        "seen=\"seen $({name}={word}; run) seen\"",
        "{name}=({word} {word})",
        "run <<<\"seen\"; {name}={word}",
        "read {name} <<<{word}; run",
        "printf -v {name} {word} {word}; run",
        "run <<'E'\nseen\nE\n{name}={word}",
        "run seen <<-E\n\tseen $(run)\n\tE\n{name}={word}",
        "{name}=hunter # hunter hunter\n# seen",
        "{name}={word}; {name}={word}",
    ];
    (select(shapes), select(NAMES), right_side())
        .prop_map(|(shape, name, word)| shape.replace("{name}", name).replace("{word}", &word))
}

/// A secret that another program, or nobody, reads as one.
fn secret_elsewhere() -> impl Strategy<Value = String> {
    let shapes = vec![
        "# {name}=hunter",
        "#{name}='hunter hunter'",
        "# seen: {name} = hunter hunter",
        ": ${{name}:=hunter}",
        ": \"${{name}:-hunter}\"",
        "echo '{name}=hunter' seen",
        "echo \"{name}=hunter\" seen",
        "cat <<E\nseen\n{name}=hunter\nseen $(run)\nE",
        "cat <<'E'\n{name}=\"hunter hunter\"\nE",
        "bash -c '{name}=hunter; run'",
        "sed -i s/seen/'{name}=hunter'/ seen",
    ];
    (select(shapes), select(NAMES)).prop_map(|(shape, name)| shape.replace("{name}", name))
}

/// What has no secret.
fn open_shell() -> impl Strategy<Value = String> {
    select(vec![
        "DEVICE=seen",
        "seen='seen seen'",
        "# seen; seen",
        "KEY_MGMT=seen",
        "MONKEY=seen",
        "DEFAULTKEY=seen",
        "KEYS=seen",
        "IEEE_8021X_PASSWORD_FLAGS=seen",
        "run seen \"seen\" 'seen'",
        "[ \"$KEY\" = seen ] && run",
        "if [ -n \"$run\" ]; then run; fi",
        "seen=\"KEY=\"; run",
        "seen='KEY='; run; seen=''",
        "seen=$(run <<<\"seen\")",
        "cat <<E\nseen $(run)\nE",
        "",
        "run KEY seen",
        "unset KEY; run seen",
        "KEY=; run seen",
        "KEY=\nrun seen",
        "KEY= run seen",
        "KEY=$(run) run seen",
        "KEY=\"$(run)\"; run \"seen\"",
        "echo seen >KEY",
        "read KEY; run seen",
        "export KEY; run seen",
        "seen=${KEY#seen}",
        "\\# seen",
        "echo KEY=$(run)",
    ])
    .prop_map(str::to_owned)
}

fn shell() -> impl Strategy<Value = String> {
    let line = prop_oneof![open_shell(), secret_assignment(), secret_elsewhere()];
    (
        prop::collection::vec(line, 1..6),
        select(vec!["\n", "\r\n"]),
    )
        // behind a backslash a CR is one of the value
        .prop_map(|(lines, end)| match lines.join("\n") + "\n" {
            text if text.contains("\\\n") => text,
            text => text.replace('\n', end),
        })
}

// Keyfiles.

fn keyfile() -> impl Strategy<Value = String> {
    let secrets = select(vec![
        ("wifi-security", "psk"),
        ("802-11-wireless-security", "wep-key0"),
        ("802-1x", "password-raw"),
        ("802-1x", "phase2-private-key-password"),
        ("macsec", "mka-cak"),
        ("wireguard", "private-key"),
        ("wireguard-peer.AAAA", "preshared-key"),
        ("gsm", "pin"),
        ("vpn-secrets", "anything"),
        ("connection", "psk"),
    ]);
    let lead = select(vec!["", "#", "# ", ";", " "]);
    let equals = select(vec!["=", " = ", " ="]);
    let hidden = (secrets, lead, equals).prop_map(|((section, key), lead, equals)| {
        format!(
            "[{section}]\n{lead}{key}{equals}hunter;hunter = hunter\n{key}-flags=seen\n[proxy]\nseen=seen\n"
        )
    });
    let open = select(vec![
        "[connection]\nid=seen\nuuid=seen\n",
        "# seen\n",
        "[802-1x]\nprivate-key=/seen/file\nclient-cert=seen\n",
        "[wifi-security]\nkey-mgmt=wpa-psk\npsk-flags=1\n",
        "[ipv4]\naddress1=seen,seen\nmethod=seen\n",
        "\n",
    ])
    .prop_map(str::to_owned);
    prop::collection::vec(prop_oneof![hidden, open], 1..6).prop_map(|parts| parts.concat())
}

// XML.

fn element() -> impl Strategy<Value = String> {
    select(vec![
        "<graphics type='seen' passwd='hunter' passwdValidTo='seen'/>",
        "<graphics passwd=\"hunter'hunter&quot;&gt;hunter\" seen='seen'>seen</graphics>",
        "<graphics passwd = 'hunter / hunter' seen='seen'/>",
        "<graphics\n passwd\n=\n'hunter\nhunter' seen='seen'/>",
        "<x:graphics xmlns:x='seen' x:passwd='hunter'/>",
        "<password>hunter</password>",
        "<password seen='seen'>\n  hunter &amp; hunter\n</password >",
        "<passwd><![CDATA[hunter]]></passwd>",
        "<password>hunter<!-- seen -->hunter<?seen seen?>hunter</password>",
        "<password>hunter<seen seen='a>seen'/>hunter<password>hunter</password></password>",
        "<!-- passwd='hunter' -->",
        "<!-- seen <graphics passwd=\"hunter\" seen='seen'/> -->",
        "<!-- <password>hunter</password> seen -->",
        "<bridge name='seen' zone=\"seen\"/>",
        "<!-- seen: passwd= seen -->",
        "<seen passwd='' seen='seen'/>",
        "<password/>",
        "<passwordless>seen</passwordless>",
        "<seen passwdx='seen'/>",
        "<seen>seen &lt;passwd</seen>",
        "<?seen seen='seen'?>",
        "seen",
        "<![CDATA[seen <seen passw seen]]>",
    ])
    .prop_map(str::to_owned)
}

fn xml() -> impl Strategy<Value = String> {
    let level = prop::collection::vec(element(), 0..4).prop_map(|parts| parts.join("\n"));
    let level = (level, element())
        .prop_map(|(parts, last)| format!("<devices seen='seen'>{parts}</devices>{last}"));
    prop::collection::vec(level, 1..3)
        .prop_map(|parts| format!("<domain seen='seen'>\n{}\n</domain>\n", parts.concat()))
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn of_shell_text_secrets_alone_are_hidden(text in shell()) {
        judge(IFCFG, &text)?;
    }

    #[test]
    fn of_keyfiles_secrets_alone_are_hidden(text in keyfile()) {
        judge(KEYFILE, &text)?;
    }

    #[test]
    fn of_xml_secrets_alone_are_hidden(text in xml()) {
        judge(GUEST, &text)?;
    }

    /// A comment that looks like a secret's beginning, anywhere, hides nothing of what stands behind it.
    #[test]
    fn no_comment_hides_an_element(text in xml(), quote in select(vec!["'", "\"", ""]), name in select(vec!["passwd", "password"]), at in any::<Index>()) {
        let places: Vec<usize> = text.match_indices('<').map(|(at, _)| at).skip(1)
            .filter(|at| !in_cdata_or_comment(&text, *at)).collect();
        prop_assume!(!places.is_empty());
        let at = places[at.index(places.len())];
        let text = format!("{}<!-- {name}={quote} --><bridge zone='seen'/>{}", &text[..at], &text[at..]);
        judge(GUEST, &text)?;
    }

    /// The two sides of a patch differ where the two files do, be it in a secret alone, in their order, or in a byte
    /// that is no text.
    #[test]
    fn a_change_is_seen(lines in prop::collection::vec(prop_oneof![open_shell(), secret_assignment()], 2..6), how in 0..5, at in any::<(Index, Index)>()) {
        let before = lines.join("\n") + "\n";
        let mut lines: Vec<Vec<u8>> = lines.into_iter().map(String::into_bytes).collect();
        let (from, to) = (at.0.index(lines.len()), at.1.index(lines.len()));
        match how {
            0 => lines.swap(from, to),
            1 => lines.push(b"KEY=\xff\xfehunter".to_vec()),
            2 => drop(lines.remove(from)),
            3 => {
                let text = String::from_utf8_lossy(&lines[from]).replacen("hunter", "hunt", 1);
                lines[from] = text.into_bytes();
            }
            _ => lines[from].extend(b" #\xff"),
        }
        let after = [lines.join(&b'\n'), b"\n".to_vec()].concat();
        let differ = before.as_bytes() != after;
        prop_assert_eq!(seen_to_differ(before.as_bytes(), &after), differ);
        // and bytes that are no text are seen, too
        let mut other = after.clone();
        for byte in &mut other {
            if *byte == 0xff { *byte = 0xfd }
        }
        prop_assert_eq!(seen_to_differ(&after, &other), after != other);
    }
}

proptest! {
    #![proptest_config(config())]

    /// Secrets that change places are seen to change, too.
    #[test]
    fn another_secret_is_seen(
        names in prop::collection::vec(select(NAMES), 1..4),
        values in prop::collection::vec(select(vec!["a", "b", "'a b'"]), 6),
    ) {
        let text = |values: &[&str]| -> String {
            names.iter().zip(values).map(|(name, value)| format!("{name}={value}\n")).collect()
        };
        let (before, after) = (text(&values[..3]), text(&values[3..]));
        prop_assert_eq!(seen_to_differ(before.as_bytes(), after.as_bytes()), before != after);
    }
}

/// Text of all that could lead a reader of shell text astray.
fn soup() -> impl Strategy<Value = String> {
    let tokens = vec![
        "KEY=",
        "KEY=",
        "KEY='",
        "KEY=\"",
        "#KEY=",
        "# KEY='",
        "read KEY <<E\n",
        "read KEY <<\"E F\"\n",
        "cat <<-E\n",
        "cat <<'E'\n",
        "<<<",
        "<<",
        "\nE\n",
        "\nE F\n",
        "E\r\n",
        " ",
        "\n",
        "\n",
        "'",
        "\"",
        "`",
        "$(",
        ")",
        "(",
        "((",
        "))",
        "$((",
        "\\",
        "\\\n",
        ";",
        ";",
        "&&",
        "|",
        "RUN",
        "RUN",
        "RUN\n",
        ";RUN\n",
        "\nRUN\n",
        "case x in ",
        "x) ",
        "KEY=x) ",
        ";;",
        "esac\n",
        "{ ",
        "}\n",
        "${",
        "}",
        "=",
        "[",
        "]",
        "a[",
        "\r",
        "eval ",
        "if :; then ",
        "fi\n",
        "KEY+=",
        "KEY[0]=",
        "export ",
        ": ",
        "$'",
        "x",
        "#",
        "\t",
        "!",
        "printf -v KEY ",
        "f() ",
        "declare -x KEY=",
        "\\;",
        "\\\"",
        "1",
        "${KEY:=",
        "~",
    ];
    prop::collection::vec(select(tokens), 2..24).prop_map(|tokens| tokens.concat())
}

/// Returns what bash runs of a text.
fn run_by_bash(folder: &std::path::Path, text: &str) -> usize {
    use std::os::unix::process::CommandExt as _;
    let file = folder.join("text");
    std::fs::write(&file, text).unwrap();
    // one line a call; what only seems to be a command is none
    let script = "ulimit -t 5; PATH=; RUN() { echo ran >&3; }; NOP() { :; }; . ./text";
    let mut command = std::process::Command::new("bash");
    let (mut reader, writer) = std::io::pipe().unwrap();
    let script = format!("exec 3>&1 >/dev/null; {script}");
    command
        .args(["--norc", "-c", &script])
        .current_dir(folder)
        .stdin(std::process::Stdio::null());
    command
        .stdout(writer)
        .stderr(std::process::Stdio::null())
        .process_group(0);
    let mut child = command.spawn().unwrap();
    drop(command);
    let mut said = String::new();
    std::io::Read::read_to_string(&mut reader, &mut said).unwrap();
    child.wait().unwrap();
    said.matches("ran").count()
}

/// What is hidden may say anything: it runs nothing.
#[test]
fn what_bash_runs_is_never_hidden() {
    if !support::have("bash") {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let cases = if support::sample::whole() {
        60_000
    } else {
        1500
    };
    let mut runner = proptest::test_runner::TestRunner::new(ProptestConfig { cases, ..config() });
    let (ran, hid) = (std::cell::Cell::new(0), std::cell::Cell::new(0));
    runner
        .run(&soup(), |text| {
            let places = secret::places(&HostPath::parse(IFCFG).unwrap(), &text);
            let mut other = text.clone();
            for place in &places {
                let without = text[place.clone()].replace("RUN", "NOP");
                other.replace_range(place.clone(), &without);
            }
            if other == text {
                return Ok(());
            }
            hid.set(hid.get() + 1);
            let (all, seen) = (
                run_by_bash(folder.path(), &text),
                run_by_bash(folder.path(), &other),
            );
            ran.set(ran.get() + all);
            prop_assert_eq!(all, seen, "hidden\n{}\n---\n{}", text, shown(IFCFG, &text));
            Ok(())
        })
        .unwrap();
    println!(
        "{} texts hide a word, and bash runs {} others",
        hid.get(),
        ran.get()
    );
    assert!(hid.get() > 30 && ran.get() > 10);
}

fn in_cdata_or_comment(text: &str, at: usize) -> bool {
    let open = |begins: &str, ends: &str| {
        let before = &text[..at];
        before
            .rfind(begins)
            .is_some_and(|start| !text[start..at].contains(ends))
    };
    open("<!--", "-->") || open("<![CDATA[", "]]>")
}

fn seen_to_differ(before: &[u8], after: &[u8]) -> bool {
    let file = |bytes: &[u8]| {
        let attrs = Attrs {
            mode: 0o600,
            uid: 0,
            gid: 0,
        };
        Some(Node::File(File {
            bytes: bytes.to_vec(),
            attrs,
        }))
    };
    let path = HostPath::parse(IFCFG).unwrap();
    let mut set = ChangeSet::default();
    set.put(Change {
        path: path.clone(),
        before: file(before),
        after: file(after),
        labels: Labels::Like(path.clone()),
    });
    let (masked, _) = secret::masked(&set);
    // what is the same on both sides is no change
    masked
        .get(&path)
        .is_some_and(|change| change.before != change.after)
}

/// Files without secrets are shown as they are, and a secret that is put between any two of their lines is hidden.
#[test]
fn fixtures_are_shown_as_they_are() {
    let mut files = 0;
    for host in hosts() {
        for (path, node) in nodes(&fixture(&host)) {
            let Found::File { bytes, .. } = node else {
                continue;
            };
            let Ok(text) = String::from_utf8(bytes) else {
                continue;
            };
            let path = format!("/{path}");
            if shown(&path, &text).contains(MASK) {
                continue;
            }
            files += 1;
            if !path.contains("/network-scripts/ifcfg-") {
                continue;
            }
            for (at, _) in text.match_indices('\n') {
                let (before, after) = text.split_at(at + 1);
                let all = shown(&path, &format!("{before}KEY=hunter\n{after}"));
                assert!(!all.contains("hunter"), "{host}{path}: {all}");
            }
        }
    }
    assert!(files > 100, "{files}");
}
