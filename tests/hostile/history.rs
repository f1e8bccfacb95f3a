//! A history that somebody made up: nothing outside of what commands change, nothing set-id, nothing unshown, and no
//! crash.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::path::Path;

use serde_json::{Value, json};

use crate::run::{Scene, all, contents};
use crate::support::sample::sample;

/// About how many forgeries of each kind are tried without `KVMNET_WHOLE=1`.
const SAMPLE: usize = 20;

const STATE: &str = "var/lib/kvmnet";
const NETWORK: &str = "/etc/libvirt/qemu/networks/evil.xml";

/// Writes transaction `id` with these changes, as version 1 had it, and the content of each file.
fn forge(scene: &Scene, id: &str, record: &Value) {
    let folder = scene.root().join(STATE).join("transactions").join(id);
    private(&scene.root().join(STATE));
    private(&scene.root().join(STATE).join("transactions"));
    for side in ["before", "after"] {
        fs::create_dir_all(folder.join(side)).unwrap();
        private(&folder.join(side));
        for n in 0..4 {
            let file = folder.join(side).join(n.to_string());
            fs::write(&file, "DEVICE=evil\n").unwrap();
            fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).unwrap();
        }
    }
    private(&folder);
    for (name, state) in [
        ("journal.json", None),
        ("journal.recovered", Some("recovered")),
        ("journal.applied", Some("applied")),
    ] {
        let mut record = record.clone();
        if let Some(state) = state {
            record["state"] = json!(state);
        }
        fs::write(folder.join(name), record.to_string()).unwrap();
    }
}

fn private(folder: &Path) {
    fs::create_dir_all(folder).unwrap();
    fs::set_permissions(folder, fs::Permissions::from_mode(0o700)).unwrap();
}

fn record(id: u64, state: &str, changes: &Value) -> Value {
    json!({
        "version": 1, "id": id, "time": 0, "user": "root", "command": "bridge add br0", "state": state,
        "undoes": null, "changes": changes, "renames": [], "folders": [],
    })
}

fn change(path: &str, before: &Value) -> Value {
    json!({"path": path, "before": before, "after": null, "copy_of": null})
}

fn file(mode: u32) -> Value {
    json!({"kind": "file", "mode": mode, "uid": me(), "gid": me()})
}

fn me() -> u32 {
    rustix::process::geteuid().as_raw()
}

/// Runs what looks at a history, and what would do what it says.
fn attempt(scene: &Scene, context: &str) -> Vec<String> {
    let mut said = Vec::new();
    for command in [
        "history",
        "history 2",
        "bridge remove virbr0 --dry-run",
        "rollback 2 --yes",
        "rollback 2 --yes --force",
        "recover",
        "network set default --domain a --yes",
        "recover --force",
    ] {
        said.push(scene.run(command, context).said);
    }
    said
}

/// Everything beneath the root but kvmnet's own folder.
fn tree(scene: &Scene) -> Vec<(String, u32)> {
    let mut found = Vec::new();
    for path in crate::run::paths(&scene.root()) {
        if !path.starts_with(STATE) {
            let stat = fs::symlink_metadata(scene.root().join(&path)).unwrap();
            found.push((path, stat.mode()));
        }
    }
    found
}

/// Holds what a forged history may not do, whatever it says.
fn harmless(scene: &Scene, before: &[(String, u32)], said: &[String], context: &str) {
    let said = said.concat();
    for (path, mode) in tree(scene) {
        let known = before.iter().find(|(known, _)| *known == path);
        let set_id = mode & 0o6000 != 0 && mode & 0o170_000 == 0o100_000;
        assert!(
            !set_id || known.is_some_and(|(_, known)| *known == mode),
            "{context}: {path} became set-id\n{said}"
        );
        if known.is_none() {
            let shown = said.contains(&path);
            assert!(shown, "{context}: {path} was made, and never shown\n{said}");
            let ours = [
                "etc/sysconfig/",
                "etc/libvirt/qemu/",
                "etc/NetworkManager/system-connections",
            ];
            let ours = ours.iter().any(|folder| path.starts_with(folder));
            assert!(ours || path.ends_with(".old"), "{context}: {path}\n{said}");
        }
    }
    let spoofed = said.lines().any(|line| line.starts_with("spoofed"));
    assert!(!spoofed, "{context}: a line of its own\n{said}");
}

