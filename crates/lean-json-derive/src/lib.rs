//! The derives of `lean-json`: see its `FromJson` and `ToJson`.

mod attributes;
mod from_json;
mod to_json;

use syn::{DeriveInput, Error, parse_macro_input};

/// Reads the type from JSON as serde would, going by the same `#[serde(…)]` attributes.
#[proc_macro_derive(FromJson, attributes(serde))]
pub fn derive_from_json(input: proc_macro::TokenStream) -> proc_macro::TokenStream {
    let input = parse_macro_input!(input as DeriveInput);
    from_json::implementation(&input).unwrap_or_else(Error::into_compile_error).into()
}

/// Writes the type as JSON as serde would, going by the same `#[serde(…)]` attributes.
#[proc_macro_derive(ToJson, attributes(serde))]
pub fn derive_to_json(input: proc_macro::TokenStream) -> proc_macro::TokenStream {
    let input = parse_macro_input!(input as DeriveInput);
    to_json::implementation(&input).unwrap_or_else(Error::into_compile_error).into()
}
