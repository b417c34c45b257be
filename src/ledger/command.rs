//! What the ledger can be asked, and how it travels: a command's name and its input's JSON go to the object, its answer's
//! JSON comes back. Two versions of the Worker can talk to one object, so the tests pin each of them byte for byte.

pub(super) mod begin_click;
pub(super) mod click_progress;
pub(super) mod closing;
pub(super) mod overview;
pub(super) mod reports;
pub(super) mod sessions;
pub(super) mod signed_links;
#[cfg(test)]
mod wire;

use super::rules::Ledger;
use super::unanswered::Unanswered;
use crate::domain::deadlines::LEDGER_MS;
use lean_json::{FromJson, ToJson};

/// One question or statement: its fields are its input.
pub(crate) trait Command: Named + ToJson + FromJson + 'static {
    /// What comes back, unless it is refused.
    type Answer: ToJson + FromJson;

    /// How long the answer may take.
    const DEADLINE_MS: u32 = LEDGER_MS;

    /// Carries it out. What it changes in `ledger` is saved before it is answered.
    ///
    /// # Errors
    /// Why there is no answer yet, or none at all.
    fn apply(&self, ledger: &mut Ledger, now_ms: u64) -> Result<Self::Answer, Unanswered>;
}

/// A command's name on its way.
pub(crate) trait Named {
    const NAME: &'static str;
}

/// A command whose type is not known where it is carried out.
pub(super) trait AnyCommand {
    /// Carries it out, saves what it changed, and answers with the JSON of a `Result<Answer, Refusal>`.
    fn answer(&self, ledger: &mut Ledger, now_ms: u64) -> Result<String, Unanswered>;
}

impl<C: Command> AnyCommand for C {
    fn answer(&self, ledger: &mut Ledger, now_ms: u64) -> Result<String, Unanswered> {
        let answer = match self.apply(ledger, now_ms) {
            Ok(answer) => Ok(answer),
            Err(Unanswered::Refused(refusal)) => Err(refusal),
            Err(unanswered) => return Err(unanswered),
        };
        ledger.save_changed()?;
        Ok(lean_json::write(&answer))
    }
}

/// Names every command, and reads one that has arrived: the one list of them.
macro_rules! commands {
    ($($module:ident::$command:ident,)*) => {
        $(impl Named for $module::$command {
            const NAME: &'static str = stringify!($command);
        })*

        /// Reads a command that has arrived.
        ///
        /// # Errors
        /// What is wrong with it, for the log: it can quote the input.
        pub(super) fn read(name: &str, input: &str) -> Result<Box<dyn AnyCommand>, String> {
            match name {
                $($module::$command::NAME => parse::<$module::$command>(input),)*
                _ => Err(format!("{name} is no command")),
            }
        }

        #[cfg(test)]
        const NAMES: &[&str] = &[$($module::$command::NAME,)*];
    };
}

commands! {
    begin_click::BeginClick,
    click_progress::FallBack,
    click_progress::RecordSession,
    click_progress::RecordTab,
    click_progress::AbandonClick,
    closing::MarkClosing,
    closing::RecordEndings,
    sessions::OpenSessions,
    sessions::FindSession,
    sessions::ListSessions,
    sessions::Touch,
    sessions::ForgetTab,
    signed_links::MakeLink,
    signed_links::CheckLink,
    signed_links::RevokeLink,
    signed_links::ListLinks,
    overview::ReadOverview,
    reports::SaveReport,
    reports::LastReport,
    reports::ReadMetrics,
}

fn parse<C: Command>(input: &str) -> Result<Box<dyn AnyCommand>, String> {
    let command: C = lean_json::read(input).map_err(|error| format!("{}: {error}", C::NAME))?;
    Ok(Box::new(command))
}
