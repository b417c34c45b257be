//! A page on another origin.

use axum::{Router, response::Html};
use reqwest::Url;
use tokio::net::TcpListener;

/// A site with one page, for every path.
pub(crate) struct Hostile {
    port: u16,
}

impl Hostile {
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let router = Router::new().fallback(async || Html(include_str!("fixtures/hostile.html")));
        tokio::spawn(async { axum::serve(listener, router).await });
        Self { port }
    }

    /// The page, at a name of this machine.
    pub(crate) fn url(&self, host: &str, parameters: &[(&str, &str)]) -> String {
        Url::parse_with_params(&format!("http://{host}:{}/", self.port), parameters).unwrap().into()
    }
}
