//! Templates of new files: built in, or overridden beneath the root in /etc/kvmnet/templates.
//!
//! Three guards keep a broken template from the disk: strict mode (a missing variable is an error), an escape function per
//! format (a value cannot become a second line or a shell expansion), and reading back what was rendered, at plan time.
//! To add one: its file in `templates/` and its line in [`TEMPLATES`].

mod bounded;
mod refusal;

use std::collections::BTreeMap;

use handlebars::{Handlebars, RenderErrorReason};
use serde_json::Value as Json;

use crate::doc::shell::{Quotes, value};
use crate::doc::xml::escape_text;
use crate::tree::{Entry, HostPath, Tree, budget};

/// Where overrides live.
pub const FOLDER: &str = "/etc/kvmnet/templates";

/// How values are escaped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// As one word of a shell assignment.
    Shell,
    /// As the value of a keyfile.
    Keyfile,
    /// As text or an attribute of XML.
    Xml,
}

impl Format {
    /// Returns a file of this kind: as much as is read of it may be made.
    fn place(self) -> &'static str {
        match self {
            Self::Shell => "/etc/sysconfig/network-scripts/ifcfg-br0",
            Self::Keyfile => "/etc/NetworkManager/system-connections/br0.nmconnection",
            Self::Xml => "/etc/libvirt/qemu/networks/lab.xml",
        }
    }
}

/// A template that kvmnet knows.
#[derive(Debug)]
pub struct Template {
    /// Its name; the file is `NAME.hbs`.
    pub name: &'static str,
    /// What it makes.
    pub summary: &'static str,
    /// How values are escaped.
    pub format: Format,
    /// The built-in text.
    pub text: &'static str,
}

/// All templates, sorted by name.
pub const TEMPLATES: &[Template] = &[
    Template {
        name: "ifcfg-bridge",
        summary: "a Linux bridge",
        format: Format::Shell,
        text: include_str!("../templates/ifcfg-bridge.hbs"),
    },
    Template {
        name: "ifcfg-ovs-bridge",
        summary: "an Open vSwitch bridge",
        format: Format::Shell,
        text: include_str!("../templates/ifcfg-ovs-bridge.hbs"),
    },
    Template {
        name: "ifcfg-port",
        summary: "a bridge port without a file of its own",
        format: Format::Shell,
        text: include_str!("../templates/ifcfg-port.hbs"),
    },
    Template {
        name: "keyfile-bridge",
        summary: "a bridge in a keyfile",
        format: Format::Keyfile,
        text: include_str!("../templates/keyfile-bridge.hbs"),
    },
    Template {
        name: "keyfile-port",
        summary: "a bridge port without a keyfile of its own",
        format: Format::Keyfile,
        text: include_str!("../templates/keyfile-port.hbs"),
    },
    Template {
        name: "network",
        summary: "a libvirt network with a bridge of its own: nat, isolated, route, open",
        format: Format::Xml,
        text: include_str!("../templates/network.hbs"),
    },
    Template {
        name: "network-bridge",
        summary: "a libvirt network on a bridge of the host",
        format: Format::Xml,
        text: include_str!("../templates/network-bridge.hbs"),
    },
];

/// A template could not be rendered.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the template `{name}` ({source_name}) cannot be rendered: {why}")]
pub struct TemplateError {
    /// The template.
    pub name: String,
    /// Where its text comes from: a path or "built in".
    pub source_name: String,
    /// What handlebars says.
    pub why: String,
}

/// The templates in force: built in, with the overrides of a tree.
#[derive(Clone, Debug, Default)]
pub struct Templates {
    overrides: BTreeMap<String, (HostPath, Result<String, String>)>,
}

impl Templates {
    /// Returns the templates in force in `tree`.
    #[must_use]
    pub fn of(tree: &Tree) -> Self {
        let mut overrides = BTreeMap::new();
        for (name, path) in tree.names(&HostPath::literal(FOLDER)) {
            let Some(name) = name.strip_suffix(".hbs") else {
                continue;
            };
            let text = tree
                .file(path)
                .map(|file| String::from_utf8(file.bytes.clone()));
            let text = match text {
                Some(Ok(text)) => Ok(text),
                Some(Err(_)) => Err("it is not valid UTF-8".to_owned()),
                None => Err(match tree.get(path) {
                    Some(Entry::Unreadable(why)) => format!("it was not read: {why}"),
                    _ => "it could not be read".to_owned(),
                }),
            };
            overrides.insert(name.to_owned(), (path.clone(), text));
        }
        Self { overrides }
    }

