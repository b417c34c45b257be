//! Every kind of problem: what a program tells them apart by, with its status and what a person reads first.

/// Makes the list of kinds, so that none is made that `openapi.json` does not have.
macro_rules! kinds {
    ($($kind:ident: $status:literal $name:literal $title:literal,)*) => {
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
        }
    };
}

kinds! {
    UrlMissing: 400 "url-missing" "No page is named",
    UrlTooLong: 400 "url-too-long" "This URL is too long",
    UrlInvalid: 400 "url-invalid" "This is not a URL",
    UrlScheme: 400 "url-scheme" "This kind of URL can't be opened",
    UrlPort: 400 "url-port" "No browser opens a page on this port",
    UrlCredentials: 400 "url-credentials" "This URL carries a password",
    UnknownOption: 400 "unknown-option" "Unknown option",
    OptionTwice: 400 "option-twice" "An option is given twice",
    OutOfRange: 400 "out-of-range" "A value is out of range",
    Encoding: 400 "encoding" "This is not percent-encoded UTF-8",
    Body: 400 "body" "The body can't be understood",
    Unauthorized: 401 "unauthorized" "Sign in to open this",
    SignIn: 403 "sign-in" "Sign in to open this",
    CrossOrigin: 403 "cross-origin" "This came from another site",
    HostRefused: 403 "host-refused" "This page may not be opened here",
    NotAnOperator: 403 "not-an-operator" "This is for operators",
    NotYours: 403 "not-yours" "This browser was somebody else's",
    LinkInvalid: 403 "link-invalid" "This link can't be opened",
    NotFound: 404 "not-found" "There is nothing here",
    MethodNotAllowed: 405 "method-not-allowed" "Method not allowed",
    Ended: 410 "ended" "This browser has ended",
    LinkExpired: 410 "link-expired" "This link has expired",
    LinkUnknown: 410 "link-unknown" "This link is not known any more",
    LinkRevoked: 410 "link-revoked" "This link was revoked",
    LinkUsedUp: 410 "link-used-up" "This link is used up",
    Misdirected: 421 "misdirected" "Not under this name",
    CallerSessions: 429 "caller-sessions" "Too many sessions are open",
    CallerOpens: 429 "caller-opens" "Too many pages are being opened",
    BrowserTime: 429 "browser-time" "No browser minutes are left today",
    Denied: 502 "denied" "Browser Run refused this service",
    Upstream: 502 "upstream" "Browser Run answered something unexpected",
    UnexpectedLink: 502 "unexpected-link" "Browser Run answered something unexpected",
    NotConfigured: 503 "not-configured" "This service is not set up yet",
    NotReady: 503 "not-ready" "This service is not ready",
    SignInUnavailable: 503 "sign-in-unavailable" "Sign-ins can't be checked right now",
    Ledger: 503 "ledger" "The session ledger did not answer",
    TooFast: 503 "too-fast" "Browsers are being opened too fast",
    TooManyOpen: 503 "too-many-open" "Too many browsers are open",
    NoBrowserTime: 503 "no-browser-time" "No browser minutes are left today",
    NoBrowser: 503 "no-browser" "No browser is free right now",
    Timeout: 504 "timeout" "Browser Run took too long",
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn each_kind_has_a_name_of_its_own() {
        let names: HashSet<_> = Kind::ALL.iter().map(|kind| kind.urn()).collect();
        assert_eq!(names.len(), Kind::ALL.len());
    }
}
