//! CDP between a client's WebSocket and Chromium's: message by message, both ways, at the slower side's pace.

use std::time::Duration;

use axum::extract::ws::{self, WebSocket};
use futures_util::{Sink, SinkExt as _, Stream, StreamExt as _};
use tokio::{net::TcpStream, sync::mpsc, time::timeout};
use tokio_tungstenite::{
    MaybeTlsStream, WebSocketStream, connect_async_with_config,
    tungstenite::{
        self, Message, Utf8Bytes,
        protocol::{CloseFrame, WebSocketConfig},
    },
};
use tokio_util::sync::CancellationToken;

use super::filter::{Decision, Filter};

/// "Going away": what a client reads when its session ends under it.
const GOING_AWAY: u16 = 1001;
/// How many refusals may wait for a client to read them.
const MAX_WAITING_REFUSALS: usize = 16;
/// How long a client may take to accept that its connection ends.
const CLOSED_WITHIN: Duration = Duration::from_secs(2);

/// A WebSocket of Chromium's.
pub(crate) type ChromiumSocket = WebSocketStream<MaybeTlsStream<TcpStream>>;

/// Connects to a WebSocket of Chromium's.
///
/// # Errors
/// When Chromium does not take the connection.
pub(crate) async fn connect(url: &str) -> Result<ChromiumSocket, Box<tungstenite::Error>> {
    let config = WebSocketConfig::default().max_message_size(None).max_frame_size(None);
    Ok(connect_async_with_config(url, Some(config), true).await?.0)
}

/// Passes messages on until either side closes, or `ended` is cancelled, since the session has ended. `on_message` is
/// called for each of them.
pub(crate) async fn run(
    client: WebSocket, chromium: ChromiumSocket, filter: Filter, on_message: impl Fn(), ended: CancellationToken,
) {
    let (mut to_client, mut from_client) = client.split();
    let (to_chromium, from_chromium) = chromium.split();
    let (refusal_sender, refusals) = mpsc::channel(MAX_WAITING_REFUSALS);
    let mut closed = false;
    tokio::select! {
        // What Chromium said before it ended is passed on first.
        biased;
        () = chromium_to_client(from_chromium, refusals, &mut to_client, &on_message, &mut closed) => {}
        () = client_to_chromium(&mut from_client, to_chromium, filter, refusal_sender, &on_message) => return,
        () = ended.cancelled() => {}
    }
    let close = async {
        if !closed {
            let frame = ws::CloseFrame { code: GOING_AWAY, reason: "the session has ended".into() };
            let _ = to_client.send(ws::Message::Close(Some(frame))).await;
        }
        while let Some(Ok(_)) = from_client.next().await {}
    };
    // A client that has gone, or does not answer, has had its chance.
    let _ = timeout(CLOSED_WITHIN, close).await;
}

/// Passes on what Chromium says, and refusals, until Chromium has no more to say.
async fn chromium_to_client(
    mut from: impl Stream<Item = Result<Message, tungstenite::Error>> + Unpin, mut refusals: mpsc::Receiver<String>,
    mut to: impl Sink<ws::Message> + Unpin, on_message: impl Fn(), closed: &mut bool,
) {
    loop {
        let message = tokio::select! {
            message = from.next() => match message {
                Some(Ok(message)) => for_client(message),
                Some(Err(_)) | None => return,
            },
            Some(answer) = refusals.recv() => Some(ws::Message::text(answer)),
        };
        let Some(message) = message else { continue };
        *closed = matches!(message, ws::Message::Close(_));
        on_message();
        if to.send(message).await.is_err() {
            return;
        }
    }
}

/// Passes on what the filter lets through, until the client has no more to say.
async fn client_to_chromium(
    mut from: impl Stream<Item = Result<ws::Message, axum::Error>> + Unpin, mut to: impl Sink<Message> + Unpin,
    filter: Filter, refusals: mpsc::Sender<String>, on_message: impl Fn(),
) {
    while let Some(Ok(message)) = from.next().await {
        on_message();
        let sent = match decide(filter, message) {
            None => true,
            Some(Ok(message)) => to.send(message).await.is_ok(),
            Some(Err(answer)) => refusals.send(answer).await.is_ok(),
        };
        if !sent {
            return;
        }
    }
}

/// What Chromium is told, or else what the client is answered.
fn decide(filter: Filter, message: ws::Message) -> Option<Result<Message, String>> {
    match (filter, message) {
        (Filter::PassAll, message) => for_chromium(message).map(Ok),
        (_, ws::Message::Text(text)) => Some(match filter.decide(text.as_str()) {
            Decision::Pass(command) => Ok(Message::text(command)),
            Decision::Refuse(answer) => Err(answer),
        }),
        // CDP is text.
        (_, ws::Message::Binary(_)) => None,
        (_, message) => for_chromium(message).map(Ok),
    }
}

/// Pings and pongs are each side's own: both libraries answer them.
fn for_client(message: Message) -> Option<ws::Message> {
    match message {
        Message::Text(text) => {
            let text = ws::Utf8Bytes::try_from(axum::body::Bytes::from(text)).expect("it was text already");
            Some(ws::Message::Text(text))
        }
        Message::Binary(bytes) => Some(ws::Message::Binary(bytes)),
        Message::Close(frame) => Some(ws::Message::Close(
            frame.map(|frame| ws::CloseFrame { code: frame.code.into(), reason: frame.reason.as_str().into() }),
        )),
        Message::Ping(_) | Message::Pong(_) | Message::Frame(_) => None,
    }
}

fn for_chromium(message: ws::Message) -> Option<Message> {
    match message {
        ws::Message::Text(text) => {
            let text = Utf8Bytes::try_from(axum::body::Bytes::from(text)).expect("it was text already");
            Some(Message::Text(text))
        }
        ws::Message::Binary(bytes) => Some(Message::Binary(bytes)),
        ws::Message::Close(frame) => Some(Message::Close(
            frame.map(|frame| CloseFrame { code: frame.code.into(), reason: frame.reason.as_str().into() }),
        )),
        ws::Message::Ping(_) | ws::Message::Pong(_) => None,
    }
}
