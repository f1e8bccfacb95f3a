//! What a text of assignments is made of, and how it is written: what a summary of it needs.

use crate::backend::lens::Outline;
use crate::doc::shell::{LineKind, ShellDoc, Value};

/// Keys that every profile has, or that only say who it is.
const USUAL: &[&str] = &[
    "BRIDGE",
    "DEVICE",
    "DEVICETYPE",
    "NAME",
    "NM_CONTROLLED",
    "ONBOOT",
    "OVS_BRIDGE",
    "TYPE",
    "UUID",
];

/// Returns the outline of a text of assignments.
pub(super) fn outline(text: &str) -> Outline {
    let doc = ShellDoc::parse(text);
    let code = || {
        doc.lines()
            .iter()
            .filter(|line| line.kind == LineKind::Code)
    };
    let values = doc.assignments();
    let values = values.filter(|assignment| assignment.value == Value::Shell);
    let values = values.map(|assignment| assignment.line);
    let commented = doc.lines().iter().filter(|line| line.comment.is_some());
    let keys: Vec<String> = doc.assignments().map(|a| a.name.clone()).collect();
    let notable = keys.iter().filter(|key| !USUAL.contains(&key.as_str()));
    Outline {
        notable: notable.cloned().collect(),
        keys,
        comments: commented.count(),
        has_code: code().next().is_some(),
        first_shell: code().map(|line| line.number).chain(values).min(),
        byte_order_mark: text.starts_with('\u{feff}'),
        cr_lf: doc.line_end() == "\r\n",
    }
}
