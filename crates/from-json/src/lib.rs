//! Types read from JSON text, in as few bytes of WebAssembly as that takes.
//!
//! serde reads a type through code that is compiled for it and its format anew: a third of a Worker of some sixty such
//! types. Here one [`Reader`] walks the text, and what is compiled for a type is little more than its fields' names.
//! Numbers are whole, so nothing that reads or prints floating-point numbers is linked either.
//!
//! - [`read`]: a text as a value · [`FromJson`]: what can be read, with a derive that heeds serde's own attributes
//! - [`Reader`]: one value after the other, for types that are read in a way of their own
//! - [`number`]: whole numbers, however they are written · [`Wrong`]: what is wrong with a text
//!
//! What is wrong is said without a word of what was read: that may be a secret.

mod impls;
pub mod number;
mod reader;
mod wrong;

pub use from_json_derive::FromJson;
pub use reader::{Kind, Reader};
pub use wrong::Wrong;

// The derive names this crate.
extern crate self as from_json;

/// Can be read from JSON.
///
/// The derive is for structs with named fields or (`transparent`) one unnamed one, and for enums, written as serde's own
/// derive writes them. Of serde's attributes it knows `rename`, `rename_all`, `default`, `deserialize_with`
/// (a function of a [`Reader`]), `deny_unknown_fields`, `transparent`, and `untagged` on a last variant that holds any other text; those that are about writing are not its own.
pub trait FromJson: Sized {
    /// Reads the value that comes next.
    ///
    /// # Errors
    /// What is wrong with it.
    fn from_json(reader: &mut Reader<'_>) -> Result<Self, Wrong>;

    /// What stands for a field that is not there, if anything does.
    #[must_use]
    fn absent() -> Option<Self> {
        None
    }
}

/// Reads one value; nothing but white space may follow.
///
/// # Errors
/// What is wrong with the text.
pub fn read<T: FromJson>(json: &str) -> Result<T, Wrong> {
    let mut reader = Reader::new(json);
    let value = T::from_json(&mut reader)?;
    reader.end()?;
    Ok(value)
}

/// What the derive's code calls.
#[doc(hidden)]
pub mod derive {
    use super::{FromJson, Reader, Wrong};

    /// Reads a field's value.
    pub fn set<T: FromJson>(field: &mut Option<T>, reader: &mut Reader<'_>) -> Result<(), Wrong> {
        set_with(field, T::from_json, reader)
    }

    /// Reads a field's value in a way of its own.
    pub fn set_with<T>(
        field: &mut Option<T>, read: impl FnOnce(&mut Reader<'_>) -> Result<T, Wrong>, reader: &mut Reader<'_>,
    ) -> Result<(), Wrong> {
        // Nothing was there before, so nothing is dropped: that code would be a large part of this.
        std::mem::forget(field.replace(read(reader)?));
        Ok(())
    }

    /// A field's value, or what stands for one that is not there.
    pub fn get<T: FromJson>(field: Option<T>, name: &str) -> Result<T, Wrong> {
        match field.or_else(T::absent) {
            Some(value) => Ok(value),
            None => Err(Wrong::missing(name)),
        }
    }
}
