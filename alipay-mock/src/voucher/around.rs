//! What stands around the vouchers: images, the question whether a user may receive a voucher, the vouchers of
//! users, and lists of activities and of their scopes.
//!
//! Each rule names its evidence, as in `rules`.

use serde_json::{Value, json};

use super::activity::Activity;
use super::config::{self, Object, in_new_style};
use super::images;
use super::issued::Voucher;
use super::listing::Page;
use super::operation::Operation;
use super::service::{Service, optional, recipient, required};
use super::state::{ActivityStatus, VoucherStatus};
use crate::calendar;
use crate::error::{Refusal, ensure_at, invalid_at};
use crate::protocol::upload::FilePart;

/// The groups of the newer style that these operations return. Secondary: the official page has them only.
const GROUPS: [&str; 7] = [
    "activity_base_info",
    "voucher_available_scope_info",
    "voucher_customer_guide_info",
    "voucher_deduct_info",
    "voucher_display_pattern_info",
    "voucher_send_mode_info",
    "voucher_use_rule_info",
];

impl Service {
    /// Keeps an image. Documented: the response has its id, and whether it was scaled; this gateway does not look at
    /// its size in pixels.
    pub(crate) fn upload(
        &mut self,
        request: &Object,
        files: &[FilePart],
        now_millis: i64,
    ) -> Result<String, Refusal> {
        // Secondary: both are required.
        let key = required(request, "file_key")?;
        let file = files.iter().find(|file| file.part == "file_content");
        let file = file.ok_or_else(|| Refusal::missing(images::FILE))?;
        images::check(file, key)?;
        let id = self.ids.image(now_millis / 1000);
        self.images.keep(&id, key);
        let url = images::url(&id);
        let response = json!({"resource_id": id, "resource_url": url, "resource_enhance": false});
        Ok(response.to_string())
    }

    /// Runs an operation that changes nothing.
    pub(super) fn look(
        &mut self,
        operation: Operation,
        request: &Object,
        now_millis: i64,
    ) -> Result<String, Refusal> {
        let now = now_millis / 1000;
        let response = match operation {
            Operation::Consult => self.consult(request, now)?,
            Operation::Activities => self.list_activities(request, now)?,
            Operation::UserVoucher => self.user_voucher(request, now)?,
            Operation::UserVouchers => self.user_vouchers(request, now)?,
            _ => {
                let (id, activity) = self.activity(request, now_millis)?;
                match operation {
                    Operation::Merchants => merchants(&id, activity, request)?,
                    Operation::Shops => shops(&id, activity, request)?,
                    Operation::Apps => apps(&id, activity, request)?,
                    Operation::Goods => goods(&id, activity, request)?,
                    // The others change something, and do not come here.
                    _ => query(&id, activity, now)?,
                }
            }
        };
        Ok(Value::Object(response).to_string())
    }

    /// Whether `send` would issue a voucher now. Documented (older): the codes, which are fewer than those of send.
    /// Inferred: the reasons for which there is none are OTHER.
    fn consult(&self, request: &Object, now: i64) -> Result<Object, Refusal> {
        let (kind, recipient) = recipient(request)?;
        let user = format!("{kind} {recipient}");
        let asked = request.get("consult_activity_info_list").and_then(Value::as_array);
        // Inferred: to ask about none is to leave out the list.
        let asked = asked.filter(|asked| !asked.is_empty());
        let asked = asked.ok_or_else(|| Refusal::missing("consult_activity_info_list"))?;
        let mut results = Vec::new();
        for activity in asked {
            let id = activity.as_object().and_then(|activity| optional(activity, "activity_id"));
            let id =
                id.ok_or_else(|| Refusal::missing("consult_activity_info_list.activity_id"))?;
            let code = match self.activities.get(id).map(|activity| activity.check(&user, now)) {
                Some(Ok(())) => "SUCCESS",
                Some(Err(Refusal {
                    code: code @ ("COUNT_OVER_LIMIT" | "BUDGET_NOT_ENOUGH" | "ACTIVITY_NOT_START"),
                    ..
                })) => code,
                Some(Err(_)) | None => "OTHER",
            };
            results.push(json!({"activity_id": id, "consult_result_code": code}));
        }
        let mut response = Object::new();
        response.insert(kind.to_owned(), recipient.into());
        response.insert("consult_result_info_list".to_owned(), results.into());
        Ok(response)
    }

