//! The subnets that a host takes, from every kind of file that configures one.

use crate::support;
use std::fs;
use std::path::Path;

const SCRIPTS: &str = "etc/sysconfig/network-scripts";

/// Returns what is taken beneath `root`, with paths as short as can be.
fn routed(root: &Path) -> Vec<String> {
    let host = support::host(root);
    let shown = |r: &kvmnet::host::Routed| {
        format!(
            "{} {}:{} {}",
            r.net,
            r.at.file.name(),
            r.at.line,
            r.interface
        )
    };
    host.routed.iter().map(shown).collect()
}

#[test]
fn every_kind_of_file_of_a_host_with_static_routes() {
    let root = support::fixture("static-routes");
    let expected = [
        "10.20.0.0/16 route-ens33:2 ens33",
        "10.30.0.0/16 route-ens33:5 ens33",
        "10.50.0.0/24 ifcfg-ens33:19 ens33",
        "10.77.0.0/16 route-ens34:2 ens34",
        "10.78.0.0/16 route-ens34:6 ens34",
        "10.99.0.0/16 static-routes:2 ens33",
        "172.20.0.0/16 route-ens33:6 ens33",
        "192.168.50.0/24 ifcfg-ens33:11 ens33",
        "192.168.50.0/24 ifcfg-ens33-range0:2 ens33",
        "192.168.50.0/24 ifcfg-ens33:0:3 ens33",
        "192.168.50.0/24 route-ens33:8 ens33",
        "192.168.60.0/24 ifcfg-ens34:8 ens34",
        "203.0.113.7/32 static-routes:3 ens33",
        "2001:db8:50::/64 ifcfg-ens33:24 ens33",
        "2001:db8:50::/64 ifcfg-ens33:25 ens33",
        "2001:db8:60::/48 route6-ens33:2 ens33",
        "2001:db8:61::/48 route6-ens33:3 ens33",
        "2001:db8:70::/48 static-routes-ipv6:2 ens33",
    ];
    assert_eq!(routed(&root), expected);
}

#[test]
fn aliases_and_ranges_inherit_the_mask_and_ports_have_nothing() {
    let files = [
        (
            format!("{SCRIPTS}/ifcfg-ens33"),
            "DEVICE=ens33\nBOOTPROTO=none\nIPADDR=10.1.0.5\nPREFIX=16\nIPADDR1=10.2.0.5\nIPV6ADDR=fe80::5/64\nIPV6ADDR_SECONDARIES=\"2001:db8:5::5/56\"\n",
        ),
        (
            format!("{SCRIPTS}/ifcfg-ens33:0"),
            "DEVICE=ens33:0\nIPADDR=172.16.1.1\n",
        ),
        (
            format!("{SCRIPTS}/ifcfg-ens33:1"),
            "DEVICE=ens33:1\nIPADDR=172.17.1.1\nNETMASK=255.255.255.128\n",
        ),
        (
            format!("{SCRIPTS}/ifcfg-ens33-range0"),
            "IPADDR_START=172.18.1.1\nIPADDR_END=172.18.1.9\nCLONENUM_START=3\n",
        ),
        (
            format!("{SCRIPTS}/ifcfg-ens34"),
            "DEVICE=ens34\nBRIDGE=br0\nIPADDR=10.9.0.5\nPREFIX=24\n",
        ),
        (
            format!("{SCRIPTS}/route-ens34"),
            "10.10.0.0/16 via 10.9.0.1\n",
        ),
        (
            format!("{SCRIPTS}/route-gone"),
            "10.11.0.0/16 via 10.9.0.1\n",
        ),
        (
            "etc/NetworkManager/system-connections/ens3.nmconnection".to_owned(),
            "[connection]\ntype=ethernet\ninterface-name=ens3\n[ipv4]\naddress1=192.168.5.5/25\nmethod=manual\nroute1=0.0.0.0/0,192.168.5.1\n",
        ),
    ];
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    let expected = [
        "10.0.0.0/8 ifcfg-ens33:5 ens33",
        "10.1.0.0/16 ifcfg-ens33:3 ens33",
        "172.16.0.0/16 ifcfg-ens33:0:2 ens33",
        "172.17.1.0/25 ifcfg-ens33:1:2 ens33",
        "172.18.0.0/16 ifcfg-ens33-range0:1 ens33",
        "192.168.5.0/25 ens3.nmconnection:5 ens3",
        "2001:db8:5::/56 ifcfg-ens33:7 ens33",
    ];
    assert_eq!(routed(folder.path()), expected);
}
