//! Variables' texts, read as what they stand for. A failure names the variable and what it wants.

use super::{ConfigError, Upstream};
use crate::domain::access::{own_host, tokens};
use crate::domain::{Access, LinkKey, Policy, Team};
use browser_run_api::{DAY_MS, HostPattern};
use lean_json::number;
use page_url::{HostRules, InvalidUrl, PageUrl};
use std::ops::RangeInclusive;

const MINUTE_MS: u64 = 60_000;
/// As many patterns as Browser Run's guardrails take.
const MAX_GUARDRAILS: usize = 50;

/// Where values come from: the Worker's environment, or a test's table.
pub(super) struct Variables<'a>(pub(super) &'a dyn Fn(&str) -> Option<String>);

impl Variables<'_> {
    /// A variable's text, `None` when it is absent or empty.
    pub(super) fn text(&self, name: &str) -> Option<String> {
        (self.0)(name).map(|value| value.trim().to_owned()).filter(|value| !value.is_empty())
    }

    /// A list's entries, which commas separate; none where it is absent or empty. One of commas alone is a slip, and must not
    /// mean what an empty one means.
    fn list(&self, name: &'static str) -> Result<Vec<String>, ConfigError> {
        let Some(text) = self.text(name) else { return Ok(Vec::new()) };
        let entries: Vec<_> = text.split(',').map(str::trim).filter(|entry| !entry.is_empty()).collect();
        if entries.is_empty() {
            return Err(wrong(name, "it has commas and no entry"));
        }
        Ok(entries.into_iter().map(str::to_owned).collect())
    }

    pub(super) fn number<N>(&self, name: &'static str, default: N, allowed: RangeInclusive<N>) -> Result<N, ConfigError>
    where
        N: std::str::FromStr + PartialOrd + std::fmt::Display,
    {
        let Some(value) = self.text(name) else { return Ok(default) };
        value.parse().ok().filter(|number| allowed.contains(number)).ok_or_else(|| ConfigError::Invalid {
            name,
            value,
            wanted: format!("a whole number from {} to {}", allowed.start(), allowed.end()),
        })
    }

    /// Minutes, of which fractions are allowed, in milliseconds.
    pub(super) fn minutes(&self, name: &'static str, default: u64) -> Result<u64, ConfigError> {
        let Some(value) = self.text(name) else { return Ok(default * MINUTE_MS) };
        let milliseconds = number::parts(&value, MINUTE_MS).filter(|ms| (1..=100_000 * MINUTE_MS).contains(ms));
        milliseconds.ok_or_else(|| ConfigError::Invalid {
            name,
            value,
            wanted: "a number above 0 and at most 100000".to_owned(),
        })
    }

    pub(super) fn upstream(&self, has_binding: bool) -> Result<Upstream, ConfigError> {
        let Some(token) = self.text("CLOUDFLARE_API_TOKEN") else {
            return if has_binding { Ok(Upstream::Binding) } else { Err(ConfigError::NoUpstream) };
        };
        let base_url = self.text("CLOUDFLARE_API_BASE_URL");
        let base_url = base_url.unwrap_or_else(|| "https://api.cloudflare.com/client/v4".to_owned());
        // Only browsers keep off other protocols' ports.
        let is_url = matches!(PageUrl::parse(&base_url), Ok(_) | Err(InvalidUrl::Port(_)));
        if !is_url || base_url.contains(['?', '#']) {
            let why = "it has to be a URL such as https://api.cloudflare.com/client/v4, without user name and query";
            return Err(wrong("CLOUDFLARE_API_BASE_URL", why));
        }
        Ok(Upstream::Rest {
            base_url: base_url.trim_end_matches('/').to_owned(),
            account_id: self.text("CLOUDFLARE_ACCOUNT_ID").ok_or(ConfigError::NoAccount)?,
            token,
        })
    }

    /// A bare host means https; `http://` has to be written out.
    pub(super) fn live_view_origins(&self) -> Result<Vec<String>, ConfigError> {
        let mut hosts = self.list("LIVE_VIEW_HOSTS")?;
        if hosts.is_empty() {
            hosts.push("live.browser.run".to_owned());
        }
        let origins = hosts.iter().enumerate().map(|(index, entry)| {
            let why =
                || format!("entry {} has to be a host such as live.browser.run or http://127.0.0.1:9333", index + 1);
            origin(entry).ok_or_else(|| wrong("LIVE_VIEW_HOSTS", why()))
        });
        origins.collect()
    }

    pub(super) fn policy(&self) -> Result<Policy, ConfigError> {
        let minutes_per_day = self.text("MAX_BROWSER_MINUTES_PER_DAY");
        Ok(Policy {
            max_session_ms: self.minutes("MAX_SESSION_MINUTES", 60)?,
            idle_ms: self.minutes("IDLE_MINUTES", 10)?,
            coalesce_ms: self.number("COALESCE_SECONDS", 10, 0..=3_600)? * 1_000,
            max_tabs: self.number("MAX_TABS", 8, 1..=100)?,
            history_ms: self.number("HISTORY_DAYS", 30, 0..=365)? * DAY_MS,
            sweep_budget: self.number("SWEEP_BUDGET", 40, 2..=10_000)?,
            max_sessions_per_caller: self.number("MAX_SESSIONS_PER_CALLER", 3, 1..=10_000)?,
            max_opens_per_minute: self.number("MAX_OPENS_PER_MINUTE", 10, 1..=10_000)?,
            max_browser_ms_per_day: match minutes_per_day {
                Some(_) => Some(self.minutes("MAX_BROWSER_MINUTES_PER_DAY", 0)?),
                None => None,
            },
        })
    }

    pub(super) fn access(&self) -> Result<Access, ConfigError> {
        let tokens = tokens::parse(&texts(&self.list("ACCESS_TOKENS")?));
        let access = Access {
            tokens: tokens.map_err(|why| wrong("ACCESS_TOKENS", why))?,
            team: self.team()?,
            open: self.flag("ACCESS_OPEN")?,
            public_hosts: own_host::parse(&texts(&self.list("PUBLIC_HOSTS")?))
                .map_err(|why| wrong("PUBLIC_HOSTS", why))?,
            link_keys: self.link_keys()?,
            confirm_links: self.flag("CONFIRM_LINKS")?,
            operators: self.list("OPERATORS")?,
        };
        let nobody = access.tokens.is_empty() && access.team.is_none() && access.link_keys.is_empty() && !access.open;
        if nobody { Err(ConfigError::NoAccess) } else { Ok(access) }
    }

    /// A bare name means `https://{name}.cloudflareaccess.com`.
    fn team(&self) -> Result<Option<Team>, ConfigError> {
        let audiences = self.list("ACCESS_AUDIENCE")?;
        let Some(team) = self.text("ACCESS_TEAM") else { return Ok(None) };
        if audiences.is_empty() {
            return Err(ConfigError::NoAudience);
        }
        let team = team.trim_end_matches('/');
        let url = match (team.contains("://"), team.contains('.')) {
            (true, _) => team.to_owned(),
            (false, true) => format!("https://{team}"),
            (false, false) => format!("https://{team}.cloudflareaccess.com"),
        };
        let why = "it has to be a team's name or URL, such as acme or https://acme.cloudflareaccess.com";
        let origin = origin(&url).ok_or_else(|| wrong("ACCESS_TEAM", why))?;
        Ok(Some(Team { origin: origin.trim_end_matches('/').to_owned(), audiences }))
    }

    pub(super) fn link_keys(&self) -> Result<Vec<LinkKey>, ConfigError> {
        LinkKey::parse_list(&texts(&self.list("LINK_KEYS")?)).map_err(|why| wrong("LINK_KEYS", why))
    }

    pub(super) fn hosts(&self) -> Result<HostRules, ConfigError> {
        HostRules::parse(&texts(&self.list("ALLOWED_HOSTS")?)).map_err(|why| wrong("ALLOWED_HOSTS", why))
    }

    /// The allowed hosts, where they are also sent to Browser Run.
    pub(super) fn guardrails(&self, hosts: &HostRules) -> Result<Option<Vec<String>>, ConfigError> {
        if !self.flag("GUARDRAILS")? {
            return Ok(None);
        }
        let is_pattern = |pattern: &String| pattern.parse::<HostPattern>().is_ok();
        let patterns = hosts.guardrails().filter(|patterns| patterns.iter().all(is_pattern));
        let patterns = patterns.filter(|patterns| (1..=MAX_GUARDRAILS).contains(&patterns.len()));
        patterns.map(Some).ok_or(ConfigError::Guardrails)
    }

    pub(super) fn flag(&self, name: &'static str) -> Result<bool, ConfigError> {
        match self.text(name).as_deref() {
            None | Some("false") => Ok(false),
            Some("true") => Ok(true),
            Some(value) => {
                Err(ConfigError::Invalid { name, value: value.to_owned(), wanted: "true or false".to_owned() })
            }
        }
    }
}

/// What is wrong with a setting. `why` is for everyone to see: it tells nothing of the value, which may hold a secret.
fn wrong(name: &'static str, why: impl Into<String>) -> ConfigError {
    ConfigError::Wrong { name, why: why.into() }
}

fn texts(entries: &[String]) -> Vec<&str> {
    entries.iter().map(String::as_str).collect()
}

/// `https://host/` in its canonical spelling, which is that of the links it is compared with.
fn origin(entry: &str) -> Option<String> {
    let entry = if entry.contains("://") { entry.to_owned() } else { format!("https://{entry}") };
    let host = entry.split_once("://").map_or("", |(_, host)| host);
    let url = PageUrl::parse(&format!("{entry}/")).ok().filter(|_| !host.contains(['/', '?', '#', '*', '\\']))?;
    Some(url.as_str().to_owned())
}
