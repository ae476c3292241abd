//! Deterministic randomness.

use std::cell::Cell;

use crate::id::Random;

/// A small generator (SplitMix64). Not fit for secrets.
#[derive(Debug, Clone)]
pub struct Dice(Cell<u64>);

impl Dice {
    /// The same seed gives the same throws.
    pub fn new(seed: u64) -> Self {
        Self(Cell::new(seed))
    }

    /// The next number.
    pub fn next(&self) -> u64 {
        let state = self.0.get().wrapping_add(0x9e37_79b9_7f4a_7c15);
        self.0.set(state);
        let mut mixed = state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below `limit`, 0 when there is none.
    pub fn below(&self, limit: usize) -> usize {
        if limit == 0 { 0 } else { (self.next() % limit as u64) as usize }
    }

    /// True so many times in a hundred.
    pub fn percent(&self, chance: u64) -> bool {
        self.next() % 100 < chance
    }
}

impl Random for Dice {
    fn fill(&self, bytes: &mut [u8]) {
        for chunk in bytes.chunks_mut(8) {
            let number = self.next().to_le_bytes();
            for (byte, source) in chunk.iter_mut().zip(number) {
                *byte = source;
            }
        }
    }
}
