//! Whatever stands in a record of leases, it is read or named as broken, and hides no other record.

use kvmnet::backend;
use kvmnet::tree::{Attrs, Entry, File, HostPath, Tree};
use proptest::prelude::*;
use proptest::sample::select;
use proptest::test_runner::RngSeed;

/// Reads the record beside one that is in order; returns how many leases it has.
fn leases(bytes: &[u8]) -> usize {
    let good = b"[{\"ip-address\": \"192.0.2.1\"}]\n".to_vec();
    let mut tree = Tree::default();
    for (name, bytes) in [("virbr0", bytes.to_vec()), ("virbr1", good)] {
        let path = HostPath::parse(&format!("/var/lib/libvirt/dnsmasq/{name}.status")).unwrap();
        let attrs = Attrs {
            mode: 0o644,
            uid: 0,
            gid: 0,
        };
        tree.insert(path, Entry::File(File { bytes, attrs }));
    }
    // the older record of another network: bytes are no JSON to it, and lines no lease
    let old = HostPath::literal("/var/lib/libvirt/dnsmasq/virbr0.leases");
    let attrs = Attrs {
        mode: 0o644,
        uid: 0,
        gid: 0,
    };
    let with_old = {
        let mut tree = tree.clone();
        let bytes = bytes.to_vec();
        tree.insert(old, Entry::File(File { bytes, attrs }));
        backend::leases(&tree)
    };
    assert!(with_old.1.iter().all(|b| b.about == "virbr0"));
    let (found, broken) = backend::leases(&tree);
    let newer = with_old.0.iter().filter(|l| l.network.is_none());
    assert_eq!(newer.count(), found.len());
    assert!(broken.iter().all(|b| b.about == "virbr0"), "{broken:?}");
    assert_eq!(found.iter().filter(|l| l.bridge == "virbr1").count(), 1);
    found.len() - 1
}

fn config() -> ProptestConfig {
    ProptestConfig {
        cases: 2000,
        failure_persistence: None,
        rng_seed: RngSeed::Fixed(4711),
        ..ProptestConfig::default()
    }
}

/// Pieces of JSON in any order: now and then it is a record.
fn soup() -> impl Strategy<Value = String> {
    let pieces = vec![
        "[",
        "]",
        "{",
        "}",
        ",",
        ":",
        "\"ip-address\":",
        "\"mac-address\":",
        "\"hostname\":",
        "\"client-id\":",
        "\"expiry-time\":",
        "\"iaid\":",
        "\"10.0.0.1\"",
        "\"2001:db8::1\"",
        "\"52:54:00:37:68:dc\"",
        "\"\\u0031.2.3.4\"",
        "\"\\ud800\"",
        "\"",
        "\\",
        "null",
        "true",
        "0",
        "-1",
        "1e999",
        "18446744073709551615",
        "1.5",
        " ",
        "\n",
        "\r",
        "\0",
        "\u{85}",
        "漢",
        "\u{feff}",
    ];
    prop::collection::vec(select(pieces), 0..40).prop_map(|pieces| pieces.concat())
}

/// Any value of a field, of the right type or of a wrong one.
fn value() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<i64>().prop_map(|number| number.to_string()),
        any::<f32>().prop_map(|number| format!("{number:e}")),
        any::<String>().prop_map(|text| format!("{text:?}")),
        select(vec![
            "null",
            "true",
            "[]",
            "{}",
            "[[1]]",
            "{\"a\":0}",
            "\"10.0.0.1\"",
            "\"::1\""
        ])
        .prop_map(str::to_owned),
    ]
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn any_bytes_are_read_without_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        leases(&bytes);
    }

    #[test]
    fn any_pieces_are_read_without_panic(text in soup()) {
        leases(text.as_bytes());
    }

    #[test]
    fn any_types_are_read_without_panic(values in prop::collection::vec(value(), 7)) {
        let keys = ["ip-address", "mac-address", "hostname", "client-id", "expiry-time", "iaid", "x"];
        let fields: Vec<_> = keys.iter().zip(values).map(|(k, v)| format!("\"{k}\": {v}")).collect();
        leases(format!("[{{{}}}]", fields.join(",\n")).as_bytes());
    }
}

#[test]
fn deep_nesting_is_an_error() {
    assert_eq!(leases("[".repeat(1 << 20).as_bytes()), 0);
}

#[test]
fn many_leases_are_read() {
    let entry = |n: u32| format!("{{\"ip-address\": \"{}\"}}", std::net::Ipv4Addr::from(n));
    let entries: Vec<_> = (0..50_000).map(entry).collect();
    assert_eq!(
        leases(format!("[{}]", entries.join(",\n")).as_bytes()),
        50_000
    );
}
