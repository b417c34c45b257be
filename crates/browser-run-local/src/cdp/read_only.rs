//! What the holder of a read-only link may say: the commands that look, listed one by one, pure.
//!
//! Everything else is refused: what navigates, types, evaluates, emulates, intercepts, pauses or stores, and whatever a
//! later Chromium adds. Documented so: <https://developers.cloudflare.com/browser-run/features/live-view/>.

use browser_run_api::LiveViewMode;
use serde_json::{Map, Value};

/// By domain. `enable` starts a domain's events for this connection.
const ALLOWED: [(&str, &[&str]); 17] = [
    (
        "Accessibility",
        &[
            "enable", "disable", "getAXNodeAndAncestors", "getChildAXNodes", "getFullAXTree", "getPartialAXTree",
            "getRootAXNode",
        ],
    ),
    ("Animation", &["enable", "disable"]),
    ("Audits", &["enable", "disable"]),
    ("Browser", &["getVersion"]),
    (
        "CSS",
        &[
            "enable",
            "disable",
            "getAnimatedStylesForNode",
            "getBackgroundColors",
            "getComputedStyleForNode",
            "getEnvironmentVariables",
            "getInlineStylesForNode",
            "getLayersForNode",
            "getMatchedStylesForNode",
            "getMediaQueries",
            "getPlatformFontsForNode",
            "getStyleSheetText",
            "trackComputedStyleUpdatesForNode",
        ],
    ),
    ("Cloudflare", &["getHandoffState", "getSessionId"]),
    (
        "DOM",
        &[
            "enable",
            "disable",
            "describeNode",
            "discardSearchResults",
            "getAttributes",
            "getBoxModel",
            "getContainerForNode",
            "getContentQuads",
            "getDocument",
            "getFrameOwner",
            "getNodeForLocation",
            "getOuterHTML",
            "getSearchResults",
            "getTopLayerElements",
            "performSearch",
            "pushNodeByPathToFrontend",
            "pushNodesByBackendIdsToFrontend",
            "querySelector",
            "querySelectorAll",
            "requestChildNodes",
            "requestNode",
            "resolveNode",
        ],
    ),
    ("DOMDebugger", &["getEventListeners"]),
    ("Inspector", &["enable", "disable"]),
    ("Log", &["enable", "disable"]),
    ("Network", &["enable", "disable", "getRequestPostData", "getResponseBody", "getSecurityIsolationStatus"]),
    ("Overlay", &["enable", "disable"]),
    (
        "Page",
        &[
            "enable",
            "disable",
            "captureScreenshot",
            "getAppManifest",
            "getFrameTree",
            "getLayoutMetrics",
            "getNavigationHistory",
            "getResourceContent",
            "getResourceTree",
            "screencastFrameAck",
            "setLifecycleEventsEnabled",
            "startScreencast",
            "stopScreencast",
        ],
    ),
    ("Performance", &["enable", "disable", "getMetrics"]),
    (
        "Runtime",
        &[
            "enable",
            "disable",
            "getHeapUsage",
            "getIsolateId",
            "getProperties",
            "globalLexicalScopeNames",
            "releaseObject",
            "releaseObjectGroup",
            "runIfWaitingForDebugger",
        ],
    ),
    ("Security", &["enable", "disable"]),
    ("Target", &["getTargetInfo", "setAutoAttach"]),
];

/// What a view of all tabs needs to show another one.
const ALLOWED_IN_FULL: [&str; 4] =
    ["Target.attachToTarget", "Target.detachFromTarget", "Target.getTargets", "Target.setDiscoverTargets"];

/// What a picture may be like: a bigger one than the page is would resize the page.
const SCREENSHOT: [&str; 4] = ["format", "quality", "optimizeForSpeed", "fromSurface"];

