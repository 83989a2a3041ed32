//! X.509 certificates, as far as the protocol needs them: serial, names, validity, public key, and
//! the signature of the issuer.
//!
//! `docs/decisions/certificates.md` says why no library reads them.

mod certificate;
mod chain;
mod end_entity;
mod error;
mod extensions;
mod info;
mod name;
mod request;
mod roots;
mod validity;

pub(crate) use certificate::Certificate;
pub(crate) use end_entity::EndEntity;
pub(crate) use error::CertificateError;
pub use info::{CertificateChain, CertificateInfo, CertificateOwner, ChainGap};
pub(crate) use request::Request;
pub(crate) use roots::Roots;
