//! What is compared: each row's Worker, and what one click on it is.

use std::{net::SocketAddr, path::PathBuf};

use serde::{Deserialize, Serialize};

use crate::{place::Place, workerd::Worker};

const ACCOUNT: &str = "0123456789abcdef0123456789abcdef";
pub(crate) const API_TOKEN: &str = "an-api-token-of-forty-characters-or-so-00";
const ACCESS_TOKEN: &str = "an-access-token-of-somebody-0123456789";
/// As many as the Worker can be configured for, sessions of one caller and clicks in a minute alike.
const MOST_CLICKS: usize = 10_000;

#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Row {
    UsNew,
    UsReused,
    Plain,
    Ledgered,
    Rpc,
    Same,
    Sdk,
    Direct,
}

impl Row {
    pub(crate) fn title(self) -> &'static str {
        match self {
            Self::UsNew => "**us, new session**",
            Self::UsReused => "**us, reused**",
            Self::Plain => "plain",
            Self::Ledgered => "ledgered",
            Self::Rpc => "rpc",
            Self::Same => "same",
            Self::Sdk => "sdk",
            Self::Direct => "direct",
        }
    }

    /// Its Worker, with that stand-in upstream; `None` where there is none.
    pub(crate) fn worker(self, place: &Place, stand_in: SocketAddr) -> Option<Worker> {
        let has_ledger = !matches!(self, Self::Plain | Self::Sdk);
        Some(Worker { folder: self.folder(place)?, variables: self.variables(stand_in), has_ledger })
    }

    /// The folder of its Worker's modules; `None` where there is no Worker.
    pub(crate) fn folder(self, place: &Place) -> Option<PathBuf> {
        let comparator = match self {
            Self::UsNew | Self::UsReused => return Some(place.worker.clone()),
            Self::Plain => "plain",
            Self::Ledgered => "ledgered",
            Self::Rpc => "rpc",
            Self::Same => "same",
            Self::Sdk => "sdk",
            Self::Direct => return None,
        };
        Some(place.comparators.join(comparator))
    }

    /// Up to this many clicks every one is answered by a link: the most that limits can be raised to.
    pub(crate) fn most_clicks(self) -> usize {
        match self {
            Self::Plain | Self::Sdk | Self::Direct => usize::MAX,
            _ => MOST_CLICKS,
        }
    }

    /// What differs from wrangler.toml's variables, its secrets included.
    fn variables(self, stand_in: SocketAddr) -> Vec<(&'static str, String)> {
        let mut variables = vec![
            ("CLOUDFLARE_API_BASE_URL", format!("http://{stand_in}/client/v4")),
            ("CLOUDFLARE_ACCOUNT_ID", ACCOUNT.to_owned()),
            ("CLOUDFLARE_API_TOKEN", API_TOKEN.to_owned()),
            ("MAX_SESSIONS_PER_CALLER", MOST_CLICKS.to_string()),
            ("MAX_OPENS_PER_MINUTE", MOST_CLICKS.to_string()),
        ];
        match self {
            Self::UsNew => variables.push(("ACCESS_OPEN", "true".to_owned())),
            Self::UsReused => variables.push(("ACCESS_TOKENS", format!("somebody:{ACCESS_TOKEN}"))),
            _ => {}
        }
        variables
    }

    /// A known caller's clicks share one session; everybody else's have one each.
    pub(crate) fn authorization(self) -> Option<String> {
        (self == Self::UsReused).then(|| format!("Bearer {ACCESS_TOKEN}"))
    }
}

/// The two calls that every click comes down to: paths below the stand-in.
pub(crate) fn acquire() -> String {
    format!("/client/v4/accounts/{ACCOUNT}/browser-rendering/devtools/browser?keep_alive=600000")
}

pub(crate) fn open_tab(session: &str, page: &str) -> String {
    format!("/client/v4/accounts/{ACCOUNT}/browser-rendering/devtools/browser/{session}/json/new?url={page}")
}
