//! What the macros expand to, as one snapshot each.

use proc_macro2::TokenStream;
use quote::quote;

fn pretty(code: TokenStream) -> String {
    prettyplease::unparse(&syn::parse2(code).expect("items"))
}

#[test]
fn a_target_becomes_a_test_in_a_module() {
    let options = quote!(seeds = [("http://a", 3)], timeout = "2s", max_len = 64, dict = ["://"]);
    let function = quote! {
        #[cfg(unix)]
        fn round_trips(text: &str, #[input(range = 1..=9)] times: u8) -> Result<(), String> {
            Ok(())
        }
    };
    insta::assert_snapshot!(pretty(crate::fuzz::expand(options, function)));
}

#[test]
fn an_enum_becomes_an_input() {
    let item = quote! {
        enum Op<'a> {
            Push(&'a str),
            Resize {
                #[input(len = ..=16, default = vec![1])]
                sizes: Vec<usize>,
            },
            Clear,
        }
    };
    insta::assert_snapshot!(pretty(crate::derive::expand(item)));
}
