//! The Worker's configuration: the only file that reads variables, secrets and bindings.

use crate::js::Fetcher;
use std::ops::RangeInclusive;
use std::sync::OnceLock;
use worker::Env;
use worker::js_sys::Reflect;
use worker::wasm_bindgen::JsCast;

const MINUTE_MS: f64 = 60_000.0;
const DAY_MS: u64 = 24 * 60 * 60_000;

/// Everything an operator can set. Each field names its variable and its default.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Config {
    /// How Browser Run is reached.
    pub(crate) upstream: Upstream,
    /// `LIVE_VIEW_HOSTS` (`live.browser.run`): where a redirect may lead, each as `https://host/`.
    pub(crate) live_view_origins: Vec<String>,
    /// `KEEP_ALIVE_SECONDS` (600): a session's inactivity timeout where a click does not say.
    pub(crate) keep_alive_seconds: u32,
    /// When sessions are closed, and what is remembered of them.
    pub(crate) policy: Policy,
}

/// How Browser Run is reached.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum Upstream {
    /// The REST API.
    Rest {
        /// `CLOUDFLARE_API_BASE_URL` (`https://api.cloudflare.com/client/v4`), without a slash at its end.
        base_url: String,
        /// `CLOUDFLARE_ACCOUNT_ID`
        account_id: String,
        /// `CLOUDFLARE_API_TOKEN`, a secret.
        token: String,
    },
    /// The binding `BROWSER`, where no API token is set.
    Binding,
}

/// The rules' numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Policy {
    /// `MAX_SESSION_MINUTES` (60): no session of ours gets older.
    pub(crate) max_session_ms: u64,
    /// `IDLE_MINUTES` (10): how long a session of ours may be unused.
    pub(crate) idle_ms: u64,
    /// `COALESCE_SECONDS` (10): for how long the same click again is the same tab.
    pub(crate) coalesce_ms: u64,
    /// `MAX_TABS` (8): how many tabs of ours one session holds.
    pub(crate) max_tabs: usize,
    /// `HISTORY_DAYS` (7): how long ended sessions are remembered.
    pub(crate) history_ms: u64,
    /// `SWEEP_BUDGET` (40): upstream calls one clean-up may make.
    pub(crate) sweep_budget: usize,
}

/// A setting that is missing or wrong.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum ConfigError {
    #[error(
        "This Worker is not connected to Browser Run. Set the secret CLOUDFLARE_API_TOKEN (permission “Browser \
         Rendering – Edit”) and the variable CLOUDFLARE_ACCOUNT_ID, or bind Browser Run as BROWSER."
    )]
    NoUpstream,
    #[error("CLOUDFLARE_API_TOKEN is set, so CLOUDFLARE_ACCOUNT_ID has to say whose Browser Run it is for.")]
    NoAccount,
    #[error("The variable {name} is `{value}`; it wants {wanted}.")]
    Invalid { name: &'static str, value: String, wanted: String },
}

impl Config {
    /// The configuration of this Worker: read once, since an isolate's environment never changes.
    pub(crate) fn load(env: &Env) -> Result<&'static Self, ConfigError> {
        static CONFIG: OnceLock<Result<Config, ConfigError>> = OnceLock::new();
        CONFIG
            .get_or_init(|| Self::read(|name| variable(env, name), has_browser_binding(env)))
            .as_ref()
            .map_err(Clone::clone)
    }

    /// The defaults, over the binding.
    #[cfg(test)]
    pub(crate) fn for_tests() -> Self {
        Self::read(|_| None, true).expect("the defaults are valid")
    }

    fn read(variable: impl Fn(&str) -> Option<String>, has_binding: bool) -> Result<Self, ConfigError> {
        let variables = Variables(variable);
        Ok(Self {
            upstream: variables.upstream(has_binding)?,
            live_view_origins: variables.live_view_origins()?,
            keep_alive_seconds: variables.number("KEEP_ALIVE_SECONDS", 600, 10..=1_200)?,
            policy: Policy {
                max_session_ms: variables.minutes("MAX_SESSION_MINUTES", 60.0)?,
                idle_ms: variables.minutes("IDLE_MINUTES", 10.0)?,
                coalesce_ms: variables.number("COALESCE_SECONDS", 10, 0..=3_600)? * 1_000,
                max_tabs: variables.number("MAX_TABS", 8, 1..=100)?,
                history_ms: variables.number("HISTORY_DAYS", 7, 0..=365)? * DAY_MS,
                sweep_budget: variables.number("SWEEP_BUDGET", 40, 2..=10_000)?,
            },
        })
    }
}

/// Where values come from: the Worker's environment, or a test's table.
struct Variables<F>(F);

