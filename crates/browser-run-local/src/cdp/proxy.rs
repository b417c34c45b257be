//! CDP between a client's WebSocket and Chromium's: message by message, both ways, at the slower side's pace.

use std::{sync::Arc, time::Duration};

use axum::{
    extract::ws::{self, WebSocket},
    response::Response,
};
use futures_util::{Sink, SinkExt as _, Stream, StreamExt as _};
use tokio::{net::TcpStream, sync::mpsc, time::timeout};
use tokio_tungstenite::{
    MaybeTlsStream, WebSocketStream, connect_async_with_config,
    tungstenite::{
        self, Message, Utf8Bytes,
        protocol::{CloseFrame, WebSocketConfig},
    },
};

use crate::{
    error::Error,
    extract::Socket,
    gate::{Gate, Verdict},
    server::App,
    sessions::{Connection, OpenSession},
};

/// "Going away": what a client reads when its session ends under it.
const GOING_AWAY: u16 = 1001;
/// How many refusals may wait for a client to read them.
const REFUSALS: usize = 16;
/// How long a client may take to accept that its connection ends.
const GOODBYE_WITHIN: Duration = Duration::from_secs(2);

/// Connects a client to `url`, a WebSocket of the session's Chromium, through a gate.
pub(crate) async fn connect(
    app: &Arc<App>,
    Socket(upgrade): Socket,
    session: OpenSession,
    url: &str,
    gate: Gate,
) -> Result<Response, Error> {
    let config = WebSocketConfig::default().max_message_size(None).max_frame_size(None);
    let chromium = connect_async_with_config(url, Some(config), true).await;
    let (chromium, _) = chromium.map_err(|error| Error::Bridge(Box::new(error)))?;
    let connection = app.sessions.connect(session.id)?;
    Ok(upgrade.on_upgrade(move |client| relay(client, chromium, connection, session, gate)))
}

/// Until either side closes, or the session ends.
async fn relay(
    client: WebSocket,
    chromium: WebSocketStream<MaybeTlsStream<TcpStream>>,
    connection: Connection,
    session: OpenSession,
    gate: Gate,
) {
    let (mut to_client, mut from_client) = client.split();
    let (to_chromium, from_chromium) = chromium.split();
    let (refuse, refused) = mpsc::channel(REFUSALS);
    let mut closed = false;
    tokio::select! {
        // What Chromium said before it ended is passed on first.
        biased;
        () = descend(from_chromium, refused, &mut to_client, &connection, &mut closed) => {}
        () = ascend(&mut from_client, to_chromium, (gate, refuse), &connection) => return,
        () = session.ended.cancelled() => {}
    }
    let goodbye = async {
        if !closed {
            let frame = ws::CloseFrame { code: GOING_AWAY, reason: "the session has ended".into() };
            let _ = to_client.send(ws::Message::Close(Some(frame))).await;
        }
        while let Some(Ok(_)) = from_client.next().await {}
    };
    // A client that has gone, or does not answer, has had its chance.
    let _ = timeout(GOODBYE_WITHIN, goodbye).await;
}

/// Passes on what Chromium says, and refusals, until Chromium has no more to say: each message starts the session's
/// time anew.
async fn descend(
    mut from: impl Stream<Item = Result<Message, tungstenite::Error>> + Unpin,
    mut refused: mpsc::Receiver<String>,
    mut to: impl Sink<ws::Message> + Unpin,
    connection: &Connection,
    closed: &mut bool,
) {
    loop {
        let message = tokio::select! {
            message = from.next() => match message {
                Some(Ok(message)) => for_client(message),
                Some(Err(_)) | None => return,
            },
            Some(answer) = refused.recv() => Some(ws::Message::text(answer)),
        };
        let Some(message) = message else { continue };
        *closed = matches!(message, ws::Message::Close(_));
        connection.touch();
        if to.send(message).await.is_err() {
            return;
        }
    }
}

/// Passes on what the gate lets through, until the client has no more to say: each message starts the session's time
/// anew.
async fn ascend(
    mut from: impl Stream<Item = Result<ws::Message, axum::Error>> + Unpin,
    mut to: impl Sink<Message> + Unpin,
    (gate, refuse): (Gate, mpsc::Sender<String>),
    connection: &Connection,
) {
    while let Some(Ok(message)) = from.next().await {
        connection.touch();
        let sent = match judge(gate, message) {
            None => true,
            Some(Ok(message)) => to.send(message).await.is_ok(),
            Some(Err(answer)) => refuse.send(answer).await.is_ok(),
        };
        if !sent {
            return;
        }
    }
}

/// What Chromium is told, or else the client.
fn judge(gate: Gate, message: ws::Message) -> Option<Result<Message, String>> {
    match (gate, message) {
        (Gate::Open, message) => for_chromium(message).map(Ok),
        (_, ws::Message::Text(text)) => Some(match gate.judge(text.as_str()) {
            Verdict::Pass(command) => Ok(Message::text(command)),
            Verdict::Refuse(answer) => Err(answer),
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
