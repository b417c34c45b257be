//! A URL's canonical spelling (<https://url.spec.whatwg.org/>), by the parser that the platform brings: in workerd its own,
//! which costs a Worker no bytes and agrees with the browser that will open the URL; natively the `url` crate. Both are
//! held against one table, `spellings.json`: here, and in workerd by the end-to-end tests.

#[cfg(target_arch = "wasm32")]
mod platform {
    use wasm_bindgen::{JsValue, prelude::wasm_bindgen};

    #[wasm_bindgen]
    extern "C" {
        #[wasm_bindgen(js_name = URL)]
        type Url;
        #[wasm_bindgen(constructor, catch, js_class = "URL")]
        fn new(text: &str) -> Result<Url, JsValue>;
        #[wasm_bindgen(method, getter)]
        fn href(this: &Url) -> String;
    }

    pub(super) fn canonical(text: &str) -> Option<String> {
        Url::new(text).ok().map(|url| url.href())
    }
}

#[cfg(not(target_arch = "wasm32"))]
mod platform {
    pub(super) fn canonical(text: &str) -> Option<String> {
        url::Url::parse(text).ok().map(String::from)
    }
}

/// The canonical spelling of an absolute URL; `None` where it is none.
pub(crate) fn canonical(text: &str) -> Option<String> {
    platform::canonical(text)
}

/// What both parsers are held against: `spellings.json`.
#[cfg(test)]
#[derive(serde::Deserialize)]
pub(crate) struct Spellings {
    /// Each with its canonical spelling.
    pub(crate) canonical: Vec<(String, String)>,
    /// Each with what is wrong with it.
    pub(crate) refused: Vec<(String, String)>,
    pub(crate) special_hosts: Vec<String>,
    pub(crate) public_hosts: Vec<String>,
}

#[cfg(test)]
pub(crate) fn spellings() -> Spellings {
    serde_json::from_str(include_str!("../spellings.json")).unwrap()
}
