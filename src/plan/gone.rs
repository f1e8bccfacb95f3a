//! What of a network or guest is not in its file any more: every element, attribute, value and comment that a change takes
//! away is named, but for those that the command line itself asks to replace.
//!
//! It is found in the texts, not in the model: the model does not know all that a file says. Elements are paired first where
//! they are wholly equal, then in their order by name; host entries by what they are kept for, since another guest's is no
//! new value of this one's.

use std::collections::{HashMap, VecDeque};
use std::fmt::Write;

use crate::change::ChangeSet;
use crate::doc::xml::{Element, XmlDoc};
use crate::host::network::Forward;
use crate::op::Operation;
use crate::op::guest::GuestOperation;
use crate::op::network::{DhcpWish, NetworkOperation};
use crate::secret;
use crate::tree::{HostPath, Node, Tree};

/// As many parts are named of a file, and of one element that goes; of more the rest is counted, and shown by the diff.
const MOST: usize = 100;

/// Returns a warning for each part of a network's or guest's file that goes.
pub(super) fn warnings(tree: &Tree, set: &ChangeSet, operation: &Operation) -> Vec<String> {
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
    let (Ok(old), Ok(new)) = (XmlDoc::parse(&before), XmlDoc::parse(&after)) else {
        return Vec::new();
    };
    let mut comparison = Comparison {
        old: &old,
        new: &new,
        operation,
        losses: Vec::new(),
    };
    comparison.elements(0, 0, &mut Vec::new());
    comparison.comments();
    let mut losses = comparison.losses;
    losses.sort_by_key(|loss| loss.line);
    let more = losses.len().saturating_sub(MOST);
    losses.truncate(MOST);
    let said = losses
        .into_iter()
        .map(|Loss { line, what }| match what.strip_prefix("loses ") {
            Some(lost) => format!("{path}:{line} loses {lost}"),
            None => format!("{path}:{line}: {what}"),
        });
    let mut said: Vec<String> = said.collect();
    if more > 0 {
        said.push(format!("{path} loses {more} more parts, as the diff shows"));
    }
    said
}

/// Something that goes.
struct Loss {
    line: u32,
    what: String,
}

/// Two texts of one file.
struct Comparison<'d> {
    old: &'d XmlDoc<'d>,
    new: &'d XmlDoc<'d>,
    operation: &'d Operation,
    losses: Vec<Loss>,
}

/// Returns the elements directly in one, those of other namespaces too.
fn inner<'d>(doc: &'d XmlDoc<'d>, parent: usize) -> impl Iterator<Item = usize> + 'd {
    let end = doc.elements()[parent].span.end;
    let all = doc.elements().iter().enumerate().skip(parent + 1);
    all.take_while(move |(_, element)| element.span.start < end)
        .filter(move |(_, element)| element.parent == Some(parent))
        .map(|(index, _)| index)
}

impl<'d> Comparison<'d> {
    /// Compares two elements that are the same one before and after; `above` are the names down to its parent.
    fn elements(&mut self, old: usize, new: usize, above: &mut Vec<&'d str>) {
        let (before, after) = (&self.old.elements()[old], &self.new.elements()[new]);
        above.push(before.name);
        self.attributes(before, after, above);
        let text = before.text.trim_end();
        if !text.is_empty() && text != after.text.trim_end() {
            let what = format!("<{}> is `{text}` no more", before.name);
            self.lose(before, what);
        }
        for (old, new) in self.pairs(old, new) {
            match new {
                Some(new) => self.elements(old, new, above),
                None => self.gone(old, above),
            }
        }
        above.pop();
    }

    fn attributes(&mut self, before: &Element<'_>, after: &Element<'_>, path: &[&str]) {
        let (mut gone, mut changed) = (Vec::new(), Vec::new());
        let mut why = String::new();
        for attribute in &before.attributes {
            let (name, value) = (attribute.name, &*attribute.value);
            let now = after.value(name);
            if now == Some(value) || self.asked(path, name) {
                continue;
            }
            match now {
                Some(now) => {
                    changed.push(format!("{name}='{value}' becomes '{now}'"));
                }
                None => {
                    why = self.why(path, name);
                    gone.push(format!("{name}='{value}'"));
                }
            }
        }
        let name = before.name;
        if !gone.is_empty() {
            let what = format!("loses {} of <{name}>{why}", gone.join(", "));
            self.lose(before, what);
        }
        if !changed.is_empty() {
            let what = format!("of <{name}>, {}", changed.join(", "));
            self.lose(before, what);
        }
    }

