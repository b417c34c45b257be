//! The pattern of a guardrail: which hosts a session's browser may reach, in Browser Run's own notation.
//!
//! Source: <https://developers.cloudflare.com/browser-run/features/guardrails/>.

use std::{error::Error, fmt, str::FromStr};

/// The longest name that DNS has, in bytes.
const MAX_NAME_BYTES: usize = 253;
/// The longest part between two dots, in bytes.
const MAX_LABEL_BYTES: usize = 63;

/// A bare host name with at most one `*`, which stands for any text, dots included: `example.com`, `*.example.com`,
/// `api-*.example.com`, `*`.
///
/// ```
/// use browser_run_api::HostPattern;
/// let pattern: HostPattern = "*.example.com".parse()?;
/// assert!(pattern.matches("a.b.Example.com") && !pattern.matches("example.com"));
/// # Ok::<(), browser_run_api::InvalidHostPattern>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HostPattern {
    /// In lower case, as the rest: what is before the `*`, or the whole name.
    before: String,
    /// What is behind the `*`, where there is one.
    after: Option<String>,
}

/// What is wrong with a text that is no [`HostPattern`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvalidHostPattern {
    text: String,
    reason: &'static str,
}

impl HostPattern {
    /// Whether a host belongs to it; neither its case nor a dot at its end makes a difference.
    #[must_use]
    pub fn matches(&self, host: &str) -> bool {
        let host = host.strip_suffix('.').unwrap_or(host).to_ascii_lowercase();
        match &self.after {
            None => host == self.before,
            Some(after) => host.strip_prefix(self.before.as_str()).is_some_and(|rest| rest.ends_with(after.as_str())),
        }
    }
}

impl FromStr for HostPattern {
    type Err = InvalidHostPattern;

    fn from_str(text: &str) -> Result<Self, InvalidHostPattern> {
        let invalid = |reason| Err(InvalidHostPattern { text: text.to_owned(), reason });
        if text.matches('*').count() > 1 {
            return invalid("has more than one *");
        }
        if text.len() > MAX_NAME_BYTES || !text.split('.').all(is_label) {
            return invalid("is not a bare host name: no scheme, port, path or space, and punycode for other scripts");
        }
        let text = text.to_ascii_lowercase();
        Ok(match text.split_once('*') {
            None => Self { before: text, after: None },
            Some((before, after)) => Self { before: before.to_owned(), after: Some(after.to_owned()) },
        })
    }
}

fn is_label(label: &str) -> bool {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_*".contains(c);
    (1..=MAX_LABEL_BYTES).contains(&label.len()) && label.chars().all(is_plain)
}

impl fmt::Display for InvalidHostPattern {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "\"{}\" {}", self.text, self.reason)
    }
}

impl Error for InvalidHostPattern {}

#[cfg(test)]
mod tests {
    use super::*;

    fn any_matches(patterns: &[&str], host: &str) -> bool {
        patterns.iter().any(|pattern| pattern.parse::<HostPattern>().unwrap().matches(host))
    }

    #[test]
    fn hosts_are_matched_as_documented() {
        let patterns = ["example.com", "*.Example.org", "api-*.example.net", "localhost"];
        for host in ["example.com", "EXAMPLE.com", "example.com.", "a.example.org", "a.b.example.org", "localhost"] {
            assert!(any_matches(&patterns, host), "{host}");
        }
        assert!(any_matches(&patterns, "api-1.example.net"));
        for host in ["www.example.com", "example.org", "badexample.org", "api.example.net", "", "[::1]", "127.0.0.1"] {
            assert!(!any_matches(&patterns, host), "{host}");
        }
        assert!(any_matches(&["*"], "example.com"));
    }

    #[test]
    fn an_overlap_of_both_ends_is_no_match() {
        let pattern = ["aba*aba"];
        assert!(!any_matches(&pattern, "aba") && !any_matches(&pattern, "ababa"));
        assert!(any_matches(&pattern, "abaaba") && any_matches(&pattern, "aba.x.aba"));
    }

    #[test]
    fn an_invalid_pattern_is_refused_with_its_reason() {
        let wrong =
            ["https://a.example", "a.example:443", "a.example/", "a b", "", ".", "a.", "*.*.example", "müller.de"];
        for text in wrong {
            let error = text.parse::<HostPattern>().unwrap_err().to_string();
            assert!(error.contains(&format!("{text:?}")), "{error}");
        }
    }
}
