//! Clicks that are not clicks open nothing: they get a page that says what a click would open.

use reqwest::Method;

use crate::{environment::scripted, people::answer};

/// As they are sent. <https://api.slack.com/robots> and the like.
const AGENTS: [&str; 16] = [
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
];

const HEADERS: [(&str, &str); 10] = [
    ("sec-purpose", "prefetch"),
    ("sec-purpose", "prefetch;prerender"),
    ("purpose", "preview"),
    ("x-moz", "prefetch"),
    ("sec-fetch-dest", "image"),
    ("sec-fetch-dest", "iframe"),
    ("sec-fetch-dest", "empty"),
    ("sec-fetch-mode", "no-cors"),
    ("sec-fetch-mode", "cors"),
    ("origin", "https://evil.example"),
];

#[tokio::test]
async fn previews_scanners_and_parts_of_pages_get_a_page_with_open_graph_tags_and_no_browser() {
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
    assert!(preview.body.contains(&format!("content=\"Debug {page} in Chrome DevTools\"")), "{}", preview.body);
    assert_eq!(answer(upstream.worker().request(Method::HEAD, &format!("/{page}"))).await.status, 200);
    assert!(upstream.calls().await.is_empty(), "Browser Run was asked for nothing");
}
