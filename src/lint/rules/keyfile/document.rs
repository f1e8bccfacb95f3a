//! NetworkManager's keyfiles as rules see them: parsed by the ini crate, with the line of each entry.

use crate::readers::KEYFILES;
use crate::tree::{Attrs, Entry, HostPath, Tree};

use crate::lint::Place;

/// A file in the folder of keyfiles, whatever its name.
#[derive(Debug)]
pub struct Keyfile<'t> {
    /// The file.
    pub path: &'t HostPath,
    /// Its text.
    pub text: &'t str,
    /// Its entries.
    pub ini: ini::Ini,
    /// Mode and owner.
    pub attrs: Attrs,
}

impl Keyfile<'_> {
    /// Returns whether its name is one that NetworkManager gives to profiles.
    #[must_use]
    pub fn is_profile(&self) -> bool {
        let name = self.path.name();
        name.ends_with(".nmconnection") && !name.starts_with('.')
    }

    /// Returns whether NetworkManager trusts it: a file that is not its owner's alone is passed over.
    ///
    /// Source: `nm_utils_file_check_permissions()` of NetworkManager (run).
    #[must_use]
    pub fn is_trusted(&self, owner: u32) -> bool {
        self.attrs.mode & 0o077 == 0 && self.attrs.uid == owner
    }

    /// Returns the value of `key` in `section`, `None` where it is absent or empty.
    #[must_use]
    pub fn get(&self, section: &str, key: &str) -> Option<&str> {
        self.ini
            .get_from(Some(section), key)
            .filter(|value| !value.is_empty())
    }

    /// Returns the place of `key` in `section`: the last one, which holds; of the file where it is absent.
    #[must_use]
    pub fn place_of(&self, section: &str, key: &str) -> Place {
        let (mut here, mut found) = ("", None);
        for (line, number) in self.text.lines().zip(1..) {
            let line = line.trim();
            if let Some(name) = line.strip_prefix('[').and_then(|l| l.strip_suffix(']')) {
                here = name;
            } else if here == section && line.split('=').next().map(str::trim_end) == Some(key) {
                found = Some(Place::word(self.path, number, line));
            }
        }
        found.unwrap_or_else(|| Place::file(self.path))
    }
}

/// Returns the files in the folder of keyfiles that the ini crate can parse, sorted by path; links are followed.
pub(in crate::lint) fn all(tree: &Tree) -> Vec<Keyfile<'_>> {
    let names = tree.names(&HostPath::literal(KEYFILES));
    names
        .filter(|(_, path)| !matches!(tree.get(path), Some(Entry::Other(_))))
        .filter_map(|(_, path)| {
            let file = tree.file(path)?;
            let text = std::str::from_utf8(&file.bytes).ok()?;
            Some(Keyfile {
                path,
                text,
                ini: ini::Ini::load_from_str_noescape(text).ok()?,
                attrs: file.attrs,
            })
        })
        .collect()
}
