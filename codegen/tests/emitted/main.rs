//! What the generator makes of an IR that is built by hand.

mod build;
mod determinism;
mod emit;
mod hostile_text;
mod names;
