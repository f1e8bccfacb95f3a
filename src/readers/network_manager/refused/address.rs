//! Addresses and routes, as NetworkManager reads them: one that is not valid is dropped.

use std::net::IpAddr;

use super::reading::Reading;
use crate::doc::keyfile::{Pair, value};

/// An address or a route.
pub(super) struct Entry<'d> {
    /// Where it is said.
    pub(super) pair: &'d Pair,
    /// The gateway behind it, be it valid or not; absent where there is no such field.
    pub(super) gateway: Option<String>,
}

/// Returns whether `key` is `word` with a number or none: of 0 and what does not begin with it.
///
/// Source: `_build_list_match_key_w_name_impl()` in nm-keyfile.c.
fn numbered(key: &str, word: &str) -> Option<i32> {
    let number = key.strip_prefix(word)?;
    let digits = number.bytes().all(|byte| byte.is_ascii_digit());
    match number.as_bytes() {
        [] => Some(-1),
        [b'0', _, ..] => None,
        _ if digits => number.parse().ok(),
        _ => None,
    }
}

fn listed<'d>(file: &Reading<'d>, group: &str, words: [&str; 2]) -> Vec<&'d Pair> {
    let pairs = file.doc().in_force().filter(|pair| pair.group == group);
    let mut found: Vec<(i32, usize, &Pair)> = pairs
        .filter_map(|pair| {
            let mut words = words.iter().enumerate();
            words.find_map(|(at, word)| Some((numbered(&pair.key, word)?, at, pair)))
        })
        .collect();
    found.sort_by_key(|(number, at, _)| (*number, *at));
    found.into_iter().map(|(_, _, pair)| pair).collect()
}

/// Returns the pairs of a group that say an address, valid or not.
pub(super) fn said<'d>(file: &Reading<'d>, group: &str) -> Vec<&'d Pair> {
    listed(file, group, ["address", "addresses"])
}

/// Returns the addresses of a group that are valid, in their order.
pub(super) fn addresses<'d>(file: &Reading<'d>, group: &str) -> Vec<Entry<'d>> {
    let v6 = group == "ipv6";
    let pairs = said(file, group).into_iter();
    let read = |pair| {
        let fields = Fields::of(&value::unescape(file.doc().raw(pair)), false)?;
        let gateway = fields.gateway.clone();
        is_of(&fields.address, v6).then_some(Entry { pair, gateway })
    };
    pairs.filter_map(read).collect()
}

/// Returns whether a group has a valid route.
pub(super) fn has_route(file: &Reading<'_>, group: &str) -> bool {
    let v6 = group == "ipv6";
    let valid = |pair: &Pair| {
        let fields = Fields::of(&value::unescape(file.doc().raw(pair)), true);
        fields.is_some_and(|fields| {
            let gateway = fields.gateway.unwrap_or_default();
            // an old writer forgot the gateway, and wrote the metric in its place
            let is_metric = v6 && gateway.parse::<u32>().is_ok();
            let good = gateway.is_empty() || is_of(&gateway, v6) || is_metric;
            is_of(&fields.address, v6) && good
        })
    };
    let pairs = listed(file, group, ["route", "routes"]);
    pairs.into_iter().any(valid)
}

/// Returns whether a text is an address of the family.
pub(super) fn is_of(text: &str, v6: bool) -> bool {
    let address: Option<IpAddr> = text.parse().ok();
    address.is_some_and(|address| address.is_ipv6() == v6)
}

/// The fields of a value: `ADDRESS/PREFIX,GATEWAY`, and the metric of a route.
struct Fields {
    address: String,
    gateway: Option<String>,
}

impl Fields {
    /// Returns the fields of a value, `None` where it is dropped as a whole.
    ///
    /// Source: `read_one_ip_address_or_route()` in nm-keyfile.c: `/`, `;` and `,` are one to it.
    fn of(value: &str, route: bool) -> Option<Self> {
        let is_address = |c: char| c.is_ascii_hexdigit() || ":.%".contains(c);
        let is_digit = |c: char| c.is_ascii_digit();
        let mut rest = Some(value);
        let Field::Text(address) = field(&mut rest, is_address) else {
            return None;
        };
        // what is no prefix length may be a gateway
        field(&mut rest, is_digit);
        let gateway = field(&mut rest, is_address);
        let metric = match route {
            true => field(&mut rest, is_digit),
            false => Field::Absent,
        };
        let is_bad = matches!(gateway, Field::Bad) || matches!(metric, Field::Bad);
        let is_more = rest.is_some_and(|rest| !rest.is_empty());
        let gateway = match gateway {
            Field::Text(text) => Some(text.to_owned()),
            Field::Absent | Field::Bad => None,
        };
        (!is_bad && !is_more).then(|| Self {
            address: address.to_owned(),
            gateway,
        })
    }
}

enum Field<'v> {
    Text(&'v str),
    Absent,
    Bad,
}

/// Takes the next field, up to a delimiter; one with another character is left.
///
/// Source: `read_field()` in nm-keyfile.c.
fn field<'v>(rest: &mut Option<&'v str>, fits: impl Fn(char) -> bool) -> Field<'v> {
    let Some(text) = rest.filter(|text| !text.is_empty()) else {
        return Field::Absent;
    };
    let end = text.find(|c| !fits(c)).unwrap_or(text.len());
    let (field, behind) = text.split_at(end);
    *rest = match behind.chars().next() {
        None => None,
        Some('/' | ';' | ',') => Some(&behind[1..]),
        Some(_) => return Field::Bad,
    };
    Field::Text(field)
}
