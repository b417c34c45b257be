//! Paths of the session API, each below a base such as
//! `https://api.cloudflare.com/client/v4/accounts/{account_id}/browser-rendering/devtools`.
//!
//! Names in braces are parameters: a server can use a template as its route, a client fills it with [`fill`].

/// The part of the base that every SDK and Cloudflare's CLI send.
pub const PREFIX: &str = "/accounts/{account_id}/browser-rendering/devtools";
/// The same thing in newer documentation: a server answers both.
pub const NEW_PREFIX: &str = "/accounts/{account_id}/browser-run/devtools";
/// The base of a Workers binding's requests: `env.BROWSER.fetch("https://browser-run/v1/devtools/…")`.
pub const BINDING_PREFIX: &str = "/v1/devtools";

/// `POST` acquires a session, `GET` with a WebSocket upgrade acquires and connects.
pub const BROWSERS: &str = "/browser";
/// `DELETE` closes, `GET` with a WebSocket upgrade connects.
pub const BROWSER: &str = "/browser/{session_id}";
/// `PUT` opens a tab.
pub const NEW_TARGET: &str = "/browser/{session_id}/json/new";
/// `GET` lists targets.
pub const TARGETS: &str = "/browser/{session_id}/json/list";
/// `GET` lists targets too: the path Cloudflare's CLI uses.
pub const TARGETS_SHORT: &str = "/browser/{session_id}/json";
/// `GET` reads one target.
pub const TARGET: &str = "/browser/{session_id}/json/list/{target_id}";
/// `GET` brings a tab to the front.
pub const ACTIVATE_TARGET: &str = "/browser/{session_id}/json/activate/{target_id}";
/// `GET` (the SDKs) or `DELETE` (the documentation) closes a tab.
pub const CLOSE_TARGET: &str = "/browser/{session_id}/json/close/{target_id}";
/// `GET` reads the browser's version.
pub const VERSION: &str = "/browser/{session_id}/json/version";
/// `GET` reads the protocol's description.
pub const PROTOCOL: &str = "/browser/{session_id}/json/protocol";
/// `GET` with a WebSocket upgrade: the CDP of one page.
pub const PAGE: &str = "/browser/{session_id}/page/{target_id}";
/// `POST` makes a link to a live view.
pub const LIVE_VIEW: &str = "/browser/{session_id}/live_view";
/// `GET` lists the account's sessions, whoever opened them.
pub const SESSIONS: &str = "/session";
/// `GET` reads one session, or `null`.
pub const SESSION: &str = "/session/{session_id}";

/// Where recordings are: beside `/devtools`, not below it. Source, as of all that is about recordings:
/// <https://developers.cloudflare.com/browser-run/features/session-recording/>.
pub const RECORDINGS_PREFIX: &str = "/accounts/{account_id}/browser-rendering/recording";
/// The same thing as that page writes it: a server answers both.
pub const NEW_RECORDINGS_PREFIX: &str = "/accounts/{account_id}/browser-run/recording";
/// `GET` reads what happened in the pages of a session that has ended; 404 before, and for a moment after.
pub const RECORDING: &str = "/{session_id}";
/// `GET` with a `target` reads what one of them has requested, as an array, with `format=har` as a HAR 1.2.
pub const RECORDING_NETWORK: &str = "/{session_id}/network";

/// A template with its parameters filled in, in order.
///
/// The values are put in as they are: session and target ids need no encoding.
///
/// ```
/// use browser_run_api::paths;
/// assert_eq!(paths::fill(paths::TARGET, &["s", "t"]), "/browser/s/json/list/t");
/// ```
#[must_use]
pub fn fill(template: &str, parameters: &[&str]) -> String {
    let mut path = String::with_capacity(template.len() + 36 * parameters.len());
    let mut rest = template;
    for parameter in parameters {
        let (before, after) = rest.split_once('{').expect("a template has a brace for each parameter");
        path.push_str(before);
        path.push_str(parameter);
        rest = after.split_once('}').expect("a template's braces are closed").1;
    }
    path.push_str(rest);
    path
}
