//! The plan that moves profiles from one format to another: `migrate keyfile`.

mod again;
mod around;
mod card;
mod chosen;
mod differs;
mod instead;
mod lists;
mod started;
mod told;
mod unmanaged;

pub(super) use again::is_said;
pub use told::line as loss_in_words;

use std::collections::{BTreeMap, BTreeSet};

use super::copies::Copies;
use super::judge::Unjudged;
use super::ruling::PutRight;
use super::{Options, Plan, PlanError, Source, backup, words};
use crate::backend::migrate::{self, As, Cannot, Keyfile, Loss, Weight};
use crate::backend::{self, Interest};
use crate::change::{ChangeSet, Editor};
use crate::host::Host;
use crate::host::profile::Profile;
use crate::host::value::InterfaceName;
use crate::op::{Force, Refusal};
use crate::readers::{KEYFILES, owner};
use crate::secret;
use crate::tree::{Attrs, HostPath, Scope, Tree};

/// What is to be migrated.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Migration {
    /// Of these interfaces, with what belongs to them; of all where none is named.
    pub interfaces: Vec<InterfaceName>,
    /// Whether settings may be lost that the host may not be reached without.
    pub accept_loss: bool,
}

/// Mode of a keyfile: NetworkManager ignores those that others than their owner can read.
const MODE: u32 = 0o600;

/// A profile, and what becomes of it.
struct Moved<'h> {
    profile: &'h Profile,
    keyfile: Keyfile,
    /// Where the keyfile will be.
    to: HostPath,
}

/// Returns the plan for `migration`.
pub(super) fn draft<S: Source>(
    source: &S,
    migration: &Migration,
    options: &Options,
) -> Result<Unjudged<'static>, PlanError<S::Error>> {
    let mut tree = read(source).map_err(PlanError::Unread)?;
    let before = backend::inspect(&tree, Interest::All);
    let refused = |tree: &Tree, refusal| PlanError::refused(tree, refusal);
    let unnamed = migrate::unnamed(&tree, &before);
    let bond_ports = migrate::bond_ports(&tree, &before);
    let chosen = chosen::of(&tree, &before, &unnamed, &bond_ports, migration)
        .map_err(|refusal| refused(&tree, refusal))?;
    started::ensure_read(&before, &chosen).map_err(|refusal| refused(&tree, refusal))?;
    // a copy is no profile of its own, though NetworkManager takes it for one
    let (copied, chosen): (Vec<&Profile>, Vec<&Profile>) =
        chosen.into_iter().partition(|profile| profile.wording.copy);
    let (left_alone, chosen): (Vec<&Profile>, Vec<&Profile>) = chosen
        .into_iter()
        .partition(|profile| unmanaged::is_one(&before, profile));
    let moved = moved(&tree, &before, &chosen, &bond_ports, options)
        .map_err(|refusal| refused(&tree, refusal))?;
    let losses = losses(&tree, &before, &moved);
    if let Some(refusal) = unacceptable(&losses, migration) {
        return Err(PlanError::lossy(&tree, refusal, losses));
    }
    let copied: Vec<&HostPath> = copied
        .iter()
        .filter_map(|profile| profile.home.file.as_ref())
        .collect();
    let strays = started::strays(&tree, &before, &chosen);
    let put_away = copied.iter().copied().chain(&strays);
    let set = changes(&tree, &before, &moved, &left_alone, put_away);
    let mut copies = options.copies(source)?;
    let places = set.iter().flat_map(|change| copies.places(&change.path));
    let wanted = Scope {
        files: places.collect(),
        ..Scope::default()
    };
    copies.look(source, &mut tree, &wanted)?;
    let told = told::Told {
        tree: &tree,
        host: &before,
        moved: &moved,
        left_alone: &left_alone,
        copied: &copied,
        strays: &strays,
        losses: &losses,
        first_route: migrate::first_route(&tree, &before),
    };
    Ok(Unjudged {
        plan: plan(&told, set, &copies, options),
        tree,
        before,
        interest: Interest::All,
        found: None,
        put_right: None,
        comes_back: PutRight::default(),
    })
}

