//! What is printed for the machine in use is pasted there: systemd runs as process 1 over an overlay of the machine's root (the oracle
//! `systemd-boot`), with a stand-in for the network service that notes with which files it starts and stops.
//!
//! The program lies where neither systemd nor `PATH` has it, in a folder with a blank in its name.

use std::fs;
use std::path::Path;
use std::process::Command;

use tempfile::TempDir;

use crate::support::{oracle, real_daemons};

/// Where the program lies.
const FOLDER: &str = "opt/my tools";

/// Each of these is pasted: what goes live in one go, before, and what is left to do, after.
const PASTE: &str = r#"
exec >>/root/out 2>&1
kvmnet="/opt/my tools/kvmnet"
paste() {
  sed -n '/^To .*:$/,/^$/{/^To .*:$/d;/^$/d;p}' >/root/block
  cat /root/block; bash /root/block || echo failed >>/root/log
  while systemctl list-units --all --plain --no-legend 'kvmnet-*.service' | grep -q activ; do sleep 0.1; done
  echo "$1" >>/root/log
}
"$kvmnet" bridge remove br0 --dry-run | paste "remove in one go"
"$kvmnet" bridge add br0 --port ens33 --dry-run | paste "add in one go"
"$kvmnet" bridge remove br0 --yes | paste "removed, then live"
"$kvmnet" rollback 3 --yes | paste "back, then live"
"$kvmnet" bridge remove br0 --yes -q
echo 'rule of br0' >/etc/sysconfig/network-scripts/rule-ens33
"$kvmnet" bridge add br0 --port ens33 --dry-run | paste "add with rules in one go"
mount -t devpts -o newinstance,ptmxmode=666 devpts /dev/pts && ln -s pts/ptmx /dev/ptmx
echo n | script -qec '"/opt/my tools/kvmnet" bridge remove br0' /dev/null | tr -d '\r' >/root/asked
grep -q '^To apply and go live in one go, answer n and run (network-scripts):$' /root/asked && paste "asked" </root/asked
"#;

/// Notes which files are there.
const NETWORK: &str = "cd /etc/sysconfig/network-scripts
grep -q BRIDGE=br0 ifcfg-ens33 && has=port || has=plain
echo \"$1 $has\" >>/root/log
";

const UNITS: &[(&str, &str)] = &[
    (
        "kvmnet-test.target",
        "[Unit]\nWants=network.service go.service\n",
    ),
    (
        "network.service",
        "[Unit]\nDefaultDependencies=no\nStartLimitIntervalSec=0\n[Service]\nType=oneshot\nRemainAfterExit=yes\nExecStart=/bin/sh /root/network start\nExecStop=/bin/sh /root/network stop\n",
    ),
    (
        "go.service",
        "[Unit]\nDefaultDependencies=no\nAfter=network.service\n[Service]\nType=oneshot\nExecStart=/bin/bash /root/go\nExecStopPost=/bin/systemctl poweroff -ff\n",
    ),
];

const FILES: &[(&str, &str)] = &[
    ("root/go", PASTE),
    ("root/network", NETWORK),
    ("etc/rc.d/init.d/network", "#!/bin/sh\n"),
    (
        "etc/sysconfig/network-scripts/ifcfg-br0",
        "DEVICE=br0\nTYPE=Bridge\nONBOOT=yes\nBOOTPROTO=none\nIPADDR=10.5.0.5\nPREFIX=24\nNM_CONTROLLED=no\n",
    ),
    (
        "etc/sysconfig/network-scripts/ifcfg-ens33",
        "DEVICE=ens33\nTYPE=Ethernet\nONBOOT=yes\nBRIDGE=br0\nNM_CONTROLLED=no\n",
    ),
];

/// How the network service is started and stopped: with which files, and what was pasted then.
const LOG: &str = "\
start port
stop port
start plain
remove in one go
stop port
start port
add in one go
stop port
start plain
removed, then live
stop port
start port
back, then live
stop plain
start port
add with rules in one go
stop port
start plain
asked
";

#[test]
fn what_is_pasted_goes_live() {
    if !real_daemons() {
        eprintln!("skipped: the real systemd is booted only with KVMNET_REAL_DAEMONS=1");
        return;
    }
    let dir = TempDir::new().unwrap();
    let upper = dir.path().join("upper");
    let put = |path: &str, text: &str| {
        let path = upper.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    };
    for (path, text) in FILES {
        put(path, text);
    }
    for (name, text) in UNITS {
        put(&format!("etc/systemd/system/{name}"), text);
    }
    let folder = upper.join(FOLDER);
    fs::create_dir_all(&folder).unwrap();
    fs::copy(env!("CARGO_BIN_EXE_kvmnet"), folder.join("kvmnet")).unwrap();
    let mut boot = Command::new("bash");
    boot.arg(oracle("systemd-boot")).arg(dir.path()).arg("60");
    let output = boot.output().unwrap();
    let read = |path: &Path| fs::read_to_string(path).unwrap_or_default();
    let (log, out) = (read(&upper.join("root/log")), read(&upper.join("root/out")));
    let error = String::from_utf8_lossy(&output.stderr);
    assert_eq!(log, LOG, "{error}{out}");
}
