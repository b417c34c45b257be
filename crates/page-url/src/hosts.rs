//! Where a click may lead: what the operator listed, or any public host. Addresses and names that mean a network of
//! one's own are refused unless they are listed themselves.

mod pattern;

use crate::host::address;
use pattern::Pattern;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Top-level domains that are nobody's on the Internet and in use on private networks. What is reserved: RFC 6761, 6762 (with
/// its appendix G), 7686, 8375 and ICANN's `internal`; what ICANN will not delegate: `corp`, `home`, `mail`; and `svc`, below
/// which Kubernetes has its services.
const PRIVATE_DOMAINS: [&str; 13] = [
    "corp", "home", "home.arpa", "internal", "intranet", "invalid", "lan", "local", "mail", "onion", "private", "svc",
    "test",
];

/// Names of Google's and Tencent's metadata servers. Others' are below `internal`, have no domain or are addresses.
const METADATA: [&str; 2] = ["metadata.goog", "metadata.tencentyun.com"];

/// What `ALLOWED_HOSTS` says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct HostRules {
    patterns: Vec<Pattern>,
}

/// The rule that a host breaks, as the caller is told.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum RefusedHost {
    /// It is not on the list.
    #[error("the host `{0}` is not among those whose pages may be opened here (ALLOWED_HOSTS)")]
    NotListed(String),
    /// It means a network of somebody's own.
    #[error("the host `{host}` is {what}, and not listed by itself (ALLOWED_HOSTS)")]
    Special {
        /// As the URL has it.
        host: String,
        /// In words.
        what: &'static str,
    },
}

impl HostRules {
    /// Reads a list's entries.
    ///
    /// # Errors
    /// Which entry is wrong, and what it should be instead.
    pub fn parse(entries: &[&str]) -> Result<Self, String> {
        let pattern = |(index, entry): (usize, &&str)| {
            Pattern::parse(entry).map_err(|wanted| format!("entry {} has to be {wanted}", index + 1))
        };
        Ok(Self { patterns: entries.iter().enumerate().map(pattern).collect::<Result<_, _>>()? })
    }

    /// The patterns as Browser Run's guardrails take them; `None` where one of them means something else there.
    #[must_use]
    pub fn guardrails(&self) -> Option<Vec<String>> {
        self.patterns.iter().map(Pattern::guardrail).collect()
    }

    /// Checks the host of a canonical URL.
    ///
    /// # Errors
    /// The rule that it breaks.
    pub fn check(&self, host: &str) -> Result<(), RefusedHost> {
        let name = host.trim_end_matches('.');
        if !self.patterns.is_empty() && !self.patterns.iter().any(|pattern| pattern.matches(name)) {
            return Err(RefusedHost::NotListed(host.to_owned()));
        }
        let Some(what) = special(name) else { return Ok(()) };
        // A bare `*` means the public Internet: nobody lists their own network by accident.
        if self.patterns.iter().any(|pattern| *pattern != Pattern::Any && pattern.matches(name)) {
            return Ok(());
        }
        Err(RefusedHost::Special { host: host.to_owned(), what })
    }
}

/// What is special about a host, if anything. Canonical URLs spell addresses in one way only.
fn special(host: &str) -> Option<&'static str> {
    match address(host) {
        Some(IpAddr::V4(address)) => special_v4(address),
        Some(IpAddr::V6(address)) => special_v6(address),
        None => special_name(host),
    }
}

fn special_name(name: &str) -> Option<&'static str> {
    let is_below = |domain: &str| name == domain || name.strip_suffix(domain).is_some_and(|rest| rest.ends_with('.'));
    if ["localhost", "localdomain"].into_iter().any(is_below) {
        return Some("a name of this machine");
    }
    if PRIVATE_DOMAINS.into_iter().any(is_below) {
        return Some("a name of a private network");
    }
    if METADATA.into_iter().any(is_below) {
        return Some("a name under which a cloud keeps its metadata");
    }
    (!name.contains('.')).then_some("a name without a domain, as private networks have them")
}

/// <https://www.iana.org/assignments/iana-ipv4-special-registry/>
fn special_v4(address: Ipv4Addr) -> Option<&'static str> {
    let octets = address.octets();
    match octets {
        [127, ..] => Some("a loopback address"),
        [10, ..] | [172, 16..=31, ..] | [192, 168, ..] | [100, 64..=127, ..] => Some("a private address"),
        [169, 254, ..] => Some("a link-local address, where clouds keep their metadata"),
        [0, ..]
        | [192, 0, 0, _]
        | [192, 0, 2, _]
        | [192, 88, 99, _]
        | [198, 18..=19, ..]
        | [198, 51, 100, _]
        | [203, 0, 113, _]
        | [224..=255, ..] => Some("an address that is not public"),
        _ => None,
    }
}

