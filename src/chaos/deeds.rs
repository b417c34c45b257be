//! What people, programs and the cron job do: the Worker's own code, with what a route does around it.

use super::day::{ChaosApp, Day, Worker};
use super::random::Random;
use super::script::{Form, What, Who};
use crate::domain::{AttributedClick, Caller, Click, Defaults, EndReason, SessionId, SignedLink, TargetId};
use crate::http::{self, Error, Journal, Reply, click_again, redirect};
use crate::ledger::{FindSession, LinkRecord, MakeLink, Mark, RevokeLink};
use crate::service::permalink::Lead;
use std::rc::Rc;

/// What every page's URL keeps to itself.
pub(super) const PAGE_SECRET: &str = "PAGESECRET";
/// Whose a linked page's is: hers, and known to whoever has the link.
pub(super) const LINKED: &str = "ada-links-to-it";
/// How many browsers each of Ada's links is for.
pub(super) const MAX_OPENS: [u32; 2] = [1, 2];

thread_local! {
    /// Ada's signed links.
    static LINKS: Vec<SignedLink> = (0..).zip(MAX_OPENS).map(|(link, max)| new_link(link, max)).collect();
}

/// Makes those of Ada's signed links that somebody uses, before anything goes wrong.
pub(super) fn make_links(day: &Rc<Day>) {
    for link in (0..MAX_OPENS.len() as u8).filter(|link| day.script.uses_link(*link)) {
        let record = LinkRecord::new(&signed_link(link), "ada".to_owned(), None, day.wall_ms());
        let input = lean_json::write(&MakeLink { link: record });
        let object = Rc::clone(&day.object.borrow());
        drop(object.answer("MakeLink", &input).expect("nothing goes wrong yet"));
    }
}

/// Does one thing, to its end.
pub(super) async fn carry_out(app: &ChaosApp, worker: &Worker, what: What) {
    let journal = journal(app, worker);
    let answer = match what {
        What::Click { who, page, form } => return open(app, worker, &journal, click(who, page, form), 302).await,
        What::Follow { who, session, names_tab, press } => {
            let caller = caller(who);
            match follow(app, worker, &caller, session, names_tab, press).await {
                Ok(Followed::Reply(reply)) => Ok(reply),
                Ok(Followed::OpensAgain(click)) => return open(app, worker, &journal, click, 303).await,
                Err(error) => Err(error),
            }
        }
        What::Close { who, session } => close(app, worker, &caller(who), session).await,
        What::Revoke { link, close } => revoke(app, link, close).await,
        What::CleanUp { dry_run } => clean_up(app, dry_run).await,
        What::Ends { .. } | What::ClosesTab { .. } | What::ClockJumps { .. } | What::LedgerRestarts => return,
    };
    tell(worker, &journal, answer);
}

/// Notes what is done, as the router does.
fn journal(app: &ChaosApp, worker: &Worker) -> Journal {
    let journal = Journal::new(request_id(worker.deed), "GET".to_owned(), "/", worker.day.wall_ms());
    journal.calls(app.browser_run.calls());
    journal
}

/// What a deed's request is called in the log.
pub(super) fn request_id(deed: usize) -> String {
    format!("deed {deed}")
}

/// A click, carried out as its route does.
async fn open(app: &ChaosApp, worker: &Worker, journal: &Journal, click: AttributedClick, status: u16) {
    journal.caller(&click.caller.name);
    http::carry_out(app, journal, &click, |opened| {
        let reply = opened.map(|opened| {
            look_at(worker, &opened.session_id);
            let reply = redirect(status, &opened.link, &opened.session_id, &opened.target_id);
            reply.with_server_timing(&app.browser_run.timings())
        });
        tell(worker, journal, reply.map_err(Error::from));
    })
    .await;
}

/// Answers as the router does.
fn tell(worker: &Worker, journal: &Journal, answer: Result<Reply, Error>) {
    let now_ms = worker.day.wall_ms();
    if let Err(error) = &answer {
        let [problem, page] = [false, true].map(|wants_html| error.reply(wants_html, "", now_ms));
        assert_eq!(problem.status, page.status, "a page says what a problem says");
    }
    worker.day.answered(worker.deed, journal.conclude(answer, || false, now_ms));
}

/// Some people look at what they have opened.
fn look_at(worker: &Worker, session_id: &SessionId) {
    let day = &worker.day;
    let mut random = Random::of(&[day.script.seed, 4, worker.deed as u64]);
    if random.percent(40) {
        let until_ms = day.sim.now_ms() + random.between(1_000, 20 * 60_000);
        day.account.borrow_mut().connect(session_id.as_str(), until_ms);
    }
}

enum Followed {
    Reply(Reply),
    OpensAgain(AttributedClick),
}

