//! The form of networks and of interfaces of guests: which elements and attributes libvirt knows, and where.
//!
//! The table is `form.txt`, whose head tells how it is written. It is no rule by itself: libvirt validates no file that it
//! loads, and passes over what it does not know.

use std::collections::BTreeMap;
use std::sync::OnceLock;

const TABLE: &str = include_str!("form.txt");

/// An element that libvirt knows.
#[derive(Default)]
pub(super) struct Form {
    /// The words that the value of an attribute may be; none where it is no word.
    pub(super) attributes: BTreeMap<&'static str, Vec<&'static str>>,
    /// What may be in it.
    pub(super) children: BTreeMap<&'static str, Self>,
    /// Whether there may be several.
    pub(super) several: bool,
    /// Whether anything may be in it.
    pub(super) open: bool,
}

/// Returns the form of networks.
pub(super) fn network() -> &'static Form {
    &forms().children["network"]
}

/// Returns the form of an interface of a guest.
pub(super) fn interface() -> &'static Form {
    &forms().children["interface"]
}

fn forms() -> &'static Form {
    static FORMS: OnceLock<Form> = OnceLock::new();
    FORMS.get_or_init(|| {
        let mut all = Form::default();
        let lines = TABLE.lines();
        lines
            .filter(|line| !line.is_empty() && !line.starts_with('#'))
            .for_each(|line| add(&mut all, line));
        all
    })
}

fn add(all: &mut Form, line: &'static str) {
    let mut words = line.trim_start_matches('+').split(' ');
    let path = words.next().unwrap_or_default();
    let mut form = all;
    for name in path.trim_end_matches("...").split('/') {
        form = form.children.entry(name).or_default();
    }
    form.several = path.ends_with("...");
    for word in words {
        if word == "*" {
            form.open = true;
            continue;
        }
        let (name, values) = match word.split_once('=') {
            Some((name, values)) => (name, values.split('|').collect()),
            None => (word.split(':').next().unwrap_or(word), Vec::new()),
        };
        let name = name.trim_start_matches('+').trim_end_matches('!');
        form.attributes.entry(name).or_default().extend(values);
    }
}

impl Form {
    /// Returns the path of the first element `name` in it, at any depth.
    pub(super) fn find(&self, name: &str) -> Option<String> {
        let mut direct = self.children.iter();
        if direct.any(|(child, _)| *child == name) {
            return Some(String::new());
        }
        self.children.iter().find_map(|(child, form)| {
            let within = form.find(name)?;
            Some(match within.is_empty() {
                true => format!("<{child}>"),
                false => format!("<{child}>, {within}"),
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_read() {
        let forward = &network().children["forward"];
        assert!(
            forward.attributes["mode"].contains(&"nat")
                && forward.attributes["mode"].contains(&"none")
        );
        assert!(forward.attributes["dev"].is_empty());
        assert!(network().children["ip"].several && !forward.several);
        assert!(network().children["metadata"].open);
        assert_eq!(network().find("nat").as_deref(), Some("<forward>"));
        assert_eq!(network().find("ip").as_deref(), Some(""));
        assert_eq!(network().find("nonsense"), None);
        assert!(interface().children["driver"].children["host"].attributes["csum"].contains(&"on"));
    }
}
