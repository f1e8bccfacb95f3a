//! Why copies of originals do not lie beside their files.

use crate::plan::backup::{Backup, Because};
use crate::plan::copies;

/// Says why copies do not lie beside their files, a sentence for each reason.
pub(in crate::plan) fn explain(backups: &[Backup]) -> Vec<String> {
    let mut said = Vec::new();
    let loads = backups.iter().find_map(|backup| match backup.because? {
        Because::Loads(program) => Some((backup, program)),
        Because::IsThere => None,
    });
    if let Some((backup, program)) = loads {
        said.push(match backup.at.folder() == backup.of.folder() {
            true => format!(
                "{program} loads the .old files beside the originals as configuration: omit --backup beside"
            ),
            false => format!(
                "the originals are kept in {}, not beside the files: {program} would load an .old file as configuration",
                store_of(backup)
            ),
        });
    }
    let theirs = backups
        .iter()
        .filter(|backup| backup.because == Some(Because::IsThere));
    said.extend(theirs.map(|backup| {
        format!(
            "{} exists and was not written by kvmnet: it stays, and the original is kept in {}",
            copies::beside(&backup.of),
            store_of(backup)
        )
    }));
    said
}

fn store_of(backup: &Backup) -> &str {
    let at = backup.at.as_str();
    at.split_inclusive("/backups").next().unwrap_or(at)
}
