//! Ten thousand bad days: the Worker's own click, permalink, signed link, close and clean-up, and the object of its ledger,
//! over an account at Browser Run where anything goes wrong and anybody dies between any two steps.
//!
//! - [`script`]: what happens, all of it decided by a seed · [`random`]: how
//! - [`sim`]: time, and what waits for it
//! - [`account`], [`upstream`], [`spoilt`]: Browser Run, the way there, and what comes back · [`object`]: the ledger's object,
//!   and the way there
//! - [`day`]: one run, and what is seen of it · [`deeds`]: what people do · [`schedule`]: when · [`invariants`]: what has to hold
//! - [`mutant`], [`planted`]: faults of our own, each of which has to be found · [`shrink`]: a failing day made short

mod account;
mod day;
mod deeds;
mod invariants;
mod mutant;
mod object;
mod planted;
mod random;
mod schedule;
mod script;
mod shrink;
mod sim;
mod spoilt;
mod upstream;

use mutant::Mutant;
use script::Script;
use std::env;
use std::ops::Range;

/// How many days there are.
const DAYS: u64 = 10_000;
const QUARTER: u64 = DAYS / 4;

/// Lives the days of these seeds, or the one of `DEVTOOLS_LINK_SEED` where it is among them, and that with every word. The
/// first that does not end well is made short, and told.
fn live(seeds: Range<u64>) {
    let again: Option<u64> = env::var("DEVTOOLS_LINK_SEED").ok().map(|seed| seed.parse().expect("a seed is a number"));
    for seed in seeds.filter(|seed| again.is_none_or(|again| *seed == again)) {
        let script = Script::of(seed);
        if !invariants::violations(&script, None).is_empty() {
            panic!("{}", shrink::report(&script, None));
        }
        if again.is_some() {
            println!("{}", invariants::retell(&script, None));
        }
    }
}

/// In how many days a planted fault is found, and the first of them.
fn count(mutant: Mutant) -> (usize, Option<u64>) {
    let is_found = |seed: &u64| !invariants::violations(&Script::of(*seed), Some(mutant)).is_empty();
    let found: Vec<_> = (0..DAYS).filter(is_found).collect();
    (found.len(), found.first().copied())
}

#[test]
fn bad_days_of_the_first_quarter_end_well() {
    live(0..QUARTER);
}

#[test]
fn bad_days_of_the_second_quarter_end_well() {
    live(QUARTER..2 * QUARTER);
}

#[test]
fn bad_days_of_the_third_quarter_end_well() {
    live(2 * QUARTER..3 * QUARTER);
}

#[test]
fn bad_days_of_the_last_quarter_end_well() {
    live(3 * QUARTER..DAYS);
}

#[test]
fn a_day_is_the_same_each_time() {
    for seed in 0..20 {
        let script = Script::of(seed);
        assert_eq!(invariants::retell(&script, None), invariants::retell(&script, None), "{seed}");
    }
}

#[test]
fn mutants_are_found_in_the_ten_thousand_days() {
    for mutant in Mutant::ALL {
        let found = (0..DAYS).find(|seed| !invariants::violations(&Script::of(*seed), Some(mutant)).is_empty());
        assert!(found.is_some(), "{mutant:?} is not found");
    }
}

#[test]
#[ignore = "it takes minutes: cargo xtask test --mutants"]
fn mutants_are_counted() {
    for mutant in Mutant::ALL {
        let (days, first) = count(mutant);
        let seed = first.unwrap_or_else(|| panic!("{mutant:?} is not found"));
        let said = invariants::violations(&Script::of(seed), Some(mutant)).remove(0);
        println!("{:<22}{days:>6} of {DAYS} days, first {seed}: {said:.90}", format!("{mutant:?}"));
    }
}
