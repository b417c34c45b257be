//! `GET /api/sessions?state=&limit=&offset=`: the caller's own sessions, newest first.

use super::{Caller, Error, Reply, RequestContext};
use crate::domain::{InvalidClick, State};
use crate::http::views::SessionsView;
use crate::ledger::ListSessions;
use page_url::query;

/// How many sessions one page holds, and at most can.
const LIMIT: u64 = 50;
const MAX_LIMIT: u64 = 200;

pub(crate) async fn list_sessions(context: &RequestContext<'_>, caller: &Caller) -> Result<Reply, Error> {
    let Filter { state, limit, offset } = Filter::parse(context.request.query())?;
    let page = context.app.ledger.ask(&ListSessions { caller: caller.name.clone(), state, limit, offset }).await?;
    Ok(Reply::json(200, &SessionsView::new(context.request.origin(), page, offset)))
}

/// Which sessions are asked for.
#[derive(Debug, PartialEq, Eq)]
struct Filter {
    state: Option<State>,
    limit: u64,
    offset: u64,
}

impl Filter {
    fn parse(query: &str) -> Result<Self, InvalidClick> {
        let mut filter = Self { state: None, limit: LIMIT, offset: 0 };
        for pair in query::pairs(query) {
            let (name, value) = pair.map_err(|piece| InvalidClick::Encoding(piece.to_owned()))?;
            let wrong = |name, allowed| InvalidClick::OutOfRange { name, value: value.to_string(), allowed };
            match name.as_ref() {
                "state" => {
                    filter.state = Some(State::parse(&value).ok_or_else(|| wrong("state", "open, closing or ended"))?);
                }
                "limit" => {
                    let limit = value.parse().ok().filter(|limit| (1..=MAX_LIMIT).contains(limit));
                    filter.limit = limit.ok_or_else(|| wrong("limit", "a whole number from 1 to 200"))?;
                }
                "offset" => {
                    filter.offset = value.parse().map_err(|_| wrong("offset", "a whole number below 2^64"))?;
                }
                _ => return Err(InvalidClick::Unknown { name: name.into_owned(), allowed: "state, limit, offset" }),
            }
        }
        Ok(filter)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_filter_is_read_and_what_is_wrong_with_it_named() {
        let ended = Filter { state: Some(State::Ended), limit: 2, offset: 4 };
        assert_eq!(Filter::parse("state=ended&limit=2&offset=4"), Ok(ended));
        assert_eq!(Filter::parse(""), Ok(Filter { state: None, limit: 50, offset: 0 }));
        let far = Filter { state: None, limit: 50, offset: 312_463_198_459 };
        assert_eq!(Filter::parse("offset=312463198459"), Ok(far));
        for query in ["state=x", "limit=0", "limit=201", "offset=-1", "page=2"] {
            assert!(Filter::parse(query).is_err(), "{query}");
        }
    }
}
