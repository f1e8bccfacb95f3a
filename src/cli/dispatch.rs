//! Which command runs, and on which root.

use camino::Utf8PathBuf;

use super::args::{ChangeOptions, Cli, Command, HistoryCommand};
use super::command_line::quoted;
use super::error::{CliError, Exit};
use super::planned::Asked;
use super::request::Request;
use super::session::Session;
use super::{
    apply, brought, change, check, complete, history, leases, man, named_file, plan_file, prune,
    recover, show, status, templates, units, waiting,
};
use crate::root::{Root, RootError, denied_text};
use crate::transaction::Store;
use crate::tree::HostPath;

/// Runs the command.
pub(super) fn run(session: &mut Session<'_>, cli: &Cli) -> Result<Exit, CliError> {
    if let Command::Completions { shell } = &cli.command {
        session.screen.raw(&complete::script(*shell))?;
        return Ok(Exit::Done);
    }
    if let Command::Units { out, program } = &cli.command {
        return units::run(session, out.as_deref(), program);
    }
    if let Command::Man { dir } = &cli.command {
        return man::run(session, dir);
    }
    if let Command::Show {
        plan: Some(plan),
        picture,
        ..
    } = &cli.command
    {
        if picture.any() {
            let message = "a saved plan is drawn where it is made again, on its tree";
            let again = quoted(&["apply".to_owned(), plan.to_string()]);
            return Err(CliError::usage(message)
                .help(format!("preview it there: kvmnet {again} --dry-run --tree")));
        }
        if !plan.exists() {
            return Err(no_plan(session, cli, plan));
        }
        return apply::show(session, plan);
    }
    refuse_one_file_twice(cli)?;
    refuse_all_of_nothing(&cli.command)?;
    let root = open(session, cli)?;
    let ended = on(session, &root, cli);
    if ended.is_err() {
        // what was asked for may be in there
        for folder in root.passed_over() {
            session
                .screen
                .talk(&format!("warning: {}", denied_text(&folder)));
        }
    }
    ended
}

/// Says that there is no such plan: what is no word of `show` is taken for a file, and may be the name of what is to be shown.
fn no_plan(session: &mut Session<'_>, cli: &Cli, plan: &Utf8PathBuf) -> CliError {
    let message = format!("`{plan}` cannot be read: it does not exist");
    let error = CliError::failed(message);
    let looked = ["leases", "status", "history", "check"];
    if looked.contains(&plan.as_str()) {
        return error.help(format!("kvmnet {plan}"));
    }
    if plan == "templates" {
        return error.help("kvmnet templates list");
    }
    if plan.as_str().parse::<u64>().is_ok() {
        return error.help(format!(
            "the transaction of this number: kvmnet history {plan}"
        ));
    }
    if plan == "help" {
        return error.help("kvmnet show --help");
    }
    if let Some(command) = brought::without_slip(&["show", plan.as_str()]) {
        return error.help(format!("did you mean: {command}"));
    }
    let found = open(session, cli).and_then(|root| show::named(session, &root, plan.as_str()));
    let word = quoted(&[plan.to_string()]);
    let found = found.unwrap_or_default().into_iter();
    let helps: Vec<String> = found
        .map(|kind| format!("kvmnet show {kind} {word}"))
        .collect();
    match helps.is_empty() {
        true => error.help("to show what there is: kvmnet show"),
        false => helps.into_iter().fold(error, CliError::help),
    }
}

fn on(session: &mut Session<'_>, root: &Root, cli: &Cli) -> Result<Exit, CliError> {
    expect_host(session, root, &cli.command)?;
    if let Command::Rollback {
        unconfirmed: true,
        options: options @ ChangeOptions { yes: true, .. },
        ..
    } = &cli.command
        && Store::new(root).pending()?.is_some()
    {
        // the change itself may be what was interrupted
        recover::first(session, root, options.force)?;
    }
    if let Some((request, options)) = Request::of(&cli.command)? {
        return change(session, root, &request, options);
    }
    match &cli.command {
        Command::Show { what, picture, .. } => show::run(session, root, what.as_ref(), picture),
        Command::Leases { network } => leases::run(session, root, network.as_deref()),
        Command::Status { diff } => status::run(session, root, *diff),
        Command::Check(args) => check::run(session, root, args),
        Command::Apply { plan, options } => apply::run(session, root, plan, options),
        Command::History {
            what: Some(HistoryCommand::Prune(args)),
            ..
        } => prune::run(session, root, args),
        Command::History { id, .. } => history::run(session, root, *id),
        Command::Confirm => waiting::confirm(session, root),
        Command::Recover { force, .. } => recover::run(session, root, *force),
        Command::Templates(command) => templates::run(session, root, command),
        Command::Bridge(_)
        | Command::Network(_)
        | Command::Guest(_)
        | Command::Migrate(_)
        | Command::Rollback { .. }
        | Command::Units { .. }
        | Command::Man { .. }
        | Command::Completions { .. } => Ok(Exit::Done),
    }
}

/// Plans what is asked for, shows it, and applies it as the options say.
fn change(
    session: &mut Session<'_>,
    root: &Root,
    request: &Request,
    options: &ChangeOptions,
) -> Result<Exit, CliError> {
    let words = session.words.clone();
    let plan = options.out.as_deref().and_then(plan_file::again);
    let asked = Asked {
        options,
        words: &words,
        plan: plan.as_deref(),
        colored: session.screen.colored_err,
        site: &session.screen.site.clone(),
    };
    change::run(session, root, options, &|seen| request.plan(seen, &asked))
}

/// Returns whether the command changes nothing.
pub(super) fn looks(command: &Command) -> bool {
    let changes = matches!(
        command,
        Command::Apply { .. }
            | Command::Confirm
            | Command::Recover { .. }
            | Command::History { what: Some(_), .. }
    );
    !changes && matches!(Request::of(command), Ok(None))
}

