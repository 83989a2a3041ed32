//! Descriptions are read as they are meant, and what is wrong with them is said.
//!
//! One binary, since each would link all dependencies again.

mod audit;
mod errors;
mod import;
mod infer;
mod keys;
mod limits;
mod load;
mod messages;
mod overlay;
mod personal;
mod retained;
mod scope;
