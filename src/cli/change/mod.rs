//! The way of every change: plan, show, ask, lock, look whether all is as it was, apply. What was shown is what is written.

mod apply;
mod said;

use super::args::ChangeOptions;
use super::error::{CliError, Exit};
use super::planned::Planned;
use super::report::Asked;
use super::seen::Seen;
use super::session::{Session, can_ask};
use super::{page, picture, plan_file, recover, undisturbed};
use crate::picture::{Extent, Picture, svg};
use crate::root::Root;
use crate::transaction::measure;

use apply::{Current, Maker, apply};

/// Shows what `make` plans, and applies it as the options say.
pub(super) fn run(
    session: &mut Session<'_>,
    root: &Root,
    options: &ChangeOptions,
    make: &Maker<'_>,
) -> Result<Exit, CliError> {
    check_files(root, options)?;
    let make: &Maker<'_> = &|seen| drawn(seen, options, make(seen)?);
    if options.yes {
        return apply(session, root, options, None, make);
    }
    let asks = !options.dry_run && !session.json && can_ask();
    if asks && !recover::recovered_first(session, root)? {
        return Ok(Exit::Refused);
    }
    if asks {
        let current = undisturbed::look(session, root, || Current::make(root, make))?;
        let planned = &current.planned;
        measure(&planned.plan.full)?;
        write_page(session, root, options, planned)?;
        if planned.plan.is_empty() && options.out.is_none() {
            return said::nothing(session, options, planned);
        }
        said::shown(session, planned, Asked::Whether)?;
        said::page(session, options)?;
        if !session.confirm("\nApply these changes?") {
            session.screen.talk("Declined: nothing was written.");
            return Ok(Exit::Refused);
        }
        return apply(session, root, options, Some(current), make);
    }
    let planned = undisturbed::look(session, root, || make(&Seen::once(root)))?;
    measure(&planned.plan.full)?;
    write_page(session, root, options, &planned)?;
    if planned.plan.is_empty() && options.out.is_none() {
        return said::nothing(session, options, &planned);
    }
    if let Some(file) = &options.out {
        plan_file::write(root, file, &planned)?;
    }
    // whoever wants an object gets one: here the refusal
    if options.dry_run || !session.json {
        said::shown(session, &planned, Asked::Nothing)?;
        said::page(session, options)?;
    }
    if options.dry_run {
        said::dry_run(session, options, &planned)
    } else {
        let help = "apply it with --yes, or preview it with --dry-run";
        Err(CliError::refused("nothing was written: neither --yes nor --dry-run is given, and there is no terminal to ask on").help(help))
    }
}

/// Looks whether the files that are asked for may be written: before anything is shown.
fn check_files(root: &Root, options: &ChangeOptions) -> Result<(), CliError> {
    if let Some(file) = &options.out {
        plan_file::check(root, file)?;
    }
    if let Some(file) = &options.picture.html {
        page::check(root, file)?;
    }
    if let Some(file) = &options.picture.svg {
        picture::check(root, file)?;
    }
    Ok(())
}

/// Adds the picture of what is planned, where that is asked for.
fn drawn(
    seen: &Seen<'_>,
    options: &ChangeOptions,
    mut planned: Planned,
) -> Result<Planned, CliError> {
    let asked = &options.picture;
    planned.tree = asked.tree.then(|| asked.extent(Extent::Changes));
    if asked.any() && !planned.plan.is_empty() {
        planned.picture = Some(picture::of_change(seen, &planned.plan.full)?);
    }
    Ok(planned)
}

/// Writes the picture and the page to review of the plan, as far as they are asked for: whatever follows, the plan was this one.
fn write_page(
    session: &Session<'_>,
    root: &Root,
    options: &ChangeOptions,
    planned: &Planned,
) -> Result<(), CliError> {
    let asked = &options.picture;
    let extent = asked.extent(Extent::Page);
    let drawn = |alone: bool| {
        let whole = planned.picture.as_ref()?;
        Some(svg::draw(&whole.drawn(extent), alone))
    };
    if let Some(file) = &asked.svg {
        let drawn = drawn(true).unwrap_or_else(|| svg::draw(&Picture::default(), true));
        picture::write(root, file, &drawn)?;
    }
    match &asked.html {
        Some(file) => page::write(
            &session.screen,
            root,
            file,
            planned,
            drawn(false).as_deref(),
        ),
        None => Ok(()),
    }
}
