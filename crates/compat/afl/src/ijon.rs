//! The annotations of IJON, by which a target tells AFL++ more than its coverage does. They are taken,
//! and guide nothing: only what they are given is evaluated.

/// Defines a macro that evaluates what it is given, and nothing else.
macro_rules! without_effect {
    ($($name:ident)*) => {
        without_effect!(($) $($name)*);
    };
    (($dollar:tt) $($name:ident)*) => {
        $(
            /// An annotation of IJON: guides nothing.
            #[macro_export]
            macro_rules! $name {
                ($dollar($dollar value:expr),+ $dollar(,)?) => {{
                    $dollar(let _ = &$dollar value;)+
                }};
            }
        )*
    };
}

without_effect! {
    ijon_inc ijon_max ijon_min ijon_set ijon_state ijon_max_at ijon_min_at ijon_bits ijon_strdist
    ijon_dist ijon_cmp ijon_stack_max ijon_stack_min
}

/// An annotation of IJON: guides nothing, and is the value that it is given.
#[macro_export]
macro_rules! ijon_ctx {
    ($value:expr) => {
        $value
    };
}
