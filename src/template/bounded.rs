//! Limits of templates: an override lies in a tree that others may have made, and the engine has no limit of its own.
//!
//! Before it is parsed, a text is refused that nests deeply, or uses what no template of ours needs (partials,
//! decorators, raw blocks). While it is rendered, the helpers of blocks count what they do, and the output is counted.

use std::io::{self, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use handlebars::{
    BlockContext, BlockParams, Context, Handlebars, Helper, HelperDef, HelperResult, JsonTruthy,
    Output, RenderContext, RenderErrorReason, Renderable, to_json,
};

/// Blocks in blocks; `else if` opens one, too.
const DEEPEST: usize = 32;
/// Brackets in brackets of one tag.
const DEEPEST_BRACKETS: usize = 8;
/// The longest text, in bytes: the longest template of ours is a fiftieth.
const LONGEST: usize = 64 << 10;
/// Elements of blocks that are rendered at most.
const MOST_WORK: usize = 200_000;
/// The longest output, in bytes: as much as is read of an ifcfg file.
const LONGEST_OUTPUT: usize = 1 << 20;

/// Helpers of the engine that no template of ours needs: some take time with the length of a value.
const OTHERS: &[&str] = &[
    "with", "lookup", "raw", "log", "eq", "ne", "gt", "gte", "lt", "lte", "and", "or", "not", "len",
];

/// Returns why a text is not given to the engine.
pub(super) fn refusal(text: &str) -> Option<String> {
    if text.len() > LONGEST {
        return Some(format!("it is longer than {} KiB", LONGEST >> 10));
    }
    // of each open block, how many it counts for
    let (mut open, mut depth, mut at): (Vec<usize>, usize, usize) = (Vec::new(), 0, 0);
    while let Some(found) = text[at..].find("{{") {
        let start = at + found;
        let line = || text[..start].matches('\n').count() + 1;
        let inside = &text[start + 2..];
        if inside.starts_with("{{") {
            return Some(format!("line {}: raw blocks are not known", line()));
        }
        let (end, skip) = match inside.trim_start_matches('~') {
            comment if comment.starts_with("!--") => ("--}}", "--}}".len()),
            _ => ("}}", "}}".len()),
        };
        let length = inside.find(end).unwrap_or(inside.len());
        let tag = inside[..length].trim_start_matches(['~', '{']).trim();
        at = (start + 2 + length + skip).min(text.len());
        if brackets(tag) > DEEPEST_BRACKETS {
            return Some(format!(
                "line {}: brackets are nested deeper than {DEEPEST_BRACKETS}",
                line()
            ));
        }
        let kind = tag.chars().next().unwrap_or(' ');
        match kind {
            '!' => continue,
            '>' | '*' | '&' => {
                return Some(format!("line {}: `{kind}` is not known", line()));
            }
            '#' if tag[1..].trim_start().starts_with(['>', '*']) => {
                return Some(format!("line {}: partials are not known", line()));
            }
            '#' => open.push(1),
            '^' if tag.len() > 1 => open.push(1),
            '/' => depth -= open.pop().unwrap_or(0).min(depth),
            _ if tag.starts_with("else ") => {
                if let Some(last) = open.last_mut() {
                    *last += 1;
                    depth += 1;
                }
            }
            _ => {}
        }
        depth += usize::from(kind == '#' || (kind == '^' && tag.len() > 1));
        if depth > DEEPEST {
            return Some(format!(
                "line {}: blocks are nested deeper than {DEEPEST}",
                line()
            ));
        }
    }
    None
}

fn brackets(tag: &str) -> usize {
    let (mut depth, mut deepest) = (0_usize, 0);
    for byte in tag.bytes() {
        match byte {
            b'(' | b'[' | b'{' => depth += 1,
            b')' | b']' | b'}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        deepest = deepest.max(depth);
    }
    deepest
}

/// Gives the engine helpers that count, and takes the others away.
pub(super) fn limit(engine: &mut Handlebars<'_>) {
    let work = Work(Arc::default());
    for name in OTHERS {
        engine.unregister_helper(name);
    }
    engine.register_helper("each", Box::new(Each(work.clone())));
    engine.register_helper("if", Box::new(If(work.clone(), true)));
    engine.register_helper("unless", Box::new(If(work, false)));
}

#[derive(Clone)]
struct Work(Arc<AtomicUsize>);

impl Work {
    fn charge(&self, template: Option<&handlebars::Template>) -> HelperResult {
        let cost = 1 + template.map_or(0, |template| template.elements.len());
        if self.0.fetch_add(cost, Ordering::Relaxed) + cost > MOST_WORK {
            let why = format!("it renders more than {MOST_WORK} elements");
            return Err(RenderErrorReason::Other(why).into());
        }
        Ok(())
    }
}

struct Each(Work);

impl HelperDef for Each {
    fn call<'reg: 'rc, 'rc>(
        &self,
        helper: &Helper<'rc>,
        engine: &'reg Handlebars<'reg>,
        context: &'rc Context,
        render: &mut RenderContext<'reg, 'rc>,
        out: &mut dyn Output,
    ) -> HelperResult {
        let value = helper
            .param(0)
            .ok_or(RenderErrorReason::ParamNotFoundForIndex("each", 0))?;
        let list = value.value().as_array().map_or(&[][..], Vec::as_slice);
        let Some(template) = helper.template().filter(|_| !list.is_empty()) else {
            self.0.charge(helper.inverse())?;
            return match helper.inverse() {
                Some(inverse) => inverse.render(engine, context, render, out),
                None if value.value().is_array() => Ok(()),
                // no list: a variable that is not there, or something else
                None => {
                    let name = value.relative_path().cloned();
                    Err(RenderErrorReason::MissingVariable(name).into())
                }
            };
        };
        for (n, item) in list.iter().enumerate() {
            self.0.charge(Some(template))?;
            let mut block = BlockContext::new();
            match value.context_path() {
                Some(path) => {
                    block.base_path_mut().extend(path.iter().cloned());
                    block.base_path_mut().push(n.to_string());
                }
                None => block.set_base_value(item.clone()),
            }
            block.set_local_var("first", to_json(n == 0));
            block.set_local_var("last", to_json(n + 1 == list.len()));
            block.set_local_var("index", to_json(n));
            if let Some(name) = helper.block_param() {
                let mut params = BlockParams::new();
                params.add_value(name, item.clone())?;
                block.set_block_params(params);
            }
            render.push_block(block);
            let rendered = template.render(engine, context, render, out);
            render.pop_block();
            rendered?;
        }
        Ok(())
    }
}

struct If(Work, bool);

impl HelperDef for If {
    fn call<'reg: 'rc, 'rc>(
        &self,
        helper: &Helper<'rc>,
        engine: &'reg Handlebars<'reg>,
        context: &'rc Context,
        render: &mut RenderContext<'reg, 'rc>,
        out: &mut dyn Output,
    ) -> HelperResult {
        let value = helper
            .param(0)
            .ok_or(RenderErrorReason::ParamNotFoundForIndex("if", 0))?;
        let chosen = match value.value().is_truthy(false) == self.1 {
            true => helper.template(),
            false => helper.inverse(),
        };
        self.0.charge(chosen)?;
        match chosen {
            Some(template) => template.render(engine, context, render, out),
            None => Ok(()),
        }
    }
}

