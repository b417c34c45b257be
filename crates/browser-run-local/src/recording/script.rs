//! What runs in each document of a recorded session, pure.

use crate::cdp::hidden::{SCRIPT_URL, WORLD};
use serde_json::{Value, json};

/// What the world calls to tell the server of events.
const BINDING: &str = "recorded";
/// Records a document in which the script has run for another one.
pub(super) const RECORD_DOCUMENT: &str = "recordDocument()";
/// Records what a script writes into a document that it has opened.
pub(super) const DOCUMENT_OPENED: &str = "documentOpened()";
/// Sends the events that wait, those of a document that was not recorded yet, too.
pub(super) const SEND_ALL: &str = "sendAll()";

/// The script for every document; it does nothing in frames, which the page's recorder looks into as far as it may.
///
/// rrweb is a function, which is not compiled before it is called, and says nothing on the page's console.
pub(super) fn source(rrweb: &str) -> String {
    let ours = concat!(include_str!("style_sheets.js"), include_str!("record.js"));
    format!(
        "if (top === self) (function (console) {{\nconst library = function () {{\n{rrweb}\n}};\n{ours}}}).call(globalThis, \
         {{ debug() {{}}, error() {{}}, info() {{}}, log() {{}}, warn() {{}} }});\n//# sourceURL={SCRIPT_URL}"
    )
}

/// The parameters of `Page.addScriptToEvaluateOnNewDocument`; the document that is there already is recorded, too.
pub(super) fn on_new_document(source: &str) -> Value {
    json!({"source": source, "worldName": WORLD, "runImmediately": true})
}

/// The parameters of `Runtime.addBinding`.
pub(super) fn binding() -> Value {
    json!({"name": BINDING, "executionContextName": WORLD})
}

/// The parameters of `Runtime.evaluate` in the recorder's world.
pub(super) fn call(function: &str, world: u64) -> Value {
    json!({"expression": function, "contextId": world, "silent": true})
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rrweb_comes_before_what_uses_it_and_the_name_last() {
        let source = source("var rrweb = 1;\n//# sourceMappingURL=rrweb.map");
        let place = |text: &str| source.find(text).unwrap();
        assert!(place("var rrweb") < place("record(options)") && place("record(options)") < place("//# sourceURL="));
        assert!(source.starts_with("if (top === self)") && source.ends_with(SCRIPT_URL));
    }
}
