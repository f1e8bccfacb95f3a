//! From the difference of two hosts to edits of ifcfg files: only what differs is written.

use std::ops::Range;

use serde_json::json;

use super::kind::OVS_FORWARD_DELAY;
use super::layout::{Bucket, layout};
use super::{addressing, companion};
use crate::backend::readers::{NETWORK_SCRIPTS, Readers};
use crate::backend::{EmitError, Emitter};
use crate::doc::edits::Edits;
use crate::doc::shell::{Line, LineKind, Quotes, ShellDoc, value};
use crate::host::Host;
use crate::host::profile::{Backend, Bridge, Method, Profile, ProfileKind, Setting, Switch};
use crate::host::value::{InterfaceName, OwnedText};
use crate::tree::{Attrs, Entry, HostPath, Tree};

/// Writes the ifcfg profiles in which `after` differs from `before`.
pub(in crate::backend) fn write(
    emitter: &mut Emitter<'_>,
    before: &Host,
    after: &Host,
) -> Result<(), EmitError> {
    let ours = |profile: &&Profile| profile.backend == Backend::Ifcfg;
    let origin_in = |host: &Host, profile: &Profile| {
        host.profiles
            .iter()
            .any(|other| other.origin == profile.origin)
    };
    for wanted in after.profiles.iter().filter(ours) {
        match before
            .profiles
            .iter()
            .find(|current| wanted.origin.is_some() && current.origin == wanted.origin)
        {
            Some(current) if current != wanted => rewrite(emitter, current, wanted, after),
            Some(_) => {}
            None => create(emitter, wanted, after)?,
        }
    }
    for gone in before
        .profiles
        .iter()
        .filter(ours)
        .filter(|profile| !origin_in(after, profile))
    {
        if let Some(origin) = &gone.origin {
            emitter.editor.delete(origin);
        }
    }
    companions(emitter, before, after)
}

fn suffix(profile: &Profile) -> &str {
    let name = profile
        .origin
        .as_ref()
        .and_then(|origin| origin.name().strip_prefix("ifcfg-"));
    name.unwrap_or(profile.interface.as_str())
}

/// A document being rewritten: edits of what is there, and lines to come behind it.
struct Rewriter {
    doc: ShellDoc,
    edits: Edits,
    appended: String,
}

impl Rewriter {
    fn append(&mut self, text: &str) {
        self.appended.push_str(text);
        if !text.ends_with('\n') {
            self.appended.push('\n');
        }
    }

    fn set(&mut self, name: &str, value: &str) {
        match self.doc.get(name) {
            Some(_) => self.doc.set(&mut self.edits, name, value),
            None => self.append(&format!("{name}={}", value::write(value, Quotes::Bare))),
        }
    }

    fn unset(&mut self, names: &[&str]) {
        self.doc.unset(&mut self.edits, names);
    }

    /// Returns the new text, closed by a line end if the old one was.
    fn finish(self) -> String {
        let end = self.doc.line_end();
        let source = self.doc.source();
        let closed = source.is_empty() || source.ends_with('\n');
        let mut text = self.edits.apply(source);
        if !self.appended.is_empty() {
            text.push_str(&ShellDoc::parse(&text).lead());
            text.push_str(&self.appended.replace('\n', end));
            if !closed {
                text.truncate(text.len() - end.len());
            }
        }
        text
    }
}

fn rewrite(emitter: &mut Emitter<'_>, current: &Profile, wanted: &Profile, after: &Host) {
    let Some(origin) = &current.origin else {
        return;
    };
    let Some(file) = emitter.tree.file(origin) else {
        return;
    };
    let doc = ShellDoc::parse(&String::from_utf8_lossy(&file.bytes));
    let mut rewriter = Rewriter {
        doc,
        edits: Edits::default(),
        appended: String::new(),
    };
    settings(&mut rewriter, current, wanted);
    if current.controller != wanted.controller {
        controller(&mut rewriter, wanted, after);
    }
    if current.autostart != wanted.autostart {
        rewriter.set("ONBOOT", yes_no(wanted.autostart));
    }
    if current.nm_controlled != wanted.nm_controlled {
        rewriter.set("NM_CONTROLLED", yes_no(wanted.nm_controlled));
    }
    if let Some(interfaces) =
        dhcp_interfaces(wanted, after).filter(|_| rewriter.doc.get("OVSDHCPINTERFACES").is_some())
    {
        rewriter.set("OVSDHCPINTERFACES", &interfaces);
    }
    emitter
        .editor
        .rewrite(origin, rewriter.finish().into_bytes());
}

