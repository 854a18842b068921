//! `#[derive(Routes)]`.

use crate::manifest::{Manifest, listed};
use proc_macro2::TokenStream;
use quote::quote;
use syn::{Data, DeriveInput, Error, Fields, Ident, LitStr, Token, Variant};

pub fn derive(input: &DeriveInput) -> Result<TokenStream, Error> {
    let Data::Enum(data) = &input.data else { return Err(Error::new(input.ident.span(), "routes are the variants of an enum")) };
    let (method, manifest) = attribute(input)?;
    let manifest = Manifest::read(manifest.as_ref())?;
    let routes = manifest.routes(&method.to_string());
    let names: Vec<String> = data.variants.iter().map(|variant| kebab(&variant.ident)).collect();
    let missing: Vec<&str> = routes.iter().map(|(name, _)| *name).filter(|name| !names.iter().any(|own| own == name)).collect();
    if !missing.is_empty() {
        let reason = format!("plugin.toml has {method} routes without a variant here: {}", listed(missing));
        return Err(Error::new(input.ident.span(), reason));
    }
    let mut read = Vec::new();
    let mut written = Vec::new();
    for (variant, name) in data.variants.iter().zip(&names) {
        let Some((_, path)) = routes.iter().find(|(route, _)| route == name) else {
            let there = listed(routes.iter().map(|(route, _)| *route));
            return Err(Error::new(variant.ident.span(), format!("plugin.toml has no {method} route `{name}`; it has {there}")));
        };
        let fields = fields(variant)?;
        let (parts, parameters) = taken_apart(path);
        check(variant, path, &fields, &parameters)?;
        let ident = &variant.ident;
        let keys: Vec<String> = fields.iter().map(|field| plain(field)).collect();
        read.push(quote! {
            #name => ::core::result::Result::Ok(Self::#ident { #(#fields: ::tsudoi_plugin::PathPart::read(request.parameter(#keys))?,)* })
        });
        let pieces = parts.iter().map(|part| match part {
            Part::Literal(text) => quote! { path.push_str(#text); },
            Part::Parameter(name) => {
                let field = fields.iter().find(|field| plain(field) == *name);
                quote! { ::tsudoi_plugin::PathPart::write(#field, &mut path); }
            }
        });
        written.push(quote! { Self::#ident { #(#fields),* } => { #(#pieces)* } });
    }
    let (type_name, watched) = (&input.ident, manifest.watched());
    Ok(quote! {
        #watched
        impl ::tsudoi_plugin::Routes for #type_name {
            fn matched(request: &::tsudoi_plugin::Request) -> ::core::result::Result<Self, ::tsudoi_plugin::Failure> {
                match request.route() {
                    #(#read,)*
                    _ => ::core::result::Result::Err(::tsudoi_plugin::Failure::NotFound),
                }
            }

            fn path(&self) -> ::std::string::String {
                let mut path = ::std::string::String::new();
                match self {
                    #(#written)*
                }
                path
            }
        }
    })
}

/// Beside a mistake, so that the compiler tells of nothing else.
pub fn stand_in(input: &DeriveInput) -> TokenStream {
    let type_name = &input.ident;
    quote! {
        impl ::tsudoi_plugin::Routes for #type_name {
            fn matched(_request: &::tsudoi_plugin::Request) -> ::core::result::Result<Self, ::tsudoi_plugin::Failure> {
                ::core::unreachable!()
            }

            fn path(&self) -> ::std::string::String {
                ::core::unreachable!()
            }
        }
    }
}

/// `#[routes(GET)]`, and which manifest where it is another than the plugin's.
fn attribute(input: &DeriveInput) -> Result<(Ident, Option<LitStr>), Error> {
    let found = input.attrs.iter().find(|attribute| attribute.path().is_ident("routes"));
    let found = found.ok_or_else(|| Error::new(input.ident.span(), "say which method: #[routes(GET)] or #[routes(POST)]"))?;
    let (method, manifest): (Ident, _) =
        found.parse_args_with(|arguments: syn::parse::ParseStream<'_>| Ok((arguments.parse()?, manifest_argument(arguments)?)))?;
    if method != "GET" && method != "POST" {
        return Err(Error::new(method.span(), "a route's method is GET or POST"));
    }
    Ok((method, manifest))
}

/// `, manifest = "…"` at the end of an attribute.
pub fn manifest_argument(arguments: syn::parse::ParseStream<'_>) -> Result<Option<LitStr>, Error> {
    if arguments.is_empty() {
        return Ok(None);
    }
    arguments.parse::<Token![,]>()?;
    let key: Ident = arguments.parse()?;
    if key != "manifest" {
        return Err(Error::new(key.span(), "only `manifest` can stand here"));
    }
    arguments.parse::<Token![=]>()?;
    arguments.parse().map(Some)
}

fn fields(variant: &Variant) -> Result<Vec<&Ident>, Error> {
    match &variant.fields {
        Fields::Unit => Ok(Vec::new()),
        Fields::Named(fields) => Ok(fields.named.iter().filter_map(|field| field.ident.as_ref()).collect()),
        Fields::Unnamed(_) => Err(Error::new(variant.ident.span(), "the parameters of a path have names: `Thread { thread: Id }`")),
    }
}

fn check(variant: &Variant, path: &str, fields: &[&Ident], parameters: &[&str]) -> Result<(), Error> {
    if let Some(unknown) = fields.iter().find(|field| !parameters.contains(&plain(field).as_str())) {
        return Err(Error::new(unknown.span(), format!("the path {path} has no parameter `{}`", plain(unknown))));
    }
    if let Some(missing) = parameters.iter().find(|name| !fields.iter().any(|field| plain(field) == **name)) {
        return Err(Error::new(variant.ident.span(), format!("the path {path} has a parameter `{missing}`: add it as a field")));
    }
    Ok(())
}

enum Part<'a> {
    Literal(&'a str),
    Parameter(&'a str),
}

fn taken_apart(path: &str) -> (Vec<Part<'_>>, Vec<&str>) {
    let mut parts = Vec::new();
    let mut parameters = Vec::new();
    for (number, piece) in path.split('{').enumerate() {
        match piece.split_once('}').filter(|_| number > 0) {
            Some((name, rest)) => {
                parameters.push(name);
                parts.extend([Part::Parameter(name), Part::Literal(rest)]);
            }
            None => parts.push(Part::Literal(piece)),
        }
    }
    (parts, parameters)
}

fn plain(ident: &Ident) -> String {
    ident.to_string().trim_start_matches("r#").to_owned()
}

/// `NewThread` is the route `new-thread`.
fn kebab(ident: &Ident) -> String {
    let mut name = String::new();
    for letter in plain(ident).chars() {
        if letter.is_uppercase() && !name.is_empty() {
            name.push('-');
        }
        name.extend(letter.to_lowercase());
    }
    name
}
