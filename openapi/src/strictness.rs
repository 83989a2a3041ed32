/// What a stage does with a part that it cannot take. Each such part is an error in the sink either way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Strictness {
    /// The stage has no result.
    Whole,
    /// The stage leaves the part out, so that later stages can look at the rest.
    WhatFits,
}