#[test]
fn what_no_command_does_is_refused() {
    let odd = [
        ("/pwn", file(0o4755)),
        ("/pwn", file(0o644)),
        ("/etc/cron.d/x", file(0o644)),
        ("/etc/shadow", file(0o600)),
        ("/root/.ssh/authorized_keys", file(0o600)),
        ("/etc/dhcp/dhclient-exit-hooks", file(0o755)),
        ("/etc/sysconfig/network-scripts/ifup-local", file(0o755)),
        ("/var/lib/kvmnet/transactions/9/journal.json", file(0o600)),
        (NETWORK, file(0o4755)),
        (NETWORK, file(0o2644)),
        (NETWORK, file(0o104_755)),
        (
            NETWORK,
            json!({"kind": "file", "mode": 0o644, "uid": 54321, "gid": 0}),
        ),
        (
            NETWORK,
            json!({"kind": "file", "mode": 0o755, "uid": me(), "gid": me(),
                "xattrs": {"security.capability": "0100000280000000000000000000000000000000"}}),
        ),
        (
            NETWORK,
            json!({"kind": "file", "mode": 0o755, "uid": me(), "gid": me(),
                "xattrs": {"trusted.overlay.redirect": "00"}}),
        ),
    ];
    all(&odd, |(path, node)| {
        for state in ["prepared", "applied"] {
            let scene = Scene::new();
            forge(&scene, "2", &record(2, state, &json!([change(path, node)])));
            let before = tree(&scene);
            let context = format!("{state}: {path} {node}");
            for command in ["rollback 2 --yes --force", "recover --force"] {
                let ran = scene.run(command, &context);
                let expected = (state == "prepared") == command.starts_with("recover");
                let trusted = ran.said.contains("the history cannot be trusted");
                assert!(!expected || trusted, "{context}: {command}\n{}", ran.said);
            }
            assert_eq!(tree(&scene), before, "{context}");
        }
    });
}

/// A change that says that it is a copy is shown, unless it is one.
#[test]
fn what_only_says_that_it_is_a_copy_is_shown() {
    let scene = Scene::new();
    let mut hidden = change(NETWORK, &file(0o600));
    hidden["copy_of"] = json!("/etc/libvirt/qemu/networks/other.xml");
    let other = change("/etc/libvirt/qemu/networks/other.xml", &file(0o600));
    forge(&scene, "2", &record(2, "applied", &json!([hidden, other])));
    for command in ["history 2", "rollback 2 --dry-run"] {
        let ran = scene.run(command, "a copy");
        assert!(
            ran.said.contains("networks/evil.xml"),
            "{command}\n{}",
            ran.said
        );
    }
}

