//! What happens in one run: everything that a seed decides, as a list that can be made shorter.

use super::random::Random;
use crate::domain::Policy;

const MINUTE_MS: u64 = 60_000;

/// The rules that days go by.
pub(super) const POLICIES: [Policy; 4] = [
    Policy::for_tests(),
    Policy { max_tabs: 2, max_sessions_per_caller: 1, max_opens_per_minute: 3, sweep_budget: 8, ..Policy::for_tests() },
    Policy { max_browser_ms_per_day: Some(MINUTE_MS / 2), max_tabs: 1, ..Policy::for_tests() },
    Policy {
        max_sessions_per_caller: 2,
        coalesce_ms: 2_000,
        idle_ms: MINUTE_MS / 2,
        max_session_ms: 2 * MINUTE_MS,
        ..Policy::for_tests()
    },
];

/// One bad day.
#[derive(Debug, Clone)]
pub(super) struct Script {
    pub(super) seed: u64,
    pub(super) setting: Setting,
    pub(super) deeds: Vec<Deed>,
    pub(super) faults: Vec<Fault>,
}

/// How the day begins.
#[derive(Debug, Clone, Copy)]
pub(super) struct Setting {
    /// Which of [`POLICIES`].
    pub(super) policy: usize,
    /// Sessions of others' on the account.
    pub(super) foreign: usize,
    /// How many sessions Browser Run lists at once, however many it is asked for.
    pub(super) page: usize,
    /// The longest that an answer without a fault takes.
    pub(super) slowest_ms: u64,
}

/// Something that somebody does.
#[derive(Debug, Clone, Copy)]
pub(super) struct Deed {
    /// Its number, whatever else is taken out of the script.
    pub(super) id: usize,
    pub(super) at_ms: u64,
    pub(super) what: What,
    /// After how many steps its Worker dies.
    pub(super) dies_after: Option<u32>,
}

/// What is done. Sessions are named by a number: the so-manyth on the account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum What {
    Click {
        who: Who,
        page: u8,
        form: Form,
    },
    /// Follows a permalink; with `press`, presses the button there.
    Follow {
        who: Who,
        session: usize,
        names_tab: bool,
        press: bool,
    },
    Close {
        who: Who,
        session: usize,
    },
    /// Ada revokes a signed link of hers.
    Revoke {
        link: u8,
        close: bool,
    },
    CleanUp {
        dry_run: bool,
    },
    /// A session ends by itself.
    Ends {
        session: usize,
    },
    /// A tab is closed by who looks at it.
    ClosesTab {
        session: usize,
    },
    /// The clock of Worker and ledger is set.
    ClockJumps {
        by_ms: i64,
    },
    /// The Durable Object is moved.
    LedgerRestarts,
}

/// Who does it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Who {
    Ada,
    Bob,
    /// Nobody in particular, at one of two machines.
    Anybody(u8),
    /// Who has a signed link, in one of two browsers.
    Holder {
        link: u8,
        browser: u8,
    },
}

/// How a page is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    Plain,
    Fresh,
    ReadOnly,
    Recorded,
}

/// What goes wrong with one call of one deed: its `nth`, of either kind.
#[derive(Debug, Clone, Copy)]
pub(super) struct Fault {
    pub(super) deed: usize,
    pub(super) nth: usize,
    pub(super) what: Wrong,
}

/// What goes wrong.
#[derive(Debug, Clone, Copy)]
pub(super) enum Wrong {
    Call(BadCall),
    Command(BadCommand),
}

/// What goes wrong with a call of Browser Run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum BadCall {
    /// No connection.
    Refused,
    /// It is done, and the connection is reset.
    Reset,
    /// No answer by the deadline; it is done never, in time, or after that.
    TimedOut { done_after_ms: Option<u64> },
    /// Answered right before the deadline.
    Slow,
    /// Not done, and answered so; `hint`: the `retry-after`, a seconds' number or not.
    Status { status: u16, words: &'static str, hint: Option<&'static str> },
    /// Done, and answered with a 500 by something in between.
    DoneAnd500,
    /// Done, and answered with a page.
    Html,
    /// Done, and answered in the envelope of Cloudflare's API.
    Envelope,
    /// Done, and answered with fields missing.
    Fields,
    /// Done, and answered with more than is known, and other types.
    MoreFields,
    /// Done, and answered with the link alone, where an object belongs.
    BareLink,
    /// Done, and answered with a link to somewhere else.
    ForeignLink,
    /// The session ends right before.
    Vanished,
    /// The list leaves out one session of each two.
    Gaps,
}

