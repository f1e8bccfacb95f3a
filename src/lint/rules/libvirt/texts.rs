//! Files of networks that hold something of which the model keeps nothing.

use memchr::memmem;

use crate::doc::xml::XmlDoc;
use crate::host::network::Network;
use crate::lint::Sight;
use crate::tree::HostPath;

/// Calls `look` with each network that libvirt loads and whose file holds `text`: its document is parsed for that alone.
pub(super) fn each(
    sight: &Sight<'_>,
    text: &str,
    mut look: impl FnMut(&Network, &HostPath, &XmlDoc<'_>),
) {
    let networks = sight.host.networks();
    for network in networks.filter(|network| network.is_loaded() && !network.is_refused()) {
        let file = network.origin.as_ref().and_then(|path| {
            let bytes = &sight.tree.file(path)?.bytes;
            memmem::find(bytes, text.as_bytes())?;
            Some((path, std::str::from_utf8(bytes).ok()?))
        });
        if let Some((path, source)) = file
            && let Ok(doc) = XmlDoc::parse(source)
        {
            look(network, path, &doc);
        }
    }
}
