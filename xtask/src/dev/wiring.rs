//! What one run's two servers must agree on: their ports, the token, and so the Worker's variables.

use std::{
    fs::File,
    io::Read,
    net::{Ipv4Addr, TcpListener},
};

use anyhow::{Context, Result, ensure};

/// The account that the Worker names; Browser Run on this machine takes any.
const ACCOUNT: &str = "local";

#[derive(Clone)]
pub(super) struct Wiring {
    pub(super) port: u16,
    pub(super) browser_run_port: u16,
    /// Made for this run: never on a command line, where every user of the machine could read it.
    pub(super) token: String,
    /// Signs this run's links: 48 bytes, since hexadecimal digits are base64, too.
    link_key: String,
}

impl Wiring {
    /// Fails when a port is in use; 0 picks a free one.
    pub(super) fn new(port: u16, browser_run_port: u16) -> Result<Self> {
        ensure!(port == 0 || port != browser_run_port, "--port and --browser-run-port are both {port}");
        // Both are held at once: so 0 does not pick the same one twice.
        let worker = listen("--port", port)?;
        let browser_run = listen("--browser-run-port", browser_run_port)?;
        Ok(Self {
            port: worker.local_addr()?.port(),
            browser_run_port: browser_run.local_addr()?.port(),
            token: random_hex()?,
            link_key: random_hex()?,
        })
    }

    /// The Worker's variables and secrets that differ from wrangler.toml's.
    pub(super) fn variables(&self) -> Vec<(&'static str, String)> {
        let origin = self.browser_run_origin();
        vec![
            ("CLOUDFLARE_ACCOUNT_ID", ACCOUNT.to_owned()),
            ("CLOUDFLARE_API_BASE_URL", format!("{origin}/client/v4")),
            ("CLOUDFLARE_API_TOKEN", self.token.clone()),
            ("LIVE_VIEW_HOSTS", origin),
            // Both servers are on loopback: whoever reaches them is on this machine.
            ("ACCESS_OPEN", "true".to_owned()),
            ("OPERATORS", "anonymous".to_owned()),
            ("LINK_KEYS", format!("dev:{}", self.link_key)),
            // What runs on one's own machine is what people debug first.
            ("ALLOWED_HOSTS", "*,localhost,*.localhost,127.*,[::1]".to_owned()),
            ("MAX_SESSIONS_PER_CALLER", "20".to_owned()),
            ("MAX_OPENS_PER_MINUTE", "60".to_owned()),
        ]
    }

    pub(super) fn worker_origin(&self) -> String {
        format!("http://localhost:{}", self.port)
    }

    pub(super) fn browser_run_origin(&self) -> String {
        format!("http://127.0.0.1:{}", self.browser_run_port)
    }

    /// The link that opens `page`, put in as it is.
    pub(super) fn click_url(&self, page: &str) -> String {
        format!("{}/?url={page}", self.worker_origin())
    }
}

fn listen(flag: &str, port: u16) -> Result<TcpListener> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, port))
        .with_context(|| format!("port {port} cannot be used: choose another by {flag}"))
}

/// 256 bits that nobody can guess.
pub(super) fn random_hex() -> Result<String> {
    let mut bytes = [0; 32];
    File::open("/dev/urandom").and_then(|mut source| source.read_exact(&mut bytes)).context("no randomness")?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_port_in_use_is_named_with_its_flag() {
        let taken = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = taken.local_addr().unwrap().port();
        let error = Wiring::new(0, port).map(drop).unwrap_err().to_string();
        assert!(error.contains(&port.to_string()) && error.contains("--browser-run-port"), "{error}");
    }

    #[test]
    fn port_0_picks_two_free_ones() {
        let wiring = Wiring::new(0, 0).unwrap();
        assert!(wiring.port != 0 && wiring.browser_run_port != 0 && wiring.port != wiring.browser_run_port);
    }
}
