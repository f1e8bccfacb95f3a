//! What a keyfile is made from.

use std::net::IpAddr;

use super::made::Line;
use super::source::Source;
use super::{Cannot, Loss, plain, text_of};
use crate::backend::ifcfg::Reader;
use crate::doc::shell::ShellDoc;
use crate::host::layer3::About;
use crate::host::profile::Profile;
use crate::tree::{HostPath, Tree};

/// A name server.
pub(super) struct Server {
    pub(super) address: IpAddr,
    /// As it is written.
    pub(super) text: String,
    pub(super) line: Option<Line>,
}

/// What a keyfile is made from.
pub(super) struct Own<'a> {
    pub(super) profile: &'a Profile,
    pub(super) source: Source<'a>,
    /// What /etc/sysconfig/network says for all interfaces.
    pub(super) network: Option<Source<'a>>,
    /// The files beside it.
    pub(super) beside: Vec<&'a HostPath>,
    /// What those of assignments say.
    pub(super) aliases: Vec<(&'a HostPath, ShellDoc)>,
    /// Whether what NetworkManager passes over is passed over.
    pub(super) strict: bool,
}

impl Own<'_> {
    pub(super) fn device(&self) -> &str {
        self.profile.interface.as_str()
    }

    /// Returns whether a file beside it stays: what dhclient reads no keyfile says, and others may read it.
    pub(super) fn stays(&self, path: &HostPath) -> bool {
        let mut further = self.profile.layer3.further.iter();
        further.any(|part| part.at == *path && part.about == About::Dhcp)
    }

    /// Returns what an alias says.
    pub(super) fn alias(&self, path: &HostPath) -> Option<&ShellDoc> {
        let mut aliases = self.aliases.iter();
        aliases.find(|(at, _)| *at == path).map(|(_, doc)| doc)
    }

    /// Returns which of the files one is.
    pub(super) fn number_of(&self, path: &HostPath) -> usize {
        let found = self.beside.iter().position(|other| *other == path);
        found.map_or(usize::MAX, |at| at + 1)
    }

    /// Returns the name servers: NetworkManager reads them to the first hole.
    pub(super) fn servers(&self, losses: &mut Vec<Loss>) -> Result<Vec<Server>, Cannot> {
        let source = &self.source;
        let to_hole = source.reader != Reader::NetworkScripts;
        let mut found = Vec::new();
        for number in 1..100 {
            let key = format!("DNS{number}");
            let Some(text) = source.text(&key) else {
                if to_hole {
                    break;
                }
                continue;
            };
            // behind `#` NetworkManager reads the name of a server that is asked by TLS
            let address = match to_hole {
                true => text.split('#').next().unwrap_or(text),
                false => text,
            };
            match address.parse() {
                Ok(address) => found.push(Server {
                    address,
                    text: text.to_owned(),
                    line: source.line(&key),
                }),
                Err(_) if to_hole => {
                    let why = format!(
                        "the name server {text} is not valid, and NetworkManager refuses the file"
                    );
                    return Err(Cannot::new(why).at(source.path, source.line(&key)));
                }
                Err(_) => losses.push(plain::not_valid(source, &key)),
            }
        }
        Ok(found)
    }
}

/// Returns what the aliases of a profile say.
pub(super) fn aliases<'a>(tree: &Tree, profile: &'a Profile) -> Vec<(&'a HostPath, ShellDoc)> {
    let further = profile.layer3.further.iter();
    let aliases = further.filter(|part| part.about == About::Addresses);
    aliases
        .filter_map(|part| Some((&part.at, ShellDoc::parse(&text_of(tree, &part.at)?))))
        .collect()
}
