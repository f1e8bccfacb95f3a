//! Which names a file uses, and in which file each of them is: from its `use` lines and from the paths in its code.

use std::collections::BTreeMap;

/// A module by its parts from the top of the crate, which has none.
pub(super) type Module = Vec<String>;

/// A file, taken apart.
pub(super) struct Unit {
    pub(super) module: Module,
    /// What `use` brings into it, by the name that it has there; `*` of others as a list.
    brought: BTreeMap<String, Module>,
    all_of: Vec<Module>,
    /// Every path that the code names, those of `use` among them.
    pub(super) paths: Vec<Module>,
}

impl Unit {
    /// Takes the text of a module apart.
    pub(super) fn of(module: &Module, text: &str) -> Self {
        let mut unit = Self {
            module: module.clone(),
            brought: BTreeMap::new(),
            all_of: Vec::new(),
            paths: Vec::new(),
        };
        let tokens = tokens(text);
        let mut at = 0;
        while at < tokens.len() {
            let starts = at == 0 || !matches!(tokens[at - 1].as_str(), "." | "::");
            if tokens[at] == "use" && tokens.get(at + 1).is_some_and(|next| next != "<") {
                at = unit.bring(&tokens, at + 1, &[]);
            } else if is_word(&tokens[at]) && starts {
                let mut path = vec![tokens[at].clone()];
                while tokens.get(at + 1).is_some_and(|token| token == "::")
                    && tokens.get(at + 2).is_some_and(|token| is_word(token))
                {
                    path.push(tokens[at + 2].clone());
                    at += 2;
                }
                if path.len() > 1 {
                    unit.paths.push(path);
                }
                at += 1;
            } else {
                at += 1;
            }
        }
        unit
    }

    /// Takes in one branch of a `use` and returns where it ends.
    fn bring(&mut self, tokens: &[String], mut at: usize, before: &[String]) -> usize {
        let mut path = before.to_vec();
        while let Some(token) = tokens.get(at) {
            match token.as_str() {
                "{" => {
                    at += 1;
                    while tokens.get(at).is_some_and(|token| token != "}") {
                        at = self.bring(tokens, at, &path);
                        at += usize::from(tokens.get(at).is_some_and(|token| token == ","));
                    }
                    return at + 1;
                }
                "*" => {
                    self.all_of.push(path);
                    return at + 1;
                }
                "as" => {
                    let name = tokens.get(at + 1).cloned().unwrap_or_default();
                    self.paths.push(path.clone());
                    self.brought.insert(name, path);
                    return at + 2;
                }
                "::" => {}
                // the last word of `use a::{self, b}` says a
                "self" if !path.is_empty() => {}
                word if is_word(word) => path.push(word.to_owned()),
                _ => break,
            }
            at += 1;
        }
        if let Some(name) = path.last().cloned() {
            self.paths.push(path.clone());
            self.brought.insert(name, path);
        }
        at
    }
}

fn is_word(token: &str) -> bool {
    token.starts_with(|c: char| c.is_alphabetic() || c == '_')
}

/// Returns the words and signs of code, without comments, strings and letters in quotes.
fn tokens(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let length = if rest.starts_with("//") {
            rest.find('\n').unwrap_or(rest.len())
        } else if let Some(length) = quoted(rest) {
            length
        } else if is_word(rest) {
            let end = |c: char| !c.is_alphanumeric() && c != '_';
            let length = rest.find(end).unwrap_or(rest.len());
            found.push(rest[..length].to_owned());
            length
        } else {
            let length = if rest.starts_with("::") {
                2
            } else {
                first.len_utf8()
            };
            if !first.is_whitespace() {
                found.push(rest[..length].to_owned());
            }
            length
        };
        rest = &rest[length..];
    }
    found
}

/// Returns the length of the string or letter in quotes with which `text` begins.
fn quoted(text: &str) -> Option<usize> {
    let plain = text.strip_prefix('b').unwrap_or(text);
    let prefix = text.len() - plain.len();
    if let Some(raw) = plain.strip_prefix('r') {
        let hashes = raw.len() - raw.trim_start_matches('#').len();
        let end = format!("\"{}", &raw[..hashes]);
        let inner = raw[hashes..].strip_prefix('"')?;
        let length = inner.find(&end).unwrap_or(inner.len());
        return Some(prefix + 1 + hashes + 1 + length + end.len());
    }
    let quote = plain.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    let mut escaped = false;
    for (at, c) in plain.char_indices().skip(1) {
        match c {
            '\\' if !escaped => escaped = true,
            c if c == quote && !escaped => return Some(prefix + at + 1),
            // not a letter: a lifetime
            c if quote == '\''
                && !escaped
                && at > 1
                && !plain[1..].starts_with('\\')
                && c != '\'' =>
            {
                return None;
            }
            _ => escaped = false,
        }
    }
    None
}

/// Returns the file in which `path`, as `from` writes it, ends, and the name there; nothing for what is of another crate.
pub(super) fn resolve(
    from: &Module,
    path: &[String],
    units: &BTreeMap<Module, Unit>,
    depth: usize,
) -> Option<(Module, String)> {
    if depth > 16 {
        return None; // a name that is handed on in a circle
    }
    let mut here = from.clone();
    let mut rest = path;
    while let Some((first, more)) = rest.split_first() {
        match first.as_str() {
            "crate" | "kvmnet" => here.clear(),
            "super" => drop(here.pop()),
            "self" => {}
            _ => break,
        }
        rest = more;
    }
    let anchored = rest.len() < path.len();
    while let Some((name, more)) = rest.split_first() {
        let inner = [&here[..], std::slice::from_ref(name)].concat();
        if units.contains_key(&inner) {
            (here, rest) = (inner, more);
            continue;
        }
        let unit = units.get(&here)?;
        if let Some(brought) = unit.brought.get(name) {
            let whole = [brought, more].concat();
            // what a `use` brings that begins with its own name is of another crate
            let own = brought.first() == Some(name) && brought.len() == 1;
            return (!own)
                .then(|| resolve(&here, &whole, units, depth + 1))
                .flatten();
        }
        let globs = unit.all_of.iter().find_map(|glob| {
            let whole = [glob, rest].concat();
            resolve(&here, &whole, units, depth + 1)
        });
        // the first name of a path that nothing brought is of another crate, or of the file itself
        return globs.or_else(|| (anchored || here != *from).then(|| (here, name.clone())));
    }
    let name = here.last().cloned().unwrap_or_default();
    Some((here, name))
}