    /// Inferred: newest first, and which of them a status or a merchant selects.
    fn list_activities(&self, request: &Object, now: i64) -> Result<Object, Refusal> {
        let page = Page::read(request)?;
        let (status, merchant) =
            (optional(request, "activity_status"), optional(request, "merchant_id"));
        let newest = self.by_age.iter().rev();
        let all = newest.filter_map(|id| Some((id, self.activities.get(id)?)));
        let selected: Vec<_> = all
            .filter(|(_, activity)| {
                status.is_none_or(|status| activity.status(now).as_str() == status)
                    && merchant.is_none_or(|merchant| belongs_to(activity, merchant))
            })
            .collect();
        let mut response = page.response();
        // A string, by the description of this operation.
        response.insert("total_size".to_owned(), selected.len().to_string().into());
        let summaries = page.of(selected).into_iter().map(|(id, activity)| {
            let mut summary = described(id, activity, now);
            let created = calendar::date_time(activity.created).to_string();
            summary.insert("create_time".to_owned(), created.into());
            Value::Object(summary)
        });
        response.insert("activity_lite_infos".to_owned(), summaries.collect());
        Ok(response)
    }

    /// Inferred: a voucher is found by its id and its user, and one that expired too long ago is not found.
    fn user_voucher(&self, request: &Object, now: i64) -> Result<Object, Refusal> {
        let (kind, recipient) = recipient(request)?;
        let user = format!("{kind} {recipient}");
        let unknown = || {
            Refusal::business("VOUCHER_NOT_EXIST", "the user has no voucher with this id")
                .at("voucher_id")
        };
        // Documented (older): one of the two, and the activity beside a code.
        let id = match (optional(request, "voucher_id"), optional(request, "voucher_code")) {
            (Some(id), None) => id,
            (None, Some(_)) => {
                required(request, "activity_id")?;
                // Documented.
                let none = "payment vouchers (支付券) have no code; use `voucher_id`";
                return Err(Refusal::business("VOUCHER_NOT_EXIST", none).at("voucher_code"));
            }
            _ => {
                let message = "exactly one of `voucher_id` and `voucher_code` is required";
                return invalid_at("voucher_id", message);
            }
        };
        let voucher = self.issued.find(id).ok_or_else(unknown)?;
        let other = optional(request, "activity_id").is_some_and(|id| id != voucher.activity_id);
        if voucher.user != user || other {
            return Err(unknown());
        }
        let mut response = self.known(voucher, now).ok_or_else(unknown)?.describe(now);
        response.remove("voucher_id");
        response.remove("voucher_available_scope_info");
        Ok(response)
    }

    /// Documented (older): the vouchers of an owner or of a sender. Inferred: newest first.
    fn user_vouchers(&self, request: &Object, now: i64) -> Result<Object, Refusal> {
        let page = Page::read(request)?;
        let (kind, recipient) = recipient(request)?;
        let user = format!("{kind} {recipient}");
        let owner = optional(request, "belong_merchant_id");
        let sender = optional(request, "sender_merchant_id");
        if self.settings.cross_field_rules {
            ensure_at(
                "belong_merchant_id",
                owner.is_some() != sender.is_some(),
                "exactly one of `belong_merchant_id` and `sender_merchant_id` is required",
            )?;
        }
        let (activity, status) =
            (optional(request, "activity_id"), optional(request, "voucher_status"));
        let newest = self.issued.of(&user);
        let selected: Vec<_> = newest
            .filter(|voucher| activity.is_none_or(|activity| voucher.activity_id == activity))
            .filter_map(|voucher| self.known(voucher, now))
            // Any sender is the caller: the gateway has one.
            .filter(|held| owner.is_none_or(|owner| belongs_to(held.activity, owner)))
            .filter(|held| status.is_none_or(|status| held.status.as_str() == status))
            .collect();
        let mut response = page.response();
        response.insert("total_size".to_owned(), selected.len().into());
        let vouchers = page.of(selected).into_iter().map(|held| Value::Object(held.describe(now)));
        response.insert("user_voucher_infos".to_owned(), vouchers.collect());
        Ok(response)
    }

