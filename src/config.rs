//! The Worker's configuration: the only file that reads variables, secrets and bindings.

mod variables;

use crate::domain::{Access, Defaults, Policy};
use crate::js::{self, Env, Fetcher};
use page_url::HostRules;
use std::sync::OnceLock;
use variables::Variables;
use wasm_bindgen::{JsCast, JsValue};

/// Everything an operator can set. Each field names its variable and its default.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Config {
    /// How Browser Run is reached.
    pub(crate) upstream: Upstream,
    /// `LIVE_VIEW_HOSTS` (`live.browser.run`): where a redirect may lead, each as `https://host/`.
    pub(crate) live_view_origins: Vec<String>,
    /// What holds for a click that does not say.
    pub(crate) defaults: Defaults,
    /// Who may click. What is wrong with it closes the door, and does not stop the clean-up.
    access: Result<Access, ConfigError>,
    /// `ALLOWED_HOSTS` (any public host): where a click may lead.
    pub(crate) hosts: HostRules,
    /// `GUARDRAILS` (false): `hosts` as it is also sent to Browser Run, so that a page can't lead elsewhere.
    pub(crate) guardrails: Option<Vec<String>>,
    /// `OPERATOR_CONTACT`: whom strangers at the front door are told to ask.
    pub(crate) contact: Option<String>,
    /// `LOG_URLS` (false): whether the log has the URLs of pages that are opened.
    pub(crate) log_urls: bool,
    /// When sessions are closed, what is remembered of them, and how many there may be.
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

impl Upstream {
    /// Whether it can be asked for recordings.
    pub(crate) fn has_recordings(&self) -> bool {
        matches!(self, Self::Rest { .. })
    }
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
    #[error(
        "Nobody may use this Worker yet. Set at least one of the secret ACCESS_TOKENS, the variables ACCESS_TEAM and \
         ACCESS_AUDIENCE for Cloudflare Access, the secret LINK_KEYS for signed links, or ACCESS_OPEN = \"true\" for \
         everyone."
    )]
    NoAccess,
    #[error("ACCESS_TEAM is set, so ACCESS_AUDIENCE has to say which application's sign-in counts.")]
    NoAudience,
    #[error("Signed links need the secret LINK_KEYS: `id:base64` with at least 32 bytes behind the colon.")]
    NoLinkKeys,
    #[error(
        "GUARDRAILS is set, so ALLOWED_HOSTS has to list 1 to 50 patterns for Browser Run, without IPv6 addresses and \
         without addresses that end in `*`, which mean names as well there."
    )]
    Guardrails,
    #[error("{name} is wrong: {why}.")]
    Wrong { name: &'static str, why: String },
    #[error("The variable {name} is `{value}`; it wants {wanted}.")]
    Invalid { name: &'static str, value: String, wanted: String },
}

impl Config {
    /// The configuration of this Worker: read once, since an isolate's environment never changes.
    pub(crate) fn load(env: &Env) -> Result<&'static Self, ConfigError> {
        static CONFIG: OnceLock<Result<Config, ConfigError>> = OnceLock::new();
        CONFIG
            .get_or_init(|| Self::read(&|name| variable(env, name), has_browser_binding(env)))
            .as_ref()
            .map_err(Clone::clone)
    }

    /// What the clean-up needs, whatever else is wrong: it goes on, and nobody may click. A number of its own that is
    /// wrong counts as not set, and is told.
    pub(crate) fn for_clean_up(env: &Env) -> Result<(&'static Self, &'static [ConfigError]), ConfigError> {
        static CONFIG: OnceLock<Result<(Config, Vec<ConfigError>), ConfigError>> = OnceLock::new();
        let read =
            CONFIG.get_or_init(|| Self::read_for_clean_up(&|name| variable(env, name), has_browser_binding(env)));
        read.as_ref().map(|(config, wrong)| (config, wrong.as_slice())).map_err(Clone::clone)
    }

    /// The rules' numbers, whatever else is wrong. One that is wrong itself counts as not set.
    pub(crate) fn policy(env: &Env) -> Policy {
        Self::read_policy(&|name| variable(env, name)).0
    }

    /// Who may click.
    pub(crate) fn access(&self) -> Result<&Access, ConfigError> {
        self.access.as_ref().map_err(Clone::clone)
    }

    /// The defaults, over the binding.
    #[cfg(test)]
    pub(crate) fn for_tests() -> Self {
        Self::read(&|_| None, true).expect("the defaults are valid")
    }

    fn read(variable: &dyn Fn(&str) -> Option<String>, has_binding: bool) -> Result<Self, ConfigError> {
        let variables = Variables(variable);
        let hosts = variables.hosts()?;
        Ok(Self {
            upstream: variables.upstream(has_binding)?,
            live_view_origins: variables.live_view_origins()?,
            defaults: Defaults {
                keep_alive_seconds: variables.number("KEEP_ALIVE_SECONDS", 600, 10..=1_200)?,
                recording: variables.flag("RECORD")?,
            },
            guardrails: variables.guardrails(&hosts)?,
            access: variables.access(),
            contact: variables.text("OPERATOR_CONTACT"),
            log_urls: variables.flag("LOG_URLS")?,
            hosts,
            policy: variables.policy()?,
        })
    }

    fn read_for_clean_up(
        variable: &dyn Fn(&str) -> Option<String>, has_binding: bool,
    ) -> Result<(Self, Vec<ConfigError>), ConfigError> {
        let (policy, wrong) = Self::read_policy(variable);
        let upstream = Variables(variable).upstream(has_binding)?;
        Ok((Self { upstream, policy, ..Self::read(&|_| None, true)? }, wrong))
    }

    fn read_policy(variable: &dyn Fn(&str) -> Option<String>) -> (Policy, Vec<ConfigError>) {
        let mut wrong: Vec<ConfigError> = Vec::new();
        loop {
            let is_wrong = |variable: &str| {
                wrong.iter().any(|error| matches!(error, ConfigError::Invalid { name, .. } if *name == variable))
            };
            match Variables(&|name: &str| if is_wrong(name) { None } else { variable(name) }).policy() {
                Ok(policy) => return (policy, wrong),
                Err(error) => wrong.push(error),
            }
        }
    }
}

