//! What Chromium is started with.

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
    let mut arguments: Vec<OsString> = [
        "--headless=new",
        "--remote-debugging-port=0",
        // The first page is opened by us, so that it is there when we say so.
        "--no-startup-window",
        "--no-first-run",
        "--no-default-browser-check",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-default-apps",
        "--disable-sync",
        "--disable-search-engine-choice-screen",
        // Crash handlers leave the process group.
        "--disable-breakpad",
        "--disable-crash-reporter",
        // Containers have a tiny /dev/shm.
        "--disable-dev-shm-usage",
        // Tabs are looked at through CDP: none of them is ever in the background.
        "--disable-background-timer-throttling",
        "--disable-backgrounding-occluded-windows",
        "--disable-renderer-backgrounding",
        // What people look at, unless a client sets a viewport of its own.
        "--window-size=1280,800",
        "--mute-audio",
        "--password-store=basic",
        "--use-mock-keychain",
    ]
    .map(OsString::from)
    .into();
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
