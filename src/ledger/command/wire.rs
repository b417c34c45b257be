//! Every command and every answer, byte for byte: during a gradual deployment two versions of the Worker talk to one object.
//! What is pinned here may gain fields with a default, and loses none.
//! <https://developers.cloudflare.com/workers/configuration/versions-and-deployments/gradual-deployments/>

use super::begin_click::{BeginClick, Decision};
use super::click_progress::{AbandonClick, FallBack, RecordSession, RecordTab};
use super::closing::{Mark, MarkClosing, RecordEndings};
use super::overview::{Overview, ReadOverview};
use super::reports::{LastReport, ReadMetrics, SaveReport};
use super::sessions::{FindSession, ForgetTab, ListSessions, OpenSessions, SessionPage, Touch};
use super::signed_links::{CheckLink, ListLinks, MakeLink, RevokeLink};
use super::{Command, NAMES};
use crate::domain::{
    AttributedClick, Caller, ClickId, Closed, EndReason, Ended, Ending, Failed, SessionRecord, SignedLink, State,
    SweepReport, UpstreamCall, View, Why,
};
use crate::ledger::browser_time::BrowserTime;
use crate::ledger::links::LinkRecord;
use crate::ledger::test_ledger::click;
use crate::ledger::unanswered::Refusal;
use page_url::PageUrl;
use std::cell::RefCell;

