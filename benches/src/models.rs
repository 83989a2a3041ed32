//! One operation, for both the client and the floor.

use alipay_core::{
    Response,
    model::{Field, Model, Table, Value},
    operation::{Method, Operation, OperationInfo},
};
use serde::{Deserialize, Serialize};

/// A model as the generator writes it, and serde's derives for the floor.
macro_rules! model {
    ($name:ident { $($field:ident),* $(,)? }) => {
        #[derive(Clone, Default, Serialize, Deserialize)]
        #[serde(default)]
        pub struct $name {
            $(#[serde(skip_serializing_if = "Option::is_none")] pub $field: Option<String>),*
        }

        impl Model for $name {
            fn table(&self) -> &'static Table {
                const TABLE: &Table =
                    &Table::new(stringify!($name), &[$(Field::body(stringify!($field))),*]);
                TABLE
            }

            #[allow(unused_assignments)]
            fn field(&self, index: usize) -> Option<&dyn Value> {
                let mut at = 0;
                $(if index == at { return Some(&self.$field); } at += 1;)*
                None
            }

            #[allow(unused_assignments)]
            fn field_mut(&mut self, index: usize) -> Option<&mut dyn Value> {
                let mut at = 0;
                $(if index == at { return Some(&mut self.$field); } at += 1;)*
                None
            }

            fn blank() -> Self {
                Self::default()
            }
        }
    };
}

model!(Request {
    out_biz_no,
    activity_name,
    merchant_access_mode,
    activity_id,
    begin_time,
    end_time,
    amount,
    merchant_id,
    brand_name,
    notify_url,
    description,
});

model!(Reply {
    activity_id,
    activity_name,
    activity_status,
    out_biz_no,
    begin_time,
    end_time,
    amount,
    merchant_id,
    brand_name,
    notify_url,
    description,
    recharge_url,
});

pub enum Create {}

pub const TARGET: &str = "/v3/alipay/marketing/activity/voucher/create";

impl Operation for Create {
    type Request = Request;
    type Response = Reply;
    type Reply = Response<Reply>;
    const INFO: &'static OperationInfo =
        &OperationInfo::new("alipay.marketing.activity.voucher.create", Method::Post, TARGET)
            .idempotent_by("out_biz_no");
}

pub fn request() -> Request {
    let text = |text: &str| Some(text.to_owned());
    Request {
        out_biz_no: text("20261122000100010001"),
        activity_name: text("满10减1活动"),
        merchant_access_mode: text("SELF_MODE"),
        activity_id: text("2016042700826004508401111111"),
        begin_time: text("2026-11-22 00:00:00"),
        end_time: text("2026-12-22 23:59:59"),
        amount: text("10.00"),
        merchant_id: text("2088202967380463"),
        brand_name: text("一家小店"),
        notify_url: text("https://example.com/alipay/notifications"),
        description: text("全场满十元立减一元,每人限领一张"),
    }
}

/// A response of about one kilobyte.
pub fn reply() -> String {
    let request = request();
    let reply = Reply {
        activity_id: request.activity_id,
        activity_name: request.activity_name,
        activity_status: Some("ACTIVE".to_owned()),
        out_biz_no: request.out_biz_no,
        begin_time: request.begin_time,
        end_time: request.end_time,
        amount: request.amount,
        merchant_id: request.merchant_id,
        brand_name: request.brand_name,
        notify_url: request.notify_url,
        description: request.description,
        recharge_url: Some(format!("https://example.com/recharge?{}", "a=1&".repeat(100))),
    };
    serde_json::to_string(&reply).unwrap_or_default()
}
