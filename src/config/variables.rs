//! Variables' texts, read as what they stand for. A failure names the variable and what it wants.

use super::{Access, ConfigError, DAY_MS, Policy, Team, Upstream};
use crate::access::tokens;
use crate::hosts::HostRules;
use crate::signed_link::LinkKey;
use std::ops::RangeInclusive;

const MINUTE_MS: f64 = 60_000.0;
/// As many patterns as Browser Run's guardrails take.
const MAX_GUARDRAILS: usize = 50;

/// Where values come from: the Worker's environment, or a test's table.
pub(super) struct Variables<F>(pub(super) F);

impl<F: Fn(&str) -> Option<String>> Variables<F> {
    /// A variable's text, `None` when it is absent or empty.
    pub(super) fn text(&self, name: &str) -> Option<String> {
        (self.0)(name).map(|value| value.trim().to_owned()).filter(|value| !value.is_empty())
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
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it is in range")]
    pub(super) fn minutes(&self, name: &'static str, default: f64) -> Result<u64, ConfigError> {
        let Some(value) = self.text(name) else { return Ok((default * MINUTE_MS) as u64) };
        let minutes = value.parse().ok().filter(|minutes: &f64| *minutes > 0.0 && *minutes <= 100_000.0);
        minutes.map(|minutes| (minutes * MINUTE_MS) as u64).ok_or_else(|| ConfigError::Invalid {
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
        if !base_url.starts_with("https://") && !base_url.starts_with("http://") {
            let wanted = "a URL such as https://api.cloudflare.com/client/v4".to_owned();
            return Err(ConfigError::Invalid { name: "CLOUDFLARE_API_BASE_URL", value: base_url, wanted });
        }
        Ok(Upstream::Rest {
            base_url: base_url.trim_end_matches('/').to_owned(),
            account_id: self.text("CLOUDFLARE_ACCOUNT_ID").ok_or(ConfigError::NoAccount)?,
            token,
        })
    }

    /// A bare host means https; `http://` has to be written out.
    pub(super) fn live_view_origins(&self) -> Result<Vec<String>, ConfigError> {
        let hosts = self.text("LIVE_VIEW_HOSTS").unwrap_or_else(|| "live.browser.run".to_owned());
        let origin = |entry: &str| {
            let (scheme, host) = match entry.split_once("://") {
                None => ("https", entry),
                Some((scheme @ ("http" | "https"), host)) => (scheme, host),
                Some(_) => return None,
            };
            let is_host = !host.is_empty() && !host.contains(['/', '?', '#', '@', '*', ' ', '\\']);
            is_host.then(|| format!("{scheme}://{host}/"))
        };
        let entries = hosts.split(',').map(str::trim).filter(|entry| !entry.is_empty());
        entries.map(origin).collect::<Option<_>>().ok_or_else(|| ConfigError::Invalid {
            name: "LIVE_VIEW_HOSTS",
            value: hosts.clone(),
            wanted: "host names, comma-separated, such as live.browser.run or http://127.0.0.1:9333".to_owned(),
        })
    }

    pub(super) fn policy(&self) -> Result<Policy, ConfigError> {
        let minutes_per_day = self.text("MAX_BROWSER_MINUTES_PER_DAY");
        Ok(Policy {
            max_session_ms: self.minutes("MAX_SESSION_MINUTES", 60.0)?,
            idle_ms: self.minutes("IDLE_MINUTES", 10.0)?,
            coalesce_ms: self.number("COALESCE_SECONDS", 10, 0..=3_600)? * 1_000,
            max_tabs: self.number("MAX_TABS", 8, 1..=100)?,
            history_ms: self.number("HISTORY_DAYS", 7, 0..=365)? * DAY_MS,
            sweep_budget: self.number("SWEEP_BUDGET", 40, 2..=10_000)?,
            max_sessions_per_caller: self.number("MAX_SESSIONS_PER_CALLER", 3, 1..=10_000)?,
            max_opens_per_minute: self.number("MAX_OPENS_PER_MINUTE", 10, 1..=10_000)?,
            max_browser_ms_per_day: match minutes_per_day {
                Some(_) => Some(self.minutes("MAX_BROWSER_MINUTES_PER_DAY", 0.0)?),
                None => None,
            },
        })
    }

    pub(super) fn access(&self) -> Result<Access, ConfigError> {
        let tokens = tokens::parse(&self.text("ACCESS_TOKENS").unwrap_or_default());
        let access = Access {
            tokens: tokens.map_err(|why| ConfigError::Secret { name: "ACCESS_TOKENS", why })?,
            team: self.team()?,
            open: self.flag("ACCESS_OPEN")?,
            link_keys: self.link_keys()?,
            confirm_links: self.flag("CONFIRM_LINKS")?,
            operators: self.list("OPERATORS"),
        };
        let nobody = access.tokens.is_empty() && access.team.is_none() && access.link_keys.is_empty() && !access.open;
        if nobody { Err(ConfigError::NoAccess) } else { Ok(access) }
    }

    /// What stands between commas.
    fn list(&self, name: &str) -> Vec<String> {
        let text = self.text(name).unwrap_or_default();
        text.split(',').map(str::trim).filter(|one| !one.is_empty()).map(str::to_owned).collect()
    }

    /// A bare name means `https://{name}.cloudflareaccess.com`.
    fn team(&self) -> Result<Option<Team>, ConfigError> {
        let audiences = self.list("ACCESS_AUDIENCE");
        let Some(team) = self.text("ACCESS_TEAM") else { return Ok(None) };
        if audiences.is_empty() {
            return Err(ConfigError::NoAudience);
        }
        let origin = match (team.contains("://"), team.contains('.')) {
            (true, _) => team.trim_end_matches('/').to_owned(),
            (false, true) => format!("https://{}", team.trim_end_matches('/')),
            (false, false) => format!("https://{team}.cloudflareaccess.com"),
        };
        Ok(Some(Team { origin, audiences }))
    }

    pub(super) fn link_keys(&self) -> Result<Vec<LinkKey>, ConfigError> {
        let keys = LinkKey::parse_list(&self.text("LINK_KEYS").unwrap_or_default());
        keys.map_err(|why| ConfigError::Secret { name: "LINK_KEYS", why })
    }

    pub(super) fn hosts(&self) -> Result<HostRules, ConfigError> {
        HostRules::parse(&self.text("ALLOWED_HOSTS").unwrap_or_default()).map_err(|value| ConfigError::Invalid {
            name: "ALLOWED_HOSTS",
            value,
            wanted: "host names such as *.example.com, comma-separated, each with at most one *".to_owned(),
        })
    }

    /// Whether the allowed hosts are also sent to Browser Run.
    pub(super) fn guardrails(&self, hosts: &HostRules) -> Result<bool, ConfigError> {
        let guardrails = self.flag("GUARDRAILS")?;
        if guardrails && !(1..=MAX_GUARDRAILS).contains(&hosts.patterns().len()) {
            return Err(ConfigError::Guardrails);
        }
        Ok(guardrails)
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
