//! Names and addresses as types: what cannot be a name of an interface is refused at the border.

use std::fmt;
use std::net::IpAddr;

pub use ipnet::{IpNet, Ipv4Net, Ipv6Net};

/// The name of a network interface as the kernel takes it, at most 15 bytes.
///
/// Source: Linux `dev_valid_name()` in net/core/dev.c: no `/`, no `:`, no white space, not `.` or `..`, shorter than IFNAMSIZ (16).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct InterfaceName(String);

/// The text is no name of an interface.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadName {
    /// Nothing, `.` or `..`.
    #[error("`{}` is not a valid interface name", .0.escape_debug())]
    Reserved(String),
    /// Longer than the kernel takes.
    #[error("`{}` is {} bytes long; an interface name has at most 15", .0.escape_debug(), .0.len())]
    TooLong(String),
    /// A byte that the kernel or a configuration file cannot have in a name.
    #[error("`{}` contains {found:?}; an interface name is ASCII without `/`, `:`, white space, control characters and shell metacharacters", text.escape_debug())]
    Character {
        /// The whole text.
        text: String,
        /// The first character that is refused.
        found: char,
    },
}

impl InterfaceName {
    /// Returns the name that `text` is.
    ///
    /// Beyond the kernel's rule, quotes, `$`, `` ` ``, `\`, `%` and everything outside ASCII are refused: no program that
    /// reads these files takes such a name, and a shell would not read back what was meant.
    pub fn parse(text: &str) -> Result<Self, BadName> {
        if text.is_empty() || text == "." || text == ".." {
            return Err(BadName::Reserved(text.to_owned()));
        }
        let bad = |c: &char| !c.is_ascii_graphic() || "/:\"'`$\\%&|;<>()*?[]{}#!~=,".contains(*c);
        if let Some(found) = text.chars().find(bad) {
            return Err(BadName::Character {
                text: text.to_owned(),
                found,
            });
        }
        if text.starts_with('-') {
            return Err(BadName::Character {
                text: text.to_owned(),
                found: '-',
            });
        }
        if text.len() > 15 {
            return Err(BadName::TooLong(text.to_owned()));
        }
        Ok(Self(text.to_owned()))
    }

    /// Returns what stands in the place of a name where a profile is for any card: it is told to users, and no file gets it as
    /// the name of an interface.
    pub(crate) fn stand_in(text: &str) -> Self {
        Self(text.to_owned())
    }

    /// Returns the name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for InterfaceName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::str::FromStr for InterfaceName {
    type Err = BadName;
    fn from_str(text: &str) -> Result<Self, BadName> {
        Self::parse(text)
    }
}

/// A hardware address of six bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MacAddress([u8; 6]);

impl MacAddress {
    /// Returns the address written as `52:54:00:12:34:56`, in any case, with `:` or `-`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let mut bytes = [0; 6];
        let mut parts = text.split([':', '-']);
        for byte in &mut bytes {
            let part = parts.next().filter(|part| (1..=2).contains(&part.len()))?;
            *byte = u8::from_str_radix(part, 16).ok()?;
        }
        parts.next().is_none().then_some(Self(bytes))
    }

    /// Returns an address of the block that KVM uses (52:54:00), with these bytes behind.
    #[must_use]
    pub fn of_kvm(rest: [u8; 3]) -> Self {
        Self([0x52, 0x54, 0, rest[0], rest[1], rest[2]])
    }

    /// Returns whether it stands for several receivers: no interface can have it.
    #[must_use]
    pub fn is_multicast(&self) -> bool {
        self.0[0] & 1 == 1
    }

    /// Returns whether it is 00:00:00:00:00:00, which the kernel gives to no interface.
    #[must_use]
    pub fn is_zero(&self) -> bool {
        self.0 == [0; 6]
    }
}

impl fmt::Display for MacAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [a, b, c, d, e, g] = self.0;
        write!(f, "{a:02x}:{b:02x}:{c:02x}:{d:02x}:{e:02x}:{g:02x}")
    }
}

/// Returns the address with prefix length that `text` is: `192.168.50.20/24`, host bits kept.
///
/// # Errors
/// A phrase saying what is wrong with the text.
pub fn parse_address(text: &str) -> Result<IpNet, String> {
    let net: IpNet = text.parse().map_err(|_| {
        if let Ok(address) = text.parse::<IpAddr>() {
            let length = if address.is_ipv4() { 24 } else { 64 };
            format!("`{text}` has no prefix length; write it as in `{text}/{length}`")
        } else {
            format!(
                "`{}` is not a valid address with prefix length, such as 192.168.50.20/24",
                text.escape_debug()
            )
        }
    })?;
    let address = net.addr();
    if address.is_unspecified() || address.is_multicast() || address.is_loopback() {
        return Err(format!("`{text}` is not a valid address of an interface"));
    }
    let short = matches!(net, IpNet::V4(v4) if v4.prefix_len() < 31);
    if short && (address == net.network() || address == net.broadcast()) {
        return Err(format!(
            "`{text}` is the network or broadcast address of {}",
            net.trunc()
        ));
    }
    Ok(net)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_names_that_the_kernel_takes() {
        for good in [
            "br0",
            "br.10",
            "br_lan",
            "eth-br",
            "enp0s31f6",
            "abcdefghijklmno",
        ] {
            assert!(InterfaceName::parse(good).is_ok(), "{good}");
        }
        for bad in [
            "",
            ".",
            "..",
            "a/b",
            "a b",
            "a:1",
            "abcdefghijklmnop",
            "a\n",
            "ä",
            "-rf",
            "$(x)",
        ] {
            assert!(InterfaceName::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn refuses_addresses_no_interface_can_have() {
        for bad in [
            "192.168.1.1",
            "192.168.1.0/24",
            "192.168.1.255/24",
            "224.0.0.1/4",
            "::/0",
            "x",
            "1.2.3.4/33",
        ] {
            assert!(parse_address(bad).is_err(), "{bad}");
        }
        assert!(parse_address("10.0.0.0/31").is_ok());
        assert!(parse_address("2001:db8::1/64").is_ok());
    }
}
