//! Whom it asks, where the command line does not say.

use std::{fs, os::unix::fs::PermissionsExt as _};

use serde_json::json;
use wiremock::{
    Mock, MockServer, ResponseTemplate,
    matchers::{header, path},
};

use crate::cli::{Home, TOKEN};

#[tokio::test]
async fn the_file_in_the_usual_place_says_which_worker_and_as_whom() {
    let server = MockServer::start().await;
    let asked = Mock::given(path("/api/links")).and(header("authorization", format!("Bearer {TOKEN}")));
    asked.respond_with(ResponseTemplate::new(200).set_body_json(json!({"links": []}))).expect(2).mount(&server).await;
    let home = Home::new();
    let file = home.path().join(".config/devtools-link.toml");
    fs::create_dir(file.parent().unwrap()).unwrap();
    fs::write(&file, format!("url = \"{}/\"\ntoken = \"{TOKEN}\"\n", server.uri())).unwrap();

    assert!(home.run(&[], &["links"]).await.complaint().contains("chmod 600"));
    fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).unwrap();
    assert_eq!(home.run(&[], &["links"]).await.answer(), "");
    let elsewhere = home.path().join("elsewhere.toml");
    fs::rename(file, &elsewhere).unwrap();
    assert_eq!(home.run(&[], &["links", "--config", elsewhere.to_str().unwrap()]).await.answer(), "");
    let output = home.run(&[("DEVTOOLS_LINK_CONFIG", "/nowhere.toml")], &["links"]).await;
    assert!(output.complaint().contains("/nowhere.toml can't be used"), "{output:?}");
}
