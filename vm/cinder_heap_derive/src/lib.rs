//! `#[derive(Trace)]` and `#[derive(HeapObject)]`.
//!
//! Problem: a field that a hand-written trace function forgets is a use after free.
//! Idea: visit every field; a field whose type is not `Trace` does not compile until somebody writes `#[trace(skip)]` on purpose.
//! Holds: `HeapObject` is derived only for `#[repr(C)]` structs whose first field is a `Header`, which a constant assertion checks.

use proc_macro::TokenStream;
use proc_macro2::TokenStream as Tokens;
use quote::{format_ident, quote};
use syn::{Attribute, Data, DeriveInput, Error, Fields, Index, Result, parse_macro_input};

/// Visits every field that is not marked `#[trace(skip)]`.
#[proc_macro_derive(Trace, attributes(trace))]
pub fn derive_trace(input: TokenStream) -> TokenStream {
    let input = parse_macro_input!(input as DeriveInput);
    trace(input).unwrap_or_else(Error::into_compile_error).into()
}

/// Declares a struct to be the layout of a heap object; `#[heap_object(leaf)]` for one without values.
#[proc_macro_derive(HeapObject, attributes(heap_object))]
pub fn derive_heap_object(input: TokenStream) -> TokenStream {
    let input = parse_macro_input!(input as DeriveInput);
    heap_object(&input).unwrap_or_else(Error::into_compile_error).into()
}

fn trace(mut input: DeriveInput) -> Result<Tokens> {
    let body = match &input.data {
        Data::Struct(data) => visit_struct(&data.fields)?,
        Data::Enum(data) => {
            let arms = data.variants.iter().map(|variant| visit_variant(&variant.ident, &variant.fields));
            let arms = arms.collect::<Result<Vec<_>>>()?;
            quote!(match self { #(#arms)* })
        }
        Data::Union(_) => {
            return Err(Error::new_spanned(
                &input.ident,
                "a union does not say which field is valid; implement Trace by hand",
            ));
        }
    };
    let parameters: Vec<_> = input.generics.type_params().map(|parameter| parameter.ident.clone()).collect();
    let bounds = input.generics.make_where_clause();
    for parameter in parameters {
        bounds.predicates.push(syn::parse_quote!(#parameter: ::cinder_heap::Trace));
    }
    let name = &input.ident;
    let (generics, arguments, bounds) = input.generics.split_for_impl();
    Ok(quote! {
        #[automatically_derived]
        impl #generics ::cinder_heap::Trace for #name #arguments #bounds {
            #[inline]
            #[allow(unused_variables, reason = "a type without values visits nothing")]
            fn trace(&self, tracer: &mut ::cinder_heap::Tracer<'_>) { #body }
        }
    })
}

fn visit_struct(fields: &Fields) -> Result<Tokens> {
    let mut visits = Tokens::new();
    for (i, field) in fields.iter().enumerate() {
        if has_word(&field.attrs, "trace", "skip")? {
            continue;
        }
        let member = match &field.ident {
            Some(name) => quote!(#name),
            None => {
                let index = Index::from(i);
                quote!(#index)
            }
        };
        visits.extend(quote!(::cinder_heap::Trace::trace(&self.#member, tracer);));
    }
    Ok(visits)
}

fn visit_variant(variant: &syn::Ident, fields: &Fields) -> Result<Tokens> {
    let (mut patterns, mut visits) = (Vec::new(), Tokens::new());
    for (i, field) in fields.iter().enumerate() {
        if has_word(&field.attrs, "trace", "skip")? {
            continue;
        }
        let local = format_ident!("field{}", i);
        match &field.ident {
            Some(name) => patterns.push(quote!(#name: #local)),
            None => {
                let index = Index::from(i);
                patterns.push(quote!(#index: #local));
            }
        }
        visits.extend(quote!(::cinder_heap::Trace::trace(#local, tracer);));
    }
    Ok(quote!(Self::#variant { #(#patterns,)* .. } => { #visits }))
}

fn heap_object(input: &DeriveInput) -> Result<Tokens> {
    let name = &input.ident;
    let Data::Struct(data) = &input.data else {
        return Err(Error::new_spanned(name, "only a struct can be the layout of a heap object"));
    };
    if !has_word(&input.attrs, "repr", "C")? {
        return Err(Error::new_spanned(name, "a heap object needs #[repr(C)]"));
    }
    let Some(first) = data.fields.iter().next() else {
        return Err(Error::new_spanned(name, "the first field must be a Header"));
    };
    let leaf = has_word(&input.attrs, "heap_object", "leaf")?;
    let header = &first.ty;
    let (generics, arguments, bounds) = input.generics.split_for_impl();
    Ok(quote! {
        // SAFETY: repr(C) and a first field of type Header, checked below and by the derive.
        unsafe impl #generics ::cinder_heap::HeapObject for #name #arguments #bounds {
            const LEAF: bool = #leaf;
        }
        const _: fn(#header) -> ::cinder_heap::Header = |header| header;
    })
}

/// Whether `#[attribute(word)]` is among `attributes`; other words are refused, except in `repr`.
fn has_word(attributes: &[Attribute], attribute: &str, word: &str) -> Result<bool> {
    let mut found = false;
    for candidate in attributes.iter().filter(|candidate| candidate.path().is_ident(attribute)) {
        candidate.parse_nested_meta(|meta| {
            if meta.path.is_ident(word) {
                found = true;
            } else if attribute != "repr" {
                return Err(meta.error(format!("only `{word}` is known here")));
            } else if meta.input.peek(syn::token::Paren) {
                let skipped;
                syn::parenthesized!(skipped in meta.input);
                skipped.parse::<Tokens>()?;
            }
            Ok(())
        })?;
    }
    Ok(found)
}
