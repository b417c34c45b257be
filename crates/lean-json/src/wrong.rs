//! What is wrong with a text.

use std::fmt;

/// What is wrong with a text, and where: in words, without a word of what was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wrong(Box<Why>);

/// Behind a pointer: what may go wrong is then answered in a register, at each of many places.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Why(String);

impl Wrong {
    /// Something else was expected.
    #[must_use]
    pub fn new(why: impl Into<String>) -> Self {
        Self(Box::new(Why(why.into())))
    }

    pub(crate) fn missing(name: &str) -> Self {
        Self::new(["missing field `", name, "`"].concat())
    }

    /// A name that is none of those that are known.
    pub(crate) fn unknown(what: &str, name: &str, known: &[&str]) -> Self {
        Self::new(["unknown ", what, " `", name, "`, expected one of `", &known.join("`, `"), "`"].concat())
    }

    /// The same, of what is below a name.
    pub(crate) fn below(self, name: &str) -> Self {
        Self::new(["`", name, "`: ", &self.0.0].concat())
    }
}

impl fmt::Display for Wrong {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0.0)
    }
}

impl std::error::Error for Wrong {}
