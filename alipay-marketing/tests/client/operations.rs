//! The generated operations are those of the description.

use alipay_marketing::meta;

#[test]
fn every_group_has_operations() {
    for tag in [
        "alipay.marketing.activity",
        "alipay.marketing.activity.user",
        "alipay.marketing.activity.app",
        "alipay.marketing.activity.goods",
        "alipay.marketing.activity.merchant",
        "alipay.marketing.activity.shop",
        "alipay.marketing.material.image",
    ] {
        assert!(meta::OPERATIONS.iter().any(|operation| operation.id.starts_with(tag)), "{tag}");
    }
}

#[test]
fn every_path_is_of_version_3() {
    assert!(meta::OPERATIONS.iter().all(|operation| operation.path.starts_with("/v3/")));
}

#[test]
fn the_description_is_named() {
    assert!(!meta::DESCRIPTION_VERSION.is_empty());
    assert_eq!(meta::DESCRIPTION_DIGEST.len(), 16);
}
