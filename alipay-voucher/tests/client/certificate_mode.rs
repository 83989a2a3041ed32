//! Certificate mode: all operations against a gateway that is called with certificates.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use crate::support;

use alipay_mock::{Fault, Gateway, GatewayKeys};
use alipay_voucher::{
    Client, Credentials, ErrorKind, Outcome, Response, VoucherApi, messages::VoucherMessage,
    models::*,
};
use support::{MODE, create_request, key, send_request};

/// Credentials of the app, trusting these certificates of Alipay's.
fn credentials(gateway: &Gateway, alipay: &[&str]) -> Credentials {
    let certificates = gateway.certificates().unwrap();
    let root = &certificates.root;
    let key = gateway.app_private_key();
    let alipay = alipay.iter().copied();
    Credentials::certificates(gateway.app_id(), key, &certificates.app, alipay, root)
        .unwrap()
        .encrypt_key(gateway.encrypt_key())
        .unwrap()
}

fn api_with(gateway: &Gateway, credentials: Credentials) -> VoucherApi {
    let client = Client::builder(credentials).base_url(gateway.base_url()).no_retry();
    VoucherApi::new(client.build().unwrap())
}

fn api(gateway: &Gateway) -> VoucherApi {
    let alipay = &gateway.certificates().unwrap().alipay;
    api_with(gateway, credentials(gateway, &[alipay]))
}

/// A certificate of Alipay's that the gateway does not sign with.
fn other_certificate() -> String {
    GatewayKeys::generate().unwrap().certificates().unwrap().alipay.clone()
}

/// Proven to be signed with the gateway's certificate.
fn assert_proven<T>(gateway: &Gateway, response: &Response<T>) {
    assert!(response.verified());
    let serial = response.headers().get("alipay-sn").unwrap();
    assert_eq!(serial, gateway.certificates().unwrap().alipay_serial());
}

#[tokio::test]
async fn all_operations() {
    let gateway = Gateway::start().await.unwrap();
    let api = api(&gateway);
    let created = api.create(create_request("c-1")).await.unwrap();
    assert_proven(&gateway, &created);
    let id = created.activity_id.clone().unwrap();
    let published = api.publish(PublishRequest::new(&id, key("p-1"), MODE)).await.unwrap();
    assert_proven(&gateway, &published);
    let response = api.query(QueryRequest::new(&id, MODE)).await.unwrap();
    assert_proven(&gateway, &response);
    assert_eq!(response.activity_status, Some(ActivityStatus::Active));
    let sent = api.send(send_request(&id, "s-1")).app_auth_token("202212BBtoken").await.unwrap();
    assert_proven(&gateway, &sent);
    let appended = api.append(AppendRequest::new(&id, key("a-1"), MODE, 5)).await.unwrap();
    assert_proven(&gateway, &appended);
    let base = ActivityBaseInfo::new().activity_id(&id).activity_name("renamed");
    let modified =
        api.modify(ModifyRequest::new(key("m-1"), MODE, base)).encrypted().await.unwrap();
    assert_proven(&gateway, &modified);
    let stopped = api.stop(StopRequest::new(&id, key("t-1"), MODE)).await.unwrap();
    assert_proven(&gateway, &stopped);

    let root = gateway.certificates().unwrap().root_serial();
    let requests = gateway.requests();
    assert_eq!(requests.len(), 7);
    for request in &requests {
        assert_eq!(request.header("alipay-root-cert-sn"), Some(root), "{}", request.path());
    }

    // The messages verify with the same certificate, in whatever order they come.
    let mut messages = gateway.take_messages().unwrap();
    messages.reverse();
    for message in &messages {
        let notification = api.client().verify_notification(message.form_body.as_bytes()).unwrap();
        let message = VoucherMessage::from_notification(&notification).unwrap();
        assert_eq!(message.name(), notification.method());
    }
    assert_eq!(messages.len(), 5);
}

#[tokio::test]
async fn one_of_several_certificates_is_enough() {
    let gateway = Gateway::start().await.unwrap();
    let present = gateway.certificates().unwrap().alipay.clone();
    for known in [[other_certificate(), present.clone()], [present.clone(), other_certificate()]] {
        let api = api_with(&gateway, credentials(&gateway, &[&known[0], &known[1]]));
        let response = api.query(QueryRequest::new("1", MODE)).await;
        // There is no such activity, and the gateway's signature proves it.
        let error = response.unwrap_err();
        assert_eq!((error.kind(), error.outcome()), (ErrorKind::Api, Outcome::Rejected), "{error}");
        assert!(error.authenticated());
    }
}

