//! Hash noise in integers alone: the same candles on every machine, at any minute, without a walk from an epoch.

use std::ops::Range;

/// 1.0 in the fixed-point logarithms of this room.
pub(super) const ONE_Q30: i64 = 1 << 30;

/// Finest to coarsest octave: 1 minute to 2^20 minutes (two years).
const OCTAVES: usize = 21;

/// Sebastiano Vigna's `splitmix64` finaliser.
pub(super) const fn mix(x: u64) -> u64 {
    let x = x.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    x ^ (x >> 31)
}

/// A uniform number for `at` under `key`.
pub(super) const fn hash(key: u64, at: i64) -> u64 {
    mix(key ^ mix(at.cast_unsigned()))
}

/// A key from a text, so that each symbol has a life of its own.
pub(super) fn key_of(seed: u64, text: &str) -> u64 {
    text.bytes().fold(mix(seed), |key, byte| mix(key ^ u64::from(byte)))
}

/// `e^x` in Q40 for `x` in Q30, as (1 + x/1024)^1024.
pub(super) fn exp_q40(x: i64) -> u64 {
    let mut y = ((1_i64 << 40) + x).max(1).cast_unsigned();
    for _ in 0..10 {
        y = u64::try_from((u128::from(y) * u128::from(y)) >> 40).unwrap_or(u64::MAX);
    }
    y
}

/// Octaves from this one on are summed at the ends of blocks of 2^6 minutes and run straight between:
/// each is a straight line there anyway, and one line is cheaper than fifteen.
const BLOCK: usize = 6;

/// Value noise summed over octaves; amplitudes grow with the square root of the width, as a random
/// walk's do. Remembers the lattice cells it stands in, so that stepping forward is cheap.
#[derive(Debug, Clone)]
pub(super) struct Octaves {
    key: u64,
    amplitudes: [i64; OCTAVES],
    cells: [Cell; OCTAVES],
    block: Cell,
}

/// A straight line over one cell of a lattice.
#[derive(Debug, Clone, Copy)]
struct Cell {
    index: i64,
    from: i64,
    to: i64,
}

impl Cell {
    const NOWHERE: Self = Self { index: i64::MIN, from: 0, to: 0 };

    /// The cell of `index`, whose `from` is known where the step was one forward.
    fn moved(self, index: i64, mut lattice: impl FnMut(i64) -> i64) -> Self {
        let from = if self.index.wrapping_add(1) == index { self.to } else { lattice(index) };
        Self { index, from, to: lattice(index + 1) }
    }

    fn at(self, minute: i64, octave: usize) -> i64 {
        let fraction = minute & ((1 << octave) - 1);
        self.from + (((self.to - self.from) * fraction) >> octave)
    }
}

impl Octaves {
    /// Noise whose one-minute steps are about `step` (Q30), from octave `finest` up to `coarsest`.
    pub(super) fn new(key: u64, step: i64, finest: usize, coarsest: usize) -> Self {
        let mut amplitudes = [0; OCTAVES];
        for (octave, amplitude) in amplitudes.iter_mut().enumerate().take(coarsest.min(OCTAVES - 1) + 1).skip(finest) {
            let even = step << (octave / 2);
            *amplitude = if octave % 2 == 0 { even } else { even * 181 / 128 };
        }
        Self { key, amplitudes, cells: [Cell::NOWHERE; OCTAVES], block: Cell::NOWHERE }
    }

    /// The noise at a minute, in Q30.
    pub(super) fn at(&mut self, minute: i64) -> i64 {
        let index = minute >> BLOCK;
        if self.block.index != index {
            let block = self.block;
            self.block = block.moved(index, |index| self.sum(BLOCK..OCTAVES, index << BLOCK));
        }
        self.block.at(minute, BLOCK) + self.sum(0..BLOCK, minute)
    }

    fn sum(&mut self, octaves: Range<usize>, minute: i64) -> i64 {
        let mut sum = 0;
        for octave in octaves {
            let amplitude = self.amplitudes[octave];
            if amplitude == 0 {
                continue;
            }
            let index = minute >> octave;
            if self.cells[octave].index != index {
                let key = self.key.wrapping_add(octave as u64);
                self.cells[octave] = self.cells[octave].moved(index, |index| {
                    let uniform = (hash(key, index) >> 32).cast_signed() - (1 << 31);
                    (uniform * amplitude) >> 31
                });
            }
            sum += self.cells[octave].at(minute, octave);
        }
        sum
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exp_is_near_the_true_one() {
        for x in [-2.0_f64, -0.5, 0.0, 0.001, 1.0, 3.0] {
            let got = exp_q40((x * ONE_Q30 as f64) as i64) as f64 / (1_u64 << 40) as f64;
            assert!((got / x.exp() - 1.0).abs() < 0.01, "{x}: {got}");
        }
    }

    #[test]
    fn noise_does_not_depend_on_the_way_there() {
        let mut walked = Octaves::new(7, 500_000, 0, 20);
        let mut values: Vec<i64> = (28_000_000..28_005_000).map(|minute| walked.at(minute)).collect();
        for (at, minute) in (28_000_000..28_005_000_i64).enumerate().step_by(77) {
            assert_eq!(Octaves::new(7, 500_000, 0, 20).at(minute), values[at]);
        }
        values.dedup();
        assert!(values.len() > 4_900, "it moves");
        let steps: Vec<i64> = values.windows(2).map(|pair| (pair[1] - pair[0]).abs()).collect();
        assert!(steps.iter().max() < Some(&(500_000 * 8)), "no leaps");
    }
}