    /// Returns where the text of the template `name` comes from: a path or "built in".
    #[must_use]
    pub fn source_of(&self, name: &str) -> String {
        self.overrides
            .get(name)
            .map_or_else(|| "built in".to_owned(), |(path, _)| path.to_string())
    }

    /// Returns the text of the template in force.
    ///
    /// # Errors
    /// An override that is no text.
    pub fn text(&self, template: &Template) -> Result<String, TemplateError> {
        match self.overrides.get(template.name) {
            Some((_, Ok(text))) => Ok(text.clone()),
            Some((_, Err(why))) => Err(self.error(template.name, why.clone())),
            None => Ok(template.text.to_owned()),
        }
    }

    /// Returns the file that the template `name` makes of `values`.
    ///
    /// # Errors
    /// Broken syntax, or a variable that is not there.
    pub fn render(&self, name: &str, values: &Json) -> Result<String, TemplateError> {
        let template = TEMPLATES.iter().find(|template| template.name == name);
        let template =
            template.ok_or_else(|| self.error(name, "there is no such template".to_owned()))?;
        let mut engine = Handlebars::new();
        engine.set_strict_mode(true);
        bounded::limit(&mut engine, values);
        engine.register_escape_fn(match template.format {
            Format::Shell => |text: &str| value::write(text, Quotes::Bare),
            Format::Keyfile => crate::doc::keyfile::value::escape,
            Format::Xml => escape_text,
        });
        let text = self.text(template)?;
        let at =
            |line: Option<usize>| line.map_or_else(String::new, |line| format!("line {line}: "));
        if let Some(why) = refusal::refusal(&text) {
            return Err(self.error(name, why));
        }
        engine
            .register_template_string(name, &text)
            .map_err(|error| {
                let line = error.pos().map(|(line, _)| line.min(text.lines().count()));
                self.error(name, format!("{}{}", at(line), error.reason()))
            })?;
        let mut out =
            bounded::Bounded::new(budget::longest(&HostPath::literal(template.format.place())));
        let rendered = engine
            .render_to_write(name, values, &mut out)
            .map_err(|error| {
                let why = if let RenderErrorReason::MissingVariable(Some(variable)) = error.reason()
                {
                    format!("there is no variable `{variable}`")
                } else {
                    error.reason().to_string()
                };
                self.error(name, format!("{}{why}", at(error.line_no)))
            });
        rendered?;
        String::from_utf8(out.bytes).map_err(|error| self.error(name, error.to_string()))
    }

