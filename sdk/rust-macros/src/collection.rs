//! `#[derive(Collection)]`.

use crate::manifest::{Manifest, listed};
use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use std::collections::BTreeSet;
use syn::{Attribute, Data, DeriveInput, Error, Fields, LitStr, Token};

pub fn derive(input: &DeriveInput) -> Result<TokenStream, Error> {
    let (name, manifest) = attribute(input)?;
    let manifest = Manifest::read(manifest.as_ref())?;
    let indexes = manifest
        .indexes(&name.value())
        .map_err(|there| Error::new(name.span(), format!("plugin.toml has no collection `{}`; it has {}", name.value(), listed(there))))?;
    if let Some(known) = known_fields(input) {
        for (index, fields) in &indexes {
            if let Some(missing) = fields.iter().find(|field| !known.contains(**field)) {
                let reason = format!("the index `{index}` of plugin.toml stands on `{missing}`, which is no field of `{}`", input.ident);
                return Err(Error::new(input.ident.span(), reason));
            }
        }
        // Erasure and a member's own data go by these.
        if let Some((key, missing)) = manifest.linked(&name.value()).into_iter().find(|(_, field)| !known.contains(*field)) {
            let reason = format!("`member.{key}` of plugin.toml names `{missing}`, which is no field of `{}`", input.ident);
            return Err(Error::new(input.ident.span(), reason));
        }
    }
    let constants = indexes.iter().map(|(index, fields)| {
        let constant = format_ident!("{}", index.replace('-', "_").to_uppercase(), span = name.span());
        let told = format!("The index `{index}`: {}.", fields.join(", "));
        quote! {
            #[doc = #told]
            #[allow(dead_code)]
            pub const #constant: ::tsudoi_plugin::Index<Self> = ::tsudoi_plugin::Index::new(#name, #index);
        }
    });
    let (type_name, watched) = (&input.ident, manifest.watched());
    Ok(quote! {
        #watched
        impl #type_name {
            /// All documents of this kind.
            #[allow(dead_code)]
            pub const COLLECTION: ::tsudoi_plugin::Collection<Self> = ::tsudoi_plugin::Collection::new(#name);
            #(#constants)*
        }
    })
}

/// `#[collection("threads")]`, and which manifest where it is another than the plugin's.
fn attribute(input: &DeriveInput) -> Result<(LitStr, Option<LitStr>), Error> {
    let found = input.attrs.iter().find(|attribute| attribute.path().is_ident("collection"));
    let found = found.ok_or_else(|| Error::new(input.ident.span(), "say which collection: #[collection(\"threads\")]"))?;
    found.parse_args_with(|arguments: syn::parse::ParseStream<'_>| {
        let name = arguments.parse()?;
        Ok((name, crate::routes::manifest_argument(arguments)?))
    })
}

/// The names of the fields as serde writes them; `None` where only serde knows.
fn known_fields(input: &DeriveInput) -> Option<BTreeSet<String>> {
    let Data::Struct(data) = &input.data else { return None };
    let Fields::Named(fields) = &data.fields else { return None };
    if !serde_words(&input.attrs).is_empty() {
        return None;
    }
    let mut known = BTreeSet::new();
    for field in &fields.named {
        let words = serde_words(&field.attrs);
        if words.iter().any(|(word, _)| word == "flatten") {
            return None;
        }
        let renamed = words.into_iter().find(|(word, _)| word == "rename").map(|(_, to)| to);
        known.insert(match renamed {
            Some(name) => name?,
            None => field.ident.as_ref()?.to_string().trim_start_matches("r#").to_owned(),
        });
    }
    Some(known)
}

/// The words of `#[serde(…)]` with their string, where they have one.
fn serde_words(attributes: &[Attribute]) -> Vec<(String, Option<String>)> {
    let mut words = Vec::new();
    for attribute in attributes.iter().filter(|attribute| attribute.path().is_ident("serde")) {
        // What serde can't read either is serde's to tell.
        let _ = attribute.parse_nested_meta(|meta| {
            let word = meta.path.get_ident().map(ToString::to_string).unwrap_or_default();
            let text = if meta.input.peek(Token![=]) { meta.value()?.parse::<LitStr>().ok().map(|text| text.value()) } else { None };
            words.push((word, text));
            Ok(())
        });
    }
    words
}