/// Takes away the settings that went, and puts the new ones in their places, or at the end.
fn settings(rewriter: &mut Rewriter, current: &Profile, wanted: &Profile) {
    let mut free: Vec<_> = layout(&rewriter.doc, current.interface.as_str())
        .into_iter()
        .filter(|placed| {
            placed.bucket == Bucket::Layer3 && !wanted.layer3.settings.contains(&placed.setting)
        })
        .collect();
    let spelled = |setting: &Setting| setting.text.named(&wanted.interface);
    let here = |setting: &&Setting| !current.rest.iter().any(|known| known.text == setting.text);
    for setting in wanted.rest.iter().filter(here) {
        rewriter.append(&spelled(setting));
    }
    for setting in wanted
        .layer3
        .settings
        .iter()
        .filter(|setting| !current.layer3.settings.contains(setting))
    {
        let text = spelled(setting).replace('\n', rewriter.doc.line_end());
        match free
            .iter()
            .position(|placed| placed.setting.key == setting.key)
        {
            Some(index) => rewriter.edits.replace(free.remove(index).span, text),
            None => rewriter.append(&spelled(setting)),
        }
    }
    for span in with_blank_lines(&rewriter.doc, free.into_iter().map(|placed| placed.span)) {
        rewriter.edits.delete(span);
    }
    let silent = wanted.controller.is_some() && wanted.layer3.addressing.is_empty();
    if current.layer3.addressing != wanted.layer3.addressing && !silent {
        for line in addressing::spell(&wanted.layer3.addressing, &wanted.layer3.settings) {
            rewriter.append(&line);
        }
    }
}

/// Adds the blank line behind a paragraph that goes as a whole, so that no two blank lines meet.
fn with_blank_lines(
    doc: &ShellDoc,
    spans: impl Iterator<Item = Range<usize>>,
) -> Vec<Range<usize>> {
    let mut spans: Vec<_> = spans.collect();
    let emptied: Vec<_> = doc
        .lines()
        .iter()
        .filter_map(|line| emptied(line, &spans))
        .collect();
    spans.extend(emptied);
    let goes = |line: &Line| {
        spans
            .iter()
            .any(|span| span.start <= line.span.start && line.span.end <= span.end)
    };
    let (mut inside, mut first_above, mut blank) = (false, true, Vec::new());
    for line in doc.lines() {
        match (goes(line), line.kind == LineKind::Blank) {
            (true, _) => inside = true,
            (false, true) if inside && first_above => {
                blank.push(line.span.clone());
                inside = false;
            }
            (false, is_blank) => (inside, first_above) = (false, is_blank),
        }
    }
    spans.extend(blank);
    spans
}

/// Returns what is left to delete of a line with several assignments that all go: all but a comment.
fn emptied(line: &Line, spans: &[Range<usize>]) -> Option<Range<usize>> {
    let goes = |span: &Range<usize>| {
        spans
            .iter()
            .any(|gone| gone.start <= span.start && span.end <= gone.end)
    };
    let all = line.assignments.len() > 1
        && line
            .assignments
            .iter()
            .all(|assignment| goes(&assignment.span));
    all.then(|| line.span.start..line.comment.unwrap_or(line.span.end))
}

fn controller(rewriter: &mut Rewriter, wanted: &Profile, after: &Host) {
    if rewriter.doc.get("OVS_BRIDGE").is_some() {
        rewriter.unset(&["OVS_BRIDGE", "DEVICETYPE"]);
        rewriter.set("TYPE", type_of(&wanted.kind));
    }
    let Some(bridge) = &wanted.controller else {
        return rewriter.unset(&["BRIDGE", "BRIDGE_UUID"]);
    };
    match switch_of(after, bridge) {
        Switch::Linux => {
            rewriter.unset(&["BRIDGE_UUID"]);
            rewriter.set("BRIDGE", bridge.as_str());
        }
        Switch::Ovs => {
            rewriter.unset(&["BRIDGE", "BRIDGE_UUID"]);
            rewriter.set("TYPE", "OVSPort");
            rewriter.set("DEVICETYPE", "ovs");
            rewriter.set("OVS_BRIDGE", bridge.as_str());
        }
    }
}

