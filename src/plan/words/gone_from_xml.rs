//! What of a network or guest is not in its file any more: every element, attribute, value and comment that a change takes
//! away is named, but for those that the command line itself asks to replace.

use std::fmt::Write;

use crate::backend::{self, Loss, Lost};
use crate::change::ChangeSet;
use crate::host::network::Forward;
use crate::op::Operation;
use crate::op::guest::GuestOperation;
use crate::op::network::{DhcpWish, NetworkOperation};
use crate::secret;
use crate::tree::{HostPath, Node, Tree};

/// As many parts are named of a file, and of one element that goes; of more the rest is counted, and shown by the diff.
const MOST: usize = 100;

/// Returns a warning for each part of a network's or guest's file that goes.
pub(in crate::plan) fn warnings(
    tree: &Tree,
    set: &ChangeSet,
    operation: &Operation,
) -> Vec<String> {
    // what is removed or made as a whole is named by the command line
    let changes_file = match operation {
        Operation::Network(operation) => matches!(operation, NetworkOperation::Set { .. }),
        Operation::Guest(_) => true,
        Operation::BridgeAdd(_)
        | Operation::BridgeRemove { .. }
        | Operation::AddPort { .. }
        | Operation::RemovePort { .. } => false,
    };
    let mut warnings = Vec::new();
    for change in set.iter().filter(|_| changes_file) {
        let (Some(Node::File(before)), Some(Node::File(after))) = (&change.before, &change.after)
        else {
            continue;
        };
        let path = tree.names_of(&change.path).into_iter().next();
        let path = path.unwrap_or_else(|| change.path.clone());
        let texts = [&before.bytes, &after.bytes].map(|bytes| std::str::from_utf8(bytes));
        if let [Ok(before), Ok(after)] = texts {
            warnings.extend(between(&path, before, after, operation));
        }
    }
    warnings
}

fn between(path: &HostPath, before: &str, after: &str, operation: &Operation) -> Vec<String> {
    // what goes is said without secrets
    let [before, after] = [before, after].map(|text| secret::line(path, text));
    let Some(losses) = backend::losses(&before, &after) else {
        return Vec::new();
    };
    let say = |loss: &Loss| {
        let said = say(loss, operation, losses.other_mode).into_iter();
        said.map(|said| (loss.line, said)).collect::<Vec<_>>()
    };
    let mut lost: Vec<(u32, String)> = losses.all.iter().flat_map(say).collect();
    lost.sort_by_key(|(line, _)| *line);
    let more = lost.len().saturating_sub(MOST);
    lost.truncate(MOST);
    let lost = lost.into_iter();
    let mut said: Vec<String> = lost
        .map(|(line, what)| format!("{path}:{line}{what}"))
        .collect();
    if more > 0 {
        said.push(format!("{path} loses {more} more parts, as the diff shows"));
    }
    said
}

/// Says what goes, to stand behind the line that it was in; nothing, where the command line asks for it.
fn say(loss: &Loss, operation: &Operation, other_mode: bool) -> Vec<String> {
    let path: Vec<&str> = loss.path.iter().map(String::as_str).collect();
    let name = path.last().copied().unwrap_or_default();
    match &loss.what {
        Lost::Text(text) => vec![format!(": <{name}> is no longer `{text}`")],
        Lost::Comment(text) => vec![format!(" loses the comment {text}")],
        Lost::Attributes { gone, changed } => {
            let mut said = Vec::new();
            let is_news = |name: &str| !is_asked(operation, &path, name);
            let gone = gone.iter().filter(|(name, _)| is_news(name));
            let gone: Vec<&(String, String)> = gone.collect();
            if let Some((last, _)) = gone.last() {
                let gone = gone.iter().map(|(name, value)| format!("{name}='{value}'"));
                let gone = gone.collect::<Vec<_>>().join(", ");
                let why = why(operation, other_mode, &path, last);
                said.push(format!(" loses {gone} of <{name}>{why}"));
            }
            let changed = changed.iter().filter(|(name, ..)| is_news(name));
            let changed = changed.map(|(name, old, new)| format!("{name}='{old}' becomes '{new}'"));
            let changed: Vec<String> = changed.collect();
            if !changed.is_empty() {
                said.push(format!(": of <{name}>, {}", changed.join(", ")));
            }
            said
        }
        Lost::Element {
            tag,
            attributes,
            below,
        } => {
            if below.is_empty() && is_asked_to_go(operation, &path, attributes) {
                return Vec::new();
            }
            let mut what = format!(" loses {tag}");
            let mut named: Vec<String> = below.iter().take(MOST).cloned().collect();
            if below.len() > MOST {
                named.push(format!("and {} more", below.len() - MOST));
            }
            if !below.is_empty() {
                let _ = write!(what, " with {}", named.join(", "));
            }
            what.push_str(&why(operation, other_mode, &path, ""));
            vec![what]
        }
    }
}

