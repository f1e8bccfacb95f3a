//! Two plans that are right each for itself, saved from one tree: the second is refused where the first took what it
//! takes, or is applied and leaves the tree without a new error.

use crate::run::{Scene, all, contents};

const NAT: &str = "network add lab --mode nat --subnet 10.7.0.0/24 --device virbr5";

/// What becomes of a plan.
#[derive(Clone, Copy, PartialEq, Eq)]
enum End {
    Applied,
    OutOfDate,
    /// All is as it asks for.
    NothingToDo,
}

use End::{Applied, NothingToDo, OutOfDate};

/// A plan, what happens before it is applied, and what becomes of it.
const PAIRS: &[(&str, &str, End)] = &[
    (
        NAT,
        "network add other --mode nat --subnet 10.7.0.0/24 --device virbr5",
        OutOfDate,
    ),
    (
        NAT,
        "network add other --mode nat --subnet 10.9.0.0/24 --device virbr5",
        OutOfDate,
    ),
    (
        NAT,
        "network add other --mode nat --subnet 10.7.0.0/16 --device virbr6",
        OutOfDate,
    ),
    (
        NAT,
        "network add other --mode isolated --subnet 10.7.0.128/25 --device virbr6",
        OutOfDate,
    ),
    (
        NAT,
        "network add lab --mode nat --subnet 10.9.0.0/24 --device virbr6",
        OutOfDate,
    ),
    (NAT, "bridge add virbr5 --port ens33", OutOfDate),
    (
        NAT,
        "network copy default other --subnet 10.9.0.0/24 --device virbr5",
        OutOfDate,
    ),
    (
        NAT,
        "network add other --mode nat --subnet 10.9.0.0/24 --device virbr6",
        Applied,
    ),
    (NAT, "guest disconnect vm1 --interface 1", Applied),
    (
        "bridge add br0 --port ens33",
        "bridge add br1 --port ens33",
        OutOfDate,
    ),
    (
        "bridge add br0 --port ens33",
        "bridge add br0 --port ens33",
        NothingToDo,
    ),
    (
        "bridge add br0 --port ens33",
        "network add other --mode nat --subnet 10.9.0.0/24 --device br0",
        OutOfDate,
    ),
    (
        "network set default --domain a",
        "network set default --domain b",
        OutOfDate,
    ),
    (
        "network set default --domain a",
        "network remove default --force",
        OutOfDate,
    ),
    (
        "guest connect vm1 --network default --new",
        "network remove default --force",
        OutOfDate,
    ),
    (
        "guest connect vm1 --network default --new",
        "guest connect vm1 --network default --new",
        NothingToDo,
    ),
    (
        "network copy default other --subnet 10.9.0.0/24 --device virbr7",
        "network set default --domain b",
        OutOfDate,
    ),
    ("rollback 1", "network set default --domain b", OutOfDate),
];

#[test]
fn a_plan_is_held_to_the_tree_as_it_is() {
    all(PAIRS, |(saved, between, end)| {
        let scene = Scene::new();
        let context = format!("{saved} | {between}");
        let ran = scene.run(&format!("{saved} --dry-run --out PLAN"), &context);
        assert_eq!(ran.code, 0, "{context}\n{}", ran.said);
        let ran = scene.run(&format!("{between} --yes"), &context);
        assert_eq!(ran.code, 0, "{context}\n{}", ran.said);
        let errors = errors(&scene, &context);
        let before = contents(&scene.root());
        let ran = scene.run("apply PLAN --yes", &context);
        let found = match ran.code {
            0 if ran.said.starts_with("Nothing to change") => NothingToDo,
            0 => Applied,
            _ => OutOfDate,
        };
        assert!(found == *end, "{context}\n{}", ran.said);
        if found == Applied {
            assert!(
                self::errors(&scene, &context) <= errors,
                "{context}\n{}",
                ran.said
            );
        } else {
            let told = ran.said.contains("out of date");
            assert_eq!(told, found == OutOfDate, "{context}\n{}", ran.said);
            assert!(contents(&scene.root()) == before, "{context}\n{}", ran.said);
        }
    });
}

fn errors(scene: &Scene, context: &str) -> usize {
    scene.run("check", context).said.matches("error[").count()
}
