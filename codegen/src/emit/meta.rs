//! Facts about the description, for programs.

use quote::quote;

use super::{Builder, Context, below, ident};
use crate::{docs::Doc, plan::Home, print::SourceFile};

pub(super) fn file(context: &Context<'_>) -> SourceFile {
    let mut file = Builder::new(context, Home::Family(String::new()));
    let version = &context.api.version;
    let digest = context.digest;
    file.push(quote! {
        /// The version of Alipay's description that the crate was generated from.
        pub const DESCRIPTION_VERSION: &str = #version;
    });
    file.push(quote! {
        /// Identifies the texts the crate was generated from: the 64-bit FNV-1a hash of the description
        /// and its overlay, in hexadecimal.
        pub const DESCRIPTION_DIGEST: &str = #digest;
    });
    file.core("operation::OperationInfo");
    // Groups may have operations of the same name, and any of them may be turned off.
    let single = context.names.groups.len() == 1;
    if single {
        file.core("operation::Operation");
    }
    let mut markers = Vec::new();
    for (number, group) in context.names.groups.iter().enumerate() {
        let module = format!("crate::generated::{}", below(&group.path, "operations"));
        for operation in context.operations(number) {
            let marker = &operation.names.marker;
            if single {
                file.imports.add(&format!("{module}::{marker}"));
                let marker = ident(marker);
                markers.push(quote!(#marker::INFO));
            } else {
                let path = group.path.iter().map(|segment| ident(segment));
                let marker = ident(marker);
                let cfg = group.feature().map(|feature| quote!(#[cfg(feature = #feature)]));
                markers.push(quote! {
                    #cfg <crate::generated::#(#path::)*operations::#marker as alipay_core::operation::Operation>::INFO
                });
            }
        }
    }
    file.push(quote! {
        /// The facts of all operations.
        pub const OPERATIONS: &[&OperationInfo] = &[#(#markers),*];
    });
    file.finish(Doc::line("Facts about the description that the crate was generated from."))
}
