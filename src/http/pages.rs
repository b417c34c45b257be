//! The pages people see: rendered here, whole without a script, and the same in light and dark. What they load lies in
//! assets/static, and is served by the platform.

mod home;
mod links;
mod preview;
mod problem;
mod replay;
pub(crate) mod starting;

pub(crate) use home::{Home, Stranger, home, stranger};
pub(crate) use links::links;
pub(crate) use preview::preview;
pub(crate) use problem::problem;
pub(crate) use replay::{replay, replay_policy};

use crate::config::Config;
use maud::{DOCTYPE, Markup, html};

/// The body of a redirect.
pub(crate) fn redirect(link: &str) -> Markup {
    html! { (DOCTYPE) title { "DevTools" } p { "Your browser is ready: " a href=(link) { "open DevTools" } "." } }
}

/// What makes pages better, and none of them needs: buttons that copy, seconds that count, a list that stays true.
fn script() -> Markup {
    html! { script src="/static/pages.js" defer {} }
}

/// What a form offers that opens browsers: what is not done anyway, and of use.
fn recording(config: &Config) -> Markup {
    html! {
        @if config.defaults.recording {
            label { input type="checkbox" name="recording" value="false"; " Do not record what happens" }
        } @else if config.upstream.has_recordings() {
            label { input type="checkbox" name="recording" value="true"; " Record what happens: it can be watched when the browser is gone" }
        }
    }
}

/// Where what was recorded of a browser is that a link had opened for whoever looks.
fn held_recording(path: Option<&str>) -> Markup {
    html! {
        @if let Some(path) = path { p { "After what you opened before has ended, its recording is " a href=(path) { "here" } "." } }
    }
}

/// A page. `tags` are what its head has beside the usual.
fn layout(title: &str, tags: Markup, content: Markup) -> Markup {
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { (title) " · devtools-link" }
                link rel="stylesheet" href="/static/style.css";
                link rel="icon" href="/static/icon.svg";
                (tags)
            }
            body { main { h1 { (title) } (content) } }
        }
    }
}
