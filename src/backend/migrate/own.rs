//! What a keyfile is made from.

use std::net::IpAddr;
use std::rc::Rc;

use super::made::{Line, Made};
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

/// A value that stands in the file or in that of its secrets.
pub(super) type Keyed<'s> = (&'s str, Option<Line>);

/// What a keyfile is made from.
pub(super) struct Own<'a> {
    pub(super) profile: &'a Profile,
    pub(super) source: Source<'a>,
    /// What /etc/sysconfig/network says for all interfaces.
    pub(super) network: Option<Rc<Source<'a>>>,
    /// The files beside it.
    pub(super) beside: Vec<&'a HostPath>,
    /// What those of assignments say.
    pub(super) aliases: Vec<(&'a HostPath, ShellDoc)>,
    /// The file of its secrets.
    pub(super) keys: Option<Source<'a>>,
    /// The metric with which its default route counts, as it does today.
    pub(super) first_metric: Option<u32>,
    /// Whether its lease gives no default route.
    pub(super) is_passed_over: bool,
    /// The MTU of all ports of a bridge.
    pub(super) mtu_of_ports: Option<String>,
    /// Whether one of its ports waits to be brought up.
    pub(super) has_idle_ports: bool,
    /// Whether what NetworkManager passes over is passed over.
    pub(super) strict: bool,
}

impl<'a> Own<'a> {
    pub(super) fn device(&self) -> &str {
        self.profile.interface.as_str()
    }

    /// Returns whether network-scripts bring it up.
    pub(super) fn by_scripts(&self) -> bool {
        self.source.reader == Reader::NetworkScripts
    }

    /// Returns whether a file beside it stays: what dhclient reads no keyfile says, and others may read it.
    pub(super) fn stays(&self, path: &HostPath) -> bool {
        let mut further = self.profile.layer3.further.iter();
        further.any(|part| part.at == *path && part.about == About::Dhcp)
    }

    /// Returns the file, and that of its secrets.
    pub(super) fn files<'s>(&'s self) -> impl Iterator<Item = &'s Source<'a>> {
        std::iter::once(&self.source).chain(&self.keys)
    }

    /// Returns the value of `key` in the file, else in that of its secrets.
    pub(super) fn keyed(&self, key: &str) -> Option<Keyed<'_>> {
        let files = [Some(&self.source), self.keys.as_ref()];
        first(files, key)
    }

    /// Returns the value of `key` in the file of its secrets, else in its own.
    pub(super) fn keyed_beside(&self, key: &str) -> Option<Keyed<'_>> {
        let files = [self.keys.as_ref(), Some(&self.source)];
        first(files, key)
    }

    /// Returns who keeps the secret `key` where the files do not: 1 is the user's session, 2 that it is asked for each time,
    /// 4 that there is none.
    ///
    /// Source: `_secret_read_ifcfg_flags()` in nms-ifcfg-rh-reader.c.
    pub(super) fn kept_by(&self, key: &str) -> u32 {
        let words = self.source.text(&format!("{key}_FLAGS")).unwrap_or("");
        let flags = [("user", 1), ("ask", 2), ("unused", 4)].into_iter();
        let flags = flags.filter(|(word, _)| words.contains(word));
        flags.map(|(_, flag)| flag).sum()
    }

    /// Writes a secret, or who keeps it.
    pub(super) fn secret(
        &self,
        key: &str,
        (group, name): (&'static str, &str),
        found: Option<Keyed<'_>>,
        made: &mut Made,
    ) {
        let flags = self.kept_by(key);
        match found {
            _ if flags != 0 => {
                let line = self.source.line(&format!("{key}_FLAGS"));
                made.set(group, format!("{name}-flags"), flags.to_string(), line);
            }
            Some((text, line)) => made.secret(group, name, text, line),
            None => {}
        }
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

    /// Returns whether name servers and domains of the file are in force: with PEERDNS=no ifup-post leaves /etc/resolv.conf alone.
    pub(super) fn sets_dns(&self) -> bool {
        let source = &self.source;
        let asked = (source.boolean("PEERDNS"), source.boolean("RESOLV_MODS"));
        !self.by_scripts() || asked.0 != Some(false) || asked.1 == Some(true)
    }

    /// Returns the name servers: NetworkManager reads them to the first hole.
    pub(super) fn servers(&self, losses: &mut Vec<Loss>) -> Result<Vec<Server>, Cannot> {
        let source = &self.source;
        if !self.sets_dns() {
            return Ok(Vec::new());
        }
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

fn first<'s>(files: [Option<&'s Source<'_>>; 2], key: &str) -> Option<Keyed<'s>> {
    let found = |file: &'s Source<'_>| Some((file.text(key)?, file.line(key)));
    // both are asked, so that what neither needs is no loss
    let [one, other] = files.map(|file| file.and_then(found));
    one.or(other)
}

/// Returns what the aliases of a profile say.
pub(super) fn aliases<'a>(tree: &Tree, profile: &'a Profile) -> Vec<(&'a HostPath, ShellDoc)> {
    let further = profile.layer3.further.iter();
    let aliases = further.filter(|part| part.about == About::Addresses);
    aliases
        .filter_map(|part| Some((&part.at, ShellDoc::parse(&text_of(tree, &part.at)?))))
        .collect()
}
