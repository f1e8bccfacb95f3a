//! Open vSwitch keeps its bridges in a database: a file of JSON texts, one a line, behind a line each that measures it.
//!
//! Source: ovsdb(5), "Standalone Database File Format": each record says which columns of which rows change; `null` deletes.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use serde_json::Value;

use super::claim::{Applies, is_name};
use super::{At, Claim, Kind, Other, Program, Unparsed};
use crate::tree::{HostPath, Tree};

const DATABASES: &[&str] = &["/etc/openvswitch/conf.db", "/var/lib/openvswitch/conf.db"];

pub(super) fn files() -> Vec<HostPath> {
    DATABASES
        .iter()
        .map(|path| HostPath::literal(path))
        .collect()
}

/// What a record says of the two tables that are asked for.
#[derive(Deserialize)]
struct Record {
    #[serde(default, rename = "Bridge")]
    bridges: BTreeMap<String, Option<Row>>,
    #[serde(default, rename = "Port")]
    ports: BTreeMap<String, Option<Row>>,
}

#[derive(Clone, Default, Deserialize)]
struct Row {
    name: Option<String>,
    ports: Option<Value>,
}

pub(super) fn find(tree: &Tree) -> Other {
    let mut other = Other::new(Program::OpenVswitch);
    for path in files() {
        let Some(file) = tree.file(&path) else {
            other.unparsed.extend(Unparsed::of(tree, &path));
            continue;
        };
        other.files.push(path.clone());
        other.at = Some(At::file(path.clone()));
        if !file.bytes.starts_with(b"OVSDB JSON ") {
            other.unparsed.push(Unparsed {
                path: path.clone(),
                why: "it is not an Open vSwitch database".to_owned(),
            });
        }
        let (bridges, ports) = rows(&file.bytes);
        for row in bridges.values() {
            let Some(name) = row.name.as_ref().filter(|name| is_name(name)) else {
                continue;
            };
            let at = At::file(path.clone());
            let mut claim = Claim::new(Applies::Name(name.clone()), Program::OpenVswitch, at);
            claim.bridge = Some(Kind::OpenVswitch);
            claim.manages = false;
            let of: BTreeSet<&str> = row.ports.iter().flat_map(uuids).collect();
            let named = of
                .into_iter()
                .filter_map(|uuid| ports.get(uuid)?.name.as_ref());
            // a bridge is a port of itself
            let named = named.filter(|port| *port != name && is_name(port));
            claim.ports = named.cloned().collect();
            claim.ports.sort_unstable();
            other.claims.push(claim);
        }
        other
            .claims
            .sort_by(|a, b| a.applies.name().cmp(&b.applies.name()));
    }
    other
}

type Rows = BTreeMap<String, Row>;

/// Returns the bridges and the ports as the last record leaves them; records that are not understood are passed over.
fn rows(bytes: &[u8]) -> (Rows, Rows) {
    let (mut bridges, mut ports) = (Rows::new(), Rows::new());
    for line in bytes.split(|byte| *byte == b'\n') {
        if line.first() != Some(&b'{') {
            continue;
        }
        if let Ok(record) = serde_json::from_slice::<Record>(line) {
            update(&mut bridges, record.bridges);
            update(&mut ports, record.ports);
        }
    }
    (bridges, ports)
}

fn update(rows: &mut Rows, changes: BTreeMap<String, Option<Row>>) {
    for (uuid, change) in changes {
        match change {
            None => {
                rows.remove(&uuid);
            }
            Some(change) => {
                let row = rows.entry(uuid).or_default();
                row.name = change.name.or(row.name.take());
                row.ports = change.ports.or(row.ports.take());
            }
        }
    }
}

/// Returns the UUIDs of `["uuid", X]` or `["set", [["uuid", X], …]]`.
fn uuids(value: &Value) -> Vec<&str> {
    match value.as_array().map(Vec::as_slice) {
        Some([kind, Value::Array(all)]) if kind == "set" => all.iter().filter_map(uuid).collect(),
        _ => uuid(value).into_iter().collect(),
    }
}

fn uuid(value: &Value) -> Option<&str> {
    match value.as_array()?.as_slice() {
        [kind, uuid] if kind == "uuid" => uuid.as_str(),
        _ => None,
    }
}
