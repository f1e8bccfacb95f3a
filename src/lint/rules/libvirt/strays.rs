//! What is meant with a network whose file has another name: `nat1.xml` with `<name>default</name>`.

use crate::doc::xml::{Element, XmlDoc};
use crate::host::network::{LibvirtName, Network};
use crate::lint::rules::meaning::overlap::Taken;
use crate::lint::{Fix, Mender, Sight};
use crate::tree::HostPath;

/// What is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::lint) enum Meant {
    /// Nothing more than the network whose copy it is.
    Copy,
    /// A network of its own, with the name of the file.
    ByFile,
    /// The network that it names.
    ByName,
    /// That cannot be told, or would clash with a network that is there.
    Unclear,
}

/// Returns what is meant with a network that is not loaded.
pub(in crate::lint) fn meant(sight: &Sight<'_>, taken: &Taken<'_>, network: &Network) -> Meant {
    let Some((origin, stem)) = stem(network) else {
        return Meant::Unclear;
    };
    let wanted = origin.folder().join(&network.file_name());
    let by_file = is_named(sight, stem);
    let free = LibvirtName::parse(stem).is_ok() && !taken.meets(network);
    match sight.tree.exists(&wanted) {
        true if by_file || !are_alike(sight, origin, &wanted) => match free {
            true => Meant::ByFile,
            false => Meant::Unclear,
        },
        true => Meant::Copy,
        false if free && by_file && !is_named(sight, &network.name) => Meant::ByFile,
        false if taken.clashes(network) => Meant::Unclear,
        false => Meant::ByName,
    }
}

/// Returns the file of a network with its name, less `.xml`.
fn stem(network: &Network) -> Option<(&HostPath, &str)> {
    let origin = network.origin.as_ref()?;
    Some((origin, origin.name().strip_suffix(".xml")?))
}

/// Returns whether a guest or a link of autostart names the network `name`.
fn is_named(sight: &Sight<'_>, name: &str) -> bool {
    let kind = crate::lint::rules::libvirt::autostart::Kind::Network;
    let link = kind.folder().join("autostart").join(&format!("{name}.xml"));
    !sight.joined.guests_of(name).is_empty() || sight.tree.exists(&link)
}

/// Returns whether two files say the same but for what is only one network's: name, UUID, device and hardware address.
fn are_alike(sight: &Sight<'_>, one: &HostPath, other: &HostPath) -> bool {
    let text = |path| std::str::from_utf8(&sight.tree.file(path)?.bytes).ok();
    let (Some(one), Some(other)) = (text(one), text(other)) else {
        return false;
    };
    match (XmlDoc::parse(one), XmlDoc::parse(other)) {
        (Ok(one), Ok(other)) => shared(&one).eq(shared(&other)),
        (_, Err(_)) | (Err(_), _) => false,
    }
}

/// Returns what is no network's own, in the order of the file.
fn shared<'d>(
    doc: &'d XmlDoc<'_>,
) -> impl Iterator<Item = (&'d str, Vec<(&'d str, &'d str)>, &'d str)> {
    let top = |element: &Element<'_>, name: &str| element.parent == Some(0) && element.name == name;
    let own = move |element: &&Element<'_>| {
        ["name", "uuid", "mac"]
            .iter()
            .any(|name| top(element, name))
    };
    doc.elements()
        .iter()
        .filter(move |element| !own(element))
        .map(move |element| {
            let attributes = element.attributes.iter();
            let device = top(element, "bridge");
            let attributes = attributes.filter(|attribute| !(device && attribute.name == "name"));
            let mut attributes: Vec<(&str, &str)> = attributes
                .map(|attribute| (attribute.name, &*attribute.value))
                .collect();
            attributes.sort_unstable();
            (element.name, attributes, element.text.trim())
        })
}

/// Returns the fix that gives a network the name of its file, and what only one network can have anew where it is taken.
pub(in crate::lint) fn name_by_file(mender: &Mender<'_>, network: &Network) -> Option<Fix> {
    let (origin, stem) = stem(network)?;
    let loaded = || mender.host.networks().filter(|other| other.is_loaded());
    let taken = |is: &dyn Fn(&Network) -> bool| loaded().any(is);
    mender.edit(origin, |doc, _, editing| {
        let mut inventor = mender.inventor.borrow_mut();
        let (name, _) = doc.child(0, "name")?;
        editing.text(name, stem);
        if let Some((uuid, _)) = doc.child(0, "uuid")
            && taken(&|other| other.uuid == network.uuid)
        {
            editing.text(uuid, &inventor.uuid_of_network(stem).to_string());
        }
        let device = network.own_bridge().filter(|device| !device.contains('%'));
        if let (Some((bridge, _)), Some(device)) = (doc.child(0, "bridge"), device)
            && taken(&|other| other.own_bridge() == Some(device))
        {
            editing.set(bridge, "name", inventor.device()?.as_str());
        }
        if let (Some((mac, _)), Some(_)) = (doc.child(0, "mac"), network.mac)
            && taken(&|other| other.mac == network.mac)
        {
            editing.set(
                mac,
                "address",
                &inventor.mac(&format!("network/{stem}")).to_string(),
            );
        }
        Some(())
    })
}