    /// A voucher with its activity and its status; `None` when Alipay would not know it any more.
    fn known<'a>(&'a self, voucher: &'a Voucher, now: i64) -> Option<Held<'a>> {
        let activity = self.activities.get(&voucher.activity_id)?;
        let status = voucher.status(now)?;
        Some(Held { voucher, activity, status })
    }

    /// Has the next voucher expire, at this time in milliseconds. Documented: the message and its fields.
    pub(super) fn expire_next(&mut self, at_millis: i64) {
        if let Some(voucher) = self.issued.expire_next() {
            self.tell_of("expired", &voucher, at_millis);
        }
    }

    pub(super) fn tell_of(&mut self, event: &str, voucher: &Voucher, at_millis: i64) {
        let (kind, user) = voucher.user.split_once(' ').unwrap_or(("user_id", &voucher.user));
        let content = [
            ("activity_id", voucher.activity_id.as_str()),
            ("voucher_id", &voucher.id),
            (kind, user),
        ];
        self.send_message(event, content, at_millis);
    }
}

/// A voucher that a user has, with its activity and its status.
struct Held<'a> {
    voucher: &'a Voucher,
    activity: &'a Activity,
    status: VoucherStatus,
}

impl Held<'_> {
    /// What these operations say of the voucher, and of its activity.
    fn describe(&self, now: i64) -> Object {
        let mut response = described(&self.voucher.activity_id, self.activity, now);
        // These are the activity's.
        for name in ["activity_name", "activity_status", "publish_start_time", "publish_end_time"] {
            response.remove(name);
        }
        let config = in_new_style(&self.activity.config);
        response.extend(self.voucher.describe(&config, self.status.as_str()));
        response
    }
}

/// Inferred: an activity without an owner is the caller's, whose id this gateway does not know.
fn belongs_to(activity: &Activity, merchant: &str) -> bool {
    config::OWNER.string(&activity.config).is_none_or(|owner| owner == merchant)
}

/// Inferred from the list of codes: an activity that was not activated is not shown.
fn query(id: &str, activity: &Activity, now: i64) -> Result<Object, Refusal> {
    if activity.status(now) == ActivityStatus::Init {
        return Err(Refusal::business(
            "ACTIVITY_NOT_ACTIVE",
            "the activity is not activated; publish it",
        )
        .at("activity_id"));
    }
    Ok(described(id, activity, now))
}

/// What these operations say of an activity: the groups of the newer style, and the older fields for the same.
fn described(id: &str, activity: &Activity, now: i64) -> Object {
    let status = activity.status(now).as_str();
    let mut config = in_new_style(&activity.config);
    images::show(&mut config);
    let mut response = Object::new();
    for (name, setting) in [
        ("activity_name", &config::NAME),
        ("belong_merchant_id", &config::OWNER),
        ("publish_start_time", &config::START),
        ("publish_end_time", &config::END),
        ("voucher_type", &config::KIND),
    ] {
        if let Some((value, _)) = setting.find(&config) {
            response.insert(name.to_owned(), value.clone());
        }
    }
    response.insert("activity_id".to_owned(), id.into());
    response.insert("activity_status".to_owned(), status.into());
    for group in GROUPS {
        if let Some(value) = config.remove(group) {
            response.insert(group.to_owned(), value);
        }
    }
    let base = response.entry("activity_base_info").or_insert_with(|| json!({}));
    if let Value::Object(base) = base {
        base.insert("activity_id".to_owned(), id.into());
        base.insert("activity_status".to_owned(), status.into());
    }
    response
}

