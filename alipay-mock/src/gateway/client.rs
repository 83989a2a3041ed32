//! A client for a gateway.

use alipay_core::{Client, ClientBuilder, Credentials, Error};

use super::{address, builder::StartError, handle::Gateway};
use crate::error::KeysError;

/// A client for examples and first programs: the one that the environment describes
/// ([`Client::from_env`]) or, if none of its variables is set, one for a gateway that this call starts. The gateway
/// runs until it is dropped.
///
/// A part of the settings is an error, so nobody takes a local gateway for Alipay's. A program that is more than an
/// example calls [`Client::from_env`], which never starts a gateway.
///
/// ```no_run
/// #[tokio::main]
/// async fn main() -> Result<(), Box<dyn std::error::Error>> {
///     let (client, _gateway) = alipay_mock::client_from_env_or_gateway().await?;
///     let call = client.operation("alipay.trade.order.settle.query").query("settle_no", "20261127-0001");
///     println!("{:?}", call.await?.trace_id());
///     Ok(())
/// }
/// ```
pub async fn client_from_env_or_gateway() -> Result<(Client, Option<Gateway>), ConnectError> {
    if let Some(client) = Client::from_env_if_set()? {
        return Ok((client, None));
    }
    let gateway = Gateway::start().await?;
    Ok((gateway.client()?, Some(gateway)))
}

/// Why there is neither a client of the environment nor one of a local gateway.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ConnectError {
    /// The settings in the environment, or those of the gateway, make no client.
    #[error(transparent)]
    Client(#[from] Error),
    /// The gateway does not start.
    #[error(transparent)]
    Start(#[from] StartError),
}

/// Why there is no client in certificate mode.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CertificateModeError {
    /// The certificates cannot be made.
    #[error(transparent)]
    Keys(#[from] KeysError),
    /// The client refuses them, or its other settings.
    #[error(transparent)]
    Client(#[from] Error),
}

impl Gateway {
    /// Credentials in key mode for this gateway, with its AES key.
    pub fn credentials(&self) -> Result<Credentials, Error> {
        Credentials::keys(self.app_id(), self.app_private_key(), self.alipay_public_key())?
            .encrypt_key(self.encrypt_key())
    }

    /// Credentials in certificate mode for this gateway, with its AES key.
    pub fn certificate_credentials(&self) -> Result<Credentials, CertificateModeError> {
        let made = self.certificates()?;
        let credentials = Credentials::certificates(
            self.app_id(),
            self.app_private_key(),
            &made.app,
            [made.alipay.as_str()],
            &made.root,
        )?;
        Ok(credentials.encrypt_key(self.encrypt_key())?)
    }

    /// A client for this gateway, in key mode. It takes the time from the gateway's clock; one with the
    /// computer's time may be used as well (see [`Clock`](crate::Clock)).
    pub fn client(&self) -> Result<Client, Error> {
        self.client_builder()?.build()
    }

    /// Settings of a client for this gateway, to be changed before it is built.
    pub fn client_builder(&self) -> Result<ClientBuilder, Error> {
        Ok(self.builder_with(self.credentials()?))
    }

    /// A client for this gateway, in certificate mode. It takes the time from the gateway's clock.
    pub fn certificate_client(&self) -> Result<Client, CertificateModeError> {
        let credentials = self.certificate_credentials()?;
        Ok(self.builder_with(credentials).build()?)
    }

    fn builder_with(&self, credentials: Credentials) -> ClientBuilder {
        let builder = Client::builder(credentials).base_url(self.base_url());
        let builder = match address::host_of(self.base_url()) {
            Some(host) => builder.allow_http_for(&host),
            None => builder,
        };
        builder.clock(self.clock().clone())
    }
}