/// Returns whether the command line asks for another value of this attribute.
fn is_asked(operation: &Operation, path: &[&str], attribute: &str) -> bool {
    match operation {
        Operation::Network(NetworkOperation::Set { mode, wishes, .. }) => match (path, attribute) {
            (["network", "forward"], "mode") => mode.is_some(),
            (["network", "bridge"], "name") => wishes.bridge.is_some() || wishes.device.is_some(),
            (["network", "mac"], "address") => wishes.mac.is_some(),
            (["network", "domain"], "name") => wishes.domain.is_some(),
            (["network", "ip"], "address" | "netmask" | "prefix") => !wishes.subnets.is_empty(),
            (["network", "ip", "dhcp", "range"], "start" | "end") => {
                matches!(wishes.dhcp, DhcpWish::Ranges(_))
            }
            _ => false,
        },
        Operation::Guest(GuestOperation::Connect { .. }) => matches!(
            (path, attribute),
            (["domain", "devices", "interface"], "type")
                | (
                    ["domain", "devices", "interface", "source"],
                    "network" | "bridge"
                )
        ),
        Operation::Network(_)
        | Operation::Guest(GuestOperation::Disconnect { .. })
        | Operation::BridgeAdd(_)
        | Operation::BridgeRemove { .. }
        | Operation::AddPort { .. }
        | Operation::RemovePort { .. } => false,
    }
}

/// Returns whether the command line asks for an element with these attributes to go, and there is no more to it than that.
fn is_asked_to_go(operation: &Operation, path: &[&str], attributes: &[String]) -> bool {
    let Operation::Network(NetworkOperation::Set { mode, wishes, .. }) = operation else {
        return false;
    };
    let says_only = |name: &str| attributes.iter().all(|attribute| attribute == name);
    match path {
        ["network", "forward"] => *mode == Some(Forward::Isolated) && says_only("mode"),
        ["network", "domain"] => wishes.domain.is_some() && says_only("name"),
        _ => false,
    }
}

/// Returns why an element, or one of its attributes, goes, where the command line does not tell.
fn why(operation: &Operation, other_mode: bool, path: &[&str], attribute: &str) -> String {
    if let Operation::Network(NetworkOperation::Set { mode, .. }) = operation
        && let Some(mode) = mode
        && other_mode
        && path.get(1) != Some(&"virtualport")
    {
        return format!(": mode {} has none", mode.word());
    }
    let Some(["domain", "devices", "interface", rest @ ..]) = path.get(..4) else {
        return String::new();
    };
    let why = match (rest, attribute) {
        (["virtualport"], _) => ": the switch behind it is now of another kind",
        (["source"], "portgroup") => ": the port group of that name no longer exists",
        (["bandwidth"], _) => ": libvirt guarantees a floor only on bridges of its own",
        (["portForward"], _) => ": libvirt forwards ports only for interfaces of type user",
        (_, _) => "",
    };
    why.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::op::guest::Which;

    fn disconnected(inside: &str) -> Vec<String> {
        let text = |inside: &str| format!("<domain><devices>{inside}</devices></domain>");
        let operation = Operation::Guest(GuestOperation::Disconnect {
            guest: "vm1".to_owned(),
            which: Which::Only,
        });
        let path = HostPath::literal("/vm1.xml");
        between(&path, &text(inside), &text(""), &operation)
    }

    #[test]
    fn a_secret_is_not_shown() {
        let said =
            disconnected("<interface><x passwd='a'/><password>b</password><y p='c'/></interface>");
        let wanted = "/vm1.xml:1 loses <interface> with <x passwd='***'/>, <password>***</password>, <y p='c'/>";
        assert_eq!(said, [wanted]);
        let nested = "<interface><password>a<b>hidden</b>c</password></interface>";
        let said = disconnected(nested).concat();
        assert!(
            said.contains("<password>") && !said.contains("hidden"),
            "{said}"
        );
    }

    #[test]
    fn what_is_much_is_counted() {
        let inside = "<x/>".repeat(MOST + 3);
        let said = disconnected(&format!("<interface>{inside}</interface>"));
        assert!(said[0].ends_with("<x/>, and 3 more"), "{said:?}");
        let said = disconnected(&inside);
        assert_eq!(said.len(), MOST + 1);
        assert_eq!(said[MOST], "/vm1.xml loses 3 more parts, as the diff shows");
    }
}
