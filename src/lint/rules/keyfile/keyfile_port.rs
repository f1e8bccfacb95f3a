//! A port in a keyfile without its kind, or the kind without the controller.

use crate::lint::{Check, Finding, Rule, Severity, Sight};

pub(in crate::lint) static RULE: Rule = Rule {
    name: "keyfile-port",
    severity: Severity::Error,
    readers: &[],
    finds: "A keyfile that names a controller but not the kind of port, or the reverse.",
    why: "NetworkManager refuses the file: the interface has no profile.",
    example: "
[connection]
master=br0",
    remedy: "Add slave-type=bridge (port-type from NetworkManager 1.46 on).",
    source: "verify() in NetworkManager's nm-setting-connection.c (run)",
    check: Check::Files(check),
    fix: None,
};

fn check(sight: &Sight<'_>) -> Vec<Finding> {
    let profiles = sight.keyfiles.iter().filter(|keyfile| keyfile.is_profile());
    let wrong = profiles.filter_map(|keyfile| {
        let first = |keys: [&'static str; 2]| {
            keys.into_iter()
                .find(|key| keyfile.get("connection", key).is_some())
        };
        let controller = first(["controller", "master"]);
        let kind = first(["port-type", "slave-type"]);
        let (there, missing) = match (controller, kind) {
            (Some(there), None) => (there, "slave-type"),
            (None, Some(there)) => (there, "master"),
            (Some(_), Some(_)) | (None, None) => return None,
        };
        // the group of the port's settings says the kind too
        if keyfile
            .ini
            .sections()
            .flatten()
            .any(|section| section.ends_with("-port"))
        {
            return None;
        }
        let message = format!(
            "NetworkManager refuses `{}`: it has `{there}`, but no `{missing}`",
            keyfile.path.name()
        );
        Some(
            RULE.finding(keyfile.path.as_str(), message)
                .at(keyfile.place_of("connection", there))
                .help(format!("add {missing}= to [connection]")),
        )
    });
    wrong.collect()
}
