//! Who is calling: a name, and whether it was verified.

use lean_json::{FromJson, ToJson};

/// Who sent a request. Two requests with equal callers are the same person's double click.
#[derive(Debug, Clone, PartialEq, Eq, Hash, ToJson, FromJson)]
pub(crate) struct Caller {
    /// As the ledger records it.
    pub(crate) name: String,
    /// Tells the people behind one name apart: by their browser's cookie where they follow a signed link, else as far as
    /// their requests do, by address and user agent. `None` where the name is one person's (or one program's): only they
    /// have sessions of their own, to be used again.
    client: Option<String>,
}

impl Caller {
    /// Somebody who said who they are.
    pub(crate) fn known(name: impl Into<String>) -> Self {
        Self { name: name.into(), client: None }
    }

    /// Somebody behind a name that many can have.
    pub(crate) fn unknown(name: impl Into<String>, client: &str) -> Self {
        Self { name: name.into(), client: Some(client.to_owned()) }
    }

    pub(crate) fn is_known(&self) -> bool {
        self.client.is_none()
    }
}
