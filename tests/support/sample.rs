//! Which of many states are tried, and how far it is.
//!
//! A test over thousands of states tries an even sample of them, always the same one, and says which; with
//! `KVMNET_WHOLE=1` it tries all. Nothing here is captured by the test runner: no test is silent for a minute.

use std::collections::BTreeSet;
use std::io::Write;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

/// How long a test says nothing.
const SILENT: Duration = Duration::from_secs(30);

/// Returns whether all states are to be tried.
pub(crate) fn whole() -> bool {
    std::env::var_os("KVMNET_WHOLE").is_some_and(|value| value == "1")
}

/// Prints a line past the test runner, which would keep it to itself.
pub(crate) fn say(line: &str) {
    // one write: lines of several tests do not mix
    let _ = std::io::stderr().write_all(format!("{line}\n").as_bytes());
}

/// Returns every kth of `all`, about `most` of them, the first and the last, and the first of each of its `kinds`; with
/// `KVMNET_WHOLE=1` all.
pub(crate) fn sample<T, K: Ord, I: IntoIterator<Item = K>>(
    what: &str,
    all: Vec<T>,
    most: usize,
    kinds: impl Fn(&T) -> I,
) -> Vec<T> {
    let total = all.len();
    let step = if whole() { 1 } else { step(total, most) };
    if step == 1 {
        return all;
    }
    let kept = pick(all, step, kinds);
    say(&format!(
        "{what}: every {} of {total}, {} with the first of each kind; all with KVMNET_WHOLE=1",
        ordinal(step),
        kept.len()
    ));
    kept
}

fn pick<T, K: Ord, I: IntoIterator<Item = K>>(
    all: Vec<T>,
    step: usize,
    kinds: impl Fn(&T) -> I,
) -> Vec<T> {
    let (total, mut known) = (all.len(), BTreeSet::new());
    let mut kept = Vec::new();
    for (n, one) in all.into_iter().enumerate() {
        let mut new = false;
        for kind in kinds(&one) {
            new |= known.insert(kind);
        }
        if new || n.is_multiple_of(step) || n + 1 == total {
            kept.push(one);
        }
    }
    kept
}

/// Returns how far the states of a sample are apart. Lists of states repeat: six errors a call, five commands a tree; a
/// step that shares no factor with such a period comes by all of it.
pub(crate) fn step(total: usize, most: usize) -> usize {
    let coprime = |step: &usize| [2, 3, 5].iter().all(|factor| !step.is_multiple_of(*factor));
    (total.div_ceil(most).max(1)..)
        .find(coprime)
        .expect("there is always a larger one")
}

fn ordinal(n: usize) -> String {
    let ending = match (n % 10, n % 100) {
        (_, 11..=13) => "th",
        (1, _) => "st",
        (2, _) => "nd",
        (3, _) => "rd",
        _ => "th",
    };
    format!("{n}{ending}")
}

/// Calls `f` with each item, on several threads, and says from time to time how far it is.
pub(crate) fn each<T: Sync>(what: &str, items: &[T], f: impl Fn(&T) + Sync) {
    let next = AtomicUsize::new(0);
    let said = Mutex::new((0, Instant::now()));
    // a thread waits for a process most of the time
    let threads = std::thread::available_parallelism().map_or(2, usize::from) * 2;
    std::thread::scope(|scope| {
        for _ in 0..threads.min(items.len()) {
            scope.spawn(|| {
                while let Some(item) = items.get(next.fetch_add(1, Ordering::Relaxed)) {
                    f(item);
                    let (done, last) = &mut *said.lock().unwrap();
                    *done += 1;
                    if last.elapsed() > SILENT {
                        *last = Instant::now();
                        say(&format!("{what}: {done} of {}", items.len()));
                    }
                }
            });
        }
    });
}

#[test]
fn a_sample_is_even_and_has_each_kind() {
    let kept = pick((0..100).collect(), step(100, 10), |n| [*n == 50]);
    assert_eq!(kept, [0, 11, 22, 33, 44, 50, 55, 66, 77, 88, 99]);
    assert_eq!(pick((0..100).collect(), 1, |n| [*n]).len(), 100);
    assert_eq!(pick(Vec::<u8>::new(), 7, |n| [*n]).len(), 0);
    assert_eq!((step(600, 600), step(601, 600), step(0, 5)), (1, 7, 1));
    let names = [1, 7, 11, 13, 23, 31, 101, 113].map(ordinal);
    assert_eq!(
        names,
        [
            "1st", "7th", "11th", "13th", "23rd", "31st", "101st", "113th"
        ]
    );
}
