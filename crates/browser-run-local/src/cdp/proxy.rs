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

/// Bytes that are read at most at once. The library fills so many with zeros before, for each message.
pub(crate) const READ_BUFFER: usize = 16 * 1024;
/// "Going away": what a client reads when its session ends under it.
const GOING_AWAY: u16 = 1001;
/// How many answers of this server's may wait for a client to read them.
const MAX_WAITING_ANSWERS: usize = 16;
/// How long a client may take to accept that its connection ends.
const CLOSED_WITHIN: Duration = Duration::from_secs(2);

/// A WebSocket of Chromium's.
pub(crate) type ChromiumSocket = WebSocketStream<MaybeTlsStream<TcpStream>>;

/// Connects to a WebSocket of Chromium's.
///
/// # Errors
/// When Chromium does not take the connection.
pub(crate) async fn connect(url: &str) -> Result<ChromiumSocket, Box<tungstenite::Error>> {
    let config = WebSocketConfig::default().read_buffer_size(READ_BUFFER).max_message_size(None).max_frame_size(None);
    Ok(connect_async_with_config(url, Some(config), true).await?.0)
}

/// What this server itself says on a connection, beside Chromium.
pub(crate) trait Extension: Sync {
    /// The answer to a message of the client's; none when it is for Chromium.
    fn answer(&self, message: &str) -> impl Future<Output = Option<String>> + Send;

    /// Takes what Chromium says to the client, and says whether it is told.
    fn hear(&self, message: &str) -> bool;

    /// The next events, as soon as there are any.
    fn events(&self) -> impl Future<Output = Vec<String>> + Send;

    /// The events that are still to be told when Chromium has no more to say, or the session has ended.
    fn last_events(&self) -> impl Future<Output = Vec<String>> + Send;
}

/// Passes messages on until either side closes, or `ended` is cancelled, since the session has ended. `on_message` is
/// called for each of them.
pub(crate) async fn run(
    client: WebSocket, chromium: ChromiumSocket, filter: Filter, extension: impl Extension, on_message: impl Fn(),
    ended: CancellationToken,
) {
    let (mut to_client, mut from_client) = client.split();
    let (to_chromium, from_chromium) = chromium.split();
    let (answer_sender, answers) = mpsc::channel(MAX_WAITING_ANSWERS);
    let frame = tokio::select! {
        // What Chromium said before it ended is passed on first.
        biased;
        frame = chromium_to_client(from_chromium, answers, &mut to_client, &extension, &on_message) => frame,
        () = client_to_chromium(&mut from_client, to_chromium, filter, &extension, answer_sender, &on_message) => return,
        () = ended.cancelled() => None,
    };
    let last_events = extension.last_events().await;
    let close = async {
        for event in last_events {
            let _ = to_client.send(ws::Message::text(event)).await;
        }
        let session_has_ended = || ws::CloseFrame { code: GOING_AWAY, reason: "the session has ended".into() };
        let frame = frame.unwrap_or_else(|| Some(session_has_ended()));
        let _ = to_client.send(ws::Message::Close(frame)).await;
        while let Some(Ok(_)) = from_client.next().await {}
    };
    // A client that has gone, or does not answer, has had its chance.
    let _ = timeout(CLOSED_WITHIN, close).await;
}

/// Passes on what Chromium says, and what this server does, until Chromium has no more to say; with how it closes, if it
/// says so.
async fn chromium_to_client(
    mut from: impl Stream<Item = Result<Message, tungstenite::Error>> + Unpin, mut answers: mpsc::Receiver<String>,
    mut to: impl Sink<ws::Message> + Unpin, extension: &impl Extension, on_message: impl Fn(),
) -> Option<Option<ws::CloseFrame>> {
    loop {
        let messages = tokio::select! {
            message = from.next() => match message {
                Some(Ok(Message::Close(frame))) => return Some(frame.map(close_frame)),
                Some(Ok(message)) => {
                    let is_told = match &message {
                        Message::Text(text) => extension.hear(text.as_str()),
                        _ => true,
                    };
                    for_client(message).filter(|_| is_told).into_iter().collect()
                }
                Some(Err(_)) | None => return None,
            },
            Some(answer) = answers.recv() => vec![ws::Message::text(answer)],
            events = extension.events() => events.into_iter().map(ws::Message::text).collect(),
        };
        for message in messages {
            on_message();
            if to.send(message).await.is_err() {
                return None;
            }
        }
    }
}

/// Passes on what the filter lets through and this server does not answer, until the client has no more to say.
async fn client_to_chromium(
    mut from: impl Stream<Item = Result<ws::Message, axum::Error>> + Unpin, mut to: impl Sink<Message> + Unpin,
    filter: Filter, extension: &impl Extension, answers: mpsc::Sender<String>, on_message: impl Fn(),
) {
    while let Some(Ok(message)) = from.next().await {
        on_message();
        let sent = match decide(filter, message) {
            None => true,
            Some(Ok(message)) => match answered(extension, &message).await {
                Some(answer) => answers.send(answer).await.is_ok(),
                None => to.send(message).await.is_ok(),
            },
            Some(Err(answer)) => answers.send(answer).await.is_ok(),
        };
        if !sent {
            return;
        }
    }
}

async fn answered(extension: &impl Extension, message: &Message) -> Option<String> {
    match message {
        Message::Text(text) => extension.answer(text.as_str()).await,
        _ => None,
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
        Message::Close(frame) => Some(ws::Message::Close(frame.map(close_frame))),
        Message::Ping(_) | Message::Pong(_) | Message::Frame(_) => None,
    }
}

fn close_frame(frame: CloseFrame) -> ws::CloseFrame {
    ws::CloseFrame { code: frame.code.into(), reason: frame.reason.as_str().into() }
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