    /// An element that is not there any more, with all that was in it.
    fn gone(&mut self, index: usize, above: &[&str]) {
        let element = &self.old.elements()[index];
        let path = [above, &[element.name]].concat();
        if self.asked_to_go(index, &path) {
            return;
        }
        let mut what = format!("loses {}", tag(self.old, index));
        let end = element.span.end;
        let below = self.old.elements().iter().enumerate().skip(index + 1);
        let below = below.take_while(|(_, below)| below.span.start < end);
        let below: Vec<usize> = below.map(|(below, _)| below).collect();
        let named = below.iter().take(MOST).map(|below| tag(self.old, *below));
        let mut named: Vec<String> = named.collect();
        if below.len() > MOST {
            named.push(format!("and {} more", below.len() - MOST));
        }
        if !below.is_empty() {
            let _ = write!(what, " with {}", named.join(", "));
        }
        what.push_str(&self.why(&path, ""));
        self.lose(element, what);
    }

    fn lose(&mut self, element: &Element<'_>, what: String) {
        let line = self.old.line(element.span.start);
        self.losses.push(Loss { line, what });
    }

    /// Returns the elements in one before, each with what it is afterwards.
    fn pairs(&self, old: usize, new: usize) -> Vec<(usize, Option<usize>)> {
        let after: Vec<usize> = inner(self.new, new).collect();
        let mut equal: HashMap<String, VecDeque<usize>> = HashMap::new();
        for (place, index) in after.iter().enumerate() {
            let whole = whole(self.new, *index);
            equal.entry(whole).or_default().push_back(place);
        }
        let mut free = vec![true; after.len()];
        let before = inner(self.old, old).map(|index| {
            let place = equal
                .get_mut(&whole(self.old, index))
                .and_then(VecDeque::pop_front);
            if let Some(place) = place {
                free[place] = false;
            }
            (index, place.map(|place| after[place]))
        });
        let mut pairs: Vec<(usize, Option<usize>)> = before.collect();
        let mut left: HashMap<String, VecDeque<usize>> = HashMap::new();
        for (index, _) in after.iter().zip(&free).filter(|(_, free)| **free) {
            for key in keys(&self.new.elements()[*index]) {
                left.entry(key).or_default().push_back(*index);
            }
        }
        let mut used = std::collections::BTreeSet::new();
        for (index, found) in pairs.iter_mut().filter(|(_, found)| found.is_none()) {
            for key in keys(&self.old.elements()[*index]) {
                let queue = left.get_mut(&key);
                let next = queue.and_then(|queue| {
                    queue.retain(|place| !used.contains(place));
                    queue.pop_front()
                });
                if let Some(next) = next {
                    used.insert(next);
                    *found = Some(next);
                    break;
                }
            }
        }
        pairs
    }

    /// Comments that are not there any more.
    fn comments(&mut self) {
        let texts = |doc: &'d XmlDoc<'d>| {
            let spans = doc.comments().iter();
            spans.map(|span| (span.start, &doc.source()[span.clone()]))
        };
        let mut kept: HashMap<&str, usize> = HashMap::new();
        for (_, text) in texts(self.new) {
            *kept.entry(text).or_default() += 1;
        }
        for (start, text) in texts(self.old) {
            match kept.get_mut(text).filter(|count| **count > 0) {
                Some(count) => *count -= 1,
                // libvirt's own, in which the name of the network stands
                None if text.contains("THIS IS AN AUTO-GENERATED FILE") => {}
                None => self.losses.push(Loss {
                    line: self.old.line(start),
                    what: format!("loses the comment {text}"),
                }),
            }
        }
    }

