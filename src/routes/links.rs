//! `/api/links`: signed links are made, listed and revoked here.

use crate::caller::Caller;
use crate::click::{ClickRequest, InvalidClick, parse_body};
use crate::config::ConfigError;
use crate::error::Error;
use crate::js;
use crate::ledger::LinkRecord;
use crate::reply::Reply;
use crate::router::Visit;
use crate::signed_link::SignedLink;
use crate::views::{LinkView, LinksView, MadeLinkView};
use browser_run_api::LiveViewMode;
use serde::Deserialize;

const DAY_SECONDS: u64 = 24 * 60 * 60;
const MAX_EXPIRES_IN: u64 = 90 * DAY_SECONDS;
const MAX_OPENS: u32 = 10_000;
const MAX_NOTE_BYTES: usize = 500;

/// The body of `POST /api/links`.
#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(crate) struct LinkRequest {
    url: String,
    /// Seconds.
    #[serde(default = "seven_days")]
    expires_in: u64,
    #[cfg_attr(test, schemars(with = "Option<String>"))]
    mode: Option<LiveViewMode>,
    #[serde(default)]
    readonly: bool,
    keep_alive: Option<u32>,
    #[serde(default = "twenty")]
    max_opens: u32,
    #[serde(default)]
    confirm: bool,
    note: Option<String>,
}

fn seven_days() -> u64 {
    7 * DAY_SECONDS
}

fn twenty() -> u32 {
    20
}

/// Makes a link.
pub(crate) async fn make(visit: &Visit<'_>, caller: &Caller) -> Result<Reply, Error> {
    let config = visit.app.config;
    let key = config.access()?.link_keys.first().ok_or(ConfigError::NoLinkKeys)?;
    let body = visit.request.text().await;
    let request: LinkRequest = parse_body(&body)?;
    let now_ms = js::now_ms();
    let note = request.note.clone();
    let link = request.check(&js::random_uuid(), now_ms / 1_000, config.keep_alive_seconds)?;
    config.hosts.check(link.url.host())?;
    visit.app.ledger.link_made(LinkRecord::new(&link, caller.name.clone(), note, now_ms)).await?;
    let view = MadeLinkView::new(visit.request.origin(), &link, &link.sign(key));
    Ok(Reply::json(201, &view).with("location", format!("/api/links/{}", link.id)))
}

/// Lists the caller's links, newest first. Not the links themselves: those are known to who made them.
pub(crate) async fn list(visit: &Visit<'_>, caller: &Caller) -> Result<Reply, Error> {
    let links = visit.app.ledger.links(&caller.name).await?;
    Ok(Reply::json(200, &LinksView { links: links.into_iter().map(LinkView::new).collect() }))
}

/// Revokes one of the caller's links at once. A revoked one again is a success.
pub(crate) async fn revoke(visit: &Visit<'_>, caller: &Caller, id: &str) -> Result<Reply, Error> {
    if visit.app.ledger.revoke_link(id, &caller.name).await? {
        Ok(Reply::empty(204))
    } else {
        Err(visit.request.not_found())
    }
}

impl LinkRequest {
    fn check(self, id: &str, now_seconds: u64, default_keep_alive: u32) -> Result<SignedLink, InvalidClick> {
        let wrong = |name, value: String, allowed| Err(InvalidClick::OutOfRange { name, value, allowed });
        if !(1..=MAX_EXPIRES_IN).contains(&self.expires_in) {
            return wrong("expires_in", self.expires_in.to_string(), "seconds from 1 to 7776000 (90 days)");
        }
        if !(1..=MAX_OPENS).contains(&self.max_opens) {
            return wrong("max_opens", self.max_opens.to_string(), "a whole number from 1 to 10000");
        }
        if self.note.as_ref().is_some_and(|note| note.len() > MAX_NOTE_BYTES) {
            return wrong("note", "too long".to_owned(), "at most 500 bytes");
        }
        let click =
            ClickRequest::link(self.url, self.keep_alive, self.mode, self.readonly).check(default_keep_alive)?;
        Ok(SignedLink {
            id: id.to_owned(),
            url: click.url,
            exp: now_seconds + self.expires_in,
            max: self.max_opens,
            keep_alive: click.options.keep_alive_seconds,
            mode: self.mode,
            readonly: self.readonly,
            confirm: self.confirm,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(body: &str) -> Result<SignedLink, InvalidClick> {
        serde_json::from_str::<LinkRequest>(body).unwrap().check("id", 1_000, 600)
    }

    #[test]
    fn a_link_has_defaults_and_bounds() {
        let link = check(r#"{"url":"https://e.com"}"#).unwrap();
        assert_eq!((link.exp, link.max, link.keep_alive, link.confirm), (1_000 + 604_800, 20, 600, false));
        for wrong in [
            r#"{"url":"https://e.com","expires_in":0}"#,
            r#"{"url":"https://e.com","expires_in":7776001}"#,
            r#"{"url":"https://e.com","max_opens":0}"#,
            r#"{"url":"https://e.com","keep_alive":5}"#,
            r#"{"url":"ftp://e.com"}"#,
        ] {
            assert!(check(wrong).is_err(), "{wrong}");
        }
    }
}