    fn error(&self, name: &str, why: String) -> TemplateError {
        TemplateError {
            name: name.to_owned(),
            source_name: self.source_of(name),
            why,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn templates_are_sorted() {
        assert!(TEMPLATES.is_sorted_by_key(|template| template.name));
    }

    #[test]
    fn values_cannot_leave_their_line() {
        let values = serde_json::json!({
            "name": "x\nIPADDR=6.6.6.6; $(reboot) `id`", "onboot": "yes", "nm_controlled": null,
            "stp": "no", "delay": 0, "shared": [], "settings": ["A=b"],
        });
        let text = Templates::default()
            .render("ifcfg-bridge", &values)
            .unwrap();
        let doc = crate::doc::shell::ShellDoc::parse(&text);
        assert_eq!(
            doc.literal("DEVICE"),
            Some("x\nIPADDR=6.6.6.6; $(reboot) `id`")
        );
        assert!(doc.get("IPADDR").is_none());
        assert!(text.ends_with("STP=no\nDELAY=0\nA=b\n"), "{text}");
    }

    /// Each may loop in each: what they do together is counted, be it seen or not.
    #[test]
    fn work_and_output_are_bounded() {
        let settings: Vec<String> = (0..15).map(|n| format!("A{n}=b")).collect();
        let values = serde_json::json!({"settings": settings, "name": "br0"});
        for body in [
            "",
            "#xxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\n",
            "{{#if this}}{{/if}}",
            "{{@root.settings}}",
        ] {
            for loops in ["@root.settings", "../settings", "settings"] {
                let (start, end) = (format!("{{{{#each {loops}}}}}"), "{{/each}}");
                let text = start.repeat(9) + body + &end.repeat(9);
                let rendered = render(&text, &values);
                assert!(
                    loops != "@root.settings" || rendered.is_err(),
                    "{body} {loops}"
                );
            }
        }
    }

    /// The blocks do what those of the engine do.
    #[test]
    fn blocks_know_names_places_and_options() {
        let values = serde_json::json!({
            "zero": 0, "list": [{"a": "1", "b": {"c": "2", "d": "3"}}, {"a": "4", "b": {}}],
        });
        for (text, expected) in [
            ("{{#if zero}}a{{else}}b{{/if}}", "b"),
            ("{{#if zero includeZero=true}}a{{/if}}", "a"),
            ("{{#unless zero includeZero=true}}a{{^}}b{{/unless}}", "b"),
            ("{{#if zero}}a{{else if list}}b{{else}}c{{/if}}", "b"),
            (
                "{{#each list}}{{@index}}{{@first}}{{a}} {{/each}}",
                "0true1 1false4 ",
            ),
            (
                "{{#each list as |x|}}{{x.a}}{{@last}}{{/each}}",
                "1false4true",
            ),
            ("{{#each list as |x n|}}{{n}}{{x.a}} {{/each}}", "01 14 "),
            (
                "{{#each list}}{{#each b}}{{@key}}{{this}}{{../a}} {{/each}}{{/each}}",
                "c21 d31 ",
            ),
            ("{{#each list.0.b as |x k|}}{{k}}{{x}}{{/each}}", "c2d3"),
            ("{{#each list.1.b}}a{{else}}none{{/each}}", "none"),
        ] {
            let rendered = render(text, &values);
            assert_eq!(rendered.as_deref(), Ok(expected), "{text}");
        }
    }

    /// What may be done grows with what there is to do.
    #[test]
    fn a_network_of_many_hosts_is_rendered() {
        let host = |n: u32| {
            let address = std::net::Ipv4Addr::from(0x0a00_0000 + n);
            serde_json::json!({"mac": null, "id": null, "name": format!("vm{n}"), "ip": address.to_string()})
        };
        let hosts: Vec<Json> = (2..20_002).map(host).collect();
        let subnet = serde_json::json!({
            "ipv6": false, "address": "10.0.0.1", "netmask": "255.0.0.0", "prefix": 8,
            "dhcp": true, "ranges": [], "hosts": hosts,
        });
        let values = serde_json::json!({
            "edit": "a", "name": "a", "uuid": "u", "forward": "nat", "bridge": "virbr1",
            "mac": "m", "domain": null, "subnets": [subnet], "ovs": false,
        });
        let text = Templates::default().render("network", &values).unwrap();
        assert_eq!(text.matches("<host ").count(), 20_000);
    }

    fn render(text: &str, values: &Json) -> Result<String, TemplateError> {
        let path = HostPath::literal("/etc/kvmnet/templates/ifcfg-bridge.hbs");
        let overrides = [("ifcfg-bridge".to_owned(), (path, Ok(text.to_owned())))].into();
        Templates { overrides }.render("ifcfg-bridge", values)
    }

    /// A list that is missing is told by its name; one that is empty makes nothing.
    #[test]
    fn a_missing_list_is_an_error() {
        let values = serde_json::json!({"settings": [], "name": "br0"});
        let render = |text: &str| render(text, &values);
        for bad in ["{{#each nosuch}}x{{/each}}", "{{#each name}}x{{/each}}"] {
            let why = render(bad).unwrap_err().why;
            assert!(why.contains("there is no variable"), "{bad}: {why}");
        }
        assert_eq!(render("{{#each settings}}x{{/each}}").as_deref(), Ok(""));
        assert_eq!(
            render("{{#each nosuch}}x{{else}}y{{/each}}").as_deref(),
            Ok("y")
        );
    }

    #[test]
    fn a_missing_variable_is_an_error() {
        let error = Templates::default()
            .render("ifcfg-bridge", &serde_json::json!({}))
            .unwrap_err();
        assert_eq!(error.source_name, "built in");
    }
}