/// Collects the output, up to its limit.
#[derive(Default)]
pub(super) struct Bounded(pub(super) Vec<u8>);

impl Write for Bounded {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.0.len() + bytes.len() > LONGEST_OUTPUT {
            return Err(io::Error::other(format!(
                "it makes more than {} KiB",
                LONGEST_OUTPUT >> 10
            )));
        }
        self.0.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_nests_deeply_is_not_parsed() {
        let nested = |n: usize| "{{#if name}}".repeat(n) + "x" + &"{{/if}}".repeat(n);
        assert_eq!(refusal(&nested(DEEPEST)), None);
        assert_eq!(refusal(&nested(1).repeat(1000)), None);
        let chain = format!("{{{{#if a}}}}{}{{{{/if}}}}", "{{else if a}}".repeat(40));
        for bad in [
            nested(DEEPEST + 1),
            nested(3000),
            nested(40).replace("{{#", "{{~# "),
            chain,
            "{{> x}}".to_owned(),
            "{{~>x}}".to_owned(),
            "{{#> x}}{{/x}}".to_owned(),
            "{{#*inline \"x\"}}{{/inline}}".to_owned(),
            "{{{{raw}}}}{{{{/raw}}}}".to_owned(),
            format!("{{{{if {}1{}}}}}", "(a ".repeat(20), ")".repeat(20)),
            "x".repeat(LONGEST + 1),
        ] {
            assert!(refusal(&bad).is_some(), "{}", &bad[..bad.len().min(60)]);
        }
        for template in crate::template::TEMPLATES {
            assert_eq!(refusal(template.text), None, "{}", template.name);
        }
    }
}
