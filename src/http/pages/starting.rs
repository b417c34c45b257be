//! What a person sees while a browser starts, in the pieces that it is sent in.

use super::{layout, problem};
use crate::http::problem::Problem;
use maud::html;

/// What the first piece leaves open.
const STEPS_END: &str = "</ol></div>";
const PAGE_END: &str = "</main></body></html>";

/// The first piece.
pub(crate) fn beginning(host: &str) -> String {
    let page = layout(
        &format!("Opening {host}"),
        html! {},
        html! {
            div.starting {
                p { "A browser in the cloud starts for it. That takes a few seconds: " span.seconds {} }
                ol aria-live="polite" { li { "Asking for a browser" } }
            }
        },
    );
    page.into_string().trim_end_matches(PAGE_END).trim_end_matches(STEPS_END).to_owned()
}

/// There is a browser, whose recording will be there, if one is made that can be watched.
pub(crate) fn browser_is_there(recording: Option<&str>) -> String {
    html! {
        li { "Opening the page in it" }
        @if let Some(path) = recording { li { "After it has ended, its recording is " a href=(path) { "here" } } }
    }
    .into_string()
}

/// The last piece, which leads to DevTools by itself.
pub(crate) fn ready(link: &str) -> String {
    let last = html! {
        meta http-equiv="refresh" content={ "0;url=" (link) };
        li { "Your browser is ready: " a href=(link) { "open DevTools" } }
    };
    [last.into_string().as_str(), STEPS_END, PAGE_END].concat()
}

/// The last piece where there is no browser: it stands instead of everything before.
pub(crate) fn failed(problem: &Problem) -> String {
    let last = html! { section.problem { h1 { (problem.title) } (problem::content(problem, true)) } };
    [STEPS_END, last.into_string().as_str(), PAGE_END].concat()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::problem::Kind;

    #[test]
    fn the_pieces_are_one_page_whatever_comes_of_it() {
        let problem = Problem::new(Kind::Timeout, "it took too long".to_owned()).retry_after(5);
        let link = "https://live.browser.run/ui/view?wss=a&jwt=\"b";
        for (last, expected) in [
            (ready(link), r#"content="0;url=https://live.browser.run/ui/view?wss=a&amp;jwt=&quot;b""#),
            (failed(&problem), "<h1>Browser Run took too long</h1>"),
        ] {
            let page = [beginning("<e.com>"), browser_is_there(Some("/s/1")), last].concat();
            assert!(page.contains("its recording is <a href=\"/s/1\">"), "{page}");
            assert!(page.contains("<h1>Opening &lt;e.com&gt;</h1>") && page.contains(expected), "{page}");
            for tag in ["html", "body", "main", "div", "ol", "section", "li"] {
                let count = |tag: &str| page.matches(tag).count();
                assert_eq!(
                    count(&format!("<{tag}")) - if tag == "li" { page.matches("<link").count() } else { 0 },
                    count(&format!("</{tag}>")),
                    "{tag}: {page}"
                );
            }
            assert!(page.ends_with(PAGE_END));
        }
    }
}
