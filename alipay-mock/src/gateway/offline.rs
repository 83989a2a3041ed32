//! A gateway without a network.

use std::sync::Arc;

use bytes::Bytes;
use http::{Request, Response};

use super::builder::{GatewayBuilder, StartError};
use crate::delivery::Sender;
use crate::engine::Engine;
use crate::inspect::{self, Content};
use crate::keys::GatewayKeys;
use crate::protocol::request::RawRequest;
use crate::protocol::response::Ending;

/// What a gateway responds to requests, for those who fuzz it.
pub struct Offline {
    engine: Arc<Engine>,
    sender: Sender,
}

impl GatewayBuilder {
    /// The gateway without a network.
    #[doc(hidden)]
    pub fn offline(self) -> Result<Offline, StartError> {
        Ok(Offline { engine: Arc::new(self.engine()?), sender: Sender::default() })
    }
}

impl Offline {
    /// The keys of both sides.
    #[must_use]
    pub fn keys(&self) -> &GatewayKeys {
        &self.engine.keys
    }

    /// The response; `None` where a fault breaks the connection, and for the stream of changes.
    pub fn respond(&self, request: Request<Bytes>) -> Option<Response<Bytes>> {
        let request = RawRequest::of(request);
        match inspect::respond(&self.engine, &self.sender, &request) {
            Some(shown) => match shown.into_parts() {
                (head, Content::Whole(body)) => Some(Response::from_parts(head, body)),
                (_, Content::Events(_)) => None,
            },
            None => match self.engine.respond(&request) {
                Ending::Respond(_, response) => Some(response.into_http()),
                _ => None,
            },
        }
    }
}