async fn follow(
    app: &ChaosApp, worker: &Worker, caller: &Caller, session: usize, names_tab: bool, press: bool,
) -> Result<Followed, Error> {
    let session_id = SessionId::from(worker.day.account.borrow().id(session));
    let record = app.ledger.ask(&FindSession { session_id: session_id.clone() }).await?;
    let record = record.ok_or_else(|| Error::NotFound { path: format!("/s/{session_id}") })?;
    let target_id = record.tabs.last().filter(|_| names_tab).map(|tab| tab.target_id.clone());
    match app.follow(record, target_id.as_ref(), None).await? {
        Lead::Tab { target_id, link } => Ok(Followed::Reply(redirect(302, &link, &session_id, &target_id))),
        Lead::Nowhere(record) => {
            let click = click_again(&record, target_id.as_ref(), caller, press, None)?;
            Ok(Followed::OpensAgain(AttributedClick::new(caller.clone(), click)))
        }
    }
}

async fn close(app: &ChaosApp, worker: &Worker, caller: &Caller, session: usize) -> Result<Reply, Error> {
    let session_id = SessionId::from(worker.day.account.borrow().id(session));
    let record = app.ledger.ask(&FindSession { session_id }).await?;
    let record = record.filter(|record| record.caller == caller.name);
    let record = record.ok_or_else(|| Error::NotFound { path: "/api/sessions".to_owned() })?;
    let closings = app.close_session(&record.session_id, EndReason::ClosedOnRequest).await?;
    Ok(Reply::empty(if closings.failed.is_empty() { 204 } else { 202 }))
}

async fn revoke(app: &ChaosApp, link: u8, close: bool) -> Result<Reply, Error> {
    let revoke = RevokeLink { link_id: signed_link(link).id, caller: "ada".to_owned() };
    let opened = app.ledger.ask(&revoke).await?;
    let opened = opened.ok_or_else(|| Error::NotFound { path: "/api/links".to_owned() })?;
    let marks = opened.into_iter().filter(|_| close).map(|session_id| Mark::now(session_id, EndReason::LinkRevoked));
    let closings = app.close_sessions(marks.collect()).await?;
    Ok(Reply::empty(if closings.failed.is_empty() { 204 } else { 202 }))
}

async fn clean_up(app: &ChaosApp, dry_run: bool) -> Result<Reply, Error> {
    let report = app.sweep(dry_run).await?;
    app.log_sweep(&report, None);
    Ok(Reply::json(200, &report.for_caller("bob")))
}

pub(super) fn caller(who: Who) -> Caller {
    match who {
        Who::Ada => Caller::known("ada"),
        Who::Bob => Caller::known("bob"),
        Who::Anybody(client) => Caller::unknown("anonymous", &format!("client {client}")),
        Who::Holder { link, browser } => {
            Caller::unknown(format!("link {}", signed_link(link).id), &format!("browser {browser}"))
        }
    }
}

pub(super) fn click(who: Who, page: u8, form: Form) -> AttributedClick {
    let caller = caller(who);
    if let Who::Holder { link, .. } = who {
        let link = signed_link(link);
        return AttributedClick { click: link.click(), caller, signed_link_id: Some(link.id) };
    }
    let form = match form {
        Form::Plain => "",
        Form::Fresh => "&fresh",
        Form::ReadOnly => "&readonly",
        Form::Recorded => "&recording",
    };
    let url = format!("https://{}.example/{page}?{PAGE_SECRET}-{}", caller.name, caller.name);
    let keep_alive_seconds = if page == 0 { 60 } else { 600 };
    let click = Click::from_query(
        &format!("url={}{form}", page_url::query::encode(&url)),
        Defaults { keep_alive_seconds, recording: false },
    );
    AttributedClick::new(caller, click.expect("it is a click"))
}

pub(super) fn signed_link(link: u8) -> SignedLink {
    LINKS.with(|links| links[usize::from(link)].clone())
}

fn new_link(link: u8, max: u32) -> SignedLink {
    let url = format!("https://linked.example/{link}?{PAGE_SECRET}-{LINKED}");
    let click = Click::from_query(
        &format!("url={}", page_url::query::encode(&url)),
        Defaults { keep_alive_seconds: 60, recording: false },
    )
    .expect("it is a click");
    SignedLink {
        id: format!("l{link}").into(),
        url: click.url,
        exp: u64::from(u32::MAX),
        max,
        keep_alive: 120,
        mode: None,
        readonly: link == 1,
        recording: false,
        confirm: false,
    }
}

/// The session and the tab that an answer leads to.
pub(super) fn leads_to(reply: &Reply) -> Option<(SessionId, TargetId)> {
    let (session_id, target_id) = reply.header("content-location")?.strip_prefix("/s/")?.split_once('/')?;
    Some((session_id.into(), target_id.into()))
}
