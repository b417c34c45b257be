//! What has happened in the network of a page that is being loaded: it is looked at later, so that the page is not to wait for
//! that. Pure.

use axum::body::Bytes;

/// So many bytes wait, and no more: some pages never stop to load, and Chromium does not keep bodies for ever.
const MOST: usize = 256 * 1024;

/// Messages of Chromium's, in their order.
#[derive(Debug, Default)]
pub(super) struct Waiting {
    messages: Vec<Bytes>,
    bytes: usize,
}

impl Waiting {
    /// Adds a message, and says whether more may wait.
    pub(super) fn add(&mut self, message: &Bytes) -> bool {
        self.bytes += message.len();
        self.messages.push(message.clone());
        self.bytes < MOST
    }

    pub(super) fn into_messages(self) -> Vec<Bytes> {
        self.messages
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn not_everything_waits() {
        let mut waiting = Waiting::default();
        let message = Bytes::from(vec![b' '; MOST / 2]);
        assert_eq!([waiting.add(&message), waiting.add(&message)], [true, false]);
        assert_eq!(waiting.into_messages(), [message.clone(), message]);
    }
}