fn switch_of(host: &Host, bridge: &InterfaceName) -> Switch {
    host.profile(bridge)
        .and_then(Profile::bridge)
        .map_or(Switch::Linux, |bridge| bridge.switch)
}

fn type_of(kind: &ProfileKind) -> &'static str {
    match kind {
        ProfileKind::Bond => "Bond",
        ProfileKind::Vlan(_) => "Vlan",
        ProfileKind::Ethernet | ProfileKind::Bridge(_) | ProfileKind::Other(_) => "Ethernet",
    }
}

fn yes_no(value: bool) -> &'static str {
    if value { "yes" } else { "no" }
}

/// The ports through which an Open vSwitch bridge asks for its address; `None` where it does not.
fn dhcp_interfaces(profile: &Profile, host: &Host) -> Option<String> {
    let dhcp = profile.layer3.addressing.method == Method::Dhcp;
    let ovs = profile
        .bridge()
        .is_some_and(|bridge| bridge.switch == Switch::Ovs);
    let ports = || {
        host.ports_of(&profile.interface)
            .map(|port| port.interface.as_str())
            .collect::<Vec<_>>()
            .join(" ")
    };
    (dhcp && ovs).then(ports)
}

fn create(emitter: &mut Emitter<'_>, wanted: &Profile, after: &Host) -> Result<(), EmitError> {
    let path = HostPath::literal(NETWORK_SCRIPTS).join(&format!("ifcfg-{}", wanted.interface));
    let template = match wanted.bridge().map(|bridge| bridge.switch) {
        Some(Switch::Linux) => "ifcfg-bridge",
        Some(Switch::Ovs) => "ifcfg-ovs-bridge",
        None => "ifcfg-port",
    };
    let values = match wanted.bridge() {
        Some(bridge) => bridge_values(wanted, bridge, after, emitter.readers),
        None => port_values(wanted, after),
    };
    let text = emitter.templates.render(template, &values)?;
    let (like, attrs) = neighbour(
        emitter.tree,
        after.ports_of(&wanted.interface).next().or(Some(wanted)),
    );
    emitter.rendered.push((template.to_owned(), path.clone()));
    emitter
        .editor
        .create(&path, text.into_bytes(), attrs, &like);
    Ok(())
}

fn bridge_values(
    profile: &Profile,
    bridge: &Bridge,
    host: &Host,
    readers: &Readers,
) -> serde_json::Value {
    let ovs = bridge.switch == Switch::Ovs;
    let unit = if readers.delay_in_hundredths(profile.nm_controlled) {
        100
    } else {
        1
    };
    let stp = bridge.stp.unwrap_or(false);
    let delay = bridge.forward_delay_s.unwrap_or(0);
    let lines = |settings: &[Setting]| -> Vec<String> {
        let text = |setting: &Setting| {
            setting
                .text
                .named(&profile.interface)
                .trim_end_matches('\n')
                .to_owned()
        };
        settings
            .iter()
            .map(|setting| {
                if ovs {
                    ovs_spelling(setting, &profile.layer3.addressing.method)
                } else {
                    setting.clone()
                }
            })
            .map(|s| text(&s))
            .collect()
    };
    let mut settings = lines(&profile.layer3.helpers);
    settings.extend(lines(&profile.layer3.settings));
    for line in addressing::spell(&profile.layer3.addressing, &profile.layer3.settings) {
        let dhcp = ovs && line == "BOOTPROTO=dhcp";
        settings.push(if dhcp { format!("OVS{line}") } else { line });
    }
    let shared: Vec<Setting> = profile
        .shared
        .iter()
        .filter(|s| !(ovs && s.key == "HOTPLUG"))
        .cloned()
        .collect();
    let extra = (stp && delay > 0).then(|| {
        format!(
            "set bridge {} {OVS_FORWARD_DELAY}{delay}",
            profile.interface
        )
    });
    json!({
        "name": profile.interface.as_str(),
        "onboot": yes_no(profile.autostart),
        "nm_controlled": (!profile.nm_controlled).then_some("no"),
        "stp": if ovs { stp.then_some("true") } else { Some(yes_no(stp)) },
        "delay": delay * unit,
        "extra": extra,
        "mac": bridge.mac.map(|mac| mac.to_string()),
        "dhcp_interfaces": dhcp_interfaces(profile, host),
        "shared": lines(&shared),
        "settings": settings,
    })
}

