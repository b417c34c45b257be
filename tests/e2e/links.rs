//! For how long a link works.

use std::time::Duration;

use cdp_client::Cdp;
use reqwest::Client;

use crate::environment::{binding, site};

#[tokio::test]
async fn a_link_is_refused_after_its_minutes_that_a_connection_outlives() {
    let (environment, site) = (binding().await, site().await);
    let link = environment.worker.open(&format!("{}/links", site.origin)).await;
    let status = async || Client::new().get(&link).send().await.unwrap().status();

    environment.browser_run.advance(Duration::from_secs(4 * 60));
    assert_eq!(status().await, 200);
    let mut established = Cdp::behind(&link).await.unwrap();

    environment.browser_run.advance(Duration::from_secs(60));
    assert_eq!(status().await, 401);
    assert_eq!(Cdp::behind(&link).await.err().map(|status| status.as_u16()), Some(401));
    assert_eq!(established.evaluate("1 + 1").await, 2);
}
