//! What has to hold of every day, however bad.

mod answers;
mod limits;
mod links;
mod sessions;

use super::day::{Applied, Command, Day};
use super::mutant::Mutant;
use super::script::Script;
use crate::ledger::Refusal;
use lean_json::FromJson;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;

/// Lives a day, and says what did not hold: nothing, as it should be.
pub(super) fn violations(script: &Script, mutant: Option<Mutant>) -> Vec<String> {
    let found = catch_unwind(AssertUnwindSafe(|| findings(&Day::live(script, mutant, false))));
    found.unwrap_or_else(|_| vec!["something panics".to_owned()])
}

/// The same, with everything that happened.
pub(super) fn retell(script: &Script, mutant: Option<Mutant>) -> String {
    let day = Day::live(script, mutant, true);
    let found = findings(&day);
    format!("{}\n{}", day.traced(), found.join("\n"))
}

fn findings(day: &Rc<Day>) -> Vec<String> {
    answers::check(day);
    answers::check_good_day(day);
    sessions::check(day);
    links::check(day);
    limits::check(day);
    day.settle(|| sessions::are_over(day));
    sessions::check(day);
    answers::check_log(day);
    let mut found = day.account.borrow_mut().violations.split_off(0);
    found.append(&mut day.violations.borrow_mut());
    found
}

impl Command {
    /// What was asked, if it was this.
    fn asked<T: FromJson>(&self, name: &str) -> Option<T> {
        (self.name == name).then(|| lean_json::read(&self.input).expect("a command is read as it was written"))
    }

    /// What was asked and carried out, if it was this.
    fn carried_out<T: FromJson>(&self, name: &str) -> Option<(T, &Applied)> {
        let applied = self.applied.as_ref()?;
        Some((self.asked(name)?, applied))
    }
}

impl Applied {
    fn read<T: FromJson>(&self) -> Result<T, Refusal> {
        lean_json::read(&self.answer).expect("an answer is read as it was written")
    }
}
