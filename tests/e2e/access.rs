//! Who may click.

use std::time::Duration;

use futures_util::future::join_all;
use reqwest::Method;
use serde_json::{Value, json};
use wiremock::ResponseTemplate;

use crate::{
    environment::{guarded, site},
    people::{Answer, answer, token_of},
    team::{KEY_ID, Team},
    until::until,
    worker::{Settings, Worker},
};

/// Enough for the Worker to look no further than at who may click.
fn upstream() -> (&'static str, String) {
    ("CLOUDFLARE_ACCOUNT_ID", "acc".to_owned())
}

/// Checks that nothing works, for this reason.
async fn expect_closed(settings: Settings, reasons: &[&str]) {
    let api_token = ("CLOUDFLARE_API_TOKEN", "a-token-for-nothing".to_owned());
    let secrets = settings.secrets.into_iter().chain([api_token]).collect();
    let worker = Worker::start(&Settings { secrets, ..settings }).await;
    for (method, path) in [
        (Method::GET, "/?url=https://example.com/"),
        (Method::GET, "/https://example.com/"),
        (Method::POST, "/?url=https://example.com/"),
        (Method::POST, "/api/sessions"),
        (Method::GET, "/api/sessions"),
        (Method::DELETE, "/api/sessions/x"),
        (Method::POST, "/api/links"),
        (Method::POST, "/api/sweep"),
        (Method::GET, "/s/x"),
        (Method::GET, "/l/x"),
    ] {
        let refused = answer(worker.request(method.clone(), path).bearer_auth(token_of("ada"))).await;
        let detail = refused.problem(503, "not-configured");
        assert!(reasons.iter().all(|reason| detail.contains(reason)), "{method} {path}: {detail}");
        assert!(!refused.body.contains("secret-token"), "{method} {path}: {refused:?}");
    }
    let elsewhere = answer(worker.request(Method::POST, "/https://example.com/").header("host", "debug.example")).await;
    elsewhere.problem(503, "not-configured");
    assert!(reasons.iter().all(|reason| !elsewhere.body.contains(reason)), "a stranger is told {elsewhere:?}");
    let health = answer(worker.get("/healthz")).await;
    let told = health.problem(503, "not-ready");
    assert!(reasons.iter().all(|reason| !health.body.contains(reason)), "a stranger is told {told}");
    assert!(reasons.iter().all(|reason| worker.output().contains(reason)), "the log says why: {}", worker.output());
    assert!(!worker.output().contains("secret-token"), "{}", worker.output());
}

#[tokio::test]
async fn a_worker_without_access_names_its_settings_and_lets_nobody_in() {
    let variables = vec![upstream(), ("ACCESS_OPEN", "false".to_owned())];
    let settings = ["ACCESS_TOKENS", "ACCESS_TEAM", "ACCESS_AUDIENCE", "LINK_KEYS", "ACCESS_OPEN"];
    expect_closed(Settings { variables, ..Settings::default() }, &settings).await;
}

#[tokio::test]
async fn a_wrong_list_of_tokens_lets_nobody_in_and_is_not_told() {
    // Name and token are mixed up.
    let secrets = vec![("ACCESS_TOKENS", format!("ada:{},secret-token-0123456789:bob", token_of("ada")))];
    let reasons = ["ACCESS_TOKENS", "entry 2 has a token of fewer than 20 characters"];
    expect_closed(Settings { variables: vec![upstream()], secrets, ..Settings::default() }, &reasons).await;
}

#[tokio::test]
async fn a_list_of_commas_alone_is_found_before_the_first_click() {
    let variables = vec![upstream(), ("LIVE_VIEW_HOSTS", ",".to_owned())];
    let reasons = ["LIVE_VIEW_HOSTS", "it has commas and no entry"];
    expect_closed(Settings { variables, ..Settings::default() }, &reasons).await;
}

#[tokio::test]
async fn a_token_counts_as_bearer_and_as_a_password_and_a_wrong_one_is_a_401() {
    let worker = &guarded().await.worker;
    let path = "/api/sessions";
    let right = token_of("nora");
    for request in [worker.get(path).bearer_auth(&right), worker.get(path).basic_auth("whatever", Some(&right))] {
        assert_eq!(answer(request).await.status, 200);
    }
    let wrong = format!("{}x", &right[..right.len() - 1]);
    for request in [
        worker.get(path),
        worker.get(path).bearer_auth(&wrong),
        worker.get(path).bearer_auth(&right[..right.len() - 1]),
        worker.get(path).bearer_auth(""),
        worker.get(path).basic_auth(&right, Some("")),
        worker.get(path).basic_auth("nora", Some(&wrong)),
        worker.get(path).header("authorization", &right),
        worker.get("/?url=https://example.com/"),
        worker.request(Method::POST, "/https://example.com/").bearer_auth(&wrong),
        worker.request(Method::POST, "/api/sweep"),
    ] {
        let refused = answer(request).await;
        refused.problem(401, "unauthorized");
        assert!(refused.header("www-authenticate").starts_with("Basic realm="), "a browser asks for it");
    }
}