/// The parameters with which a command is allowed, if it is.
pub(super) fn allow(mode: LiveViewMode, method: &str, mut params: Map<String, Value>) -> Option<Map<String, Value>> {
    let (domain, command) = method.split_once('.')?;
    let listed = ALLOWED.iter().any(|(name, commands)| *name == domain && commands.contains(&command));
    if !(listed || mode == LiveViewMode::Full && ALLOWED_IN_FULL.contains(&method)) {
        return None;
    }
    match method {
        "Page.captureScreenshot" => params.retain(|key, _| SCREENSHOT.contains(&key.as_str())),
        // New frames and workers wait for nobody; their commands come to this filter.
        "Target.setAutoAttach" => {
            params.insert("waitForDebuggerOnStart".to_owned(), false.into());
            params.insert("flatten".to_owned(), true.into());
        }
        // A link to one page tells of that page.
        "Cloudflare.getHandoffState" if mode != LiveViewMode::Full => {
            params.remove("targetId");
        }
        "Target.attachToTarget" => {
            params.insert("flatten".to_owned(), true.into());
        }
        _ => {}
    }
    Some(params)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn allowed(mode: LiveViewMode, method: &str, params: Value) -> Option<Value> {
        let Value::Object(params) = params else { panic!("{params}") };
        allow(mode, method, params).map(Value::Object)
    }

    #[test]
    fn commands_that_change_anything_are_refused() {
        for method in [
            "Browser.close",
            "CSS.setStyleSheetText",
            "Cloudflare.getLiveView",
            "Cloudflare.handoff",
            "Cloudflare.handoffComplete",
            "DOM.setAttributeValue",
            "DOM.setFileInputFiles",
            "DOM.focus",
            "DOM.scrollIntoViewIfNeeded",
            "DOMStorage.setDOMStorageItem",
            "Debugger.enable",
            "Debugger.pause",
            "Emulation.setDeviceMetricsOverride",
            "Fetch.enable",
            "HeapProfiler.collectGarbage",
            "Input.dispatchKeyEvent",
            "Input.dispatchMouseEvent",
            "Input.insertText",
            "Network.clearBrowserCookies",
            "Network.setCookie",
            "Network.getCookies",
            "Overlay.highlightNode",
            "Page.addScriptToEvaluateOnNewDocument",
            "Page.bringToFront",
            "Page.close",
            "Page.handleJavaScriptDialog",
            "Page.navigate",
            "Page.navigateToHistoryEntry",
            "Page.printToPDF",
            "Page.reload",
            "Page.setDocumentContent",
            "Page.stopLoading",
            "Runtime.addBinding",
            "Runtime.callFunctionOn",
            "Runtime.compileScript",
            "Runtime.evaluate",
            "Runtime.runScript",
            "Runtime.terminateExecution",
            "Storage.clearDataForOrigin",
            "Target.activateTarget",
            "Target.closeTarget",
            "Target.createTarget",
            "Target.exposeDevToolsProtocol",
            "Target.sendMessageToTarget",
            "Tracing.start",
            "enable",
            "Page.",
            "",
        ] {
            for mode in [LiveViewMode::Devtools, LiveViewMode::Tab, LiveViewMode::Full] {
                assert_eq!(allowed(mode, method, json!({})), None, "{method}");
            }
        }
    }

    #[test]
    fn listed_commands_have_no_name_of_a_change() {
        let changes =
            ["set", "add", "remove", "clear", "dispatch", "evaluate", "call", "navigate", "highlight", "close"];
        let exceptions = ["setAutoAttach", "setLifecycleEventsEnabled"];
        for command in ALLOWED.iter().flat_map(|(_, commands)| *commands).filter(|name| !exceptions.contains(name)) {
            assert!(!changes.iter().any(|change| command.starts_with(change)), "{command}");
        }
    }

    #[test]
    fn other_tabs_are_shown_in_full_only() {
        let attach = json!({"targetId": "t", "flatten": false});
        assert_eq!(allowed(LiveViewMode::Tab, "Target.attachToTarget", attach.clone()), None);
        let flattened = Some(json!({"targetId": "t", "flatten": true}));
        assert_eq!(allowed(LiveViewMode::Full, "Target.attachToTarget", attach), flattened);
        let (state, of) = ("Cloudflare.getHandoffState", json!({"targetId": "t"}));
        assert_eq!(allowed(LiveViewMode::Tab, state, of.clone()), Some(json!({})));
        assert_eq!(allowed(LiveViewMode::Full, state, of.clone()), Some(of));
    }

    #[test]
    fn looking_neither_resizes_nor_holds_up_anything() {
        let mode = LiveViewMode::Devtools;
        let shot = json!({"format": "png", "captureBeyondViewport": true, "clip": {"scale": 9}});
        assert_eq!(allowed(mode, "Page.captureScreenshot", shot), Some(json!({"format": "png"})));
        let attach = json!({"autoAttach": true, "waitForDebuggerOnStart": true, "flatten": false});
        let harmless = json!({"autoAttach": true, "waitForDebuggerOnStart": false, "flatten": true});
        assert_eq!(allowed(mode, "Target.setAutoAttach", attach), Some(harmless));
    }
}
