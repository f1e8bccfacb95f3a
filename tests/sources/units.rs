//! The units that packages bring.

use std::fs;
use std::path::Path;

use crate::support::directives::unknown;

#[test]
fn units_have_directives_of_systemd_219_only() {
    let base = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut units = 0;
    let packaged = fs::read_dir(base.join("packaging")).unwrap();
    // and those of a change that waits to be confirmed, as cases have them
    let written = fs::read_dir(base.join(WRITTEN)).unwrap();
    let paths = packaged.chain(written).map(|entry| entry.unwrap().path());
    for path in paths.filter(|path| is_unit(path)) {
        let text = fs::read_to_string(&path).unwrap();
        assert_eq!(unknown(&text), [] as [&str; 0], "{}", path.display());
        units += 1;
    }
    assert_eq!(units, 3, "the units are found");
}

/// A case that leaves a change waiting.
const WRITTEN: &str = "tests/cases/confirm/networks/out/etc/systemd/system";

fn is_unit(path: &Path) -> bool {
    let kind = path.extension().and_then(|kind| kind.to_str());
    matches!(kind, Some("service" | "timer"))
}
