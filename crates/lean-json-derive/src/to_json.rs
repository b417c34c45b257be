//! How a type is written.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{Data, DeriveInput, Error, Fields, FieldsNamed, Ident, Result, Variant};

use crate::attributes::{FieldAttributes, TypeAttributes, is_untagged};

/// `impl ToJson for …`
pub(crate) fn implementation(input: &DeriveInput) -> Result<TokenStream> {
    let attributes = TypeAttributes::read(&input.attrs)?;
    let write = match &input.data {
        Data::Struct(data) => match &data.fields {
            Fields::Unnamed(fields) if attributes.transparent && fields.unnamed.len() == 1 => {
                quote!(::lean_json::ToJson::to_json(&self.0, json))
            }
            Fields::Named(named) => {
                let (names, object) = (idents(named), object(named, &attributes)?);
                quote!({ let Self { #(#names),* } = self; #object })
            }
            other => return Err(Error::new_spanned(other, "fields have to be named, or one and transparent")),
        },
        Data::Enum(data) => {
            let arms = data.variants.iter().map(|variant| arm(variant, &attributes)).collect::<Result<Vec<_>>>()?;
            quote!(match self { #(#arms)* })
        }
        Data::Union(_) => return Err(Error::new_spanned(input, "a union is not written")),
    };
    let (name, (generics, of_type, bounds)) = (&input.ident, input.generics.split_for_impl());
    Ok(quote! {
        #[automatically_derived]
        impl #generics ::lean_json::ToJson for #name #of_type #bounds {
            fn to_json(&self, json: &mut ::lean_json::Writer) {
                #write
            }
        }
    })
}

/// Writes one variant: a word, an object named so, or the text that it holds.
fn arm(variant: &Variant, of_type: &TypeAttributes) -> Result<TokenStream> {
    let (ident, name) = (&variant.ident, of_type.variant_name(&variant.ident.to_string()));
    match &variant.fields {
        Fields::Unit => Ok(quote!(Self::#ident => json.text(#name),)),
        Fields::Unnamed(_) if is_untagged(&variant.attrs)? => {
            Ok(quote!(Self::#ident(value) => ::lean_json::ToJson::to_json(value, json),))
        }
        Fields::Named(named) => {
            let (fields, object) = (idents(named), object(named, &TypeAttributes::default())?);
            Ok(quote!(Self::#ident { #(#fields),* } => json.variant(#name, &mut |json| #object),))
        }
        Fields::Unnamed(_) => Err(Error::new_spanned(variant, "a variant's fields have to be named")),
    }
}

/// Writes fields that are bound to their names.
fn object(named: &FieldsNamed, of_type: &TypeAttributes) -> Result<TokenStream> {
    let mut fields = Vec::new();
    for field in &named.named {
        let (Some(ident), attributes) = (&field.ident, FieldAttributes::read(&field.attrs)?) else { continue };
        let name = attributes.rename.unwrap_or_else(|| of_type.field_name(&ident.to_string()));
        let write = quote!(json.field(#name, #ident););
        fields.push(match attributes.skip_serializing_if {
            _ if attributes.skip => quote!(let _ = #ident;),
            Some(is_left_out) => quote!(if !#is_left_out(#ident) { #write }),
            None => write,
        });
    }
    Ok(quote!(json.object(&mut |json| { #(#fields)* })))
}

fn idents(named: &FieldsNamed) -> Vec<&Ident> {
    named.named.iter().filter_map(|field| field.ident.as_ref()).collect()
}
