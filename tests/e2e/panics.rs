//! A panic is one request's: whoever asks later is answered by a new instance, which knows what was stored.

use serde_json::json;

use crate::{
    people::{Person, access_tokens},
    signed_links,
    team::Team,
    until::until,
    worker::{Settings, Worker},
};

#[tokio::test]
async fn a_panic_in_the_worker_or_its_ledger_is_a_500_and_nobody_elses() {
    let team = Team::start().await;
    let mut variables = vec![("CLOUDFLARE_ACCOUNT_ID", "acc".to_owned())];
    variables.extend(team.variables());
    let secrets =
        vec![("CLOUDFLARE_API_TOKEN", "a-token-for-nothing".to_owned()), access_tokens(), signed_links::keys()];
    let around = Some(include_str!("fixtures/panics.js"));
    let worker = Worker::start(&Settings { secrets, variables, around, ..Settings::default() }).await;
    let ada = Person::new(&worker, "ada");
    let link = ada.post("/api/links", json!({ "url": "https://example.com/" })).await.json(201);
    let sign_in = team.sign(&team.claims("ada@example.com"));
    for (panics, place) in ["worker", "ledger"].into_iter().enumerate() {
        let request = worker.get("/api/links").header("cf-access-jwt-assertion", &sign_in);
        let answer = request.header("panics-in", place).send().await.unwrap();
        assert_eq!(answer.status(), 500, "{place}: {}", worker.output());
        until("it is logged", async || {
            let output = worker.output();
            if output.matches("panicked at").count() > panics { Ok(()) } else { Err(output) }
        })
        .await;
        let links = ada.get("/api/links").await.json(200);
        assert_eq!(links["links"][0]["id"], link["id"], "{place}: {links}");
    }
}
