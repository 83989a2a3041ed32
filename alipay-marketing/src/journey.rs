//! The whole journey of a voucher: which step is which operation, what to keep of it, and what to do when its outcome
//! is unknown. It holds no code of its own.
//!
//! The example `journey` of the repository walks from the image to the reconciliation with one client, at a gateway that
//! it starts itself (`cargo run -p alipay-examples --example journey`). Everything else about calls stands
//! in the guide of `alipay-voucher` ([`alipay_voucher::guide`]).
//!
//! Payment vouchers (支付券) are [for invited merchants](alipay_voucher::VoucherApi::create). If the first `create` is
//! refused with `insufficient-isv-permissions` or `ACTIVITY_NOT_PERMISSION` (the latter inferred), ask Alipay for the product
//! before you look for a mistake in the request.
//!
//! # The steps
//!
//! | step | operation | where it is |
//! | --- | --- | --- |
//! | token of a merchant, for service providers (应用授权) | `alipay.open.auth.token.app`, `alipay.open.auth.token.app.query` | v3, tags `alipay.open.auth.token`, `alipay.open.auth.token.app` |
//! | id of the user (用户授权) | `alipay.system.oauth.token` | v3, tag `alipay.system.oauth` |
//! | shops, to name them in an activity | `ant.merchant.expand.shop.create`, `….query`, `….modify`, `….page.query` | v3, tags `ant.merchant.expand.shop`, `ant.merchant.expand.shop.page` |
//! | physical shops (物理门店), named by their `real_shop_id` | `alipay.business.relation.shop.create` | not in v3 |
//! | service of a mini-program (小程序服务) | `alipay.open.app.service.apply` | v3, tag `alipay.open.app.service` |
//! | [images](#images) | `alipay.marketing.material.image.upload` | [`ImageApi::upload`] |
//! | [create](#create-and-publish) an activity | `alipay.marketing.activity.voucher.create` | [`VoucherApi::create`] |
//! | activate it | `alipay.marketing.activity.voucher.publish` | [`VoucherApi::publish`], [`VoucherApi::wait_until_active`] |
//! | pay the budget in (预充值) | none: a person pays on the page at `recharge_url` | no operation |
//! | choose the app that receives the activity's messages | `alipay.marketing.activity.message.bind`, `….query` | not in v3 |
//! | change, enlarge, stop it | `alipay.marketing.activity.voucher.modify`, `….append`, `….stop` | [`VoucherApi::modify`], [`VoucherApi::append`], [`VoucherApi::stop`] |
//! | look at it | `alipay.marketing.activity.voucher.query` | [`VoucherApi::query`] |
//! | look for activities | `alipay.marketing.activity.batchquery`, `alipay.marketing.activity.query` | [`ActivityApi::batchquery`], [`ActivityApi::query`] |
//! | where its vouchers can be used: what the two queries leave out | `alipay.marketing.activity.merchant.batchquery`, and the same of `shop`, `app`, `goods` | [`MerchantApi::batchquery`], [`ShopApi::batchquery`], [`AppApi::batchquery`], [`GoodsApi::batchquery`] |
//! | promote it | `alipay.marketing.activity.deliverychannel.query`, `alipay.marketing.activity.delivery.…`, `alipay.marketing.activity.voucherpackage.…`, `alipay.marketing.recruit.…` | v3, tags of the same names; for `recruit` `….enroll`, `….plan`, `….planlist` |
//! | [may the user receive it?](#send) | `alipay.marketing.activity.consult` | [`ActivityApi::consult`] |
//! | [send](#send) it | `alipay.marketing.activity.voucher.send` | [`VoucherApi::send`] |
//! | sell it | `alipay.marketing.activity.order.…` | not in v3 |
//! | [vouchers of a user](#the-vouchers-of-a-user), and whether they were used | `alipay.marketing.activity.user.batchqueryvoucher`, `….queryvoucher` | [`UserApi::batchqueryvoucher`], [`UserApi::queryvoucher`] |
//! | which vouchers fit an order | `alipay.marketing.campaign.order.voucher.consult` | v3, tag `alipay.marketing.campaign.order.voucher` |
//! | [redeem](#redeem) (核销) | none of its own: `alipay.trade.pay`, `….create`, `….precreate` | v3, tag `alipay.trade` |
//! | [reconcile](#reconcile) (对账) | `alipay.trade.query`, beside the operations above | v3, tag `alipay.trade` |
//! | refund | `alipay.trade.refund`, `alipay.trade.fastpay.refund.query` | v3, tags `alipay.trade`, `alipay.trade.fastpay.refund` |
//!
//! "v3, tag …" means that OpenAPI v3 has the operation, and neither crate does. There are two ways to it. The generator
//! makes a crate of any tags of Alipay's description, for the same client:
//!
//! ```sh
//! cargo xtask generate --from alipay-v3.openapi.yaml --tag alipay.trade --name alipay-trade --out ../alipay-trade
//! ```
//!
//! For one call the client takes any method and path, [with JSON of your own][raw];
//! [reconciliation](#reconcile) has an example. What is not in v3 needs an SDK of the older protocol.
//!
//! # What to keep
//!
//! | what | from | what it is needed for |
//! | --- | --- | --- |
//! | `out_biz_no`, with the whole request | you, before the call | repeating it: [outcomes](#when-the-outcome-is-unknown) |
//! | `resource_id` | `upload` | `create`; `modify` changes no image |
//! | `activity_id` | `create` | each later step, and the messages about the activity |
//! | `voucher_id`, with the user and the `out_biz_no` | `send` | `queryvoucher`, the messages about the voucher, reconciliation |
//! | `trade_no` or `out_trade_no` | the payment | `trade.query`, refunds |
//! | the trace id of each call | [`Response::trace_id`](crate::Response::trace_id), errors | questions to Alipay's support |
//!
//! An `out_biz_no` is unique among all your requests, those of other operations included.
//!
//! # When the outcome is unknown
//!
//! The client has already repeated what is safe to repeat. If it gives up, and
//! [`Error::outcome`](crate::Error::outcome) is [`Unknown`](crate::Outcome::Unknown), the call may have happened.
//!
//! | step | what to do |
//! | --- | --- |
//! | `upload` | Upload again, and use the id of the upload that succeeded. An image that no activity names has no effect. |
//! | `create` | Repeat the same request with the same `out_biz_no`: the response has the `activity_id` of the first. If the number is lost, [`ActivityApi::batchquery`] lists the activities; one that was created twice and is not published sends nothing. |
//! | `publish`, `modify`, `append`, `stop` | Repeat the same request with the same number, or look with [`VoucherApi::query`]. That `append` says the new total, not what is added, makes a second one harmless. |
//! | `send` | Repeat the same request with the same number: one number stands for one voucher (inferred). Never take a new number for the same voucher: that can send a second one. If the number is lost, [`UserApi::batchqueryvoucher`] with the user and the activity lists what the user has. |
//! | a payment | Ask `alipay.trade.query` before you pay again. |
//! | everything that only reads | Call again. |
//!
//! # Images
//!
//! `brand_logo`, `voucher_image` and `voucher_detail_images` of an activity are ids of uploaded images, each uploaded with
//! the [`FileKey`] of its field. Alipay may review them first: when `create` is refused with `MATERIAL_AUDIT_WAITING`,
//! repeat the same request later (inferred).
//!
//! ```no_run
//! # #[cfg(feature = "material-image")]
//! # async fn f(client: alipay_marketing::Client) -> Result<(), Box<dyn std::error::Error>> {
//! use alipay_marketing::material::image::{ImageApi, models::{FileKey, UploadRequest}};
//! use alipay_marketing::value::File;
//! use alipay_voucher::models::VoucherDisplayPatternInfo;
//!
//! let logo = UploadRequest::new(FileKey::PromoBrandLogo, File::open("logo.png")?);
//! let uploaded = ImageApi::new(client).upload(logo).await?;
//! let logo = uploaded.resource_id.as_deref().ok_or("upload gave no resource_id")?;
//! let display = VoucherDisplayPatternInfo::new().brand_logo(logo); // for `create`
//! # let _ = display; Ok(()) }
//! ```
//!
//! # Create and publish
//!
//! `create` takes effect at once and gives the `activity_id`. `publish` only accepts: the activity is active when
//! [`VoucherApi::wait_until_active`] ends or the message `alipay.marketing.activity.message.created` arrives. With a budget
//! that is paid in first, the response to `publish` has a `recharge_url`, where a person pays within three days
//! (documented-older). The activity becomes active after that only, so give the wait a deadline that fits, or rely on the
//! message.
//!
//! # Send
//!
//! `consult` says for several activities at once whether the user may receive a voucher, for a page that shows only what
//! the user can have. It reserves nothing (inferred): between it and `send` the last voucher may go to somebody else, so
//! handle the codes of `send` all the same.
//!
//! ```no_run
//! # #[cfg(feature = "activity")]
//! # async fn f(client: alipay_marketing::Client, activity_id: &str, open_id: &str) -> Result<(), Box<dyn std::error::Error>> {
//! use alipay_marketing::activity::{ActivityApi, models::ConsultRequest};
//! use alipay_marketing::models::{ConsultActivityInfo, ConsultResultCode, MerchantAccessMode};
//! use alipay_voucher::{Outcome, VoucherApi, models::SendRequest};
//!
//! let asked = [ConsultActivityInfo::new().activity_id(activity_id)];
//! let asked = ConsultRequest::new(asked, MerchantAccessMode::SelfMode).open_id(open_id);
//! let response = ActivityApi::new(client.clone()).consult(asked).await?;
//! let mut results = response.consult_result_info_list.iter().flatten();
//! if !results.any(|result| result.consult_result_code == Some(ConsultResultCode::Success)) {
//!     return Ok(()); // show no voucher
//! }
//!
//! // Store the number with the user and the activity, then send.
//! let number = "send-20261127-0001".parse()?;
//! let request = SendRequest::new(activity_id, number, MerchantAccessMode::SelfMode).open_id(open_id);
//! match VoucherApi::new(client).send(&request).await {
//!     Ok(sent) => println!("store {:?}", sent.voucher_id),
//!     Err(e) if e.outcome() == Outcome::Unknown => println!("send the same request again later: {e}"),
//!     Err(e) => return Err(e.into()),
//! }
//! # Ok(()) }
//! ```
//!
//! # The vouchers of a user
//!
//! [`UserApi::queryvoucher`] reads one voucher by its id. [`UserApi::batchqueryvoucher`] lists those of a user, at most 20
//! on a page (documented-older), and needs the merchant that owns the vouchers or the one that sent them. Both say the
//! status and how often a voucher was used. They are the only way to find out what a lost message
//! (`alipay.marketing.activity.message.received`, `….used`, `….expired`) would have said. An expired voucher is listed for
//! six months.
//!
//! # Redeem
//!
//! No operation redeems a payment voucher: a payment does. Name the goods in it when the voucher is bound to goods: the
//! `goods_id` in `goods_detail` is the code that the activity has in
//! `voucher_available_scope_info.voucher_available_goods_info`. Alipay then takes off what the voucher is worth, and posts
//! `alipay.marketing.activity.message.used` (secondary).
//!
//! # Reconcile
//!
//! From the large to the small:
//!
//! 1. [`VoucherApi::query`] says how many vouchers of an activity were sent and redeemed (`voucher_inventory_info`). If
//!    your records have other numbers, look for the vouchers that differ.
//! 2. [`UserApi::batchqueryvoucher`] lists the vouchers of a user, page by page. Compare each with what you have stored when
//!    you sent it: its `voucher_status` and `voucher_used_times`. A voucher that you do not know may have been sent under
//!    a number that you have lost.
//! 3. `alipay.trade.query` says which vouchers a payment has used and who has paid for them, if `query_options` asks for
//!    `voucher_detail_list`. The `id` in that list is the `voucher_id`. Refunds have the same under
//!    `refund_voucher_detail_list`.
//!
//! ```no_run
//! # #[cfg(feature = "activity-user")]
//! # async fn f(client: alipay_marketing::Client, activity_id: &str, open_id: &str, pid: &str, stored: impl Fn(&str) -> bool) -> Result<(), Box<dyn std::error::Error>> {
//! use alipay_marketing::activity::user::{UserApi, models::BatchqueryvoucherRequest};
//! use alipay_marketing::models::MerchantAccessMode;
//!
//! let users = UserApi::new(client);
//! for page in 1.. {
//!     let request = BatchqueryvoucherRequest::new(page, MerchantAccessMode::SelfMode, 20)
//!         .activity_id(activity_id)
//!         .sender_merchant_id(pid)
//!         .open_id(open_id);
//!     let response = users.batchqueryvoucher(request).await?;
//!     // What cannot be read is absent, and must not count as "there is none".
//!     if let Some(unreadable) = response.unreadable().first() {
//!         return Err(unreadable.to_string().into());
//!     }
//!     let vouchers = response.user_voucher_infos.as_deref().unwrap_or_default();
//!     for base in vouchers.iter().filter_map(|voucher| voucher.user_voucher_base_info.as_ref()) {
//!         let id = base.voucher_id.as_deref().ok_or("a voucher without its id")?;
//!         if !stored(id) {
//!             println!("{id} is not in our records");
//!         }
//!         println!("{id}: {:?}, used {:?}", base.voucher_status, base.voucher_used_times);
//!     }
//!     if vouchers.len() < 20 {
//!         break;
//!     }
//! }
//! # Ok(()) }
//! ```
//!
//! The vouchers of a payment, by a call without a model. Of its response only the list is printed: the rest has personal
//! data.
//!
//! ```no_run
//! # async fn f(client: alipay_marketing::Client, trade_no: &str) -> Result<(), alipay_marketing::Error> {
//! use alipay_marketing::Method;
//! use serde_json::json;
//!
//! let trade = client
//!     .raw(Method::Post, "/v3/alipay/trade/query")
//!     .json(&json!({"trade_no": trade_no, "query_options": ["voucher_detail_list"]}))
//!     .idempotent() // it only reads
//!     .await?;
//! println!("{}", trade["voucher_detail_list"]);
//! # Ok(()) }
//! ```
//!
//! [`ActivityApi::batchquery`]: crate::activity::ActivityApi::batchquery
//! [`ActivityApi::consult`]: crate::activity::ActivityApi::consult
//! [`ActivityApi::query`]: crate::activity::ActivityApi::query
//! [`AppApi::batchquery`]: crate::activity::app::AppApi::batchquery
//! [raw]: crate::Client::raw
//! [`FileKey`]: crate::material::image::models::FileKey
//! [`GoodsApi::batchquery`]: crate::activity::goods::GoodsApi::batchquery
//! [`ImageApi::upload`]: crate::material::image::ImageApi::upload
//! [`MerchantApi::batchquery`]: crate::activity::merchant::MerchantApi::batchquery
//! [`ShopApi::batchquery`]: crate::activity::shop::ShopApi::batchquery
//! [`UserApi::batchqueryvoucher`]: crate::activity::user::UserApi::batchqueryvoucher
//! [`UserApi::queryvoucher`]: crate::activity::user::UserApi::queryvoucher
//! [`VoucherApi::append`]: alipay_voucher::VoucherApi::append
//! [`VoucherApi::create`]: alipay_voucher::VoucherApi::create
//! [`VoucherApi::modify`]: alipay_voucher::VoucherApi::modify
//! [`VoucherApi::publish`]: alipay_voucher::VoucherApi::publish
//! [`VoucherApi::query`]: alipay_voucher::VoucherApi::query
//! [`VoucherApi::send`]: alipay_voucher::VoucherApi::send
//! [`VoucherApi::stop`]: alipay_voucher::VoucherApi::stop
//! [`VoucherApi::wait_until_active`]: alipay_voucher::VoucherApi::wait_until_active
