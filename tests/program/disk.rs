//! A read-only and a full file system: the command is refused with one clear message, and changes nothing.
//!
//! Each disk is a tmpfs in a mount namespace of its own, made by unshare(1) and mount(8), which need root. Without them
//! the test says that it was skipped; with `KVMNET_REAL_DAEMONS=1` that is a failure.

use std::process::{Command, Output};

const HOST: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/hosts/tutorial");
const KVMNET: &str = env!("CARGO_BIN_EXE_kvmnet");

/// Runs `script` with a tmpfs of 4 MiB at `$D` that holds the tutorial host.
fn on_a_disk(script: &str) -> Output {
    let dir = tempfile::TempDir::new().unwrap();
    let prepare = "mount -t tmpfs -o size=4m tmpfs \"$D\" && cp -a \"$H/.\" \"$D\" || exit 99";
    Command::new("unshare")
        .args(["--mount", "sh", "-c", &format!("{prepare}\n{script}")])
        .env("D", dir.path())
        .env("H", HOST)
        .env("K", KVMNET)
        .output()
        .unwrap()
}

fn available() -> bool {
    let found = Command::new("unshare").args(["--mount", "true"]).output();
    let found = found.is_ok_and(|output| output.status.success());
    assert!(
        found || std::env::var_os("KVMNET_REAL_DAEMONS").is_none(),
        "unshare --mount is needed: root, and util-linux"
    );
    if !found {
        println!("skipped: no mount namespace can be made here");
    }
    found
}

#[test]
fn a_read_only_disk_is_refused() {
    if !available() {
        return;
    }
    let done = on_a_disk(
        "mount -o remount,ro \"$D\"; \"$K\" --root \"$D\" -q bridge add br0 --port ens33 --yes >/dev/null; \
         status=$?; \"$K\" --root \"$D\" -q bridge add br0 --port ens33 --dry-run >/dev/null || exit 98; exit $status",
    );
    let said = String::from_utf8_lossy(&done.stderr);
    assert_eq!(done.status.code(), Some(2), "{said}");
    assert!(
        said.starts_with("error: ") && said.contains("Read-only file system"),
        "{said}"
    );
}

#[test]
fn a_full_disk_changes_nothing() {
    if !available() {
        return;
    }
    let (mut full, mut done) = (0, 0);
    // from nothing left to enough, in pages
    for pages in 0..24 {
        let output = on_a_disk(&format!(
            "cp -a \"$D/etc\" /tmp/before.$$; dd if=/dev/zero of=\"$D/fill\" bs=4k 2>/dev/null
             truncate -s -{}k \"$D/fill\"
             \"$K\" --root \"$D\" -q bridge add br0 --port ens33 --yes >/dev/null
             status=$?
             [ $status = 0 ] || diff -r --no-dereference \"$D/etc\" /tmp/before.$$ || status=97
             find \"$D/etc\" -name '.kvmnet-*' | grep . && status=96
             rm -rf /tmp/before.$$ \"$D/fill\"
             [ $status = 0 ] || \"$K\" --root \"$D\" -q bridge add br0 --port ens33 --yes >/dev/null || status=95
             exit $status",
            pages * 4
        ));
        let said = String::from_utf8_lossy(&output.stderr);
        match output.status.code() {
            Some(0) => done += 1,
            Some(2) => {
                assert!(
                    said.contains("No space left on device"),
                    "{pages} pages: {said}"
                );
                full += 1;
            }
            code => panic!("{pages} pages left: {code:?}: {said}"),
        }
    }
    println!("{full} disks too full, {done} large enough");
    assert!(full > 5 && done > 0, "{full} {done}");
}
