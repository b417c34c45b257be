//! A click ends on exactly the URL that was asked for.

use serde_json::json;

use crate::{
    cdp::Cdp,
    environment::{real, site},
    site::Site,
};

#[tokio::test]
async fn a_click_on_an_odd_url_ends_on_exactly_that_url() {
    let (environment, site) = (real().await, site().await);
    let odd = |path: &str| format!("{}{path}", site.origin);
    let answer = environment.worker.click(&odd("/odd/ä b?x=1&y=a+b&z=%26%20%2B#frag&ment"), &[]).send().await.unwrap();
    assert_eq!(answer.status(), 302);
    let link = answer.headers()["location"].to_str().unwrap();
    let mut tab = Cdp::connect(link).await.unwrap();
    tab.until("location.href", &json!(odd("/odd/%C3%A4%20b?x=1&y=a+b&z=%26%20%2B#frag&ment"))).await;
    tab.until("document.readyState", &json!("complete")).await;
    assert_eq!(site.targets("/odd/"), ["/odd/%C3%A4%20b?x=1&y=a+b&z=%26%20%2B"]);
}
