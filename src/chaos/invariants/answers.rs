//! Every caller gets exactly one well-formed answer in time; nothing secret is in what is no redirect, or in the log.

use super::super::account::JWT;
use super::super::day::Day;
use super::super::deeds::{LINKED, PAGE_SECRET, caller, click, leads_to, request_id};
use super::super::script::{What, Who};
use crate::domain::TargetId;
use crate::domain::deadlines::{ACQUIRE_MS, CALL_MS, LEDGER_MS, WAITING_CLICK_MS};
use crate::http::Reply;
use crate::ledger::{RecordTab, Said};
use crate::log;
use serde_json::{Value, json};
use std::rc::Rc;

/// Kinds of problems that are over some time.
const PASSING: [&str; 7] =
    ["caller-sessions", "caller-opens", "browser-time", "too-fast", "too-many-open", "no-browser-time", "no-browser"];

pub(super) fn check(day: &Day) {
    let witnesses = day.witnesses.borrow();
    for (deed, witness) in witnesses.iter().enumerate() {
        let Some(what) = witness.what.filter(|what| is_answered(*what)) else { continue };
        match witness.answers.as_slice() {
            [] if !witness.is_finished && is_mortal(day, deed) => {}
            [(at_ms, reply)] => {
                if let Err(wrong) = check_reply(day, what, reply) {
                    day.violation(format!("deed {deed}: {wrong}: {reply:?}"));
                }
                let took_ms = at_ms - witness.begun_ms;
                if !matches!(what, What::CleanUp { .. }) && took_ms > allowed_ms(day, deed) {
                    day.violation(format!("deed {deed} was answered after {took_ms} ms"));
                }
            }
            answers => day.violation(format!("deed {deed} got {} answers", answers.len())),
        }
    }
}

/// Where nothing goes wrong, nothing is answered that something went wrong, and a double click is one tab.
pub(super) fn check_good_day(day: &Day) {
    if !day.script.is_good() {
        return;
    }
    let witnesses = day.witnesses.borrow();
    for (deed, witness) in witnesses.iter().enumerate() {
        let Some((at_ms, reply)) = witness.answers.first() else { continue };
        if reply.status >= 500 {
            day.violation(format!("deed {deed} fails though nothing goes wrong: {reply:?}"));
        }
        let before = witnesses[..deed].iter().filter(|first| is_same_click(first.what, witness.what));
        for (first_ms, first) in before.filter(|first| first.begun_ms <= *at_ms).flat_map(|first| &first.answers) {
            let (one, other) = (leads_to(first), leads_to(reply));
            let is_there = one.as_ref().is_some_and(|(_, target_id)| !has_made_room(day, target_id));
            if *first_ms > witness.begun_ms && is_there && other.is_some() && one != other {
                day.violation(format!("deed {deed} is the same click as one in flight, and gets another tab"));
            }
        }
    }
}

/// Whether a tab was one too many once another was opened: nobody can join it then.
fn has_made_room(day: &Day, target_id: &TargetId) -> bool {
    let commands = day.commands.borrow();
    let evicted = commands.iter().filter_map(|command| command.carried_out::<RecordTab>("RecordTab")?.1.read().ok());
    evicted.flat_map(|evicted: Vec<TargetId>| evicted).any(|evicted| evicted == *target_id)
}

fn is_same_click(one: Option<What>, other: Option<What>) -> bool {
    let click_of = |what: Option<What>| match what? {
        What::Click { who, page, form } => Some(click(who, page, form)),
        _ => None,
    };
    click_of(one).zip(click_of(other)).is_some_and(|(one, other)| one == other)
}

/// What the log may never hold: page URLs' queries, and links. It has one line of each request, which tells what was answered.
pub(super) fn check_log(day: &Day) {
    let log = log::kept::take();
    let leaks = log.iter().filter(|line| line.contains(JWT) || line.contains(PAGE_SECRET));
    leaks.for_each(|line| day.violation(format!("the log tells {line}")));
    let lines: Vec<Value> = log.iter().map(|line| serde_json::from_str(line).expect("a line is JSON")).collect();
    check_counters(day, &lines);
    for (deed, witness) in day.witnesses.borrow().iter().enumerate() {
        let of_deed = |line: &&Value| line["request_id"] == request_id(deed);
        let told: Vec<_> = lines.iter().filter(of_deed).collect();
        match (told.as_slice(), witness.answers.as_slice()) {
            ([line], [(_, reply)]) if !is_told(line, reply) => {
                day.violation(format!("deed {deed} is told as {line} and answered {reply:?}"));
            }
            ([_], _) | ([], []) => {}
            (told, answers) => {
                day.violation(format!("deed {deed} got {} answers and has {told:?} in the log", answers.len()));
            }
        }
    }
}

/// On a good day the counters have what the log has.
fn check_counters(day: &Day, lines: &[Value]) {
    let object = Rc::clone(&day.object.borrow());
    let Ok(Said::Answer(counted)) = object.answer("ReadMetrics", "{}") else {
        return day.violation("the counters can't be read".to_owned());
    };
    for outcome in ["acquired", "reused"].into_iter().filter(|_| day.script.is_good()) {
        let told = lines.iter().filter(|line| line["outcome"] == outcome).count();
        let sample = format!("devtools_link_clicks_total{{outcome=\\\"{outcome}\\\"}} {told}\\n");
        if !counted.contains(&sample) {
            day.violation(format!("{told} clicks are told as {outcome}, and counted are {counted}"));
        }
    }
}

