//! The ledger's Durable Object, and the way to it: commands get lost, come late, and the object dies.

use super::day::{Applied, Command, Day, Standing, Worker};
use super::mutant::Mutant;
use super::planted;
use super::random::Random;
use super::script::BadCommand;
use crate::ledger::{Database, LedgerError, LedgerTransport, Object, Said};
use futures_channel::oneshot;
use futures_util::future::{Either, select};
use std::future::Future;
use std::pin::{Pin, pin};
use std::rc::Rc;

/// What a command waits for.
type Changed = Pin<Box<dyn Future<Output = ()>>>;
/// The answer of a command, on its way.
type Tell = oneshot::Sender<Result<String, String>>;

impl LedgerTransport for Worker {
    async fn send(&self, name: &'static str, input: String, deadline_ms: u32) -> Result<String, LedgerError> {
        match self.day.mutant {
            Some(mutant) => planted::send(mutant, self, name, input, deadline_ms).await,
            None => self.send_command(name, input, deadline_ms).await,
        }
    }
}

impl Worker {
    /// Sends one command, as far as it comes.
    pub(super) async fn send_command(
        &self, name: &'static str, input: String, deadline_ms: u32,
    ) -> Result<String, LedgerError> {
        let (day, nth) = (&self.day, self.asked.replace(self.asked.get() + 1));
        let bad = day.script.bad_command(self.deed, nth).filter(|_| !day.is_calm.get());
        let mut random = Random::of(&[day.script.seed, 3, self.deed as u64, nth as u64]);
        let slowest_ms = if day.is_calm.get() { 5 } else { day.script.setting.slowest_ms / 4 };
        let (there_ms, back_ms) = (random.between(1, slowest_ms), random.between(1, slowest_ms));
        let there_ms = if bad == Some(BadCommand::Late) { u64::from(deadline_ms) + there_ms } else { there_ms };
        let command = Command { deed: self.deed, name, input, applied: None, is_told: false };
        let index = day.commands.borrow().len();
        day.commands.borrow_mut().push(command);
        let (tell, told) = oneshot::channel();
        if bad != Some(BadCommand::Lost) {
            let at = Rc::clone(day);
            day.sim.after(there_ms, move || at.arrive(index, bad, tell));
        }
        let answer = async {
            let answer = told.await.unwrap_or_else(|_| Err("the object is gone".to_owned()));
            day.sim.sleep(back_ms).await;
            answer
        };
        let answer = match select(pin!(answer), pin!(day.sim.sleep(deadline_ms.into()))).await {
            Either::Left((Ok(answer), _)) if bad != Some(BadCommand::AnswerLost) => Ok(answer),
            Either::Left((Ok(_), _)) => Err("the connection is lost".to_owned()),
            Either::Left((Err(error), _)) => Err(error),
            Either::Right(_) => {
                if bad.is_none() {
                    day.check_left_waiting(index);
                }
                Err(format!("no answer within {deadline_ms} ms"))
            }
        };
        day.commands.borrow_mut()[index].is_told = answer.is_ok();
        day.trace(|| format!("deed {}: {} -> {answer:?}", self.deed, day.commands.borrow()[index].text()));
        answer.map_err(LedgerError::Failed)
    }

    /// Notes a command that a mutant says is done.
    pub(super) fn only_note(&self, name: &'static str, input: String) {
        self.day.commands.borrow_mut().push(Command { deed: self.deed, name, input, applied: None, is_told: true });
    }
}

impl Command {
    fn text(&self) -> String {
        format!("{} {}", self.name, self.input)
    }
}

impl Day {
    /// The object as it starts: with what is stored, and nothing else.
    pub(super) fn restart_ledger(self: &Rc<Self>) {
        let waiting = self.waiting.take();
        waiting.into_iter().for_each(|task| self.sim.end(task));
        let standing = Standing { database: self.database.clone(), day: Rc::downgrade(self) };
        self.object.replace(Rc::new(Object::new(standing)));
        self.generation.set(self.generation.get() + 1);
        self.trace(|| "the ledger starts".to_owned());
    }

    /// A command has arrived.
    fn arrive(self: &Rc<Self>, index: usize, bad: Option<BadCommand>, tell: Tell) {
        match bad {
            Some(BadCommand::Crash) => return self.restart_ledger(),
            Some(BadCommand::CrashUnsaved) => {
                self.statement("BEGIN");
                drop(self.ask(index));
                self.statement("ROLLBACK");
                self.commands.borrow_mut()[index].applied = None;
                return self.restart_ledger();
            }
            Some(BadCommand::CrashSaved) => {
                drop(self.ask(index));
                return self.restart_ledger();
            }
            Some(BadCommand::DiskFull(statements)) => self.database.fail_after(Some(statements)),
            _ => {}
        }
        let answer = self.ask(index);
        self.database.fail_after(None);
        let answer = match answer {
            Ok(Said::Answer(answer)) => Ok(answer),
            Ok(Said::Wait(changed)) => return self.let_wait(index, changed, tell),
            Err(error) => Err(error),
        };
        // Whoever asked may have given up, or died.
        drop(tell.send(answer));
    }

    /// Asks again behind each wait, as src/entry.js does.
    fn let_wait(self: &Rc<Self>, index: usize, changed: Changed, tell: Tell) {
        if self.mutant == Some(Mutant::NeverWoken) {
            return self.sim.after(u64::from(u32::MAX), move || drop(tell));
        }
        let day = Rc::downgrade(self);
        let task = self.sim.spawn(None, async move {
            let mut waits = changed;
            let answer = loop {
                waits.await;
                match day.upgrade().expect("the object dies before its day").ask(index) {
                    Ok(Said::Answer(answer)) => break Ok(answer),
                    Ok(Said::Wait(changed)) => waits = changed,
                    Err(error) => break Err(error),
                }
            };
            drop(tell.send(answer));
        });
        self.waiting.borrow_mut().push(task);
    }

    fn ask(&self, index: usize) -> Result<Said<Changed>, String> {
        let (name, input) = self.words(index);
        let object = Rc::clone(&self.object.borrow());
        match object.answer(name, &input) {
            Ok(Said::Answer(answer)) => {
                self.applied(index, &answer);
                Ok(Said::Answer(answer))
            }
            Ok(Said::Wait(changed)) => Ok(Said::Wait(Box::pin(changed))),
            Err(error) => {
                // Its ledger in memory is given up.
                self.generation.set(self.generation.get() + 1);
                Err(error)
            }
        }
    }

    fn words(&self, index: usize) -> (&'static str, String) {
        let command = &self.commands.borrow()[index];
        (command.name, command.input.clone())
    }

    fn applied(&self, index: usize, answer: &str) {
        let mut commands = self.commands.borrow_mut();
        let order = self.orders.replace(self.orders.get() + 1);
        let (generation, at_ms, wall_ms) = (self.generation.get(), self.sim.now_ms(), self.wall_ms());
        commands[index].applied = Some(Applied { answer: answer.to_owned(), order, generation, at_ms, wall_ms });
    }

    /// Nothing went wrong with a command that was not answered: it has to wait still.
    fn check_left_waiting(&self, index: usize) {
        let (name, input) = self.words(index);
        let object = Rc::clone(&self.object.borrow());
        if let Ok(Said::Answer(answer)) = object.answer(name, &input) {
            self.violation(format!("a {name} was left waiting that could be answered {answer}"));
        }
    }

    fn statement(&self, statement: &str) {
        self.database.execute(statement, "[]").expect("SQLite works");
    }
}
