//! The units that packages bring.

use std::fs;
use std::path::Path;

use crate::support::directives::unknown;

#[test]
fn units_have_directives_of_systemd_219_only() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("units");
    let mut units = 0;
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let text = fs::read_to_string(&path).unwrap();
        assert_eq!(unknown(&text), [] as [&str; 0], "{}", path.display());
        units += 1;
    }
    assert!(units > 0, "the units are found");
}
