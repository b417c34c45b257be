//! CDP without a WebSocket, which takes more of Chromium's time, and of this server's, for each message.
//!
//! With `--remote-debugging-pipe` Chromium reads commands from file 3 and writes what it says to file 4, each message with a zero
//! byte after it. It ends when they are closed:
//! <https://source.chromium.org/chromium/chromium/src/+/main:content/browser/devtools/devtools_pipe_handler.cc>.

use std::{
    io::{self, PipeReader, PipeWriter},
    process::Command,
};

use command_fds::{CommandFdExt as _, FdMapping};
use tokio::net::unix::pipe::{Receiver, Sender};
use tokio_util::codec::{AnyDelimiterCodec, FramedRead, FramedWrite};

/// Takes a message; [`io::Error`] stands behind its errors.
pub(crate) type ToChromium = FramedWrite<Sender, AnyDelimiterCodec>;
/// What Chromium says, each message in UTF-8.
pub(crate) type FromChromium = FramedRead<Receiver, AnyDelimiterCodec>;

/// Our ends, open as long as this lives.
#[derive(Debug)]
pub(super) struct Pipe {
    to: PipeWriter,
    from: PipeReader,
}

impl Pipe {
    /// A pipe whose other ends the command will have.
    pub(super) fn for_command(command: &mut Command) -> io::Result<Self> {
        let (commands, to) = io::pipe()?;
        let (from, messages) = io::pipe()?;
        let theirs = vec![
            FdMapping { parent_fd: commands.into(), child_fd: 3 },
            FdMapping { parent_fd: messages.into(), child_fd: 4 },
        ];
        command.fd_mappings(theirs).map_err(io::Error::other)?;
        Ok(Self { to, from })
    }

    /// For the one who uses it.
    pub(super) fn connect(&self) -> io::Result<(ToChromium, FromChromium)> {
        let to = Sender::from_owned_fd(self.to.try_clone()?.into())?;
        let from = Receiver::from_owned_fd(self.from.try_clone()?.into())?;
        Ok((FramedWrite::new(to, codec()), FramedRead::new(from, codec())))
    }
}

fn codec() -> AnyDelimiterCodec {
    AnyDelimiterCodec::new(vec![0], vec![0])
}
