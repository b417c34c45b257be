//! What src/redaction.js takes out of what is passed on, wherever the pieces are cut in which it comes.

use std::{
    io::Write as _,
    path::Path,
    process::{Command, Stdio},
};

use serde_json::{Value, json};

/// Takes secrets out of a text.
fn redact(text: &str, raw: bool, network: bool) -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut node = Command::new(root.join("node_modules/.bin/node"))
        .arg(root.join("tests/e2e/fixtures/redact.mjs"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let input = json!({ "text": text, "raw": raw, "network": network });
    node.stdin.take().unwrap().write_all(input.to_string().as_bytes()).unwrap();
    let output = node.wait_with_output().unwrap().stdout;
    let answer: Value = serde_json::from_slice(&output).unwrap();
    assert_eq!(answer["same"], true, "it depends on where {text:.200} is cut");
    answer["text"].as_str().unwrap().to_owned()
}

/// The same of a value, as a value.
fn redact_value(value: &Value, network: bool) -> Value {
    serde_json::from_str(&redact(&value.to_string(), false, network)).unwrap()
}

const JWT: &str = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJhZGEifQ.c2lnbmF0dXJl";

#[test]
fn values_of_secret_names_are_taken_out_however_they_are_written() {
    for (value, expected) in [
        (json!({ "name": "Cookie", "value": "s" }), json!({ "name": "Cookie", "value": "[redacted]" })),
        (json!({ "cookie": "s", "host": "h" }), json!({ "cookie": "[redacted]", "host": "h" })),
        (json!({ "Set-Cookie": ["a=s", "b=s"] }), json!({ "Set-Cookie": ["[redacted]", "[redacted]"] })),
        (json!([["authorization", "s"], ["accept", "a"]]), json!([["authorization", "[redacted]"], ["accept", "a"]])),
        (
            json!({ "cookies": [{ "name": "sid", "value": "s", "path": "/" }] }),
            json!({ "cookies": [{ "name": "sid", "value": "[redacted]", "path": "/" }] }),
        ),
        (json!({ "name": "access_token", "value": "s" }), json!({ "name": "access_token", "value": "[redacted]" })),
        (
            json!({ "name": "accept", "value": "\"kept\\\"", "n": [1, true, null] }),
            json!({ "name": "accept", "value": "\"kept\\\"", "n": [1, true, null] }),
        ),
        (
            json!({ "text": "password=s%20&a=1&token=s", "more": "a=1", "url": "https://e.com/?a" }),
            json!({ "text": "password=[redacted]&a=1&token=[redacted]", "more": "a=1", "url": "https://e.com/?a" }),
        ),
        (
            json!({ "text": json!({ "access_token": "s \" s \\", "id": 1, "tokens": ["kept"], "note": "kept" }).to_string() }),
            json!({ "text": json!({ "access_token": "[redacted]", "id": 1, "tokens": ["kept"], "note": "kept" }).to_string() }),
        ),
        (
            json!({ "text": "--b\r\nContent-Disposition: form-data; name=\"password\"\r\n\r\ns \" s\r\n--b--" }),
            json!({ "text": "--b\r\nContent-Disposition: form-data; name=\"password\"\r\n\r\n[redacted]\r\n--b--" }),
        ),
        (
            json!({ "text": "GET /\r\nCookie: a=\"s\"; b=s\r\nHost: h" }),
            json!({ "text": "GET /\r\nCookie: [redacted]\r\nHost: h" }),
        ),
    ] {
        assert_eq!(redact_value(&value, true), expected);
    }
    // The other way round, and spelt with escapes.
    assert_eq!(
        redact(r#"[{"value":"s", "name" : "\u0043ookie"},{"value":"kept","x":{"y":1},"name":"n"}]"#, false, true),
        r#"[{"value":"[redacted]", "name" : "\u0043ookie"},{"value":"kept","x":{"y":1},"name":"n"}]"#
    );
}

#[test]
fn what_looks_like_a_token_or_a_signed_link_is_taken_out_of_all_texts() {
    for (text, expected) in [
        (format!("a {JWT} b"), "a [redacted] b"),
        (format!("wss=x/page/T?jwt={JWT}&b"), "wss=x/page/T?jwt=[redacted]&b"),
        ("https://w.dev/l/1.new.cGF5.bWFj?x".to_owned(), "https://w.dev/l/[redacted]?x"),
        ("url=https%3A%2F%2Fw.dev%2Fl%2F1.new.cGF5.bWFj".to_owned(), "url=https%3A%2F%2Fw.dev%2Fl%2F[redacted]"),
        (
            "to=%3Furl%3Dhttps%253A%252F%252Fw.dev%252Fl%252F1.new.cGF5.bWFj".to_owned(),
            "to=%3Furl%3Dhttps%253A%252F%252Fw.dev%252Fl%252F[redacted]",
        ),
        ("to=%2F%3Fa%3D%252F%253Ftoken%253Ds".to_owned(), "to=%2F%3Fa%3D%252F%253Ftoken%253D[redacted]"),
        ("Bearer abcdefghijklmnop1234".to_owned(), "Bearer [redacted]"),
        ("a bearer of news".to_owned(), "a bearer of news"),
        ("https://e.com/?token=s&a=1#id_token=s".to_owned(), "https://e.com/?token=[redacted]&a=1#id_token=[redacted]"),
        ("https://e.com/l/a/b?tokens=1".to_owned(), "https://e.com/l/a/b?tokens=1"),
        ("é – 漢字 – 😀".to_owned(), "é – 漢字 – 😀"),
    ] {
        assert_eq!(redact_value(&json!({ "a": text }), false), json!({ "a": expected }));
        assert_eq!(redact_value(&json!({ "a": text }), true), json!({ "a": expected }), "in requests, too");
    }
    let raw = format!(r#"{{"name":"Cookie","value":"kept","u":"?token=kept&jwt={JWT}","l":"/l/1.k.p.m"}}"#);
    let expected = r#"{"name":"Cookie","value":"kept","u":"?token=kept&jwt=[redacted]","l":"/l/[redacted]"}"#;
    assert_eq!(redact(&raw, true, true), expected);
}

#[test]
fn long_texts_are_not_held_and_no_secret_of_theirs_gets_through() {
    let (long, words) = ("x".repeat(300_000), "some words ".repeat(30_000));
    let value = json!({
        "a": { "name": "cookie", "value": long }, "b": { "value": long, "name": "cookie" },
        "c": { "text": format!("{words} Bearer abcdefghijklmnop1234 {JWT} {words}") },
        "d": { "data": long }, "e": "kept",
        "f": { "text": format!("{{ {} }}", "\"password\" : \"s\", ".repeat(5_000)) },
    });
    let redacted = redact_value(&value, true);
    for hidden in ["a", "b"] {
        assert_eq!(redacted[hidden]["value"], "[redacted]");
    }
    assert_eq!(redacted["c"]["text"], format!("{words} Bearer [redacted] [redacted] {words}"));
    assert_eq!(redacted["f"]["text"], value["f"]["text"].as_str().unwrap().replace("\"s\"", "\"[redacted]\""));
    assert_eq!((&redacted["d"], &redacted["e"]), (&value["d"], &value["e"]));
}

#[test]
fn no_part_of_a_secret_of_words_gets_through_from_a_long_text() {
    let words = "a secret of words, ".repeat(40);
    for (before, after) in [
        ("\"password\": \"", "\", \"kept\": 1, "),
        ("Content-Disposition: form-data; name=\"password\"\r\n\r\n", "\r\n--b\r\n"),
        ("Set-Cookie: ", "\r\nAccept: kept\r\n"),
    ] {
        let text = |value: &str| format!("{before}{value}{after}").repeat(400);
        let redacted = redact_value(&json!({ "text": text(&words) }), true);
        assert_eq!(redacted["text"], text("[redacted]"), "{before}");
    }
}

#[test]
fn what_is_no_json_passes_through_all_the_same() {
    for text in ["", "no JSON", r#"{"a":"#, r#"]]}} "a", {"b":1}"#, r#"{"a\\":"b\\\"","c":["#] {
        assert_eq!(redact(text, false, true), text);
    }
}
