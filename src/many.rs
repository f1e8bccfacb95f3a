//! The same for each of many things, in several threads where that pays.
//!
//! Threads are used only for what was measured to need them: folders of tens of thousands of files.

use std::num::NonZero;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

/// From this many things on, threads pay.
const MANY: usize = 512;
/// More threads than this only get into each other's way at the disk.
const MOST: usize = 8;

/// Returns what `f` makes of each item, in their order.
///
/// # Panics
/// When `f` does.
pub fn map<T: Sync, R: Send>(items: &[T], f: impl Fn(&T) -> R + Sync) -> Vec<R> {
    // to ask for the number of threads takes files of the system to be read
    if items.len() < MANY {
        return items.iter().map(f).collect();
    }
    let threads = threads();
    if threads < 2 {
        return items.iter().map(f).collect();
    }
    let f = &f;
    thread::scope(|scope| {
        let parts = items.chunks(items.len().div_ceil(threads));
        let started: Vec<_> = parts
            .map(|part| scope.spawn(move || part.iter().map(f).collect::<Vec<_>>()))
            .collect();
        started
            .into_iter()
            .flat_map(|part| part.join().expect("what runs in a thread does not panic"))
            .collect()
    })
}

/// Returns what `f` makes of each item, in their order: few items of which each takes long, so that each thread takes the
/// next one when it is done with one.
///
/// # Panics
/// When `f` does.
pub fn share<T: Sync, R: Send>(items: &[T], f: impl Fn(&T) -> R + Sync) -> Vec<R> {
    if items.len() < 2 {
        return items.iter().map(f).collect();
    }
    let threads = threads().min(items.len());
    let (next, f) = (&AtomicUsize::new(0), &f);
    let work = move || {
        let mut done = Vec::new();
        loop {
            let index = next.fetch_add(1, Ordering::Relaxed);
            let Some(item) = items.get(index) else {
                return done;
            };
            done.push((index, f(item)));
        }
    };
    let mut done: Vec<(usize, R)> = thread::scope(|scope| {
        let started: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        started
            .into_iter()
            .flat_map(|part| part.join().expect("what runs in a thread does not panic"))
            .collect()
    });
    done.sort_by_key(|(index, _)| *index);
    done.into_iter().map(|(_, result)| result).collect()
}

fn threads() -> usize {
    let found = thread::available_parallelism();
    found.map_or(1, NonZero::get).min(MOST)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_the_order() {
        for count in [0, 1, 2, MANY, 10 * MANY + 1] {
            let items: Vec<usize> = (0..count).collect();
            assert_eq!(
                map(&items, |item| item + 1),
                (1..=count).collect::<Vec<_>>()
            );
            assert_eq!(share(&items, |item| *item), items);
        }
    }
}
