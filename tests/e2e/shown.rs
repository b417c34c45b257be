//! Every page that people see, in a real browser: readable by a screen reader, in light and dark, on a desk and on a phone.
//! `cargo xtask screenshots` has them photographed.

use std::{env, fs, path::Path, time::Duration};

use base64::{Engine as _, prelude::BASE64_STANDARD};
use cdp_client::Cdp;
use reqwest::Method;
use serde_json::{Value, json};

use crate::{
    browser_run::BrowserRun,
    environment::site,
    people::{Person, access_tokens, token_of},
    signed_links,
    site::Site,
    until::until,
    worker::{Settings, Worker},
};

/// Where pictures go, if anywhere.
const FOLDER: &str = "SCREENSHOTS";
/// Names of schemes, and widths and heights of windows.
const LOOKS: [(&str, u32, u32); 3] = [("light", 900, 800), ("dark", 900, 800), ("light", 360, 740)];
/// A click that takes so long.
const SLOW: Duration = Duration::from_secs(5);

/// A person's browser, a Worker, and Browser Run behind it.
struct Shown {
    worker: Worker,
    browser_run: BrowserRun,
    tab: Cdp,
    axe: String,
}

impl Shown {
    async fn start() -> Self {
        let browser_run = BrowserRun::start("a-token-for-what-is-shown").await;
        let mut variables = browser_run.variables().to_vec();
        variables.extend([
            ("ACCESS_OPEN", "false".to_owned()),
            ("ALLOWED_HOSTS", "127.*".to_owned()),
            ("MAX_BROWSER_MINUTES_PER_DAY", "600".to_owned()),
            ("MAX_OPENS_PER_MINUTE", "20".to_owned()),
            ("OPERATOR_CONTACT", "Vera, vera@example.com".to_owned()),
        ]);
        let secrets = vec![browser_run.secret(), access_tokens(), signed_links::keys()];
        let worker = Worker::start(&Settings { secrets, variables, ..Settings::default() }).await;
        let mut tab = Cdp::behind(&browser_run.open("about:blank").await.1).await.unwrap();
        tab.call("Network.enable", json!({})).await;
        let axe = Path::new(env!("CARGO_MANIFEST_DIR")).join("node_modules/axe-core/axe.min.js");
        Self { worker, browser_run, tab, axe: fs::read_to_string(axe).unwrap() }
    }

    fn ada(&self) -> Person<'_> {
        Person::new(&self.worker, "ada")
    }

    /// From now on the browser sends these.
    async fn send(&mut self, headers: Value) {
        self.tab.call("Network.setExtraHTTPHeaders", json!({ "headers": headers })).await;
    }

    async fn sign_in(&mut self) {
        self.send(json!({ "authorization": format!("Bearer {}", token_of("ada")) })).await;
    }

    async fn go(&mut self, path: &str) {
        let url = format!("{}{path}", self.worker.origin);
        self.tab.send("Page.navigate", json!({ "url": url })).await;
    }

    /// Goes there, and looks at it.
    async fn see(&mut self, path: &str, title: &str, name: &str) {
        self.go(path).await;
        self.look(title, name).await;
    }

    /// Looks at the page with this heading, whichever way it came, in every way.
    async fn look(&mut self, title: &str, name: &str) {
        let heading = "[...document.querySelectorAll('h1')].find(h1 => h1.checkVisibility())?.textContent";
        self.tab.until(heading, &json!(title)).await;
        self.tab.evaluate(&format!("{};0", self.axe)).await;
        for (scheme, width, height) in LOOKS {
            let features = json!([{ "name": "prefers-color-scheme", "value": scheme }]);
            self.tab.call("Emulation.setEmulatedMedia", json!({ "features": features })).await;
            let metrics = json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 500 });
            self.tab.call("Emulation.setDeviceMetricsOverride", metrics).await;
            self.expect_accessible(&format!("{name} {scheme} {width}")).await;
            self.photograph(&format!("{name}-{scheme}-{width}")).await;
        }
        self.tab.call("Emulation.clearDeviceMetricsOverride", json!({})).await;
    }

    async fn expect_accessible(&mut self, what: &str) {
        let violations =
            "axe.run({ preload: false }).then(({ violations }) => JSON.stringify(violations.map(({ id, nodes }) =>
            [id, nodes.map(({ html, failureSummary }) => [html, failureSummary])])))";
        let answer = json!({ "expression": violations, "awaitPromise": true, "returnByValue": true });
        let found = self.tab.call("Runtime.evaluate", answer).await;
        assert_eq!(found["result"]["value"], "[]", "{what}");
        let overflows = "document.documentElement.scrollWidth > innerWidth";
        assert_eq!(self.tab.evaluate(overflows).await, json!(false), "{what} is wider than its window");
    }

    async fn photograph(&mut self, name: &str) {
        let Ok(folder) = env::var(FOLDER) else { return };
        let size = self.tab.evaluate("[innerWidth, document.documentElement.scrollHeight]").await;
        let clip = json!({ "x": 0, "y": 0, "width": size[0], "height": size[1], "scale": 1 });
        let whole = json!({ "format": "png", "captureBeyondViewport": true, "clip": clip });
        let picture = self.tab.call("Page.captureScreenshot", whole).await;
        let picture = BASE64_STANDARD.decode(picture["data"].as_str().unwrap()).unwrap();
        fs::write(Path::new(&folder).join(name).with_extension("png"), picture).unwrap();
    }
}

#[tokio::test]
async fn every_page_is_for_everybody() {
    let (mut shown, site) = (Shown::start().await, site().await);
    strangers(&mut shown).await;
    shown.sign_in().await;
    home_and_links(&mut shown, site).await;
    wrong_turns(&mut shown, site).await;
    ended(&mut shown, site).await;
    upstream_fails(&mut shown, site).await;
    slow(&mut shown, site).await;
}

