//! `/api/links`: signed links are made, listed and revoked here.

use super::{Caller, Error, Reply, RequestContext};
use crate::config::ConfigError;
use crate::domain::click::{parse_body, parse_flag};
use crate::domain::{ClickRequest, Defaults, EndReason, InvalidClick, SignedLink};
use crate::http::pages;
use crate::http::views::{LinkView, LinksView, MadeLinkView};
use crate::js;
use crate::ledger::{LinkRecord, ListLinks, ListSessions, MakeLink, Mark, RevokeLink};
use crate::service::open::OpenError;
use browser_run_api::LiveViewMode;
use lean_json::FromJson;
use page_url::query;

const DAY_SECONDS: u64 = 24 * 60 * 60;
const EXPIRES_IN: u64 = 7 * DAY_SECONDS;
const MAX_EXPIRES_IN: u64 = 90 * DAY_SECONDS;
const OPENS: u64 = 20;
const MAX_OPENS: u64 = 10_000;
/// So many sessions are looked through for those that links have opened.
const LATEST: u64 = 100;
const MAX_NOTE_BYTES: usize = 500;
/// What the page's form sends.
const FORM: &str = "url, expires_in, max_opens, readonly, recording, confirm, note";

/// The body of `POST /api/links`.
#[derive(Debug, Default, FromJson)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(crate) struct LinkRequest {
    /// http or https, at most 2048 bytes.
    url: String,
    /// Seconds.
    #[serde(default)]
    #[cfg_attr(test, schemars(range(min = 1, max = MAX_EXPIRES_IN), extend("default" = EXPIRES_IN)))]
    expires_in: Option<u64>,
    #[cfg_attr(test, schemars(with = "Option<crate::domain::click::Mode>"))]
    mode: Option<LiveViewMode>,
    #[serde(default)]
    readonly: bool,
    /// Where it is not said, the Worker's `RECORD`.
    #[serde(default)]
    recording: Option<bool>,
    /// Seconds.
    #[serde(default)]
    #[cfg_attr(test, schemars(range(min = 10, max = 1_200)))]
    keep_alive: Option<u64>,
    /// How many browsers.
    #[serde(default)]
    #[cfg_attr(test, schemars(range(min = 1, max = MAX_OPENS), extend("default" = OPENS)))]
    max_opens: Option<u64>,
    #[serde(default)]
    confirm: bool,
    /// At most 500 bytes.
    #[cfg_attr(test, schemars(length(max = MAX_NOTE_BYTES)))]
    note: Option<String>,
}

/// Makes a link.
pub(crate) async fn make(context: &RequestContext<'_>, caller: &Caller) -> Result<Reply, Error> {
    let view = make_link(context, caller, parse_body(&context.request.text().await)?).await?;
    let location = format!("/api/links/{}", view.id());
    Ok(Reply::json(201, &view).with("location", location))
}

async fn make_link(context: &RequestContext<'_>, caller: &Caller, request: LinkRequest) -> Result<MadeLinkView, Error> {
    let config = context.app.config;
    let key = config.access()?.link_keys.first().ok_or(ConfigError::NoLinkKeys)?;
    let now_ms = js::now_ms();
    let note = request.note.clone();
    let link = request.check(&js::random_uuid(), now_ms / 1_000, config.defaults)?;
    config.hosts.check(link.url.host()).map_err(OpenError::from)?;
    let record = LinkRecord::new(&link, caller.name.clone(), note, now_ms);
    context.app.ledger.ask(&MakeLink { link: record }).await?;
    Ok(MadeLinkView::new(context.request.origin(), &link, &link.sign(key)))
}

/// The page with the caller's links, and a form that makes one.
pub(crate) async fn page(context: &RequestContext<'_>) -> Result<Reply, Error> {
    let caller = context.caller().await?;
    show(context, &caller, None).await
}

/// Makes a link by that form. It is shown this once.
pub(crate) async fn make_by_form(context: &RequestContext<'_>) -> Result<Reply, Error> {
    let caller = context.caller().await?;
    let request = LinkRequest::from_form(&context.request.text().await)?;
    let made = make_link(context, &caller, request).await?;
    show(context, &caller, Some(made.link())).await
}

/// The button of that page which revokes a link, and closes what it opened.
pub(crate) async fn revoke_by_button(context: &RequestContext<'_>, id: &str) -> Result<Reply, Error> {
    let caller = context.caller().await?;
    revoke_link(context, &caller, id, true).await?;
    Ok(Reply::empty(303).with("location", "/links"))
}

async fn show(context: &RequestContext<'_>, caller: &Caller, made: Option<&str>) -> Result<Reply, Error> {
    let links = context.app.ledger.ask(&ListLinks { caller: caller.name.clone() }).await?;
    let latest = ListSessions { caller: caller.name.clone(), state: None, limit: LATEST, offset: 0 };
    let sessions = context.app.ledger.ask(&latest).await?.sessions;
    let page = pages::links(context.app.config, &links, &sessions, made, js::now_ms());
    Ok(Reply::html(200, page).with("referrer-policy", "same-origin"))
}

/// Lists the caller's links, newest first. Not the links themselves: those are known to who made them.
pub(crate) async fn list(context: &RequestContext<'_>, caller: &Caller) -> Result<Reply, Error> {
    let links = context.app.ledger.ask(&ListLinks { caller: caller.name.clone() }).await?;
    Ok(Reply::json(200, &LinksView { links: links.into_iter().map(LinkView::new).collect() }))
}

