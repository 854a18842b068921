//! `#[derive(Form)]`.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use syn::{Data, DeriveInput, Error, Field, Fields, LitStr, Path};

pub fn derive(input: &DeriveInput) -> Result<TokenStream, Error> {
    let no_struct = || Error::new(input.ident.span(), "a form is a struct with named fields");
    let Data::Struct(data) = &input.data else { return Err(no_struct()) };
    let Fields::Named(fields) = &data.fields else { return Err(no_struct()) };
    let mut read = Vec::new();
    let mut idents = Vec::new();
    let mut locals = Vec::new();
    for field in &fields.named {
        let Some(ident) = &field.ident else { continue };
        let local = format_ident!("__{}", ident);
        let Options { name, reader } = Options::of(field)?;
        let name = name.unwrap_or_else(|| ident.to_string().trim_start_matches("r#").to_owned());
        read.push(match reader {
            Some(reader) => quote! { let #local = errors.take(#name, #reader(&request.text(#name))); },
            None => quote! { let #local = errors.take_field(#name, request); },
        });
        idents.push(ident);
        locals.push(local);
    }
    let type_name = &input.ident;
    Ok(quote! {
        impl ::tsudoi_plugin::Form for #type_name {
            fn read(request: &::tsudoi_plugin::Request) -> ::core::result::Result<Self, ::tsudoi_plugin::FieldErrors> {
                let mut errors = ::tsudoi_plugin::FieldErrors::default();
                #(#read)*
                match (#(#locals,)*) {
                    (#(::core::option::Option::Some(#idents),)*) => ::core::result::Result::Ok(Self { #(#idents),* }),
                    _ => ::core::result::Result::Err(errors),
                }
            }
        }
    })
}

#[derive(Default)]
struct Options {
    /// What the form calls the field, where that is not the struct's name for it.
    name: Option<String>,
    reader: Option<Path>,
}

impl Options {
    fn of(field: &Field) -> Result<Self, Error> {
        let mut options = Self::default();
        for attribute in field.attrs.iter().filter(|attribute| attribute.path().is_ident("form")) {
            attribute.parse_nested_meta(|meta| {
                if meta.path.is_ident("read") {
                    options.reader = Some(meta.value()?.parse()?);
                } else if meta.path.is_ident("name") {
                    options.name = Some(meta.value()?.parse::<LitStr>()?.value());
                } else {
                    return Err(meta.error("a field has `read = function` and `name = \"…\"`"));
                }
                Ok(())
            })?;
        }
        Ok(options)
    }
}
