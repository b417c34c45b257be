//! What recording costs a page: two sessions of browser-run-local side by side, one of them recorded.

use std::{
    convert::Infallible,
    fmt::Write as _,
    net::{Ipv4Addr, SocketAddr},
    time::{Duration, Instant},
};

use anyhow::{Context, Result};
use http_body_util::Full;
use hyper::{
    Request, Response,
    body::{Bytes, Incoming},
    header::{CONTENT_TYPE, REFERER},
    server::conn::http1,
    service::service_fn,
};
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use tokio::{net::TcpListener, time::sleep};

use super::{Pair, milliseconds, program::Program};
use crate::{cdp::Cdp, settings::Local as Settings};

/// Rows of the page, each of four elements.
const ROWS: usize = 500;
const SCRIPTS: usize = 10;
/// How many there are of either kind, one after the other: of two that are started alike, one can be slower by a twentieth.
const BROWSERS: usize = 6;
/// Loads before those that count: they fill caches, and a browser that has just been started has more to do.
const WARM_UP: usize = 10;

/// A page is looked at for a moment before something happens: by then it is recorded, and at rest.
const MOMENT: Duration = Duration::from_millis(250);

/// The page is at this path, too, where a site answers later: as if it were so far away.
const FAR: &str = "/far/";
const DISTANCE: Duration = Duration::from_millis(20);

/// How long the page has taken until its `load` event, and until the picture after that: once both are over.
const LOADED: &str = "new Promise(done => {
    const painted = () => requestAnimationFrame(() => setTimeout(() => {
        const { loadEventEnd } = performance.getEntriesByType('navigation')[0];
        done([loadEventEnd, performance.now()]);
    }));
    document.readyState == 'complete' ? painted() : addEventListener('load', painted);
})";
/// A change of the page, which is recorded.
const CHANGE: &str = "document.querySelector('h1').textContent = Math.random()";

/// Without recording, and with it, in milliseconds.
#[derive(Default)]
pub(super) struct Recording {
    pub(super) load: Pair,
    pub(super) painted: Pair,
    /// Loads from a site that is not on this machine.
    pub(super) far: Pair,
    /// A command that changes nothing.
    pub(super) round_trip: Pair,
    /// One that changes the page.
    pub(super) change: Pair,
}

pub(super) async fn measure(settings: &Settings) -> Result<Recording> {
    let url = format!("http://{}", site().await?);
    let mut recording = Recording::default();
    for _ in 0..BROWSERS {
        measure_once(settings, &url, &mut recording).await?;
    }
    Ok(recording)
}

async fn measure_once(settings: &Settings, url: &str, recording: &mut Recording) -> Result<()> {
    let program = Program::start(settings, 0).await?;
    let mut pages = [program.page("").await?, program.page("&recording=true").await?];
    for round in 0..WARM_UP + settings.loads.div_ceil(BROWSERS) {
        // Whose turn comes second finds what the first has left to do.
        for side in if round % 2 == 0 { [0, 1] } else { [1, 0] } {
            let page = &mut pages[side];
            let [loaded, painted] = load(page, &format!("{url}/{round}")).await?;
            if round >= WARM_UP {
                recording.load[side].push(loaded);
                recording.painted[side].push(painted);
                sleep(MOMENT).await;
                recording.change[side].extend(round_trips(page, CHANGE, settings.block / 20).await?);
                sleep(MOMENT).await;
                recording.round_trip[side].extend(round_trips(page, "1", settings.block / 5).await?);
                recording.far[side].push(load(page, &format!("{url}{FAR}{round}")).await?[0]);
            }
        }
    }
    Ok(())
}

async fn load(page: &mut Cdp, url: &str) -> Result<[f64; 2]> {
    page.call("Page.navigate", json!({ "url": url })).await?;
    let expression = json!({ "expression": LOADED, "awaitPromise": true, "returnByValue": true });
    let loaded = page.call("Runtime.evaluate", expression).await?;
    let time = |index: usize| loaded["result"]["value"][index].as_f64().context("the page did not load");
    Ok([time(0)?, time(1)?])
}

async fn round_trips(page: &mut Cdp, expression: &str, count: usize) -> Result<Vec<f64>> {
    let mut took = Vec::with_capacity(count);
    for _ in 0..count {
        let begun = Instant::now();
        page.call_for_text("Runtime.evaluate", json!({ "expression": expression })).await?;
        took.push(milliseconds(begun));
    }
    Ok(took)
}

/// A page with a table, a style sheet, and scripts that add to it; each path is another one.
async fn site() -> Result<SocketAddr> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    let address = listener.local_addr()?;
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let connection = http1::Builder::new().serve_connection(TokioIo::new(stream), service_fn(serve));
            // Browsers close connections as they like.
            tokio::spawn(async { drop(connection.await) });
        }
    });
    Ok(address)
}

async fn serve(request: Request<Incoming>) -> Result<Response<Full<Bytes>>, Infallible> {
    let loaded = request.headers().get(REFERER).map_or_else(|| request.uri().path().as_bytes(), |page| page.as_bytes());
    if loaded.windows(FAR.len()).any(|part| part == FAR.as_bytes()) {
        sleep(DISTANCE).await;
    }
    let (content_type, body) = match request.uri().path().rsplit_once('.') {
        Some((_, "css")) => ("text/css", "td { color: green; padding: 1px }".repeat(100)),
        Some((_, "js")) => ("text/javascript", SCRIPT.to_owned()),
        _ => ("text/html", page()),
    };
    let response = Response::builder().header(CONTENT_TYPE, content_type).header("cache-control", "no-store");
    Ok(response.body(Full::new(body.into())).expect("its parts are valid"))
}

const SCRIPT: &str = "for (let i = 0; i < 50; i++) document.body.append(Object.assign(document.createElement('p'), \
                      { textContent: 'a paragraph of a script' }));";

fn page() -> String {
    let mut page = "<!doctype html><link rel=icon href='data:,'><link rel=stylesheet href=/style.css><h1>Rows</h1>\
                    <input><table>"
        .to_owned();
    for row in 0..ROWS {
        // Writing to a text cannot fail.
        let _ = write!(page, "<tr class=row{row}><td><a href='#{row}'>a link in row {row}</a><td>some words beside it");
    }
    page.push_str("</table>");
    for script in 0..SCRIPTS {
        let _ = write!(page, "<script src=/{script}.js></script>");
    }
    page
}

/// Its rows of the table, each with the ratio of the second to the first.
pub(super) fn as_json(Recording { load, painted, far, round_trip, change }: &Recording) -> Value {
    json!({ "load_ms": load, "painted_ms": painted, "far_ms": far, "round_trip_ms": round_trip, "change_ms": change })
}
