//! How a day goes: what is done when, and a calm time at its end.

use super::day::{Day, Worker};
use super::deeds;
use super::mutant::Mutant;
use super::script::{Deed, Script, What};
use crate::log;
use std::rc::Rc;

const HOUR_MS: u64 = 60 * 60_000;
/// So many clean-ups end everything.
const CALM_RUNS: usize = 4;

impl Day {
    /// Lives a day to its end, and a calm time after it.
    pub(super) fn live(script: &Script, mutant: Option<Mutant>, is_traced: bool) -> Rc<Self> {
        // What was said before is no part of it.
        drop(log::kept::take());
        let day = Rc::new(Self::new(script.clone(), mutant, is_traced));
        day.restart_ledger();
        deeds::make_links(&day);
        for deed in &script.deeds {
            let (at, deed) = (Rc::clone(&day), *deed);
            day.sim.after(deed.at_ms, move || at.begin_deed(deed));
        }
        day.sim.run();
        day
    }

    /// Lets clean-ups run until everything of ours is over: hours, in which each is too old or to be closed again.
    pub(super) fn settle(self: &Rc<Self>, is_over: impl Fn() -> bool) {
        self.is_calm.set(true);
        for run in 0..CALM_RUNS {
            if is_over() {
                return;
            }
            self.sim.pass(HOUR_MS + 1);
            let what = What::CleanUp { dry_run: false };
            self.begin_deed(Deed { id: 100 + run, at_ms: 0, what, dies_after: None });
            self.sim.run();
        }
        if !is_over() {
            self.violation("something of ours is left after hours of clean-ups".to_owned());
        }
    }

    fn begin_deed(self: &Rc<Self>, deed: Deed) {
        let now_ms = self.sim.now_ms();
        self.witness(deed.id, |witness| (witness.what, witness.begun_ms) = (Some(deed.what), now_ms));
        self.trace(|| format!("deed {}: {:?} begins", deed.id, deed.what));
        match deed.what {
            What::Ends { session } => self.account.borrow_mut().end(session, now_ms),
            What::ClosesTab { session } => self.account.borrow_mut().close_first_tab(session),
            What::ClockJumps { by_ms } => {
                self.clock_set_ms.set(self.clock_set_ms.get() + by_ms);
                // By that clock what is in flight is over, as after a restart.
                self.generation.set(self.generation.get() + 1);
            }
            What::LedgerRestarts => self.restart_ledger(),
            _ => {
                let worker = Worker::new(Rc::clone(self), deed.id);
                self.sim.spawn(deed.dies_after, async move {
                    deeds::carry_out(&worker.app(), &worker, deed.what).await;
                    worker.day.witness(worker.deed, |witness| witness.is_finished = true);
                });
            }
        }
    }
}