/// Returns the options of a command that changes files.
fn options(command: &Command) -> Result<Option<&ChangeOptions>, CliError> {
    if let Command::Apply { options, .. } = command {
        return Ok(Some(options));
    }
    Ok(Request::of(command)?.map(|(_, options)| options))
}

/// Refuses `--all` of a change that draws nothing: it may be meant for all transactions, or all interfaces.
fn refuse_all_of_nothing(command: &Command) -> Result<(), CliError> {
    let asked = options(command)?.map(|options| &options.picture);
    if !asked.is_some_and(|picture| picture.all && !picture.any()) {
        return Ok(());
    }
    let message = "`--all` draws all of a large host, and goes with --tree, --svg or --html";
    let refused = CliError::usage(message);
    if matches!(command, Command::Rollback { .. }) {
        return Err(refused
            .help("undo all after a transaction: kvmnet rollback --to ID")
            .help("undo all that there are: kvmnet rollback --to 0"));
    }
    Err(refused.help("leave it out, or give one of these, too"))
}

/// Returns the files that the command is told to write, by their options.
fn written(command: &Command) -> Vec<(&'static str, &Utf8PathBuf)> {
    let (out, picture) = match (command, options(command)) {
        (Command::Show { picture, .. }, _) => (None, picture),
        (_, Ok(Some(options))) => (options.out.as_ref(), &options.picture),
        (_, Ok(None) | Err(_)) => return Vec::new(),
    };
    let (svg, html) = (picture.svg.as_ref(), picture.html.as_ref());
    let files = [("--out", out), ("--svg", svg), ("--html", html)];
    files
        .into_iter()
        .filter_map(|(option, file)| Some((option, file?)))
        .collect()
}

/// Returns the option by which the command writes a file to standard output, which has nothing else then.
pub(super) fn written_to_standard_output(command: &Command) -> Option<&'static str> {
    let files = written(command).into_iter();
    let mut found = files.filter(|(_, file)| named_file::is_standard_output(file));
    found.next().map(|(option, _)| option)
}

/// Refuses options that are about one file, or that both write to standard output.
fn refuse_one_file_twice(cli: &Cli) -> Result<(), CliError> {
    let to_standard_output = written_to_standard_output(&cli.command);
    if let Some(option) = to_standard_output.filter(|_| cli.json) {
        let message =
            format!("--json and {option} - cannot be combined: both write to standard output");
        let noun = match option {
            "--out" => "plan",
            "--svg" => "picture",
            _ => "page",
        };
        return Err(
            CliError::usage(message).help(format!("save the {noun} to a file: {option} FILE"))
        );
    }
    let end = |file: &Utf8PathBuf| match named_file::is_standard_output(file) {
        true => None,
        false => std::fs::canonicalize(file).ok().or_else(|| {
            // a new file in a folder that there is
            let path = std::path::absolute(file).ok()?;
            let folder = std::fs::canonicalize(path.parent()?).ok()?;
            Some(folder.join(path.file_name()?))
        }),
    };
    let files = written(&cli.command);
    for (index, (first, file)) in files.iter().enumerate() {
        let same = |(_, other): &&(&str, &Utf8PathBuf)| end(other) == end(file);
        if let Some((second, _)) = files[index + 1..].iter().find(same) {
            let message = format!("{first} and {second} cannot both write to {file}");
            return Err(CliError::usage(message).help("name two files"));
        }
    }
    Ok(())
}

/// Refuses to change a root that is no host, such as a mount point where nothing is mounted; looking there is warned of.
fn expect_host(session: &mut Session<'_>, root: &Root, command: &Command) -> Result<(), CliError> {
    let found = root.resolve_folder(&HostPath::literal("/etc"));
    if !matches!(
        found,
        Err(RootError::Missing { .. } | RootError::NotFolder { .. })
    ) {
        return Ok(());
    }
    let path = root.path();
    let message = format!("there is no folder etc under {path}: is it mounted?");
    let help = match path.file_name() {
        Some("etc") => {
            let above = path.parent().unwrap_or(path);
            format!("did you mean --root {above}?")
        }
        Some(_) | None => "give the folder that contains the tree's etc: --root DIR".to_owned(),
    };
    let Some(options) = options(command)? else {
        session.screen.talk(&format!("warning: {message} ({help})"));
        return Ok(());
    };
    match options.force {
        true => Ok(()),
        false => Err(CliError::refused(message)
            .help(help)
            .help("or proceed anyway with --force")),
    }
}

/// Opens the root; a history that is not to be trusted is not looked at.
fn open(session: &mut Session<'_>, cli: &Cli) -> Result<Root, CliError> {
    let root = Root::open(&cli.root)?;
    let options = options(&cli.command)?;
    if options.is_some_and(|options| options.dry_run) || looks(&cli.command) {
        root.pass_over_denied();
    }
    if let Command::Rollback { options, .. } = &cli.command {
        refuse_without_history(options)?;
    }
    if let Command::Recover {
        distrust_history: true,
        ..
    } = &cli.command
    {
        recover::put_aside(session, &root)?;
    }
    let distrust = options.is_some_and(|options| options.distrust_history);
    root.look_at_history(!distrust);
    Ok(root)
}

/// Refuses options with which there is no history to take something back from.
fn refuse_without_history(options: &ChangeOptions) -> Result<(), CliError> {
    if options.distrust_history {
        let message = "this command needs the history and cannot work without it";
        return Err(CliError::usage(message).help("omit --distrust-history"));
    }
    if options.backup.is_some() {
        let message = "this command keeps originals in the history: it makes no other copies";
        return Err(CliError::usage(message).help("omit --backup"));
    }
    Ok(())
}
