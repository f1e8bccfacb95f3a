//! What is refused before the engine parses it: an override lies in a tree that others may have made.
//!
//! A tag may be nothing but what these templates need: a variable, `if`, `unless`, `each`, `else`, a comment. Of what is left
//! the engine's grammar parses any in one go.

use crate::doc::character_at;

/// Blocks in blocks; `else if` opens one, too.
const DEEPEST: usize = 32;
/// The longest tag, in bytes; comments may be longer.
const LONGEST_TAG: usize = 256;
/// As many backslashes may follow one another: the engine looks at the rest of them at each.
const MOST_BACKSLASHES: usize = 32;
/// The longest text, in bytes: the longest template of ours is a fiftieth.
const LONGEST: usize = 64 << 10;
/// The helpers of blocks.
const BLOCKS: &[&str] = &["each", "if", "unless"];

/// Returns why a text is not given to the engine.
pub(super) fn refusal(text: &str) -> Option<String> {
    if text.len() > LONGEST {
        return Some(format!("it is longer than {} KiB", LONGEST >> 10));
    }
    let wrong = |at: usize, why: String| {
        let line = text[..at].matches('\n').count() + 1;
        Some(format!("line {line}: {why}"))
    };
    if let Some(at) = text.find(&"\\".repeat(MOST_BACKSLASHES + 1)) {
        return wrong(
            at,
            format!("more than {MOST_BACKSLASHES} backslashes in a row"),
        );
    }
    // of each open block, how many it counts for
    let (mut open, mut depth, mut at): (Vec<usize>, usize, usize) = (Vec::new(), 0, 0);
    while let Some(found) = text[at..].find("{{") {
        let start = at + found;
        if text[..start].ends_with('\\') {
            return wrong(start, "`\\{{` is not known".to_owned());
        }
        let inside = &text[start + 2..];
        let (tag, length) = match end_of(inside) {
            Ok(found) => found,
            Err(why) => return wrong(start, why),
        };
        at = start + 2 + length;
        match tag.map(Tag::of) {
            // a comment
            None => {}
            Some(Some(Tag::Variable)) => {}
            Some(Some(Tag::Open)) => {
                open.push(1);
                depth += 1;
            }
            Some(Some(Tag::Chain)) => {
                if let Some(last) = open.last_mut() {
                    *last += 1;
                    depth += 1;
                }
            }
            Some(Some(Tag::Close)) => depth -= open.pop().unwrap_or(0).min(depth),
            Some(None) => {
                let tag: String = inside.chars().take(24).take_while(|c| *c != '}').collect();
                let known = "templates have variables, `if`, `unless`, `each`, `else` and comments";
                return wrong(start, format!("`{{{{{tag}` is not known: {known}"));
            }
        }
        if depth > DEEPEST {
            return wrong(start, format!("blocks are nested deeper than {DEEPEST}"));
        }
    }
    None
}

/// Returns what is in a tag, `None` for a comment, and how long it is with its end.
fn end_of(inside: &str) -> Result<(Option<&str>, usize), String> {
    if inside.starts_with('!') {
        let end = if inside.starts_with("!--") {
            "--}}"
        } else {
            "}}"
        };
        // `{{!--}}` is begun, and not ended
        let from = if end.len() > 2 { 3 } else { 1 };
        let found = inside[from..].find(end);
        let found = found.ok_or_else(|| format!("a comment without `{end}`"))?;
        return Ok((None, from + found + end.len()));
    }
    let near = &inside[..character_at(inside, LONGEST_TAG)];
    let Some(found) = near.find("}}") else {
        return Err(format!(
            "a tag that does not end within {LONGEST_TAG} bytes"
        ));
    };
    let triple = inside[found..].starts_with("}}}");
    Ok((Some(&inside[..found]), found + 2 + usize::from(triple)))
}

/// What a tag does.
enum Tag {
    /// Puts a value there.
    Variable,
    /// Begins a block.
    Open,
    /// Goes on with a block on another condition.
    Chain,
    /// Ends a block, or begins its last part.
    Close,
}

impl Tag {
    /// Returns what a tag with this text between its braces does; `None` is not known.
    fn of(text: &str) -> Option<Self> {
        let text = text.strip_prefix('~').unwrap_or(text);
        let text = text.strip_suffix('~').unwrap_or(text);
        if let Some(raw) = text.strip_prefix('{') {
            let raw = raw.strip_suffix('}').unwrap_or(raw);
            let raw = raw.strip_prefix('~').unwrap_or(raw);
            return is_path(raw.trim()).then_some(Self::Variable);
        }
        let text = text.trim();
        if let Some(block) = text.strip_prefix('#') {
            return is_block(block).then_some(Self::Open);
        }
        if let Some(name) = text.strip_prefix('/') {
            return BLOCKS.contains(&name.trim()).then_some(Self::Close);
        }
        let chain = text.strip_prefix('^').or_else(|| text.strip_prefix("else"));
        match chain.map(str::trim) {
            Some("") => Some(Self::Variable),
            Some(block) if is_block(block) => Some(Self::Chain),
            Some(_) | None => is_path(text).then_some(Self::Variable),
        }
    }
}

