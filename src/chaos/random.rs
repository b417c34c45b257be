//! Chance that comes out the same each time: splitmix64. <https://prng.di.unimi.it/splitmix64.c>

/// A sequence of numbers that a seed decides.
pub(super) struct Random(u64);

impl Random {
    /// One sequence for each list of numbers.
    pub(super) fn of(seeds: &[u64]) -> Self {
        seeds.iter().fold(Self(0), |mut random, seed| Self(random.next() ^ seed.wrapping_mul(0x9e37_79b9_7f4a_7c15)))
    }

    pub(super) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below another one.
    pub(super) fn below(&mut self, end: u64) -> u64 {
        self.next() % end
    }

    /// One that is between two, both included.
    pub(super) fn between(&mut self, first: u64, last: u64) -> u64 {
        first + self.below(last - first + 1)
    }

    /// True in so many of a hundred.
    pub(super) fn percent(&mut self, percent: u64) -> bool {
        self.below(100) < percent
    }

    pub(super) fn one_of<T: Copy>(&mut self, of: &[T]) -> T {
        of[self.index(of.len())]
    }

    /// An index into so many.
    pub(super) fn index(&mut self, length: usize) -> usize {
        (self.next() % length as u64) as usize
    }
}
