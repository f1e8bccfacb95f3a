//! Subnets in which addresses are looked up, whatever their number.

use std::collections::{BTreeSet, HashSet};
use std::net::IpAddr;

use super::value::IpNet;

/// A set of subnets.
#[derive(Clone, Debug, Default)]
pub struct Nets {
    nets: BTreeSet<IpNet>,
    /// The prefix lengths that there are.
    lengths: HashSet<u8>,
}

impl FromIterator<IpNet> for Nets {
    fn from_iter<T: IntoIterator<Item = IpNet>>(nets: T) -> Self {
        let nets: BTreeSet<IpNet> = nets.into_iter().map(|net| net.trunc()).collect();
        Self {
            lengths: nets.iter().map(IpNet::prefix_len).collect(),
            nets,
        }
    }
}

impl Nets {
    /// Returns whether one of them holds `address`.
    #[must_use]
    pub fn hold(&self, address: IpAddr) -> bool {
        let around =
            |length| IpNet::new(address, length).is_ok_and(|n| self.nets.contains(&n.trunc()));
        self.lengths.iter().copied().any(around)
    }

    /// Returns whether one of them shares addresses with `net`: two meet only where one holds the other.
    #[must_use]
    pub fn meet(&self, net: &IpNet) -> bool {
        let net = net.trunc();
        let wider = self
            .lengths
            .iter()
            .filter(|length| **length <= net.prefix_len());
        let mut wider = wider.filter_map(|length| IpNet::new(net.addr(), *length).ok());
        // sorted by address, then by length: what lies within follows at once
        let mut behind = self.nets.range(net..);
        behind.next().is_some_and(|next| net.contains(next))
            || wider.any(|wider| self.nets.contains(&wider.trunc()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn net(text: &str) -> IpNet {
        text.parse().unwrap()
    }

    #[test]
    fn as_each_with_each() {
        let all: Vec<IpNet> = (0..32_u32)
            .flat_map(|n| {
                let v4 = format!("10.{}.{}.0/{}", n % 3, n * 8, 8 + n % 17);
                let v6 = format!("fd00:{n:x}::/{}", 16 + n % 30);
                [net(&v4), net(&v6)]
            })
            .collect();
        for (n, probe) in all.iter().enumerate() {
            let others = || all.iter().skip(n % 5).step_by(3);
            let nets: Nets = others().copied().collect();
            let overlaps = |other: &IpNet| {
                other.contains(&probe.network()) || probe.contains(&other.network())
            };
            assert_eq!(nets.meet(probe), others().any(overlaps), "{probe}");
            let held = others().any(|other| other.contains(&probe.addr()));
            assert_eq!(nets.hold(probe.addr()), held, "{probe}");
        }
    }
}
