//! What Chromium is started with, and why. The measure is what Puppeteer launches with: what this leaves out is in
//! `tests/it/switches.rs`, with the reason for each.

use std::{
    ffi::OsString,
    net::SocketAddr,
    path::{Path, PathBuf},
};

/// How Chromium is started.
#[derive(Debug, Clone)]
pub(crate) struct Launch {
    pub(crate) program: PathBuf,
    /// Where profiles are.
    pub(crate) tmpdir: PathBuf,
    /// Whether its sandbox is left out.
    pub(crate) no_sandbox: bool,
}

/// How it runs, and what it leaves out since nobody at this machine uses it.
const RUN: [&str; 23] = [
    "--headless=new",
    "--remote-debugging-port=0",
    // The recorder's own way to it.
    "--remote-debugging-pipe",
    // The first page is opened by us, so that it is there when we say so.
    "--no-startup-window",
    "--no-first-run",
    "--no-default-browser-check",
    "--disable-default-apps",
    "--disable-search-engine-choice-screen",
    // Nothing goes out but what pages and clients ask for.
    "--disable-background-networking",
    "--disable-client-side-phishing-detection",
    "--disable-component-update",
    "--disable-sync",
    "--metrics-recording-only",
    // Fewer processes.
    "--disable-component-extensions-with-background-pages",
    "--disable-extensions",
    // Crash handlers leave the process group.
    "--disable-breakpad",
    "--disable-crash-reporter",
    // Containers have a tiny /dev/shm.
    "--disable-dev-shm-usage",
    // No keyring of this machine is asked.
    "--password-store=basic",
    "--use-mock-keychain",
    "--mute-audio",
    // What people look at, unless a client sets a viewport of its own.
    "--window-size=1280,800",
    // There is no mouse here, but pages are used with one: `(hover: hover)` and `(pointer: fine)`.
    "--blink-settings=primaryHoverType=2,availableHoverTypes=2,primaryPointerType=4,availablePointerTypes=4",
];

/// What clients rely on: without these, pages do less than under the same client's own Chromium, or something else.
const AUTOMATION: [&str; 17] = [
    // Tabs are looked at through CDP: none of them is ever in the background.
    "--disable-background-timer-throttling",
    "--disable-backgrounding-occluded-windows",
    "--disable-renderer-backgrounding",
    // A page that comes back out of this cache loads nothing, and Playwright's `goBack` waits for its load.
    "--disable-back-forward-cache",
    // 200 calls of `history.pushState` in 10 s would be the last.
    "--disable-ipc-flooding-protection",
    // Input that comes just before a page's first picture counts.
    "--allow-pre-commit-input",
    // Questions that nobody sees: about a page that hangs, a form that is sent again, a window that a script opens.
    "--disable-hang-monitor",
    "--disable-prompt-on-repost",
    "--disable-popup-blocking",
    "--disable-infobars",
    // Pictures are as wide as the page, and have the same colours on every machine.
    "--hide-scrollbars",
    "--force-color-profile=srgb",
    // PDFs have tags and an outline, and the frames of other sites.
    "--export-tagged-pdf",
    "--generate-pdf-document-outline",
    "--enable-features=PdfOopif",
    // Bars over the page, look-ups that nobody asked for, what Puppeteer knows to break interception
    // (https://crbug.com/1348106, https://crbug.com/1492053, https://github.com/puppeteer/puppeteer/issues/10715), and
    // the browser's own pages, which clients would see as targets.
    "--disable-features=Translate,AcceptCHFrame,MediaRouter,OptimizationHints,WebUIReloadButton,WebUIOmniboxPopup,\
     WebUIOmniboxAimPopup,ProcessPerSiteUpToMainFrameThreshold,IsolateSandboxedIframes",
    // `navigator.webdriver` is true, as Browser Run's is.
    "--enable-automation",
];

/// With a proxy, these leave a browser no other way out.
const THROUGH_A_PROXY: [&str; 6] = [
    // This machine's own servers are hosts like any other.
    "--proxy-bypass-list=<-loopback>",
    "--disable-quic",
    // Its name differs between versions.
    "--webrtc-ip-handling-policy=disable_non_proxied_udp",
    "--force-webrtc-ip-handling-policy=disable_non_proxied_udp",
    "--dns-prefetch-disable",
    // The proxy resolves names, after the policy has been asked.
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
];

/// Every flag of a Chromium with this profile, which may reach the world through this proxy only, if there is one.
pub(super) fn all(launch: &Launch, profile: &Path, proxy: Option<SocketAddr>) -> Vec<OsString> {
    let mut arguments: Vec<OsString> = RUN.iter().chain(&AUTOMATION).map(OsString::from).collect();
    // Chromium refuses to run its sandbox as root.
    if launch.no_sandbox || rustix::process::geteuid().is_root() {
        arguments.push("--no-sandbox".into());
    }
    if let Some(proxy) = proxy {
        arguments.push(format!("--proxy-server=http://{proxy}").into());
        arguments.extend(THROUGH_A_PROXY.map(OsString::from));
    }
    let mut data_dir = OsString::from("--user-data-dir=");
    data_dir.push(profile);
    arguments.push(data_dir);
    arguments
}
