//! What a user agent says of who is asking. Parts of names, in lower case, are enough.

use std::sync::LazyLock;

/// Parts by their first byte: a click asks for a hundred of them, and each name is gone through once.
struct Parts([Vec<&'static str>; 256]);

static BOT_PARTS: LazyLock<Parts> = LazyLock::new(|| Parts::new(&BOTS));
static APP_PARTS: LazyLock<Parts> = LazyLock::new(|| Parts::new(&APPS));
static BROWSER_PARTS: LazyLock<Parts> = LazyLock::new(|| Parts::new(&["chrome/, chromium/, firefox/"]));

/// What only previews, crawlers and scanners say.
const BOTS: [&str; 6] = [
    // Chats
    "slackbot, slack-imgproxy, slack-ss/, discordbot, skypeuripreview, teamsbot, telegrambot, line-poker, \
     kakaotalk-scrap, kakaostory, snap url preview, mattermost-bot, zulipurlpreview, synapse, google-chat, \
     zoombot",
    // Social networks
    "twitterbot, facebookexternalhit, facebookcatalog, facebot, meta-externalagent, meta-externalfetcher, \
     linkedinbot, redditbot, vkshare, cardyb, flipboardproxy, quora link preview, xing-contenttabreceiver",
    // Search engines and their assistants
    "applebot, googlebot, google-inspectiontool, googleother, google-read-aloud, google-safety, \
     google-extended, googleimageproxy, google-pagerenderer, google web preview, feedfetcher-google, \
     mediapartners-google, adsbot-google, apis-google, bingbot, bingpreview, msnbot, adidxbot, yandexbot, \
     baiduspider, duckduckbot, petalbot, bytespider, gptbot, chatgpt-user, oai-searchbot, claudebot, \
     claude-user, claude-web, perplexitybot, perplexity-user, amazonbot, ccbot",
    // Embeds and unfurlers
    "iframely, embedly, opengraph, unfurl, linkpreview, link preview, link-preview, urlpreview, notionbot, \
     atlassian httpclient, bitlybot, nuzzel, outbrain, w3c_validator",
    // Mail and security scanners
    "urlscan, virustotal, barracuda, mimecast, proofpoint, safelinks, symantec, zscaler, netcraft, phishtank, \
     checkmarknetwork, urlvoid, fortiguard",
    // What they have in common
    "+http, bot/, bot;, crawler, spider, scanner",
];

/// What programs say that fetch previews, and whose own windows, in which people click, say it too. The windows are browsers
/// and send `sec-fetch-*`, the fetchers don't.
const APPS: [&str; 4] = [
    // Chats
    "discord/, slack/, slack_ssb, telegram, microsoft teams, teams/, skype/, whatsapp, viber, kakaotalk, \
     mattermost, zulip, rocket.chat, signal-desktop, webexteams, lark/, feishu, dingtalk",
    // Matrix servers, whose previews are named as the server is
    "dendrite/, conduit/, conduwuit/, continuwuity/, tuwunel/",
    // Social networks
    "pinterest, tumblr, mastodon, pleroma, akkoma, misskey, bluesky, yandex",
    // Work
    "atlassian, jira, confluence, trello, asana, notion/, hubspot, ms-office, msoffice, microsoft office",
];

/// Whether it is a preview's, a crawler's or a scanner's.
pub(super) fn is_bot(agent: &str) -> bool {
    BOT_PARTS.are_in(agent)
}

/// Whether it is an app's, which may be a person's window or what fetches previews for it.
pub(super) fn is_app(agent: &str) -> bool {
    APP_PARTS.are_in(agent)
}

/// Whether it claims to be a browser that sends `sec-fetch-*`, as Chromium has since 76 and Firefox since 90. Those that claim
/// to be older are scanners as a rule (Rocket.Chat's is Chrome 41); a person who has one presses the button.
pub(super) fn is_browser(agent: &str) -> bool {
    BROWSER_PARTS.are_in(agent)
}

/// Whether it is Safari's, or that of another browser on iOS.
pub(super) fn is_webkit(agent: &str) -> bool {
    agent.contains("applewebkit/") && !is_browser(agent)
}

impl Parts {
    /// Those of lists, which separate them by commas.
    fn new(lists: &[&'static str]) -> Self {
        let mut by_first = [const { Vec::new() }; 256];
        for part in lists.iter().flat_map(|list| list.split(", ")) {
            by_first[usize::from(part.as_bytes()[0])].push(part);
        }
        Self(by_first)
    }

    /// Whether one of them is in a name.
    fn are_in(&self, agent: &str) -> bool {
        let agent = agent.as_bytes();
        let begins = |at: usize, part: &&str| agent[at..].starts_with(part.as_bytes());
        (0..agent.len()).any(|at| self.0[usize::from(agent[at])].iter().any(|part| begins(at, part)))
    }
}

#[cfg(test)]
mod tests {
    use super::super::is_click;

    /// As these services really send them, without `sec-fetch-*`.
    const FETCHERS: &[&str] = &[
        "Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)",
        "Slack-ImgProxy (+https://api.slack.com/robots)",
        "Mozilla/5.0 (compatible; Discordbot/2.0; +https://discordapp.com)",
        "Mozilla/5.0 (Windows NT 6.1; WOW64) SkypeUriPreview Preview/0.5 skype-url-preview@microsoft.com",
        "Twitterbot/1.0",
        "facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)",
        "facebookexternalhit/1.1 Facebot Twitterbot/1.0",
        "WhatsApp/2.23.20.0 A",
        "LinkedInBot/1.0 (compatible; Mozilla/5.0; Apache-HttpClient +http://www.linkedin.com)",
        "TelegramBot (like TwitterBot)",
        "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_5) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/13.1.1 \
         Safari/605.1.15 (Applebot/0.1; +http://www.apple.com/go/applebot)",
        "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; Googlebot/2.1; \
         +http://www.google.com/bot.html) Chrome/125.0.6422.175 Safari/537.36",
        "Mozilla/5.0 (Windows NT 5.1; rv:11.0) Gecko Firefox/11.0 (via ggpht.com GoogleImageProxy)",
        "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; bingbot/2.0; \
         +http://www.bing.com/bingbot.htm) Chrome/116.0.1938.76 Safari/537.36",
        "Mozilla/5.0 (Windows NT 6.1; WOW64) AppleWebKit/534+ (KHTML, like Gecko) BingPreview/1.0b",
        "Mattermost-Bot/1.1",
        "Mozilla/5.0 (compatible; ZulipURLPreview/9.0; +https://zulip.com)",
        "Iframely/1.3.1 (+https://iframely.com/docs/about)",
        "Mozilla/5.0 (compatible; Embedly/0.2; +http://support.embed.ly/)",
        "urlscan.io",
        "Mozilla/5.0 (compatible; redditbot/1.0; +http://www.reddit.com/feedback)",
        "http.rb/5.1.1 (Mastodon/4.2.1; +https://mastodon.social/) Bot",
        "Mozilla/4.0 (compatible; ms-office; MSOffice 16)",
        "Mozilla/5.0 (compatible; GPTBot/1.2; +https://openai.com/gptbot)",
        "Synapse (bot; +https://github.com/matrix-org/synapse)",
        "Dendrite/0.13.8",
        "Tuwunel/1.8.1 preview",
        "continuwuity/0.5.0 (bot; +https://continuwuity.org)",
        "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/41.0.2227.0 Safari/537.36",
        "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/41.0.2227.0 Safari/537.36 \
         Rocket.Chat/6.5.0",
        "Mozilla/5.0 (Macintosh; Intel Mac OS X 14_1_1) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/121.0.6167.86 \
         Safari/537.36 Lark/7.27.8 LarkLocale/zh_CN ttnet SDK-Version/7.27.8",
        "Atlassian HttpClient0.17.3 / JIRA-6.3.15 (6346) / Default",
        "Atlassian HttpClient 4.2.0 / Bitbucket-9.5.2 (9005002) / Default",
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Safari/537.36",
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:109.0) Gecko/20100101 Firefox/115.0",
    ];

    /// Windows in which people click.
    const WINDOWS: &[&str] = &[
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/122.0.6261.156 \
         Electron/29.3.0 Safari/537.36 Mattermost/5.9.0-develop.1",
        "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) Rocket.Chat/4.0.1 \
         Chrome/128.0.6613.186 Electron/32.2.6 Safari/537.36",
        "ZulipElectron/5.2.0 Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Zulip/5.2.0 \
         Chrome/80.0.3987.165 Electron/8.2.5 Safari/537.36",
        "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Slack/4.45.0 Chrome/138.0.7204.97 \
         Electron/37.2.3 Safari/537.36 Slack_SSB/4.45.0",
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 \
         Safari/537.36 Teams/1.7.00.26676",
        "Mozilla/5.0 (Macintosh; Intel Mac OS X 14_1_1) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/121.0.6167.86 \
         Safari/537.36 Lark/7.27.8 LarkLocale/zh_CN ttnet SDK-Version/7.27.8",
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) WhatsApp/2.2412.54 \
         Chrome/120.0.6099.291 Electron/28.2.10 Safari/537.36",
    ];

    /// A navigation that a person began on another site, by this browser.
    fn is_click_of_a_person(agent: &str) -> bool {
        is_click("GET", true, |name| {
            let value = match name {
                "user-agent" => agent,
                "sec-fetch-site" => "cross-site",
                "sec-fetch-mode" => "navigate",
                "sec-fetch-dest" => "document",
                "sec-fetch-user" => "?1",
                _ => return None,
            };
            Some(value.to_owned())
        })
    }

    #[test]
    fn the_real_previews_open_nothing() {
        for agent in FETCHERS {
            assert!(!is_click("GET", true, |name| (name == "user-agent").then(|| (*agent).to_owned())), "{agent}");
        }
    }

    #[test]
    fn an_apps_own_window_is_a_person_and_a_crawler_never_is() {
        for agent in WINDOWS {
            assert!(is_click_of_a_person(agent), "{agent}");
            assert!(!is_click("GET", true, |name| (name == "user-agent").then(|| (*agent).to_owned())), "{agent}");
        }
        for agent in
            ["Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)", "Slackbot 1.0 (+https://x)"]
        {
            assert!(!is_click_of_a_person(agent), "{agent}");
        }
    }
}
