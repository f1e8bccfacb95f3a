//! The hosts on which the other tests stand: that they boot, what they show, and how they end.

use crate::machine::{Machine, texts};

const PROFILES: &str = "/etc/sysconfig/network-scripts";

#[test]
fn a_host_boots_and_its_network_starts_with_its_own_files() {
    let Some(machine) = Machine::new("tutorial") else {
        return;
    };
    machine.stand_in(PROFILES);
    machine.unit(
        "broken.service",
        "[Unit]\nDefaultDependencies=no\n[Service]\nType=oneshot\nExecStart=/bin/false\n",
    );
    let units = ["network.service", "broken.service"];
    let boot = machine.boot(
        &units,
        "kvmnet --version; ls /etc/NetworkManager; echo $SEEN; systemctl stop network.service",
        60,
    );
    assert!(boot.ended, "{boot:?}");
    assert_eq!(boot.failed, ["broken.service"]);
    let version = concat!("kvmnet ", env!("CARGO_PKG_VERSION"), "\n");
    assert_eq!(boot.printed, format!("{version}/var/lib/seen\n"));
    let seen = machine.seen();
    let whats: Vec<&str> = seen.iter().map(|seen| &*seen.what).collect();
    assert_eq!(whats, ["start", "stop"]);
    for seen in &seen {
        assert_eq!(seen.files, texts(&machine.path(PROFILES)));
        assert!(seen.files.contains_key("ifcfg-ens33"));
    }
}

#[test]
fn a_second_boot_is_one_of_the_same_host_and_the_power_may_be_cut() {
    let Some(machine) = Machine::new("tutorial") else {
        return;
    };
    machine.stand_in(PROFILES);
    let cut = machine.boot(
        &["network.service"],
        "echo '# edited' >>/etc/sysconfig/network-scripts/ifcfg-ens33; sleep 600; echo never",
        4,
    );
    assert!(!cut.ended && cut.printed.is_empty(), "{cut:?}");
    let again = machine.boot(&["network.service"], "echo up", 60);
    assert!(again.ended && again.printed == "up\n", "{again:?}");
    let seen = machine.seen();
    assert_eq!(seen.len(), 2, "{seen:?}");
    assert!(!seen[0].files["ifcfg-ens33"].contains("# edited"));
    let now = machine.read(&format!("{PROFILES}/ifcfg-ens33"));
    assert!(seen[1].files["ifcfg-ens33"].ends_with("# edited\n"));
    assert_eq!(now.as_ref(), seen[1].files.get("ifcfg-ens33"));
}
