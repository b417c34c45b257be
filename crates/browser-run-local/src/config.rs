//! Every setting, and the only place that reads variables.

use std::{
    fs,
    net::{IpAddr, Ipv4Addr},
    path::PathBuf,
    str::FromStr,
    time::Duration,
};

use browser_run_api::{HostPattern, InvalidHostPattern};
use clap::{Parser, ValueEnum, builder::FalseyValueParser};
use subtle::ConstantTimeEq as _;
use uuid::Uuid;

use crate::{
    chromium::locate::{self, NoChromium},
    clock::{minutes, seconds},
    faults::script::Faults,
    session::limits::Limits,
};

const DEFAULT_HOST: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);
const DEFAULT_PORT: u16 = 9333;
const DEFAULT_LINK_MINUTES: &str = "5";
const DEFAULT_MIN_KEEP_ALIVE_SECONDS: &str = "10";
const DEFAULT_RECORDINGS_MAX_MEGABYTES: u64 = 2_000;
/// Where `npm install @rrweb/record` puts its recorder.
const DEFAULT_RRWEB: &str = "node_modules/@rrweb/record/umd/record.min.js";

/// Cloudflare Browser Run's session API on this machine, over a real Chromium.
#[derive(Debug, Clone, Parser)]
#[command(name = "browser-run-local", version, about)]
pub struct Config {
    /// Address to listen on; other machines reach it only when this is not a loopback address.
    #[arg(long, env = "BROWSER_RUN_LOCAL_HOST", default_value_t = DEFAULT_HOST)]
    pub host: IpAddr,

    /// Port to listen on; 0 picks a free one.
    #[arg(long, env = "BROWSER_RUN_LOCAL_PORT", default_value_t = DEFAULT_PORT)]
    pub port: u16,

    /// Bearer token that callers have to send; without one the server makes one and the program prints it.
    #[arg(long, env = "BROWSER_RUN_LOCAL_TOKEN", hide_env_values = true)]
    pub token: Option<Token>,

    /// Chromium or Chrome to start; without it the usual places are searched.
    #[arg(long, env = "CHROMIUM")]
    pub chromium: Option<PathBuf>,

    /// Minutes in which a live-view link can start a connection; fractions are allowed.
    #[arg(long = "link-minutes", env = "BROWSER_RUN_LOCAL_LINK_MINUTES", value_name = "MINUTES", value_parser = minutes,
        default_value = DEFAULT_LINK_MINUTES)]
    pub link_lifetime: Duration,

    /// Seconds that `keep_alive` has to be at least; tests may want less than Browser Run allows.
    #[arg(long = "min-keep-alive", env = "BROWSER_RUN_LOCAL_MIN_KEEP_ALIVE", value_name = "SECONDS", value_parser = seconds,
        default_value = DEFAULT_MIN_KEEP_ALIVE_SECONDS)]
    pub min_keep_alive: Duration,

    /// Browsers to start before they are asked for.
    #[arg(long, env = "BROWSER_RUN_LOCAL_WARM", value_name = "NUMBER", default_value_t = 0)]
    pub warm: usize,

    /// Run Chromium without its sandbox, for machines that forbid it; as root it never has one.
    #[arg(long, env = "BROWSER_RUN_LOCAL_NO_SANDBOX", value_parser = FalseyValueParser::new())]
    pub no_sandbox: bool,

    /// A list of domains that guardrails can name in `allowedDomainSets`, by a name or by the `https` URL that Browser Run
    /// would fetch it from; the flag can be given more than once.
    #[arg(long = "domain-set", value_name = "NAME=DOMAIN,DOMAIN")]
    pub domain_sets: Vec<DomainSet>,

    /// File with faults to inject, as the README describes them.
    #[arg(long, env = "BROWSER_RUN_LOCAL_FAULTS", value_name = "FILE", value_parser = faults)]
    pub faults: Option<Faults>,

    /// Port of the admin endpoints (faults, crashes, the clock), off by default; 0 picks a free one.
    #[arg(long, env = "BROWSER_RUN_LOCAL_ADMIN_PORT", value_name = "PORT")]
    pub admin_port: Option<u16>,

    /// How the log is written to standard error, one line an event.
    #[arg(long, env = "BROWSER_RUN_LOCAL_LOG_FORMAT", value_enum, default_value_t)]
    pub log_format: LogFormat,

    /// What callers may use.
    #[command(flatten)]
    pub limits: Limits,

    /// Further `Host` headers to answer to, `name` or `name:port`, separated by commas.
    #[arg(long = "allow-host", env = "BROWSER_RUN_LOCAL_ALLOW_HOST", value_name = "HOST", value_delimiter = ',')]
    pub allowed_hosts: Vec<String>,

    /// rrweb's recorder, for sessions with `recording=true`; without one it is looked for in `node_modules`.
    #[arg(long, env = "BROWSER_RUN_LOCAL_RRWEB", value_name = "FILE")]
    pub rrweb: Option<PathBuf>,

    /// Folder for recordings, which outlive this server; without one it is `browser-run-local/recordings` where programs keep
    /// their state: in `XDG_STATE_HOME`, or else `~/.local/state`.
    #[arg(long, env = "BROWSER_RUN_LOCAL_RECORDINGS", value_name = "DIR")]
    pub recordings: Option<PathBuf>,

    /// Megabytes that recordings may take on disk; the oldest go first.
    #[arg(long, env = "BROWSER_RUN_LOCAL_RECORDINGS_MAX", value_name = "MEGABYTES",
        default_value_t = DEFAULT_RECORDINGS_MAX_MEGABYTES)]
    pub recordings_max: u64,

    /// Folder for the browsers' profiles and sockets, which are removed with them; the system's own by default.
    #[arg(long, env = "TMPDIR", default_value_os_t = std::env::temp_dir(), hide_default_value = true)]
    pub tmpdir: PathBuf,
}