/// Returns whether `text` begins a block: a helper, what it looks at, and what it may be given beside.
fn is_block(text: &str) -> bool {
    let mut words = text.split_ascii_whitespace();
    let (Some(helper), Some(path)) = (words.next(), words.next()) else {
        return false;
    };
    let rest: Vec<&str> = words.collect();
    let beside = match (helper, rest.as_slice()) {
        (_, []) => true,
        ("if" | "unless", [option]) => matches!(*option, "includeZero=true" | "includeZero=false"),
        ("each", ["as", names @ ..]) => {
            let names = names.join(" ");
            let names = names.strip_prefix('|').and_then(|n| n.strip_suffix('|'));
            let names: Vec<&str> = names.unwrap_or("").split_ascii_whitespace().collect();
            matches!(names.len(), 1 | 2) && names.iter().all(|name| is_name(name))
        }
        _ => false,
    };
    BLOCKS.contains(&helper) && is_path(path) && beside
}

fn is_name(text: &str) -> bool {
    let known = |byte: u8| byte.is_ascii_alphanumeric() || b"_-".contains(&byte);
    !text.is_empty() && text.bytes().all(known)
}

/// Returns whether `text` names a value: `name`, `this.name`, `../name`, `@index`, `@root.name`.
fn is_path(text: &str) -> bool {
    let known = |byte: u8| byte.is_ascii_alphanumeric() || b"_-./@".contains(&byte);
    !text.is_empty() && text.bytes().all(known)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_nests_deeply_is_not_parsed() {
        let nested = |n: usize| "{{#if name}}".repeat(n) + "x" + &"{{/if}}".repeat(n);
        assert_eq!(refusal(&nested(DEEPEST)), None);
        assert_eq!(refusal(&nested(1).repeat(1000)), None);
        for chain in ["else if a", "else\tif a", "^if a", "~else  if a ~"] {
            let chain = format!("{{{{{chain}}}}}").repeat(40);
            let text = format!("{{{{#if a}}}}{chain}{{{{/if}}}}");
            let why = refusal(&text).unwrap();
            assert!(why.contains("deeper"), "{text}: {why}");
        }
        for bad in [
            nested(DEEPEST + 1),
            nested(3000),
            nested(40).replace("{{#", "{{~# "),
        ] {
            assert!(refusal(&bad).unwrap().contains("deeper"), "{}", &bad[..60]);
        }
    }

    #[test]
    fn what_templates_need_is_known() {
        for good in [
            "a\\b {{name}} {{{name}}} {{~ name ~}} {{~{name}~}} {{{~name~}}} }} { }",
            "{{this}} {{this.name}} {{../name}} {{@root.name}} {{@index}} {{./name}}",
            "{{#if name}}a{{else}}b{{/if}}{{#unless name}}a{{^}}b{{/unless}}",
            "{{#if a includeZero=true}}a{{else if b}}b{{ else }}c{{/if}}{{^}}",
            "{{#each a}}{{/each}}{{#each a as |b|}}{{/each}}{{#each a as | b c |}}{{/each}}",
            "{{!-- a }} {{ --}}{{! a }}{{!}}{{!----}}{{elsewhere}}{{else-if}}",
        ] {
            assert_eq!(refusal(good), None, "{good}");
        }
        for template in crate::template::TEMPLATES {
            assert_eq!(refusal(template.text), None, "{}", template.name);
        }
    }

    /// Each of these takes the engine long, or means something else to it than it seems to.
    #[test]
    fn anything_else_is_not() {
        let many = |part: &str| part.repeat(LONGEST / part.len());
        for bad in [
            "x".repeat(LONGEST + 1),
            many("\\"),
            many("{{!-- }}"),
            many("{{! "),
            many("{{"),
            format!("{{{{#if {}}}}}", many("a ")),
            format!("{{{{{}}}}}", "a/".repeat(LONGEST_TAG)),
            format!("{{{{{}{}}}}}", "(a ".repeat(20), ")".repeat(20)),
            format!("{{{{#if {}1{}}}}}", "[".repeat(20), "]".repeat(20)),
            format!("{{{{{{{{if {}1{}}}}}}}}}", "(a ".repeat(20), ")".repeat(20)),
        ] {
            assert!(refusal(&bad).is_some(), "{}", &bad[..bad.len().min(60)]);
        }
        for bad in [
            "{{> x}}",
            "{{~>x}}",
            "{{&x}}",
            "{{#> x}}{{/x}}",
            "{{# >x}}{{/x}}",
            "{{#*inline \"x\"}}{{/inline}}",
            "{{*x}}",
            "{{{{raw}}}}{{{{/raw}}}}",
            "\\{{name}}",
            "\\\\{{name}}",
            "{{!-- a }}",
            "{{!--}}",
            "{{!-}",
            "{{~! a }}",
            "{{'}}'}}",
            "{{\"a\"}}",
            "{{[a}}b]}}",
            "{{a b}}",
            "{{a b=1}}",
            "{{}}",
            "{{#if}}{{/if}}",
            "{{#if (a)}}{{/if}}",
            "{{#if 'a'}}{{/if}}",
            "{{#if a b}}{{/if}}",
            "{{#if a includeZero=(b)}}{{/if}}",
            "{{#each a as |b c d|}}{{/each}}",
            "{{#each a as b}}{{/each}}",
            "{{#with a}}{{/with}}",
            "{{^a}}{{/a}}",
            "{{#a}}{{/a}}",
            "{{else with a}}",
            "{{name",
        ] {
            assert!(refusal(bad).is_some(), "{bad}");
        }
    }
}
