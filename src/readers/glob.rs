//! Patterns of names: `*`, `?`, and where the program has them, sets in brackets, fnmatch(3).

/// The longest pattern that is looked at, in bytes: `PATH_MAX`.
const LONGEST: usize = 4096;

/// Returns whether `name` fits `pattern`, as fnmatch(3) says.
pub(super) fn fits(pattern: &str, name: &str) -> bool {
    matches(pattern, name, true)
}

/// Returns whether `name` fits `pattern`, in which brackets are letters like others.
pub(super) fn fits_stars(pattern: &str, name: &str) -> bool {
    matches(pattern, name, false)
}

fn matches(pattern: &str, name: &str, sets: bool) -> bool {
    if pattern.len() > LONGEST {
        return false;
    }
    let (pattern, name): (Vec<char>, Vec<char>) =
        (pattern.chars().collect(), name.chars().collect());
    // where to go on when it does not fit: behind the last star, one letter further
    let (mut p, mut n, mut again) = (0, 0, None);
    while n < name.len() {
        match pattern.get(p) {
            Some('*') => {
                again = Some((p + 1, n));
                p += 1;
                continue;
            }
            Some('?') => {
                (p, n) = (p + 1, n + 1);
                continue;
            }
            Some('[') if sets => {
                if let Some((fits, next)) = set(&pattern, p, name[n])
                    && fits
                {
                    (p, n) = (next, n + 1);
                    continue;
                }
            }
            Some(letter) if *letter == name[n] => {
                (p, n) = (p + 1, n + 1);
                continue;
            }
            Some(_) | None => {}
        }
        let Some((star, from)) = again else {
            return false;
        };
        again = Some((star, from + 1));
        (p, n) = (star, from + 1);
    }
    pattern[p..].iter().all(|letter| *letter == '*')
}

/// Returns whether the letter is in the set that begins at `at`, and where the pattern goes on; nothing without an end.
fn set(pattern: &[char], at: usize, letter: char) -> Option<(bool, usize)> {
    let not = matches!(pattern.get(at + 1), Some('!' | '^'));
    let first = at + 1 + usize::from(not);
    // a bracket that comes first is one of the letters
    let end = first + 1 + pattern.get(first + 1..)?.iter().position(|c| *c == ']')?;
    let (letters, mut found, mut index) = (&pattern[first..end], false, 0);
    while index < letters.len() {
        let last = match letters.get(index + 1..index + 3) {
            Some(['-', last]) => *last,
            Some(_) | None => letters[index],
        };
        found |= (letters[index]..=last).contains(&letter);
        index += if last == letters[index] { 1 } else { 3 };
    }
    Some((found != not, end + 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fits_as_fnmatch_says() {
        for (pattern, name) in [
            ("*", ""),
            ("en*", "ens33"),
            ("*s33", "ens33"),
            ("e?s*3", "ens33"),
            ("eth[0-3]", "eth2"),
            ("eth[!0]", "eth2"),
            ("eth[ab2]", "eth2"),
            ("[]e]th0", "eth0"),
            ("a*b*c", "aXbXbc"),
            ("ens33", "ens33"),
        ] {
            assert!(fits(pattern, name), "{pattern} {name}");
        }
        for (pattern, name) in [
            ("", "e"),
            ("en", "ens33"),
            ("eth[0-3]", "eth4"),
            ("eth[0-3", "eth2"),
            ("e?", "e"),
            ("*a", "ens33"),
            ("a*b*c", "aXbXb"),
        ] {
            assert!(!fits(pattern, name), "{pattern} {name}");
        }
    }
}
