//! A session's guardrails, pure: the hosts that its browser may reach.
//!
//! Source: <https://developers.cloudflare.com/browser-run/features/guardrails/>. Both lists form one: with neither there
//! are no guardrails, and empty lists let nothing through.

use std::collections::HashMap;

use browser_run_api::Guardrails;

const MAX_DOMAINS: usize = 50;
const MAX_SETS: usize = 4;

/// What stands for Browser Run's preset `common-cdns`, whose list is not published.
const COMMON_CDNS: [&str; 14] = [
    "ajax.aspnetcdn.com",
    "ajax.googleapis.com",
    "cdn.jsdelivr.net",
    "cdn.skypack.dev",
    "cdn.tailwindcss.com",
    "cdnjs.cloudflare.com",
    "code.jquery.com",
    "esm.sh",
    "fonts.googleapis.com",
    "fonts.gstatic.com",
    "maxcdn.bootstrapcdn.com",
    "stackpath.bootstrapcdn.com",
    "unpkg.com",
    "use.fontawesome.com",
];

/// Lists of domains that guardrails can name: a preset's name, or the `https` URL that Browser Run would fetch one from.
pub(crate) type DomainSets = HashMap<String, Vec<String>>;

/// Which hosts may be reached.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Policy {
    patterns: Vec<Pattern>,
}

/// A host name, or what is before and after its `*`.
#[derive(Debug, PartialEq, Eq)]
struct Pattern {
    before: String,
    after: Option<String>,
}

impl Policy {
    /// The policy that is asked for, if any; the error says what is wrong with it.
    pub(crate) fn new(wanted: &Guardrails, sets: &DomainSets) -> Result<Option<Self>, String> {
        if wanted.allowed_domains.is_none() && wanted.allowed_domain_sets.is_none() {
            return Ok(None);
        }
        let domains = wanted.allowed_domains.as_deref().unwrap_or_default();
        let names = wanted.allowed_domain_sets.as_deref().unwrap_or_default();
        at_most(MAX_DOMAINS, "allowedDomains", domains)?;
        at_most(MAX_SETS, "allowedDomainSets", names)?;
        let mut patterns = domains.iter().map(|domain| Pattern::parse(domain)).collect::<Result<Vec<_>, _>>()?;
        for name in names {
            let own = sets.get(name).map(|set| set.iter().map(String::as_str).collect());
            let set: Vec<&str> = own.or_else(|| preset(name)).ok_or_else(|| {
                format!("guardrails.allowedDomainSets: there is no set {name:?} here: see --domain-set")
            })?;
            patterns.extend(set.into_iter().map(Pattern::parse).collect::<Result<Vec<_>, _>>()?);
        }
        Ok(Some(Self { patterns }))
    }

    /// Whether a host may be reached.
    pub(crate) fn allows(&self, host: &str) -> bool {
        let host = host.strip_suffix('.').unwrap_or(host).to_ascii_lowercase();
        self.patterns.iter().any(|pattern| pattern.matches(&host))
    }
}

impl Pattern {
    fn parse(domain: &str) -> Result<Self, String> {
        let wrong = |why: &str| Err(format!("guardrails.allowedDomains: {domain:?} {why}"));
        let label = |label: &str| {
            let plain = |c: char| c.is_ascii_alphanumeric() || "-_*".contains(c);
            (1..=63).contains(&label.len()) && label.chars().all(plain)
        };
        if domain.matches('*').count() > 1 {
            return wrong("has more than one *");
        }
        if domain.len() > 253 || !domain.split('.').all(label) {
            return wrong("is not a bare host name: no scheme, port, path or space, and punycode for other scripts");
        }
        let domain = domain.to_ascii_lowercase();
        Ok(match domain.split_once('*') {
            None => Self { before: domain, after: None },
            Some((before, after)) => Self { before: before.to_owned(), after: Some(after.to_owned()) },
        })
    }

