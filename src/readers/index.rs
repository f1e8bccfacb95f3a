//! What the programs that may run configure, by the name of an interface or a port.

use std::collections::HashMap;

use super::claim::{Applies, Claim, Device, Kind, Other, Unparsed};
use super::{NetworkManager, Program, Readers};

/// The most patterns of interfaces that are held against each name; hosts have a dozen.
const MOST_PATTERNS: usize = 1024;

/// Where a claim is: the program's place and its own.
type Spot = (usize, usize);

/// The claims of programs that may run, by name; those that are for more than one name in their order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Index {
    names: HashMap<String, Spot>,
    ports: HashMap<String, Spot>,
    patterns: Vec<Spot>,
}

impl Index {
    pub(super) fn of(others: &mut [Other]) -> Self {
        let mut index = Self::default();
        let mut patterns = 0;
        for (n, other) in others.iter_mut().enumerate() {
            if other.program == Program::OpenVswitch || other.starts.never() {
                continue;
            }
            for (m, claim) in other.claims.iter().enumerate() {
                for port in &claim.ports {
                    index.ports.entry(port.clone()).or_insert((n, m));
                }
                let many = match &claim.applies {
                    Applies::Name(name) => {
                        index.names.entry(name.clone()).or_insert((n, m));
                        continue;
                    }
                    Applies::Patterns(many) | Applies::Mac(many) => many.len().max(1),
                    Applies::Cards => 1,
                };
                patterns += many;
                if patterns <= MOST_PATTERNS {
                    index.patterns.push((n, m));
                }
            }
            if patterns > MOST_PATTERNS && other.unparsed.is_empty() {
                let path = other.files.first().cloned();
                other.unparsed.extend(path.map(|path| Unparsed {
                    path,
                    why: format!("together with the others it has more than {MOST_PATTERNS} patterns, and not all are checked"),
                }));
            }
        }
        index
    }
}

impl Readers {
    /// Returns the other programs that configure interfaces of the host.
    pub fn managers(&self) -> impl Iterator<Item = &Other> {
        let is_manager = |other: &&Other| other.program != Program::OpenVswitch;
        self.others.iter().filter(is_manager)
    }

    /// Returns what another program's file configures, of which the interface is.
    #[must_use]
    pub fn claim_on(&self, device: &Device<'_>) -> Option<&Claim> {
        // of one program the first claim that fits counts
        let named = self.index.names.get(device.name).copied();
        let fits = |spot: &&Spot| {
            named.is_none_or(|named| **spot < named)
                && self
                    .claim(**spot)
                    .is_some_and(|claim| claim.applies.fits(device))
        };
        let found = self.index.patterns.iter().find(fits).copied().or(named);
        let found = found.and_then(|spot| self.claim(spot));
        let found = found.filter(|claim| claim.manages);
        found.or_else(|| self.given().find(|claim| claim.applies.fits(device)))
    }

    fn claim(&self, (program, claim): Spot) -> Option<&Claim> {
        self.others.get(program)?.claims.get(claim)
    }

    /// Returns what profiles of /run configure, where NetworkManager runs.
    fn given(&self) -> impl Iterator<Item = &Claim> {
        let nm = self.network_manager.iter().filter(|nm| !nm.starts.never());
        nm.flat_map(NetworkManager::given)
    }

    /// Returns the bridge that has this port by the file of a program that is started.
    pub(super) fn bridge_with(&self, port: &str) -> Option<(&str, &Claim)> {
        let found = self
            .index
            .ports
            .get(port)
            .and_then(|spot| self.claim(*spot));
        let given = || {
            let mut given = self.given();
            given.find(|claim| claim.ports.iter().any(|name| name == port))
        };
        let claim = found.or_else(given)?;
        Some((claim.name()?, claim))
    }

    /// Returns what files of other programs configure.
    pub fn claims(&self) -> impl Iterator<Item = &Claim> {
        let all = self.others.iter().flat_map(|other| &other.claims);
        all.chain(self.given())
    }

    /// Returns the bridges that files of other programs make, each name once.
    pub fn bridges(&self) -> impl Iterator<Item = (&str, &Claim, Kind)> {
        self.claims()
            .filter_map(|claim| Some((claim.name()?, claim, claim.bridge?)))
    }
}
