//! What is wrong with a text.

use std::fmt;

/// What is wrong with a text, and where: in words, without a word of what was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wrong(String);

impl Wrong {
    /// Something else was expected.
    #[must_use]
    pub fn new(why: impl Into<String>) -> Self {
        Self(why.into())
    }

    pub(crate) fn missing(name: &str) -> Self {
        Self(["missing field `", name, "`"].concat())
    }

    /// A name that is none of those that are known.
    pub(crate) fn unknown(what: &str, name: &str, known: &[&str]) -> Self {
        Self(["unknown ", what, " `", name, "`, expected one of `", &known.join("`, `"), "`"].concat())
    }

    /// The same, of what is below a name.
    pub(crate) fn below(self, name: &str) -> Self {
        Self(["`", name, "`: ", &self.0].concat())
    }
}

impl fmt::Display for Wrong {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl std::error::Error for Wrong {}
