//! One click: which page to open and how, read from a query string, a path or a JSON body. What is no click at all:
//! [`preview`].

pub(crate) mod preview;

use browser_run_api::LiveViewMode;
use lean_json::FromJson;
use lean_json::ToJson;
use page_url::{InvalidUrl, PageUrl, query};

/// The options of the `?url=` form, as an error message lists them.
const OPTIONS: &str = "url, keep_alive, mode, readonly, recording, fresh. If it belongs to the page's URL, percent-encode \
                       that URL";
/// What `keep_alive` may be, in seconds.
const KEEP_ALIVE_SECONDS: std::ops::RangeInclusive<u32> = 10..=1_200;

/// A checked request to open a page.
#[derive(Debug, Clone, PartialEq, Eq, Hash, ToJson, FromJson)]
pub(crate) struct Click {
    pub(crate) url: PageUrl,
    pub(crate) options: Options,
    /// Asks for a session of its own even where the caller has one.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) fresh: bool,
}

/// How a page is opened and shown.
#[derive(Debug, Clone, PartialEq, Eq, Hash, ToJson, FromJson)]
pub(crate) struct Options {
    /// The session's inactivity timeout.
    pub(crate) keep_alive_seconds: u32,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) recording: bool,
    #[serde(default)]
    pub(crate) view: View,
}

/// What holds for a click that does not say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Defaults {
    /// `KEEP_ALIVE_SECONDS` (600): a session's inactivity timeout.
    pub(crate) keep_alive_seconds: u32,
    /// `RECORD` (false): whether sessions are recorded.
    pub(crate) recording: bool,
}

/// What a link shows, and allows. The default is Browser Run's own default link.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, ToJson, FromJson)]
pub(crate) struct View {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) mode: Option<LiveViewMode>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) readonly: bool,
}

impl Options {
    /// Whether a tab that is asked for with these can be in a session that is recorded or not, and lives so long unused.
    /// Nobody is recorded who did not ask for it, and nobody who did goes unrecorded.
    pub(crate) fn can_share(&self, recording: bool, keep_alive_seconds: u32) -> bool {
        self.recording == recording && self.keep_alive_seconds <= keep_alive_seconds
    }
}

impl View {
    /// Whether the link has to be asked for by itself.
    pub(crate) fn is_special(self) -> bool {
        self.mode.is_some() || self.readonly
    }
}

/// How a [`LiveViewMode`] is described in openapi.json: the wire type knows no schemas.
#[cfg(test)]
#[derive(schemars::JsonSchema)]
#[schemars(rename_all = "lowercase", description = "What a link shows.")]
#[expect(dead_code, reason = "it is only described")]
pub(crate) enum Mode {
    Devtools,
    Tab,
    Full,
}

/// A click as it was sent: the body of `POST /api/sessions`, or the same fields from a query string.
#[derive(Debug, Default, FromJson)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(crate) struct ClickRequest {
    /// http or https, at most 2048 bytes.
    url: String,
    /// Seconds.
    #[serde(default)]
    #[cfg_attr(test, schemars(range(min = 10, max = 1_200)))]
    keep_alive: Option<u64>,
    #[cfg_attr(test, schemars(with = "Option<Mode>"))]
    mode: Option<LiveViewMode>,
    #[serde(default)]
    readonly: bool,
    /// Where it is not said, the Worker's `RECORD`.
    #[serde(default)]
    recording: Option<bool>,
    #[serde(default)]
    fresh: bool,
}

