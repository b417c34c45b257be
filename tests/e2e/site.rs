//! The pages that are debugged: the same at every path, and it remembers what it was asked for.

use std::sync::{Arc, Mutex};

use axum::{Router, http::Uri, response::Html};
use tokio::net::TcpListener;

/// A small site.
pub(crate) struct Site {
    /// `http://127.0.0.1:41234`
    pub(crate) origin: String,
    targets: Arc<Mutex<Vec<String>>>,
}

impl Site {
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let origin = format!("http://{}", listener.local_addr().unwrap());
        let targets = Arc::new(Mutex::new(Vec::new()));
        let log = Arc::clone(&targets);
        let router = Router::new().fallback(async move |uri: Uri| {
            log.lock().unwrap().push(uri.to_string());
            Html(include_str!("fixtures/page.html"))
        });
        tokio::spawn(async { axum::serve(listener, router).await });
        Self { origin, targets }
    }

    /// The targets of request lines that began with this, byte for byte.
    pub(crate) fn targets(&self, beginning: &str) -> Vec<String> {
        let targets = self.targets.lock().unwrap();
        targets.iter().filter(|target| target.starts_with(beginning)).cloned().collect()
    }
}
