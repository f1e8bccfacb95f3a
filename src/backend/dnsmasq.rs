//! The record of DHCP leases that libvirt's helper of dnsmasq keeps, and where the older one lies; read only.
//!
//! Source: libvirt's network/leaseshelper.c and util/virlease.c: `/var/lib/libvirt/dnsmasq/BRIDGE.status` is a JSON array
//! (an empty file if there never was a lease) of objects with `ip-address`, `mac-address`, `hostname`, `client-id`,
//! `expiry-time` (a number, 0 for a lease without end), and of IPv6 `iaid` and `server-duid`. Other fields are ignored.

use serde_json::{Map, Value};

use super::text::{broken_by, text};
use super::{leasefile, libvirt};
use crate::doc::SyntaxError;
use crate::host::lease::Lease;
use crate::host::value::MacAddress;
use crate::host::{Broken, Cause, Cure, Subject};
use crate::tree::{HostPath, Pick, Picker, Scope, Tree};

/// Where the records lie.
const FOLDER: &str = "/var/lib/libvirt/dnsmasq";
/// How their names end, behind that of the bridge.
const ENDING: &str = ".status";
/// How those end that dnsmasq kept itself, behind the name of the network.
const OLD_ENDING: &str = ".leases";

/// Returns what must be read for leases: the records, and the networks and guests that they belong to.
pub(super) fn scope() -> Scope {
    let pick_status: Picker = |name| match name.ends_with(ENDING) || name.ends_with(OLD_ENDING) {
        true => Pick::Read,
        false => Pick::Skip,
    };
    Scope {
        folders: vec![
            (HostPath::literal(libvirt::NETWORKS), libvirt::pick_xml),
            (HostPath::literal(libvirt::GUESTS), libvirt::pick_xml),
            (HostPath::literal(FOLDER), pick_status),
        ],
        ..Scope::default()
    }
}

/// Returns the leases in all records, sorted by file, and what could not be understood; neither hides the other.
#[must_use]
pub fn leases(tree: &Tree) -> (Vec<Lease>, Vec<Broken>) {
    let (mut found, mut broken) = (Vec::new(), Vec::new());
    for (name, path) in tree.names(&HostPath::literal(FOLDER)) {
        let named = |ending| name.strip_suffix(ending).filter(|name| !name.is_empty());
        match (named(ENDING), named(OLD_ENDING)) {
            (Some(bridge), _) => match text(tree, path, bridge) {
                Ok(text) => Record { path, bridge, text }.read(&mut found, &mut broken),
                Err(problem) => broken.push(problem),
            },
            (None, Some(network)) => match text(tree, path, network) {
                Ok(text) => leasefile::read(path, network, text, &mut found, &mut broken),
                Err(problem) => broken.push(problem),
            },
            (None, None) => {}
        }
    }
    (found, broken)
}

/// One file.
struct Record<'a> {
    path: &'a HostPath,
    bridge: &'a str,
    text: &'a str,
}

impl Record<'_> {
    fn read(&self, found: &mut Vec<Lease>, broken: &mut Vec<Broken>) {
        if self.text.trim().is_empty() {
            return;
        }
        let entries = match serde_json::from_str(self.text) {
            Ok(Value::Array(entries)) => entries,
            Ok(_) => {
                let error = SyntaxError::at(self.text, 0, "not a list of leases");
                return broken.push(broken_by(&error, self.path, self.bridge));
            }
            Err(error) => return broken.push(self.syntax_error(&error)),
        };
        let mut reached = Reached::default();
        for (entry, number) in entries.iter().zip(1..) {
            match self.lease(entry, number, &mut reached) {
                Ok(lease) => found.push(lease),
                Err(problem) => broken.push(problem),
            }
        }
    }

    fn syntax_error(&self, error: &serde_json::Error) -> Broken {
        let message = error.to_string();
        let place = format!(" at line {} column {}", error.line(), error.column());
        let line = self.text.lines().nth(error.line().saturating_sub(1));
        Broken {
            subject: Subject::Leases,
            path: self.path.clone(),
            about: self.bridge.to_owned(),
            line: Some(u32::try_from(error.line()).unwrap_or(u32::MAX)),
            column: Some(u32::try_from(error.column()).unwrap_or(u32::MAX)),
            excerpt: line.unwrap_or("").trim_end().to_owned(),
            why: message.strip_suffix(&place).unwrap_or(&message).to_owned(),
            cause: Cause::Fault,
            cure: Cure::default(),
            also: None,
        }
    }

    fn lease(&self, entry: &Value, number: u32, reached: &mut Reached) -> Result<Lease, Broken> {
        let broken = |why: &str| Broken {
            subject: Subject::Leases,
            path: self.path.clone(),
            about: self.bridge.to_owned(),
            line: None,
            column: None,
            excerpt: String::new(),
            why: format!("entry {number} {why}"),
            cause: Cause::Fault,
            cure: Cure::default(),
            also: None,
        };
        let Value::Object(fields) = entry else {
            return Err(broken("is not a lease"));
        };
        let Some(address) = string(fields, "ip-address") else {
            return Err(broken("has no `ip-address`"));
        };
        let line = self.line_of(&address, reached);
        let Ok(parsed) = address.parse() else {
            let shown = address.escape_debug();
            let why = format!("has the `ip-address` `{shown}`, which is not valid");
            return Err(Broken {
                line,
                ..broken(&why)
            });
        };
        Ok(Lease {
            bridge: self.bridge.to_owned(),
            network: None,
            address: parsed,
            mac: string(fields, "mac-address").and_then(|text| MacAddress::parse(&text)),
            host: string(fields, "hostname"),
            client_id: string(fields, "client-id"),
            iaid: string(fields, "iaid"),
            expires: fields.get("expiry-time").and_then(Value::as_i64),
            line,
        })
    }

    /// Returns the line of the address, sought behind the one before: JSON values do not know where they stood.
    fn line_of(&self, address: &str, reached: &mut Reached) -> Option<u32> {
        let rest = &self.text[reached.offset..];
        let Some(at) = rest.find(&format!("\"{address}\"")) else {
            // spelled with escapes, which libvirt never does: the search would have to begin anew for each
            reached.offset = self.text.len();
            return None;
        };
        let lines = memchr::memchr_iter(b'\n', &rest.as_bytes()[..at]).count();
        reached.offset += at + 1;
        reached.lines += u32::try_from(lines).unwrap_or(u32::MAX);
        Some(reached.lines + 1)
    }
}

