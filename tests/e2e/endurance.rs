//! A hundred clicks and closes, while Browser Run, its sessions and the Worker are killed in between: no browser is
//! forgotten, and none is closed that somebody else opened.

use std::{collections::HashSet, time::Duration};

use cdp_client::Cdp;
use futures_util::{StreamExt as _, stream::FuturesUnordered};
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::{
    browser_run::BrowserRun,
    environment::site,
    people::{Opened, Person, access_tokens, answer},
    until::until,
    worker::{Settings, Worker},
};

const ROUNDS: usize = 10;
/// Longer than the test: until then the clean-up alone closes anything.
const KEEP_ALIVE: Duration = Duration::from_secs(600);
/// The Worker is killed twice; so many browsers at most can it have asked for at that moment, and never heard of.
const MOST_UNHEARD_OF: usize = 6;
/// Fewest browsers of all those rounds that make the end worth looking at.
const FEWEST_BROWSERS: usize = 12;

struct World {
    worker: Worker,
    browser_run: BrowserRun,
    site: &'static str,
    /// Every tab that a click was redirected to, with its session's owner.
    opened: Vec<(&'static str, Opened)>,
}

impl World {
    async fn start(folder: &TempDir) -> Self {
        let browser_run = BrowserRun::start_in("a-token-for-a-long-day", folder.path().to_owned()).await;
        let mut variables = browser_run.variables().to_vec();
        variables.extend([
            ("ACCESS_OPEN", "true".to_owned()),
            ("OPERATORS", "anonymous".to_owned()),
            ("IDLE_MINUTES", "0.05".to_owned()),
            ("MAX_SESSION_MINUTES", "0.2".to_owned()),
            ("KEEP_ALIVE_SECONDS", KEEP_ALIVE.as_secs().to_string()),
        ]);
        let secrets = vec![browser_run.secret(), access_tokens()];
        let worker = Worker::start(&Settings { secrets, variables, ..Settings::default() }).await;
        Self { worker, browser_run, site: &site().await.origin, opened: Vec::new() }
    }

    /// Ten requests, with whose they are.
    fn requests(&self, round: usize) -> Vec<(&'static str, RequestBuilder)> {
        let page = |name: &str| format!("{}/endurance/{round}/{name}", self.site);
        let click = |name, page: &str, fresh| {
            let url = format!("/?url={page}{fresh}");
            (name, Person::new(&self.worker, name).request(Method::GET, &url))
        };
        let mut requests = vec![
            click("ada", &page("1"), ""),
            click("ada", &page("1"), ""),
            click("ada", &page("2"), ""),
            click("bob", &page("1"), ""),
            click("bob", &page("2"), ""),
            match round % 2 {
                0 => click("cleo", &page("1"), "&fresh=true"),
                _ => ("anonymous", self.worker.click(&page("1"), &[])),
            },
        ];
        let last = self.opened.len();
        for (distance, method) in [(1, Method::GET), (4, Method::POST), (2, Method::DELETE)] {
            let Some((name, tab)) = last.checked_sub(distance).map(|index| &self.opened[index]) else {
                requests.push(click("bob", &page(&distance.to_string()), ""));
                continue;
            };
            let path =
                if method == Method::DELETE { &format!("/api/sessions/{}", tab.session) } else { &tab.permalink };
            let request = match *name {
                "anonymous" => self.worker.request(method, path),
                name => Person::new(&self.worker, name).request(method, path),
            };
            requests.push((name, request));
        }
        requests.push(("anonymous", self.worker.request(Method::POST, "/api/sweep")));
        requests
    }

    /// Sends them all at once. When the first is answered, and the others are under way, something happens.
    async fn round(mut self, round: usize) -> Self {
        let mut answers: FuturesUnordered<_> = self
            .requests(round)
            .into_iter()
            .map(async |(name, request)| Some((name, request.send().await.ok()?)))
            .collect();
        let first = answers.next().await.unwrap();
        match round {
            3 | 7 => self.worker.kill_and_start_again().await,
            2 | 5 => self.browser_run = self.browser_run.restart().await,
            _ => self.kill_a_session().await,
        }
        let answers = answers.collect::<Vec<_>>().await.into_iter().chain([first]).flatten();
        let tabs = answers.filter_map(|(name, answer)| Some((name, Opened::read(answer.headers())?)));
        self.opened.extend(tabs);
        self
    }

    async fn kill_a_session(&self) {
        if let Some((_, tab)) = self.opened.last() {
            self.browser_run.close(&tab.session).await;
        }
    }
}

#[tokio::test]
async fn a_killed_worker_leaves_no_browser_but_the_one_that_is_not_ours() {
    let folder = TempDir::new().unwrap();
    let mut world = World::start(&folder).await;
    for round in 0..=5 {
        world = world.round(round).await;
    }
    // Its own browser, after Browser Run's last restart.
    let (own, own_link) = world.browser_run.open("about:blank").await;
    let mut own_tab = Cdp::behind(&own_link).await.unwrap();
    for round in 6..ROUNDS {
        world = world.round(round).await;
    }
    let sessions: HashSet<_> = world.opened.iter().map(|(_, tab)| &tab.session).collect();
    assert!(sessions.len() >= FEWEST_BROWSERS, "{sessions:?}");

    let left = until("nothing that is running is in the ledger", async || {
        let report: Value = sweep(&world.worker).await;
        let browsers = world.browser_run.browsers();
        if report["foreign"] == browsers.len() {
            Ok(browsers.len())
        } else {
            Err(format!("{browsers:?} after {report}"))
        }
    })
    .await;
    assert!((1..=1 + MOST_UNHEARD_OF).contains(&left), "{left} browsers");
    // Those that the Worker never heard of have nobody, and so they end by themselves.
    world.browser_run.advance(KEEP_ALIVE);
    until("one browser is left", async || {
        let browsers = world.browser_run.browsers();
        if browsers.len() == 1 { Ok(()) } else { Err(format!("{browsers:?}")) }
    })
    .await;
    assert!(world.browser_run.session(&own).await["endTime"].is_null());
    assert_eq!(own_tab.evaluate("1 + 1").await, json!(2));
}

async fn sweep(worker: &Worker) -> Value {
    answer(worker.request(Method::POST, "/api/sweep")).await.json(200)
}
