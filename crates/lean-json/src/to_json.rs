//! What can be written, and how types of the language are.

use crate::Writer;

/// Can be written as JSON.
///
/// The derive is for the types that `FromJson`'s is for. Of serde's attributes it knows `rename`, `rename_all`, `skip`,
/// `skip_serializing_if`, `transparent`, and `untagged`; those that are about reading are not its own.
pub trait ToJson {
    /// Writes the value.
    fn to_json(&self, json: &mut Writer);
}

/// Writes one value.
#[must_use]
pub fn write(value: &(impl ToJson + ?Sized)) -> String {
    let mut json = Writer::default();
    value.to_json(&mut json);
    json.into_text()
}

impl ToJson for () {
    fn to_json(&self, json: &mut Writer) {
        json.null();
    }
}

impl ToJson for bool {
    fn to_json(&self, json: &mut Writer) {
        json.boolean(*self);
    }
}

macro_rules! numbers {
    ($($number:ident)+) => {$(
        impl ToJson for $number {
            #[allow(clippy::cast_lossless, reason = "some are, some are not")]
            fn to_json(&self, json: &mut Writer) {
                json.whole(*self as u64);
            }
        }
    )+};
}

numbers!(u16 u32 u64 usize);

impl ToJson for str {
    fn to_json(&self, json: &mut Writer) {
        json.text(self);
    }
}

impl ToJson for String {
    fn to_json(&self, json: &mut Writer) {
        json.text(self);
    }
}

impl<T: ToJson + ?Sized> ToJson for &T {
    fn to_json(&self, json: &mut Writer) {
        (**self).to_json(json);
    }
}

impl<T: ToJson> ToJson for Option<T> {
    fn to_json(&self, json: &mut Writer) {
        match self {
            Some(value) => value.to_json(json),
            None => json.null(),
        }
    }
}

impl<T: ToJson> ToJson for [T] {
    fn to_json(&self, json: &mut Writer) {
        json.array(&mut self.iter().map(|element| element as &dyn ToJson));
    }
}

impl<T: ToJson> ToJson for Vec<T> {
    fn to_json(&self, json: &mut Writer) {
        self.as_slice().to_json(json);
    }
}

/// `{"Ok": …}` or `{"Err": …}`, as serde writes it.
impl<T: ToJson, E: ToJson> ToJson for Result<T, E> {
    fn to_json(&self, json: &mut Writer) {
        json.object(&mut |json| match self {
            Ok(value) => json.field("Ok", value),
            Err(error) => json.field("Err", error),
        });
    }
}

/// An array of so many elements, each of its own type.
macro_rules! tuples {
    ($(($($type:ident $index:tt),+))+) => {$(
        impl<$($type: ToJson),+> ToJson for ($($type,)+) {
            fn to_json(&self, json: &mut Writer) {
                json.array(&mut [$(&self.$index as &dyn ToJson),+].into_iter());
            }
        }
    )+};
}

tuples! {
    (A 0)
    (A 0, B 1)
    (A 0, B 1, C 2)
    (A 0, B 1, C 2, D 3)
    (A 0, B 1, C 2, D 3, E 4)
    (A 0, B 1, C 2, D 3, E 4, F 5)
}
