//! The derives of `tsudoi-plugin`. They read the plugin's own `plugin.toml` while it is compiled, so that a collection,
//! an index, a route or a path parameter that the manifest does not have is a mistake of the compiler's kind.

mod collection;
mod form;
mod manifest;
mod routes;

use proc_macro::TokenStream;
use syn::{DeriveInput, parse_macro_input};

/// `#[collection("threads")]`: this type is what the documents of a collection hold. Gives `Type::COLLECTION`, and one
/// constant for each index of the manifest: `in-board` is `Type::IN_BOARD`.
#[proc_macro_derive(Collection, attributes(collection))]
pub fn collection(input: TokenStream) -> TokenStream {
    let input = parse_macro_input!(input as DeriveInput);
    collection::derive(&input).unwrap_or_else(|error| error.into_compile_error()).into()
}

/// `#[routes(GET)]` or `#[routes(POST)]`: one variant for each route of that method in the manifest, with its path's
/// parameters as fields. `Thread { thread: Id }` is the route `thread` at `/threads/{thread}`.
#[proc_macro_derive(Routes, attributes(routes))]
pub fn routes(input: TokenStream) -> TokenStream {
    let input = parse_macro_input!(input as DeriveInput);
    let mistake = |error: syn::Error| [error.into_compile_error(), routes::stand_in(&input)].into_iter().collect();
    routes::derive(&input).unwrap_or_else(mistake).into()
}

/// A form's fields, read together, so that a person sees everything that is wrong at once. `#[form(read = words::title)]`
/// names the function, `fn(&str) -> Result<T, &'static str>`, that reads a field.
#[proc_macro_derive(Form, attributes(form))]
pub fn form(input: TokenStream) -> TokenStream {
    let input = parse_macro_input!(input as DeriveInput);
    form::derive(&input).unwrap_or_else(|error| error.into_compile_error()).into()
}