/// Returns all that a migration must know.
fn read<S: Source>(source: &S) -> Result<Tree, S::Error> {
    let mut scope = backend::scope_with_running(Interest::All);
    migrate::widen(&mut scope);
    scope.files.push(HostPath::literal(lists::RESOLV_CONF));
    scope.present.extend(around::present());
    let mut tree = source.files(&scope)?;
    tree.absorb(source.files(&started::units())?);
    Ok(tree)
}

/// Creates a file that everybody may read, owned by root, which has its security label from `like`.
fn create_readable(editor: &mut Editor<'_>, path: &HostPath, text: String, like: &'static str) {
    let attrs = Attrs {
        mode: 0o644,
        uid: 0,
        gid: 0,
    };
    editor.create(path, text.into_bytes(), attrs, &HostPath::literal(like));
}

/// Makes the keyfiles.
fn moved<'h>(
    tree: &Tree,
    host: &'h Host,
    chosen: &[&'h Profile],
    bond_ports: &[chosen::Port],
    options: &Options,
) -> Result<Vec<Moved<'h>>, Refusal> {
    let around = migrate::Around::of(tree, host);
    let taken = around::Taken::of(host);
    let (mut made, mut refused) = (Vec::new(), Vec::new());
    for profile in chosen {
        let keyfile = migrate::keyfile(tree, host, &around, profile, As::InForce);
        let keyfile = keyfile.map_err(|cannot| refusal(profile, cannot));
        let keyfile = keyfile.and_then(|keyfile| {
            ensure_of_use(host, &taken, profile, &keyfile, options)?;
            Ok(keyfile)
        });
        match keyfile {
            Ok(keyfile) => made.push((*profile, keyfile)),
            Err(refusal) => refused.push((*profile, refusal)),
        }
    }
    if let Some(refusal) = instead::of(chosen, bond_ports, refused) {
        return Err(refusal);
    }
    let mut places: BTreeMap<HostPath, &InterfaceName> = BTreeMap::new();
    let mut found: Vec<Moved<'h>> = Vec::new();
    for (profile, keyfile) in made {
        let to = place(tree, &places, profile, &keyfile);
        places.insert(to.clone(), &profile.interface);
        found.push(Moved {
            profile,
            keyfile,
            to,
        });
    }
    Ok(found)
}

/// Refuses a keyfile that NetworkManager would not use.
fn ensure_of_use(
    host: &Host,
    taken: &around::Taken<'_>,
    profile: &Profile,
    keyfile: &Keyfile,
    options: &Options,
) -> Result<(), Refusal> {
    taken.ensure_free(&host.readers, profile, keyfile)?;
    if options.force == Force::No {
        around::ensure_taken(profile, keyfile)?;
        if keyfile.names_interface() {
            taken.ensure_alone(profile)?;
            around::ensure_brought_up(host, profile)?;
        }
    }
    Ok(())
}

fn refusal(profile: &Profile, cannot: Cannot) -> Refusal {
    let message = format!("`{}` cannot be migrated: {}", profile.interface, cannot.why);
    let (path, line) = cannot
        .at
        .map_or((profile.home.file.clone(), None), |(path, line)| {
            (Some(path), line)
        });
    let refusal = Refusal::new(message).at(path.as_ref(), line);
    match cannot.help {
        Some(help) => refusal.help(help),
        None => refusal,
    }
}

/// Returns where the keyfile of a profile will be: called after the interface that it names, else after its ifcfg file, and
/// where that is taken with the UUID, as NetworkManager does it.
fn place(
    tree: &Tree,
    places: &BTreeMap<HostPath, &InterfaceName>,
    profile: &Profile,
    keyfile: &Keyfile,
) -> HostPath {
    let folder = HostPath::literal(KEYFILES);
    let file = profile.home.file.as_ref();
    let suffix = file.and_then(|path| path.name().strip_prefix("ifcfg-"));
    let name = match suffix {
        Some(suffix) if !keyfile.names_interface() => suffix,
        Some(_) | None => profile.interface.as_str(),
    };
    let path = folder.join(&format!("{name}.nmconnection"));
    match tree.exists(&path) || places.contains_key(&path) {
        true => folder.join(&format!("{name}-{}.nmconnection", keyfile.uuid)),
        false => path,
    }
}

