//! `status` on a host that runs: what the kernel shows of its bridges.

use crate::machine::Machine;

#[test]
fn the_kernel_is_compared_with_the_files() {
    let Some(machine) = Machine::new("tutorial") else {
        return;
    };
    let script = "
        set -e
        status() { echo \"$1\"; kvmnet status | sed -n '/^not in use/,$ { s/^not in use//; s/^ *//; p }'; }
        ip link add ens33 type veth peer name far0
        kvmnet bridge add br0 --port ens33 --yes -q >/dev/null 2>&1
        status nothing
        ip link add br0 type bridge
        status bridge
        ip link set ens33 master br0
        status port
        kvmnet rollback --yes -q >/dev/null 2>&1
        touch -d 1971-01-01 /etc/sysconfig/network-scripts/*
        status rollback
        ip link del br0
        status gone
        touch /etc/sysconfig/network-scripts/ifcfg-ens33
        status touched | sed 's/ at .*, after/, after/'";
    let boot = machine.boot(&[], script, 60);
    let told = [
        "nothing",
        "bridge br0 is in the files, not on the running host",
        "bridge",
        "ens33 is a port of br0 in the files, and of no bridge on the running host",
        "port",
        "none, as far as files tell",
        "rollback",
        "ens33 is a port of br0 on the running host, and of no bridge in the files",
        "gone",
        "none, as far as files tell",
        "touched",
        "perhaps /etc/sysconfig/network-scripts/ifcfg-ens33: it was changed, after the host was booted",
    ];
    assert_eq!(boot.printed.lines().collect::<Vec<_>>(), told);
}
