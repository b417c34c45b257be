//! Ten thousand bad days: the Worker's own click, permalink, signed link, close and clean-up, and the object of its ledger,
//! over an account at Browser Run where anything goes wrong and anybody dies between any two steps.
//!
//! - [`script`]: what happens, all of it decided by a seed · [`random`]: how
//! - [`sim`]: time, and what waits for it
//! - [`account`], [`upstream`]: Browser Run, and the way there · [`object`]: the ledger's object, and the way there
//! - [`deeds`]: what people do · [`day`]: one run · [`verdict`]: what has to hold of it
//! - [`mutant`]: planted faults, each of which has to be found · [`shrink`]: a failing day made short

mod account;
mod day;
mod deeds;
mod mutant;
mod object;
mod random;
mod script;
mod shrink;
mod sim;
mod upstream;
mod verdict;

use mutant::Mutant;
use script::Script;
use std::env;

/// How many days there are.
const DAYS: u64 = 10_000;

/// Lives the days of these seeds. The first that does not hold is made short, and told.
fn live(seeds: impl Iterator<Item = u64>) {
    for seed in seeds {
        let script = Script::of(seed);
        if !verdict::judge(&script, None).is_empty() {
            panic!("{}", shrink::report(&script, None));
        }
    }
}

/// `DEVTOOLS_LINK_SEED=…` lives that day again, and tells everything.
fn seed() -> Option<u64> {
    env::var("DEVTOOLS_LINK_SEED").ok()?.parse().ok()
}

#[test]
fn bad_days_end_well() {
    match seed() {
        Some(seed) => println!("{}", shrink::report(&Script::of(seed), None)),
        None => live(0..DAYS),
    }
}

#[test]
fn mutants_are_found_within_the_bad_days() {
    for mutant in Mutant::ALL {
        let found = (0..DAYS).find(|seed| !verdict::judge(&Script::of(*seed), Some(mutant)).is_empty());
        assert!(found.is_some(), "{mutant} is not found");
    }
}

#[test]
fn survey() {
    let mut kinds = std::collections::BTreeMap::<String, (u64, Vec<u64>, String)>::new();
    let start = std::time::Instant::now();
    let days: u64 = env::var("DAYS").ok().and_then(|days| days.parse().ok()).unwrap_or(1000);
    for seed in 0..days {
        for found in verdict::judge(&Script::of(seed), None) {
            let entry = kinds.entry(shrink::kind(&found)).or_default();
            entry.0 += 1;
            entry.1.push(seed);
            entry.2 = found;
        }
    }
    eprintln!("{:?}", start.elapsed());
    for (kind, (count, seeds, example)) in kinds {
        eprintln!(
            "{count} {kind}: {:?}\n     {}",
            &seeds[..seeds.len().min(6)],
            &example.chars().take(400).collect::<String>()
        );
    }
}
