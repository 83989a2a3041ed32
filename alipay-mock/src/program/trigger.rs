//! Posts one message.

use super::arguments::{Names, Trigger};
use super::failure::Failure;
use super::key_files::KeyFiles;
use super::runtime::runtime;
use super::{key_files, key_variables, output};
use crate::delivery::DeliveryAttempt;
use crate::gateway::Gateway;
use crate::protocol::message::Encryption;

/// Posts one signed message to a URL.
///
/// # Errors
///
/// When keys, message or URL cannot be used, and when the receiver does not respond with `success`.
pub fn trigger(options: &Trigger, names: Names) -> Result<(), Failure> {
    let app_id = options.app_id.as_deref();
    let builder = Gateway::builder().lenient(options.lenient);
    let builder = match &options.keys {
        Some(folder) => key_files::set(builder, &KeyFiles::at(folder.clone()), app_id),
        None => key_variables::set(builder, app_id, names),
    };
    let builder = builder.map_err(Failure::Unusable)?;
    let members = options.members.iter();
    let content = members.map(|(name, value)| (name.clone(), value.as_str().into())).collect();
    runtime()?.block_on(async {
        let encryption = if options.encrypted { Encryption::Aes } else { Encryption::Off };
        // Nobody calls this gateway: it makes and signs the message as a running one would.
        let gateway = builder.start().await.map_err(Failure::unusable)?;
        let message = gateway.message(&options.message, content, encryption);
        let message = message.map_err(Failure::unusable)?;
        for _ in 0..options.times {
            let attempt = gateway.deliver(&message, &options.to).await;
            let attempt = attempt.map_err(Failure::unusable)?;
            let Some(status) = attempt.status else {
                let problem = attempt.error.as_deref().unwrap_or("there is no response");
                return Err(Failure::refused(problem));
            };
            let DeliveryAttempt { message, notify_id, accepted, .. } = attempt;
            let result = if accepted { "accepted" } else { "not accepted" };
            output::print(format_args!("{message} {notify_id} {status} {result}"));
            if !accepted {
                let rule = "the receiver must respond with status 200 and `success`";
                return Err(Failure::refused(rule));
            }
        }
        gateway.shutdown().await;
        Ok(())
    })
}
