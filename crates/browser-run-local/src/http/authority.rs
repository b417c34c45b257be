//! The hosts that are this server, and the URLs that lead back to it.

use std::{
    convert::Infallible,
    net::{IpAddr, SocketAddr},
};

use axum::{
    extract::{FromRequestParts, OriginalUri},
    http::{HeaderMap, header::HOST, request::Parts},
};
use browser_run_api::paths;
use uuid::Uuid;

/// What a `Host` header may say. Anything else is another site's name that somebody pointed at this machine.
#[derive(Debug)]
pub(crate) struct Authorities {
    ports: Vec<u16>,
    names: Vec<String>,
    allowed: Vec<String>,
}

impl Authorities {
    /// `admin_port` is one of this server's, too.
    pub(crate) fn new(bound: SocketAddr, admin_port: Option<u16>, allowed: &[String]) -> Self {
        let mut names = ["localhost", "127.0.0.1", "[::1]"].map(str::to_owned).to_vec();
        match bound.ip() {
            ip if ip.is_unspecified() => {}
            IpAddr::V4(ip) => names.push(ip.to_string()),
            IpAddr::V6(ip) => names.push(format!("[{ip}]")),
        }
        let ports = [bound.port()].into_iter().chain(admin_port).collect();
        Self { ports, names, allowed: allowed.iter().map(|host| host.to_ascii_lowercase()).collect() }
    }

    /// Whether this is us: `127.0.0.1:9333`, `localhost:9333`, or what was allowed.
    pub(crate) fn contains(&self, authority: &str) -> bool {
        let authority = authority.to_ascii_lowercase();
        let (name, port) = match authority.rsplit_once(':') {
            Some((name, port)) if !port.ends_with(']') => (name, port.parse().ok()),
            _ => (authority.as_str(), Some(80)),
        };
        port.is_some_and(|port| self.ports.contains(&port)) && self.names.iter().any(|own| own == name)
            || self.allowed.iter().any(|allowed| *allowed == authority || allowed == name)
    }
}

/// The `Host` header of a request, which has passed [`Authorities`].
pub(crate) fn host(headers: &HeaderMap) -> &str {
    headers.get(HOST).and_then(|host| host.to_str().ok()).unwrap_or_default()
}

/// A request came in below `/client/v4`, as Cloudflare's own API has it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct BelowClientV4;

/// Where a request came in, so that the URLs in its answer lead the same way.
#[derive(Debug)]
pub(crate) struct Base {
    /// `127.0.0.1:9333`
    pub(crate) host: String,
    /// `/client/v4/accounts/…/devtools`
    prefix: String,
}

impl Base {
    /// Where a CDP client connects to a session's browser.
    pub(crate) fn browser_socket(&self, session: Uuid) -> String {
        let path = paths::fill(paths::BROWSER, &[&session.to_string()]);
        format!("ws://{}{}{path}", self.host, self.prefix)
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Base {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Infallible> {
        const ROOT: &str = "/devtools";
        let OriginalUri(uri) = OriginalUri::from_request_parts(parts, state).await?;
        let end = uri.path().find(ROOT).map_or(0, |start| start + ROOT.len());
        let mount = if parts.extensions.get::<BelowClientV4>().is_some() { "/client/v4" } else { "" };
        Ok(Self { host: host(&parts.headers).to_owned(), prefix: format!("{mount}{}", &uri.path()[..end]) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_this_server_are_its_own_with_its_port_only() {
        let own = Authorities::new("127.0.0.1:9333".parse().unwrap(), None, &[]);
        for authority in ["127.0.0.1:9333", "localhost:9333", "LOCALHOST:9333", "[::1]:9333"] {
            assert!(own.contains(authority), "{authority}");
        }
        for authority in ["", "127.0.0.1", "localhost:80", "evil.example:9333", "[::1]", "127.0.0.1:9333:9333", ":9333"]
        {
            assert!(!own.contains(authority), "{authority}");
        }
    }

    #[test]
    fn the_bound_address_and_allowed_hosts_are_own_and_port_80_is_implied() {
        let allowed = ["dev.example".to_owned(), "a.example:1".to_owned()];
        let own = Authorities::new("192.0.2.1:80".parse().unwrap(), None, &allowed);
        for authority in ["192.0.2.1", "192.0.2.1:80", "localhost", "dev.example", "dev.example:5", "a.example:1"] {
            assert!(own.contains(authority), "{authority}");
        }
        assert!(!own.contains("a.example:2") && !own.contains("192.0.2.2"));
        assert!(!Authorities::new("0.0.0.0:1".parse().unwrap(), None, &[]).contains("0.0.0.0:1"));
    }
}
