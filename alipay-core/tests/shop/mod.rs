//! Models written the way generated code writes them.

use alipay_core::{
    model, open_enum,
    value::{Decimal, JsonText, LocalDate, LocalDateTime, LocalTime, Yuan},
};

model! {
    /// Every kind of field, two of them required.
    pub struct Order {
        pub out_biz_no: String = body("out_biz_no").required(),
        pub quantity: i64 = body("quantity").required(),
        pub amount: Option<Yuan> = body("amount"),
        pub rate: Option<Decimal> = body("rate"),
        pub created: Option<LocalDateTime> = body("created"),
        pub day: Option<LocalDate> = body("day"),
        pub opens: Option<LocalTime> = body("opens"),
        pub paid: Option<bool> = body("paid"),
        pub status: Option<Status> = body("status"),
        pub user_id: Option<String> = body("user_id").sensitive(),
        pub phones: Option<Vec<String>> = body("phones").sensitive(),
        pub owner: Option<Owner> = body("owner"),
        pub goods: Option<Vec<Goods>> = body("goods"),
        pub app_ids: Option<JsonText<Vec<String>>> = body("app_ids"),
        pub contact: Option<JsonText<Owner>> = body("contact"),
        pub parent: Option<Box<Order>> = body("parent"),
        pub matrix: Option<Vec<Vec<i64>>> = body("matrix"),
    }
}

model! {
    /// All optional, with a sensitive field, and a reserved word for a name.
    pub struct Owner: optional {
        pub type_: Option<String> = body("type"),
        pub open_id: Option<String> = body("open_id").sensitive(),
        pub city: Option<String> = body("city"),
        pub shops: Option<Vec<String>> = body("shops"),
    }
}

model! {
    /// Travels in lists; one field required, and it holds a model that is required.
    pub struct Goods {
        pub id: String = body("id").required(),
        pub price: Yuan = body("price").required(),
        pub seller: Owner = body("seller").required(),
        pub tags: Vec<String> = body("tags").required(),
    }
}

model! {
    /// Travels in three places.
    pub struct Search: optional {
        pub activity_id: String = path("activity_id"),
        pub page: Option<i64> = query("page"),
        pub note: Option<String> = body("note"),
    }
}

open_enum! {
    /// An open enum.
    pub enum Status {
        /// Open.
        Active = "ACTIVE",
        /// Closed.
        Closed = "CLOSED",
    }
}
