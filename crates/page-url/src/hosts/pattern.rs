//! One entry of `ALLOWED_HOSTS`: a host name, an address, or one of them with a `*` that can't mean more than it seems to.

use crate::host::address;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Hosts that are meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Pattern {
    /// `*`
    Any,
    /// `example.com`
    Name(String),
    /// `*.example.com`, `www.*.example.com`: what is before the `*`, and what is behind it. It stands for whole labels.
    Below { before: String, behind: String },
    /// `192.168.0.1`, `[::1]`
    Address(IpAddr),
    /// `192.168.*`: the first bytes of an IPv4 address. A name that looks the same, `192.168.evil.example`, is not meant.
    Ipv4Prefix(Vec<u8>),
}

impl Pattern {
    /// Reads an entry. An error is what the entry should be instead.
    pub(super) fn parse(entry: &str) -> Result<Self, String> {
        let entry = entry.to_ascii_lowercase();
        if let Some(address) = entry.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            let address: Result<Ipv6Addr, _> = address.parse();
            return address.map(|address| Self::Address(address.into())).map_err(|_| "an IPv6 address".to_owned());
        }
        let name = entry.strip_suffix('.').unwrap_or(&entry);
        let labels: Vec<_> = name.split('.').collect();
        let allowed = |c: char| c.is_ascii_alphanumeric() || "-_*".contains(c);
        if !name.chars().all(|c| c == '.' || allowed(c)) {
            return Err("a bare host name: no scheme, port or path, and punycode for other scripts".to_owned());
        }
        if let Some(behind) = name.strip_prefix('.').filter(|behind| !behind.contains("..")) {
            return Err(format!("`*.{behind}` for what is below `{behind}`"));
        }
        if labels.iter().any(|label| label.is_empty()) {
            return Err("a host name without empty labels".to_owned());
        }
        match labels.iter().filter(|label| label.contains('*')).count() {
            0 => Self::without_star(name, &labels),
            1 if name.matches('*').count() == 1 => Self::with_star(name, &labels),
            _ => Err("at most one `*`".to_owned()),
        }
    }

    fn without_star(name: &str, labels: &[&str]) -> Result<Self, String> {
        match name.parse::<Ipv4Addr>() {
            Ok(address) => Ok(Self::Address(address.into())),
            Err(_) if labels.last().is_some_and(|last| is_number(last)) => {
                Err("an IPv4 address of four decimal numbers".to_owned())
            }
            Err(_) => Ok(Self::Name(name.to_owned())),
        }
    }

    fn with_star(name: &str, labels: &[&str]) -> Result<Self, String> {
        if name == "*" {
            return Ok(Self::Any);
        }
        if let [bytes @ .., "*"] = labels {
            let prefix: Option<Vec<u8>> = bytes.iter().map(|byte| byte.parse().ok()).collect();
            return prefix
                .filter(|prefix| prefix.len() < 4)
                .map(Self::Ipv4Prefix)
                .ok_or_else(|| format!("each ending by itself: `{name}` also means what others register below it"));
        }
        if labels.last().is_some_and(|last| is_number(last)) {
            return Err("its `*` at the end, as an IPv4 address has it: `10.*`".to_owned());
        }
        let Some((before, behind)) = name.split_once('*') else { return Ok(Self::Name(name.to_owned())) };
        if !labels.contains(&"*") {
            let whole = labels.iter().map(|label| if label.contains('*') { "*" } else { label });
            let whole = whole.collect::<Vec<_>>().join(".");
            return Err(format!("a `*` that stands for whole labels, such as `{}`", better(&whole, behind)));
        }
        Ok(Self::Below { before: before.to_owned(), behind: behind.to_owned() })
    }

    /// Whether a canonical host, without a dot at its end, is meant.
    pub(super) fn matches(&self, host: &str) -> bool {
        match self {
            Self::Any => true,
            Self::Name(name) => name == host,
            Self::Below { before, behind } => {
                host.strip_prefix(before.as_str()).is_some_and(|rest| rest.ends_with(behind) && address(host).is_none())
            }
            Self::Address(listed) => address(host) == Some(*listed),
            Self::Ipv4Prefix(prefix) => {
                matches!(address(host), Some(IpAddr::V4(address)) if address.octets().starts_with(prefix))
            }
        }
    }

    /// As Browser Run's guardrails take it; `None` where they would take it for more, or for nothing.
    pub(super) fn guardrail(&self) -> Option<String> {
        match self {
            Self::Any => Some("*".to_owned()),
            Self::Name(name) => Some(name.clone()),
            Self::Below { before, behind } => Some(format!("{before}*{behind}")),
            Self::Address(IpAddr::V4(address)) => Some(address.to_string()),
            Self::Address(IpAddr::V6(_)) | Self::Ipv4Prefix(_) => None,
        }
    }
}

