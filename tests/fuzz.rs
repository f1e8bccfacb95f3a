//! Bytes that nobody would write: the bodies of the fuzz targets (`fuzz/bodies`) over their seeds, cut, doubled and spoiled.
#![allow(
    clippy::disallowed_methods,
    missing_docs,
    reason = "tests read the seeds"
)]
#![allow(
    clippy::unwrap_used,
    reason = "a test fails by panicking, its helpers too"
)]
#![allow(clippy::print_stdout, reason = "says what was measured")]

#[path = "../fuzz/bodies/mod.rs"]
mod bodies;
#[path = "support/sample.rs"]
#[allow(dead_code, reason = "a part of it is used")]
mod sample;

use std::fs;
use std::path::Path;
use std::sync::LazyLock;

use proptest::prelude::*;
use proptest::sample::{Index, select};
use proptest::test_runner::RngSeed;

/// The path and the bytes of each seed.
type Seeds = Vec<(String, Vec<u8>)>;

/// Returns the seeds of a body, sorted by name.
fn seeds(name: &str) -> Seeds {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("fuzz/seeds")
        .join(name);
    let mut found: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .map(|path| (path.display().to_string(), fs::read(&path).unwrap()))
        .collect();
    found.sort();
    assert!(!found.is_empty(), "{name} has seeds");
    found
}

/// Bytes that mean something to one of the readers.
const SIGNS: &[&[u8]] = &[
    b"",
    b"<",
    b">",
    b"/",
    b"\"",
    b"'",
    b"&",
    b"&#10;",
    b"&lt;",
    b"<!--",
    b"-->",
    b"<![CDATA[",
    b"]]>",
    b"<?",
    b"?>",
    b"<!DOCTYPE a [<!ENTITY b \"c\">]>",
    b"\n",
    b"\r\n",
    b"\r",
    b"\\",
    b"\\\n",
    b"$(",
    b"`",
    b"${",
    b"$'",
    b"#",
    b" # ",
    b"=",
    b";",
    b"{",
    b"}",
    b"[",
    b"]",
    b",",
    b":",
    b"\x00",
    b"\x1b[2J",
    b"\xff",
    b"\xef\xbb\xbf",
    b"\xe2\x80\xae",
    b"..",
    b"../../etc/passwd",
    b"-1",
    b"0",
    b"4294967296",
    b"1e999",
    b"null",
    b"DEVICE=",
    b"BRIDGE=br0\n",
    b"NAME=",
    b"[connection]\n",
];

/// What is done to a seed at one place.
#[derive(Clone, Debug)]
enum Spoiling {
    Put(Index, &'static [u8]),
    Cut(Index, Index),
    Double(Index, Index),
    Flip(Index, u8),
}

fn spoiling() -> impl Strategy<Value = Spoiling> {
    let at = any::<Index>;
    prop_oneof![
        4 => (at(), select(SIGNS)).prop_map(|(at, sign)| Spoiling::Put(at, sign)),
        1 => (at(), at()).prop_map(|(from, to)| Spoiling::Cut(from, to)),
        1 => (at(), at()).prop_map(|(from, to)| Spoiling::Double(from, to)),
        2 => (at(), 0u8..8).prop_map(|(at, bit)| Spoiling::Flip(at, bit)),
    ]
}

fn spoil(bytes: &mut Vec<u8>, spoiling: Spoiling) {
    let place = |at: Index| at.index(bytes.len() + 1);
    match spoiling {
        Spoiling::Put(at, sign) => {
            let at = place(at);
            bytes.splice(at..at, sign.iter().copied());
        }
        Spoiling::Cut(from, to) => {
            let (from, to) = (place(from), place(to));
            bytes.drain(from.min(to)..from.max(to).min(from.min(to) + 200));
        }
        Spoiling::Double(from, to) => {
            let (from, to) = (place(from), place(to));
            let part = bytes[from.min(to)..from.max(to)].to_vec();
            bytes.splice(from..from, part);
        }
        Spoiling::Flip(at, bit) => {
            let at = place(at);
            if let Some(byte) = bytes.get_mut(at) {
                *byte ^= 1 << bit;
            }
        }
    }
}

/// Keeps the laws of a body over each of its seeds.
fn every_seed(name: &str) {
    let body = body(name);
    for (path, bytes) in seeds(name) {
        println!("{path}");
        body(&bytes);
    }
}

fn body(name: &str) -> bodies::Body {
    let found = bodies::ALL.iter().find(|(known, _)| *known == name);
    found.unwrap().1
}

/// How many spoiled seeds each body gets; other ones by the fuzz targets.
fn cases() -> u32 {
    if sample::whole() { 700 } else { 250 }
}

/// Two tests of a body each: they run on all cores.
macro_rules! tests {
    ($($name:ident),+ $(,)?) => {
        $(mod $name {
            use super::*;

            #[test]
            fn every_seed_keeps_the_laws() {
                every_seed(stringify!($name));
            }

            proptest! {
                #![proptest_config(ProptestConfig {
                    cases: cases(),
                    failure_persistence: None,
                    // the same cases at every run
                    rng_seed: RngSeed::Fixed(4711),
                    ..ProptestConfig::default()
                })]

                #[test]
                fn spoiled_seeds_keep_the_laws(
                    seed in any::<Index>(),
                    spoilings in prop::collection::vec(spoiling(), 1..5),
                ) {
                    static SEEDS: LazyLock<Seeds> = LazyLock::new(|| seeds(stringify!($name)));
                    let mut bytes = seed.get(&SEEDS).1.clone();
                    spoilings.into_iter().for_each(|spoiling| spoil(&mut bytes, spoiling));
                    body(stringify!($name))(&bytes);
                }
            }
        })+

        #[test]
        fn each_body_has_its_tests() {
            let tested = [$(stringify!($name)),+];
            assert_eq!(bodies::ALL.iter().map(|(name, _)| *name).collect::<Vec<_>>(), tested);
        }
    };
}

tests!(
    guest, ifcfg, journal, keyfile, leases, network, plan, readers, template
);
