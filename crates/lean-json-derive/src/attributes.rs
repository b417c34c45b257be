//! What `#[serde(…)]` says, as far as the derives know it.

use syn::{Attribute, LitStr, Path, Result, Token, meta::ParseNestedMeta};

/// Of a type.
#[derive(Default)]
pub(crate) struct TypeAttributes {
    pub(crate) transparent: bool,
    pub(crate) deny_unknown_fields: bool,
    rename_all: Option<String>,
}

/// Of a field.
#[derive(Default)]
pub(crate) struct FieldAttributes {
    pub(crate) rename: Option<String>,
    pub(crate) default: bool,
    /// What reads its value.
    pub(crate) deserialize_with: Option<Path>,
    /// Whether it is not written, of its value.
    pub(crate) skip_serializing_if: Option<Path>,
    /// It is not written at all.
    pub(crate) skip: bool,
}

impl TypeAttributes {
    pub(crate) fn read(attributes: &[Attribute]) -> Result<Self> {
        let mut read = Self::default();
        each(attributes, |meta| {
            if meta.path.is_ident("transparent") {
                read.transparent = true;
            } else if meta.path.is_ident("deny_unknown_fields") {
                read.deny_unknown_fields = true;
            } else if meta.path.is_ident("rename_all") {
                read.rename_all = Some(text(meta)?);
            } else {
                return Err(meta.error("lean-json does not know it"));
            }
            Ok(())
        })?;
        Ok(read)
    }

    /// A variant's name in JSON.
    pub(crate) fn variant_name(&self, name: &str) -> String {
        match self.rename_all.as_deref() {
            Some("lowercase") => name.to_lowercase(),
            Some("snake_case") => snake_case(name),
            _ => name.to_owned(),
        }
    }

    /// A field's name in JSON.
    pub(crate) fn field_name(&self, name: &str) -> String {
        if self.rename_all.as_deref() == Some("camelCase") { camel_case(name) } else { name.to_owned() }
    }
}

impl FieldAttributes {
    pub(crate) fn read(attributes: &[Attribute]) -> Result<Self> {
        let mut read = Self::default();
        each(attributes, |meta| {
            if meta.path.is_ident("rename") {
                read.rename = Some(text(meta)?);
            } else if meta.path.is_ident("default") && !meta.input.peek(Token![=]) {
                read.default = true;
            } else if meta.path.is_ident("deserialize_with") {
                read.deserialize_with = Some(path(meta)?);
            } else if meta.path.is_ident("skip_serializing_if") {
                read.skip_serializing_if = Some(path(meta)?);
            } else if meta.path.is_ident("skip") {
                read.skip = true;
            } else {
                return Err(meta.error("lean-json does not know it"));
            }
            Ok(())
        })?;
        Ok(read)
    }
}

/// Whether a variant is any other text.
pub(crate) fn is_untagged(attributes: &[Attribute]) -> Result<bool> {
    let mut is_untagged = false;
    each(attributes, |meta| {
        if !meta.path.is_ident("untagged") {
            return Err(meta.error("lean-json does not know it"));
        }
        is_untagged = true;
        Ok(())
    })?;
    Ok(is_untagged)
}

fn each(attributes: &[Attribute], mut read: impl FnMut(&ParseNestedMeta<'_>) -> Result<()>) -> Result<()> {
    let mut ours = attributes.iter().filter(|attribute| attribute.path().is_ident("serde"));
    ours.try_for_each(|attribute| attribute.parse_nested_meta(|meta| read(&meta)))
}

fn text(meta: &ParseNestedMeta<'_>) -> Result<String> {
    Ok(meta.value()?.parse::<LitStr>()?.value())
}

fn path(meta: &ParseNestedMeta<'_>) -> Result<Path> {
    meta.value()?.parse::<LitStr>()?.parse()
}

fn snake_case(name: &str) -> String {
    let words = name.char_indices().map(|(index, one)| match one.is_uppercase() && index > 0 {
        true => format!("_{}", one.to_lowercase()),
        false => one.to_lowercase().to_string(),
    });
    words.collect()
}

fn camel_case(name: &str) -> String {
    let mut words = name.split('_');
    let first = words.next().unwrap_or_default().to_owned();
    words.fold(first, |all, word| {
        let mut letters = word.chars();
        let initial = letters.next().into_iter().flat_map(char::to_uppercase);
        all.chars().chain(initial).chain(letters).collect()
    })
}
