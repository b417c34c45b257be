//! What the derives read and write, beside what serde does with the same texts and types.

use lean_json::{FromJson, Reader, ToJson, Wrong, read, write};
use proptest::prelude::*;
use serde::{Deserialize, Serialize};
use serde_json::Value;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, FromJson, ToJson)]
#[serde(rename_all = "camelCase")]
struct Everything {
    session_id: Id,
    #[serde(rename = "link", default, skip_serializing_if = "Option::is_none")]
    signed_link: Option<String>,
    #[serde(default)]
    is_open: bool,
    count: u32,
    at_ms: Option<u64>,
    decision: Decision,
    reasons: Vec<Reason>,
    rows: Vec<(String, Option<u64>)>,
    outcome: Result<(), Decision>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, FromJson, ToJson)]
#[serde(transparent)]
struct Id(String);

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, FromJson, ToJson)]
enum Decision {
    Nothing,
    Join { session_id: Id, tab: Option<u64> },
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, FromJson, ToJson)]
#[serde(rename_all = "snake_case")]
enum Reason {
    TooOld,
    Gone,
    #[serde(untagged)]
    Reported(String),
}

#[derive(Debug, PartialEq, Deserialize, FromJson)]
#[serde(deny_unknown_fields)]
struct Strict {
    url: String,
    #[serde(default)]
    fresh: bool,
}

/// Any text, to compare how texts are read.
#[derive(Debug, PartialEq)]
struct Raw(String);

impl FromJson for Raw {
    fn from_json(reader: &mut Reader<'_>) -> Result<Self, Wrong> {
        reader.skip().map(|json| Self(json.to_owned()))
    }
}

fn decision() -> impl Strategy<Value = Decision> {
    let join = (".*", any::<Option<u64>>()).prop_map(|(id, tab)| Decision::Join { session_id: Id(id), tab });
    prop_oneof![Just(Decision::Nothing), join]
}

fn reason() -> impl Strategy<Value = Reason> {
    prop_oneof![Just(Reason::TooOld), Just(Reason::Gone), "[A-Z].*".prop_map(Reason::Reported)]
}

fn everything() -> impl Strategy<Value = Everything> {
    let texts = (".*", any::<Option<String>>(), any::<bool>(), any::<u32>(), any::<Option<u64>>());
    let rows = prop::collection::vec((".*", any::<Option<u64>>()), 0..3);
    let outcome = prop_oneof![Just(Ok(())), decision().prop_map(Err)];
    (texts, decision(), prop::collection::vec(reason(), 0..3), rows, outcome).prop_map(
        |((id, signed_link, is_open, count, at_ms), decision, reasons, rows, outcome)| Everything {
            session_id: Id(id),
            signed_link,
            is_open,
            count,
            at_ms,
            decision,
            reasons,
            rows,
            outcome,
        },
    )
}

proptest! {
    #[test]
    fn what_serde_writes_is_read(value in everything(), pretty in any::<bool>()) {
        let write = if pretty { serde_json::to_string_pretty } else { serde_json::to_string };
        let json = write(&value).unwrap();
        prop_assert_eq!(read::<Everything>(&json), Ok(value));
    }

    #[test]
    fn what_is_written_is_what_serde_writes(value in everything()) {
        prop_assert_eq!(write(&value), serde_json::to_string(&value).unwrap());
    }

    /// Texts of JSON's own characters are JSON here exactly where they are for serde.
    #[test]
    fn a_text_is_json_where_it_is_for_serde(json in r#"[\[\]{}:,"\\ \nu0-9a-f.eE+\-truefalsn]{0,12}"#) {
        let ours = read::<Raw>(&json).is_ok();
        let theirs = serde_json::from_str::<Value>(&json);
        // A number that no float holds is one here.
        let too_large = theirs.as_ref().is_err_and(|error| error.to_string().contains("out of range"));
        prop_assert!(ours == theirs.is_ok() || too_large, "{}: {:?}", json, theirs);
    }

    #[test]
    fn a_text_with_escapes_is_the_same(text in ".*", escaped in r#"(\\[nrtbf"/\\]|\\u[0-9a-f]{4}|\\ud83d\\ude0[0-9]|[a-z ])*"#) {
        let json = serde_json::to_string(&text).unwrap();
        prop_assert_eq!(read::<String>(&json), Ok(text));
        let json = format!("\"{escaped}\"");
        prop_assert_eq!(read::<String>(&json).ok(), serde_json::from_str(&json).ok(), "{}", json);
    }

    /// A text that was changed somewhere is read the same, or refused by both.
    #[test]
    fn a_changed_text_is_read_as_serde_reads_it(value in everything(), at in any::<prop::sample::Index>(), by in "[\\[\\]{}:,\"\\\\0n]") {
        let json = serde_json::to_string(&value).unwrap();
        let mut characters: Vec<char> = json.chars().collect();
        let index = at.index(characters.len());
        characters.splice(index..=index, by.chars());
        let json: String = characters.into_iter().collect();
        if let Ok(theirs) = serde_json::from_str::<Everything>(&json) {
            prop_assert_eq!(read::<Everything>(&json), Ok(theirs), "{}", json);
        }
    }
}

#[test]
fn what_is_wrong_is_said_and_not_what_was_read() {
    for (json, why) in [
        (r#"{"fresh":true}"#, "missing field `url`"),
        (r#"{"url":"a","x":1}"#, "unknown field `x`, expected one of `url`, `fresh`"),
        (r#"{"url":"a","url":"b"}"#, "duplicate field `url`"),
        (r#"{"url":"secret","fresh":"secret"}"#, "`fresh`: expected true or false at line 1 column 25"),
        (r#"{"url":7}"#, "`url`: expected text at line 1 column 8"),
        ("{\"url\":\n \"a\" \"b\"}", "expected a comma, or the end of what was begun, at line 2 column 6"),
        (r#"["a"]"#, "expected an object at line 1 column 1"),
        (r#"{"url":"a"} x"#, "expected the end at line 1 column 13"),
        ("", "expected an object at line 1 column 1"),
        (r#"{"url":"secret"#, "`url`: a text has no end"),
    ] {
        assert_eq!(read::<Strict>(json), Err(Wrong::new(why)), "{json}");
    }
}

#[test]
fn every_character_is_escaped_as_serde_does() {
    let text: String = ('\0'..='\u{a0}').collect();
    assert_eq!(write(&text), serde_json::to_string(&text).unwrap());
    assert_eq!(
        write(&("a", Some(1_u16), [(), ()].as_slice(), Vec::<u8>::new().is_empty())),
        r#"["a",1,[null,null],true]"#
    );
}

#[test]
fn what_is_nested_without_end_is_refused() {
    let deep = "[".repeat(1_000_000);
    assert_eq!(read::<Raw>(&deep), Err(Wrong::new("it is nested too deeply")));
    let within = "[".repeat(128) + &"]".repeat(128);
    assert_eq!(read::<Raw>(&within), Ok(Raw(within.clone())));
}

#[test]
fn a_number_is_read_as_number_or_text() {
    for json in ["600", "600.0", "6e2", r#""600""#] {
        assert_eq!(read::<u64>(json), Ok(600), "{json}");
    }
    for json in ["-1", "0.5", "true", r#""soon""#, "01", "4294967296"] {
        assert!(read::<u32>(json).is_err(), "{json}");
    }
    assert_eq!(read::<Option<u64>>("null"), Ok(None));
}
