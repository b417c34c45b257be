//! The page that people see whose link shows nothing: it says what happened, and what to do.

use axum::{
    http::StatusCode,
    response::{Html, IntoResponse, Response},
};

/// Why a link shows nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ErrorPage {
    /// The link's time to start a connection is over.
    Expired,
    /// The link was not made by this server, or has been changed.
    Invalid,
    /// The session is over.
    Ended,
}

impl IntoResponse for ErrorPage {
    fn into_response(self) -> Response {
        let (status, title, advice) = match self {
            Self::Expired => (
                StatusCode::UNAUTHORIZED,
                "This link has expired",
                "Links to a live browser work for a few minutes only. Ask for a new one: the page itself is still open.",
            ),
            Self::Invalid => (
                StatusCode::UNAUTHORIZED,
                "This link is not valid",
                "It was made by another server, or was cut short on its way here. Ask for a new one.",
            ),
            Self::Ended => (
                StatusCode::GONE,
                "This browser session has ended",
                "Somebody closed it, or nobody used it for a while. Start a new one.",
            ),
        };
        (status, super::assets::NO_STORE, Html(html(title, advice))).into_response()
    }
}

fn html(title: &str, advice: &str) -> String {
    format!(
        r#"<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta name="color-scheme" content="light dark">
<title>{title}</title>
<style>body {{ font: 1.1rem/1.5 system-ui, sans-serif; max-width: 34rem; margin: 20vh auto; padding: 0 1.5rem }}</style>
<h1>{title}</h1>
<p>{advice}</p>
"#
    )
}
