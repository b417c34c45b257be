//! What can be read, and what types of the language read.

use std::borrow::Cow;

use crate::{Reader, Wrong};

/// Can be read from JSON.
///
/// The derive is for structs with named fields or (`transparent`) one unnamed one, and for enums, as serde's own derive
/// writes them. Of serde's attributes it knows `rename`, `rename_all`, `default`, `deserialize_with` (a function of a
/// [`Reader`]), `deny_unknown_fields`, `transparent`, and `untagged` on a last variant that holds any other text; those that
/// are about writing are not its own.
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

    /// The bit of a field that has to be there.
    #[must_use]
    pub fn required<T: FromJson>(index: usize) -> u64 {
        u64::from(T::absent().is_none()) << index
    }

    /// A field's value, or what stands for one that is not there. To answer that it is missing would take the code that drops
    /// the others, at each of them: [`Reader::fields`] has looked for all.
    pub fn get<T: FromJson>(field: Option<T>) -> T {
        field.or_else(T::absent).expect("a field that is required has been read")
    }
}
impl FromJson for () {
    fn from_json(reader: &mut Reader<'_>) -> Result<Self, Wrong> {
        if reader.null()? { Ok(()) } else { Err(reader.expected("null")) }
    }
}

impl FromJson for bool {
    fn from_json(reader: &mut Reader<'_>) -> Result<Self, Wrong> {
        reader.boolean()
    }
}

impl FromJson for u64 {
    fn from_json(reader: &mut Reader<'_>) -> Result<Self, Wrong> {
        reader.whole()
    }
}

impl FromJson for u32 {
    fn from_json(reader: &mut Reader<'_>) -> Result<Self, Wrong> {
        Self::try_from(reader.whole()?).map_err(|_| Wrong::new("the number is too large"))
    }
}

impl FromJson for usize {
    fn from_json(reader: &mut Reader<'_>) -> Result<Self, Wrong> {
        Self::try_from(reader.whole()?).map_err(|_| Wrong::new("the number is too large"))
    }
}

impl FromJson for String {
    fn from_json(reader: &mut Reader<'_>) -> Result<Self, Wrong> {
        reader.text().map(Cow::into_owned)
    }
}

/// `null`, or nothing at all, is `None`.
impl<T: FromJson> FromJson for Option<T> {
    fn from_json(reader: &mut Reader<'_>) -> Result<Self, Wrong> {
        if reader.null()? { Ok(None) } else { T::from_json(reader).map(Some) }
    }

    fn absent() -> Option<Self> {
        Some(None)
    }
}

impl<T: FromJson> FromJson for Vec<T> {
    fn from_json(reader: &mut Reader<'_>) -> Result<Self, Wrong> {
        let mut elements = Self::new();
        reader.array(&mut |_, reader| {
            elements.push(T::from_json(reader)?);
            Ok(())
        })?;
        Ok(elements)
    }
}

/// `{"Ok": …}` or `{"Err": …}`, as serde writes it.
impl<T: FromJson, E: FromJson> FromJson for Result<T, E> {
    fn from_json(reader: &mut Reader<'_>) -> Result<Self, Wrong> {
        let mut read = None;
        reader.variant(&["Ok", "Err"], &mut |index, content| {
            let content = content.ok_or_else(|| Wrong::new("expected what it holds"))?;
            read = Some(if index == 0 { Ok(T::from_json(content)?) } else { Err(E::from_json(content)?) });
            Ok(())
        })?;
        read.ok_or_else(|| Wrong::new("expected Ok or Err"))
    }
}

/// An array of so many elements, each of its own type.
macro_rules! tuples {
    ($(($($type:ident $field:ident $index:literal),+) $count:literal;)+) => {$(
        impl<$($type: FromJson),+> FromJson for ($($type,)+) {
            fn from_json(reader: &mut Reader<'_>) -> Result<Self, Wrong> {
                $(let mut $field = None;)+
                let mut count = 0;
                reader.array(&mut |index, reader| {
                    count = index + 1;
                    match index {
                        $($index => $field = Some($type::from_json(reader)?),)+
                        _ => drop(reader.skip()?),
                    }
                    Ok(())
                })?;
                match ($($field,)+) {
                    ($(Some($field),)+) if count == $count => Ok(($($field,)+)),
                    _ => Err(Wrong::new(concat!("expected ", $count, " element(s)"))),
                }
            }
        }
    )+};
}

tuples! {
    (A a 0) 1;
    (A a 0, B b 1) 2;
    (A a 0, B b 1, C c 2) 3;
    (A a 0, B b 1, C c 2, D d 3) 4;
    (A a 0, B b 1, C c 2, D d 3, E e 4) 5;
}