/// Whether a line tells what was answered.
fn is_told(line: &Value, reply: &Reply) -> bool {
    let session = leads_to(reply).map(|(session_id, _)| json!(session_id.as_str()));
    let outcome = line["outcome"].as_str().unwrap_or_default();
    let is_outcome = match reply.status {
        302 | 303 => ["acquired", "reused", "joined", "answered"].contains(&outcome),
        500.. => outcome == "failed" && line["error"].is_string(),
        400.. => ["denied", "invalid", "refused", "ended"].contains(&outcome),
        _ => outcome == "answered",
    };
    let is_opened = ["acquired", "reused", "joined"].contains(&outcome);
    line["status"] == reply.status && is_outcome && (!is_opened || session.as_ref() == Some(&line["session_id"]))
}

fn is_answered(what: What) -> bool {
    !matches!(what, What::Ends { .. } | What::ClosesTab { .. } | What::ClockJumps { .. } | What::LedgerRestarts)
}

fn is_mortal(day: &Day, deed: usize) -> bool {
    day.script.deeds.iter().any(|one| one.id == deed && one.dies_after.is_some())
}

fn check_reply(day: &Day, what: What, reply: &Reply) -> Result<(), String> {
    match reply.status {
        302 | 303 => check_redirect(day, what, reply),
        200 | 202 | 204 => check_secrets(what, reply),
        400.. => check_secrets(what, reply).and_then(|()| check_problem(reply)),
        _ => Err("no status of ours".to_owned()),
    }
}

fn check_redirect(day: &Day, what: What, reply: &Reply) -> Result<(), String> {
    let link = reply.header("location").unwrap_or_default();
    if !link.starts_with("https://live.browser.run/") {
        return Err("it leads elsewhere".to_owned());
    }
    let (session_id, target_id) = leads_to(reply).ok_or("it has no permalink")?;
    if !link.contains(&format!("/browser/{session_id}/page/{target_id}?")) {
        return Err("its link is to another tab".to_owned());
    }
    let account = day.account.borrow();
    let session = account.get(session_id.as_str()).ok_or("there is no such session")?;
    let acquired_by = session.acquired_by.ok_or("the session is not ours")?;
    let of = day.script.deeds.iter().find(|deed| deed.id == acquired_by).map(|deed| deed.what);
    match (what, of) {
        (What::Click { who, .. }, Some(What::Click { who: theirs, .. })) if caller(who) != caller(theirs) => {
            Err(format!("the session is {theirs:?}'s"))
        }
        _ => Ok(()),
    }
}

fn check_secrets(what: What, reply: &Reply) -> Result<(), String> {
    let text = &reply.body;
    if text.contains(JWT) || reply.header("location").is_some() {
        return Err("it tells a link".to_owned());
    }
    let name = match what {
        What::Click { who: Who::Holder { .. }, .. } => LINKED.to_owned(),
        What::Click { who, .. } | What::Follow { who, .. } | What::Close { who, .. } => caller(who).name,
        _ => String::new(),
    };
    let told = text.match_indices(PAGE_SECRET).any(|(at, _)| {
        let of = &text[at + PAGE_SECRET.len() + 1..];
        name.is_empty() || !of.starts_with(&name)
    });
    if told { Err("it tells another's page".to_owned()) } else { Ok(()) }
}

fn check_problem(reply: &Reply) -> Result<(), String> {
    if reply.header("content-type") != Some("application/problem+json")
        || reply.header("cache-control") != Some("no-store")
    {
        return Err("its headers are not a problem's".to_owned());
    }
    let problem: Value = serde_json::from_str(&reply.body).map_err(|error| error.to_string())?;
    let kind =
        problem["type"].as_str().and_then(|kind| kind.strip_prefix("urn:devtools-link:")).ok_or("it has no type")?;
    if problem["status"] != reply.status || !problem["title"].is_string() || !problem["detail"].is_string() {
        return Err("it lacks what a problem has".to_owned());
    }
    let retry_after = reply.header("retry-after").map(str::parse::<u64>);
    match retry_after {
        None if PASSING.contains(&kind) => Err("it does not say when to come back".to_owned()),
        Some(Err(_)) => Err("its retry-after is no number".to_owned()),
        _ => Ok(()),
    }
}

/// How long an answer may take: each call its deadline, as often as the code on its way can make it.
fn allowed_ms(day: &Day, deed: usize) -> u64 {
    let commands = day.commands.borrow();
    let begun = commands.iter().filter(|command| command.deed == deed && command.name == "BeginClick").count() as u64;
    let [acquire, call, ledger, waiting] = [ACQUIRE_MS, CALL_MS, LEDGER_MS, WAITING_CLICK_MS].map(u64::from);
    let (tab, close) = (2 * call, 2 * ledger + call);
    let once = acquire + tab + ledger + call + ledger + close;
    let around = 3 * (ledger + call) + close + 3 * ledger;
    around + begun * (waiting + tab + close + 2 * ledger) + 2 * once + 4 * (ledger + tab + close)
}
