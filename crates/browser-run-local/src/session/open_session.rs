//! A session while it is open: its Chromium, and what belongs to it.

use std::sync::Arc;

use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::{lifecycle::Lifecycle, observer::Observer, open_handoffs::OpenHandoffs, transfers::Transfers};
use crate::{cdp::Filter, chromium::devtools::DevTools, guardrails::policy::Policy, recording::openings::Opener};

/// A session that was open when it was looked up.
#[derive(Debug, Clone)]
pub(crate) struct OpenSession {
    pub(crate) id: Uuid,
    pub(crate) devtools: DevTools,
    /// Its guardrails.
    pub(crate) policy: Option<Arc<Policy>>,
    /// Its recorder, if it is recorded: that opens its pages.
    pub(crate) recording: Option<Opener>,
    /// Its Chromium's process group.
    pub(crate) group: u32,
    /// How many clients are connected to it now.
    pub(crate) connections: watch::Sender<usize>,
    /// What its pages do that their picture does not show.
    pub(crate) observer: Observer,
    /// Files that go to its pages and back.
    pub(crate) transfers: Arc<Transfers>,
    /// What its clients have asked people to do.
    pub(crate) handoffs: Arc<OpenHandoffs>,
    /// Ends its Chromium the hard way.
    pub(crate) crash: CancellationToken,
    /// Cancelled when the session has ended.
    pub(crate) ended: CancellationToken,
}

impl OpenSession {
    /// What its owner may say to its Chromium.
    pub(crate) fn filter(&self) -> Filter {
        if self.policy.is_some() { Filter::Guarded } else { Filter::PassAll }
    }
}

/// A session that may have ended.
#[derive(Debug)]
pub(crate) struct KnownSession {
    pub(crate) lifecycle: Lifecycle,
    /// The session itself, while it is open.
    pub(crate) open: Option<OpenSession>,
}
