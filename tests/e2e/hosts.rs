//! Where a click may lead: as the platform's own URL parser reads it.

use reqwest::Method;
use serde_json::json;

use crate::{
    environment::{guarded, rest, scripted, site},
    people::answer,
};

#[tokio::test]
async fn special_addresses_and_names_are_refused_however_they_are_spelled() {
    let upstream = scripted().await;
    for (host, what) in [
        ("127.0.0.1", "`127.0.0.1` is a loopback address"),
        ("127.1", "`127.0.0.1` is a loopback address"),
        ("2130706433", "`127.0.0.1` is a loopback address"),
        ("0x7f000001", "`127.0.0.1` is a loopback address"),
        ("0x7F.1", "`127.0.0.1` is a loopback address"),
        ("0177.0.0.01", "`127.0.0.1` is a loopback address"),
        ("017700000001", "`127.0.0.1` is a loopback address"),
        ("127.0.0.1.", "a loopback address"),
        ("１２７。０。０。１", "`127.0.0.1` is a loopback address"),
        ("%31%32%37.0.0.1", "`127.0.0.1` is a loopback address"),
        ("①②⑦.0.0.1", "`127.0.0.1` is a loopback address"),
        ("[::1]", "`[::1]` is a loopback address"),
        ("[0:0:0:0:0:0:0:1]", "`[::1]` is a loopback address"),
        ("[::ffff:127.0.0.1]", "a loopback address"),
        ("[::ffff:7f00:1]", "a loopback address"),
        ("[64:ff9b::7f00:1]", "a loopback address"),
        ("169.254.169.254", "`169.254.169.254` is a link-local address"),
        ("2852039166", "`169.254.169.254` is a link-local address"),
        ("0xa9fea9fe", "`169.254.169.254` is a link-local address"),
        ("0251.0376.0251.0376", "`169.254.169.254` is a link-local address"),
        ("169.254.43518", "`169.254.169.254` is a link-local address"),
        ("[::ffff:a9fe:a9fe]", "a link-local address"),
        ("[fe80::1]", "a link-local address"),
        ("[fd00:ec2::254]", "a private address"),
        ("10.0.0.1", "a private address"),
        ("172.16.0.1", "a private address"),
        ("192.168.0.1", "a private address"),
        ("0", "`0.0.0.0` is an address that is not public"),
        ("[::]", "not public"),
        ("localhost", "a name of this machine"),
        ("LOCALHOST", "a name of this machine"),
        ("app.localhost.", "a name of this machine"),
        ("ｌocalhost", "a name of this machine"),
        ("metadata.google.internal", "a name of a private network"),
        ("printer.local", "a name of a private network"),
        ("fileserver", "a name without a domain"),
        ("localhost.localdomain", "a name of this machine"),
        ("wiki.corp", "a name of a private network"),
        ("nas.home", "a name of a private network"),
        ("api.default.svc", "a name of a private network"),
        ("metadata.goog", "a name under which a cloud keeps its metadata"),
    ] {
        let url = format!("http://{host}/");
        let detail = answer(upstream.worker().click(&url, &[])).await.problem(403, "host-refused");
        assert!(detail.contains(what) && detail.contains("ALLOWED_HOSTS"), "{host}: {detail}");
        let posted = upstream.worker().request(Method::POST, "/api/sessions").json(&json!({ "url": url }));
        answer(posted).await.problem(403, "host-refused");
    }
    for (port, url) in [(22, "http://example.com:22/"), (6667, "https://example.com:06667/a")] {
        let detail = answer(upstream.worker().click(url, &[])).await.problem(400, "url-port");
        assert!(detail.contains(&format!("port, {port}, is another protocol's")), "{url}: {detail}");
    }
    assert!(upstream.calls().await.is_empty(), "Browser Run was asked for nothing");
}

#[tokio::test]
async fn a_pattern_lists_no_name_that_only_looks_like_what_it_means() {
    let nora = guarded().await.person("nora");
    for host in ["127.evil.example", "127.0.0.1.evil.example", "evilexample.com", "a.example.com.evil.example"] {
        let detail = nora.click(&format!("https://{host}/"), &[]).await.problem(403, "host-refused");
        assert!(detail.contains("not among those"), "{host}: {detail}");
    }
}

#[tokio::test]
async fn what_is_listed_is_opened_and_a_bare_star_lists_no_private_network() {
    let (worker, site) = (&rest().await.worker, site().await);
    let port = site.origin.rsplit(':').next().unwrap();
    worker.open(&format!("http://2130706433:{port}/listed")).await;
    for host in ["10.0.0.1", "localhost", "[::1]", "169.254.169.254"] {
        answer(worker.click(&format!("http://{host}/"), &[])).await.problem(403, "host-refused");
    }
}
