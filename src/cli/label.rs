//! A tree that uses SELinux, edited where nothing has a label: what is new has none either.

use crate::change::Change;
use crate::plan::Plan;
use crate::root::{Root, RootError, xattr};
use crate::tree::HostPath;

/// Where the policy of a tree is chosen, selinux_config(5).
const CONFIG: &str = "/etc/selinux/config";

/// Returns the warning that new files will have no label, where the tree's system wants one.
pub(super) fn warning(root: &Root, plan: &Plan) -> Option<String> {
    let new = |change: &&Change| change.before.is_none() && change.after.is_some();
    let mut new = plan.set.iter().filter(new).peekable();
    new.peek()?;
    let config = root.read_file(&HostPath::literal(CONFIG)).ok()??;
    let config = String::from_utf8_lossy(&config).into_owned();
    let is_on = |line: &str| {
        let mode = line.trim().strip_prefix("SELINUX=").map(str::trim);
        mode.is_some_and(|mode| ["enforcing", "permissive"].contains(&mode))
    };
    if !config.lines().any(is_on) {
        return None;
    }
    let bare = new.find(|change| !is_labelled(root, &change.path.folder()))?;
    Some(format!(
        "this tree uses SELinux, and {} gets no label because its folder has none here: relabel at the next boot (touch {}/.autorelabel), or on that host run: restorecon -R /etc",
        bare.path,
        root.path().as_str().trim_end_matches('/')
    ))
}

/// Returns whether the folder, or the first above it that is there, has a label.
fn is_labelled(root: &Root, folder: &HostPath) -> bool {
    let mut folder = folder.clone();
    loop {
        match root.resolve_folder(&folder) {
            Ok(open) => {
                let xattrs = open.reopen().ok().and_then(|fd| xattr::read(fd).ok());
                return xattrs.is_none_or(|xattrs| xattrs.contains_key(xattr::SELINUX));
            }
            Err(RootError::Missing { .. }) if folder.as_str() != "/" => folder = folder.folder(),
            Err(_) => return true,
        }
    }
}
