//! What the API shows of the ledger. Times are RFC 3339.

use crate::domain::time::rfc3339;
use crate::domain::{EndReason, SessionId, SessionRecord, SignedLink, SignedLinkId, State, TabRecord, TargetId};
use crate::ledger::{LinkRecord, SessionPage};
use crate::service::open::Opened;
use browser_run_api::LiveViewMode;
use lean_json::ToJson;

/// How long Browser Run's links can start a connection.
const LINK_MS: u64 = 5 * 60 * 1_000;

/// The answer to `POST /api/sessions`.
#[derive(Debug, ToJson)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct OpenedView {
    session_id: SessionId,
    target_id: TargetId,
    url: String,
    /// A credential: whoever has it can connect until `expires_at`, and stay.
    devtools_url: String,
    expires_at: String,
    /// Leads to a new `devtools_url` for as long as the session lives.
    permalink: String,
    /// Whether the session was there before.
    reused: bool,
}

/// One session.
#[derive(Debug, ToJson)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct SessionView {
    session_id: SessionId,
    caller: String,
    /// The signed link of the caller's that opened it.
    #[serde(skip_serializing_if = "Option::is_none")]
    link_id: Option<SignedLinkId>,
    url: String,
    state: State,
    /// Seconds.
    keep_alive: u32,
    recording: bool,
    opened_at: String,
    clicked_at: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    ended_at: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    end_reason: Option<EndReason>,
    permalink: String,
    tabs: Vec<TabView>,
}

/// One tab.
#[derive(Debug, ToJson)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct TabView {
    target_id: TargetId,
    url: String,
    opened_at: String,
    clicked_at: String,
    permalink: String,
    /// Where one session is asked for: a link minted now.
    #[serde(skip_serializing_if = "Option::is_none")]
    devtools_url: Option<String>,
}

/// A part of the list of sessions.
#[derive(Debug, ToJson)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct SessionsView {
    sessions: Vec<SessionView>,
    /// How many there are in all.
    total: u64,
    /// The `offset` of the next page, if there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_offset: Option<u64>,
}

/// The answer to `POST /api/links`.
#[derive(Debug, ToJson)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct MadeLinkView {
    id: SignedLinkId,
    /// To pass on. It is shown this once.
    link: String,
    expires_at: String,
}

/// A signed link, without the link itself.
#[derive(Debug, ToJson)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct LinkView {
    id: SignedLinkId,
    url: String,
    created_at: String,
    expires_at: String,
    max_opens: u32,
    /// How many browsers it has opened.
    opens: u32,
    confirm: bool,
    /// Seconds.
    keep_alive: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schemars(with = "Option<crate::domain::click::Mode>"))]
    mode: Option<LiveViewMode>,
    readonly: bool,
    recording: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    note: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    revoked_at: Option<String>,
}

/// The answer to `GET /api/links`.
#[derive(Debug, ToJson)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct LinksView {
    pub(crate) links: Vec<LinkView>,
}

impl MadeLinkView {
    pub(crate) fn id(&self) -> &SignedLinkId {
        &self.id
    }

    pub(crate) fn link(&self) -> &str {
        &self.link
    }

    pub(crate) fn new(origin: &str, link: &SignedLink, token: &str) -> Self {
        Self { id: link.id.clone(), link: format!("{origin}/l/{token}"), expires_at: rfc3339(link.exp * 1_000) }
    }
}

impl LinkView {
    pub(crate) fn new(record: LinkRecord) -> Self {
        Self {
            id: record.id,
            url: record.url.as_str().to_owned(),
            created_at: rfc3339(record.created_at_ms),
            expires_at: rfc3339(record.expires_at_ms),
            max_opens: record.max_opens,
            opens: record.opens,
            confirm: record.confirm,
            keep_alive: record.options.keep_alive_seconds,
            mode: record.options.view.mode,
            readonly: record.options.view.readonly,
            recording: record.options.recording,
            note: record.note,
            revoked_at: record.revoked_at_ms.map(rfc3339),
        }
    }
}

impl OpenedView {
    pub(crate) fn new(origin: &str, opened: &Opened, url: &str, now_ms: u64) -> Self {
        Self {
            session_id: opened.session_id.clone(),
            target_id: opened.target_id.clone(),
            url: url.to_owned(),
            devtools_url: opened.link.as_str().to_owned(),
            expires_at: rfc3339(now_ms + LINK_MS),
            permalink: format!("{origin}{}", permalink(&opened.session_id, Some(&opened.target_id))),
            reused: opened.reused,
        }
    }
}

impl SessionView {
    /// `links` are by tab, in order: none for a list.
    pub(crate) fn new(origin: &str, record: SessionRecord, links: Vec<Option<String>>) -> Self {
        let session_id = record.session_id;
        let links = links.into_iter().chain(std::iter::repeat(None));
        let tab = |(tab, devtools_url): (TabRecord, Option<String>)| TabView {
            permalink: format!("{origin}{}", permalink(&session_id, Some(&tab.target_id))),
            target_id: tab.target_id,
            url: tab.url.as_str().to_owned(),
            opened_at: rfc3339(tab.opened_at_ms),
            clicked_at: rfc3339(tab.clicked_at_ms),
            devtools_url,
        };
        Self {
            tabs: record.tabs.into_iter().zip(links).map(tab).collect(),
            caller: record.caller,
            link_id: record.signed_link_id,
            url: record.url.as_str().to_owned(),
            state: record.state,
            keep_alive: record.keep_alive_seconds,
            recording: record.recording,
            opened_at: rfc3339(record.opened_at_ms),
            clicked_at: rfc3339(record.clicked_at_ms),
            ended_at: record.ended_at_ms.map(rfc3339),
            end_reason: record.end_reason,
            permalink: format!("{origin}{}", permalink(&session_id, None)),
            session_id,
        }
    }
}

impl SessionsView {
    pub(crate) fn new(origin: &str, page: SessionPage, offset: u64) -> Self {
        let end = offset.saturating_add(page.sessions.len() as u64);
        Self {
            next_offset: (end < page.total).then_some(end),
            total: page.total,
            sessions: page.sessions.into_iter().map(|record| SessionView::new(origin, record, Vec::new())).collect(),
        }
    }
}

/// Where the API has what was recorded of a session, and of one of its tabs.
#[derive(Debug, Clone)]
pub(crate) struct RecordedPaths {
    pub(crate) recording: String,
    pub(crate) har: String,
}

impl RecordedPaths {
    pub(crate) fn new(session_id: &SessionId, target_id: &TargetId) -> Self {
        let session = format!("/api/sessions/{session_id}");
        Self { har: format!("{session}/tabs/{target_id}/har"), recording: format!("{session}/recording") }
    }
}

/// The path that leads to a session, or one of its tabs, for as long as it lives.
pub(crate) fn permalink(session_id: &SessionId, target_id: Option<&TargetId>) -> String {
    target_id.map_or_else(|| format!("/s/{session_id}"), |target_id| format!("/s/{session_id}/{target_id}"))
}
