//! A client for a gateway.

use alipay_core::{Client, ClientBuilder, Credentials, Error};

use super::handle::Gateway;

impl Gateway {
    /// Credentials in key mode for this gateway, with its AES key.
    pub fn credentials(&self) -> Result<Credentials, Error> {
        Credentials::keys(self.app_id(), self.app_private_key(), self.alipay_public_key())?
            .encrypt_key(self.encrypt_key())
    }

    /// Credentials in certificate mode for this gateway, with its AES key.
    pub fn certificate_credentials(&self) -> Result<Credentials, Error> {
        // Certificates that cannot be made are as good as empty ones; the error tells of them.
        let made = self.certificates();
        let text = |pick: fn(&crate::Certificates) -> &String| {
            made.as_ref().map(|made| pick(made).as_str()).unwrap_or_default()
        };
        Credentials::certificates(
            self.app_id(),
            self.app_private_key(),
            text(|made| &made.app),
            [text(|made| &made.alipay)],
            text(|made| &made.root),
        )?
        .encrypt_key(self.encrypt_key())
    }

    /// A client for this gateway, in key mode.
    pub fn client(&self) -> Result<Client, Error> {
        self.client_builder()?.build()
    }

    /// Settings of a client for this gateway, to be changed before it is built.
    pub fn client_builder(&self) -> Result<ClientBuilder, Error> {
        Ok(Client::builder(self.credentials()?).base_url(self.base_url()))
    }

    /// A client for this gateway, in certificate mode.
    pub fn certificate_client(&self) -> Result<Client, Error> {
        Client::builder(self.certificate_credentials()?).base_url(self.base_url()).build()
    }
}
