//! What handlers share.

use std::{net::SocketAddr, sync::Arc};

use super::authority::Authorities;
use crate::{
    chromium::{flags::Launch, locate::NoChromium},
    clock::{Clock, Millis, millis},
    config::{Config, Token},
    faults::inject::Injected,
    guardrails::policy::DomainSets,
    live_view::{front_end::FrontEnd, links::Links, links_in_use::LinksInUse},
    recording::recordings::Recordings,
    session::sessions::Sessions,
};

/// Everything that a call can need.
pub(crate) struct App {
    pub(crate) token: Token,
    pub(crate) authorities: Authorities,
    pub(crate) min_keep_alive_ms: Millis,
    pub(crate) clock: Arc<Clock>,
    pub(crate) links: Links,
    pub(crate) links_in_use: Arc<LinksInUse>,
    pub(crate) sessions: Arc<Sessions>,
    pub(crate) recordings: Arc<Recordings>,
    pub(crate) domain_sets: DomainSets,
    pub(crate) injected: Injected,
    pub(crate) front_end: FrontEnd,
}

impl App {
    /// # Errors
    /// When there is no Chromium to start.
    pub(crate) fn new(config: Config, address: SocketAddr, admin_port: Option<u16>) -> Result<Self, NoChromium> {
        let chromium = config.find_chromium()?;
        tracing::info!(%address, chromium = %chromium.display(), "serving");
        let clock = Arc::new(Clock::new());
        let (folder, max_bytes, rrweb) =
            (config.recordings_folder(), config.recordings_max_bytes(), config.rrweb_file());
        let recordings = Recordings::new(Arc::clone(&clock), folder, max_bytes, rrweb);
        let launch = Launch { program: chromium, tmpdir: config.tmpdir, no_sandbox: config.no_sandbox };
        Ok(Self {
            token: config.token.unwrap_or_else(Token::random),
            authorities: Authorities::new(address, admin_port, &config.allowed_hosts),
            min_keep_alive_ms: millis(config.min_keep_alive),
            clock: Arc::clone(&clock),
            links: Links::new(millis(config.link_lifetime)),
            links_in_use: Arc::default(),
            sessions: Sessions::start(clock, launch, config.warm, config.limits, Arc::clone(&recordings)),
            recordings,
            domain_sets: config.domain_sets.into_iter().map(|set| (set.name, set.domains)).collect(),
            injected: Injected::new(config.faults.unwrap_or_default()),
            front_end: FrontEnd::default(),
        })
    }
}