/// Returns what is lost, of the host as a whole last; secrets in shell code are masked.
fn losses(tree: &Tree, host: &Host, moved: &[Moved<'_>]) -> Vec<Loss> {
    let own = moved.iter().flat_map(|one| one.keyfile.losses.clone());
    let all = own.chain(around::losses(tree, host, moved));
    let masked = |loss: Loss| Loss {
        what: secret::line(&loss.at, &loss.what).into_owned(),
        ..loss
    };
    let mut seen = BTreeSet::new();
    let all = all.map(masked);
    all.filter(|loss| seen.insert(loss.clone())).collect()
}

/// Refuses to lose what the host may not be reached without.
fn unacceptable(losses: &[Loss], migration: &Migration) -> Option<Refusal> {
    let grave = losses.iter().filter(|loss| loss.weight == Weight::Grave);
    let grave: Vec<&Loss> = grave.collect();
    let first = grave.first().filter(|_| !migration.accept_loss)?;
    let (message, them) = match grave.len() {
        1 => (
            format!(
                "a keyfile cannot say `{}`, without which the host may not be reached: {}",
                first.what, first.meant
            ),
            "it",
        ),
        count => (
            format!(
                "keyfiles cannot say {count} settings, without which the host may not be reached"
            ),
            "them",
        ),
    };
    let help = match &first.instead {
        Some(instead) if grave.len() == 1 => {
            format!("use {instead} instead, or go on without it: --accept-loss")
        }
        Some(_) | None => format!("go on without {them}: --accept-loss"),
    };
    Some(
        Refusal::new(message)
            .at(Some(&first.at), first.line)
            .help(help),
    )
}

/// Returns the changes: keyfiles come, ifcfg files go with what they say beside them.
fn changes<'t>(
    tree: &Tree,
    host: &Host,
    moved: &[Moved<'_>],
    left_alone: &[&Profile],
    put_away: impl Iterator<Item = &'t HostPath>,
) -> ChangeSet {
    let mut editor = Editor::new(tree);
    for one in moved {
        let like = one.profile.home.file.clone();
        let like = like.unwrap_or_else(|| HostPath::literal(KEYFILES));
        // NetworkManager ignores a keyfile of anybody else
        let uid = owner(tree);
        let like = tree.file(&like).filter(|file| file.attrs.uid == uid);
        let attrs = Attrs {
            mode: MODE,
            uid,
            gid: like.map_or(uid, |file| file.attrs.gid),
        };
        let bytes = one.keyfile.text.clone().into_bytes();
        editor.create(&one.to, bytes, attrs, &HostPath::literal(KEYFILES));
        for path in &one.keyfile.from {
            editor.delete(path);
        }
    }
    for path in put_away {
        editor.delete(path);
    }
    unmanaged::write(&mut editor, tree, left_alone);
    card::write(&mut editor, tree, moved);
    started::write(&mut editor, tree, host, moved);
    editor.finish()
}

fn plan(told: &told::Told<'_>, set: ChangeSet, copies: &Copies, options: &Options) -> Plan {
    let (full, backups) = backup::add(told.tree, &told.host.readers, &set, copies);
    let mut warnings = told.warnings();
    warnings.extend(words::copies::explain(&backups));
    Plan {
        title: told.title(),
        moves: told.moves(),
        losses: told.losses.to_vec(),
        waits: BTreeSet::new(),
        next_steps: match set.is_empty() {
            true => Vec::new(),
            false => around::steps(
                (told.tree, told.host),
                told.moved,
                !told.left_alone.is_empty(),
                &options.run,
            ),
        },
        set,
        full,
        backups,
        warnings,
    }
}
