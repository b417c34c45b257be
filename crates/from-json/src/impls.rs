//! What types of the language read.

use crate::{FromJson, Reader, Wrong};

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
        reader.text().map(std::borrow::Cow::into_owned)
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
