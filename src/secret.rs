//! Secrets in files: where they are, and text that is shown with them masked.
//!
//! Masking happens where something is shown, never where it is written: a plan holds the true bytes.
//! Sources: initscripts' sysconfig.txt (`KEY`, `keys-*`), nm-settings-ifcfg-rh(5), nm-settings-keyfile(5) (properties that
//! are secrets), libvirt's formatdomain page (`passwd=` of `<graphics>`).

mod boot;
mod changes;
mod keyfile;
mod shell;
mod spelling;
mod table;
mod text;
mod url;
mod xml;

use std::borrow::Cow;
use std::ops::Range;

pub use changes::masked;
use spelling::Spelling;

use crate::tree::HostPath;

/// What stands in the place of a secret.
const MASK: &str = "***";

/// Whether secrets are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Secrets {
    /// They are masked.
    Masked,
    /// They are shown.
    Shown,
}

/// Returns where the secrets in the file `path`, whose text (or a line of it) is `text`, are, in order.
#[must_use]
pub fn places(path: &HostPath, text: &str) -> Vec<Range<usize>> {
    let mut spans = match Spelling::of(path, text) {
        Spelling::Shell => shell::spans(text),
        Spelling::Keyfile => keyfile::spans(text),
        Spelling::Xml => xml::spans(text),
    };
    spans.extend(url::spans(text));
    spans.extend(boot::spans(path, text));
    in_order(spans)
}

fn in_order(mut spans: Vec<Range<usize>>) -> Vec<Range<usize>> {
    spans.retain(|span| !span.is_empty());
    spans.sort_by_key(|span| span.start);
    spans.dedup_by(|next, last| {
        let meets = next.start < last.end;
        if meets {
            last.end = last.end.max(next.end);
        }
        meets
    });
    spans
}

/// Returns `text` without what is at these places.
#[must_use]
pub fn without(text: &str, places: &[Range<usize>]) -> String {
    let (mut masked, mut done) = (String::with_capacity(text.len()), 0);
    for place in places {
        masked.push_str(&text[done..place.start]);
        masked.push_str(MASK);
        done = place.end;
    }
    masked + &text[done..]
}

/// Returns a line of the file `path` without secrets.
#[must_use]
pub fn line<'t>(path: &HostPath, text: &'t str) -> Cow<'t, str> {
    match places(path, text) {
        none if none.is_empty() => Cow::Borrowed(text),
        found => Cow::Owned(without(text, &found)),
    }
}