/// What no patch shows is judged and told, too: attributes, modes and owners, folders.
#[test]
fn what_no_patch_shows_is_told_or_refused() {
    let scripts = "/etc/sysconfig/network-scripts";
    let port = format!("{scripts}/ifcfg-ens33");
    let text = fs::read(Scene::new().root().join(&port[1..])).unwrap();
    let with = |path: &str, node: &Value, after: &Value, folders: &Value| {
        let mut record = record(
            2,
            "prepared",
            &json!([{
                "path": path, "before": node, "after": after, "copy_of": null
            }]),
        );
        record["folders"] = folders.clone();
        record
    };
    let gains = json!({"kind": "file", "mode": 0o644, "uid": me(), "gid": me(),
        "xattrs": {"security.capability": "0100000280000000000000000000000000000000"}});
    let none = json!([]);
    let cases = [
        (
            "another file's attributes",
            with("/home/tool", &gains, &Value::Null, &none),
        ),
        (
            "attributes of a file as it is",
            with(&port, &gains, &Value::Null, &none),
        ),
        (
            "an empty folder",
            with("/proc/x", &Value::Null, &Value::Null, &json!(["/proc"])),
        ),
        (
            "an empty folder beside",
            with(&port, &file(0o600), &file(0o644), &json!(["/var/empty"])),
        ),
        ("a mode", with(&port, &file(0o666), &file(0o644), &none)),
    ];
    for (context, record) in cases {
        for command in ["recover", "bridge add br0 --port ens33 --yes"] {
            let scene = Scene::new();
            for folder in ["proc", "var/empty", "home"] {
                fs::create_dir_all(scene.root().join(folder)).unwrap();
            }
            fs::write(scene.root().join("home/tool"), &text).unwrap();
            forge(&scene, "2", &record);
            for side in ["before", "after"] {
                let kept = scene
                    .root()
                    .join(STATE)
                    .join("transactions/2")
                    .join(side)
                    .join("0");
                fs::write(kept, &text).unwrap();
            }
            let before = contents(&scene.root());
            let ran = scene.run(command, context);
            assert_ne!(ran.code, 0, "{context}: {command}\n{}", ran.said);
            assert!(
                ran.said.contains("--distrust-history"),
                "{context}\n{}",
                ran.said
            );
            assert!(contents(&scene.root()) == before, "{context}\n{}", ran.said);
        }
    }
    // a mode that commands may give is told
    let scene = Scene::new();
    forge(&scene, "2", &with(&port, &file(0o600), &file(0o644), &none));
    for side in ["before", "after"] {
        let kept = scene
            .root()
            .join(STATE)
            .join("transactions/2")
            .join(side)
            .join("0");
        fs::write(kept, &text).unwrap();
    }
    let ran = scene.run("recover", "a mode");
    assert_eq!(ran.code, 0, "{}", ran.said);
    assert!(ran.said.contains("mode 0644 → 0600"), "{}", ran.said);
}

/// A new file that belongs to somebody else says so.
#[test]
fn the_owner_of_a_new_file_is_told() {
    if me() != 0 {
        println!("skipped: only root gives files away");
        return;
    }
    let scene = Scene::new();
    let guest = scene.root().join("etc/libvirt/qemu/vm1.xml");
    std::os::unix::fs::chown(guest, Some(1000), Some(1000)).unwrap();
    let theirs = json!({"kind": "file", "mode": 0o644, "uid": 1000, "gid": 1000});
    let path = "/etc/sysconfig/network-scripts/ifcfg-ens37";
    forge(
        &scene,
        "2",
        &record(2, "applied", &json!([change(path, &theirs)])),
    );
    let ran = scene.run("rollback 2 --yes", "an owner");
    assert!(
        ran.code != 0 || ran.said.contains("owner 1000:1000"),
        "{}",
        ran.said
    );
}

/// What an interrupted transaction restores is shown before it is restored.
#[test]
fn what_is_restored_is_shown() {
    for command in ["recover", "bridge add br0 --port ens33 --yes"] {
        let scene = Scene::new();
        let path = "/etc/sysconfig/network-scripts/ifcfg-evil";
        forge(
            &scene,
            "2",
            &record(2, "prepared", &json!([change(path, &file(0o644))])),
        );
        let ran = scene.run(command, "restored");
        assert_eq!(ran.code, 0, "{}", ran.said);
        assert!(ran.said.contains("+DEVICE=evil"), "{command}\n{}", ran.said);
    }
}

