//! A session's guardrails, pure: the hosts that its browser may reach.
//!
//! Source: <https://developers.cloudflare.com/browser-run/features/guardrails/>. Both lists form one: with neither there
//! are no guardrails, and empty lists let nothing through.

use std::collections::HashMap;

use browser_run_api::{Guardrails, HostPattern, InvalidHostPattern};

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
pub(crate) type DomainSets = HashMap<String, Vec<HostPattern>>;

/// Which hosts may be reached.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Policy {
    patterns: Vec<HostPattern>,
}

impl Policy {
    /// The policy that is asked for, if any.
    ///
    /// # Errors
    /// What is wrong with it, for the caller.
    pub(crate) fn new(wanted: &Guardrails, sets: &DomainSets) -> Result<Option<Self>, String> {
        if wanted.allowed_domains.is_none() && wanted.allowed_domain_sets.is_none() {
            return Ok(None);
        }
        let domains = wanted.allowed_domains.as_deref().unwrap_or_default();
        let names = wanted.allowed_domain_sets.as_deref().unwrap_or_default();
        at_most(MAX_DOMAINS, "allowedDomains", domains)?;
        at_most(MAX_SETS, "allowedDomainSets", names)?;
        let patterns: Result<Vec<_>, _> = domains.iter().map(|domain| domain.parse()).collect();
        let mut patterns =
            patterns.map_err(|error: InvalidHostPattern| format!("guardrails.allowedDomains: {error}"))?;
        for name in names {
            let set = sets.get(name).cloned().or_else(|| preset(name));
            patterns.extend(set.ok_or_else(|| {
                format!("guardrails.allowedDomainSets: there is no set {name:?} here: see --domain-set")
            })?);
        }
        Ok(Some(Self { patterns }))
    }

    /// Whether a host may be reached.
    pub(crate) fn allows(&self, host: &str) -> bool {
        self.patterns.iter().any(|pattern| pattern.matches(host))
    }
}

fn preset(name: &str) -> Option<Vec<HostPattern>> {
    let parsed = |domain: &str| domain.parse().expect("the preset's domains are host names");
    (name == "common-cdns").then(|| COMMON_CDNS.into_iter().map(parsed).collect())
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
    fn an_empty_list_lets_nothing_through_and_no_list_is_no_policy() {
        assert_eq!(Policy::new(&Guardrails::default(), &DomainSets::new()), Ok(None));
        assert!(!policy(&[]).unwrap().allows("example.com"));
        assert!(policy(&["*"]).unwrap().allows("example.com"));
    }

    #[test]
    fn an_invalid_policy_is_refused_with_its_reason() {
        let error = policy(&["example.com", "https://a.example"]).unwrap_err();
        assert!(
            error.starts_with("guardrails.allowedDomains: \"https://a.example\" is not a bare host name"),
            "{error}"
        );
        let many: Vec<_> = (0..51).map(|n| format!("{n}.example")).collect();
        let fifty: Vec<_> = many[..50].iter().map(String::as_str).collect();
        assert!(policy(&fifty).is_ok());
        let wanted = Guardrails { allowed_domains: Some(many), ..Guardrails::default() };
        assert!(Policy::new(&wanted, &DomainSets::new()).unwrap_err().contains("more than 50"));
    }

    #[test]
    fn sets_are_part_of_the_list() {
        let sets = DomainSets::from([("docs".to_owned(), vec!["docs.example".parse().unwrap()])]);
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
