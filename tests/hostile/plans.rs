//! A saved plan that somebody changed reaches nothing that its command does not change.

use std::fs;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::{Value, json};

use crate::places::{INSTEAD, replace};
use crate::run::{Scene, all, contents};
use crate::support;
use crate::support::sample::sample;

/// Paths that no plan of any command has.
const FOREIGN: &[&str] = &[
    "/etc/shadow",
    "/etc/sysconfig/../shadow",
    "/etc/sysconfig/network-scripts/../../shadow",
    "/etc/sysconfig/network-scripts/ifup-local",
    "/etc/sysconfig/network-scripts/ifup-eth",
    "/etc/sysconfig/network-scripts",
    "/etc/sysconfig/sshd",
    "/etc/libvirt/hooks/qemu",
    "/etc/libvirt/qemu.conf",
    "/etc/NetworkManager/dispatcher.d/99-x",
    "/etc/cron.d/x",
    "/var/lib/kvmnet/transactions/1",
    "/var/lib/kvmnet/backups/../x",
    "/../outside/etc/hostname",
    "../outside/etc/hostname",
    "etc/hostname",
    "/etc//hostname",
    "/etc/./hostname",
    "/",
    "",
    "//etc/shadow",
    "/etc/shadow\u{0}x",
];

/// Files that another command changes.
const OF_OTHERS: &[&str] = &[
    "/etc/libvirt/qemu/vm1.xml",
    "/etc/libvirt/qemu/networks/evil.xml",
    "/etc/kvmnet/templates/ifcfg-port.hbs",
    "/etc/NetworkManager/system-connections/x.nmconnection",
];

fn refused(plan: &Value, context: &str) {
    let scene = Scene::new();
    fs::write(scene.path().join("plan"), plan.to_string()).unwrap();
    let before = contents(&scene.root());
    for command in ["apply PLAN --yes", "apply PLAN --yes --force"] {
        let ran = scene.run(command, context);
        assert_ne!(ran.code, 0, "{context}: {command}: applied\n{}", ran.said);
        assert!(
            contents(&scene.root()) == before,
            "{context}: {command}: {}",
            ran.said
        );
    }
}

fn saved() -> Value {
    serde_json::from_slice(&fs::read(Scene::new().path().join("plan")).unwrap()).unwrap()
}

#[test]
fn a_path_of_no_command_is_refused() {
    let plan = saved();
    let changes = plan["changes"].as_array().unwrap().len();
    assert!(changes >= 2, "{plan}");
    let mut forged = Vec::new();
    for path in FOREIGN.iter().chain(OF_OTHERS) {
        for place in 0..changes {
            let mut other = plan.clone();
            other["changes"][place]["path"] = json!(path);
            forged.push((*path, format!("change {place} to {path:?}"), other));
        }
        // one more, that writes a new file or deletes one
        for (before, after) in [
            (Value::Null, plan["changes"][0]["after"].clone()),
            (plan["changes"][0]["after"].clone(), Value::Null),
        ] {
            let mut other = plan.clone();
            let change = json!({
                "path": path, "before": before, "after": after, "labels": {"like": "/etc/shadow"}
            });
            other["changes"].as_array_mut().unwrap().push(change);
            forged.push((*path, format!("one more for {path:?}"), other));
        }
        // and as the copy of a file that it may change
        let mut other = plan.clone();
        let of = plan["changes"][0]["path"].clone();
        other["backups"]
            .as_array_mut()
            .unwrap()
            .push(json!([of, path]));
        other["changes"].as_array_mut().unwrap().push(json!({
            "path": path, "before": null, "after": plan["changes"][0]["after"],
            "labels": {"like": "/etc/shadow"}
        }));
        forged.push((*path, format!("a copy at {path:?}"), other));
    }
    let forged = sample("plans for other paths", forged, 15, |(path, ..)| [*path]);
    all(&forged, |(_, context, plan)| refused(plan, context));
}

