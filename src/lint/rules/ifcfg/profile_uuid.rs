//! A UUID that is none.

use uuid::Uuid;

use crate::lint::{Check, Finding, NM, Rule, Severity, Sight};

pub(in crate::lint) static RULE: Rule = Rule {
    name: "profile-uuid",
    severity: Severity::Error,
    readers: NM,
    finds: "A `UUID` in an ifcfg file that is not a valid UUID.",
    why: "NetworkManager refuses the whole file: the interface has no profile.",
    example: "
UUID=ens33",
    remedy: "Delete the line, or write a UUID (uuidgen).",
    source: "make_connection_setting() in NetworkManager's nms-ifcfg-rh-reader.c (run)",
    check: Check::Files(check),
    fix: None,
};

fn check(sight: &Sight<'_>) -> Vec<Finding> {
    let read = sight
        .profiles()
        .filter(|script| sight.readers.managed_by_nm(script.nm_controlled()));
    let wrong = read.filter_map(|script| {
        let text = script.value("UUID")?;
        let device = script.device();
        let message =
            format!("NetworkManager refuses the file of `{device}`: `{text}` is not a valid UUID");
        let finding = RULE.finding(format!("interface {device}"), message);
        // NetworkManager also takes 40 digits, as it once wrote them
        let old = text.len() == 40 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
        let known = Uuid::try_parse(text).is_ok() || old;
        (!known).then(|| {
            finding
                .at(script.place_of("UUID"))
                .help("delete the line, or: uuidgen")
        })
    });
    wrong.collect()
}