    fn matches(&self, host: &str) -> bool {
        match &self.after {
            None => host == self.before,
            Some(after) => host.strip_prefix(self.before.as_str()).is_some_and(|rest| rest.ends_with(after.as_str())),
        }
    }
}

/// Whether all of these are patterns of host names.
pub(crate) fn check(domains: &[String]) -> Result<(), String> {
    domains.iter().try_for_each(|domain| Pattern::parse(domain).map(drop))
}

fn preset(name: &str) -> Option<Vec<&'static str>> {
    (name == "common-cdns").then(|| COMMON_CDNS.to_vec())
}

fn at_most(limit: usize, name: &str, list: &[String]) -> Result<(), String> {
    if list.len() > limit { Err(format!("guardrails.{name} has more than {limit} entries")) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn policy(domains: &[&str]) -> Result<Policy, String> {
        let allowed_domains = Some(domains.iter().map(ToString::to_string).collect());
        let wanted = Guardrails { allowed_domains, ..Guardrails::default() };
        Policy::new(&wanted, &DomainSets::new()).map(|policy| policy.expect("there is a list"))
    }

    #[test]
    fn hosts_are_matched_as_documented() {
        let policy = policy(&["example.com", "*.Example.org", "api-*.example.net", "localhost"]).unwrap();
        for host in ["example.com", "EXAMPLE.com", "example.com.", "a.example.org", "a.b.example.org", "localhost"] {
            assert!(policy.allows(host), "{host}");
        }
        assert!(policy.allows("api-1.example.net"));
        for host in ["www.example.com", "example.org", "badexample.org", "api.example.net", "", "[::1]", "127.0.0.1"] {
            assert!(!policy.allows(host), "{host}");
        }
    }

    #[test]
    fn no_list_is_no_policy_and_an_empty_list_lets_nothing_through() {
        assert_eq!(Policy::new(&Guardrails::default(), &DomainSets::new()), Ok(None));
        assert!(!policy(&[]).unwrap().allows("example.com"));
        assert!(policy(&["*"]).unwrap().allows("example.com"));
    }

    #[test]
    fn an_overlap_of_both_ends_is_no_match() {
        let policy = policy(&["aba*aba"]).unwrap();
        assert!(!policy.allows("aba") && !policy.allows("ababa"));
        assert!(policy.allows("abaaba") && policy.allows("aba.x.aba"));
    }

    #[test]
    fn an_invalid_policy_is_refused_with_its_reason() {
        let wrong =
            ["https://a.example", "a.example:443", "a.example/", "a b", "", ".", "a.", "*.*.example", "müller.de"];
        for domain in wrong {
            assert!(policy(&[domain]).unwrap_err().contains(&format!("{domain:?}")), "{domain}");
        }
        let many: Vec<_> = (0..51).map(|n| format!("{n}.example")).collect();
        let fifty: Vec<_> = many[..50].iter().map(String::as_str).collect();
        assert!(policy(&fifty).is_ok());
        let wanted = Guardrails { allowed_domains: Some(many), ..Guardrails::default() };
        assert!(Policy::new(&wanted, &DomainSets::new()).unwrap_err().contains("more than 50"));
    }

    #[test]
    fn sets_are_part_of_the_list() {
        let sets = DomainSets::from([("docs".to_owned(), vec!["docs.example".to_owned()])]);
        let named = |names: &[&str]| {
            let allowed_domain_sets = Some(names.iter().map(ToString::to_string).collect());
            Policy::new(&Guardrails { allowed_domain_sets, ..Guardrails::default() }, &sets)
        };
        let policy = named(&["docs", "common-cdns"]).unwrap().unwrap();
        assert!(policy.allows("docs.example") && policy.allows("unpkg.com") && !policy.allows("example.com"));
        assert!(named(&["unknown"]).unwrap_err().contains("unknown"));
        assert!(named(&["docs"; 5]).unwrap_err().contains("more than 4"));
    }
}
