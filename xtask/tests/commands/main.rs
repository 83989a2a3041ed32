//! The command line, run as a maintainer runs it, and rules that hold for the whole repository.
//!
//! One binary, since each would link all dependencies again.

mod all_groups;
mod description;
mod documents;
mod domain_crate;
mod examples;
mod generate;
mod generated_is_fresh;
mod import;
mod inferred;
mod interrupted;
mod layers;
mod nameable;
mod new_crate;
mod old_compilers;
mod older;
mod package;
mod reproducible;
mod story;
mod support;