/// Returns the line `n` (counted from 0) of a text without secrets, which may have begun in a line before.
#[must_use]
pub fn nth_line(path: &HostPath, text: &str, n: usize) -> Option<String> {
    let line = text.lines().nth(n)?;
    let start = line.as_ptr() as usize - text.as_ptr() as usize;
    let whole = start..start + line.len();
    let clip = |at: usize| at.clamp(whole.start, whole.end) - start;
    let here: Vec<Range<usize>> = places(path, text)
        .into_iter()
        .filter(|secret| secret.start < whole.end && secret.end > whole.start)
        .map(|secret| clip(secret.start)..clip(secret.end))
        .collect();
    Some(without(line, &here).trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    const IFCFG: &str = "/etc/sysconfig/network-scripts/ifcfg-wlan0";

    fn shown(path: &'static str, text: &str) -> String {
        line(&HostPath::literal(path), text).into_owned()
    }

    #[test]
    fn values_are_masked_and_nothing_else() {
        let text = "KEY=s:abc # x\nKEY1='a\nb'\nexport WPA_PSK=\"x y\"\n#KEY=old\nKEY_MGMT=WPA-PSK\n\
            DEFAULTKEY=1\nif true; then IEEE_8021X_PASSWORD=p; fi\n";
        let expected = "KEY=*** # ***\nKEY1=***\nexport WPA_PSK=***\n#KEY=***\nKEY_MGMT=WPA-PSK\n\
            DEFAULTKEY=1\nif true; then IEEE_8021X_PASSWORD=***; fi\n";
        assert_eq!(shown(IFCFG, text), expected);
        let keyfile = "/etc/NetworkManager/system-connections/w.nmconnection";
        let text = "[wifi-security]\n# by hand\nkey-mgmt=wpa-psk\n# was old\npsk=abc\n";
        let expected = "[wifi-security]\n# by hand\nkey-mgmt=wpa-psk\n# ***\npsk=***\n";
        assert_eq!(shown(keyfile, text), expected);
        let text = "[wifi-security]\npsk=abc\nkey-mgmt=wpa-psk\npsk-flags=0\n#psk = old\n\
            # export WPA_PSK='a b'\n#KEY_MGMT=x\n[vpn-secrets]\nx=y\n[802-1x]\nprivate-key-password=z\n";
        let expected = "[wifi-security]\npsk=***\nkey-mgmt=wpa-psk\npsk-flags=0\n#psk =***\n\
            # export WPA_PSK=***\n#KEY_MGMT=x\n[vpn-secrets]\nx=***\n[802-1x]\nprivate-key-password=***\n";
        assert_eq!(shown(keyfile, text), expected);
        assert_eq!(
            shown(
                "/etc/libvirt/qemu/vm1.xml",
                "<graphics type='vnc' passwd=\"a'b\" passwdValidTo='2026'/>"
            ),
            "<graphics type='vnc' passwd=\"***\" passwdValidTo='2026'/>"
        );
        assert_eq!(
            shown(
                "/var/lib/kvmnet/backups/etc/libvirt/qemu/v.xml.old",
                "<a passwd='x"
            ),
            "<a passwd='***"
        );
        // behind a linked folder
        assert_eq!(shown("/srv/s/ifcfg-ens33", "KEY=1"), "KEY=***");
        assert_eq!(
            shown("/srv/s/x", "[vpn-secrets]\na=1\n"),
            "[vpn-secrets]\na=***\n"
        );
    }

    /// What a shell runs is seen, what is literal is not.
    #[test]
    fn what_is_run_is_shown() {
        for (text, expected) in [
            ("KEY=$(id >/pwned)\n", "KEY=$(id >/pwned)\n"),
            ("KEY=a$(id)b`x`c\n", "KEY=***$(id)***`x`***\n"),
            ("KEY=\"a $(id 'q') b\"; id\n", "KEY=***$(id 'q')***; id\n"),
            (
                "KEY+=abc\nKEY[0]=abc\nKEY1+='a b'\n",
                "KEY+=***\nKEY[0]=***\nKEY1+=***\n",
            ),
            (": ${KEY:=abc}\n", ": ${KEY:=***}\n"),
            ("${KEY:=abc} x\n", "${KEY:=abc} x\n"),
            (
                ": \"${WPA_PSK:-a$(id)b}\"\n",
                ": \"${WPA_PSK:-***$(id)***}\"\n",
            ),
            ("KEY=(a $(id) b)\nX=1\n", "KEY=(*** $(id) ***)\nX=1\n"),
            (
                "X=\"KEY=\"; id >/pwned; Y=\"\"\n",
                "X=\"KEY=\"; id >/pwned; Y=\"\"\n",
            ),
            ("X='KEY=';id;Y=''\n", "X='KEY=';id;Y=''\n"),
            (
                "echo \"KEY=abc\" 'WPA_PSK=abc'\n",
                "echo \"KEY=***\" 'WPA_PSK=***'\n",
            ),
            ("bash -c 'KEY=abc;id'\n", "bash -c 'KEY=***;id'\n"),
            (
                "cat <<E\nKEY=abc\n$(id)\nE\nid\n",
                "cat <<E\nKEY=***\n$(id)\nE\nid\n",
            ),
            ("bash <<E\nKEY=abc; id\nE\n", "bash <<E\nKEY=***; id\nE\n"),
            ("read KEY <<<abc; id\n", "read KEY <<<***; id\n"),
            (
                "read -r KEY <<E\nabc\nE\nid\n",
                "read -r KEY <<E\n***\nE\nid\n",
            ),
            ("printf -v KEY %s abc; id\n", "printf -v KEY *** ***; id\n"),
            (
                "# old: KEY=\"a\n# b\"\nX=1\n",
                "# old: KEY=***\n#***\nX=1\n",
            ),
            ("#export MKA_CAK=abc\n", "#export MKA_CAK=***\n"),
            ("KEY='a\nb'\nid\n", "KEY=***\nid\n"),
            ("KEY=a\\\nb\nid\n", "KEY=***\nid\n"),
            (
                "if x; then declare -x KEY=abc; id; fi\n",
                "if x; then declare -x KEY=***; id; fi\n",
            ),
            ("X=$(KEY=abc cmd)\n", "X=$(KEY=*** cmd)\n"),
            ("KEY=$X$((1+1))$'a\\'b'\n", "KEY=$X$((1+1))***\n"),
            (
                "KEY=a # was b; id\n# so it is\nX=1 # x\n",
                "KEY=*** # ***\n# so it is\nX=1 # x\n",
            ),
            ("KEY=<(id)\nKEY2=>(id) x\n", "KEY=<(id)\nKEY2=>(id) x\n"),
            (
                "IEEE_8021X_PASSWORD_FLAGS=user\nKEY_MGMT=x\n",
                "IEEE_8021X_PASSWORD_FLAGS=user\nKEY_MGMT=x\n",
            ),
        ] {
            assert_eq!(shown(IFCFG, text), expected, "{text}");
        }
    }

    #[test]
    fn markup_is_never_masked() {
        let vm = "/etc/libvirt/qemu/vm1.xml";
        for (text, expected) in [
            (
                "<n><!-- password=\" --><bridge zone='t'/><!-- \" --></n>",
                "<n><!-- password=\"***--><bridge zone='t'/><!-- \" --></n>",
            ),
            (
                "<n><password>a</password></n>",
                "<n><password>***</password></n>",
            ),
            ("<n><!-- passwd='a' --></n>", "<n><!-- passwd='***' --></n>"),
            ("<n a='password=\"'/><b/>", "<n a='password=\"***/><b/>"),
            ("  <graphics passwd='a'", "  <graphics passwd='***'"),
            ("password=\" --><bridge/>", "password=\"***--><bridge/>"),
        ] {
            assert_eq!(shown(vm, text), expected, "{text}");
        }
    }

    #[test]
    fn names_of_sites_and_passwords_of_urls_are_masked() {
        let text = "PASS=a\nDB_PASS=a\nexport SITE_TOKEN=a\nAPI_KEY=a\nDB_PWD=a\nPAC_URL=https://u:a@h/x\n\
            IPV6_TOKEN=::1\nBYPASS=1\nPWD=/\nX=http://h:80/a@b\nY=ssh://root@h\nZ=ftp://u:$(id)@h\n";
        let expected = "PASS=***\nDB_PASS=***\nexport SITE_TOKEN=***\nAPI_KEY=***\nDB_PWD=***\nPAC_URL=https://u:***@h/x\n\
            IPV6_TOKEN=::1\nBYPASS=1\nPWD=/\nX=http://h:80/a@b\nY=ssh://root@h\nZ=ftp://u:$(id)@h\n";
        assert_eq!(shown(IFCFG, text), expected);
        let keyfile = "/etc/NetworkManager/system-connections/w.nmconnection";
        let text = "[proxy]\npac-url=https://u:a@h/x\n[ipv6]\ntoken=::1\n[user]\nsite-token=a\n";
        let expected =
            "[proxy]\npac-url=https://u:***@h/x\n[ipv6]\ntoken=::1\n[user]\nsite-token=***\n";
        assert_eq!(shown(keyfile, text), expected);
    }

    /// Every row of the tables, in every spelling.
    #[test]
    fn every_known_secret_is_masked() {
        let keyfile = "/etc/NetworkManager/system-connections/w.nmconnection";
        for (section, keys) in table::KEYFILE {
            for key in *keys {
                for lead in ["", "#", "; "] {
                    let text = format!("[{section}]\n{lead}{key}=hunter2\n{key}-flags=1\n");
                    let shown = shown(keyfile, &text);
                    assert!(
                        !shown.contains("hunter2") && shown.contains("-flags=1"),
                        "{shown}"
                    );
                }
            }
        }
        for key in table::IFCFG {
            for text in [
                format!("{key}=hunter2\n"),
                format!("export {key}='hunter2'\n"),
                format!("{key}+=hunter2\n"),
                format!("{key}[3]=hunter2\n"),
                format!(": ${{{key}:=hunter2}}\n"),
                format!("# {key} = hunter2\n"),
                format!("cat <<'E' >/f\n{key}=\"hunter2\"\nE\n"),
                format!("eval \"{key}=hunter2\"\n"),
                format!("X=a; if b; then {key}=hunter2 c; fi\n"),
            ] {
                let shown = shown(IFCFG, &text);
                assert!(!shown.contains("hunter2"), "{text} {shown}");
            }
        }
    }
}
