//! Which hosts are this Worker's own. A page whose name is made to lead here (DNS rebinding) is our own page to the browser,
//! so where everyone may click, a request has to name a host that is known to be ours.

use page_url::host::{address, without_port};

/// Reads the entries of `PUBLIC_HOSTS`: host names, whose ports don't matter. An error says which entry is wrong, without it.
pub(crate) fn parse(entries: &[&str]) -> Result<Vec<String>, String> {
    let name = |(index, entry): (usize, &&str)| {
        let allowed = |c: char| c.is_ascii_alphanumeric() || "-._".contains(c);
        let name = without_port(entry).trim_end_matches('.');
        let is_name = !name.is_empty() && name.chars().all(allowed);
        let wanted = || format!("entry {} has to be a host name such as debug.example.com", index + 1);
        is_name.then(|| name.to_ascii_lowercase()).ok_or_else(wanted)
    };
    entries.iter().enumerate().map(name).collect()
}

/// Whether a canonical host, without its port, is ours: configured, this machine's, an address, which needs no name to be
/// resolved, or one that the platform alone can lead anywhere.
pub(crate) fn is_own(host: &str, public_hosts: &[String]) -> bool {
    let name = host.trim_end_matches('.');
    public_hosts.iter().any(|public| public == name)
        || is_loopback(host)
        || address(host).is_some()
        || name.ends_with(".workers.dev")
}

/// Whether a canonical host is this machine, whose pages browsers trust as they do https:
/// <https://w3c.github.io/webappsec-secure-contexts/#is-origin-trustworthy>
pub(crate) fn is_loopback(host: &str) -> bool {
    let name = host.trim_end_matches('.');
    name == "localhost" || name.ends_with(".localhost") || address(host).is_some_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_is_ours_by_name_or_because_nobody_else_can_have_it() {
        let public = parse(&["Debug.Example.com:8443", "second.example."]).unwrap();
        for host in [
            "debug.example.com",
            "debug.example.com.",
            "second.example",
            "localhost",
            "app.localhost",
            "127.0.0.1",
            "127.9.9.9",
            "192.0.2.7",
            "[::1]",
            "[2001:db8::7]",
            "devtools-link.ada.workers.dev",
        ] {
            assert!(is_own(host, &public), "{host}");
        }
        for host in [
            "evil.example",
            "debug.example.com.evil.example",
            "x.debug.example.com",
            "127.0.0.1.evil.example",
            "localhost.evil.example",
            "workers.dev.evil.example",
            "evilworkers.dev",
            "",
        ] {
            assert!(!is_own(host, &public), "{host}");
        }
    }

    #[test]
    fn a_wrong_entry_is_named_by_its_place() {
        for wrong in ["https://a.example", "*.a.example", "a.example/b", "u@a.example", ":80"] {
            let error = parse(&["b.example", wrong]).unwrap_err();
            assert!(error.starts_with("entry 2 ") && !error.contains(wrong), "{error}");
        }
    }

    #[test]
    fn only_this_machine_is_loopback() {
        for host in ["localhost", "localhost.", "a.localhost", "127.0.0.1", "127.1.2.3", "[::1]"] {
            assert!(is_loopback(host), "{host}");
        }
        for host in ["10.0.0.1", "localhost.example", "127.0.0.1.example", "[::2]", "0.0.0.0", "notlocalhost"] {
            assert!(!is_loopback(host), "{host}");
        }
    }
}
