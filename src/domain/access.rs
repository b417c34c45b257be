//! Who may click: the first that fits of access tokens, Cloudflare Access, and everyone; signed links are apart. What is
//! not configured accepts nobody.
//!
//! - [`caller`]: who it is · [`AttributedClick`]: a click, and whose it is
//! - [`tokens`] reads `ACCESS_TOKENS`
//! - [`same_origin`]: whether a browser's POST comes from our own page
//! - [`own_host`]: whether a request names a host of ours, where everyone may click
//! - [`signed_link`]: what a signed link allows · [`session_pass`]: the way back to what it opened

mod attributed_click;
pub(crate) mod caller;
pub(crate) mod own_host;
pub(crate) mod same_origin;
pub(crate) mod session_pass;
pub(crate) mod signed_link;
pub(crate) mod tokens;

pub(crate) use attributed_click::AttributedClick;
pub(crate) use caller::Caller;
pub(crate) use same_origin::is_same_origin;
pub(crate) use signed_link::{InvalidSignedLink, LinkKey, SignedLink};

use tokens::AccessToken;

/// Who may click. Nothing is the default: a Worker that is not told opens nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Access {
    /// `ACCESS_TOKENS`, a secret: `name:token`, several, comma-separated.
    pub(crate) tokens: Vec<AccessToken>,
    /// `ACCESS_TEAM` and `ACCESS_AUDIENCE`.
    pub(crate) team: Option<Team>,
    /// `ACCESS_OPEN` (false): everyone, as `anonymous`.
    pub(crate) open: bool,
    /// `PUBLIC_HOSTS`: the names under which everyone may, beside those that nobody else can have.
    pub(crate) public_hosts: Vec<String>,
    /// `LINK_KEYS`, a secret: what signed links are signed with, `id:base64`, several, newest first.
    pub(crate) link_keys: Vec<LinkKey>,
    /// `CONFIRM_LINKS` (false): whether every signed link waits for a button press.
    pub(crate) confirm_links: bool,
    /// `OPERATORS` (nobody): the names of callers who may run the clean-up, and see all of it.
    pub(crate) operators: Vec<String>,
}

/// A Cloudflare Access team.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Team {
    /// `https://team.cloudflareaccess.com`: what tokens name as their issuer, and where the keys are.
    pub(crate) origin: String,
    /// The applications' audience tags.
    pub(crate) audiences: Vec<String>,
}
