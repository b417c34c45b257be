//! A signed link as the ledger remembers it: who made it, how many browsers it has opened, and whether it is revoked.

use super::in_flight::ClickInFlight;
use super::unanswered::{Refusal, Unanswered};
use crate::domain::{Options, SignedLink, SignedLinkId};
use lean_json::FromJson;
use lean_json::ToJson;
use page_url::PageUrl;

/// The version of the stored format.
const VERSION: u32 = 1;

/// A link that was made here. Times are epoch milliseconds.
#[derive(Debug, Clone, PartialEq, Eq, ToJson, FromJson)]
pub(crate) struct LinkRecord {
    version: u32,
    pub(crate) id: SignedLinkId,
    /// Who made it.
    pub(crate) caller: String,
    pub(crate) url: PageUrl,
    pub(crate) options: Options,
    pub(crate) confirm: bool,
    pub(crate) note: Option<String>,
    pub(crate) created_at_ms: u64,
    pub(crate) expires_at_ms: u64,
    pub(crate) max_opens: u32,
    /// How many browsers it has opened.
    pub(crate) opens: u32,
    pub(crate) revoked_at_ms: Option<u64>,
}

impl LinkRecord {
    pub(crate) fn new(link: &SignedLink, caller: String, note: Option<String>, now_ms: u64) -> Self {
        Self {
            version: VERSION,
            id: link.id.clone(),
            caller,
            url: link.url.clone(),
            options: link.click().options,
            confirm: link.confirm,
            note,
            created_at_ms: now_ms,
            expires_at_ms: link.exp * 1_000,
            max_opens: link.max,
            opens: 0,
            revoked_at_ms: None,
        }
    }

    /// Whether this Worker knows how to read it.
    pub(super) fn is_known_version(&self) -> bool {
        self.version == VERSION
    }

