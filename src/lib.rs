//! kvmnet edits the network configuration of a KVM host purely as files: plan, diff, apply with backup, roll back.
//!
//! The whole program in five lines; all between the first and the last is pure:
//!
//! ```text
//! let tree   = source.files(&backend::scope(interest))?;          // asked of the shell: the only reads
//! let before = backend::inspect(&tree, interest);                 // files -> Host
//! let future = op::plan(&before, &operation, force)?;             // Host -> Host, or a refusal
//! let set    = backend::emit(&tree, &before, &future.host)?;      // two Hosts -> ChangeSet
//! guard.commit(&set, meta)?;                                      // shell: the only writes
//! ```
//!
//! `plan::make` is lines one to four, for every command and whatever its goal. It adds what a user wants to know: originals
//! that can come back byte for byte, copies `FILE.old`, warnings, next steps; and it judges: only a `Judged` plan can be
//! committed. A dry run is the program without its last line.
//!
//! **Operations never see a file format; backends never see an operation.** An operation (`op`) edits the model (`host`);
//! a backend is a lens between documents (`doc`) and the model, and writes only the fields in which two models differ. So
//! unknown keys, comments, order and quoting survive by construction.
//!
//! Rules (`lint`) look at a tree and its host, and find what is wrong there: `kvmnet check` prints it, and every plan is
//! held against them, so that none makes a host worse.
//!
//! Five laws, tested over every fixture: a document prints as it was parsed; writing what was read changes nothing
//! (GetPut); reading what was written gives what was meant (PutGet); what is not understood is still there, or was given up
//! (conservation); a transaction that stops anywhere leaves the tree as before or as after. PutGet and conservation are
//! held against every plan, too (`backend::laws`), and for each law of the lenses there are broken lenses that it catches
//! (`tests/laws/mutants.rs`).
//!
//! Who may import whom (`tests/sources/layers.rs`); no two files use each other (`tests/sources/circles.rs`):
//!
//! | layer | modules | may import |
//! |---|---|---|
//! | 6 | `cli` | all |
//! | 5 | `root`, `transaction` | `tree`, `change`: they know files, not networks |
//! | 4 | `plan` | all below but `doc`: it asks `backend` what a text says |
//! | 3 | `backend`, `template`; `op`; `lint`; `picture` | `doc`, `tree`, `change`, `host`, `readers`; `op` only `host`, `readers` and paths; `picture` only `host` |
//! | 2 | `host` | `readers`, paths of `tree` |
//! | 2 | `readers` | `tree`, `doc`, `layout` |
//! | 1 | `tree`, `change`, `diff`; `secret` | each other; `secret` also `doc` |
//! | 0 | `doc`, `layout`, `many`; `shown`; `work`, which all may import | nothing |

pub mod backend;
pub mod change;
pub mod cli;
pub mod diff;
pub mod doc;
pub mod host;
pub mod layout;
pub mod lint;
pub mod many;
pub mod op;
pub mod picture;
pub mod plan;
pub mod readers;
pub mod root;
pub mod secret;
pub mod shown;
pub mod template;
pub mod transaction;
pub mod tree;
pub mod work;
