//! The directives of systemd 219, which RHEL 7 has: a newer systemd takes a unit that this one would not understand.

/// Those that units of kvmnet may have, by section: systemd v219, src/core/load-fragment-gperf.gperf.m4.
const KNOWN: &[(&str, &[&str])] = &[
    (
        "Unit",
        &[
            "Description",
            "Documentation",
            "Requires",
            "Wants",
            "BindsTo",
            "PartOf",
            "Conflicts",
            "Before",
            "After",
            "OnFailure",
            "RequiresMountsFor",
            "DefaultDependencies",
            "RefuseManualStart",
            "ConditionPathExists",
            "ConditionPathIsReadWrite",
            "ConditionDirectoryNotEmpty",
            "ConditionFileNotEmpty",
            "ConditionFileIsExecutable",
        ],
    ),
    (
        "Service",
        &[
            "Type",
            "RemainAfterExit",
            "ExecStartPre",
            "ExecStart",
            "ExecStartPost",
            "ExecStop",
            "TimeoutStartSec",
            "TimeoutStopSec",
            "TimeoutSec",
            "Restart",
            "RestartSec",
            "SuccessExitStatus",
            "StandardOutput",
            "StandardError",
            "SyslogIdentifier",
            "Environment",
            "KillMode",
            "UMask",
        ],
    ),
    (
        "Timer",
        &[
            "OnActiveSec",
            "OnBootSec",
            "OnStartupSec",
            "OnUnitActiveSec",
            "OnUnitInactiveSec",
            "OnCalendar",
            "AccuracySec",
            "Persistent",
            "WakeSystem",
            "Unit",
        ],
    ),
    ("Install", &["WantedBy", "RequiredBy", "Also", "Alias"]),
];

/// Values of some directives that it knows: systemd.service(5), systemd.exec(5) and systemd.kill(5) of that version.
const VALUES: &[(&str, &[&str])] = &[
    (
        "Type",
        &["simple", "forking", "oneshot", "dbus", "notify", "idle"],
    ),
    ("StandardOutput", &["journal", "journal+console", "null"]),
    ("StandardError", &["inherit", "journal", "journal+console"]),
    ("KillMode", &["control-group", "mixed", "process", "none"]),
];

/// Returns the lines of a unit that systemd 219 does not know.
pub(crate) fn unknown(unit: &str) -> Vec<String> {
    let mut section = "";
    let mut unknown = Vec::new();
    for line in unit.lines().filter(|line| !line.starts_with(['#', ';'])) {
        if let Some(name) = line.strip_prefix('[') {
            section = name.trim_end_matches(']');
            continue;
        }
        let (key, value) = line.split_once('=').unwrap_or((line, ""));
        let of = |table: &[(&'static str, &'static [&'static str])], name: &str| {
            let row = table.iter().find(|(known, _)| *known == name);
            row.map(|(_, all)| *all)
        };
        let known = of(KNOWN, section).is_some_and(|keys| keys.contains(&key));
        let valued = of(VALUES, key).is_none_or(|values| values.contains(&value));
        if !(line.is_empty() || known && valued) {
            unknown.push(line.to_owned());
        }
    }
    unknown
}

#[test]
fn newer_directives_are_told_from_older_ones() {
    let unit = "# x\n[Unit]\nAfter=a\nStartLimitBurst=1\n\n[Service]\nType=exec\nExecCondition=/bin/true\n\
                StandardOutput=append:/x\nType=oneshot\n[Timer]\nRemainAfterElapse=no\nOnActiveSec=1\nExecStart=x\n";
    assert_eq!(
        unknown(unit),
        [
            "StartLimitBurst=1",
            "Type=exec",
            "ExecCondition=/bin/true",
            "StandardOutput=append:/x",
            "RemainAfterElapse=no",
            "ExecStart=x"
        ]
    );
}
