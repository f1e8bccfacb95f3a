//! What an ifcfg file says of the port of a bridge.

use super::bridge::{Number, number};
use super::bridge_vlans::vlans;
use super::loss::{Loss, Weight};
use super::made::Made;
use super::options::{lost, options};
use super::source::Source;

/// Options of ports.
const PORT_NUMBERS: &[Number] = &[
    Number("priority", "priority", 0, 63, 32, false),
    Number("path_cost", "path-cost", 0, 65_535, 100, false),
];

/// Writes `[bridge-port]`.
pub(super) fn write(source: &Source<'_>, made: &mut Made, losses: &mut Vec<Loss>) {
    const KEY: &str = "BRIDGING_OPTS";
    const GROUP: &str = "bridge-port";
    made.group(GROUP);
    for (name, value) in options(source, KEY) {
        let line = source.line(KEY);
        let row = PORT_NUMBERS.iter().find(|row| row.0 == name);
        let found = row.map(|row| (row, number(row, value, false)));
        match (name, found) {
            (_, Some((row, Some(found)))) if found == row.4 => {}
            (_, Some((row, Some(found)))) => made.set(GROUP, row.1, found.to_string(), line),
            ("hairpin_mode", None) => match value.to_ascii_lowercase().as_str() {
                "1" | "on" | "yes" => made.set(GROUP, "hairpin-mode", "true", line),
                _ => {}
            },
            (_, Some((_, None)) | None) => losses.push(lost(
                source,
                KEY,
                name,
                value,
                "an option of the port that keyfiles have no key for, or not with this value",
                Weight::Light,
            )),
        }
    }
    vlans(source, "BRIDGE_PORT_VLANS", GROUP, made, losses);
}
