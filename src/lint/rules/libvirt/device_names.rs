//! Where networks and guests name devices of the host: another name in the place of one.

use crate::doc::xml::XmlDoc;
use crate::lint::rules::meaning::device::is_alone;
use crate::lint::{Fix, Mender};
use crate::tree::HostPath;

/// Returns the edit that puts the device `new` in the place of `old` in these lines of the file at `path`.
pub(in crate::lint) fn replace(
    mender: &Mender<'_>,
    path: &HostPath,
    lines: &[u32],
    (old, new): (&str, &str),
) -> Option<Fix> {
    mender.edit(path, |doc, interfaces, editing| {
        let mut elements = elements(doc, interfaces);
        elements.retain(|index| {
            let element = &doc.elements()[*index];
            element.value("dev") == Some(old) && lines.contains(&doc.line(element.span.start))
        });
        for index in &elements {
            editing.set(*index, "dev", new);
        }
        (!elements.is_empty()).then_some(())
    })
}

/// Returns the elements of a network or guest that name a device for what may be on a bridge as well.
fn elements(doc: &XmlDoc<'_>, interfaces: &[usize]) -> Vec<usize> {
    let alone = |mode: Option<&str>| mode.is_some_and(is_alone);
    let mut found = Vec::new();
    let forward = doc.child(0, "forward");
    if let Some((forward, _)) = forward.filter(|(_, element)| !alone(element.value("mode"))) {
        found.push(forward);
        found.extend(doc.named(forward, "interface").map(|(index, _)| index));
    }
    let direct = |index: &&usize| doc.elements()[**index].value("type") == Some("direct");
    let sources = interfaces.iter().filter(direct);
    let sources = sources.filter_map(|index| doc.child(*index, "source"));
    let shared = sources.filter(|(_, source)| !alone(source.value("mode")));
    found.extend(shared.map(|(index, _)| index));
    found
}
