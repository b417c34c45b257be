//! How a type is read.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use syn::{Data, DataEnum, DataStruct, DeriveInput, Error, Fields, Ident, Result, Type, Variant};

use crate::attributes::{FieldAttributes, TypeAttributes, is_untagged};

/// `impl FromJson for …`
pub(crate) fn implementation(input: &DeriveInput) -> Result<TokenStream> {
    let attributes = TypeAttributes::read(&input.attrs)?;
    let read = match &input.data {
        Data::Struct(data) if attributes.transparent => transparent(input, data)?,
        Data::Struct(data) => {
            let value = fields(&quote!(Self), &data.fields, &attributes)?;
            quote!(::core::result::Result::Ok(#value))
        }
        Data::Enum(data) => variants(data, &attributes)?,
        Data::Union(_) => return Err(Error::new_spanned(input, "a union is not read")),
    };
    let name = &input.ident;
    Ok(quote! {
        #[automatically_derived]
        impl ::lean_json::FromJson for #name {
            fn from_json(reader: &mut ::lean_json::Reader<'_>) -> ::core::result::Result<Self, ::lean_json::Wrong> {
                #read
            }
        }
    })
}

fn transparent(input: &DeriveInput, data: &DataStruct) -> Result<TokenStream> {
    match &data.fields {
        Fields::Unnamed(fields) if fields.unnamed.len() == 1 => {
            Ok(quote!(::core::result::Result::Ok(Self(::lean_json::FromJson::from_json(reader)?))))
        }
        _ => Err(Error::new_spanned(&input.ident, "what is transparent has one unnamed field")),
    }
}

/// The value that an object's members make: a `path` with named fields.
fn fields(path: &TokenStream, fields: &Fields, of_type: &TypeAttributes) -> Result<TokenStream> {
    let Fields::Named(fields) = fields else {
        return Err(Error::new_spanned(fields, "fields have to be named, or the type transparent"));
    };
    let attributes = fields.named.iter().map(|field| FieldAttributes::read(&field.attrs));
    let attributes = attributes.collect::<Result<Vec<_>>>()?;
    let types: Vec<&Type> = fields.named.iter().map(|field| &field.ty).collect();
    let fields: Vec<&Ident> = fields.named.iter().filter_map(|field| field.ident.as_ref()).collect();
    let slots: Vec<_> = fields.iter().map(|field| format_ident!("field_{field}")).collect();
    let named = fields.iter().zip(&attributes);
    let names: Vec<_> = named
        .map(|(field, attributes)| attributes.rename.clone().unwrap_or_else(|| of_type.field_name(&field.to_string())))
        .collect();
    let reads = slots.iter().zip(&attributes).map(|(slot, attributes)| match &attributes.deserialize_with {
        Some(read) => quote!(::lean_json::derive::set_with(&mut #slot, #read, reader)),
        None => quote!(::lean_json::derive::set(&mut #slot, reader)),
    });
    let (only, indexes) = (of_type.deny_unknown_fields, 0..fields.len());
    let values = slots.iter().zip(&attributes).map(|(slot, attributes)| match attributes.default {
        true => quote!(#slot.unwrap_or_default()),
        false => quote!(::lean_json::derive::get(#slot)),
    });
    let not_default = (0..).zip(types.iter().zip(&attributes)).filter(|(_, (_, attributes))| !attributes.default);
    let required = not_default
        .map(|(index, (of_field, _)): (usize, _)| quote!(::lean_json::derive::required::<#of_field>(#index)));
    Ok(quote! {{
        #(let mut #slots = ::core::option::Option::None;)*
        reader.fields(&[#(#names),*], 0 #(| #required)*, #only, &mut |index, reader| match index {
            #(#indexes => #reads,)*
            _ => ::core::result::Result::Ok(()),
        })?;
        #path { #(#fields: #values),* }
    }})
}

fn variants(data: &DataEnum, attributes: &TypeAttributes) -> Result<TokenStream> {
    let mut any_other_text = None;
    let mut tagged = Vec::new();
    for variant in &data.variants {
        if is_untagged(&variant.attrs)? {
            any_other_text = Some(&variant.ident);
        } else {
            tagged.push(variant);
        }
    }
    let names: Vec<_> = tagged.iter().map(|variant| attributes.variant_name(&variant.ident.to_string())).collect();
    if let Some(any_other_text) = any_other_text {
        return words(&tagged, &names, any_other_text);
    }
    let arms = (0..).zip(&tagged).map(|(index, variant)| arm(index, variant)).collect::<Result<Vec<_>>>()?;
    Ok(quote! {
        let mut read = ::core::option::Option::None;
        reader.variant(&[#(#names),*], &mut |index, content| {
            match (index, content) {
                #(#arms)*
                _ => {}
            }
            ::core::result::Result::Ok(())
        })?;
        read.ok_or_else(|| ::lean_json::Wrong::new("expected a variant with what it holds"))
    })
}

/// Reads one variant, if it holds what it should.
fn arm(index: usize, variant: &Variant) -> Result<TokenStream> {
    let name = &variant.ident;
    if matches!(variant.fields, Fields::Unit) {
        let none = quote!(::core::option::Option::None);
        return Ok(quote!((#index, #none) => read = ::core::option::Option::Some(Self::#name),));
    }
    let value = fields(&quote!(Self::#name), &variant.fields, &TypeAttributes::default())?;
    let some = quote!(::core::option::Option::Some);
    Ok(quote!((#index, #some(reader)) => read = #some(#value),))
}

/// An enum of words, one variant of which is any other text.
fn words(tagged: &[&Variant], names: &[String], any_other_text: &Ident) -> Result<TokenStream> {
    if let Some(variant) = tagged.iter().find(|variant| !matches!(variant.fields, Fields::Unit)) {
        return Err(Error::new_spanned(variant, "beside an untagged variant all others are words"));
    }
    let variants = tagged.iter().map(|variant| &variant.ident);
    Ok(quote! {
        let text = reader.text()?;
        ::core::result::Result::Ok(match &*text {
            #(#names => Self::#variants,)*
            _ => Self::#any_other_text(text.into_owned()),
        })
    })
}
