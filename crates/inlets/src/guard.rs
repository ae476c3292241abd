//! The guard on removals: many at once look like a mistake at the source, and are asked about first.

/// So many may go without being asked about, however few there are …
pub const REMOVED_UNASKED: u64 = 50;
/// … and this part of all of them, in percent.
pub const REMOVED_UNASKED_PERCENT: u64 = 20;

/// Whether so many removals, of so many objects, look like a mistake.
pub fn asks_first(removed: u64, all: u64) -> bool {
    removed > REMOVED_UNASKED && removed * 100 > all * REMOVED_UNASKED_PERCENT
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_removals_are_asked_about() {
        let check = |removed: u64, all: u64, expected: bool| {
            assert_eq!(asks_first(removed, all), expected, "{removed} of {all}");
        };
        check(REMOVED_UNASKED, 60, false);
        check(REMOVED_UNASKED + 1, 60, true);
        check(200, 1_000, false);
        check(201, 1_000, true);
        check(0, 0, false);
    }
}
