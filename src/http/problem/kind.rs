//! Every kind of problem: what a program tells them apart by, with its status, what a person reads first, and what they can do.

/// Makes the list of kinds, so that none is made that `openapi.json` does not have.
macro_rules! kinds {
    ($($kind:ident: $status:literal $name:literal $title:literal $advice:literal,)*) => {
        /// What kind of problem it is.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(crate) enum Kind {
            $(#[doc = $title] $kind,)*
        }

        impl Kind {
            /// Every one.
            #[cfg(test)]
            pub(crate) const ALL: &[Self] = &[$(Self::$kind,)*];

            pub(crate) fn status(self) -> u16 {
                match self {
                    $(Self::$kind => $status,)*
                }
            }

            /// The problem's `type`, as RFC 9457 calls it.
            pub(crate) fn urn(self) -> &'static str {
                match self {
                    $(Self::$kind => concat!("urn:devtools-link:", $name),)*
                }
            }

            pub(crate) fn title(self) -> &'static str {
                match self {
                    $(Self::$kind => $title,)*
                }
            }

            /// What a person can do, or who else can.
            pub(crate) fn advice(self) -> &'static str {
                match self {
                    $(Self::$kind => $advice,)*
                }
            }
        }
    };
}

kinds! {
    UrlMissing: 400 "url-missing" "No page is named"
        "Put in the URL of the page that you want to debug.",
    UrlTooLong: 400 "url-too-long" "This URL is too long"
        "Use a shorter URL.",
    UrlInvalid: 400 "url-invalid" "This is not a URL"
        "Check it: it begins with https:// or http://.",
    UrlScheme: 400 "url-scheme" "This kind of URL can't be opened"
        "Only https:// and http:// pages can be opened.",
    UrlPort: 400 "url-port" "No browser opens a page on this port"
        "Use a URL without this port.",
    UrlCredentials: 400 "url-credentials" "This URL carries a password"
        "Leave out what stands before the @.",
    UnknownOption: 400 "unknown-option" "Unknown option"
        "Leave it out, or write the page's URL percent-encoded.",
    OptionTwice: 400 "option-twice" "An option is given twice"
        "Leave it out, or write the page's URL percent-encoded.",
    OutOfRange: 400 "out-of-range" "A value is out of range"
        "Choose what is allowed.",
    Encoding: 400 "encoding" "This is not percent-encoded UTF-8"
        "Leave it out, or write the page's URL percent-encoded.",
    Body: 400 "body" "The body can't be understood"
        "Send what the description of this service says.",
    Unauthorized: 401 "unauthorized" "Sign in to open this"
        "Sign in with your access token as the password; any name will do.",
    SignIn: 403 "sign-in" "Sign in to open this"
        "Sign in where your team does.",
    CrossOrigin: 403 "cross-origin" "This came from another site"
        "Open this service itself, and do it there.",
    HostRefused: 403 "host-refused" "This page may not be opened here"
        "Whoever runs this service decides which pages it opens: ask them.",
    NotAnOperator: 403 "not-an-operator" "This is for operators"
        "Ask whoever runs this service.",
    NotYours: 403 "not-yours" "This browser was somebody else's"
        "Ask who opened it.",
    LinkInvalid: 403 "link-invalid" "This link can't be opened"
        "Check that the whole link was copied, or ask who sent it for another.",
    NotRecorded: 404 "not-recorded" "This browser was not recorded"
        "Ask for a recording when the page is opened.",
    RecordingPending: 404 "recording-pending" "The recording is not ready yet"
        "Nothing to do but wait: this is tried again.",
    NotFound: 404 "not-found" "There is nothing here"
        "Go to the start.",
    MethodNotAllowed: 405 "method-not-allowed" "Method not allowed"
        "Go to the start.",
    Ended: 410 "ended" "This browser has ended"
        "Whoever opened it can open the page again.",
    RecordingGone: 410 "recording-gone" "There is no recording any more"
        "Recordings are kept for 30 days, and there is none of less than a second.",
    LinkExpired: 410 "link-expired" "This link has expired"
        "Ask who sent it for another.",
    LinkUnknown: 410 "link-unknown" "This link is not known any more"
        "Ask who sent it for another.",
    LinkRevoked: 410 "link-revoked" "This link was revoked"
        "Ask who sent it for another.",
    LinkUsedUp: 410 "link-used-up" "This link is used up"
        "Ask who sent it for another, or try in the browser that you opened it with.",
    Misdirected: 421 "misdirected" "Not under this name"
        "Use the address that you were given.",
    CallerSessions: 429 "caller-sessions" "Too many sessions are open"
        "Close one of your browsers at the start; whoever runs this service can raise the limit.",
    CallerOpens: 429 "caller-opens" "Too many pages are being opened"
        "Wait a moment; whoever runs this service can raise the limit.",
    BrowserTime: 429 "browser-time" "No browser minutes are left today"
        "They begin anew at midnight, UTC; whoever runs this service can raise the limit.",
    RecordingUnreadable: 501 "recording-unreadable" "This service can't read recordings"
        "Whoever runs this service has to give it an API token: ask them.",
    Denied: 502 "denied" "Browser Run refused this service"
        "Try again; if it stays so, tell whoever runs this service.",
    Upstream: 502 "upstream" "Browser Run answered something unexpected"
        "Try again; if it stays so, tell whoever runs this service.",
    UnexpectedLink: 502 "unexpected-link" "Browser Run answered something unexpected"
        "Try again; if it stays so, tell whoever runs this service.",
    NotConfigured: 503 "not-configured" "This service is not set up yet"
        "Whoever runs this service has to set it up.",
    NotReady: 503 "not-ready" "This service is not ready"
        "Try again; if it stays so, tell whoever runs this service.",
    SignInUnavailable: 503 "sign-in-unavailable" "Sign-ins can't be checked right now"
        "Nothing to do but wait: this is tried again.",
    Ledger: 503 "ledger" "The session ledger did not answer"
        "Try again; if it stays so, tell whoever runs this service.",
    TooFast: 503 "too-fast" "Browsers are being opened too fast"
        "Browser Run starts only so many at a time: this is tried again. Whoever runs this service can have the limit raised.",
    TooManyOpen: 503 "too-many-open" "Too many browsers are open"
        "Close one of your browsers at the start; whoever runs this service can have Browser Run's limit raised.",
    NoBrowserTime: 503 "no-browser-time" "No browser minutes are left today"
        "They begin anew at midnight, UTC; whoever runs this service can raise the limit.",
    NoBrowser: 503 "no-browser" "No browser is free right now"
        "Nothing to do but wait: this is tried again.",
    Timeout: 504 "timeout" "Browser Run took too long"
        "Try again; if it stays so, tell whoever runs this service.",
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn people_are_advised_in_plain_words() {
        for kind in Kind::ALL {
            let words = [kind.title(), kind.advice()];
            assert!(words.iter().all(|text| !text.contains(['`', '_']) && text.len() > 8), "{words:?}");
            assert!(kind.advice().ends_with('.') && !kind.title().ends_with('.'), "{words:?}");
        }
    }

    #[test]
    fn each_kind_has_a_name_of_its_own() {
        let names: HashSet<_> = Kind::ALL.iter().map(|kind| kind.urn()).collect();
        assert_eq!(names.len(), Kind::ALL.len());
    }
}
