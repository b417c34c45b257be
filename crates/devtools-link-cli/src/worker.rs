//! The Worker's API: its answers, and its problems, which say better than we could what went wrong.

use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use serde_json::Value;
use ureq::{
    Agent, Body,
    http::{Method, Request, Response},
    tls::{RootCerts, TlsConfig},
};

use crate::settings::Settings;

/// Past every deadline of the Worker's own.
const ANSWER_DEADLINE: Duration = Duration::from_secs(120);
/// Of an answer that is none of the Worker's.
const MOST_CHARACTERS: usize = 200;

pub(crate) struct Worker {
    agent: Agent,
    settings: Settings,
}

/// An RFC 9457 problem, as the Worker answered it.
#[derive(Debug, thiserror::Error)]
#[error("{}: {} (request {})", text(.0, "title"), text(.0, "detail"), text(.0, "request_id"))]
pub(crate) struct Problem(Value);

impl Worker {
    pub(crate) fn new(settings: Settings) -> Self {
        let tls = TlsConfig::builder().root_certs(RootCerts::PlatformVerifier).build();
        // A redirect would be a sign-in's page, and the token is not for who made that.
        let config = Agent::config_builder().http_status_as_error(false).max_redirects(0).tls_config(tls);
        let config = config.timeout_global(Some(ANSWER_DEADLINE)).max_redirects_will_error(false);
        let config = config.user_agent(concat!("devtools-link/", env!("CARGO_PKG_VERSION")));
        Self { agent: config.build().into(), settings }
    }

    pub(crate) fn get(&self, path: &str) -> Result<Value> {
        self.ask(Method::GET, path, String::new())
    }

    pub(crate) fn post(&self, path: &str, body: &Value) -> Result<Value> {
        self.ask(Method::POST, path, body.to_string())
    }

    pub(crate) fn delete(&self, path: &str) -> Result<Value> {
        self.ask(Method::DELETE, path, String::new())
    }

    /// The answer's JSON: null where it has no body.
    ///
    /// # Errors
    /// A [`Problem`], if the Worker says so.
    fn ask(&self, method: Method, path: &str, body: String) -> Result<Value> {
        let worker = &self.settings.worker;
        let mut request = Request::builder().method(method).uri(format!("{worker}{path}"));
        request = request.header("accept", "application/json");
        if let Some(token) = &self.settings.token {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        if !body.is_empty() {
            request = request.header("content-type", "application/json");
        }
        let request =
            request.body(body).context("the Worker's URL or the token can't be sent: is there a blank in it?")?;
        let answer = self.agent.run(request);
        read(answer.with_context(|| format!("no Worker answers at {worker}: --worker says where one is"))?, worker)
    }
}

fn read(mut answer: Response<Body>, worker: &str) -> Result<Value> {
    let status = answer.status();
    let text = answer.body_mut().read_to_string().context("the Worker's answer ended early")?;
    if status.is_success() && text.is_empty() {
        return Ok(Value::Null);
    }
    match serde_json::from_str::<Value>(&text) {
        Ok(value) if status.is_success() => Ok(value),
        Ok(problem) if problem["title"].is_string() => Err(Problem(problem).into()),
        _ if status.is_redirection() => {
            bail!(
                "{worker} answered {status}, another page: is it the Worker, and does an access token get past its sign-in?"
            )
        }
        _ => bail!("{worker} answered {status}, and not as the Worker does: {}", start(&text)),
    }
}

/// On one line.
fn start(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(MOST_CHARACTERS).collect()
}

impl Problem {
    pub(crate) fn as_json(&self) -> &Value {
        &self.0
    }
}

fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value[name].as_str().unwrap_or("?")
}
