//! Which guest and which of its interfaces the words mean.

use super::Which;
use crate::host::Host;
use crate::host::guest::{Guest, GuestInterface};
use crate::op::{Refusal, absent, ensure_guest_understood};

/// Returns the one guest of this name.
pub(in crate::op) fn the_guest<'h>(host: &'h Host, name: &str) -> Result<&'h Guest, Refusal> {
    let found: Vec<&Guest> = host.guests().filter(|guest| guest.name == name).collect();
    match found.as_slice() {
        [guest] => Ok(guest),
        [] => {
            ensure_guest_understood(host, name)?;
            let refusal = Refusal::new(absent("guest", name));
            let file = format!("{name}.xml");
            let called = host.guests().find(|guest| guest.origin.name() == file);
            Err(match called {
                Some(guest) => refusal
                    .at(Some(&guest.origin), None)
                    .help(format!("that file defines the guest `{}`", guest.name)),
                None => refusal.help("list the guests: kvmnet show guests"),
            })
        }
        [first, second, ..] => {
            let message = format!(
                "the guest `{name}` is defined by two files: {} and {}",
                first.origin, second.origin
            );
            let spare = [first, second]
                .into_iter()
                .find(|guest| guest.origin.name() != format!("{name}.xml"));
            let spare = &spare.unwrap_or(second).origin;
            Err(Refusal::new(message).at(Some(spare), None).help(format!(
                "libvirt uses the one that it reads last; keep one, for example: mv {0} {0}.old",
                spare.word()
            )))
        }
    }
}

/// Returns the place of an interface in its guest.
pub(super) fn the_interface(guest: &Guest, which: &Which) -> Result<Option<usize>, Refusal> {
    let interfaces = &guest.interfaces;
    let refuse = |message: String| Refusal::new(message).at(Some(&guest.origin), None);
    let name = &guest.name;
    let listed = || {
        let one = |(index, interface): (usize, &GuestInterface)| {
            let mac = interface
                .mac
                .map(|mac| format!(" {mac}"))
                .unwrap_or_default();
            let source = &interface.source;
            let on = format!("{} {}", source.word(), source.name());
            format!("{}{mac} ({})", index + 1, on.trim_end())
        };
        let all: Vec<String> = interfaces.iter().enumerate().map(one).collect();
        all.join(", ")
    };
    match which {
        Which::New { .. } => Ok(None),
        Which::Mac(mac) => {
            let has = |interface: &GuestInterface| interface.mac == Some(*mac);
            match interfaces.iter().filter(|interface| has(interface)).count() {
                0 | 1 => Ok(interfaces.iter().position(has)),
                several => Err(refuse(format!(
                    "{several} interfaces of the guest `{name}` have the address {mac}"
                ))
                .help(format!("name one by its number: {}", listed()))),
            }
        }
        Which::Number(number) if (1..=interfaces.len()).contains(number) => Ok(Some(number - 1)),
        Which::Number(number) => Err(refuse(format!(
            "the guest `{name}` has no interface {number}"
        ))
        .help(match interfaces.is_empty() {
            true => "it has none; --new adds one".to_owned(),
            false => format!("name one by its number: {}", listed()),
        })),
        Which::Only if interfaces.len() == 1 => Ok(Some(0)),
        Which::Only if interfaces.is_empty() => {
            Err(refuse(format!("the guest `{name}` has no interface")).help("add one with --new"))
        }
        Which::Only => Err(refuse(format!(
            "the guest `{name}` has {} interfaces: which one?",
            interfaces.len()
        ))
        .help(format!("name it with --interface: {}", listed()))),
    }
}
