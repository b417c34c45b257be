//! Clicks of which every step takes as long as it may: [`crate::domain::deadlines`] add up.

use super::{OpenError, Opened};
use crate::browser_run::{Answer, BrowserRun, Call, SendError, Transport};
use crate::config::Config;
use crate::domain::deadlines::LEDGER_MS;
use crate::domain::{AttributedClick, Caller};
use crate::ledger::test_ledger::{TestLedger, click};
use crate::ledger::{LedgerClient, LedgerError, LedgerTransport};
use crate::service::App;
use crate::service::test_app::now;
use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::rc::Rc;
use std::task::Poll;

const TAB: (u16, &str) = (200, r#"{"id":"T"}"#);
const LINK: (u16, &str) = (200, r#"{"id":"T","devtoolsFrontendUrl":"https://live.browser.run/x"}"#);
const GONE: (u16, &str) = (410, "");
const LIMITED: (u16, &str) = (429, "Rate limit exceeded");
const CLOSED: (u16, &str) = (200, "");

/// Browser Run and a ledger that both take as long as they may.
struct World {
    clock_ms: Cell<u64>,
    ledger: RefCell<TestLedger>,
    answers: RefCell<VecDeque<(&'static str, (u16, &'static str))>>,
    click: AttributedClick,
}

struct Slow(Rc<World>);

impl World {
    /// Lets time pass. At its end the same click still waits, if it ever did.
    fn pass(&self, milliseconds: u32) {
        self.clock_ms.set(self.clock_ms.get() + u64::from(milliseconds));
        let same = self.ledger.borrow_mut().begin(&self.click, self.clock_ms.get());
        assert!(same.is_err(), "after {} ms: {same:?}", self.clock_ms.get());
    }
}

impl Transport for Slow {
    async fn send(&self, call: &Call) -> Result<Answer, SendError> {
        self.0.pass(call.deadline_ms);
        let (step, (status, body)) = self.0.answers.borrow_mut().pop_front().expect("an answer to each call");
        assert_eq!(call.step, step);
        Ok(Answer { status, retry_after: None, body: body.to_owned() })
    }

    fn now_ms(&self) -> u64 {
        self.0.clock_ms.get()
    }
}

impl LedgerTransport for Slow {
    async fn send(&self, name: &'static str, input: String, _deadline_ms: u32) -> Result<String, LedgerError> {
        if name != "BeginClick" {
            self.0.pass(LEDGER_MS);
        }
        match self.0.ledger.borrow_mut().answer(name, &input, self.0.clock_ms.get()) {
            Poll::Ready(answer) => answer.map_err(LedgerError::Failed),
            Poll::Pending => panic!("{name} waits"),
        }
    }
}

/// A click of somebody with an open session `own`, each of whose steps takes as long as it may.
fn open(query: &str, answers: &[(&'static str, (u16, &'static str))]) -> Result<Opened, OpenError> {
    let caller = Caller::known("ada");
    let config = Box::leak(Box::new(Config::for_tests()));
    let mut ledger = TestLedger::new(config.policy);
    ledger.open(&click(&caller, "url=https://a.com"), "own", 0);
    let click = click(&caller, query);
    let world = Rc::new(World {
        clock_ms: Cell::new(1),
        ledger: RefCell::new(ledger),
        answers: RefCell::new(answers.iter().copied().collect()),
        click: click.clone(),
    });
    let (browser_run, ledger) = (BrowserRun::new(Slow(Rc::clone(&world))), LedgerClient(Slow(world)));
    now(App { config, browser_run, ledger }.open(&click))
}

#[test]
fn however_long_a_click_takes_the_same_click_waits_for_it() {
    let acquired = |id| ("acquire", (200, id));
    let (s1, s2) = (acquired(r#"{"sessionId":"s1"}"#), acquired(r#"{"sessionId":"s2"}"#));
    let fresh = "url=https://b.com&fresh";
    let replaced = [s1, ("open_tab", TAB), ("target", GONE), ("close", GONE), s2, ("open_tab", TAB), ("target", LINK)];
    assert_eq!(open(fresh, &replaced).unwrap().session_id.as_str(), "s2");
    let twice = [s1, ("open_tab", TAB), ("target", GONE), ("close", CLOSED), s2, ("open_tab", GONE), ("close", GONE)];
    open(fresh, &twice).unwrap_err();
    let limited = [("acquire", LIMITED), ("open_tab", TAB), ("target", LINK)];
    assert_eq!(open(fresh, &limited).unwrap().session_id.as_str(), "own");
    let nothing = [("acquire", LIMITED), ("open_tab", GONE), ("close", GONE)];
    open(fresh, &nothing).unwrap_err();
    assert_eq!(open("url=https://b.com", &[("open_tab", TAB), ("target", LINK)]).unwrap().session_id.as_str(), "own");
}
