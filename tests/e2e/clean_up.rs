//! The cron run closes what the Worker opened, and nothing else.

use crate::{
    browser_run::session_of,
    cdp::Cdp,
    environment::{binding, site},
    until::until,
};

#[tokio::test]
async fn the_cron_run_closes_our_old_session_and_leaves_one_that_somebody_else_opened() {
    let (environment, site) = (binding().await, site().await);
    let (foreign, foreign_link) = environment.browser_run.open(&site.origin).await;
    let link = environment.worker.open(&format!("{}/clean-up", site.origin)).await;
    let ours = session_of(&link);

    until("the clean-up closes our session", async || {
        environment.worker.run_cron().await;
        let session = environment.browser_run.session(ours).await;
        if session["endTime"].is_u64() { Ok(()) } else { Err(session.to_string()) }
    })
    .await;
    let foreign = environment.browser_run.session(&foreign).await;
    assert!(foreign["endTime"].is_null(), "{foreign}");
    let mut tab = Cdp::connect(&foreign_link).await.unwrap();
    assert_eq!(tab.evaluate("1 + 1").await, 2);
}
