//! YAML as a value with lines: enough to read names. Nothing is written.

use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_saphyr::Spanned;

/// A value; scalars are texts, whatever type YAML gives them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) enum Yaml {
    #[default]
    Null,
    Text(String),
    List(Vec<Self>),
    /// Keys with their lines, where those are known, in the order of the file.
    Map(Vec<(String, Option<u32>, Self)>),
}

impl Yaml {
    /// Returns the value of a text.
    ///
    /// # Errors
    /// What is wrong, with its line.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        serde_saphyr::from_str(text).map_err(|error| {
            let text = error.to_string();
            text.lines().next().unwrap_or_default().to_owned()
        })
    }

    /// Returns the value of a key of a map.
    pub(super) fn get(&self, key: &str) -> Option<&Self> {
        let (_, _, value) = self.map().iter().rfind(|(name, ..)| name == key)?;
        Some(value)
    }

    /// Returns the entries of a map; of anything else, none.
    pub(super) fn map(&self) -> &[(String, Option<u32>, Self)] {
        match self {
            Self::Map(entries) => entries,
            Self::Null | Self::Text(_) | Self::List(_) => &[],
        }
    }

    /// Returns the text of a scalar.
    pub(super) fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            Self::Null | Self::List(_) | Self::Map(_) => None,
        }
    }

    /// Returns the texts of a list.
    pub(super) fn texts(&self) -> Vec<String> {
        match self {
            Self::List(values) => values
                .iter()
                .filter_map(Self::text)
                .map(str::to_owned)
                .collect(),
            Self::Null | Self::Text(_) | Self::Map(_) => Vec::new(),
        }
    }
}

impl<'de> Deserialize<'de> for Yaml {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Any)
    }
}

struct Any;

impl<'de> Visitor<'de> for Any {
    type Value = Yaml;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any value")
    }

    fn visit_bool<E>(self, value: bool) -> Result<Yaml, E> {
        Ok(Yaml::Text(value.to_string()))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Yaml, E> {
        Ok(Yaml::Text(value.to_string()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Yaml, E> {
        Ok(Yaml::Text(value.to_string()))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Yaml, E> {
        Ok(Yaml::Text(value.to_string()))
    }

    fn visit_str<E>(self, value: &str) -> Result<Yaml, E> {
        Ok(Yaml::Text(value.to_owned()))
    }

    fn visit_unit<E>(self) -> Result<Yaml, E> {
        Ok(Yaml::Null)
    }

    fn visit_none<E>(self) -> Result<Yaml, E> {
        Ok(Yaml::Null)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Yaml, D::Error> {
        Yaml::deserialize(deserializer)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Yaml, A::Error> {
        let mut values = Vec::new();
        while let Some(value) = list.next_element()? {
            values.push(value);
        }
        Ok(Yaml::List(values))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Yaml, A::Error> {
        let mut entries = Vec::new();
        while let Some((key, value)) = map.next_entry::<Spanned<Yaml>, Yaml>()? {
            // serde_saphyr has 0 for a line that it does not know
            let line = u32::try_from(key.defined.line()).ok();
            let line = line.filter(|line| *line != 0);
            let name = key.value.text().unwrap_or_default().to_owned();
            entries.push((name, line, value));
        }
        Ok(Yaml::Map(entries))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tells_lines() {
        let text = "# head\nnetwork:\n  version: 2\n  bridges:\n    br0: {interfaces: [a, b], dhcp4: yes}\n    'br1':\n";
        let value = Yaml::parse(text).unwrap();
        let bridges = value.get("network").unwrap().get("bridges").unwrap();
        let names: Vec<_> = bridges
            .map()
            .iter()
            .map(|(name, line, _)| (name.as_str(), *line))
            .collect();
        assert_eq!(names, [("br0", Some(5)), ("br1", Some(6))]);
        let ports = bridges.get("br0").unwrap().get("interfaces").unwrap();
        assert_eq!(ports.texts(), ["a", "b"]);
        assert!(Yaml::parse("a: [").is_err());
    }

    #[test]
    fn a_text_that_grows_by_aliases_is_an_error() {
        let mut text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
        for n in 1..12 {
            let last = n - 1;
            let ten = vec![format!("*a{last}"); 10].join(", ");
            text += &format!("a{n}: &a{n} [{ten}]\n");
        }
        assert!(Yaml::parse(&text).is_err());
        let deep = "[".repeat(100_000);
        assert!(Yaml::parse(&deep).is_err());
    }
}