/// A page of an activity's scope.
fn scope(id: &str, page: Page, name: &str, all: Vec<Value>) -> Object {
    let mut response = page.response();
    response.insert("activity_id".to_owned(), id.into());
    response.insert("total_size".to_owned(), all.len().into());
    response.insert(name.to_owned(), page.of(all).into());
    response
}

fn merchants(id: &str, activity: &Activity, request: &Object) -> Result<Object, Refusal> {
    let page = Page::read(request)?;
    let of = |setting: &config::Setting, kind: &str| -> Vec<Value> {
        let ids = setting.items(&activity.config).iter();
        ids.map(|id| json!({"merchant_id": id, "merchant_id_type": kind})).collect()
    };
    let all = [of(&config::PIDS, "PID"), of(&config::SMIDS, "SMID")].concat();
    Ok(scope(id, page, "merchant_infos", all))
}

/// Inferred: which list has shops of which kind. Names and places of shops are Alipay's to know.
fn shops(id: &str, activity: &Activity, request: &Object) -> Result<Object, Refusal> {
    let page = Page::read(request)?;
    let real = config::items(&activity.config, config::REAL_SHOPS).map_or(&[][..], Vec::as_slice);
    let of = |ids: &[Value], kind: &str| -> Vec<Value> {
        ids.iter().map(|id| json!({"shop_id": id, "shop_type": kind})).collect()
    };
    let payment = config::SHOPS.items(&activity.config);
    let all = [of(payment, "PAYMENT_SHOP"), of(real, "REAL_SHOP")].concat();
    Ok(scope(id, page, "shop_infos", all))
}

fn apps(id: &str, activity: &Activity, request: &Object) -> Result<Object, Refusal> {
    // Documented.
    let page = Page::read(request)?.at_most(20)?;
    let ids = config::APPS.items(&activity.config).iter();
    let all = ids.map(|id| json!({"mini_app_id": id})).collect();
    Ok(scope(id, page, "app_infos", all))
}

/// Documented: the total is that of the goods codes. Inferred: goods of mini-programs are on the first page.
fn goods(id: &str, activity: &Activity, request: &Object) -> Result<Object, Refusal> {
    const AVAILABLE: &str = "AVAILABLE";
    let page = Page::read(request)?;
    let wanted = optional(request, "goods_use_type");
    let of = |setting: &config::Setting, kind: &str| -> Vec<Value> {
        let ids = setting.items(&activity.config).iter();
        let ids = ids.filter(|_| wanted.is_none_or(|wanted| wanted == kind));
        ids.map(|id| json!({"goods_id": id, "goods_use_type": kind})).collect()
    };
    let all =
        [of(&config::GOODS_CODES, AVAILABLE), of(&config::OTHER_GOODS, "UNAVAILABLE")].concat();
    let mut response = scope(id, page, "goods_infos", all);
    if page.is_first() && wanted.is_none_or(|wanted| wanted == AVAILABLE) {
        response.insert("app_item_infos".to_owned(), items(&activity.config).into());
    }
    Ok(response)
}

/// The goods of mini-programs, by Alipay's id and by the merchant's.
fn items(config: &Object) -> Vec<Value> {
    let Some(Value::Object(info)) = config::at(config, config::ITEMS) else { return Vec::new() };
    let own = info.get("item_id").map(|id| json!({"item_id": id, "item_use_type": "AVAILABLE"}));
    let others = info.get("out_item_info").and_then(Value::as_array).into_iter().flatten();
    let others = others.filter_map(Value::as_object).map(|item| {
        let mut shown = Object::new();
        for (name, from) in [("mini_app_id", "item_app_id"), ("out_item_id", "out_item_id")] {
            if let Some(value) = item.get(from) {
                shown.insert(name.to_owned(), value.clone());
            }
        }
        shown.insert("item_use_type".to_owned(), "AVAILABLE".into());
        Value::Object(shown)
    });
    own.into_iter().chain(others).collect()
}
