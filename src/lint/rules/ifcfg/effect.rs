//! What an edit of an ifcfg file does to the configuration that is in force: a mend that may have no effect has none.
//!
//! The file is read twice, as it is and as it would be, and what the two mean is compared; settings that the model only
//! carries are in force as soon as they are read, unless they say what holds without them.

use super::script::Script;
use crate::backend::lenses;
use crate::change::Editor;
use crate::host::profile::Profile;
use crate::lint::Sight;
use crate::readers::Readers;
use crate::tree::{HostPath, Tree};

/// Settings that change nothing, sorted: those that configure nothing, and the values that hold without the key.
const NEUTRAL: &[(&str, &[&str])] = &[
    ("BOOTPROTO", &["none", "static"]),
    ("DEFROUTE", &["yes"]),
    ("DEVICE", &[]),
    ("IPV6_DEFROUTE", &["yes"]),
    ("LINKDELAY", &[]),
    ("NAME", &[]),
    ("NM_CONTROLLED", &["yes"]),
    ("ONBOOT", &["yes"]),
    ("PEERDNS", &["yes"]),
    ("PEERROUTES", &["yes"]),
    ("TYPE", &["ethernet"]),
    ("USERCTL", &[]),
];

/// Says what `text` in the place of the file at `path` changes, where it puts `key` with `value` in force; `None` if nothing.
pub(in crate::lint) fn of_key(
    sight: &Sight<'_>,
    path: &HostPath,
    text: String,
    (key, value): (&str, &str),
) -> Option<String> {
    let part = sight.tree.only(std::slice::from_ref(path));
    let mut editor = Editor::new(&part);
    editor.rewrite(path, text.into_bytes());
    let later = editor.finish().apply_to(&part);
    let read = |tree: &Tree, readers: &Readers| lenses::profiles(tree, readers).pop();
    let (before, after) = (read(&part, &sight.readers), read(&later, &sight.readers));
    let (Some(before), Some(after)) = (before, after) else {
        return Some("what the file means cannot be told".to_owned());
    };
    if let Some(changed) = typed(&before, &after) {
        return Some(changed);
    }
    let name = &after.interface;
    if key == "DEVICE" && before.mac.is_some() {
        return Some(format!(
            "the file would apply to `{name}` by its name as well"
        ));
    }
    let others = || sight.devices().get(name.as_str()).copied().unwrap_or(0);
    let own = || sight.script(path).map(Script::device) == Some(name.as_str());
    if key == "DEVICE" && others() > usize::from(own()) {
        return Some(format!("`{name}` would have two files"));
    }
    let known = NEUTRAL.iter().find(|(neutral, _)| *neutral == key);
    let neutral = known.is_some_and(|(_, values)| {
        values.is_empty() || values.iter().any(|known| value.eq_ignore_ascii_case(known))
    });
    (!neutral).then(|| format!("{key}={value} would take effect, and has none now"))
}

/// Says what differs in what the model knows of the two.
fn typed(before: &Profile, after: &Profile) -> Option<String> {
    let name = &before.interface;
    let (old, new) = (&before.layer3, &after.layer3);
    if before.interface != after.interface {
        return Some(format!("the file would apply to `{}`", after.interface));
    }
    if before.controller != after.controller {
        return Some(match &after.controller {
            Some(bridge) => format!("`{name}` would be a port of `{bridge}`"),
            None => format!("`{name}` would be a port no longer"),
        });
    }
    if before.link != after.link {
        return Some(format!("`{name}` would be another kind of interface"));
    }
    if before.mac != after.mac {
        return Some(format!("`{name}` would be identified by its MAC address"));
    }
    if before.autostart != after.autostart {
        let not = if after.autostart { "" } else { "not " };
        return Some(format!("`{name}` would {not}be brought up at boot"));
    }
    if before.nm_controlled != after.nm_controlled {
        return Some(format!("NetworkManager would not manage `{name}`"));
    }
    if old.addresses_alike(new) {
        return None;
    }
    Some(match (old.is_dhcp(), new.is_dhcp()) {
        (false, true) => format!("`{name}` would ask a DHCP server for its address"),
        (true, false) => format!("`{name}` would no longer ask a DHCP server"),
        _ if !old.gateways().eq(new.gateways()) => {
            format!("the gateway of `{name}` would change")
        }
        _ if old.dns.servers != new.dns.servers => {
            format!("the name servers of `{name}` would change")
        }
        _ => format!("the addresses of `{name}` would change"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neutral_settings_are_sorted() {
        assert!(NEUTRAL.is_sorted());
    }
}
