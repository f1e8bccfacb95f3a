//! The same for each of many things, in several threads where that pays.
//!
//! Threads are used only for what was measured to need them: folders of tens of thousands of files.

use std::num::NonZero;
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
    let threads = thread::available_parallelism()
        .map_or(1, NonZero::get)
        .min(MOST);
    if items.len() < MANY || threads < 2 {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_the_order() {
        for count in [0, 1, MANY, 10 * MANY + 1] {
            let items: Vec<usize> = (0..count).collect();
            assert_eq!(
                map(&items, |item| item + 1),
                (1..=count).collect::<Vec<_>>()
            );
        }
    }
}
