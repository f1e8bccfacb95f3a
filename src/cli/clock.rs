//! Time as the user of the tree has it: the zone is that of the root, not of the machine that runs kvmnet.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::root::Root;
use crate::tree::HostPath;

/// Returns the present, in seconds since 1970 (UTC).
pub(super) fn now() -> i64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    since
        .ok()
        .and_then(|since| i64::try_from(since.as_secs()).ok())
        .unwrap_or(0)
}

/// Returns the time zone of the tree: /etc/localtime, else UTC; the variable TZ goes before, as tzset(3) has it.
pub(super) fn zone(root: &Root) -> TimeZone {
    let wish = std::env::var("TZ")
        .ok()
        .map(|wish| wish.trim_start_matches(':').to_owned());
    let from_wish = wish.as_deref().and_then(|wish| match wish {
        "" | "UTC" => Some(TimeZone::UTC),
        name => named(root, &format!("/usr/share/zoneinfo/{name}"))
            .or_else(|| TimeZone::posix(name).ok()),
    });
    from_wish
        .or_else(|| named(root, "/etc/localtime"))
        .unwrap_or(TimeZone::UTC)
}

fn named(root: &Root, path: &str) -> Option<TimeZone> {
    let bytes = root.read_file(&HostPath::parse(path).ok()?).ok()??;
    TimeZone::tzif("Local", &bytes).ok()
}

/// Returns the time as `2026-11-23 18:42`.
pub(super) fn local(seconds: i64, zone: &TimeZone) -> String {
    written(seconds, zone, "%Y-%m-%d %H:%M")
}

/// Returns the time as `2026-11-23 18:42 +01:00`, for who may be elsewhere.
pub(super) fn local_with_zone(seconds: i64, zone: &TimeZone) -> String {
    written(seconds, zone, "%Y-%m-%d %H:%M %:z")
}

fn written(seconds: i64, zone: &TimeZone, format: &str) -> String {
    match Timestamp::from_second(seconds) {
        Ok(time) => time
            .to_zoned_datetime(zone.clone())
            .strftime(format)
            .to_string(),
        Err(_) => seconds.to_string(),
    }
}