#[test]
fn a_folder_of_others_is_refused_and_put_aside_on_demand() {
    type Spoil = fn(&Path);
    let prepare: [(&str, Spoil); 6] = [
        ("everybody writes", |state| chmod(state, 0o777)),
        ("a group writes", |state| {
            chmod(&state.join("transactions"), 0o770)
        }),
        ("a journal", |state| {
            chmod(&state.join("transactions/1/journal.json"), 0o666)
        }),
        ("a link", |state| {
            fs::rename(state, state.with_extension("away")).unwrap();
            symlink(state.with_extension("away"), state).unwrap();
        }),
        ("a link within", |state| {
            let inner = state.join("transactions");
            fs::rename(&inner, state.join("away")).unwrap();
            symlink("away", inner).unwrap();
        }),
        ("a FIFO", |state| {
            fs::remove_file(state.join("transactions/1/journal.json")).unwrap();
            let name = state.join("transactions/1/journal.json");
            let mode = rustix::fs::Mode::from_raw_mode(0o600);
            rustix::fs::mknodat(rustix::fs::CWD, name, rustix::fs::FileType::Fifo, mode, 0)
                .unwrap();
        }),
    ];
    for (what, spoil) in prepare {
        let scene = Scene::new();
        spoil(&scene.root().join(STATE));
        let before = contents(&scene.root());
        let add = "bridge add br0 --port ens33 --yes";
        let ran = scene.run(add, what);
        assert_eq!(ran.code, 1, "{what}\n{}", ran.said);
        assert!(
            ran.said.contains("cannot be trusted"),
            "{what}\n{}",
            ran.said
        );
        assert!(
            ran.said.contains(" recover --distrust-history"),
            "{what}\n{}",
            ran.said
        );
        assert!(contents(&scene.root()) == before, "{what}");
        let ran = scene.run(&format!("{add} --distrust-history"), what);
        assert_eq!(ran.code, 0, "{what}\n{}", ran.said);
        let aside = scene.root().join("var/lib/kvmnet.distrusted-1");
        assert!(fs::symlink_metadata(aside).is_ok(), "{what}");
        let ran = scene.run("history", what);
        assert!(ran.said.contains("bridge add br0"), "{what}\n{}", ran.said);
    }
}

