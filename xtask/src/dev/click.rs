//! One real click, followed to its end: the only proof that everything works together.

use std::{
    net::{Ipv4Addr, TcpStream},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;
use ureq::{Agent, Body, http::Response};

use super::wiring::Wiring;

/// To start listening, and to answer: a browser is started, on a machine that may be slow.
const PATIENCE: Duration = Duration::from_secs(60);

/// Clicks, follows the link, and closes the browser again.
pub(super) fn try_one(wiring: &Wiring) -> Result<()> {
    wait_for(wiring.browser_run_port)?;
    wait_for(wiring.port)?;
    let agent = agent();
    let link = click(&agent, wiring)?;
    let page = agent.get(&link).config().max_redirects(5).build().call().context("the link leads nowhere")?;
    expect(200, page, "following the link")?;
    close_sessions(&agent, wiring)
}

fn agent() -> Agent {
    Agent::config_builder().timeout_global(Some(PATIENCE)).max_redirects(0).http_status_as_error(false).build().into()
}

/// Servers that have just been started do not listen yet; that they run is watched elsewhere.
fn wait_for(port: u16) -> Result<()> {
    let deadline = Instant::now() + PATIENCE;
    while TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_err() {
        ensure!(Instant::now() < deadline, "nothing listens on port {port} after {} s", PATIENCE.as_secs());
        thread::sleep(Duration::from_millis(100));
    }
    Ok(())
}

/// The page has to be one that needs no internet: Browser Run's own. Gives the link.
fn click(agent: &Agent, wiring: &Wiring) -> Result<String> {
    let page = wiring.browser_run_origin().replace(':', "%3A").replace('/', "%2F");
    let answer = agent.get(wiring.click_url(&page)).call().context("the Worker does not answer")?;
    let answer = expect(302, answer, "the Worker")?;
    let link = answer.headers().get("location").context("the Worker's answer has no Location")?;
    Ok(link.to_str()?.to_owned())
}

/// Nobody has been told yet that this runs: whatever is open is the click's.
fn close_sessions(agent: &Agent, wiring: &Wiring) -> Result<()> {
    let sessions = format!("{}/api/sessions", wiring.worker_origin());
    let answer = agent.get(format!("{sessions}?state=open")).call()?;
    let text = expect(200, answer, "listing sessions")?.body_mut().read_to_string()?;
    let list: Value = serde_json::from_str(&text).context("the list of sessions")?;
    for id in list["sessions"].as_array().into_iter().flatten().filter_map(|session| session["session_id"].as_str()) {
        expect(204, agent.delete(format!("{sessions}/{id}")).call()?, "closing the session")?;
    }
    Ok(())
}

fn expect(status: u16, mut answer: Response<Body>, what: &str) -> Result<Response<Body>> {
    if answer.status() == status {
        return Ok(answer);
    }
    let text = answer.body_mut().read_to_string().unwrap_or_default();
    bail!("{what}: {} where {status} was expected\n{text}", answer.status())
}
