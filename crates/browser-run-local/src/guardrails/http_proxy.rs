//! An HTTP proxy on this machine, a guarded browser's only way out: it asks the policy about each host.
//!
//! Everything that Chromium sends goes through it: pages, redirects, subresources, service workers and downloads as
//! requests or tunnels, each `WebSocket` as a tunnel. Names are resolved here, after the policy has been asked.

use std::{io, net::SocketAddr, sync::Arc};

use axum::http::{HeaderValue, StatusCode, Uri, header};
use http_body_util::{Either, Full};
use hyper::{
    Method, Request, Response,
    body::{Bytes, Incoming},
    client, server,
    service::service_fn,
    upgrade::Upgraded,
};
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};
use tokio_util::task::AbortOnDropHandle;

use super::policy::Policy;

type Body = Either<Incoming, Full<Bytes>>;

/// Headers between neighbours: not passed on.
const HOP_BY_HOP: [&str; 4] = ["proxy-connection", "proxy-authorization", "connection", "keep-alive"];

/// A proxy that ends with this value.
#[derive(Debug)]
pub(crate) struct HttpProxy {
    address: SocketAddr,
    _task: AbortOnDropHandle<()>,
}

impl HttpProxy {
    pub(crate) async fn start(policy: Arc<Policy>) -> io::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        Ok(Self { address, _task: AbortOnDropHandle::new(tokio::spawn(accept(listener, policy))) })
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }
}

async fn accept(listener: TcpListener, policy: Arc<Policy>) {
    // They end with the proxy.
    let mut connections = tokio::task::JoinSet::new();
    loop {
        let Ok((stream, _)) = listener.accept().await else { continue };
        while connections.try_join_next().is_some() {}
        let policy = Arc::clone(&policy);
        connections.spawn(async move {
            let service = service_fn(|request| {
                let policy = Arc::clone(&policy);
                async move { Ok::<_, hyper::Error>(answer(&policy, request).await) }
            });
            let mut server = server::conn::http1::Builder::new();
            let connection = server.preserve_header_case(true).serve_connection(TokioIo::new(stream), service);
            // A connection that breaks is its own problem.
            let _ = connection.with_upgrades().await;
        });
    }
}

async fn answer(policy: &Policy, request: Request<Incoming>) -> Response<Body> {
    let uri = request.uri().clone();
    let Some(host) = uri.host().filter(|_| uri.authority().is_some()) else {
        return plain(StatusCode::BAD_REQUEST, "a proxy's request has a host");
    };
    if !policy.allows(host) {
        tracing::debug!(host, "blocked by guardrails");
        return blocked();
    }
    let answered = match *request.method() {
        Method::CONNECT => tunnel(&uri, request).await,
        _ => forward(&uri, request).await,
    };
    answered.unwrap_or_else(|error| plain(StatusCode::BAD_GATEWAY, &format!("{host}: {error}")))
}

/// As documented: <https://developers.cloudflare.com/browser-run/features/guardrails/>.
fn blocked() -> Response<Body> {
    let mut response = plain(StatusCode::FORBIDDEN, "This request is not allowed by the session's guardrails.");
    let headers = response.headers_mut();
    headers.insert("cf-mitigated", HeaderValue::from_static("guardrails"));
    headers.insert("cf-brapi-guardrails-reason", HeaderValue::from_static("not-in-allowlist"));
    response
}

fn plain(status: StatusCode, text: &str) -> Response<Body> {
    let mut response = Response::new(Either::Right(Full::from(text.to_owned())));
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
    response
}

async fn tunnel(uri: &Uri, request: Request<Incoming>) -> anyhow::Result<Response<Body>> {
    let server = connect(uri, 443).await?;
    tokio::spawn(async move {
        if let Ok(client) = hyper::upgrade::on(request).await {
            copy(client, server).await;
        }
    });
    Ok(Response::new(Either::Right(Full::default())))
}

async fn copy(client: Upgraded, mut server: TcpStream) {
    // Either side may end it at any time.
    let _ = tokio::io::copy_bidirectional(&mut TokioIo::new(client), &mut server).await;
}

async fn forward(uri: &Uri, mut request: Request<Incoming>) -> anyhow::Result<Response<Body>> {
    let stream = connect(uri, 80).await?;
    let (mut sender, connection) = client::conn::http1::handshake(TokioIo::new(stream)).await?;
    tokio::spawn(connection);
    let authority = uri.authority().expect("it has been checked").as_str();
    // The host that the policy was asked about is the host that is asked for.
    request.headers_mut().insert(header::HOST, HeaderValue::from_str(authority)?);
    for name in HOP_BY_HOP {
        request.headers_mut().remove(name);
    }
    *request.uri_mut() = uri.path_and_query().map_or("/", |path| path.as_str()).parse()?;
    Ok(sender.send_request(request).await?.map(Either::Left))
}

async fn connect(uri: &Uri, default_port: u16) -> io::Result<TcpStream> {
    let host = uri.host().unwrap_or_default();
    let stream = TcpStream::connect((host, uri.port_u16().unwrap_or(default_port))).await?;
    stream.set_nodelay(true)?;
    Ok(stream)
}