/// What goes wrong with a command to the ledger.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum BadCommand {
    /// It does not arrive.
    Lost,
    /// It is carried out, and its answer does not arrive.
    AnswerLost,
    /// It is carried out after its deadline.
    Late,
    /// The object dies before it.
    Crash,
    /// The object dies before what it changed is stored.
    CrashUnsaved,
    /// The object dies when what it changed is stored, and nobody has been told.
    CrashSaved,
    /// SQLite fails at the so-manyth statement.
    DiskFull(usize),
}

const STATUSES: [BadCall; 13] = [
    status(401, r#"{"errors":[{"code":10000,"message":"Authentication failed"}]}"#, None),
    status(404, "No such session", None),
    status(410, "", None),
    status(429, r#"{"error":"Rate limit exceeded"}"#, Some("7")),
    status(429, r#"{"error":"Rate limit exceeded"}"#, None),
    status(429, "Browser time limit exceeded for today", None),
    status(429, "Too many browsers are open", Some("Wed, 21 Oct 2026 07:28:00 GMT")),
    status(500, r#"{"errors":[{"code":2000,"message":"internal"}]}"#, None),
    status(500, "<!doctype html><h1>Bad gateway</h1>", None),
    status(503, "No browser available. Please try again in a few minutes.", Some("30")),
    status(503, "", Some("-1")),
    status(400, "{", None),
    status(302, "", None),
];

const BAD_CALLS: [BadCall; 15] = [
    BadCall::Refused,
    BadCall::Reset,
    BadCall::Reset,
    BadCall::TimedOut { done_after_ms: None },
    BadCall::TimedOut { done_after_ms: Some(9_000) },
    BadCall::TimedOut { done_after_ms: Some(40_000) },
    BadCall::Slow,
    BadCall::DoneAnd500,
    BadCall::Html,
    BadCall::Envelope,
    BadCall::Fields,
    BadCall::MoreFields,
    BadCall::BareLink,
    BadCall::ForeignLink,
    BadCall::Gaps,
];

const fn status(status: u16, words: &'static str, hint: Option<&'static str>) -> BadCall {
    BadCall::Status { status, words, hint }
}

impl Script {
    /// The day that a seed decides.
    pub(super) fn of(seed: u64) -> Self {
        let mut random = Random::of(&[seed]);
        let setting = Setting {
            policy: random.index(POLICIES.len()),
            foreign: random.index(4),
            page: random.one_of(&[1, 2, 100]),
            slowest_ms: random.one_of(&[50, 1_500, 6_000]),
        };
        let span_ms = random.one_of(&[300, 8_000, 60_000, 600_000]);
        let busy = random.between(1, 5) as usize;
        let theme = random.one_of(&[Theme::Any, Theme::Links, Theme::Ada, Theme::CleanUps]);
        let mut deeds = Vec::new();
        while deeds.len() < busy {
            let id = deeds.len();
            let at_ms = if random.percent(85) { random.below(span_ms) } else { random.below(20 * 60_000) };
            let dies_after = random.percent(12).then(|| random.between(1, 10) as u32);
            let what = what(&mut random, theme);
            deeds.push(Deed { id, at_ms, what, dies_after });
            if random.percent(25) && matches!(what, What::Click { .. }) {
                // A double click.
                deeds.push(Deed { id: id + 1, at_ms: at_ms + random.below(400), what, dies_after: None });
            }
        }
        let faults = faults(&mut random, deeds.len());
        Self { seed, setting, deeds, faults }
    }

    pub(super) fn bad_call(&self, deed: usize, nth: usize) -> Option<BadCall> {
        self.wrong(deed, nth).find_map(|wrong| if let Wrong::Call(call) = wrong { Some(call) } else { None })
    }

    pub(super) fn bad_command(&self, deed: usize, nth: usize) -> Option<BadCommand> {
        self.wrong(deed, nth).find_map(|wrong| if let Wrong::Command(command) = wrong { Some(command) } else { None })
    }

    /// Whether nothing goes wrong, and nobody takes away what others use.
    pub(super) fn is_good(&self) -> bool {
        let goes_on = |what| matches!(what, What::Click { .. } | What::Follow { .. } | What::CleanUp { .. });
        self.faults.is_empty() && self.deeds.iter().all(|deed| deed.dies_after.is_none() && goes_on(deed.what))
    }

    /// Whether somebody follows or revokes a link.
    pub(super) fn uses_link(&self, link: u8) -> bool {
        self.deeds.iter().any(|deed| match deed.what {
            What::Click { who: Who::Holder { link: theirs, .. }, .. } | What::Revoke { link: theirs, .. } => {
                theirs == link
            }
            _ => false,
        })
    }

    fn wrong(&self, deed: usize, nth: usize) -> impl Iterator<Item = Wrong> {
        self.faults.iter().filter(move |fault| (fault.deed, fault.nth) == (deed, nth)).map(|fault| fault.what)
    }
}

/// What a day is mostly about, so that things meet.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Theme {
    Any,
    Links,
    Ada,
    CleanUps,
}

fn what(random: &mut Random, theme: Theme) -> What {
    let who = who(random, theme);
    if theme == Theme::Links && random.percent(15) {
        return What::Revoke { link: 0, close: random.percent(50) };
    }
    if theme == Theme::CleanUps && random.percent(30) {
        return What::CleanUp { dry_run: false };
    }
    match random.below(100) {
        0..50 => What::Click { who, page: random.below(3) as u8, form: form(random) },
        50..60 => {
            let (session, names_tab, press) = (random.index(6), random.percent(50), random.percent(20));
            What::Follow { who, session, names_tab, press }
        }
        60..67 => What::Close { who, session: random.index(6) },
        67..74 => What::Revoke { link: random.below(2) as u8, close: random.percent(50) },
        74..85 => What::CleanUp { dry_run: random.percent(15) },
        85..90 => What::Ends { session: random.index(6) },
        90..93 => What::ClosesTab { session: random.index(6) },
        93..97 => What::ClockJumps { by_ms: random.one_of(&[-90_000, 5_000, 700_000, 86_400_000]) },
        _ => What::LedgerRestarts,
    }
}

fn who(random: &mut Random, theme: Theme) -> Who {
    match random.below(10) {
        0..8 if theme == Theme::Links => Who::Holder { link: 0, browser: random.below(2) as u8 },
        0..8 if theme == Theme::Ada => Who::Ada,
        0..4 => Who::Ada,
        4 => Who::Bob,
        5 | 6 => Who::Anybody(random.below(2) as u8),
        _ => Who::Holder { link: random.below(2) as u8, browser: random.below(2) as u8 },
    }
}

fn form(random: &mut Random) -> Form {
    match random.below(10) {
        0..6 => Form::Plain,
        6 | 7 => Form::Fresh,
        8 => Form::ReadOnly,
        _ => Form::Recorded,
    }
}

/// How many of a deed's calls can go wrong.
const CALLS: usize = 9;

fn faults(random: &mut Random, deeds: usize) -> Vec<Fault> {
    let (of_calls, of_commands) = (random.one_of(&[0, 6, 15, 40]), random.one_of(&[0, 0, 6, 20]));
    let mut faults = Vec::new();
    for (deed, nth) in (0..deeds).flat_map(|deed| (0..CALLS).map(move |nth| (deed, nth))) {
        if random.percent(of_calls) {
            faults.push(Fault { deed, nth, what: Wrong::Call(bad_call(random)) });
        }
        if random.percent(of_commands) {
            faults.push(Fault { deed, nth, what: Wrong::Command(bad_command(random)) });
        }
    }
    faults
}

fn bad_call(random: &mut Random) -> BadCall {
    match random.below(10) {
        0..4 => random.one_of(&STATUSES),
        4 => BadCall::Vanished,
        _ => random.one_of(&BAD_CALLS),
    }
}

fn bad_command(random: &mut Random) -> BadCommand {
    match random.below(7) {
        0 => BadCommand::Lost,
        1 => BadCommand::AnswerLost,
        2 => BadCommand::Late,
        3 => BadCommand::Crash,
        4 => BadCommand::CrashUnsaved,
        5 => BadCommand::CrashSaved,
        _ => BadCommand::DiskFull(random.index(4)),
    }
}
