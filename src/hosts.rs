//! Where a click may lead: what the operator listed, or any public host. Addresses and names that mean a network of
//! one's own are refused unless they are listed themselves.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// What `ALLOWED_HOSTS` says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct HostRules {
    patterns: Vec<String>,
}

/// The rule that a host breaks, as the caller is told.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum RefusedHost {
    #[error("`{0}` is not among the hosts that ALLOWED_HOSTS lists")]
    NotListed(String),
    #[error("`{host}` is {what}, and ALLOWED_HOSTS does not list it by itself")]
    Special { host: String, what: &'static str },
}

impl HostRules {
    /// Reads a comma-separated list. Patterns are as Browser Run's guardrails: a host name with at most one `*`,
    /// no scheme, port or path. An error is the pattern that is none.
    pub(crate) fn parse(list: &str) -> Result<Self, String> {
        let patterns = list.split(',').map(str::trim).filter(|pattern| !pattern.is_empty());
        let patterns: Vec<_> = patterns.map(str::to_ascii_lowercase).collect();
        match patterns.iter().find(|pattern| !is_pattern(pattern)) {
            Some(wrong) => Err(wrong.clone()),
            None => Ok(Self { patterns }),
        }
    }

    /// The patterns, for Browser Run's guardrails.
    pub(crate) fn patterns(&self) -> &[String] {
        &self.patterns
    }

    /// Checks the host of a canonical URL.
    pub(crate) fn check(&self, host: &str) -> Result<(), RefusedHost> {
        let name = host.trim_end_matches('.');
        if !self.patterns.is_empty() && !self.patterns.iter().any(|pattern| matches(pattern, name)) {
            return Err(RefusedHost::NotListed(host.to_owned()));
        }
        let Some(what) = special(name) else { return Ok(()) };
        // A bare `*` means the public Internet: nobody lists their own network by accident.
        if self.patterns.iter().any(|pattern| pattern != "*" && matches(pattern, name)) {
            return Ok(());
        }
        Err(RefusedHost::Special { host: host.to_owned(), what })
    }
}

fn is_pattern(pattern: &str) -> bool {
    let is_address = pattern.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
    let allowed = |c: char| c.is_ascii_alphanumeric() || "-._*".contains(c);
    is_address.is_some_and(|address| address.parse::<Ipv6Addr>().is_ok())
        || (pattern.chars().all(allowed) && pattern.matches('*').count() <= 1)
}

fn matches(pattern: &str, host: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == host,
        Some((start, end)) => host.len() >= start.len() + end.len() && host.starts_with(start) && host.ends_with(end),
    }
}

/// What is special about a host, if anything. Canonical URLs spell addresses in one way only.
fn special(host: &str) -> Option<&'static str> {
    let address = host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(host);
    match address.parse() {
        Ok(IpAddr::V4(address)) => special_v4(address),
        Ok(IpAddr::V6(address)) => special_v6(address),
        Err(_) => special_name(host),
    }
}

fn special_name(name: &str) -> Option<&'static str> {
    let is_below = |domain: &str| name == domain || name.strip_suffix(domain).is_some_and(|rest| rest.ends_with('.'));
    if is_below("localhost") {
        return Some("a name of this machine");
    }
    if ["internal", "local", "lan", "home.arpa", "onion", "test", "invalid"].into_iter().any(is_below) {
        return Some("a name of a private network");
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
    use crate::page_url::PageUrl;

    fn check(rules: &str, url: &str) -> Result<(), RefusedHost> {
        HostRules::parse(rules).unwrap().check(PageUrl::parse(url).unwrap().host())
    }

    #[test]
    fn every_spelling_of_a_special_address_is_refused() {
        for host in [
            "127.0.0.1",
            "127.1",
            "2130706433",
            "0x7f000001",
            "0177.0.0.1",
            "0x7f.1",
            "127.0.0.1.",
            "１２７.0.0.1",
            "①②⑦.⓪.⓪.①",
            "127。0。0。1",
            "[::1]",
            "[0:0:0:0:0:0:0:1]",
            "[::ffff:127.0.0.1]",
            "[::127.0.0.1]",
            "[::ffff:7f00:1]",
            "[64:ff9b::7f00:1]",
            "[2002:7f00:1::]",
            "169.254.169.254",
            "0xa9fea9fe",
            "2852039166",
            "0251.0376.0251.0376",
            "169.254.43518",
            "[::ffff:a9fe:a9fe]",
            "[fd00:ec2::254]",
            "[fe80::1]",
            "[fec0::1]",
            "[ff02::1]",
            "[::]",
            "0",
            "0.0.0.0",
            "10.1.2.3",
            "172.16.0.1",
            "172.31.255.255",
            "192.168.1.1",
            "100.64.0.1",
            "198.18.0.1",
            "224.0.0.1",
            "255.255.255.255",
            "192.0.2.1",
            "[2001:db8::1]",
            "[100::1]",
            "localhost",
            "LOCALHOST",
            "localhost.",
            "a.localhost",
            "metadata.google.internal",
            "printer.local",
            "metadata",
            "router.lan",
            "ⓛocalhost",
        ] {
            let refused = check("", &format!("http://{host}/"));
            assert!(matches!(refused, Err(RefusedHost::Special { .. })), "{host}: {refused:?}");
            assert!(check("*", &format!("http://{host}/")).is_err(), "{host} is not listed by a bare star");
        }
    }

    #[test]
    fn public_hosts_are_allowed() {
        for host in [
            "example.com",
            "1.1.1.1",
            "172.15.0.1",
            "172.32.0.1",
            "100.128.0.1",
            "[2606:4700::1111]",
            "localhost.com",
            "internal.example",
            "bücher.example",
            "mylocal",
            "127.0.0.1.nip.io",
        ] {
            let expected = host.contains(['.', ':']);
            assert_eq!(check("", &format!("https://{host}/")).is_ok(), expected, "{host}");
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
    fn what_is_no_pattern_is_named() {
        for wrong in ["https://a.com", "a.com/b", "a.com:80", "*.*.com", "bücher.example", "[::1", "a b"] {
            assert_eq!(HostRules::parse(&format!("example.com,{wrong}")), Err(wrong.to_owned()));
        }
    }
}