    /// Returns whether the command line asks for another value of this attribute.
    fn asked(&self, path: &[&str], attribute: &str) -> bool {
        match self.operation {
            Operation::Network(NetworkOperation::Set { mode, wishes, .. }) => {
                match (path, attribute) {
                    (["network", "forward"], "mode") => mode.is_some(),
                    (["network", "bridge"], "name") => {
                        wishes.bridge.is_some() || wishes.device.is_some()
                    }
                    (["network", "mac"], "address") => wishes.mac.is_some(),
                    (["network", "domain"], "name") => wishes.domain.is_some(),
                    (["network", "ip"], "address" | "netmask" | "prefix") => {
                        !wishes.subnets.is_empty()
                    }
                    (["network", "ip", "dhcp", "range"], "start" | "end") => {
                        matches!(wishes.dhcp, DhcpWish::Ranges(_))
                    }
                    _ => false,
                }
            }
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

    /// Returns whether a network reaches the world in another way than before.
    fn is_other_mode(&self) -> bool {
        let mode = |doc: &XmlDoc<'_>| {
            let (_, forward) = doc.child(0, "forward")?;
            Some(forward.value("mode").unwrap_or("nat").to_owned())
        };
        mode(self.old) != mode(self.new)
    }

    /// Returns whether the command line asks for this element to go, and there is no more to it than that.
    fn asked_to_go(&self, index: usize, path: &[&str]) -> bool {
        let Operation::Network(NetworkOperation::Set { mode, wishes, .. }) = self.operation else {
            return false;
        };
        let element = &self.old.elements()[index];
        let says_only = |name: &str| element.attributes.iter().all(|a| a.name == name);
        let plain = inner(self.old, index).next().is_none();
        plain
            && match path {
                ["network", "forward"] => *mode == Some(Forward::Isolated) && says_only("mode"),
                ["network", "domain"] => wishes.domain.is_some() && says_only("name"),
                _ => false,
            }
    }

    /// Returns why an element, or one of its attributes, goes, where the command line does not tell.
    fn why(&self, path: &[&str], attribute: &str) -> String {
        if let Operation::Network(NetworkOperation::Set { mode, .. }) = self.operation
            && let Some(mode) = mode
            && self.is_other_mode()
            && path.get(1) != Some(&"virtualport")
        {
            return format!(": mode {} has none", mode.word());
        }
        let Some(["domain", "devices", "interface", rest @ ..]) = path.get(..4) else {
            return String::new();
        };
        let why = match (rest, attribute) {
            (["virtualport"], _) => ": there is no switch of that kind behind it now",
            (["source"], "portgroup") => ": there is no port group of that name now",
            (["bandwidth"], _) => ": libvirt keeps a floor on bridges of its own only",
            (["portForward"], _) => ": libvirt forwards ports of interfaces of type user only",
            (_, _) => "",
        };
        why.to_owned()
    }
}

/// Returns the tag of an element, with its text.
fn tag(doc: &XmlDoc<'_>, index: usize) -> String {
    let element = &doc.elements()[index];
    let mut tag = format!("<{}", element.name);
    for attribute in &element.attributes {
        let value = &attribute.value;
        let _ = write!(tag, " {}='{value}'", attribute.name);
    }
    let text = element.text.trim_end();
    let full = inner(doc, index).next().is_some();
    match (text, full) {
        ("", true) => tag.push('>'),
        ("", false) => tag.push_str("/>"),
        (text, _) => {
            let _ = write!(tag, ">{text}</{}>", element.name);
        }
    }
    tag
}

/// Returns an element with all that is in it, however it is written.
fn whole(doc: &XmlDoc<'_>, index: usize) -> String {
    let element = &doc.elements()[index];
    let end = element.span.end;
    let all = doc.elements().iter().skip(index);
    let mut whole = String::new();
    for element in all.take_while(|element| element.span.start < end) {
        let mut attributes: Vec<_> = element.attributes.iter().collect();
        attributes.sort_by_key(|attribute| attribute.name);
        let depth = element.parent.unwrap_or(0);
        let _ = write!(whole, "{} {}", depth.saturating_sub(index), element.name);
        for attribute in attributes {
            let _ = write!(whole, "\0{}\0{}", attribute.name, attribute.value);
        }
        let _ = writeln!(whole, "\0\0{}", element.text.trim_end());
    }
    whole
}

/// Returns by what an element is known again once it is another; each is enough.
fn keys(element: &Element<'_>) -> Vec<String> {
    if element.name != "host" {
        return vec![element.name.to_owned()];
    }
    let named = ["mac", "id", "name"].iter().filter_map(|name| {
        let value = element.value(name)?.to_ascii_lowercase();
        Some(format!("host {name} {value}"))
    });
    named.collect()
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
