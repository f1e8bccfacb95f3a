//! Trees for cases: a copy of a fixture host, changed by lines of setup.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};

/// Splits a line into words, as a shell does with `'…'`, `"…"` and `\`; in the latter, `\n`, `\r`, `\t` and `\e` are control characters.
pub(crate) fn words(tmp: &Path, line: &str) -> Vec<String> {
    let tmp = tmp.to_str().unwrap();
    let (mut words, mut word, mut quote) = (Vec::new(), None::<String>, None);
    let mut chars = line.chars();
    while let Some(c) = chars.next() {
        match (quote, c) {
            (None, ' ') => words.extend(word.take()),
            (None, '\'' | '"') => {
                quote = Some(c);
                word.get_or_insert_default();
            }
            // a quote within single quotes is spelled so
            (None, '\\') => word.get_or_insert_default().extend(chars.next()),
            (Some(q), c) if q == c => quote = None,
            (Some('"'), '\\') => word.get_or_insert_default().push(match chars.next() {
                Some('n') => '\n',
                Some('r') => '\r',
                Some('t') => '\t',
                Some('e') => '\u{1b}',
                Some(other) => other,
                None => panic!("a backslash at the end of `{line}`"),
            }),
            (_, c) => word.get_or_insert_default().push(c),
        }
    }
    assert!(quote.is_none(), "an open quote in `{line}`");
    words.extend(word);
    let place = |word: String| {
        word.replace("$ROOT", &format!("{tmp}/root"))
            .replace("$TMP", tmp)
    };
    words.into_iter().map(place).collect()
}

/// Changes the copy: paths are those beneath the root, or begin with `$TMP`.
pub(crate) fn change(tmp: &Path, line: &str) {
    let words = words(tmp, line);
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let path = |name: &str| {
        let path = match Path::new(name).starts_with(tmp) {
            true => PathBuf::from(name),
            false => tmp.join("root").join(name.trim_start_matches('/')),
        };
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        path
    };
    match words.as_slice() {
        ["write", name, text] => {
            fs::write(path(name), text).unwrap();
            if name.contains("/system-connections/") {
                // as NetworkManager asks for it
                let mode = fs::Permissions::from_mode(0o600);
                fs::set_permissions(path(name), mode).unwrap();
            }
        }
        ["append", name, text] => {
            let old = fs::read(path(name)).unwrap();
            fs::write(path(name), [&old, text.as_bytes()].concat()).unwrap();
        }
        ["bytes", name, hex] => {
            let byte = |n: usize| u8::from_str_radix(&hex[n..n + 2], 16).unwrap();
            let bytes: Vec<u8> = (0..hex.len()).step_by(2).map(byte).collect();
            fs::write(path(name), bytes).unwrap();
        }
        ["large", name, mebibytes] => {
            let size = mebibytes.parse::<u64>().unwrap() << 20;
            fs::File::create(path(name)).unwrap().set_len(size).unwrap();
        }
        ["link", name, target] => symlink(target, path(name)).unwrap(),
        ["folder", name] => fs::create_dir(path(name)).unwrap(),
        ["copy", from, to] => drop(fs::copy(path(from), path(to)).unwrap()),
        ["replace", name, old, new] => {
            let text = fs::read_to_string(path(name)).unwrap();
            assert!(text.contains(old), "no `{old}` in {name}");
            fs::write(path(name), text.replace(old, new)).unwrap();
        }
        ["move", from, to] => fs::rename(path(from), path(to)).unwrap(),
        ["remove", name] if path(name).is_dir() => fs::remove_dir_all(path(name)).unwrap(),
        ["remove", name] => fs::remove_file(path(name)).unwrap(),
        ["chmod", mode, name] => {
            let mode = fs::Permissions::from_mode(u32::from_str_radix(mode, 8).unwrap());
            fs::set_permissions(path(name), mode).unwrap();
        }
        ["mkfifo", name] => {
            use rustix::fs::{CWD, FileType, Mode, mknodat};
            mknodat(CWD, path(name), FileType::Fifo, Mode::RUSR, 0).unwrap();
        }
        _ => panic!("no setup: {words:?}"),
    }
}
