//! A local gateway for Alipay's OpenAPI v3 and its payment vouchers, for tests.
//!
//! It verifies each request's signature with its own reading of the protocol, refuses bad ones
//! with the code of the real gateway and a message that names the mistake, signs and encrypts its
//! answers, and keeps enough state that create, publish, query, send, append, modify and stop
//! make sense: ids, quantities, windows, limits, `out_biz_no` idempotency and messages.
//!
//! It runs in the test's own process, on a free port, as often as needed:
//!
//! ```
//! use alipay_mock::{Fault, Gateway};
//!
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! let gateway = Gateway::start().await?;
//! // Give `gateway.base_url()`, `app_id()`, `app_private_key()` and `alipay_public_key()` to the
//! // client under test, and let something go wrong on purpose:
//! gateway.fail_next(Fault::WrongSignature);
//! // ... call ..., then look at what arrived:
//! assert!(gateway.requests().is_empty());
//! gateway.shutdown().await;
//! # Ok(())
//! # }
//! # let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
//! # runtime.block_on(example()).unwrap();
//! ```
//!
//! Alipay publishes little about its checks. Where a rule of this gateway is inferred, its source
//! says so, and a request that passes here may still be refused there.

mod civil;
mod clock;
mod engine;
mod fault;
mod gateway;
mod keys;
mod protocol;
mod random;
mod record;
mod server;
mod text;
mod voucher;

pub use clock::Clock;
pub use fault::Fault;
pub use gateway::{Completion, Gateway, GatewayBuilder, Message, StartError};
pub use keys::{GatewayKeys, KeysError};
pub use record::RecordedRequest;
pub use voucher::PayError;
