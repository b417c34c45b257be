//! Clicks that are not clicks open nothing: they get a page that says what a click would open.

use reqwest::Method;

use crate::{
    environment::scripted,
    people::answer,
    scripted::{SESSION, target},
};

/// As they are sent. <https://api.slack.com/robots> and the like.
const AGENTS: [&str; 22] = [
    "Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)",
    "Mozilla/5.0 (compatible; Discordbot/2.0; +https://discordapp.com)",
    "Mozilla/5.0 (Windows NT 6.1; WOW64) SkypeUriPreview Preview/0.5 skype-url-preview@microsoft.com",
    "Twitterbot/1.0",
    "facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)",
    "WhatsApp/2.23.20.0",
    "LinkedInBot/1.0 (compatible; Mozilla/5.0; Apache-HttpClient +http://www.linkedin.com)",
    "TelegramBot (like TwitterBot)",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_5) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/13.1.1 \
     Safari/605.1.15 (Applebot/0.1; +http://www.apple.com/go/applebot)",
    "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
    "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm) \
     Chrome/116.0.1938.76 Safari/537.36",
    "mattermost-bot/1.0",
    "Mozilla/5.0 (compatible; ZulipURLPreview/9.4; +https://zulip.com)",
    "Iframely/1.3.1 (+https://iframely.com/docs/about)",
    "Mozilla/5.0 (compatible; Embedly/0.2; +http://support.embed.ly/)",
    "Mozilla/5.0 (compatible; urlscan/1.0; +https://urlscan.io)",
    "Dendrite/0.13.8",
    "Atlassian HttpClient 4.2.0 / Bitbucket-9.5.2 (9005002) / Default",
    // Rocket.Chat's, and that of its older versions.
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/41.0.2227.0 Safari/537.36 \
     Rocket.Chat/6.5.0",
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/41.0.2227.0 Safari/537.36",
    // What scanners of mail say, which follow links without a window.
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Safari/537.36",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:109.0) Gecko/20100101 Firefox/115.0",
];

/// Its `fetch` sends `sec-fetch-mode` and nothing else of the kind.
const NODE: &str = "node";

/// The windows of apps in which people click, and what is served because it means what it asks.
const CLICKERS: [(&str, bool); 8] = [
    (
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/122.0.6261.156 \
         Electron/29.3.0 Safari/537.36 Mattermost/5.9.0-develop.1",
        true,
    ),
    (
        "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) Rocket.Chat/4.0.1 \
         Chrome/128.0.6613.186 Electron/32.2.6 Safari/537.36",
        true,
    ),
    (
        "ZulipElectron/5.2.0 Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Zulip/5.2.0 \
         Chrome/80.0.3987.165 Electron/8.2.5 Safari/537.36",
        true,
    ),
    (
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 \
         Safari/537.36 Teams/1.7.00.26676",
        true,
    ),
    (
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) WhatsApp/2.2412.54 \
         Chrome/120.0.6099.291 Electron/28.2.10 Safari/537.36",
        true,
    ),
    ("curl/8.5.0", false),
    (NODE, false),
    ("Mozilla/5.0 (iPhone; CPU iPhone OS 15_6 like Mac OS X) AppleWebKit/605.1.15 Version/15.6 Safari/604.1", false),
];

const HEADERS: [(&str, &str); 9] = [
    ("sec-purpose", "prefetch"),
    ("sec-purpose", "prefetch;prerender"),
    ("purpose", "preview"),
    ("x-moz", "prefetch"),
    ("sec-fetch-dest", "image"),
    ("sec-fetch-dest", "iframe"),
    ("sec-fetch-dest", "empty"),
    ("sec-fetch-site", "cross-site"),
    ("origin", "https://evil.example"),
];

#[tokio::test]
async fn previews_scanners_and_parts_of_pages_get_a_page_and_no_browser() {
    let upstream = scripted().await;
    let page = upstream.page();
    let agents = AGENTS.map(|agent| ("user-agent", agent));
    for (name, value) in HEADERS.into_iter().chain(agents) {
        for request in [
            upstream.worker().click(&page, &[]),
            upstream.worker().get(&format!("/{page}")),
            upstream.worker().get("/s/1909cef7-23e8-4394-bc31-27404bf4348f"),
        ] {
            let preview = answer(request.header(name, value)).await;
            assert_eq!((preview.status, preview.header("location")), (200, ""), "{name}: {value}");
            assert!(preview.header("content-type").starts_with("text/html"), "{preview:?}");
            for tag in ["og:title", "og:description", "og:url", "og:type"] {
                assert!(preview.body.contains(&format!("<meta property=\"{tag}\" content=\"")), "{}", preview.body);
            }
            assert!(!preview.body.contains("jwt="), "{}", preview.body);
        }
    }
    let preview = answer(upstream.worker().click(&page, &[]).header("user-agent", AGENTS[0])).await;
    assert!(preview.body.contains(&format!("<p>{page}</p>")), "{}", preview.body);
    assert!(preview.body.contains("content=\"Debug example.com in Chrome DevTools\""), "{}", preview.body);
    assert_eq!(answer(upstream.worker().request(Method::HEAD, &format!("/{page}"))).await.status, 200);
    assert!(upstream.calls().await.is_empty(), "Browser Run was asked for nothing");
}

#[tokio::test]
async fn people_in_the_windows_of_apps_and_programs_open_what_they_click() {
    const LINK: &str = "https://live.browser.run/ui/view?wss=live.browser.run/api/x?jwt=a.b.c";
    let upstream = scripted().await;
    for (agent, is_window) in CLICKERS {
        upstream.acquires().await;
        upstream.answer(&format!("PUT /browser/{SESSION}/json/new"), target(LINK)).await;
        let mut click = upstream.click(&[]).header("user-agent", agent);
        if is_window {
            for (name, value) in [("site", "cross-site"), ("mode", "navigate"), ("dest", "document"), ("user", "?1")] {
                click = click.header(format!("sec-fetch-{name}"), value);
            }
        }
        if agent == NODE {
            click = click.header("sec-fetch-mode", "cors");
        }
        let opened = answer(click).await;
        // Where this machine is slow a person sees meanwhile what is happening, on a page that leads to the same link.
        let leads_to_it = match opened.status {
            200 if is_window => opened.body.contains(LINK),
            _ => opened.opened(302).link == LINK,
        };
        assert!(leads_to_it, "{agent}: {opened:?}");
    }
}