/// `*.example.com` for `*example.com`, where the `*` stood at the beginning; else the same with the `*` as a whole label.
fn better(whole: &str, behind: &str) -> String {
    if whole.starts_with('*') && !behind.starts_with('.') { format!("*.{behind}") } else { whole.to_owned() }
}

/// Whether a host that ends in this label is an IPv4 address, or wrong: <https://url.spec.whatwg.org/#ends-in-a-number-checker>
fn is_number(label: &str) -> bool {
    let digits = label.strip_prefix("0x");
    label.bytes().all(|byte| byte.is_ascii_digit())
        || digits.is_some_and(|digits| digits.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matches(pattern: &str, host: &str) -> bool {
        Pattern::parse(pattern).unwrap().matches(host)
    }

    #[test]
    fn a_star_stands_for_whole_labels() {
        assert!(matches("*.example.com", "a.b.example.com") && matches("a.*.example.com", "a.b.example.com"));
        for host in ["example.com", "evilexample.com", "a.example.com.evil.org", "a.example.comx"] {
            assert!(!matches("*.example.com", host), "{host}");
        }
        for (wrong, better) in [
            ("*example.com", "`*.example.com`"),
            ("foo*.example.com", "`*.example.com`"),
            ("foo.b*r.example.com", "`foo.*.example.com`"),
            (".example.com", "`*.example.com`"),
            ("example.*", "each ending by itself"),
            ("www.example.*", "each ending by itself"),
            ("256.*", "each ending by itself"),
            ("example.com*", "whole labels"),
            ("10.*.0.1", "`10.*`"),
            ("*.0.0.1", "`10.*`"),
        ] {
            let wanted = Pattern::parse(wrong).unwrap_err();
            assert!(wanted.contains(better), "{wrong}: {wanted}");
        }
    }

    #[test]
    fn an_address_with_a_star_means_addresses_and_no_name() {
        assert!(matches("10.*", "10.1.2.3") && matches("192.168.0.*", "192.168.0.7"));
        for host in ["10.evil.example", "10.0.0.1.evil.example", "100.1.2.3", "[::ffff:a01:203]"] {
            assert!(!matches("10.*", host), "{host}");
        }
        assert!(!matches("*.2.3.example.com", "1.2.3.4"));
    }

    #[test]
    fn every_spelling_of_a_host_matches_that_host() {
        for (pattern, host) in [
            ("Exact.ORG.", "exact.org"),
            ("*.exact.org.", "a.exact.org"),
            ("[0:0:0:0:0:0:0:1]", "[::1]"),
            ("[2001:0DB8::0001]", "[2001:db8::1]"),
            ("[::ffff:127.0.0.1]", "[::ffff:7f00:1]"),
            ("127.0.0.1", "127.0.0.1"),
        ] {
            assert!(matches(pattern, host), "{pattern}");
        }
        // What a canonical URL's host never is.
        for wrong in ["127.1", "0177.0.0.1", "1.2.3.4.5", "0x7f000001", "a..b", "..", "."] {
            assert!(Pattern::parse(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn guardrails_get_no_pattern_that_means_more_there() {
        let guardrail = |pattern| Pattern::parse(pattern).unwrap().guardrail();
        assert_eq!(guardrail("*.E.com."), Some("*.e.com".to_owned()));
        assert_eq!([guardrail("10.*"), guardrail("[::1]")], [None, None]);
    }
}
