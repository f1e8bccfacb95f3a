//! What a migration loses, as JSON.

use serde_json::{Value as Json, json};

use crate::backend::migrate::{Loss, Weight};

/// Returns what is said in a file that goes, and in none that comes.
pub(super) fn json(loss: &Loss) -> Json {
    json!({
        "path": loss.at.as_str(),
        "line": loss.line,
        "what": loss.what,
        "meant": loss.meant,
        "instead": loss.instead,
        "weight": match loss.weight {
            Weight::Idle => "none",
            Weight::Light => "some",
            Weight::Grave => "connectivity",
        },
    })
}