#[tokio::test]
async fn a_sign_in_counts_that_the_team_signed_for_this_application_now() {
    let (environment, site) = (guarded().await, site().await);
    let (team, worker) = (&environment.team, &environment.worker);
    let sessions =
        async |sign_in: &str| answer(worker.get("/api/sessions").header("cf-access-jwt-assertion", sign_in)).await;
    let claims = team.claims("rosa@example.com");
    let with = |name: &str, value: Value| {
        let mut claims = claims.clone();
        claims[name] = value;
        claims
    };
    let now = claims["nbf"].as_u64().unwrap();
    let valid = team.sign(&claims);
    assert_eq!(sessions(&valid).await.json(200)["total"], 0);

    for (sign_in, why) in [
        (team.sign(&with("aud", json!(["another application"]))), "another application"),
        (team.sign(&with("iss", json!("https://evil.cloudflareaccess.com"))), "another team"),
        (team.sign(&with("exp", json!(now - 61))), "expired"),
        (team.sign(&with("nbf", json!(now + 600))), "not valid yet"),
        (team.sign_with_the_public_key(&claims), "not RS256"),
        (unsigned("none", &claims), "not RS256"),
        (unsigned("RS256", &claims), "signature is wrong"),
        (forged(&valid, &with("email", json!("boss@example.com"))), "signature is wrong"),
        (team.sign_with("unknown", &claims), "key is not among the team's"),
    ] {
        let detail = sessions(&sign_in).await.problem(403, "sign-in");
        assert!(detail.contains(why), "{why}: {detail}");
    }

    let click = worker.click(&format!("{}/signed-in", site.origin), &[]);
    let cookie = format!("other=1; CF_Authorization={valid}; more=2");
    let opened = answer(click.header("cookie", cookie)).await.opened(302);
    let session =
        answer(worker.get(&format!("/api/sessions/{}", opened.session)).header("cf-access-jwt-assertion", valid));
    assert_eq!(session.await.json(200)["caller"], "rosa@example.com");
}

#[tokio::test]
async fn a_cold_worker_accepts_all_who_come_first_or_says_503() {
    let team = Team::start_slow(Duration::from_secs(1)).await;
    let variables = team.variables().into_iter().chain([upstream(), ("ACCESS_OPEN", "false".to_owned())]).collect();
    let secrets = vec![("CLOUDFLARE_API_TOKEN", "a-token-for-nothing".to_owned())];
    let mut worker = Worker::start(&Settings { variables, secrets, ..Settings::default() }).await;
    let sign_in = team.sign(&team.claims("ada@example.com"));
    let request = |worker: &Worker| worker.get("/api/sessions").header("cf-access-jwt-assertion", &sign_in);

    let answers = join_all((0..20).map(|_| answer(request(&worker)))).await;
    assert_eq!(answers.iter().map(|answer| answer.status).collect::<Vec<_>>(), [200; 20], "{answers:?}");
    assert_eq!(team.key_requests().await, 1, "one fetch is for all");

    worker.kill_and_start_again().await;
    for failure in [
        ResponseTemplate::new(500),
        ResponseTemplate::new(200).set_body_string("<title>Sign in</title>"),
        ResponseTemplate::new(200).set_delay(Duration::from_secs(60)),
    ] {
        team.answer_once(failure).await;
    }
    let unavailable = |refused: &Answer| {
        assert!(refused.problem(503, "sign-in-unavailable").contains("keys"), "{refused:?}");
        let seconds: u64 = refused.header("retry-after").parse().unwrap();
        assert!((1..=8).contains(&seconds), "{refused:?}");
    };
    join_all((0..20).map(|_| answer(request(&worker)))).await.iter().for_each(unavailable);
    until("the sign-in is accepted", async || {
        let again = answer(request(&worker)).await;
        if again.status == 200 {
            return Ok(());
        }
        unavailable(&again);
        Err(again.body)
    })
    .await;
    assert_eq!(team.key_requests().await, 1 + 3 + 1, "each failure is one fetch, for all");
}

#[tokio::test]
async fn unknown_key_ids_have_the_keys_fetched_once_a_minute_at_most() {
    let environment = guarded().await;
    let started = std::time::Instant::now();
    let before = environment.team.key_requests().await;
    for key in 0..10 {
        let sign_in = environment.team.sign_with(&format!("unknown-{key}"), &environment.team.claims("a@example.com"));
        let request = environment.worker.get("/api/sessions").header("cf-access-jwt-assertion", sign_in);
        let refused: Answer = answer(request).await;
        assert!(refused.problem(403, "sign-in").contains("key is not among the team's"));
    }
    let fetched = environment.team.key_requests().await;
    let minutes = usize::try_from(started.elapsed().as_secs() / 60).unwrap();
    assert!(fetched >= 1 && fetched - before <= 1 + minutes, "{before}, then {fetched}");
}

/// A sign-in with this algorithm, and without a signature.
fn unsigned(algorithm: &str, claims: &Value) -> String {
    let header = json!({ "alg": algorithm, "typ": "JWT", "kid": KEY_ID });
    format!("{}.{}.", crate::team::part(&header), crate::team::part(claims))
}

/// A sign-in that says something else than what was signed.
fn forged(sign_in: &str, claims: &Value) -> String {
    let parts: Vec<_> = sign_in.split('.').collect();
    format!("{}.{}.{}", parts[0], crate::team::part(claims), parts[2])
}