/// ifup-ovs asks for an address only where OVSBOOTPROTO says so; BOOTPROTO=dhcp would be tried before a port is there.
fn ovs_spelling(setting: &Setting, method: &Method) -> Setting {
    let mut spelled = setting.clone();
    if setting.key == "BOOTPROTO" && *method == Method::Dhcp {
        let lines: String = setting
            .text
            .raw()
            .split_inclusive('\n')
            .map(|line| {
                let assigns = !line.trim_start().starts_with('#');
                if assigns {
                    line.replacen("BOOTPROTO=", "OVSBOOTPROTO=", 1)
                } else {
                    line.to_owned()
                }
            })
            .collect();
        spelled.text = OwnedText::plain(&lines);
    }
    spelled
}

fn port_values(profile: &Profile, host: &Host) -> serde_json::Value {
    let bridge = profile.controller.as_ref();
    let ovs = bridge.is_some_and(|bridge| switch_of(host, bridge) == Switch::Ovs);
    json!({
        "type": if ovs { "OVSPort" } else { type_of(&profile.kind) },
        "ovs": ovs,
        "name": profile.interface.as_str(),
        "onboot": yes_no(profile.autostart),
        "nm_controlled": (!profile.nm_controlled).then_some("no"),
        "bridge": bridge.map(InterfaceName::as_str),
    })
}

/// Returns the file that a new one takes its mode, owner and label from: that of a port, else any ifcfg file.
fn neighbour(tree: &Tree, port: Option<&Profile>) -> (HostPath, Attrs) {
    let folder = HostPath::literal(NETWORK_SCRIPTS);
    let origin = port.and_then(|port| port.origin.clone());
    let others = tree
        .names(&folder)
        .filter(|(name, _)| name.starts_with("ifcfg-"))
        .map(|(_, path)| path.clone());
    for path in origin.into_iter().chain(others) {
        if let Some(file) = tree.file(&path) {
            return (path, file.attrs);
        }
    }
    (
        folder,
        Attrs {
            mode: 0o644,
            uid: 0,
            gid: 0,
        },
    )
}

/// Moves the files that are found by an interface's name to where their new owner's are found.
fn companions(emitter: &mut Emitter<'_>, before: &Host, after: &Host) -> Result<(), EmitError> {
    let owned = |host: &Host| -> Vec<(Profile, crate::host::profile::Companion)> {
        let of = |p: &Profile| {
            p.layer3
                .companions
                .iter()
                .map(|c| (p.clone(), c.clone()))
                .collect::<Vec<_>>()
        };
        host.profiles
            .iter()
            .filter(|p| !p.layer3.companions.is_empty())
            .flat_map(of)
            .collect()
    };
    let new = owned(after);
    for (_, companion) in owned(before) {
        if !new.iter().any(|(_, kept)| kept.origin == companion.origin) {
            emitter.editor.delete(&companion.origin);
        }
    }
    for (owner, companion) in &new {
        let held = before.profiles.iter().find(|p| {
            p.layer3
                .companions
                .iter()
                .any(|c| c.origin == companion.origin)
        });
        if held.is_some_and(|held| held.interface == owner.interface) {
            continue;
        }
        let path = companion::path(
            &companion.role,
            &owner.interface,
            suffix(owner),
            emitter.readers,
        );
        if path != companion.origin && emitter.tree.exists(&path) || emitter.taken.contains(&path) {
            let message = format!(
                "{} would become {path}, which is there already",
                companion.origin
            );
            let help = format!("merge the two, or move {path} away");
            return Err(EmitError::InTheWay {
                path,
                message,
                help,
            });
        }
        emitter.taken.push(path.clone());
        let content = companion.content.named(&owner.interface).into_bytes();
        match emitter.tree.get(&companion.origin) {
            Some(Entry::File(_) | Entry::Link { .. }) => {
                emitter.editor.rename(&companion.origin, &path, content)
            }
            _ => continue,
        }
    }
    Ok(())
}
