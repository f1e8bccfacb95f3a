//! Which machine the tree belongs to: commands that are printed act on that one, or on none.
//!
//! Messages are written as for the machine in use; where they are printed, [`Site::typed`] makes the commands in them those
//! that are typed here.

use std::borrow::Cow;

use camino::Utf8Path;

use super::command_line::quoted;
use super::commands;

/// Which machine the tree belongs to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Site {
    /// The root as a word of a shell, absolute, without a `/` at its end; nothing for the machine in use.
    root: Option<String>,
    /// The path of the running program, where services and sudo would not find it by its name.
    program: Option<String>,
}

/// How the program is called where it is found by its name.
const NAME: &str = "kvmnet";

/// Where systemd and sudo look for programs: systemd.exec(5), `secure_path` of sudoers(5).
const SEARCHED: &[&str] = &[
    "/usr/local/sbin",
    "/usr/local/bin",
    "/usr/sbin",
    "/usr/bin",
    "/sbin",
    "/bin",
];

impl Site {
    /// Returns the site of a root as the user named it.
    pub(super) fn of(root: &Utf8Path) -> Self {
        let is_here = root
            .canonicalize_utf8()
            .is_ok_and(|path| path.as_str() == "/");
        if is_here {
            return Self {
                root: None,
                program: program(),
            };
        }
        let path = std::path::absolute(root).unwrap_or_else(|_| root.into());
        let path = path.to_string_lossy();
        let path = path.trim_end_matches('/');
        Self {
            root: Some(quoted(&[path.to_owned()])),
            // there it is wherever they put it
            program: None,
        }
    }

    /// Returns the root, if it is not that of the machine in use.
    pub(super) fn root(&self) -> Option<&str> {
        self.root.as_deref()
    }

    /// Returns how `subject` is named in a headline: with the root, if that is not the machine's own.
    pub(super) fn named(&self, subject: &str) -> String {
        match &self.root {
            Some(root) => format!("{subject}, under {root}"),
            None => subject.to_owned(),
        }
    }

    /// Returns how this program is called in a command that services or sudo run, so that they find it.
    pub(super) fn program(&self) -> &str {
        self.program.as_deref().unwrap_or(NAME)
    }

    /// Returns a message with its commands as they are typed here.
    pub(super) fn typed<'t>(&self, text: &'t str) -> Cow<'t, str> {
        let Some(root) = &self.root else {
            return Cow::Borrowed(text);
        };
        Cow::Owned(commands::for_root(text, root))
    }
}

/// Returns the path of the running program, if it lies where only its user looks.
fn program() -> Option<String> {
    let path = std::env::current_exe().ok()?;
    let path = camino::Utf8PathBuf::from_path_buf(path).ok()?;
    let found = SEARCHED
        .iter()
        .any(|folder| path.parent() == Some(Utf8Path::new(folder)));
    // one that was replaced meanwhile has no path any more (proc_pid_exe(5))
    (!found && !path.as_str().ends_with(" (deleted)")).then(|| path.into_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn elsewhere() -> Site {
        Site {
            root: Some("/mnt".to_owned()),
            program: None,
        }
    }

    #[test]
    fn commands_get_the_root() {
        for (text, typed) in [
            ("kvmnet recover", "kvmnet --root /mnt recover"),
            (
                "see which there are: kvmnet history",
                "see which there are: kvmnet --root /mnt history",
            ),
            ("kvmnet 0.1 made it", "kvmnet 0.1 made it"),
            ("/etc/kvmnet bridge", "/etc/kvmnet bridge"),
            (
                "correct it, or take it away: rm /etc/libvirt/qemu/b.xml",
                "correct it, or take it away: rm /mnt/etc/libvirt/qemu/b.xml",
            ),
            (
                "chown root /etc/a; chmod 600 /etc/a; nmcli connection reload",
                "chown root /mnt/etc/a; chmod 600 /mnt/etc/a",
            ),
            (
                "correct this, then: nmcli connection reload",
                "correct this",
            ),
            (
                "if it is yours: chown -hR 0 /var/lib/kvmnet && chmod -R go-w /var/lib/kvmnet",
                "if it is yours: chown -hR 0 /mnt/var/lib/kvmnet && chmod -R go-w /mnt/var/lib/kvmnet",
            ),
            ("mv /etc/a.old /root/", "mv /mnt/etc/a.old /mnt/root/"),
            ("touch /mnt/.autorelabel", "touch /mnt/.autorelabel"),
            (
                "`/etc/a` is as long as /etc/b",
                "`/etc/a` is as long as /etc/b",
            ),
        ] {
            assert_eq!(elsewhere().typed(text), typed);
            assert_eq!(Site::default().typed(text), text);
        }
    }

    #[test]
    fn the_machine_in_use_has_no_other_root() {
        for root in ["/", "//", "/.", "/tmp/.."] {
            let site = Site::of(Utf8Path::new(root));
            assert_eq!(site.root, None, "{root}");
            // tests lie outside of where services look
            assert!(site.program().starts_with('/'), "{}", site.program());
        }
        let root = |name: &str| Site::of(Utf8Path::new(name)).root;
        assert_eq!(Site::of(Utf8Path::new("/mnt")).program(), "kvmnet");
        assert_eq!(root("/mnt/"), Some("/mnt".to_owned()));
        assert_eq!(root("/a b"), Some("\"/a b\"".to_owned()));
        assert!(root("x").unwrap().starts_with('/'));
    }
}