impl<F: Fn(&str) -> Option<String>> Variables<F> {
    /// A variable's text, `None` when it is absent or empty.
    fn text(&self, name: &str) -> Option<String> {
        (self.0)(name).map(|value| value.trim().to_owned()).filter(|value| !value.is_empty())
    }

    fn number<N>(&self, name: &'static str, default: N, allowed: RangeInclusive<N>) -> Result<N, ConfigError>
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
    fn minutes(&self, name: &'static str, default: f64) -> Result<u64, ConfigError> {
        let Some(value) = self.text(name) else { return Ok((default * MINUTE_MS) as u64) };
        let minutes = value.parse().ok().filter(|minutes: &f64| *minutes > 0.0 && *minutes <= 100_000.0);
        minutes.map(|minutes| (minutes * MINUTE_MS) as u64).ok_or_else(|| ConfigError::Invalid {
            name,
            value,
            wanted: "a number above 0 and at most 100000".to_owned(),
        })
    }

    fn upstream(&self, has_binding: bool) -> Result<Upstream, ConfigError> {
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
    fn live_view_origins(&self) -> Result<Vec<String>, ConfigError> {
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
}

/// A text variable or secret. Anything that is no text counts as absent.
fn variable(env: &Env, name: &str) -> Option<String> {
    Reflect::get(env, &name.into()).ok()?.as_string()
}

fn has_browser_binding(env: &Env) -> bool {
    Reflect::get(env, &"BROWSER".into()).is_ok_and(|binding| binding.is_object())
}

/// The binding `BROWSER`, whatever its class is called on this platform.
pub(crate) fn browser_binding(env: &Env) -> Fetcher {
    Reflect::get(env, &"BROWSER".into()).unwrap_or_default().unchecked_into()
}

/// The Durable Object that keeps the ledger.
pub(crate) fn ledger(env: &Env) -> worker::Result<Fetcher> {
    let stub = env.durable_object("LEDGER")?.get_by_name("ledger")?;
    Ok(stub.into_rpc())
}

/// Without its token.
impl std::fmt::Debug for Upstream {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Rest { base_url, account_id, .. } => write!(formatter, "Rest({base_url}, {account_id})"),
            Self::Binding => formatter.write_str("Binding"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(variables: &[(&str, &str)], has_binding: bool) -> Result<Config, ConfigError> {
        let variable =
            |name: &str| variables.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned());
        Config::read(variable, has_binding)
    }

    const REST: [(&str, &str); 2] = [("CLOUDFLARE_API_TOKEN", "secret-token"), ("CLOUDFLARE_ACCOUNT_ID", "acc")];

    #[test]
    fn rest_is_preferred_then_the_binding_then_nothing() {
        let rest = read(&REST, true).unwrap();
        let Upstream::Rest { base_url, .. } = &rest.upstream else { panic!("{rest:?}") };
        assert_eq!(base_url, "https://api.cloudflare.com/client/v4");
        assert!(!format!("{rest:?}").contains("secret-token"));
        assert_eq!(read(&[("CLOUDFLARE_API_TOKEN", " ")], true).unwrap().upstream, Upstream::Binding);
        assert_eq!(read(&[], false), Err(ConfigError::NoUpstream));
        assert_eq!(read(&REST[..1], true), Err(ConfigError::NoAccount));
    }

    #[test]
    fn live_view_hosts_are_https_unless_they_say_otherwise() {
        let origins = |hosts| read(&[("LIVE_VIEW_HOSTS", hosts)], true).map(|config| config.live_view_origins);
        assert_eq!(read(&[], true).unwrap().live_view_origins, ["https://live.browser.run/"]);
        assert_eq!(origins("a.example, http://127.0.0.1:1").unwrap(), ["https://a.example/", "http://127.0.0.1:1/"]);
        for wrong in ["a/b", "ftp://a", "https://", "*", "u@h"] {
            assert!(matches!(origins(wrong), Err(ConfigError::Invalid { name: "LIVE_VIEW_HOSTS", .. })), "{wrong}");
        }
    }

    #[test]
    fn a_wrong_number_is_named_with_what_is_wanted() {
        let message = read(&[("IDLE_MINUTES", "soon")], true).unwrap_err().to_string();
        assert_eq!(message, "The variable IDLE_MINUTES is `soon`; it wants a number above 0 and at most 100000.");
        assert!(read(&[("MAX_SESSION_MINUTES", "0")], true).is_err());
        assert!(read(&[("IDLE_MINUTES", "NaN")], true).is_err());
        assert!(read(&[("KEEP_ALIVE_SECONDS", "9")], true).is_err());
        assert_eq!(read(&[("MAX_SESSION_MINUTES", "5")], true).unwrap().policy.max_session_ms, 300_000);
        assert_eq!(read(&[("IDLE_MINUTES", "0.05")], true).unwrap().policy.idle_ms, 3_000);
    }
}