impl Config {
    /// The defaults, on a free port of the loopback address. As for the program, `CHROMIUM` names the browser.
    #[must_use]
    pub fn new(token: impl Into<String>) -> Self {
        Self {
            host: DEFAULT_HOST,
            port: 0,
            token: Some(Token(token.into())),
            chromium: std::env::var_os("CHROMIUM").map(PathBuf::from),
            link_lifetime: minutes(DEFAULT_LINK_MINUTES).expect("the default is a number"),
            min_keep_alive: seconds(DEFAULT_MIN_KEEP_ALIVE_SECONDS).expect("the default is a number"),
            warm: 0,
            no_sandbox: false,
            domain_sets: Vec::new(),
            faults: None,
            admin_port: None,
            log_format: LogFormat::default(),
            limits: Limits::default(),
            allowed_hosts: Vec::new(),
            rrweb: None,
            recordings: None,
            recordings_max: DEFAULT_RECORDINGS_MAX_MEGABYTES,
            tmpdir: std::env::temp_dir(),
        }
    }

    /// The browser that is started: the one that was named, or the first in the usual places.
    ///
    /// # Errors
    /// When it is not there; the message says what to install, or to name.
    pub fn find_chromium(&self) -> Result<PathBuf, NoChromium> {
        let search_path = std::env::var_os("PATH").unwrap_or_default();
        locate::chromium(self.chromium.as_deref(), &search_path)
    }

    /// Where rrweb's recorder is, if it is there.
    pub(crate) fn rrweb_file(&self) -> PathBuf {
        self.rrweb.clone().unwrap_or_else(|| DEFAULT_RRWEB.into())
    }

    pub(crate) fn recordings_folder(&self) -> PathBuf {
        let state = || {
            let named = std::env::var_os("XDG_STATE_HOME").map(PathBuf::from).filter(|path| path.is_absolute());
            let home = || std::env::home_dir().map(|home| home.join(".local/state"));
            named.or_else(home).unwrap_or_else(|| self.tmpdir.clone())
        };
        self.recordings.clone().unwrap_or_else(|| state().join("browser-run-local/recordings"))
    }

    pub(crate) fn recordings_max_bytes(&self) -> u64 {
        self.recordings_max.saturating_mul(1_000_000)
    }
}

/// A list of domains with the name that guardrails call it by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DomainSet {
    /// A plain name, or the `https` URL that Browser Run would fetch the list from.
    pub name: String,
    /// The hosts in it.
    pub domains: Vec<HostPattern>,
}

impl FromStr for DomainSet {
    type Err = String;

    /// Reads `NAME=DOMAIN,DOMAIN`.
    fn from_str(text: &str) -> Result<Self, String> {
        // The name may be a URL with a query.
        let (name, domains) = text.rsplit_once('=').ok_or("NAME=DOMAIN,DOMAIN is wanted")?;
        let domains = domains.split(',').map(str::parse).collect::<Result<_, InvalidHostPattern>>();
        Ok(Self { name: name.to_owned(), domains: domains.map_err(|error| error.to_string())? })
    }
}

/// How the log is written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    /// For people.
    #[default]
    Text,
    /// For programs.
    Json,
}

/// A secret that is compared in constant time and never printed.
#[derive(Clone)]
pub struct Token(String);

impl Token {
    /// One that nobody can guess: 32 hexadecimal digits.
    pub(crate) fn random() -> Self {
        Self(Uuid::new_v4().simple().to_string())
    }

    /// The secret itself, for whoever is to be told.
    pub(crate) fn secret(&self) -> &str {
        &self.0
    }

    /// Whether this is what a caller sent.
    pub(crate) fn matches(&self, sent: &str) -> bool {
        self.0.as_bytes().ct_eq(sent.as_bytes()).into()
    }
}

impl std::fmt::Debug for Token {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Token(…)")
    }
}

impl FromStr for Token {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text.is_empty() { Err("it must not be empty") } else { Ok(Self(text.to_owned())) }
    }
}

fn faults(path: &str) -> Result<Faults, String> {
    let text = fs::read_to_string(path).map_err(|error| error.to_string())?;
    text.parse().map_err(|error: serde_json::Error| error.to_string())
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn flags_are_consistent_and_their_defaults_those_of_the_library() {
        let parsed = Config::try_parse_from(["browser-run-local", "--token", "dev", "--port", "0"]).unwrap();
        assert_eq!(format!("{parsed:?}"), format!("{:?}", Config::new("dev")));
        assert_eq!(parsed.link_lifetime, Duration::from_secs(300));
    }

    #[test]
    fn variables_are_the_programs_own() {
        let command = Config::command();
        for argument in command.get_arguments() {
            let Some(variable) = argument.get_env().map(|variable| variable.to_str().unwrap()) else { continue };
            // These are the system's, and xtask's too.
            if ["CHROMIUM", "TMPDIR"].contains(&variable) {
                continue;
            }
            let flag = argument.get_long().unwrap().replace('-', "_").to_ascii_uppercase();
            assert_eq!(variable, format!("BROWSER_RUN_LOCAL_{flag}"));
        }
    }

    #[test]
    fn a_token_matches_itself_only_and_is_never_printed() {
        let token: Token = "secret".parse().unwrap();
        assert!(token.matches("secret"));
        assert!(!token.matches("secreT") && !token.matches("secre") && !token.matches(""));
        assert!(!format!("{token:?}").contains("secret"));
        assert!("".parse::<Token>().is_err());
        let (made, other) = (Token::random(), Token::random());
        assert!(made.secret().len() == 32 && made.secret() != other.secret());
    }
}
