//! The cron job that carries out [`crate::sweep`]'s plan.

use crate::app::{App, Closing};
use crate::browser_run::Transport;
use crate::ledger_client::{LedgerError, LedgerTransport};
use crate::sweep::{Close, Closed, Failed, Listing, SweepReport, Why, plan};
use futures_util::{StreamExt, stream};
use std::collections::HashSet;

/// Sessions read with one call.
const PAGE: usize = 100;
/// Upstream calls under way at once: as many connections as the platform allows a Worker.
const CONCURRENCY: usize = 6;

impl<T: Transport, L: LedgerTransport> App<T, L> {
    /// Cleans up once, within the budget of upstream calls.
    pub(crate) async fn sweep(&self, dry_run: bool) -> Result<SweepReport, LedgerError> {
        let started_at_ms = self.browser_run.now_ms();
        let policy = &self.config.policy;
        let ours = self.ledger.sessions().await?;
        let (listing, calls, list_error) = self.list_sessions(policy.sweep_budget / 2).await;
        let mut plan = plan(started_at_ms, policy, &ours, &listing);
        let postponed = plan.close.split_off(plan.close.len().min(policy.sweep_budget - calls)).len();
        let mut report = SweepReport {
            started_at_ms,
            dry_run,
            ended: plan.ended.len(),
            kept: plan.kept.len(),
            postponed,
            foreign: plan.foreign,
            list_error,
            ..SweepReport::default()
        };
        if dry_run {
            report.closed =
                plan.close.into_iter().map(|Close { session_id, why, .. }| Closed { session_id, why }).collect();
            return Ok(report);
        }
        for ended in &plan.ended {
            self.ledger.ended(&ended.session_id, &ended.reason, ended.ended_at_ms).await?;
        }
        self.close_all(plan.close, &mut report).await?;
        self.ledger.save_report(&report).await?;
        Ok(report)
    }

    async fn close_all(&self, closes: Vec<Close>, report: &mut SweepReport) -> Result<(), LedgerError> {
        let closing = stream::iter(closes).map(|close| async move {
            // A session that is too old goes even if somebody has just clicked it.
            let unless_clicked_after_ms = (close.why == Why::Unused).then_some(close.clicked_at_ms);
            let result = self.close_session(&close.session_id, unless_clicked_after_ms, close.why.as_str()).await;
            (close, result)
        });
        let mut closing = closing.buffer_unordered(CONCURRENCY);
        while let Some((Close { session_id, why, .. }, result)) = closing.next().await {
            match result? {
                Closing::Closed => report.closed.push(Closed { session_id, why }),
                Closing::NotNow => report.kept += 1,
                Closing::Failed(error) => report.failed.push(Failed { session_id, error: error.to_string() }),
            }
        }
        Ok(())
    }

    /// Reads the whole list, page by page. Answers what was read, in how many calls, and what stopped it.
    async fn list_sessions(&self, most_calls: usize) -> (Listing, usize, Option<String>) {
        let mut listing = Listing::default();
        let mut seen = HashSet::new();
        for call in 1..=most_calls {
            let page = match self.browser_run.sessions(PAGE, (call - 1) * PAGE).await {
                Ok(page) => page,
                Err(error) => return (listing, call, Some(error.to_string())),
            };
            let length = page.len();
            let before = seen.len();
            listing.sessions.extend(page.into_iter().filter(|session| seen.insert(session.session_id.clone())));
            // A server that ignores `offset` answers the same page for ever.
            if length < PAGE || seen.len() == before {
                listing.complete = true;
                return (listing, call, None);
            }
        }
        (listing, most_calls, Some("the list is longer than the budget allows to read".to_owned()))
    }
}
