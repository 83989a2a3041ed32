//! `alipay-mock trigger`: posts one message by hand.

use alipay_mock::Gateway;

use crate::arguments::Trigger;
use crate::key_files::KeyFiles;
use crate::output::say;

pub(crate) fn run(options: &Trigger) -> Result<(), String> {
    let keys = KeyFiles::at(options.keys.clone()).load_or_create().map_err(|e| e.to_string())?;
    let mut builder = Gateway::builder().keys(keys);
    if let Some(app_id) = &options.app_id {
        builder = builder.app_id(app_id);
    }
    let members = options.members.iter();
    let content = members.map(|(name, value)| (name.clone(), value.as_str().into())).collect();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|e| format!("cannot start: {e}"))?;
    runtime.block_on(async {
        // A gateway nobody calls: it makes and signs the message as a running one would.
        let gateway = builder.start().await.map_err(|e| e.to_string())?;
        let message = gateway
            .message(&options.message, content, options.encrypted)
            .map_err(|e| e.to_string())?;
        for _ in 0..options.times {
            let attempt =
                gateway.deliver(&message, &options.to).await.map_err(|e| e.to_string())?;
            if let Some(error) = attempt.error {
                return Err(error);
            }
            let status = attempt.status.unwrap_or_default();
            let taken = if attempt.accepted { "taken" } else { "not taken: `success` is due" };
            say(format_args!("{} {} {status} {taken}", attempt.message, attempt.notify_id));
            if !attempt.accepted {
                return Err("the receiver did not take the message".to_owned());
            }
        }
        gateway.shutdown().await;
        Ok(())
    })
}
