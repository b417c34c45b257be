//! A URL's canonical spelling (<https://url.spec.whatwg.org/>), by the parser that the platform brings: in workerd its own,
//! which costs a Worker no bytes and agrees with the browser that will open the URL; natively the `url` crate. Both are
//! held against one table, `spellings.json`.

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