/// <https://www.iana.org/assignments/iana-ipv6-special-registry/>, and what carries an IPv4 address inside.
fn special_v6(address: Ipv6Addr) -> Option<&'static str> {
    let v4 = |high: u16, low: u16| {
        let ([a, b], [c, d]) = (high.to_be_bytes(), low.to_be_bytes());
        special_v4(Ipv4Addr::new(a, b, c, d))
    };
    match address.segments() {
        [0, 0, 0, 0, 0, 0, 0, 1] => Some("a loopback address"),
        [0, 0, 0, 0, 0, 0xffff, high, low]
        | [0, 0, 0, 0, 0, 0, high, low]
        | [0, 0, 0, 0, 0xffff, 0, high, low]
        | [0x64, 0xff9b, 0, 0, 0, 0, high, low]
        | [0x2002, high, low, ..] => v4(high, low),
        [0xfc00..=0xfdff, ..] => Some("a private address"),
        [0xfe80..=0xfebf, ..] => Some("a link-local address"),
        [0x2000..=0x3fff, ..] if !matches!(address.segments(), [0x2001, 0..=0x01ff | 0xdb8, ..] | [0x3fff, ..]) => None,
        _ => Some("an address that is not public"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::PageUrl;
    use crate::canonical::spellings;

    fn check(rules: &str, url: &str) -> Result<(), RefusedHost> {
        let entries: Vec<_> = rules.split(',').map(str::trim).filter(|entry| !entry.is_empty()).collect();
        HostRules::parse(&entries).unwrap().check(PageUrl::parse(url).unwrap().host())
    }

    #[test]
    fn special_hosts_are_refused_in_every_spelling() {
        for host in &spellings().special_hosts {
            let refused = check("", &format!("http://{host}/"));
            assert!(matches!(refused, Err(RefusedHost::Special { .. })), "{host}: {refused:?}");
            assert!(check("*", &format!("http://{host}/")).is_err(), "{host} is not listed by a bare star");
        }
    }

    #[test]
    fn public_hosts_are_allowed() {
        for host in &spellings().public_hosts {
            assert_eq!(check("", &format!("https://{host}/")), Ok(()), "{host}");
        }
    }

    #[test]
    fn a_list_is_all_that_is_allowed() {
        let rules = "*.example.com, localhost, 127.*, [::1]";
        for url in ["https://a.example.com/", "http://localhost:3000/", "http://127.0.0.1/", "http://[::1]:80/"] {
            assert_eq!(check(rules, url), Ok(()), "{url}");
        }
        for url in ["https://example.com/", "https://a.example.com.evil.org/", "http://10.0.0.1/"] {
            assert!(matches!(check(rules, url), Err(RefusedHost::NotListed(_))), "{url}");
        }
        assert_eq!(check("*,localhost", "http://localhost/"), Ok(()));
    }

    #[test]
    fn what_is_no_pattern_is_named_by_its_place_and_with_a_better_one() {
        for wrong in ["https://u:p@a.com", "a.com/b", "a.com:80", "*.*.com", "bücher.example", "[::1", "a b.com"] {
            let error = HostRules::parse(&["example.com", wrong]).unwrap_err();
            assert!(error.starts_with("entry 2 has to be ") && !error.contains(wrong), "{error}");
        }
        let error = HostRules::parse(&["*example.com"]).unwrap_err();
        assert!(error.contains("`*.example.com`"), "{error}");
    }

    #[test]
    fn a_pattern_means_no_more_than_it_seems_to() {
        let rules = "*.example.com, 10.*, exact.org., [0:0:0:0:0:0:0:1], *.corp";
        for url in ["http://10.1.2.3/", "https://exact.org/", "https://exact.org./", "http://[::1]/", "http://a.corp/"]
        {
            assert_eq!(check(rules, url), Ok(()), "{url}");
        }
        for url in ["https://10.evil.com/", "https://10.0.0.1.evil.com/", "https://evilexample.com/"] {
            assert!(matches!(check(rules, url), Err(RefusedHost::NotListed(_))), "{url}");
        }
    }
}
