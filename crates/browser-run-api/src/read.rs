//! What a client reads of each answer: only what it needs. A field that is missing, new or of another type than
//! documented does not lose the answer; what there is no going on without is required.
//!
//! The types that a server writes, exactly as documented, are the crate's own.

use lean_json::{FromJson, Kind, Reader, Wrong, number, read};

use crate::types::is_connected;

/// The answer to `POST /browser`: see [`crate::Acquired`].
#[derive(Debug, Clone, PartialEq, Eq, FromJson)]
#[serde(rename_all = "camelCase")]
pub struct Acquired {
    /// Without it there is no closing the browser.
    pub session_id: String,
    /// The pages that the session starts with, as far as they can be read.
    #[serde(default, deserialize_with = "or_default")]
    pub targets: List<Target>,
}

/// A tab: see [`crate::Target`].
#[derive(Debug, Clone, PartialEq, Eq, FromJson)]
#[serde(rename_all = "camelCase")]
pub struct Target {
    /// 32 hexadecimal digits.
    pub id: String,
    /// `page`, `iframe`, …; empty where it cannot be read.
    #[serde(rename = "type", default, deserialize_with = "or_default")]
    pub kind: String,
    /// Its page's; empty where it has none.
    #[serde(default, deserialize_with = "or_default")]
    pub title: String,
    /// See [`crate::Target::devtools_frontend_url`].
    #[serde(default, deserialize_with = "or_default")]
    pub devtools_frontend_url: Option<String>,
}

/// The answer to `POST …/live_view`: see [`crate::LiveView`].
#[derive(Debug, Clone, PartialEq, Eq, FromJson)]
#[serde(rename_all = "camelCase")]
pub struct LiveView {
    /// What it is asked for.
    pub devtools_frontend_url: String,
}

/// A session: see [`crate::Session`].
#[derive(Debug, Clone, Default, PartialEq, Eq, FromJson)]
#[serde(rename_all = "camelCase")]
pub struct Session {
    /// A UUID.
    pub session_id: String,
    /// When the browser started.
    #[serde(default, deserialize_with = "time")]
    pub start_time: Option<u64>,
    /// When it ended: absent while it is open. What is no time ends nothing.
    #[serde(default, deserialize_with = "time")]
    pub end_time: Option<u64>,
    /// Whether there is something that names a connection.
    #[serde(default, deserialize_with = "is_present")]
    pub connection_id: bool,
    /// When the last connection began. What cannot be read counts as a connection that lasts.
    #[serde(default, deserialize_with = "time_or_latest")]
    pub connection_start_time: Option<u64>,
    /// When the last connection ended.
    #[serde(default, deserialize_with = "time")]
    pub connection_end_time: Option<u64>,
    /// Why it ended: `NormalClosure`, `BrowserIdle`, …
    #[serde(default, deserialize_with = "or_default")]
    pub close_reason_text: Option<String>,
}

impl Session {
    /// Whether somebody is connected right now, or may be.
    #[must_use]
    pub fn is_connected(&self) -> bool {
        is_connected(self.connection_start_time, self.connection_end_time, self.connection_id)
    }
}

/// The answer to `DELETE /browser/{session_id}`: anything but a failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Done;

impl FromJson for Done {
    fn from_json(reader: &mut Reader<'_>) -> Result<Self, Wrong> {
        #[derive(FromJson)]
        struct Answer {
            #[serde(default, deserialize_with = "or_default")]
            success: Option<bool>,
        }
        match read::<Answer>(reader.skip()?) {
            Ok(Answer { success: Some(false) }) => Err(Wrong::new("it did not succeed")),
            _ => Ok(Self),
        }
    }
}

/// Those elements of an array that can be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct List<T>(pub Vec<T>);

impl<T> Default for List<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T: FromJson> FromJson for List<T> {
    fn from_json(reader: &mut Reader<'_>) -> Result<Self, Wrong> {
        let mut elements = Vec::new();
        reader.array(&mut |_, reader| {
            elements.extend(read(reader.skip()?).ok());
            Ok(())
        })?;
        Ok(Self(elements))
    }
}

/// The value, or its default where it cannot be read.
pub(crate) fn or_default<T: FromJson + Default>(reader: &mut Reader<'_>) -> Result<T, Wrong> {
    Ok(read(reader.skip()?).unwrap_or_default())
}

/// Epoch milliseconds, however they are written. 0 and what is no number are no time.
fn time(reader: &mut Reader<'_>) -> Result<Option<u64>, Wrong> {
    let number = match reader.kind()? {
        Kind::Number => number::truncated(reader.skip()?),
        Kind::Text => number::whole(&reader.text()?),
        _ => reader.skip().map(|_| None)?,
    };
    Ok(number.filter(|number| *number > 0))
}

