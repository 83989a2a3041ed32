//! Models: the first line names one, JSON follows.

use std::fmt::Debug;

use alipay_core::model::Model;
use serde::{Serialize, de::DeserializeOwned};

use crate::{
    alipay::{STAMPS, now, stamped},
    errors,
    form::{self, Pair},
};

/// A model that is read is written so that it is read again. The lenient reader agrees with the strict one, and makes
/// of anything else what the strict one reads.
pub fn model(data: &[u8]) -> bool {
    let Ok(text) = str::from_utf8(data) else { return false };
    let Some((name, json)) = text.split_once('\n') else { return false };
    let model = MODELS.iter().find(|(known, _)| *known == name);
    model.is_some_and(|(_, check)| check(json))
}

type Check = (&'static str, fn(&str) -> bool);

macro_rules! models {
    ($($krate:ident::$module:ident: $($model:ident)*;)*) => {
        &[$($((
            concat!(stringify!($krate), "::", stringify!($module), "::", stringify!($model)),
            check::<$krate::$module::$model>,
        ),)*)*]
    };
}

/// Models of each kind, by their names.
pub(crate) const MODELS: &[Check] = models! {
    alipay_constructs::models:
        AllOfRequest BoundsRequest ClosedObjectRequest DefaultsRequest DeprecatedRequest EncodedReferencesRequest
        EnumsHub FreeFormRequest HeaderParametersRequest InlineObjectsRequest IntegersResponse KeysOfItemsRequest
        LimitsRequest ListedNumbersRequest ListsRequest MapsRequest MapsResponse NamedValuesRequest NullableRequest
        NumbersRequest NumbersResponse OpenObjectRequest OtherFormatsRequest ParameterAndPropertyRequest
        ReadOnlyResponse RecursionRequest RecursionResponse TextFormatsRequest TextValuesRequest WaitersResponse;
    alipay_voucher::messages: ExpiredMessage ReceivedMessage UsedMessage;
    alipay_voucher::models: CreateRequest ModifyRequest QueryResponse SendRequest VoucherUseRuleInfo;
};

fn check<M: Model + Serialize + DeserializeOwned + PartialEq + Debug>(json: &str) -> bool {
    let strict = serde_json::from_str::<M>(json).ok();
    if let Some(model) = &strict {
        assert!(!format!("{model:?}").is_empty());
        again(model);
    }
    let pairs = [
        Pair::new("app_id", b"2021000000000001"),
        Pair::new("notify_id", b"n1"),
        Pair::new("msg_method", b"alipay.test"),
        Pair::new("biz_content", json.as_bytes()),
    ];
    let signature = stamped(&form::signed(&pairs));
    let signature = [Pair::new("sign", signature.as_bytes()), Pair::new("sign_type", b"RSA2")];
    let posted = form::write(&[&pairs[..], &signature].concat());
    let Ok(notification) = STAMPS.verify_notification_at(&posted, now()) else {
        // Some content makes the form ambiguous.
        return strict.is_some();
    };
    match (notification.decode::<M>(), notification.unreadable::<M>()) {
        (Ok(model), Ok(unreadable)) => {
            if let Some(strict) = &strict {
                assert_eq!(&model, strict);
                assert!(unreadable.is_empty(), "{unreadable:?}");
            }
            for part in unreadable {
                errors::one_line(&part.to_string());
            }
            again(&model);
        }
        (Err(error), Err(_)) => {
            assert_eq!(strict, None);
            errors::sound(&error, &[]);
        }
        (decoded, unreadable) => panic!("{decoded:?} and {unreadable:?}"),
    }
    strict.is_some()
}

fn again<M: Serialize + DeserializeOwned + PartialEq + Debug>(model: &M) {
    let written = serde_json::to_string(model).expect("is written");
    let again: M = serde_json::from_str(&written).unwrap_or_else(|e| panic!("{written}: {e}"));
    assert_eq!(&again, model, "{written}");
    assert_eq!(serde_json::to_string(&again).expect("is written"), written);
}
