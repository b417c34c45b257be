//! `/l/{token}`: a signed link. Whoever has it may open what it says, without any other access.
//!
//! Each *browser* that follows it gets one of ours, however often it clicks: by a cookie, and where that is refused by a
//! marker in the URL. Two people can have the same address and user agent; they never have the same cookie.

use super::{Caller, Error, Reply, RequestContext, open, progress};
use crate::domain::access::session_pass;
use crate::domain::{AttributedClick, SignedLink};
use crate::http::journal::Outcome;
use crate::http::request::Request;
use crate::js;
use page_url::query;

/// Before a browser's UUID: its cookie's name. Two tabs that are opened at once each set one, and both send the older one
/// first: <https://www.rfc-editor.org/rfc/rfc6265#section-5.4>
const COOKIE: &str = "devtools-link-";
/// The query parameter with a browser's UUID.
const MARKER: &str = "browser";
const COOKIE_SECONDS: u32 = 60 * 60;
/// So soon at least a page that has been shown comes again.
const AGAIN_MS: u64 = 1_000;

/// `GET` is the click, unless the link waits for the button of its preview, which is a `POST`.
pub(crate) async fn follow_link(context: &RequestContext<'_>, token: &str) -> Result<Reply, Error> {
    let access = context.app.config.access()?;
    let link = SignedLink::verify(token, &access.link_keys, js::now_ms() / 1_000)?;
    let request = context.request;
    let cookies = request.header("cookie").unwrap_or_default();
    let known = in_cookies(&cookies).or_else(|| in_query(request.query()));
    let browser = known.clone().unwrap_or_else(js::random_uuid);
    context.journal.caller(&name(&link));
    let reply = match request.method.as_str() {
        // Programs are served in one step.
        "GET" if known.is_none() && request.is_navigation() => {
            context.journal.outcome(Outcome::Marked);
            Ok(mark(request, &browser))
        }
        "POST" => open(context, 303, &link, &browser).await,
        _ if link.confirm || access.confirm_links || !context.is_click() => open::preview(context, Some(&link.url)),
        _ => open(context, 302, &link, &browser).await,
    }?;
    // Of two cookies its own comes first: the pass of what it opened comes with the next click.
    let own = || cookie(&browser, request.path(), is_secure(context));
    Ok(if known.is_some() { reply } else { reply.with("set-cookie", own()) })
}

async fn open(context: &RequestContext<'_>, status: u16, link: &SignedLink, browser: &str) -> Result<Reply, Error> {
    let caller = Caller::unknown(name(link), browser);
    let click = AttributedClick { caller, click: link.click(), signed_link_id: Some(link.id.clone()) };
    let Some(key) = context.app.config.access()?.link_keys.first().filter(|_| link.recording) else {
        return open::answer(context, status, click).await;
    };
    let told = open::begin(context, click);
    // The pass is in an answer's head, where a page that is shown meanwhile has no place for it: that leads here once more, to
    // the tab that is there. A press of the button would not come again.
    let comes_again = status == 302 && context.app.config.policy.coalesce_ms >= AGAIN_MS;
    let opened = if comes_again {
        let again = context.request.target.clone();
        match progress::opened(context, link.url.host(), told, Some(again)).await {
            Ok(opened) => opened,
            Err(page) => return Ok(page),
        }
    } else {
        told.wait().await
    }?;
    let reply = open::redirect(status, &opened.link, &opened.session_id, &opened.target_id)
        .with_server_timing(&context.app.browser_run.timings());
    Ok(reply.with("set-cookie", session_pass::cookie(&opened.session_id, key, is_secure(context))))
}

fn is_secure(context: &RequestContext<'_>) -> bool {
    context.request.origin().starts_with("https:")
}

/// What those are called who follow a link.
fn name(link: &SignedLink) -> String {
    format!("link {}", link.id)
}

/// Sends a browser back here, to be known from now on.
fn mark(request: &Request, browser: &str) -> Reply {
    let separator = if request.query().is_empty() { "?" } else { "&" };
    Reply::empty(302).with("location", format!("{}{separator}{MARKER}={browser}", request.target.trim_end_matches('?')))
}

fn cookie(browser: &str, path: &str, is_secure: bool) -> String {
    let secure = if is_secure { "; Secure" } else { "" };
    format!("{COOKIE}{browser}=1; Path={path}; Max-Age={COOKIE_SECONDS}; HttpOnly; SameSite=Lax{secure}")
}

/// The browser's UUID in its cookies.
fn in_cookies(cookies: &str) -> Option<String> {
    let names = cookies.split(';').filter_map(|pair| pair.split('=').next()?.trim().strip_prefix(COOKIE));
    names.map(str::to_owned).find(|browser| is_uuid(browser))
}

/// The browser's UUID in the URL.
fn in_query(query: &str) -> Option<String> {
    let mut pairs = query::pairs(query).filter_map(Result::ok);
    pairs.find_map(|(name, value)| (name == MARKER && is_uuid(&value)).then(|| value.into_owned()))
}

/// Anybody can send anything: what we did not make is not there.
fn is_uuid(text: &str) -> bool {
    text.len() == 36
        && text.bytes().enumerate().all(|(index, byte)| match index {
            8 | 13 | 18 | 23 => byte == b'-',
            _ => matches!(byte, b'0'..=b'9' | b'a'..=b'f'),
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    const OLDER: &str = "1909cef7-23e8-4394-bc31-27404bf4348f";
    const NEWER: &str = "0c7b4c1e-0f5e-4d0c-8a6e-1c6f7f1d2a33";

    #[test]
    fn a_browser_is_known_by_its_oldest_cookie_or_its_marker() {
        let set = cookie(OLDER, "/l/1.k.p.m", true);
        assert_eq!(
            set,
            format!("devtools-link-{OLDER}=1; Path=/l/1.k.p.m; Max-Age=3600; HttpOnly; SameSite=Lax; Secure")
        );
        let sent = format!("a=b; devtools-link-{OLDER}=1; devtools-link-{NEWER}=1");
        assert_eq!(in_cookies(&sent).as_deref(), Some(OLDER));
        assert_eq!(in_query(&format!("utm=1&browser={NEWER}")).as_deref(), Some(NEWER));
    }

    #[test]
    fn what_we_did_not_make_is_not_there() {
        let long = OLDER.repeat(2);
        for value in ["", "me", &long, &OLDER.to_uppercase(), &OLDER.replace('-', "a"), "%00", "é"] {
            assert_eq!(in_cookies(&format!("devtools-link-{value}=1")), None, "{value}");
            assert_eq!(in_query(&format!("browser={value}")), None, "{value}");
        }
        assert_eq!(in_query("%ff"), None);
        assert_eq!(in_cookies(&format!("other=devtools-link-{OLDER}; devtools-link")), None);
    }
}
