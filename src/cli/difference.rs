//! What is at a path beside what was expected there, as the lines of a patch.

use crate::change::{Change, ChangeSet, Labels};
use crate::diff;
use crate::secret;
use crate::tree::{Attrs, HostPath, Node};

/// Returns the lines of the patch from what was expected to what was found; the header is left out, secrets are masked.
pub(super) fn between(
    path: &HostPath,
    expected: Option<&Node>,
    found: Option<&Node>,
) -> Vec<String> {
    let change = Change {
        path: path.clone(),
        before: expected.cloned(),
        after: found.cloned(),
        labels: Labels::Like(path.clone()),
    };
    let mut set = ChangeSet::default();
    set.put(change);
    let (shown, _) = secret::masked(&set);
    let text = shown.get(path).map(diff::patch_of).unwrap_or_default();
    let text = String::from_utf8_lossy(&text).into_owned();
    let told = |line: &&str| {
        let named = line.starts_with("+++ ") || line.starts_with("--- ");
        !named && (line.starts_with(['+', '-', '@']) || line.contains(" mode "))
    };
    let mut lines: Vec<String> = text.lines().filter(told).map(str::to_owned).collect();
    if let (Some(Node::File(expected)), Some(Node::File(found))) = (expected, found)
        && expected.attrs != found.attrs
    {
        let say =
            |attrs: &Attrs| format!("mode {:04o}, owner {}:{}", attrs.mode, attrs.uid, attrs.gid);
        lines.extend([
            format!("-{}", say(&expected.attrs)),
            format!("+{}", say(&found.attrs)),
        ]);
    }
    lines
}