/// Holds commands and their answers against their JSON, and keeps which were.
#[derive(Default)]
struct Pins(RefCell<Vec<&'static str>>);

impl Pins {
    fn pin<C: Command>(&self, command: &C, input: &str, answers: &[(C::Answer, &str)]) {
        assert_eq!(lean_json::write(command), input, "{}", C::NAME);
        let read: C = lean_json::read(input).unwrap_or_else(|error| panic!("{}: {error}", C::NAME));
        assert_eq!(lean_json::write(&read), input, "{}", C::NAME);
        for (answer, text) in answers {
            let text = format!(r#"{{"Ok":{text}}}"#);
            assert_eq!(lean_json::write(&Ok::<_, Refusal>(answer)), text, "{}", C::NAME);
            let read: Result<C::Answer, Refusal> =
                lean_json::read(&text).unwrap_or_else(|error| panic!("{}: {error}", C::NAME));
            assert_eq!(lean_json::write(&read), text, "{}", C::NAME);
        }
        self.0.borrow_mut().push(C::NAME);
    }
}

fn url() -> PageUrl {
    PageUrl::parse("https://e.com/").unwrap()
}

fn adas() -> AttributedClick {
    click(&Caller::known("ada"), "url=https://e.com&mode=tab&readonly&recording&fresh")
}

fn holders() -> AttributedClick {
    let click = click(&Caller::unknown("link l1", "b1"), "url=https://e.com");
    AttributedClick { signed_link_id: Some("l1".into()), ..click }
}

const ADAS: &str = r#"{"caller":{"name":"ada","client":null},"click":{"url":"https://e.com/","options":{"keep_alive_seconds":600,"recording":true,"view":{"mode":"tab","readonly":true}},"fresh":true}}"#;
const HOLDERS: &str = r#"{"caller":{"name":"link l1","client":"b1"},"click":{"url":"https://e.com/","options":{"keep_alive_seconds":600,"view":{}}},"signed_link_id":"l1"}"#;
const SESSION: &str = r#"{"version":1,"session_id":"s1","caller":"ada","url":"https://e.com/","keep_alive_seconds":600,"recording":true,"opened_at_ms":5,"clicked_at_ms":5,"state":"open","ended_at_ms":null,"end_reason":null,"close_attempts":0,"close_retry_at_ms":null,"tabs":[]}"#;
const LINK: &str = r#"{"version":1,"id":"l1","caller":"ada","url":"https://e.com/","options":{"keep_alive_seconds":600,"view":{}},"confirm":true,"note":"for b","created_at_ms":5,"expires_at_ms":1000000,"max_opens":20,"opens":0,"revoked_at_ms":null}"#;
const CALLS: &str = r#""calls":[{"step":"acquire","ms":640},{"step":"open_tab","ms":9,"failure":"gone"}]"#;
const REPORT: &str = r#"{"started_at_ms":5,"dry_run":false,"closed":[{"session_id":"s1","caller":"ada","why":"unused"}],"ended":1,"kept":2,"failed":[{"session_id":"s2","caller":"bob","error":"no"}],"postponed":3,"foreign":4,"list_error":null}"#;

/// What was called of Browser Run, as it comes along with what has happened.
fn calls() -> Vec<UpstreamCall> {
    let call = |step: &str, ms, failure: Option<&str>| {
        let failure = failure.map(str::to_owned);
        UpstreamCall { step: step.to_owned(), ms, failure }
    };
    vec![call("acquire", 640, None), call("open_tab", 9, Some("gone"))]
}

/// The same object with [`calls`] at its end.
fn with_calls(text: &str) -> String {
    format!("{},{CALLS}}}", text.strip_suffix('}').unwrap())
}

fn click_id() -> ClickId {
    ClickId::next(None, 7)
}

fn session() -> SessionRecord {
    SessionRecord::new("s1".into(), "ada".to_owned(), &adas().click, 5)
}

fn link() -> LinkRecord {
    let (id, url, mode, readonly) = ("l1".into(), url(), None, false);
    let link =
        SignedLink { id, url, exp: 1_000, max: 20, keep_alive: 600, mode, readonly, recording: false, confirm: true };
    LinkRecord::new(&link, "ada".to_owned(), Some("for b".to_owned()), 5)
}

fn report() -> SweepReport {
    SweepReport {
        started_at_ms: 5,
        closed: vec![Closed { session_id: "s1".into(), caller: "ada".to_owned(), why: Why::Unused }],
        failed: vec![Failed { session_id: "s2".into(), caller: "bob".to_owned(), error: "no".to_owned() }],
        ended: 1,
        kept: 2,
        postponed: 3,
        foreign: 4,
        ..SweepReport::default()
    }
}

#[test]
fn every_command_and_its_answer_is_what_the_other_version_reads() {
    let pins = Pins::default();
    let caller = || "ada".to_owned();
    pin_clicks(&pins);
    pins.pin(
        &MarkClosing {
            sessions: vec![
                Mark::now("s1".into(), EndReason::LinkRevoked),
                Mark { unless_clicked_after_ms: Some(5), ..Mark::now("s2".into(), EndReason::Unused) },
            ],
        },
        r#"{"sessions":[{"session_id":"s1","unless_clicked_after_ms":null,"reason":"link_revoked"},{"session_id":"s2","unless_clicked_after_ms":5,"reason":"unused"}]}"#,
        &[(vec!["s1".into()], r#"["s1"]"#)],
    );
    let ending = Ending { reason: EndReason::Reported("BrowserIdle".to_owned()), lived_ms: Some(9) };
    pins.pin(
        &RecordEndings {
            ended: vec![Ended { session_id: "s1".into(), ending }],
            close_failed: vec!["s2".into()],
            asked: vec!["s3".into()],
            calls: vec![],
        },
        r#"{"ended":[{"session_id":"s1","ending":{"reason":"BrowserIdle","lived_ms":9}}],"close_failed":["s2"],"asked":["s3"]}"#,
        &[((), "null")],
    );
    let of_calls = RecordEndings { calls: calls(), ..RecordEndings::default() };
    pins.pin(&of_calls, &with_calls(r#"{"ended":[],"close_failed":[],"asked":[]}"#), &[]);
    pins.pin(&OpenSessions {}, "{}", &[(vec![session()], &format!("[{SESSION}]"))]);
    let found = [(Some(session()), SESSION), (None, "null")];
    pins.pin(&FindSession { session_id: "s1".into() }, r#"{"session_id":"s1"}"#, &found);
    let page = SessionPage { sessions: vec![session()], total: 3 };
    pins.pin(
        &ListSessions { caller: caller(), state: Some(State::Ended), limit: 2, offset: 4 },
        r#"{"caller":"ada","state":"ended","limit":2,"offset":4}"#,
        &[(page, &format!(r#"{{"sessions":[{SESSION}],"total":3}}"#))],
    );
    let tab = r#"{"session_id":"s1","target_id":"T1"}"#;
    let touch = |calls| Touch { session_id: "s1".into(), target_id: "T1".into(), calls };
    pins.pin(&touch(vec![]), tab, &[((), "null")]);
    pins.pin(&touch(calls()), &with_calls(tab), &[]);
    pins.pin(&ForgetTab { session_id: "s1".into(), target_id: "T1".into() }, tab, &[((), "null")]);
    pins.pin(&MakeLink { link: link() }, &format!(r#"{{"link":{LINK}}}"#), &[((), "null")]);
    pins.pin(&CheckLink { link_id: "l1".into() }, r#"{"link_id":"l1"}"#, &[((), "null")]);
    let revoked = [(Some(vec!["s1".into()]), r#"["s1"]"#), (None, "null")];
    pins.pin(&RevokeLink { link_id: "l1".into(), caller: caller() }, r#"{"link_id":"l1","caller":"ada"}"#, &revoked);
    pins.pin(&ListLinks { caller: caller() }, r#"{"caller":"ada"}"#, &[(vec![link()], &format!("[{LINK}]"))]);
    let time = |today_ms| BrowserTime { today_ms, month_ms: 9 };
    let (sessions, recorded) = (vec![session()], vec![]);
    let overview = Overview { sessions, recorded, own_sessions: 1, opens: 2, own: time(3), all: time(4) };
    let seen = format!(
        r#"{{"sessions":[{SESSION}],"recorded":[],"own_sessions":1,"opens":2,"own":{{"today_ms":3,"month_ms":9}},"all":{{"today_ms":4,"month_ms":9}}}}"#
    );
    pins.pin(&ReadOverview { caller: caller(), limit: 20 }, r#"{"caller":"ada","limit":20}"#, &[(overview, &seen)]);
    pins.pin(&SaveReport(report()), REPORT, &[((), "null")]);
    pins.pin(&SaveReport(SweepReport { calls: calls(), ..report() }), &with_calls(REPORT), &[]);
    pins.pin(&LastReport {}, "{}", &[(Some(report()), REPORT), (None, "null")]);
    pins.pin(&ReadMetrics {}, "{}", &[("# HELP".to_owned(), r##""# HELP""##)]);
    let mut pinned = pins.0.take();
    pinned.dedup();
    assert_eq!(pinned, NAMES, "every command is pinned, in the order of the list");
}

fn pin_clicks(pins: &Pins) {
    let acquire = (Decision::Acquire { click_id: click_id() }, r#"{"Acquire":{"click_id":7}}"#);
    let reuse = Decision::Reuse { click_id: click_id(), session_id: "s1".into() };
    let join = Decision::Join { session_id: "s1".into(), target_id: "T1".into() };
    pins.pin(
        &BeginClick(adas()),
        ADAS,
        &[
            acquire,
            (reuse, r#"{"Reuse":{"click_id":7,"session_id":"s1"}}"#),
            (join, r#"{"Join":{"session_id":"s1","target_id":"T1"}}"#),
        ],
    );
    pins.pin(&BeginClick(holders()), HOLDERS, &[]);
    let own = [(Some("s1".into()), r#""s1""#), (None, "null")];
    pins.pin(&FallBack { click_id: click_id() }, r#"{"click_id":7}"#, &own);
    let session = |calls| RecordSession { click_id: click_id(), session_id: "s1".into(), click: holders(), calls };
    let session_text = format!(r#"{{"click_id":7,"session_id":"s1","click":{HOLDERS}}}"#);
    pins.pin(&session(vec![]), &session_text, &[((), "null")]);
    pins.pin(&session(calls()), &with_calls(&session_text), &[]);
    let tab = |reused, calls| {
        let (session_id, target_id) = ("s1".into(), "T1".into());
        RecordTab { click_id: click_id(), session_id, target_id, url: url(), view: View::default(), reused, calls }
    };
    let tab_text = r#"{"click_id":7,"session_id":"s1","target_id":"T1","url":"https://e.com/","view":{}}"#;
    pins.pin(&tab(false, vec![]), tab_text, &[(vec!["T2".into()], r#"["T2"]"#)]);
    let reused_text = tab_text.replace(r#""view":{}"#, r#""view":{},"reused":true"#);
    pins.pin(&tab(true, calls()), &with_calls(&reused_text), &[]);
    let abandon = |gone, refused, calls| AbandonClick { click_id: click_id(), gone, refused, calls };
    pins.pin(&abandon(true, false, vec![]), r#"{"click_id":7,"gone":true}"#, &[((), "null")]);
    let refused_text = r#"{"click_id":7,"gone":false,"refused":true}"#;
    pins.pin(&abandon(false, true, calls()), &with_calls(refused_text), &[]);
}

#[test]
fn every_refusal_is_what_the_other_version_reads() {
    let caller = || "ada".to_owned();
    for (refusal, text) in [
        (Refusal::LinkUnknown, r#""LinkUnknown""#),
        (Refusal::LinkRevoked, r#""LinkRevoked""#),
        (Refusal::LinkUsedUp { max_opens: 2 }, r#"{"LinkUsedUp":{"max_opens":2}}"#),
        (
            Refusal::Sessions { caller: caller(), limit: 3, retry_after_seconds: 60 },
            r#"{"Sessions":{"caller":"ada","limit":3,"retry_after_seconds":60}}"#,
        ),
        (
            Refusal::Opens { caller: caller(), limit: 10, retry_after_seconds: 50 },
            r#"{"Opens":{"caller":"ada","limit":10,"retry_after_seconds":50}}"#,
        ),
        (
            Refusal::BrowserTime { minutes: 10, retry_after_seconds: 7 },
            r#"{"BrowserTime":{"minutes":10,"retry_after_seconds":7}}"#,
        ),
    ] {
        let (text, refused) = (format!(r#"{{"Err":{text}}}"#), Err::<(), _>(refusal));
        assert_eq!(lean_json::write(&refused), text);
        assert_eq!(lean_json::read::<Result<(), Refusal>>(&text).unwrap(), refused);
    }
}
