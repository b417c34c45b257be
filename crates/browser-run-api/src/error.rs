//! Error bodies: the one a server should send, and the four a client should understand.

use lean_json::{FromJson, Reader, Wrong};
use serde::{Deserialize, Serialize};

use crate::read::{List, or_default};

/// The code of `401 Authentication failed`.
const AUTHENTICATION_FAILED: u32 = 10_000;
/// The code of an error inside Browser Run.
const INTERNAL: u32 = 2_000;

/// An error body as Cloudflare's API sends it: `{"errors":[{"code":10000,"message":"…"}]}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ErrorBody {
    /// Never empty.
    pub errors: Vec<ApiError>,
}

/// One error of an [`ErrorBody`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApiError {
    /// Cloudflare's number for it.
    pub code: u32,
    /// For a person.
    pub message: String,
}

impl ErrorBody {
    /// A body with one error.
    #[must_use]
    pub fn new(code: u32, message: impl Into<String>) -> Self {
        Self { errors: vec![ApiError { code, message: message.into() }] }
    }

    /// The body of a 401.
    #[must_use]
    pub fn authentication_failed() -> Self {
        Self::new(AUTHENTICATION_FAILED, "Authentication failed")
    }

    /// The body of a 500.
    #[must_use]
    pub fn internal(message: impl Into<String>) -> Self {
        Self::new(INTERNAL, message)
    }
}

/// What an error body says: `errors[0].message`, else `error`, else `message`, else the text itself.
#[must_use]
pub fn error_message(body: &str) -> String {
    #[derive(Default, FromJson)]
    struct Message {
        #[serde(default, deserialize_with = "or_default")]
        message: Option<String>,
    }
    #[derive(Default, FromJson)]
    struct Body {
        #[serde(default, deserialize_with = "or_default")]
        errors: List<Message>,
        #[serde(default, deserialize_with = "or_default")]
        error: Option<String>,
        #[serde(default, deserialize_with = "or_default")]
        message: Option<String>,
    }
    let Body { errors: List(errors), error, message } = lean_json::read(body).unwrap_or_default();
    let first = errors.into_iter().next().and_then(|error| error.message);
    first.or(error).or(message).unwrap_or_else(|| body.to_owned()).trim().to_owned()
}

/// Reads a success: the bare value, or the same in Cloudflare's `{success, result}` envelope.
///
/// # Errors
/// When the body is neither: the message says what was expected of the bare value, and nothing of what is in it.
pub fn parse<T: FromJson>(body: &str) -> Result<T, Wrong> {
    lean_json::read(body).or_else(|bare| enveloped(body).map_or(Err(bare), lean_json::read))
}

/// The result in an envelope that is no failure's: there, `null` is not the `null` of a session that is not there.
fn enveloped(body: &str) -> Option<&str> {
    let (mut success, mut result) = ("true", None);
    let mut reader = Reader::new(body);
    let read = reader.fields(&["success", "result"], 0, false, &mut |index, reader| {
        match index {
            0 => success = reader.skip()?,
            _ => result = Some(reader.skip()?),
        }
        Ok(())
    });
    read.and_then(|()| reader.end()).ok()?;
    result.filter(|_| matches!(success, "true" | "null"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_documented_error_shape_is_read() {
        assert_eq!(
            error_message(r#"{"errors":[{"code":10000,"message":"Authentication failed"}]}"#),
            "Authentication failed"
        );
        assert_eq!(error_message(r#"{"error":"Rate limit exceeded"}"#), "Rate limit exceeded");
        assert_eq!(error_message(r#"{"message":"no"}"#), "no");
        assert_eq!(error_message("No browser available.\n"), "No browser available.");
        assert_eq!(error_message(r#"{"errors":[]}"#), r#"{"errors":[]}"#);
    }

    #[test]
    fn a_value_is_read_bare_and_from_an_envelope() {
        assert_eq!(parse::<Vec<u64>>("[1,2]").unwrap(), [1, 2]);
        assert_eq!(parse::<Vec<u64>>(r#"{"success":true,"result":[1,2]}"#).unwrap(), [1, 2]);
        assert!(parse::<Vec<u64>>(r#"{"success":true}"#).is_err());
        assert_eq!(parse::<Option<Vec<u64>>>(r#"{"success":true,"result":null}"#).unwrap(), None);
        assert!(parse::<Option<Vec<u64>>>(r#"{"success":false,"errors":[],"result":null}"#).is_err());
    }

    #[test]
    fn errors_are_written_as_cloudflare_writes_them() {
        assert_eq!(
            serde_json::to_string(&ErrorBody::authentication_failed()).unwrap(),
            r#"{"errors":[{"code":10000,"message":"Authentication failed"}]}"#
        );
    }
}
