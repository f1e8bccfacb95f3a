//! The programs of `tests/oracles` that the project shares: each is the shared one with a line that says so.

use crate::support;
use std::fs;
use std::path::Path;

/// The second line of each copy.
const COPY: &str = "# (A copy of the oracle that the project shares, for clones that lie elsewhere: change the shared one, then copy it here.)\n";

#[test]
fn copies_are_as_the_shared_ones() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/oracles");
    let mut compared = 0;
    for entry in fs::read_dir(&folder).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        let shared = support::oracle(&name);
        if shared.starts_with(&folder) || !shared.exists() {
            continue;
        }
        let (copy, shared) = (
            fs::read_to_string(folder.join(&name)).unwrap(),
            fs::read_to_string(&shared).unwrap(),
        );
        assert!(copy.contains(COPY), "{name} does not say that it is a copy");
        let same = copy.replacen(COPY, "", 1) == shared;
        assert!(same, "{name} is not the shared one: copy it again");
        compared += 1;
    }
    if compared == 0 {
        println!("skipped: no oracles are shared here");
    }
}