/// Revokes one of the caller's links at once; with `?close` also closes the browsers that it opened. A revoked one again
/// is a success.
///
/// 204: it is done. 202: a browser could not be closed now, and will be.
pub(crate) async fn revoke(context: &RequestContext<'_>, caller: &Caller, id: &str) -> Result<Reply, Error> {
    revoke_link(context, caller, id, parse_close(context.request.query())?).await
}

async fn revoke_link(context: &RequestContext<'_>, caller: &Caller, id: &str, close: bool) -> Result<Reply, Error> {
    let revoke = RevokeLink { link_id: id.into(), caller: caller.name.clone() };
    let opened = context.app.ledger.ask(&revoke).await?.ok_or_else(|| context.request.not_found())?;
    let marks = opened.into_iter().filter(|_| close).map(|session_id| Mark::now(session_id, EndReason::LinkRevoked));
    let closings = context.app.close_sessions(marks.collect()).await?;
    Ok(Reply::empty(if closings.failed.is_empty() { 204 } else { 202 }))
}

fn parse_close(query: &str) -> Result<bool, InvalidClick> {
    let mut close = false;
    for pair in query::pairs(query) {
        let (name, value) = pair.map_err(|piece| InvalidClick::Encoding(piece.to_owned()))?;
        if name != "close" {
            return Err(InvalidClick::Unknown { name: name.into_owned(), allowed: "close" });
        }
        close = parse_flag("close", &value)?;
    }
    Ok(close)
}

impl LinkRequest {
    /// Reads what the page's form sends: what nobody has filled in is not there.
    fn from_form(body: &str) -> Result<Self, InvalidClick> {
        let mut request = Self::default();
        for pair in query::pairs(body) {
            let (name, value) = pair.map_err(|piece| InvalidClick::Encoding(piece.to_owned()))?;
            let number = |name, allowed| {
                let wrong = |_| InvalidClick::OutOfRange { name, value: value.to_string(), allowed };
                value.parse().map(Some).map_err(wrong)
            };
            match name.as_ref() {
                _ if value.is_empty() => {}
                "url" => request.url = value.trim().to_owned(),
                "expires_in" => request.expires_in = number("expires_in", "a whole number of seconds")?,
                "max_opens" => request.max_opens = number("max_opens", "a whole number")?,
                "readonly" => request.readonly = parse_flag("readonly", &value)?,
                "recording" => request.recording = Some(parse_flag("recording", &value)?),
                "confirm" => request.confirm = parse_flag("confirm", &value)?,
                "note" => request.note = Some(value.into_owned()),
                _ => return Err(InvalidClick::Unknown { name: name.into_owned(), allowed: FORM }),
            }
        }
        Ok(request)
    }

    fn check(self, id: &str, now_seconds: u64, defaults: Defaults) -> Result<SignedLink, InvalidClick> {
        let wrong = |name, value: String, allowed| Err(InvalidClick::OutOfRange { name, value, allowed });
        let expires_in = self.expires_in.unwrap_or(EXPIRES_IN);
        if !(1..=MAX_EXPIRES_IN).contains(&expires_in) {
            return wrong("expires_in", expires_in.to_string(), "seconds from 1 to 7776000 (90 days)");
        }
        let opens = self.max_opens.unwrap_or(OPENS);
        let Some(max) = u32::try_from(opens).ok().filter(|_| (1..=MAX_OPENS).contains(&opens)) else {
            return wrong("max_opens", opens.to_string(), "a whole number from 1 to 10000");
        };
        if self.note.as_ref().is_some_and(|note| note.len() > MAX_NOTE_BYTES) {
            return wrong("note", "too long".to_owned(), "at most 500 bytes");
        }
        let click =
            ClickRequest::link(self.url, self.keep_alive, self.mode, self.readonly, self.recording).check(defaults)?;
        Ok(SignedLink {
            id: id.into(),
            url: click.url,
            exp: now_seconds + expires_in,
            max,
            keep_alive: click.options.keep_alive_seconds,
            mode: self.mode,
            readonly: self.readonly,
            recording: click.options.recording,
            confirm: self.confirm,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(body: &str) -> Result<SignedLink, InvalidClick> {
        lean_json::read::<LinkRequest>(body).unwrap().check("id", 1_000, Defaults::for_tests())
    }

    #[test]
    fn a_link_has_defaults_and_bounds() {
        let link = check(r#"{"url":"https://e.com"}"#).unwrap();
        assert_eq!((link.exp, link.max, link.keep_alive, link.confirm), (1_000 + 604_800, 20, 600, false));
        let whole = check(r#"{"url":"https://e.com","expires_in":60.0,"max_opens":2.0,"keep_alive":10.0}"#).unwrap();
        assert_eq!((whole.exp, whole.max, whole.keep_alive), (1_060, 2, 10));
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

    #[test]
    fn a_form_asks_for_what_the_api_can_be_asked_for() {
        let form = "url=https%3A%2F%2Fe.com%2F&expires_in=3600&max_opens=2&readonly=true&note=";
        let link = LinkRequest::from_form(form).unwrap().check("id", 1_000, Defaults::for_tests()).unwrap();
        assert_eq!((link.url.as_str(), link.exp, link.max), ("https://e.com/", 4_600, 2));
        assert!(link.readonly && !link.confirm);
        for wrong in ["max_opens=x", "keep=1", "url=%ff", "readonly=maybe"] {
            assert!(LinkRequest::from_form(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn closing_is_asked_for_by_name() {
        for (query, close) in [("", false), ("close", true), ("close=true", true), ("close=false", false)] {
            assert_eq!(parse_close(query), Ok(close));
        }
        assert!(parse_close("close=soon").is_err() && parse_close("closed").is_err());
    }
}