/// How far a record was searched.
#[derive(Default)]
struct Reached {
    offset: usize,
    /// The lines before the offset.
    lines: u32,
}

/// Returns a text that says something.
fn string(fields: &Map<String, Value>, key: &str) -> Option<String> {
    let text = fields.get(key)?.as_str()?;
    Some(text.to_owned()).filter(|text| !text.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> (Vec<Lease>, Vec<Broken>) {
        let path = HostPath::literal("/var/lib/libvirt/dnsmasq/virbr0.status");
        let (mut found, mut broken) = (Vec::new(), Vec::new());
        let record = Record {
            path: &path,
            bridge: "virbr0",
            text,
        };
        record.read(&mut found, &mut broken);
        (found, broken)
    }

    #[test]
    fn reads_leases_of_both_families() {
        let (found, broken) = read(concat!(
            "[\n  {\"ip-address\": \"192.168.122.232\", \"mac-address\": \"52:54:00:37:68:DC\",\n",
            "   \"client-id\": \"01:52:54\", \"expiry-time\": 5, \"new\": {}},\n",
            "  {\n    \"iaid\": \"3631324\",\n    \"ip-address\": \"2001:db8::9\",\n    \"hostname\": \"\",\n",
            "    \"client-id\": \"00:01\", \"server-duid\": \"00:02\", \"expiry-time\": 0}\n]\n"
        ));
        assert_eq!(broken, []);
        let [v4, v6] = found.as_slice() else {
            panic!("{found:?}")
        };
        assert_eq!(v4.mac.unwrap().to_string(), "52:54:00:37:68:dc");
        assert_eq!(
            (v4.line, v4.expires, v4.host.as_deref()),
            (Some(2), Some(5), None)
        );
        assert!(v4.has_expired(5) && !v4.has_expired(4));
        assert_eq!(v6.address.to_string(), "2001:db8::9");
        assert_eq!((v6.line, v6.iaid.as_deref()), (Some(6), Some("3631324")));
        assert_eq!((v6.mac, v6.host.as_deref()), (None, None));
        assert!(!v6.has_expired(i64::MAX));
    }

    #[test]
    fn an_entry_that_is_no_lease_hides_no_other() {
        let (found, broken) = read(
            "[1, {}, {\"ip-address\": 7},\n{\"ip-address\": \"x\"}, {\"ip-address\": \"1.2.3.4\", \"mac-address\": [], \"hostname\": 1, \"expiry-time\": \"1\"}]",
        );
        let why: Vec<_> = broken.iter().map(|b| (b.line, b.why.as_str())).collect();
        let expected = [
            (None, "entry 1 is not a lease"),
            (None, "entry 2 has no `ip-address`"),
            (None, "entry 3 has no `ip-address`"),
            (
                Some(2),
                "entry 4 has the `ip-address` `x`, which is not valid",
            ),
        ];
        assert_eq!(why, expected);
        let [lease] = found.as_slice() else {
            panic!("{found:?}")
        };
        assert_eq!(
            (lease.mac, lease.host.as_deref(), lease.expires),
            (None, None, None)
        );
    }

    #[test]
    fn says_where_a_record_is_broken() {
        assert_eq!(read(""), (vec![], vec![]));
        assert_eq!(read(" \n"), (vec![], vec![]));
        assert_eq!(read("[]\n"), (vec![], vec![]));
        for (text, line, column, why) in [
            ("[\n  {]\n", 2, 4, "key must be a string"),
            ("[\n  {\"a\": 1", 2, 9, "EOF while parsing an object"),
            ("{}", 1, 1, "not a list of leases"),
        ] {
            let (found, broken) = read(text);
            assert_eq!(found, []);
            let [problem] = broken.as_slice() else {
                panic!("{broken:?}")
            };
            assert_eq!(
                (problem.line, problem.column, problem.why.as_str()),
                (Some(line), Some(column), why)
            );
        }
    }
}