/// A text variable or secret. Anything that is no text counts as absent.
fn variable(env: &Env, name: &str) -> Option<String> {
    env.get(name).as_string()
}

fn has_browser_binding(env: &Env) -> bool {
    env.get("BROWSER").is_object()
}

/// The binding `BROWSER`, whatever its class is called on this platform.
pub(crate) fn browser_binding(env: &Env) -> Fetcher {
    env.get("BROWSER").unchecked_into()
}

/// The Durable Object that keeps the ledger, as a stub of the asker's type.
pub(crate) fn ledger<T: JsCast>(env: &Env) -> Result<T, JsValue> {
    js::stub_of(env, "LEDGER", "ledger").map(JsCast::unchecked_into)
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
        Config::read(&variable, has_binding)
    }

    const REST: [(&str, &str); 2] = [("CLOUDFLARE_API_TOKEN", "secret-token"), ("CLOUDFLARE_ACCOUNT_ID", "acc")];

    #[test]
    fn the_defaults_are_those_that_the_rules_are_tested_with() {
        assert_eq!(read(&[], true).unwrap().policy, Policy::for_tests());
    }

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
        assert_eq!(
            origins("a.example, http://127.0.0.1:9333").unwrap(),
            ["https://a.example/", "http://127.0.0.1:9333/"]
        );
        let spelled = origins("LIVE.Browser.Run, https://b.example:443").unwrap();
        assert_eq!(spelled, ["https://live.browser.run/", "https://b.example/"], "as links have it");
        for wrong in [",", " , ,", "a/b", "ftp://a", "https://", "*", "u@h", "u:secret@h", "a:port", "h:99999"] {
            let error = origins(wrong).unwrap_err();
            assert!(matches!(error, ConfigError::Wrong { name: "LIVE_VIEW_HOSTS", .. }), "{wrong}");
            assert!(!error.to_string().contains("secret"), "{error}");
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
        assert_eq!(read(&[("IDLE_MINUTES", "0.00001")], true).unwrap().policy.idle_ms, 1);
    }

    #[test]
    fn clicks_are_recorded_by_default_only_where_it_is_said() {
        let recording = |value| read(&[("RECORD", value)], true).map(|config| config.defaults.recording);
        assert_eq!([recording(""), recording("false"), recording("true")], [Ok(false), Ok(false), Ok(true)]);
        assert!(matches!(recording("always"), Err(ConfigError::Invalid { name: "RECORD", .. })));
    }

    #[test]
    fn whom_to_ask_is_any_text_or_nobody() {
        let contact = |value| read(&[("OPERATOR_CONTACT", value)], true).unwrap().contact;
        assert_eq!((contact("Ops, ops@e.com"), contact(" ")), (Some("Ops, ops@e.com".to_owned()), None));
    }

    #[test]
    fn the_log_has_urls_only_where_it_is_told_so() {
        let log_urls = |value| read(&[("LOG_URLS", value)], true).map(|config| config.log_urls);
        assert_eq!([log_urls(""), log_urls("false"), log_urls("true")], [Ok(false), Ok(false), Ok(true)]);
        assert!(matches!(log_urls("1"), Err(ConfigError::Invalid { name: "LOG_URLS", .. })));
    }

    #[test]
    fn the_clean_up_goes_on_whatever_else_is_wrong_and_lets_nobody_click() {
        let clean_up = |variables: &[(&str, &str)]| {
            let variable =
                |name: &str| variables.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned());
            Config::read_for_clean_up(&variable, true)
        };
        for (name, wrong) in [
            ("ALLOWED_HOSTS", "https://a/"),
            ("KEEP_ALIVE_SECONDS", "soon"),
            ("LIVE_VIEW_HOSTS", "*"),
            ("GUARDRAILS", "true"),
            ("ACCESS_TOKENS", "short"),
            ("OPERATORS", ","),
        ] {
            let set = [(name, wrong), ("ACCESS_OPEN", "true"), ("IDLE_MINUTES", "1")];
            let (config, told) = clean_up(&set).unwrap();
            assert_eq!((config.policy.idle_ms, told.len()), (60_000, 0), "{name}");
            assert_eq!(config.access(), Err(ConfigError::NoAccess));
        }
        let set = [("MAX_SESSION_MINUTES", "1h"), ("MAX_TABS", "0"), ("SWEEP_BUDGET", "1"), ("IDLE_MINUTES", "1")];
        let (config, told) = clean_up(&set).unwrap();
        let defaults = Config::for_tests().policy;
        assert_eq!(config.policy, Policy { idle_ms: 60_000, ..defaults });
        assert_eq!(told.len(), 3, "{told:?}");
        assert_eq!(clean_up(&REST[..1]).unwrap_err(), ConfigError::NoAccount, "whose browsers it may close");
        assert!(clean_up(&[REST[0], REST[1], ("CLOUDFLARE_API_BASE_URL", "x")]).is_err());
    }

    #[test]
    fn a_worker_that_is_not_told_opens_nothing() {
        let access = |variables: &[(&str, &str)]| read(variables, true).unwrap().access().cloned();
        assert_eq!(access(&[]), Err(ConfigError::NoAccess));
        assert!(access(&[("ACCESS_OPEN", "true")]).unwrap().open);
        assert_eq!(access(&[("ACCESS_OPEN", "false")]), Err(ConfigError::NoAccess));
        assert!(matches!(access(&[("ACCESS_OPEN", "yes")]), Err(ConfigError::Invalid { name: "ACCESS_OPEN", .. })));
        let short = access(&[("ACCESS_TOKENS", "ada:short"), ("ACCESS_OPEN", "true")]).unwrap_err().to_string();
        let expected = "ACCESS_TOKENS is wrong: entry 1 has a token of fewer than 20 characters behind its colon.";
        assert_eq!(short, expected);
        assert_eq!(access(&[("ACCESS_TEAM", "acme")]), Err(ConfigError::NoAudience));
        for (team, origin) in [
            ("acme", "https://acme.cloudflareaccess.com"),
            ("acme.cloudflareaccess.com", "https://acme.cloudflareaccess.com"),
            ("http://127.0.0.1:9333/", "http://127.0.0.1:9333"),
        ] {
            let team = access(&[("ACCESS_TEAM", team), ("ACCESS_AUDIENCE", "a, b")]).unwrap().team.unwrap();
            assert_eq!((team.origin.as_str(), team.audiences.len()), (origin, 2));
        }
    }

    #[test]
    fn a_list_of_commas_alone_is_wrong_wherever_it_is() {
        for name in
            ["ALLOWED_HOSTS", "LIVE_VIEW_HOSTS", "PUBLIC_HOSTS", "ACCESS_TOKENS", "ACCESS_AUDIENCE", "LINK_KEYS"]
        {
            let config = read(&[(name, " ,,"), ("ACCESS_OPEN", "true")], true);
            let error = config.and_then(|config| config.access().cloned()).unwrap_err();
            assert_eq!(error.to_string(), format!("{name} is wrong: it has commas and no entry."));
        }
    }

    #[test]
    fn nothing_of_a_secret_is_told() {
        const SECRET: &str = "a-secret-that-nobody-shall-see";
        let reversed = format!("{SECRET}:ada");
        let url = format!("https://ada:{SECRET}@api.example/v4");
        for (name, value) in [
            ("ACCESS_TOKENS", SECRET),
            ("ACCESS_TOKENS", &reversed),
            ("LINK_KEYS", SECRET),
            ("LINK_KEYS", &reversed),
            ("CLOUDFLARE_API_BASE_URL", &url),
            ("LIVE_VIEW_HOSTS", &url),
            ("ACCESS_TEAM", &url),
            ("PUBLIC_HOSTS", &url),
            ("ALLOWED_HOSTS", &url),
        ] {
            let variables = [&REST[..], &[("ACCESS_AUDIENCE", "app"), (name, value)]].concat();
            let error = read(&variables, true).and_then(|config| config.access().cloned()).unwrap_err();
            let told = error.to_string();
            assert!(told.contains(name) && !format!("{told} {error:?}").contains(SECRET), "{told}");
        }
    }

    #[test]
    fn guardrails_need_a_list_of_hosts() {
        assert_eq!(read(&[("GUARDRAILS", "true")], true), Err(ConfigError::Guardrails));
        let guardrails = |hosts| read(&[("GUARDRAILS", "true"), ("ALLOWED_HOSTS", hosts)], true);
        assert_eq!(guardrails("*.E.com").unwrap().guardrails.as_deref(), Some(&["*.e.com".to_owned()][..]));
        for wrong in ["e.com,10.*", "[::1]"] {
            assert_eq!(guardrails(wrong), Err(ConfigError::Guardrails), "{wrong} means something else there");
        }
    }
}
