//! No command shows a secret, wherever the tree has it; and every command shows what a shell would run.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;

use crate::run::{Scene, all};

const SECRET: &str = "hunter";
const SCRIPTS: &str = "etc/sysconfig/network-scripts";

/// Commands that show as much as they can.
const COMMANDS: &[&str] = &[
    "show",
    "show --json",
    "show --files",
    "check",
    "check --json",
    "check -v",
    "check --fix --dry-run",
    "bridge add br0 --port ens33 --dry-run",
    "bridge add br0 --port ens33 --dry-run --json",
    "bridge add br0 --port ens33 --dry-run -v",
    "network set default --domain a --dry-run --json",
    "guest connect vm1 --network default --dry-run",
    "guest connect vm1 --network default --new --dry-run --json",
    "bridge add br0 --port ens33 --yes",
    "history 2",
    "history 2 --json",
    "rollback 2 --dry-run",
    "rollback 2 --yes",
    "history",
    "recover",
];

fn append(root: &Path, file: &str, text: &str) {
    let file = root.join(file);
    let old = fs::read_to_string(&file).unwrap_or_default();
    fs::write(file, old + text).unwrap();
}

type Spoil = fn(&Path);

/// Where a tree has secrets.
const TREES: &[(&str, Spoil)] = &[
    ("the profile", |root| {
        append(
            root,
            &format!("{SCRIPTS}/ifcfg-ens33"),
            "KEY=hunter\nWPA_PSK='hunter hunter'\n",
        );
    }),
    ("behind a linked folder", |root| {
        append(
            root,
            &format!("{SCRIPTS}/ifcfg-ens33"),
            "IEEE_8021X_PASSWORD=hunter\n",
        );
        fs::create_dir(root.join("srv")).unwrap();
        fs::rename(root.join(SCRIPTS), root.join("srv/s")).unwrap();
        symlink("/srv/s", root.join(SCRIPTS)).unwrap();
    }),
    ("behind a linked file", |root| {
        append(root, &format!("{SCRIPTS}/ifcfg-ens33"), "MKA_CAK=hunter\n");
        fs::create_dir(root.join("srv")).unwrap();
        let file = root.join(SCRIPTS).join("ifcfg-ens33");
        fs::rename(&file, root.join("srv/port")).unwrap();
        symlink("/srv/port", file).unwrap();
    }),
    ("in lines that are wrong", |root| {
        let text = "DEVICE=ens34\nONBOOT=maybe hunter\nKEY=\"hunter `x`\"\nKEY1='hunter\nhunter\n";
        append(root, &format!("{SCRIPTS}/ifcfg-ens34"), text);
    }),
    ("in a keys file", |root| {
        append(
            root,
            &format!("{SCRIPTS}/keys-ens33"),
            "KEY=s:hunter\nDEFAULTKEY=1\n#KEY2=hunter\n",
        );
    }),
    ("commented out", |root| {
        let text = "#KEY=hunter\n# WPA_PSK = \"hunter\n# hunter\"\n: ${KEY1:=hunter}\n";
        append(root, &format!("{SCRIPTS}/ifcfg-ens33"), text);
    }),
    ("in a here-document", |root| {
        let text = "cat >/dev/null <<E\nKEY=hunter\nE\nKEY+=hunter\nKEY[0]=hunter\n";
        append(root, &format!("{SCRIPTS}/ifcfg-ens33"), text);
    }),
    ("in a guest", |root| {
        let file = root.join("etc/libvirt/qemu/vm1.xml");
        let text = fs::read_to_string(&file).unwrap();
        let more = "<graphics type='vnc' passwd='hunter'/>\n<!-- passwd=\"hunter\" -->\n\
            <password>hunter<!-- x --><![CDATA[hunter]]></password></devices>";
        fs::write(file, text.replacen("</devices>", more, 1)).unwrap();
    }),
    ("in a guest that is broken", |root| {
        let text = "<domain><name>b</name><devices><graphics passwd='hunter'/><password>hunter<x></devices>\n";
        append(root, "etc/libvirt/qemu/b.xml", text);
    }),
    ("in keyfiles", |root| {
        let text = "[connection]\nid=w\nuuid=hunted\ntype=wifi\ninterface-name=ens33\n[wifi-security]\npsk=hunter\n\
            [802-1x]\npassword-raw=hunter\n[macsec]\nmka-cak=hunter\n[vpn-secrets]\nx=hunter\nbroken hunter\n";
        append(
            root,
            "etc/NetworkManager/system-connections/w.nmconnection",
            text,
        );
    }),
];

#[test]
fn no_command_shows_a_secret() {
    all(TREES, |(context, spoil)| {
        let scene = Scene::new();
        spoil(&scene.root());
        for command in COMMANDS {
            let ran = scene.run(command, context);
            // the words of lines that are no assignments may be seen
            let said = ran
                .said
                .replace("maybe hunter", "")
                .replace("broken hunter", "");
            assert!(!said.contains(SECRET), "{context}: {command}\n{said}");
        }
    });
}

/// What looks like a secret, and runs.
#[test]
fn what_is_run_is_never_hidden() {
    for line in [
        "KEY=$(id >/pwned)",
        "KEY=`id >/pwned`",
        "KEY=hunter;id >/pwned",
        "KEY=\"hunter $(id >/pwned) hunter\"",
        "KEY=hunter id >/pwned",
        ": ${KEY:=$(id >/pwned)}",
        "KEY=<(id >/pwned)",
        "KEY=(hunter $(id >/pwned))",
        "X=KEY=; id >/pwned",
        "eval 'KEY=hunter;id >/pwned'",
        "bash <<E\nKEY=hunter; id >/pwned\nE",
        "# KEY='hunter\nid >/pwned\n# '",
        "KEY='hunter'\\\n\nid >/pwned",
        "\"KEY=\" || id >/pwned",
        "\\\n# KEY='\nid >/pwned\n#'",
        "X=\"KEY=\\\" KEY2='\"'\nid >/pwned\n#'",
        "X=`# KEY=x`;id >/pwned",
        ":\r#KEY=x;id >/pwned",
        "if false; then (( read KEY << 2 )); fi\nid >/pwned",
        "read KEY <<\"E F\"\nx\nE F\n# \"\nid >/pwned",
        "cat <<E\nE\r\nKEY='\nE\nid >/pwned\n#'",
        "case KEY=1 in KEY=1) id >/pwned;;esac",
        "eval KEY=x\\;id >/pwned",
        "eval KEY='x;id >/pwned'",
    ] {
        let scene = Scene::new();
        append(
            &scene.root(),
            &format!("{SCRIPTS}/ifcfg-ens33"),
            &format!("{line}\n"),
        );
        append(
            &scene.root(),
            &format!("{SCRIPTS}/ifcfg-zz"),
            &format!("{line}\n"),
        );
        // the file of the transaction, and of its rollback
        for command in [
            "bridge add br0 --port ens33 --yes",
            "history 2",
            "rollback 2 --dry-run",
        ] {
            let ran = scene.run(command, line);
            if ran.code == 0 {
                // what is refused is not written
                let shown = !ran.said.contains("KEY") || ran.said.contains("id >/pwned");
                assert!(shown, "{line}: {command}\n{}", ran.said);
            }
        }
    }
}