fn page(site: &Site, path: &str) -> String {
    format!("/?url={}/{path}", site.origin)
}

async fn strangers(shown: &mut Shown) {
    shown.see("/", "Live Chrome DevTools by a link", "stranger").await;
    // Not by going there: the browser would ask for a password first.
    let write = "fetch('/links', { credentials: 'omit', headers: { accept: 'text/html' } }).then(page => page.text())
        .then(page => { document.open(); document.write(page); document.close() })";
    shown.tab.evaluate(write).await;
    shown.look("Sign in to open this", "sign-in").await;
}

async fn home_and_links(shown: &mut Shown, site: &Site) {
    shown.see("/", "Open DevTools on any page", "home-empty").await;
    let first = shown.ada().open(&format!("{}/first", site.origin), &[]).await;
    let second = shown.ada().open(&format!("{}/second", site.origin), &[("fresh", "true")]).await;
    let title = "document.querySelectorAll('article b').length";
    until("home has the titles of both pages", async || {
        shown.go("/").await;
        shown.tab.until("document.readyState", &json!("complete")).await;
        if shown.tab.evaluate(title).await == json!(2) { Ok(()) } else { Err("no titles".to_owned()) }
    })
    .await;
    shown.tab.evaluate("document.querySelector('details').open = true").await;
    shown.look("Open DevTools on any page", "home").await;

    shown.see("/links", "Links for others", "links-empty").await;
    let (link, path) =
        signed_links::make(shown.ada(), json!({ "url": format!("{}/linked", site.origin), "note": "for Rosa" })).await;
    shown.tab.evaluate("document.querySelector('input[name=url]').value = 'http://127.0.0.1/made'").await;
    shown.tab.click("main form button").await;
    shown.tab.until("Boolean(document.querySelector('input[readonly]'))", &json!(true)).await;
    shown.look("Links for others", "links").await;
    let revoked = shown.ada().request(Method::DELETE, &format!("/api/links/{link}")).send().await.unwrap();
    assert_eq!(revoked.status(), 204);
    shown.see(&path, "This link was revoked", "link-revoked").await;
    for session in [first.session, second.session] {
        shown.ada().delete(&format!("/api/sessions/{session}")).await;
    }
}

async fn wrong_turns(shown: &mut Shown, site: &Site) {
    shown.send(json!({ "authorization": format!("Bearer {}", token_of("ada")), "sec-purpose": "prefetch" })).await;
    shown.see(&page(site, "a"), "Debug 127.0.0.1 in Chrome DevTools", "preview").await;
    shown.sign_in().await;

    shown.see("/?url=htps://127.0.0.1/a", "This kind of URL can't be opened", "url-scheme").await;
    shown.see("/?url=https://127.0.0.1/?a=1&b=2", "Unknown option", "unknown-option").await;
    shown.see("/?url=https://example.com/", "This page may not be opened here", "host-refused").await;
    shown.see("/nothing", "There is nothing here", "not-found").await;
    shown.see("/l/1.new.e30.AAAA", "This link can't be opened", "link-invalid").await;
    shown.see("/metrics", "This is for operators", "not-an-operator").await;
}

async fn ended(shown: &mut Shown, site: &Site) {
    let bobs = Person::new(&shown.worker, "bob").open(&format!("{}/bobs", site.origin), &[]).await;
    Person::new(&shown.worker, "bob").delete(&format!("/api/sessions/{}", bobs.session)).await;
    shown.see(&bobs.permalink, "This browser has ended", "ended-others").await;
    let own = shown.ada().open(&format!("{}/own", site.origin), &[]).await;
    shown.ada().delete(&format!("/api/sessions/{}", own.session)).await;
    shown.see(&own.permalink, "This browser has ended", "ended").await;

    let recorded = shown.ada().open(&format!("{}/recorded", site.origin), &[("recording", "true")]).await;
    shown.browser_run.has_recorded("Sea otters").await;
    shown.browser_run.is_old_enough_to_be_recorded(&recorded.session).await;
    shown.ada().delete(&format!("/api/sessions/{}", recorded.session)).await;
    shown.go(&recorded.permalink).await;
    shown.tab.until("Boolean(document.querySelector('.rr-player'))", &json!(true)).await;
    shown.look("This browser has ended", "replay").await;
}

async fn upstream_fails(shown: &mut Shown, site: &Site) {
    for (status, body, title, name) in [
        (429, "Rate limit exceeded", "Browsers are being opened too fast", "too-fast"),
        (429, "Browser time limit exceeded for today", "No browser minutes are left today", "no-browser-time"),
        (503, "No browser available", "No browser is free right now", "no-browser"),
        (500, "oops", "Browser Run answered something unexpected", "upstream"),
        (401, "Authentication failed", "Browser Run refused this service", "denied"),
    ] {
        shown.browser_run.inject(&json!({ "on": "POST /browser", "status": status, "body": body }));
        shown.see(&page(site, name), title, name).await;
    }
}

/// A click that takes twice five seconds, and ends in DevTools by itself.
async fn slow(shown: &mut Shown, site: &Site) {
    shown.browser_run.inject(&json!({ "on": "*", "delayMs": SLOW.as_millis() as u64, "times": 2 }));
    shown.go(&format!("{}&recording", page(site, "slow"))).await;
    shown.tab.until("document.querySelector('li a')?.textContent", &json!("here")).await;
    shown.look("Opening 127.0.0.1", "starting").await;
    let live_view = format!("location.href.startsWith('{}/ui/')", shown.browser_run.url());
    shown.tab.until(&live_view, &json!(true)).await;
}