#[tokio::test]
async fn an_unknown_certificate_is_refused_and_named() {
    let gateway = Gateway::start().await.unwrap();
    let known = other_certificate();
    let api = api_with(&gateway, credentials(&gateway, &[&known]));
    let error = api.create(create_request("c-1")).await.unwrap_err();
    assert_eq!((error.kind(), error.outcome()), (ErrorKind::Verification, Outcome::Unknown));
    let serial = gateway.certificates().unwrap().alipay_serial();
    assert!(error.to_string().contains(serial), "{error}");

    gateway.complete_pending();
    let api = self::api(&gateway);
    gateway.fail_next(Fault::UnknownSerial);
    let error = api.create(create_request("c-2")).await.unwrap_err();
    assert_eq!((error.kind(), error.outcome()), (ErrorKind::Verification, Outcome::Unknown));
    assert!(error.to_string().contains("certificate"), "{error}");
}

/// Of several certificates the one that is named counts, also where another would do.
#[tokio::test]
async fn notifications_verify_with_the_named_certificate() {
    let gateway = Gateway::start().await.unwrap();
    let keys = GatewayKeys::generate().unwrap();
    let other = keys.certificates().unwrap();
    let present = gateway.certificates().unwrap();
    let credentials = credentials(&gateway, &[&other.alipay, &present.alipay]);
    let verify = |serial: &str| {
        let method = "alipay.marketing.activity.message.created";
        let body = support::form(&gateway, method, "{}", ("alipay_cert_sn", serial));
        credentials.verify_notification(body.as_bytes())
    };
    verify(present.alipay_serial()).unwrap();
    verify("").unwrap();
    let error = verify(other.alipay_serial()).unwrap_err();
    assert!(error.to_string().contains("signature is wrong"), "{error}");
    let unknown = present.alipay_serial().replace(char::is_numeric, "0");
    let error = verify(&unknown).unwrap_err();
    assert!(error.to_string().contains(&unknown), "{error}");
}

/// A new certificate is believed by a client that is at work, and by its notifications.
#[tokio::test]
async fn certificates_can_be_added_while_running() {
    let gateway = Gateway::start().await.unwrap();
    let present = gateway.certificates().unwrap();
    let credentials = credentials(&gateway, &[&other_certificate()]);
    let api = api_with(&gateway, credentials.clone());
    let query = QueryRequest::new("1", MODE);
    assert_eq!(api.query(&query).await.unwrap_err().kind(), ErrorKind::Verification);
    let serial = credentials.trust().add_alipay_certificate(&present.alipay).unwrap();
    assert_eq!(serial, present.alipay_serial());
    let error = api.query(&query).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Api, "{error}");
    let body = support::form(&gateway, "m", "{}", ("alipay_cert_sn", &serial));
    api.client().verify_notification(body.as_bytes()).unwrap();
}

/// The same keys, other certificates: the gateway looks at the serial.
#[tokio::test]
async fn another_certificate_of_the_app_is_refused() {
    let gateway = Gateway::start().await.unwrap();
    let keys = gateway.keys();
    let reissued =
        GatewayKeys::parse(keys.app_private_key(), keys.alipay_private_key(), keys.encrypt_key())
            .unwrap();
    let reissued = reissued.certificates().unwrap();
    let credentials = Credentials::certificates(
        gateway.app_id(),
        gateway.app_private_key(),
        &reissued.app,
        [reissued.alipay.as_str()],
        &reissued.root,
    );
    let api = api_with(&gateway, credentials.unwrap());
    let error = api.query(QueryRequest::new("1", MODE)).await.unwrap_err();
    assert_eq!(error.code_text(), Some("app-cert-not-exist"), "{error}");
}

#[test]
fn modes_do_not_mix() {
    let gateway = Gateway::builder().start_blocking().unwrap();
    let certificates = gateway.certificates().unwrap();
    let (key, app) = (gateway.app_private_key(), certificates.app.as_str());
    let refused = |made: Result<Credentials, alipay_voucher::Error>| {
        let error = made.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Configuration);
        error.to_string()
    };
    let text = refused(Credentials::keys(gateway.app_id(), key, &certificates.alipay));
    assert!(text.starts_with("Alipay's public key (支付宝公钥): "), "{text}");
    let key_for_certificate = [gateway.alipay_public_key()];
    let root = &certificates.root;
    let text =
        refused(Credentials::certificates(gateway.app_id(), key, app, key_for_certificate, root));
    assert!(text.starts_with("Alipay's certificate (支付宝公钥证书): "), "{text}");
}
