//! The XML declaration, `<?xml version='1.0' encoding='UTF-8'?>`, which the tokenizer hands on as it stands.

/// Returns the encoding that an XML declaration names, "" for none; `None` if it is malformed (XML 1.0, production 23).
pub(super) fn encoding(declared: &str) -> Option<&str> {
    let mut rest = declared;
    let version = pseudo_attribute(&mut rest, "version")?;
    let minor = version.strip_prefix("1.")?;
    let sound = !minor.is_empty() && minor.bytes().all(|byte| byte.is_ascii_digit());
    let encoding = pseudo_attribute(&mut rest, "encoding").unwrap_or("");
    let letter = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
    let named = encoding.is_empty()
        || encoding.starts_with(|c: char| c.is_ascii_alphabetic()) && encoding.chars().all(letter);
    let alone = pseudo_attribute(&mut rest, "standalone");
    let alone = alone.is_none_or(|value| matches!(value, "yes" | "no"));
    (sound && named && alone && rest.trim().is_empty()).then_some(encoding)
}

/// Takes ` name="value"` from the beginning of `rest`, if that is what it begins with.
fn pseudo_attribute<'d>(rest: &mut &'d str, name: &str) -> Option<&'d str> {
    let found = rest.trim_start();
    if found.len() == rest.len() {
        return None;
    }
    let value = found.strip_prefix(name)?.trim_start().strip_prefix('=')?;
    let value = value.trim_start();
    let quote = value.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    let (value, behind) = value[1..].split_once(quote)?;
    *rest = behind;
    Some(value)
}
