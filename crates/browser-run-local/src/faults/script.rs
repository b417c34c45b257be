//! Which call meets which fault, pure. The same faults and the same calls give the same run.

use std::{collections::BTreeMap, str::FromStr};

use axum::http::Method;
use serde::Deserialize;
use serde_json::Value;

/// Something that goes wrong at calls of one endpoint.
///
/// As JSON: `{"on": "POST /browser", "after": 1, "times": 2, "status": 429, "headers": {"retry-after": "1"}}`.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Fault {
    /// The method and the path below `…/devtools`, or from `/recording` on, `{…}` for any part:
    /// `GET /browser/{session_id}/json/list`. `*` is every call.
    pub on: Endpoint,
    /// How many calls pass before.
    #[serde(default)]
    pub after: u32,
    /// How many calls it happens to.
    #[serde(default = "once")]
    pub times: u32,
    /// Milliseconds until the call goes on.
    #[serde(default)]
    pub delay_ms: u64,
    /// Milliseconds by which the server's clock is put forward first.
    #[serde(default)]
    pub advance_ms: u64,
    /// Whether the Chromium of the path's session is killed first.
    #[serde(default)]
    pub crash: bool,
    /// Whether the path's session is evicted first.
    #[serde(default)]
    pub evict: bool,
    /// The answer's status; the call is not carried out.
    pub status: Option<u16>,
    /// The answer's headers, with `status`.
    #[serde(default)]
    pub headers: BTreeMap<String, String>,
    /// The answer's body, with `status`: a text as it is, anything else as JSON. Without it, an error of Cloudflare's shape.
    pub body: Option<Value>,
    /// Whether the answer is 200 with JSON that stops in the middle; the call is not carried out.
    #[serde(default)]
    pub malformed: bool,
    /// Whether the connection is cut instead of an answer; the call is not carried out.
    #[serde(default)]
    pub cut: bool,
    /// Whether the call is carried out, and the connection cut instead of its answer.
    #[serde(default)]
    pub lost: bool,
}

fn once() -> u32 {
    1
}

/// Which calls a fault is for.
#[derive(Debug, Clone, Deserialize)]
#[serde(try_from = "String")]
pub struct Endpoint(Option<Pattern>);

#[derive(Debug, Clone)]
struct Pattern {
    method: Method,
    /// Of the path, each a text or `{…}`.
    parts: Vec<String>,
}

impl FromStr for Endpoint {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text == "*" {
            return Ok(Self(None));
        }
        let wrong = || format!("{text:?} is not like \"POST /browser\"");
        let (method, path) = text.split_once(' ').ok_or_else(wrong)?;
        let method = Method::from_bytes(method.as_bytes()).map_err(|_| wrong())?;
        let parts = path.strip_prefix('/').ok_or_else(wrong)?.split('/').map(str::to_owned).collect();
        Ok(Self(Some(Pattern { method, parts })))
    }
}

impl TryFrom<String> for Endpoint {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl Endpoint {
    fn matches(&self, method: &Method, path: &str) -> bool {
        let Some(Pattern { method: own, parts }) = &self.0 else { return true };
        let path: Vec<_> = path.trim_matches('/').split('/').collect();
        let same = |(part, is): (&String, &&str)| part.starts_with('{') || part == is;
        own == method && parts.len() == path.len() && parts.iter().zip(&path).all(same)
    }
}

/// Faults in their order. Those for the same call wait for each other: a script for each endpoint.
#[derive(Debug, Clone, Default)]
pub struct Faults(Vec<Fault>);

impl FromStr for Faults {
    type Err = serde_json::Error;

    /// Reads a JSON array of faults, or one fault.
    fn from_str(json: &str) -> Result<Self, serde_json::Error> {
        let faults = match serde_json::from_str(json)? {
            Value::Array(faults) => faults,
            fault => vec![fault],
        };
        faults.into_iter().map(serde_json::from_value).collect::<Result<_, _>>().map(Self)
    }
}

impl Faults {
    /// What goes wrong at this call, if anything.
    pub(crate) fn next(&mut self, method: &Method, path: &str) -> Option<Fault> {
        let fault = self.0.iter_mut().find(|fault| fault.times > 0 && fault.on.matches(method, path))?;
        if fault.after > 0 {
            fault.after -= 1;
            return None;
        }
        fault.times -= 1;
        Some(fault.clone())
    }

    /// Puts more behind those that are there.
    pub(crate) fn extend(&mut self, more: Self) {
        self.0.retain(|fault| fault.times > 0);
        self.0.extend(more.0);
    }

    /// How many calls are still going to be disturbed.
    pub(crate) fn left(&self) -> u64 {
        self.0.iter().map(|fault| u64::from(fault.times)).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn faults(json: &str) -> Faults {
        json.parse().unwrap()
    }

    /// The statuses of calls to `POST /browser`.
    fn statuses(faults: &mut Faults, calls: usize) -> Vec<Option<u16>> {
        (0..calls).map(|_| faults.next(&Method::POST, "/browser").and_then(|fault| fault.status)).collect()
    }

    #[test]
    fn faults_of_an_endpoint_are_its_script() {
        let mut faults = faults(
            r#"[{"on": "POST /browser", "after": 1, "times": 2, "status": 429},
                {"on": "GET /session", "status": 500},
                {"on": "POST /browser", "after": 1, "status": 503}]"#,
        );
        assert_eq!(statuses(&mut faults, 6), [None, Some(429), Some(429), None, Some(503), None]);
        assert_eq!(faults.left(), 1);
        assert_eq!(faults.next(&Method::GET, "/session").unwrap().status, Some(500));
    }

    #[test]
    fn an_endpoint_is_a_method_and_a_path_with_any_ids() {
        let endpoint: Endpoint = "GET /browser/{session_id}/json/list".parse().unwrap();
        assert!(endpoint.matches(&Method::GET, "/browser/1909cef7/json/list"));
        for path in ["/browser/x/json", "/browser/x/json/list/y", "/browser/x/json/new", ""] {
            assert!(!endpoint.matches(&Method::GET, path), "{path}");
        }
        assert!(!endpoint.matches(&Method::PUT, "/browser/x/json/list"));
        assert!("*".parse::<Endpoint>().unwrap().matches(&Method::PUT, "/anything"));
        assert!("/browser".parse::<Endpoint>().is_err() && "GET browser".parse::<Endpoint>().is_err());
    }

    #[test]
    fn the_same_faults_give_the_same_run() {
        let json = r#"[{"on": "*", "after": 3, "times": 5, "status": 500}, {"on": "*", "times": 2, "cut": true}]"#;
        let run = || {
            let mut faults = faults(json);
            (0..20).map(|_| faults.next(&Method::GET, "/x").map(|f| (f.status, f.cut))).collect::<Vec<_>>()
        };
        assert_eq!(run(), run());
    }

    #[test]
    fn more_faults_come_after_those_that_are_left() {
        let mut first = faults(r#"{"on": "*", "times": 2, "status": 500}"#);
        first.next(&Method::POST, "/browser");
        first.extend(faults(r#"{"on": "*", "status": 404}"#));
        assert_eq!(statuses(&mut first, 3), [Some(500), Some(404), None]);
    }

    #[test]
    fn misspelt_faults_are_refused() {
        for json in [r#"{"on": "*", "staus": 500}"#, r#"{"status": 500}"#, r#"{"on": "nonsense"}"#, "x"] {
            assert!(json.parse::<Faults>().is_err(), "{json}");
        }
    }
}
