//! Limits of rendering, since the engine has none of its own: the helpers of blocks count what they do, in proportion to the
//! values, and the output is counted.

use std::io::{self, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use handlebars::{
    BlockContext, BlockParams, Context, Handlebars, Helper, HelperDef, HelperResult, JsonTruthy,
    Output, RenderContext, RenderErrorReason, Renderable, to_json,
};
use serde_json::Value as Json;

/// Elements of blocks that are rendered at most, and how many more for each value.
const MOST_WORK: (usize, usize) = (200_000, 32);

/// Helpers of the engine that no template of ours needs: some take time with the length of a value.
const OTHERS: &[&str] = &[
    "with", "lookup", "raw", "log", "eq", "ne", "gt", "gte", "lt", "lte", "and", "or", "not", "len",
];

/// Gives the engine helpers that count, as far as `values` have something to do, and takes the others away.
pub(super) fn limit(engine: &mut Handlebars<'_>, values: &Json) {
    let most = MOST_WORK.0 + MOST_WORK.1 * count(values);
    let work = Work(Arc::new(AtomicUsize::new(most)));
    for name in OTHERS {
        engine.unregister_helper(name);
    }
    engine.register_helper("each", Box::new(Each(work.clone())));
    engine.register_helper("if", Box::new(If(work.clone(), true)));
    engine.register_helper("unless", Box::new(If(work, false)));
}

/// Returns how many values a value holds.
fn count(value: &Json) -> usize {
    1 + match value {
        Json::Array(items) => items.iter().map(count).sum(),
        Json::Object(items) => items.values().map(count).sum(),
        Json::Null | Json::Bool(_) | Json::Number(_) | Json::String(_) => 0,
    }
}

/// What may still be done.
#[derive(Clone)]
struct Work(Arc<AtomicUsize>);

impl Work {
    fn charge(&self, template: Option<&handlebars::Template>) -> HelperResult {
        self.take(1 + template.map_or(0, |template| template.elements.len()))
    }

    fn take(&self, cost: usize) -> HelperResult {
        let less = |left: usize| left.checked_sub(cost);
        let taken = self
            .0
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, less);
        match taken {
            Ok(_) => Ok(()),
            Err(_) => {
                let why = "it renders many more elements than there are values".to_owned();
                Err(RenderErrorReason::Other(why).into())
            }
        }
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
        let list = helper
            .param(0)
            .ok_or(RenderErrorReason::ParamNotFoundForIndex("each", 0))?;
        let items: Vec<(Option<&String>, &Json)> = match list.value() {
            Json::Array(items) => items.iter().map(|item| (None, item)).collect(),
            Json::Object(items) => items.iter().map(|(key, item)| (Some(key), item)).collect(),
            Json::Null | Json::Bool(_) | Json::Number(_) | Json::String(_) => Vec::new(),
        };
        let Some(template) = helper.template().filter(|_| !items.is_empty()) else {
            self.0.charge(helper.inverse())?;
            return match helper.inverse() {
                Some(inverse) => inverse.render(engine, context, render, out),
                None if list.value().is_array() || list.value().is_object() => Ok(()),
                // no list: a variable that is not there, or something else
                None => {
                    let name = list.relative_path().cloned();
                    Err(RenderErrorReason::MissingVariable(name).into())
                }
            };
        };
        for (n, (key, item)) in items.iter().enumerate() {
            self.0.charge(Some(template))?;
            let place = key.map_or_else(|| n.to_string(), |key| (*key).clone());
            let mut block = BlockContext::new();
            match list.context_path() {
                Some(path) => {
                    block.base_path_mut().extend(path.iter().cloned());
                    block.base_path_mut().push(place.clone());
                }
                None => {
                    self.0.take(count(item))?;
                    block.set_base_value((*item).clone());
                }
            }
            block.set_local_var("first", to_json(n == 0));
            block.set_local_var("last", to_json(n + 1 == items.len()));
            match key {
                Some(key) => block.set_local_var("key", to_json(key)),
                None => block.set_local_var("index", to_json(n)),
            }
            block.set_block_params(self.names(helper, item, key.map_or(to_json(n), to_json))?);
            render.push_block(block);
            let rendered = template.render(engine, context, render, out);
            render.pop_block();
            rendered?;
        }
        Ok(())
    }
}

impl Each {
    /// Returns what the names behind `as` stand for.
    fn names<'rc>(
        &self,
        helper: &Helper<'rc>,
        item: &Json,
        place: Json,
    ) -> Result<BlockParams<'rc>, handlebars::RenderError> {
        let mut params = BlockParams::new();
        let (name, second) = match helper.block_param_pair() {
            Some((name, second)) => (name, Some(second)),
            None => match helper.block_param() {
                Some(name) => (name, None),
                None => return Ok(params),
            },
        };
        self.0.take(count(item))?;
        params.add_value(name, item.clone())?;
        if let Some(second) = second {
            params.add_value(second, place)?;
        }
        Ok(params)
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
        let zero = helper.hash_get("includeZero");
        let zero = zero.is_some_and(|zero| zero.value().as_bool() == Some(true));
        let chosen = match value.value().is_truthy(zero) == self.1 {
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

/// Collects the output, up to as many bytes as are read of such a file.
pub(super) struct Bounded {
    pub(super) bytes: Vec<u8>,
    longest: usize,
}

impl Bounded {
    pub(super) fn new(longest: usize) -> Self {
        let bytes = Vec::new();
        Self { bytes, longest }
    }
}

impl Write for Bounded {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.bytes.len() + bytes.len() > self.longest {
            return Err(io::Error::other(format!(
                "it renders to more than {} KiB",
                self.longest >> 10
            )));
        }
        self.bytes.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