/// What is wrong with a click, as its sender is told.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum InvalidClick {
    #[error(transparent)]
    Url(#[from] InvalidUrl),
    #[error("unknown option `{name}`; allowed: {allowed}")]
    Unknown { name: String, allowed: &'static str },
    #[error("option `{0}` is given twice")]
    Twice(String),
    #[error("`{name}` is `{value}`; allowed is {allowed}")]
    OutOfRange { name: &'static str, value: String, allowed: &'static str },
    #[error("`{0}` is not percent-encoded UTF-8")]
    Encoding(String),
    #[error("the body is not what is expected: {0}")]
    Body(String),
}

impl Click {
    /// Reads the `?url=` form.
    pub(crate) fn from_query(query: &str, defaults: Defaults) -> Result<Self, InvalidClick> {
        let mut request = ClickRequest::default();
        let mut seen = Vec::new();
        for pair in query::pairs(query) {
            let (name, value) = pair.map_err(|piece| InvalidClick::Encoding(piece.to_owned()))?;
            if seen.contains(&name) {
                return Err(InvalidClick::Twice(name.into_owned()));
            }
            request.set(&name, &value)?;
            seen.push(name);
        }
        request.check(defaults)
    }

    /// Reads the prefix form: everything behind the first slash is the URL, the query included.
    /// `None` when it does not begin like a URL.
    pub(crate) fn from_path(after_slash: &str, defaults: Defaults) -> Option<Result<Self, InvalidClick>> {
        let scheme_end = after_slash.find(|c: char| !(c.is_ascii_alphanumeric() || "+-.".contains(c)))?;
        let rest = &after_slash[scheme_end..];
        let encoded = rest.get(..3).is_some_and(|colon| colon.eq_ignore_ascii_case("%3a"));
        if scheme_end == 0 || !(encoded || rest.starts_with(':')) {
            return None;
        }
        let url = match encoded.then(|| query::decode(after_slash)) {
            None => after_slash.to_owned(),
            Some(Some(url)) => url.into_owned(),
            Some(None) => return Some(Err(InvalidClick::Encoding(after_slash.to_owned()))),
        };
        Some(ClickRequest { url, ..ClickRequest::default() }.check(defaults))
    }

    /// Reads the body of `POST /api/sessions`.
    pub(crate) fn from_json(body: &str, defaults: Defaults) -> Result<Self, InvalidClick> {
        parse_body::<ClickRequest>(body)?.check(defaults)
    }
}

/// Reads a JSON body.
pub(crate) fn parse_body<T: FromJson>(body: &str) -> Result<T, InvalidClick> {
    lean_json::read(body).map_err(|error| InvalidClick::Body(error.to_string()))
}

impl ClickRequest {
    fn set(&mut self, name: &str, value: &str) -> Result<(), InvalidClick> {
        match name {
            "url" => value.clone_into(&mut self.url),
            "keep_alive" => self.keep_alive = Some(value.parse().map_err(|_| keep_alive_out_of_range(value))?),
            // A form sends what nobody has chosen as nothing.
            "mode" if value.is_empty() => {}
            "mode" => {
                self.mode = Some(value.parse().map_err(|_| out_of_range("mode", value, "devtools, tab or full"))?)
            }
            "readonly" => self.readonly = parse_flag("readonly", value)?,
            "recording" => self.recording = Some(parse_flag("recording", value)?),
            "fresh" => self.fresh = parse_flag("fresh", value)?,
            _ => return Err(InvalidClick::Unknown { name: name.to_owned(), allowed: OPTIONS }),
        }
        Ok(())
    }

    /// What a signed link may say of its click.
    pub(crate) fn link(
        url: String, keep_alive: Option<u64>, mode: Option<LiveViewMode>, readonly: bool, recording: Option<bool>,
    ) -> Self {
        Self { url, keep_alive, mode, readonly, recording, ..Self::default() }
    }

    pub(crate) fn check(self, defaults: Defaults) -> Result<Click, InvalidClick> {
        let keep_alive = self.keep_alive.unwrap_or_else(|| defaults.keep_alive_seconds.into());
        let keep_alive_seconds = u32::try_from(keep_alive).ok().filter(|seconds| KEEP_ALIVE_SECONDS.contains(seconds));
        let keep_alive_seconds = keep_alive_seconds.ok_or_else(|| keep_alive_out_of_range(&keep_alive.to_string()))?;
        let Self { mode, readonly, fresh, .. } = self;
        let recording = self.recording.unwrap_or(defaults.recording);
        let options = Options { keep_alive_seconds, recording, view: View { mode, readonly } };
        Ok(Click { url: PageUrl::parse(&self.url)?, options, fresh })
    }
}

/// `?readonly` alone means `true`.
pub(crate) fn parse_flag(name: &'static str, value: &str) -> Result<bool, InvalidClick> {
    match value {
        "" | "true" | "1" => Ok(true),
        "false" | "0" => Ok(false),
        _ => Err(out_of_range(name, value, "true or false")),
    }
}

fn keep_alive_out_of_range(value: &str) -> InvalidClick {
    out_of_range("keep_alive", value, "a whole number of seconds from 10 to 1200")
}

fn out_of_range(name: &'static str, value: &str, allowed: &'static str) -> InvalidClick {
    InvalidClick::OutOfRange { name, value: value.to_owned(), allowed }
}

#[cfg(test)]
impl Defaults {
    pub(crate) const fn for_tests() -> Self {
        Self { keep_alive_seconds: 600, recording: false }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn from_query(query: &str) -> Result<Click, InvalidClick> {
        Click::from_query(query, Defaults::for_tests())
    }

    #[test]
    fn what_is_not_said_is_recorded_where_the_worker_says_so() {
        let recording = |query: &str, recording| {
            let defaults = Defaults { recording, ..Defaults::for_tests() };
            Click::from_query(&format!("url=https://e.com{query}"), defaults).unwrap().options.recording
        };
        for (query, by_default) in [("", [false, true]), ("&recording", [true; 2]), ("&recording=false", [false; 2])] {
            assert_eq!([recording(query, false), recording(query, true)], by_default, "{query}");
        }
    }

    fn url_in_path(path: &str) -> Option<Result<String, InvalidClick>> {
        Click::from_path(path, Defaults::for_tests()).map(|click| click.map(|click| click.url.as_str().to_owned()))
    }

    #[test]
    fn all_options_are_read_from_a_query() {
        let click = from_query(
            "url=https%3A%2F%2Fe.com%2F%3Fa%3D1%26b&keep_alive=10&mode=tab&readonly&recording=1&fresh=false",
        )
        .unwrap();
        assert_eq!(click.url.as_str(), "https://e.com/?a=1&b");
        let view = View { mode: Some(LiveViewMode::Tab), readonly: true };
        let expected = Options { keep_alive_seconds: 10, recording: true, view };
        assert_eq!((click.options, click.fresh), (expected, false));
        assert_eq!(from_query("url=https://e.com").unwrap().options.keep_alive_seconds, 600);
    }

    #[test]
    fn wrong_options_are_named_with_what_is_allowed() {
        let message = |query: &str| from_query(query).unwrap_err().to_string();
        assert!(message("url=https://e.com/?a=1&b=2").starts_with("unknown option `b`; allowed: url, keep_alive"));
        for value in ["9", "1201", "x", "-1", "10.5", ""] {
            assert_eq!(
                message(&format!("url=https://e.com&keep_alive={value}")),
                format!("`keep_alive` is `{value}`; allowed is a whole number of seconds from 10 to 1200")
            );
        }
        assert_eq!(from_query("url=https://e.com&mode="), from_query("url=https://e.com"), "nothing chosen in a form");
        assert_eq!(message("url=https://e.com&mode=x"), "`mode` is `x`; allowed is devtools, tab or full");
        assert_eq!(message("url=https://e.com&readonly=maybe"), "`readonly` is `maybe`; allowed is true or false");
        assert_eq!(message("url=https://e.com&url=https://e.com"), "option `url` is given twice");
        assert_eq!(message("url=%ff"), "`url=%ff` is not percent-encoded UTF-8");
        assert_eq!(from_query("mode=tab"), Err(InvalidClick::Url(InvalidUrl::Missing)));
    }

    #[test]
    fn everything_behind_the_first_slash_is_the_url() {
        for (path, url) in [
            ("https://example.com/a?b=c", "https://example.com/a?b=c"),
            ("https:/example.com", "https://example.com/"),
            ("http://e.com/a%20b+c?d=%26&mode=tab", "http://e.com/a%20b+c?d=%26&mode=tab"),
            ("https%3A%2F%2Fe.com%2F%3Fa%3Db", "https://e.com/?a=b"),
        ] {
            assert_eq!(url_in_path(path), Some(Ok(url.to_owned())), "{path}");
        }
        assert!(matches!(url_in_path("javascript:alert(1)"), Some(Err(_))));
        for path in ["", "favicon.ico", "s/abc", "robots.txt", ":x", "ä", "é%3"] {
            assert_eq!(url_in_path(path), None, "{path}");
        }
    }

    #[test]
    fn a_json_body_is_read_like_a_query() {
        let click =
            Click::from_json(r#"{"url":"https://e.com","keep_alive":60,"fresh":true}"#, Defaults::for_tests()).unwrap();
        assert_eq!((click.url.as_str(), click.options.keep_alive_seconds, click.fresh), ("https://e.com/", 60, true));
        for ten in ["10", "10.0", "1e1"] {
            let body = format!(r#"{{"url":"https://e.com","keep_alive":{ten}}}"#);
            assert_eq!(Click::from_json(&body, Defaults::for_tests()).unwrap().options.keep_alive_seconds, 10, "{ten}");
        }
        let message =
            Click::from_json(r#"{"url":"https://e.com","x":1}"#, Defaults::for_tests()).unwrap_err().to_string();
        assert!(message.contains("unknown field `x`"), "{message}");
        for wrong in [
            r#"{"url":"https://e.com","keep_alive":5}"#,
            r#"{"url":"https://e.com","keep_alive":10.5}"#,
            r#"["https://e.com"]"#,
            "",
            "null",
        ] {
            assert!(Click::from_json(wrong, Defaults::for_tests()).is_err(), "{wrong}");
        }
    }
}