fn chmod(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

#[test]
fn numbers_that_lie_confuse_nobody() {
    let empty = |id: u64| record(id, "applied", &json!([]));
    for (name, mut lie, undoes) in [
        ("2", empty(2), Some(2)),
        ("2", empty(2), Some(u64::MAX)),
        ("2", empty(3), None),
        ("2", empty(0), None),
        ("18446744073709551615", empty(u64::MAX), None),
    ] {
        let scene = Scene::new();
        lie["undoes"] = json!(undoes);
        forge(&scene, name, &lie);
        let context = lie.to_string();
        let ran = scene.run("network set default --domain a --yes", &context);
        assert_ne!(ran.code, 0, "{context}\n{}", ran.said);
        assert!(
            ran.said.contains("--distrust-history"),
            "{context}\n{}",
            ran.said
        );
        let ran = scene.run("recover --distrust-history", &context);
        assert_eq!(ran.code, 0, "{context}\n{}", ran.said);
    }
    // names that are no numbers are not taken for some
    for name in ["18446744073709551615.x", "007", "+5", "5.x", "-1", "1e3"] {
        let scene = Scene::new();
        fs::create_dir(scene.root().join(STATE).join("transactions").join(name)).unwrap();
        for domain in ["a", "b"] {
            let set = format!("network set default --domain {domain} --yes");
            let ran = scene.run(&set, name);
            assert_eq!(ran.code, 0, "{name}\n{}", ran.said);
        }
        let ran = scene.run("history", name);
        assert!(
            ran.said.contains("\n 3 ") || ran.said.contains("\n3 "),
            "{name}\n{}",
            ran.said
        );
    }
}

/// The lock is on the folder: what lies in it is neither written into nor opened.
/// A copy that nobody has needs no doing, and its path and folder are judged all the same.
#[test]
fn folders_go_only_where_commands_write() {
    let scene = Scene::new();
    let folders = ["/proc", "/run", "/home", "/var/empty", "/var/empty/sshd"];
    for folder in folders {
        fs::create_dir_all(scene.root().join(&folder[1..])).unwrap();
    }
    let made = |folder: &&str| {
        let path = format!("{folder}/.x");
        json!({"path": path, "before": null, "after": file(0o600), "copy_of": NETWORK})
    };
    let mut changes = vec![change(NETWORK, &file(0o600))];
    changes.extend(folders.iter().map(made));
    let mut lie = record(2, "applied", &json!(changes));
    lie["folders"] = json!(folders);
    forge(&scene, "2", &lie);
    let ran = scene.run("rollback --yes --force", "folders");
    assert_ne!(ran.code, 0, "{}", ran.said);
    for folder in folders {
        assert!(scene.root().join(&folder[1..]).is_dir(), "{folder}");
    }
}

#[test]
fn folders_in_folders_overflow_nothing() {
    let scene = Scene::new();
    let mut deep = scene.root().join(STATE).join("transactions/7.new");
    for _ in 0..300 {
        deep.push("d");
    }
    fs::create_dir_all(&deep).unwrap();
    let ran = scene.run("network set default --domain a --yes", "deep");
    assert!(ran.said.contains("--distrust-history"), "{}", ran.said);
}

/// What is not there cannot be taken back, and is not said to be.
#[test]
fn a_gap_in_the_history_is_told() {
    let scene = Scene::new();
    for n in 0..4 {
        let set = format!("network set default --domain a{n} --yes");
        assert_eq!(scene.run(&set, "gap").code, 0);
    }
    let transactions = scene.root().join(STATE).join("transactions");
    let mut numbers: Vec<u64> = fs::read_dir(&transactions)
        .unwrap()
        .filter_map(|entry| entry.unwrap().file_name().to_str()?.parse().ok())
        .collect();
    numbers.sort_unstable();
    let gone = numbers[numbers.len() - 2];
    fs::remove_dir_all(transactions.join(gone.to_string())).unwrap();
    let back = format!("rollback --to {} --yes", numbers[0]);
    let ran = scene.run(&back, "gap");
    assert!(
        ran.said
            .contains(&format!("transaction {gone} is no longer kept")),
        "{}",
        ran.said
    );
    let ran = scene.run("rollback --to 18446744073709551615", "gap");
    assert_eq!(ran.code, 1, "{}", ran.said);
}

#[test]
fn what_lies_where_a_lock_was_is_left_alone() {
    type Make = fn(&Path, &Path);
    let things: [(&str, Make); 5] = [
        ("a hard link", |at, outside| {
            fs::hard_link(outside, at).unwrap()
        }),
        ("a link", |at, outside| symlink(outside, at).unwrap()),
        ("a link to nothing", |at, outside| {
            symlink(outside.with_extension("new"), at).unwrap()
        }),
        ("a FIFO", |at, _| {
            let mode = rustix::fs::Mode::from_raw_mode(0o600);
            rustix::fs::mknodat(rustix::fs::CWD, at, rustix::fs::FileType::Fifo, mode, 0).unwrap();
        }),
        ("a folder", |at, _| fs::create_dir(at).unwrap()),
    ];
    for name in ["lock", "holder"] {
        for (what, make) in things {
            let scene = Scene::new();
            let elsewhere = tempfile::tempdir().unwrap();
            let outside = elsewhere.path().join("precious");
            fs::write(&outside, "precious").unwrap();
            let at = scene.root().join(STATE).join(name);
            let _ = fs::remove_file(&at);
            make(&at, &outside);
            let context = format!("{what} as {name}");
            let ran = scene.run("bridge add br0 --port ens33 --yes", &context);
            let told = ran.code == 1 && ran.said.contains("--distrust-history");
            assert!(ran.code == 0 || told, "{context}\n{}", ran.said);
            assert_eq!(
                fs::read_to_string(&outside).unwrap(),
                "precious",
                "{context}"
            );
            assert!(!outside.with_extension("new").exists(), "{context}");
        }
    }
}

/// Snapshots share their files: what is changed beneath one root leaves the other as it was.
#[test]
fn a_snapshot_by_hard_links_stays() {
    let scene = Scene::new();
    let elsewhere = tempfile::tempdir().unwrap();
    let snapshot = elsewhere.path().join("snapshot");
    let copied = std::process::Command::new("cp")
        .arg("-al")
        .args([scene.root(), snapshot.clone()])
        .status();
    assert!(copied.unwrap().success());
    let before = contents(&snapshot);
    for command in [
        "rollback --yes",
        "bridge add br0 --port ens33 --yes",
        "network set default --domain b --yes",
        "rollback 3 --yes",
        "rollback 4 --yes",
    ] {
        scene.run(command, "a snapshot");
    }
    assert!(contents(&snapshot) == before);
}

/// Every field of every record in turn: another type, extremes, other paths, duplicates.
#[test]
fn ten_thousand_forged_journals_do_no_harm() {
    let base = [
        record(
            2,
            "prepared",
            &json!([
                change("/etc/sysconfig/network-scripts/ifcfg-evil", &file(0o644)),
                {"path": NETWORK, "before": null, "after": file(0o600), "copy_of": null},
                change("/etc/libvirt/qemu/networks/autostart/evil.xml",
                    &json!({"kind": "link", "target": NETWORK})),
            ]),
        ),
        record(
            2,
            "applied",
            &json!([change(
                "/etc/sysconfig/network-scripts/ifcfg-evil",
                &file(0o644)
            )]),
        ),
    ];
    let values = values();
    let mut forged = Vec::new();
    for base in &base {
        let mut places = Vec::new();
        pointers(base, String::new(), &mut places);
        for place in &places {
            for value in &values {
                let mut other = base.clone();
                *other.pointer_mut(place).unwrap() = value.clone();
                forged.push((format!("{place} = {value}"), other));
            }
        }
        // two at once
        for (n, place) in places.iter().enumerate() {
            for (m, second) in places.iter().enumerate().skip(n + 1) {
                for k in 0..12 {
                    let mut other = base.clone();
                    let (a, b) = (
                        &values[(n * 7 + k * 5) % values.len()],
                        &values[(m * 3 + k * 11) % values.len()],
                    );
                    *other.pointer_mut(place).unwrap() = a.clone();
                    if let Some(at) = other.pointer_mut(second) {
                        *at = b.clone();
                    }
                    forged.push((format!("{place} = {a}, {second} = {b}"), other));
                }
            }
        }
    }
    assert!(forged.len() > 10_000, "{}", forged.len());
    let sample = sample("forged journals", forged, SAMPLE, |_| [()]);
    all(&sample, |(context, record)| {
        let scene = Scene::new();
        forge(&scene, "2", record);
        let before = tree(&scene);
        let said = attempt(&scene, context);
        harmless(&scene, &before, &said, context);
    });
}

/// The same for plans: whatever is in the file, what is written is what its command makes, and is shown.
#[test]
fn ten_thousand_forged_plans_do_no_harm() {
    let base: Value =
        serde_json::from_slice(&fs::read(Scene::new().path().join("plan")).unwrap()).unwrap();
    let mut places = Vec::new();
    pointers(&base, String::new(), &mut places);
    let values = values();
    let mut forged = Vec::new();
    for (n, place) in places.iter().enumerate() {
        for value in &values {
            forged.push((place.clone(), value.clone(), None));
        }
        for (m, second) in places.iter().enumerate().skip(n + 1) {
            for k in 0..4 {
                let a = &values[(n * 5 + m + k * 13) % values.len()];
                let b = &values[(n + m * 3 + k * 7) % values.len()];
                forged.push((place.clone(), a.clone(), Some((second.clone(), b.clone()))));
            }
        }
    }
    let direct = Scene::new();
    direct.run("bridge add br0 --port ens33 --yes", "directly");
    let wanted = tree(&direct);
    assert!(forged.len() > 10_000, "{}", forged.len());
    let sample = sample("forged plans", forged, SAMPLE, |_| [()]);
    all(&sample, |(place, value, second)| {
        let scene = Scene::new();
        let mut other = base.clone();
        *other.pointer_mut(place).unwrap() = value.clone();
        if let Some((place, value)) = second
            && let Some(at) = other.pointer_mut(place)
        {
            *at = value.clone();
        }
        fs::write(scene.path().join("plan"), other.to_string()).unwrap();
        let context = format!("{place} = {value}, {second:?}");
        let before = tree(&scene);
        let shown = scene.run("show PLAN", &context);
        assert!(shown.code < 3, "{context}\n{}", shown.said);
        let ran = scene.run("apply PLAN --yes", &context);
        let after = tree(&scene);
        assert!(
            after == before || after == wanted,
            "{context}\n{}",
            ran.said
        );
        assert!(
            !ran.said.lines().any(|line| line.starts_with("spoofed")),
            "{context}\n{}",
            ran.said
        );
    });
}

/// Returns where the values in `value` are, as JSON pointers.
fn pointers(value: &Value, at: String, found: &mut Vec<String>) {
    match value {
        Value::Object(fields) => {
            for (name, value) in fields {
                pointers(value, format!("{at}/{}", name.replace('/', "~1")), found);
            }
        }
        Value::Array(values) => {
            for (n, value) in values.iter().enumerate() {
                pointers(value, format!("{at}/{n}"), found);
            }
        }
        _ => {}
    }
    if !at.is_empty() {
        found.push(at);
    }
}

fn values() -> Vec<Value> {
    let mut values = vec![
        Value::Null,
        json!(true),
        json!(0),
        json!(1),
        json!(-1),
        json!(u64::MAX),
        json!(i64::MIN),
        json!(1e300),
        json!(0o4755),
        json!(0o6777),
        json!(u32::MAX),
        json!([]),
        json!({}),
        json!([[[[]]]]),
        json!("x\nspoofed: a line"),
        json!("\u{1b}[2J\u{202e}"),
        json!("x".repeat(5000)),
        json!("prepared"),
        json!("applied"),
        json!("check"),
        json!(["rollback", "1"]),
        json!(["--root", "/", "check", "--fix"]),
        file(0o4755),
        json!({"kind": "file", "mode": 0o644, "uid": 54321, "gid": 54321}),
        json!({"kind": "link", "target": "/etc/shadow"}),
        json!({"kind": "link", "target": "../../../../../../etc/shadow"}),
        json!(["/etc/a", "/etc/b"]),
        json!([["/etc/a", "/etc/b"]]),
    ];
    for path in [
        "/",
        "",
        "/etc/shadow",
        "/pwn",
        "/etc/cron.d/x",
        "/../x",
        "/etc/../x",
        "etc/x",
        "/etc/x\u{0}y",
        "/var/lib/kvmnet",
        "/var/lib/kvmnet/transactions/2/journal.json",
        "/var/lib/kvmnet/backups/etc/shadow.old",
        "/etc/sysconfig/network-scripts/ifcfg-ens33",
        "/etc/sysconfig/network-scripts/ifcfg-ens33.old",
        "/etc/sysconfig/network-scripts/ifup-local",
        "/etc/libvirt/qemu/networks/default.xml",
        "/etc/libvirt/qemu/networks/default.xml/x",
        "/etc/libvirt/hooks/qemu",
        "/etc/NetworkManager/dispatcher.d/x",
    ] {
        values.push(json!(path));
    }
    values
}