    /// Checks that not all of its browsers have been opened, or are being opened right now.
    ///
    /// # Errors
    /// That they have; or until when one of them may still fail.
    pub(super) fn check_opens<'a>(
        &self, in_flight: impl Iterator<Item = &'a ClickInFlight> + Clone,
    ) -> Result<(), Unanswered> {
        let size = |number: u32| usize::try_from(number).unwrap_or(usize::MAX);
        let (max_opens, counted) = (size(self.max_opens), in_flight.clone().filter(|click| click.counted).count());
        let opens = size(self.opens).saturating_sub(counted);
        if opens >= max_opens {
            return Err(Refusal::LinkUsedUp { max_opens: self.max_opens }.into());
        }
        match in_flight.clone().map(|click| click.until_ms).min() {
            Some(until_ms) if opens + in_flight.count() >= max_opens => Err(Unanswered::WaitUntil(until_ms)),
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{AttributedClick, Caller, ClickId, EndReason, Ending, Policy, SessionId, State};
    use crate::ledger::test_ledger::{TestLedger, click};
    use crate::ledger::{Decision, FallBack, MakeLink, RevokeLink};

    const PAGE: &str = "url=https://e.com/";

    /// A ledger with a link of Ada's.
    fn ledger(max_opens: u32) -> TestLedger {
        let policy = Policy { max_opens_per_minute: 2, max_sessions_per_caller: 1, ..Policy::for_tests() };
        let mut ledger = TestLedger::new(policy);
        let link = SignedLink {
            id: "l1".into(),
            url: holders("a").click.url,
            exp: 1_000,
            max: max_opens,
            keep_alive: 600,
            mode: None,
            readonly: false,
            recording: false,
            confirm: false,
        };
        ledger.ask(&MakeLink { link: LinkRecord::new(&link, "ada".to_owned(), None, 0) }, 0);
        ledger
    }

    fn holders(browser: &str) -> AttributedClick {
        let click = click(&Caller::unknown("link l1", browser), PAGE);
        AttributedClick { signed_link_id: Some("l1".into()), ..click }
    }

    fn adas() -> AttributedClick {
        click(&Caller::known("ada"), PAGE)
    }

    fn begin(ledger: &mut TestLedger, browser: &str) -> Result<Decision, Unanswered> {
        ledger.begin(&holders(browser), 0)
    }

    fn acquiring(ledger: &mut TestLedger, browser: &str) -> ClickId {
        ledger.acquire(&holders(browser), 0)
    }

    /// Opens the link as far as its session, named as the browser that asked for it.
    fn acquire(ledger: &mut TestLedger, browser: &str) -> Result<ClickId, Refusal> {
        let click_id = acquiring(ledger, browser);
        ledger.record_session(click_id, browser, &holders(browser), 0)?;
        Ok(click_id)
    }

    fn open_tab(ledger: &mut TestLedger, click_id: ClickId, browser: &str) -> Result<(), Refusal> {
        ledger.record_tab(click_id, browser, "T", &holders(browser), 0).map(drop)
    }

    fn open(ledger: &mut TestLedger, browser: &str) {
        let click_id = acquire(ledger, browser).unwrap();
        open_tab(ledger, click_id, browser).unwrap();
    }

    fn opens(ledger: &mut TestLedger) -> u32 {
        ledger.ledger.link(&"l1".into()).unwrap().unwrap().opens
    }

    fn revoke(ledger: &mut TestLedger, caller: &str) -> Option<Vec<SessionId>> {
        ledger.ask(&RevokeLink { link_id: "l1".into(), caller: caller.to_owned() }, 2)
    }

    fn used_up(max_opens: u32) -> Result<Decision, Unanswered> {
        Err(Refusal::LinkUsedUp { max_opens }.into())
    }

    fn is_waiting(decision: &Result<Decision, Unanswered>) -> bool {
        matches!(decision, Err(Unanswered::WaitUntil(_)))
    }

    #[test]
    fn a_link_opens_as_many_browsers_as_it_says_whatever_its_makers_limits() {
        let mut ledger = ledger(20);
        for browser in 0..20 {
            open(&mut ledger, &browser.to_string());
        }
        assert_eq!(begin(&mut ledger, "one too many"), used_up(20), "and no 429");
        assert!(matches!(begin(&mut ledger, "0"), Ok(Decision::Join { .. })), "a reload opens no browser");
        let unknown = AttributedClick { signed_link_id: Some("l2".into()), ..holders("a") };
        assert_eq!(ledger.begin(&unknown, 0), Err(Refusal::LinkUnknown.into()));
    }

    #[test]
    fn a_used_up_link_says_so_whatever_else_is_used_up() {
        let mut ledger = ledger(1);
        open(&mut ledger, "a");
        ledger.ledger.policy.max_browser_ms_per_day = Some(0);
        assert_eq!(begin(&mut ledger, "b"), used_up(1));
        let bobs = AttributedClick { caller: Caller::known("bob"), ..adas() };
        assert!(matches!(ledger.begin(&bobs, 0), Err(Unanswered::Refused(Refusal::BrowserTime { .. }))));
    }

    #[test]
    fn a_browser_counts_once_it_is_recorded_and_not_before() {
        let mut ledger = ledger(1);
        acquiring(&mut ledger, "killed");
        assert_eq!(opens(&mut ledger), 0, "a Worker killed now costs nothing");
        assert!(is_waiting(&begin(&mut ledger, "waits")));
        assert!(is_waiting(&begin(&mut ledger, "killed")), "so does the same browser's double click");
        let later = ledger.begin(&holders("waits"), u64::from(u32::MAX));
        assert!(matches!(later, Ok(Decision::Acquire { .. })), "{later:?}");
    }

    #[test]
    fn whoever_waits_for_a_links_last_browser_learns_what_became_of_it() {
        let mut ledger = ledger(1);
        let first = acquiring(&mut ledger, "a");
        assert!(is_waiting(&begin(&mut ledger, "b")));
        ledger.abandon(first);
        let second = acquire(&mut ledger, "b").unwrap();
        assert_eq!(opens(&mut ledger), 1);
        assert!(is_waiting(&begin(&mut ledger, "c")), "its tab may still fail");
        ledger.end("b", Ending::now(EndReason::TabFailed), 0);
        ledger.abandon(second);
        assert_eq!(opens(&mut ledger), 0);
        open(&mut ledger, "c");
        assert_eq!(begin(&mut ledger, "d"), used_up(1));
    }

    #[test]
    fn a_vanished_browser_that_is_replaced_counts_once() {
        let mut ledger = ledger(2);
        let click_id = acquire(&mut ledger, "gone").unwrap();
        ledger.end("gone", Ending::now(EndReason::Gone), 0);
        ledger.record_session(click_id, "new", &holders("gone"), 0).unwrap();
        assert_eq!(opens(&mut ledger), 1);
    }

    #[test]
    fn what_a_link_opened_is_its_makers_and_never_used_for_another_click() {
        let mut ledger = ledger(20);
        open(&mut ledger, "a");
        let session = ledger.find("a").unwrap();
        assert_eq!((session.caller.as_str(), session.signed_link_id), ("ada", Some("l1".into())));
        let Ok(Decision::Acquire { click_id }) = ledger.begin(&adas(), 0) else {
            panic!("neither reused, nor among the sessions that MAX_SESSIONS_PER_CALLER counts")
        };
        assert_eq!(ledger.ask(&FallBack { click_id }, 0), None);
        open(&mut ledger, "b");
    }

    #[test]
    fn a_click_in_flight_does_not_outlive_its_links_revocation() {
        let mut ledger = ledger(20);
        open(&mut ledger, "before");
        let (acquiring, opening_tab) = (acquiring(&mut ledger, "a"), acquire(&mut ledger, "b").unwrap());
        assert_eq!(revoke(&mut ledger, "bob"), None, "only who made it");
        assert_eq!(revoke(&mut ledger, "ada"), Some(vec!["b".into(), "before".into()]));
        let recorded = ledger.record_session(acquiring, "a", &holders("a"), 3);
        assert_eq!(recorded, Err(Refusal::LinkRevoked));
        assert_eq!(open_tab(&mut ledger, opening_tab, "b"), Err(Refusal::LinkRevoked));
        for session_id in ["a", "b"] {
            let session = ledger.find(session_id).unwrap();
            assert_eq!((session.state, session.end_reason), (State::Closing, Some(EndReason::LinkRevoked)));
        }
        assert_eq!(ledger.find("before").unwrap().state, State::Open, "unless it is asked for");
        assert_eq!(begin(&mut ledger, "a"), Err(Refusal::LinkRevoked.into()));
    }

    #[test]
    fn a_link_is_what_it_was_after_a_restart() {
        let mut before = ledger(1);
        open(&mut before, "a");
        let mut ledger = before.restarted(1);
        assert_eq!(begin(&mut ledger, "b"), used_up(1));
        assert_eq!(revoke(&mut ledger, "ada"), Some(vec!["a".into()]));
        assert_eq!(begin(&mut ledger.restarted(3), "c"), Err(Refusal::LinkRevoked.into()));
    }
}