#[test]
fn rights_that_no_command_gives_are_refused() {
    let plan = saved();
    for place in 0..plan["changes"].as_array().unwrap().len() {
        if plan["changes"][place]["after"].is_null() {
            continue;
        }
        for (what, attrs) in [
            ("set-uid", json!({"mode": 0o4755, "uid": 0, "gid": 0})),
            ("set-gid", json!({"mode": 0o2755, "uid": 0, "gid": 0})),
            ("the owner", json!({"mode": 0o644, "uid": 54321, "gid": 0})),
            ("the group", json!({"mode": 0o644, "uid": 0, "gid": 54321})),
        ] {
            let mut other = plan.clone();
            other["changes"][place]["after"]["file"]["attrs"] = attrs;
            refused(&other, &format!("{what} of change {place}"));
        }
        for link in ["/etc/shadow", "../../../../etc/shadow", "../ifcfg-ens33"] {
            let mut other = plan.clone();
            other["changes"][place]["after"] = json!({"link": link});
            refused(&other, &format!("change {place} as a link to {link}"));
        }
    }
}

/// Between planning and applying, each component of each path becomes something else.
#[test]
fn what_is_swapped_in_behind_the_plan_is_not_followed() {
    let plan = saved();
    let mut attacks = Vec::new();
    for change in plan["changes"].as_array().unwrap() {
        let path = change["path"].as_str().unwrap().trim_start_matches('/');
        let ends = path
            .match_indices('/')
            .map(|(at, _)| at)
            .chain([path.len()]);
        attacks.extend(ends.map(|end| path[..end].to_owned()));
    }
    attacks.sort();
    attacks.dedup();
    let each = |path: &String| {
        INSTEAD
            .iter()
            .map(|instead| (path.clone(), *instead))
            .collect()
    };
    let attacks: Vec<_> = attacks.iter().flat_map::<Vec<_>, _>(each).collect();
    let attacks = sample("what is swapped in", attacks, 20, |(path, instead)| {
        [path.clone(), format!("{instead:?}")]
    });
    let refused = AtomicUsize::new(0);
    all(&attacks, |(path, instead)| {
        let scene = Scene::new();
        if !replace(&scene, path, *instead) {
            return;
        }
        let before = contents(&scene.root());
        let context = format!("{path} became {instead:?}");
        let ran = scene.run("apply PLAN --yes", &context);
        if ran.code != 0 {
            refused.fetch_add(1, Ordering::Relaxed);
            assert!(contents(&scene.root()) == before, "{context}: {}", ran.said);
        }
    });
    // a third of what there is instead
    assert!(refused.into_inner() > attacks.len() / 3);
}

/// What is refused above is refused to others only: each command's own plan is applied, and does what the command does.
#[test]
fn the_plan_of_each_command_is_applied() {
    for command in [
        "bridge add br0 --port ens33",
        "bridge add br0 --port ens33 --backup store",
        "bridge add br0 --port ens33 --switch ovs --force",
        "network add lab --mode nat",
        "network copy default nat1",
        "network set default --mode isolated",
        "network remove default --force",
        "guest connect vm1 --network default --new",
        "check --fix",
        "rollback",
    ] {
        let (direct, saved) = (Scene::new(), Scene::new());
        for scene in [&direct, &saved] {
            let root = scene.root();
            let text =
                fs::read_to_string(root.join("etc/libvirt/qemu/networks/default.xml")).unwrap();
            if command == "check --fix" {
                let uuid = text.lines().find(|line| line.contains("<uuid>")).unwrap();
                let text = text.replace(&format!("{uuid}\n"), "");
                fs::write(root.join("etc/libvirt/qemu/networks/default.xml"), text).unwrap();
            }
        }
        let ran = direct.run(&format!("{command} --yes"), "directly");
        assert_eq!(ran.code, 0, "{command}\n{}", ran.said);
        let ran = saved.run(&format!("{command} --dry-run --out PLAN"), "saved");
        assert_eq!(ran.code, 0, "{command}\n{}", ran.said);
        let before = contents(&saved.root());
        let ran = saved.run("apply PLAN --yes", command);
        assert_eq!(ran.code, 0, "{command}\n{}", ran.said);
        let after = contents(&saved.root());
        assert!(
            after == contents(&direct.root()),
            "{command}: the plan does another thing"
        );
        assert!(after != before, "{command} changes something");
        support::kvmnet(&saved.root(), &["rollback", "--yes"]);
        assert!(contents(&saved.root()) == before, "{command}: taken back");
    }
}
