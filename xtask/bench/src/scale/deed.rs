//! What is done with a ledger: each deed is one request, and its answer is checked.

use anyhow::{Result, ensure};
use hyper::{StatusCode, header::LOCATION};
use serde::Serialize;
use serde_json::Value;

use crate::{
    http::{Answer, Connection},
    row::Row,
};

/// As many sessions as a page of the list holds.
const PAGE: usize = 50;

#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Deed {
    /// After the start of a workerd that found the ledger on its disk.
    FirstClick,
    /// On another page, in a new session.
    Click,
    FirstPage,
    /// The last one: the furthest into the list.
    LastPage,
    /// One session is to be closed: the click's.
    CleanUp,
    /// What the cron job does twelve times an hour while nobody clicks.
    IdleCleanUp,
}

impl Deed {
    pub(super) const ALL: [Self; 6] =
        [Self::Click, Self::FirstPage, Self::LastPage, Self::CleanUp, Self::IdleCleanUp, Self::FirstClick];
    /// In this order one turn leaves nothing open behind.
    pub(super) const TURN: [Self; 5] = [Self::Click, Self::FirstPage, Self::LastPage, Self::CleanUp, Self::IdleCleanUp];

    pub(super) fn title(self) -> &'static str {
        match self {
            Self::FirstClick => "first click after a restart",
            Self::Click => "click",
            Self::FirstPage => "first page",
            Self::LastPage => "last page",
            Self::CleanUp => "clean-up of one",
            Self::IdleCleanUp => "idle clean-up",
        }
    }

    /// Method and path. `number` is another one each time.
    fn request(self, number: usize, rows: usize) -> (&'static str, String) {
        match self {
            Self::FirstClick | Self::Click => ("GET", new_session(number)),
            Self::FirstPage => ("GET", format!("/api/sessions?limit={PAGE}")),
            Self::LastPage => ("GET", format!("/api/sessions?limit={PAGE}&offset={}", rows.saturating_sub(PAGE))),
            Self::CleanUp | Self::IdleCleanUp => ("POST", "/api/sweep".to_owned()),
        }
    }

    /// Whether it is the same work as with more rows: a page that is not full is less.
    pub(super) fn is_full(self, rows: usize) -> bool {
        !matches!(self, Self::FirstPage | Self::LastPage) || rows >= PAGE
    }

    /// Sends it.
    ///
    /// # Errors
    /// When the answer is not what it ought to be.
    pub(super) async fn carry_out(self, connection: &mut Connection, number: usize, rows: usize) -> Result<()> {
        let (method, path) = self.request(number, rows);
        let answer = send(connection, method, &path).await?;
        ensure!(
            self.is_done(&answer, rows),
            "{method} {path} was answered otherwise: {}\n{}",
            answer.status,
            answer.text()
        );
        Ok(())
    }

    fn is_done(self, answer: &Answer, rows: usize) -> bool {
        let said: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
        let count = |list: &str| said[list].as_array().map(Vec::len);
        match self {
            Self::FirstClick | Self::Click => is_link(answer),
            // The click's is the first.
            Self::FirstPage => count("sessions") >= Some(PAGE.min(rows + 1)),
            Self::LastPage => count("sessions") >= Some(PAGE.min(rows + 1)) && total(&said) > rows,
            Self::CleanUp => count("closed") == Some(1),
            Self::IdleCleanUp => count("closed") == Some(0),
        }
    }
}

/// A click that no session is found for.
pub(super) fn new_session(number: usize) -> String {
    format!("{}&fresh", new_tab(number))
}

/// A click that finds its caller's session.
pub(super) fn new_tab(number: usize) -> String {
    format!("/?url=https%3A%2F%2Fexample.com%2Fa%2Fpage%3Fnumber%3D{number}")
}

/// As the known caller.
pub(super) async fn send(connection: &mut Connection, method: &str, path: &str) -> Result<Answer> {
    let authorization = Row::UsReused.authorization().expect("the row has a known caller");
    connection.send(method, path, &[("authorization", &authorization), ("accept", "*/*")]).await
}

pub(super) fn is_link(answer: &Answer) -> bool {
    let location = answer.headers.get(LOCATION).and_then(|value| value.to_str().ok()).unwrap_or_default();
    answer.status == StatusCode::FOUND && location.starts_with("https://live.browser.run/")
}

/// Of a page of the list: how many sessions there are in all.
pub(super) fn total(page: &Value) -> usize {
    page["total"].as_u64().and_then(|total| total.try_into().ok()).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use hyper::{HeaderMap, body::Bytes};
    use serde_json::json;

    use super::*;

    fn answer(body: &Value) -> Answer {
        Answer { status: StatusCode::OK, headers: HeaderMap::new(), body: Bytes::from(body.to_string()) }
    }

    #[test]
    fn a_deed_is_done_only_if_its_answer_says_so() {
        let page = |sessions: usize, total| answer(&json!({ "sessions": vec![0; sessions], "total": total }));
        assert!(Deed::LastPage.is_done(&page(50, 1_001), 1_000));
        assert!(!Deed::LastPage.is_done(&page(50, 1_000), 1_000), "some are missing");
        assert!(!Deed::FirstPage.is_done(&page(49, 1_001), 1_000));
        assert!(Deed::FirstPage.is_done(&page(1, 1), 0));
        let closed = |count: usize| answer(&json!({ "closed": vec![0; count] }));
        assert!(Deed::CleanUp.is_done(&closed(1), 0) && !Deed::CleanUp.is_done(&closed(0), 0));
        assert!(Deed::IdleCleanUp.is_done(&closed(0), 0) && !Deed::IdleCleanUp.is_done(&closed(1), 0));
        assert!(!Deed::Click.is_done(&closed(1), 0));
    }

    #[test]
    fn a_deed_asks_for_the_last_page_of_what_there_was() {
        let paths = [0, 30, 10_000].map(|rows| Deed::LastPage.request(1, rows).1);
        assert!(paths[0].ends_with("offset=0") && paths[1].ends_with("offset=0"));
        assert!(paths[2].ends_with("offset=9950"));
    }
}
