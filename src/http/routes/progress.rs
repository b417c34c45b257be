//! What a person sees while a browser starts: a page that says what is happening, and that ends in DevTools or in what went
//! wrong. Where a browser is there in no time, nobody sees it.

use super::{Reply, RequestContext};
use crate::browser_run::Calls;
use crate::http::journal::Journal;
use crate::http::pages::starting;
use crate::http::request::Request;
use crate::http::views::permalink;
use crate::js::{self, Pieces, Timer};
use crate::service::open::{OpenError, Opened};
use futures_channel::oneshot::Receiver;
use futures_util::future::{Either, select};
use std::rc::Rc;

/// So long a person looks at nothing. What is there by then is a redirect.
const BLANK_MS: u64 = 500;
/// How often the page is told how far it is.
const STEP_MS: u64 = 250;
const TOLD: &str = "the task that opens a click tells of it before it ends";

/// What will come of a click.
pub(super) struct Told(pub(super) Receiver<Result<Opened, OpenError>>);

impl Told {
    /// Waits until it is told, which it is before the task that opens the click ends.
    pub(super) async fn wait(self) -> Result<Opened, OpenError> {
        self.0.await.expect(TOLD)
    }

    /// What comes of it in that time. `Err`: nothing yet.
    async fn within(self, ms: u64) -> Result<Result<Opened, OpenError>, Self> {
        match select(self.0, Timer::new(ms)).await {
            Either::Left((told, _)) => Ok(told.expect(TOLD)),
            Either::Right(((), told)) => Err(Self(told)),
        }
    }
}

/// What comes of a click. `Err`: the person who waits for it is answered with a page meanwhile. `then`: where that leads, if not to
/// DevTools itself.
pub(super) async fn opened(
    context: &RequestContext<'_>, host: &str, told: Told, then: Option<String>,
) -> Result<Result<Opened, OpenError>, Reply> {
    if !is_watched(context.request) {
        return Ok(told.wait().await);
    }
    told.within(BLANK_MS).await.map_err(|told| page(context, host, told, then))
}

/// Whether a person is waiting, who has not asked for the redirect alone.
fn is_watched(request: &Request) -> bool {
    let wants_redirect = request.query().split('&').any(|pair| pair == "wait=redirect");
    !wants_redirect && (request.is_navigation() || !request.has_fetch_metadata() && request.wants_html())
}

/// Answers with the page at once. It is written to its end behind the answer.
fn page(context: &RequestContext<'_>, host: &str, told: Told, then: Option<String>) -> Reply {
    let pieces = Pieces::new();
    pieces.write(&starting::beginning(host));
    let reply = Reply::in_pieces(&pieces);
    let (journal, calls) = (Rc::clone(&context.journal), context.app.browser_run.calls());
    let is_readable = context.app.config.upstream.has_recordings();
    context.platform.wait_until(async move {
        let told = tell_steps(&pieces, &calls, is_readable, told).await;
        pieces.write(&ending(told, then.as_deref(), &journal));
        pieces.close();
    });
    reply
}

async fn tell_steps(pieces: &Pieces, calls: &Calls, is_readable: bool, mut told: Told) -> Result<Opened, OpenError> {
    let mut is_acquired = false;
    loop {
        match told.within(STEP_MS).await {
            Ok(opened) => return opened,
            Err(waiting) => told = waiting,
        }
        if !is_acquired && calls.has_succeeded("acquire") {
            is_acquired = true;
            let recording = calls.recorded().filter(|_| is_readable).map(|session_id| permalink(&session_id, None));
            pieces.write(&starting::browser_is_there(recording.as_deref()));
        }
    }
}

fn ending(told: Result<Opened, OpenError>, then: Option<&str>, journal: &Journal) -> String {
    match told {
        Ok(opened) => {
            journal.took_until(js::now_ms());
            starting::ready(then.unwrap_or(opened.link.as_str()))
        }
        Err(error) => starting::failed(&journal.problem(&error.into(), js::now_ms())),
    }
}
