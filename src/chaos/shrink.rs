//! A failing day, made as short as it fails.

use super::invariants::{retell, violations};
use super::mutant::Mutant;
use super::script::Script;

/// What fails on a day: the shortest of it that still does, and what happens then.
pub(super) fn report(script: &Script, mutant: Option<Mutant>) -> String {
    let Some(first) = violations(script, mutant).into_iter().next() else {
        return format!("nothing fails:\n{}", retell(script, mutant));
    };
    let short = shortest(script, mutant, &kind(&first));
    let Script { seed, setting, deeds, faults } = &short;
    let lines = |lines: Vec<String>| lines.join("\n  ");
    format!(
        "DEVTOOLS_LINK_SEED={seed} fails: {first}\nMade short: {setting:?}\n  {}\n  {}\n{}",
        lines(deeds.iter().map(|deed| format!("{deed:?}")).collect()),
        lines(faults.iter().map(|fault| format!("{fault:?}")).collect()),
        retell(&short, mutant)
    )
}

/// Takes away what is not needed for the same to fail.
fn shortest(script: &Script, mutant: Option<Mutant>, kind: &str) -> Script {
    let mut short = script.clone();
    loop {
        let fails = |script: &Script| violations(script, mutant).iter().any(|found| self::kind(found) == kind);
        let Some(shorter) = shorter(&short).find(fails) else { return short };
        short = shorter;
    }
}

/// The same day with one thing less.
fn shorter(script: &Script) -> impl Iterator<Item = Script> {
    let without_deed = (0..script.deeds.len()).map(|index| {
        let mut shorter = script.clone();
        shorter.deeds.remove(index);
        shorter
    });
    let without_fault = (0..script.faults.len()).map(|index| {
        let mut shorter = script.clone();
        shorter.faults.remove(index);
        shorter
    });
    let without_death =
        (0..script.deeds.len()).filter(|index| script.deeds[*index].dies_after.is_some()).map(|index| {
            let mut shorter = script.clone();
            shorter.deeds[index].dies_after = None;
            shorter
        });
    let without_others = (script.setting.foreign > 0).then(|| {
        let mut shorter = script.clone();
        shorter.setting.foreign = 0;
        shorter
    });
    without_deed.chain(without_fault).chain(without_death).chain(without_others)
}

/// A finding without its numbers and names.
fn kind(finding: &str) -> String {
    finding.chars().filter(|c| c.is_ascii_lowercase() || *c == ' ').take(60).collect()
}
