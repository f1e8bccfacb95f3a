//! The record of DHCP leases that dnsmasq itself keeps, as it did for libvirt before 1.2.6; read only.
//!
//! Source: `lease_update_file()` in dnsmasq's lease.c: a line is `EXPIRY MAC ADDRESS NAME CLIENT-ID`, `*` for what is not known,
//! EXPIRY in seconds since 1970 and 0 for never, another hardware than Ethernet as `TYPE-ADDRESS`. Behind a line `duid SERVER`
//! come those of IPv6, with the client's IAID (`T` before that of a temporary address) in the place of the MAC address, and its
//! DUID in that of the identifier. libvirt's `networkDnsmasqLeaseFileNameDefault()` named the file after the network.

use crate::host::lease::Lease;
use crate::host::value::MacAddress;
use crate::host::{Broken, Cause, Cure, Subject};
use crate::tree::HostPath;

/// The words of a lease.
const WORDS: usize = 5;

/// Adds the leases of `network` in `text` to `found`, and what is none to `broken`.
pub(super) fn read(
    path: &HostPath,
    network: &str,
    text: &str,
    found: &mut Vec<Lease>,
    broken: &mut Vec<Broken>,
) {
    for (line, number) in text.lines().zip(1..) {
        // of a line that is none, the first words are enough
        let words: Vec<&str> = line.split_ascii_whitespace().take(WORDS).collect();
        if matches!(words.as_slice(), [] | ["duid", ..]) {
            continue;
        }
        match lease(&words, network, number) {
            Ok(lease) => found.push(lease),
            Err(why) => broken.push(Broken {
                subject: Subject::Leases,
                path: path.clone(),
                about: network.to_owned(),
                line: Some(number),
                column: Some(1),
                excerpt: line.trim_end().to_owned(),
                why: why.to_owned(),
                cause: Cause::Fault,
                cure: Cure::default(),
                also: None,
            }),
        }
    }
}

fn lease(words: &[&str], network: &str, line: u32) -> Result<Lease, &'static str> {
    let [expires, hardware, address, rest @ ..] = words else {
        return Err("not a lease: `EXPIRY MAC ADDRESS NAME CLIENT-ID` is expected");
    };
    let known = |text: &&&str| **text != "*";
    let expires = expires
        .parse()
        .map_err(|_| "the first word is not a time in seconds since 1970")?;
    let address: std::net::IpAddr = address
        .parse()
        .map_err(|_| "the third word is not an address")?;
    let iaid = address.is_ipv6().then(|| (*hardware).to_owned());
    Ok(Lease {
        bridge: String::new(),
        network: Some(network.to_owned()),
        address,
        mac: MacAddress::parse(hardware).filter(|_| iaid.is_none()),
        host: rest.first().filter(known).map(|name| (*name).to_owned()),
        client_id: rest.get(1).filter(known).map(|id| (*id).to_owned()),
        iaid,
        expires: Some(expires),
        line: Some(line),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn leases(text: &str) -> (Vec<Lease>, Vec<(Option<u32>, String)>) {
        let path = HostPath::literal("/var/lib/libvirt/dnsmasq/default.leases");
        let (mut found, mut broken) = (Vec::new(), Vec::new());
        read(&path, "default", text, &mut found, &mut broken);
        let broken = broken.into_iter().map(|b| (b.line, b.why)).collect();
        (found, broken)
    }

    #[test]
    fn reads_leases_of_both_families() {
        let (found, broken) = leases(concat!(
            "1601885156 52:54:00:37:68:dc 192.168.122.232 vm1 01:52:54:00:37:68:dc\n",
            "0 06-00:0c:29:00:00:01 192.168.122.9 * *\n",
            "duid 00:01:00:01:2a:0b:4a:11:52:54:00:8b:41:0e\n",
            "1601885156 T3631324 2001:db8::9 vm1 00:01:00:01:2a\n",
        ));
        assert_eq!(broken, []);
        let [first, second, v6] = found.as_slice() else {
            panic!("{found:?}")
        };
        assert_eq!(first.mac.unwrap().to_string(), "52:54:00:37:68:dc");
        assert_eq!(first.client_id.as_deref(), Some("01:52:54:00:37:68:dc"));
        assert_eq!(
            (second.mac, &second.host, second.expires),
            (None, &None, Some(0))
        );
        assert_eq!(second.client_id, None);
        assert_eq!(
            (v6.mac, v6.iaid.as_deref(), v6.line),
            (None, Some("T3631324"), Some(4))
        );
    }

    #[test]
    fn a_line_that_is_no_lease_hides_no_other() {
        let (found, broken) =
            leases("x\n\nsoon 52:54:00:00:00:01 1.2.3.4 a *\n1 * 1.2.3 b *\n1 * 1.2.3.4 c");
        assert_eq!(found.len(), 1);
        let lines: Vec<Option<u32>> = broken.iter().map(|(line, _)| *line).collect();
        assert_eq!(lines, [1, 3, 4].map(Some));
    }
}
