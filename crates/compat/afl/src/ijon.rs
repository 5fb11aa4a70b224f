//! The annotations of IJON, by which a target tells more than its coverage does; see
//! [`shakedown::observe`] and [`shakedown::maximize`].

/// Annotations of IJON that make a value of integers news.
macro_rules! observing {
    ($($name:ident)*) => {
        observing!(($) $($name)*);
    };
    (($dollar:tt) $($name:ident)*) => {
        $(
            /// An annotation of IJON: values that were not seen before at this place are news.
            #[macro_export]
            macro_rules! $name {
                ($dollar($dollar value:expr),+ $dollar(,)?) => {
                    $crate::__private::observe(($dollar(&$dollar value,)+))
                };
            }
        )*
    };
}

observing! { ijon_inc ijon_set ijon_state ijon_bits }

/// An annotation of IJON: larger values are news.
#[macro_export]
macro_rules! ijon_max {
    ($($value:expr),+ $(,)?) => {{
        $($crate::__private::maximize($value as u64);)+
    }};
}

/// An annotation of IJON: smaller values are news.
#[macro_export]
macro_rules! ijon_min {
    ($($value:expr),+ $(,)?) => {{
        $($crate::__private::maximize($crate::__private::nearness($value as u64));)+
    }};
}

/// An annotation of IJON: larger values of each slot are news.
#[macro_export]
macro_rules! ijon_max_at {
    ($slot:expr, $value:expr $(,)?) => {
        $crate::__private::maximize_at($slot, $value as u64)
    };
}

/// An annotation of IJON: smaller values of each slot are news.
#[macro_export]
macro_rules! ijon_min_at {
    ($slot:expr, $value:expr $(,)?) => {
        $crate::__private::maximize_at($slot, $crate::__private::nearness($value as u64))
    };
}

/// An annotation of IJON: strings whose first bytes agree farther are news.
#[macro_export]
macro_rules! ijon_strdist {
    ($one:expr, $other:expr $(,)?) => {
        $crate::__private::maximize($crate::__private::common_prefix(&$one, &$other))
    };
}

/// An annotation of IJON: numbers that are closer to each other are news.
#[macro_export]
macro_rules! ijon_dist {
    ($one:expr, $other:expr $(,)?) => {
        $crate::ijon_min!(($one as i128).abs_diff($other as i128))
    };
}

/// An annotation of IJON: numbers that have more bits in common are news.
#[macro_export]
macro_rules! ijon_cmp {
    ($one:expr, $other:expr $(,)?) => {
        $crate::__private::maximize(u64::from(64 - ($one as u64 ^ $other as u64).count_ones()))
    };
}

/// Annotations of IJON that are taken, and guide nothing.
macro_rules! without_effect {
    ($($name:ident)*) => {
        without_effect!(($) $($name)*);
    };
    (($dollar:tt) $($name:ident)*) => {
        $(
            /// An annotation of IJON: guides nothing.
            #[macro_export]
            macro_rules! $name {
                ($dollar($dollar value:expr),* $dollar(,)?) => {{
                    $dollar(let _ = &$dollar value;)*
                }};
            }
        )*
    };
}

without_effect! { ijon_stack_max ijon_stack_min }

/// An annotation of IJON: guides nothing, and is the value that it is given.
#[macro_export]
macro_rules! ijon_ctx {
    ($value:expr) => {
        $value
    };
}

/// A number that is the larger, the smaller `n` is; it grows with each step of a small one.
#[must_use]
pub fn nearness(n: u64) -> u64 {
    u64::MAX / n.saturating_add(1)
}

/// How many of the first bytes are equal.
#[must_use]
pub fn common_prefix(one: impl AsRef<[u8]>, other: impl AsRef<[u8]>) -> u64 {
    one.as_ref().iter().zip(other.as_ref()).take_while(|(one, other)| one == other).count() as u64
}

#[cfg(test)]
mod tests {
    #[test]
    fn annotations_take_what_those_of_ijon_take() {
        let (text, n) = (String::from("abc"), 7_u8);
        ijon_set!(n, n + 1);
        ijon_max!(n, 3_usize);
        ijon_min!(-1_i32);
        ijon_max_at!("slot", n);
        ijon_min_at!(2, 9_u16);
        ijon_strdist!(text, "abd");
        ijon_dist!(n, -8_i64);
        ijon_cmp!(n, 8);
        ijon_stack_max!();
        assert_eq!(ijon_ctx!(n), 7);
        assert_eq!(text, "abc");
    }

    #[test]
    fn what_is_nearer_is_larger() {
        assert!(
            [0, 1, 2, 100, u64::MAX]
                .is_sorted_by(|one, two| { super::nearness(*one) > super::nearness(*two) })
        );
        assert_eq!(super::common_prefix("abc", "abd"), 2);
    }
}