fn time_or_latest(reader: &mut Reader<'_>) -> Result<Option<u64>, Wrong> {
    let is_readable = matches!(reader.kind()?, Kind::Null | Kind::Number);
    Ok(time(reader)?.or(if is_readable { None } else { Some(u64::MAX) }))
}

fn is_present(reader: &mut Reader<'_>) -> Result<bool, Wrong> {
    Ok(reader.skip()? != "null")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parse;

    #[test]
    fn an_acquisition_has_to_have_a_session_id_and_nothing_else() {
        for (targets, ids) in [
            ("", &[][..]),
            (r#","targets":null"#, &[]),
            (r#","targets":{"id":"T"},"webSocketDebuggerUrl":7"#, &[]),
            (r#","targets":[{},7,{"id":"T1"},{"id":"T2","type":3,"url":null}],"limits":{}"#, &["T1", "T2"]),
        ] {
            let body = format!(r#"{{"sessionId":"s"{targets}}}"#);
            let acquired: Acquired = parse(&body).unwrap_or_else(|error| panic!("{error} in {body}"));
            let read: Vec<_> = acquired.targets.0.iter().map(|target| target.id.as_str()).collect();
            assert_eq!((acquired.session_id.as_str(), read.as_slice()), ("s", ids), "{body}");
        }
        assert!(parse::<Acquired>(r#"{"targets":[]}"#).is_err());
    }

    #[test]
    fn a_live_view_is_its_link_whatever_its_options() {
        for options in ["", r#","options":{"mode":"split"}"#, r#","options":"none","id":{}"#] {
            let body = format!(r#"{{"devtoolsFrontendUrl":"https://l/?jwt=a"{options}}}"#);
            assert_eq!(parse::<LiveView>(&body).unwrap().devtools_frontend_url, "https://l/?jwt=a");
        }
    }

    #[test]
    fn a_session_is_read_whatever_is_wrong_with_its_fields() {
        let read = |fields: &str| parse::<Session>(&format!(r#"{{"sessionId":"s",{fields}}}"#)).unwrap();
        let ended = read(r#""closeReason":"idle","closeReasonText":"BrowserIdle","endTime":"7","startTime":2.5"#);
        assert_eq!((ended.start_time, ended.end_time), (Some(2), Some(7)));
        assert_eq!(ended.close_reason_text.as_deref(), Some("BrowserIdle"));
        for open in [r#""endTime":null"#, r#""endTime":0"#, r#""endTime":"2026-11-24T00:00:00Z""#, r#""endTime":{}"#] {
            assert_eq!(read(open).end_time, None, "{open}");
        }
    }

    #[test]
    fn a_session_is_connected_until_its_connections_end_or_if_in_doubt() {
        let connected =
            |fields: &str| parse::<Session>(&format!(r#"{{"sessionId":"s"{fields}}}"#)).unwrap().is_connected();
        assert!(connected(r#","connectionStartTime":1"#));
        assert!(!connected(r#","connectionStartTime":1,"connectionEndTime":2"#));
        assert!(connected(r#","connectionStartTime":3,"connectionEndTime":2"#), "connected again");
        assert!(connected(r#","connectionStartTime":1,"connectionEndTime":"soon""#));
        assert!(connected(r#","connectionStartTime":"2026-11-24T00:00:00Z","connectionEndTime":2"#));
        assert!(connected(r#","connectionId":7"#));
        for nobody in ["", r#","connectionId":null,"connectionStartTime":null"#, r#","connectionStartTime":0"#] {
            assert!(!connected(nobody), "{nobody}");
        }
    }

    #[test]
    fn a_close_is_done_in_whatever_words_but_a_failures() {
        for body in [r#"{"status":"closing"}"#, r#"{"status":"gone"}"#, "null", r#"{"success":true,"result":{}}"#] {
            assert!(parse::<Done>(body).is_ok(), "{body}");
        }
        for body in ["<html>", r#"{"success":false,"result":{"status":"closed"}}"#] {
            assert!(parse::<Done>(body).is_err(), "{body}");
        }
    }

    #[test]
    fn a_list_keeps_what_can_be_read() {
        let List(sessions) =
            parse::<List<Session>>(r#"[{"sessionId":"a"},{"id":"b"},null,{"sessionId":"c"}]"#).unwrap();
        assert_eq!(sessions.iter().map(|session| session.session_id.as_str()).collect::<Vec<_>>(), ["a", "c"]);
        assert!(parse::<List<Session>>(r#"{"sessions":[]}"#).is_err(), "that is no list");
    }
}
