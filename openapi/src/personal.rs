//! Which fields hold personal data or secrets, by their names and their Chinese labels.
//!
//! Most groups have no overlay that says what is personal. What these rules miss is printed by `Debug`, and what
//! they take by mistake is only hidden there: in doubt, a field is taken.

use heck::ToSnakeCase;

use crate::{
    ir::{Api, Docs, Field, Struct, Ty},
    overlay::Document,
};

/// The last words of names, by what they hold. Numbers, as in `picture_1`, and `list` do not count.
const ENDINGS: &[&str] = &[
    // Secrets, and what charges or signs in a person.
    "aes_key auth_code bar_code captcha conn_key dynamic_id encrypt_key ftoken pass_word passwd password
     private_key pwd secret secret_key session_key sms_code token verification_code verify_code",
    // Persons and their accounts at Alipay.
    "buyer_id identity login_id login_name logon logon_id open_id openid trans_in trans_out user_id",
    // Names of persons.
    "acc_name account_name buyer_name cert_name child_name contact_name contactor_name employee_name
     family_name guardian_name holder holder_name identity_name leader_name legal_name
     legal_person legal_representative linkman member_name nick_name nickname opposite_full_name owner_name
     parent_name
     patient_name payee_full_name payee_name payer_name payer_show_name person_name real_name receive_name receiver
     receiver_name recipient_name rider_name sender_name student_name trans_in_name user_name",
    // Documents.
    "auth_id back_card cert_no cert_num cert_number certificate_no front_card handheld_card id_card id_card_no
     id_card_number id_material id_no id_num id_number identity_card identity_card_no identity_no identity_number
     license_no passport passport_no student_identify",
    // Cards and accounts.
    "acc_no account account_no account_num account_number bank_acc bank_account bank_account_id
     bankcard bankcard_no bank_card card_no card_num card_number payee_bank_name_account
     receipt_account_id",
    // Ways to reach a person.
    "cell cell_phone cellphone contact_number contact_tel e_mail email email_address fax mail mail_address
     mobile mobile_no mobile_num mobile_number mobile_phone phone phone_no phone_num phone_number tel
     tel_no telephone telephone_no wechat",
    // Where a person lives, and who they are.
    "address address_detail address_info birth birth_date birth_day birthday date_of_birth
     identity_card_area identity_card_city identity_card_province residential_area street user_nation",
    // Vehicles.
    "car_no car_number car_plate engine_no frame_no license_plate number_plate plate plate_no plate_num
     plate_number vehicle_no vin vin_no",
    // Devices.
    "idfa imei imsi ip ip_address mac mac_address oaid wifimac",
];

/// The last words of Chinese labels of such fields.
const LABEL_ENDINGS: &str = "
    姓名 户名 证件号 证件号码 身份证 身份证号 身份证号码 护照号 护照号码 卡号 银行卡号 银行账号 银行帐号 登录账号
    登录帐号 手机 手机号 手机号码 电话 电话号码 电子邮箱 邮箱 邮箱地址 住址 详细地址 收货地址 收件地址 联系地址 家庭地址
    居住地址 来电地址 寄件地址 邮寄地址 车牌 车牌号 车牌号码 授权码 付款码 验证码 密码 令牌 密钥
";

/// The last words of names of fields that say something *about* such data, or are links.
const NAMES_OF_OTHERS: &[&str] =
    &["type", "status", "flag", "link", "page", "img", "image", "pic", "color", "limit"];

/// Words of labels that are about personal data, whatever else the label says.
const LABEL_WORDS: &[&str] = &[
    "姓名",
    "证件",
    "卡号",
    "手机",
    "地址",
    "授权码",
    "身份证",
    "护照",
    "车牌",
    "电话",
    "邮箱",
    "密码",
    "令牌",
];

/// Words of labels that say something *about* such data, or mean another kind of address or card.
const LABEL_EXCEPTIONS: &[&str] = &[
    "类型",
    "颜色",
    "有效",
    "过期",
    "失效",
    "生效",
    "起始",
    "时间",
    "日期",
    "状态",
    "是否",
    "T为",
    "限制",
    "次数",
    "长度",
    "前缀",
    "后缀",
    "风险",
    "渠道",
    "客户端",
    "照",
    "图",
    "链接",
    "跳",
    "下载",
    "回调",
    "通知",
    "预览",
    "访问",
    "页面",
    "接口",
    "网站",
    "包地址",
    "签署",
    "存储",
    "头像",
    "logo",
    "LOGO",
    "id",
    "ID",
    "代码",
    "编码",
    "code",
    "省",
    "市",
    "区",
    "经度",
    "纬度",
    "邮编",
    "开户行地址",
    "开户地址",
    "库",
];

/// The other fields that say of a `name` that it is a person's, and of a `code` that it signs in.
const BESIDE_A_PERSONS_NAME: &[&str] = &[
    "cert_no",
    "cert_type",
    "id_number",
    "id_card_no",
    "identity",
    "identity_type",
    "cell",
    "mobile",
    "mobile_no",
    "telephone",
    "login_name",
    "logon_id",
    "open_id",
    "user_id",
];
const BESIDE_A_CREDENTIAL: &[&str] = &["grant_type"];

/// Marks the fields that are personal by these rules, unless `x-alipay-sensitive: false` says that they are not.
pub(crate) fn mark(api: &mut Api, document: &Document) {
    for item in &mut api.structs {
        let personal = |field: &Field| {
            field.sensitive || (is_personal(field, item) && !is_denied(field, document))
        };
        let personal: Vec<bool> = item.fields.iter().map(personal).collect();
        for (field, personal) in item.fields.iter_mut().zip(personal) {
            field.sensitive = personal;
        }
    }
}

/// Whether the label of a field that is shown speaks of personal data, so that somebody should look.
pub(crate) fn is_suspicious(field: &Field, document: &Document) -> bool {
    let about = |label: &str| {
        LABEL_WORDS.iter().any(|word| label.contains(word))
            && !LABEL_EXCEPTIONS.iter().any(|word| label.contains(word))
    };
    !field.sensitive
        && may_be_personal(field)
        && label(&field.docs).is_some_and(about)
        && !is_denied(field, document)
}

/// Whether a field holds personal data or a secret, by its name, by the fields beside it, or by its label.
fn is_personal(field: &Field, owner: &Struct) -> bool {
    let beside = |names: &[&str]| {
        owner.fields.iter().any(|other| names.contains(&other.wire.to_snake_case().as_str()))
    };
    may_be_personal(field)
        && (name_is_personal(&field.wire)
            || label(&field.docs).is_some_and(label_is_personal)
            || match field.wire.as_str() {
                "name" => beside(BESIDE_A_PERSONS_NAME),
                "code" => beside(BESIDE_A_CREDENTIAL),
                _ => false,
            })
}

/// Whether `Debug` would show the value itself, and the name does not say that it is something else. An object
/// shows its fields, which have names of their own.
fn may_be_personal(field: &Field) -> bool {
    let name = field.wire.to_snake_case();
    let is_flag = ["is_", "need_", "has_", "can_"].iter().any(|begin| name.starts_with(begin));
    let last = name.rsplit('_').next().unwrap_or_default();
    matches!(field.ty.innermost(), Ty::Text | Ty::Integer | Ty::Float | Ty::Decimal | Ty::Json)
        && !is_flag
        && !NAMES_OF_OTHERS.contains(&last)
        && !name.split('_').any(|word| word == "url")
}

/// Whether the description says that it is not personal.
fn is_denied(field: &Field, document: &Document) -> bool {
    let flag = |at: &str| document.value.pointer(at).and_then(serde_json::Value::as_bool);
    let origin = field.origin.as_str();
    ["", "/schema"]
        .iter()
        .any(|at| flag(&format!("{origin}{at}/x-alipay-sensitive")) == Some(false))
}

fn name_is_personal(name: &str) -> bool {
    // `userId` and `X-User-Id` as well.
    let name = name.to_snake_case();
    let words = name.split('_').filter(|word| !word.bytes().all(|byte| byte.is_ascii_digit()));
    let mut words: Vec<&str> = words.filter(|word| *word != "list").collect();
    // `user_ids` holds several of them. `address` is one.
    if let Some(last) = words.last_mut() {
        *last = last.strip_suffix("es").filter(|one| one.ends_with("ss")).unwrap_or(last);
        *last = last.strip_suffix('s').filter(|one| !one.ends_with('s')).unwrap_or(last);
    }
    let name = format!("_{}", words.join("_"));
    let mut endings = ENDINGS.iter().flat_map(|endings| endings.split_whitespace());
    endings.any(|ending| name.strip_suffix(ending).is_some_and(|before| before.ends_with('_')))
}

/// What Alipay calls a field in Chinese: its title, or the first clause of its description.
fn label(docs: &Docs) -> Option<&str> {
    /// A longer one is a sentence, whose last word may be anything.
    const LONGEST: usize = 24;
    let text = docs.title.as_deref().or(docs.description.as_deref())?;
    let ends = |character: char| "。，,；;（(【[：:、\n\t".contains(character);
    let clause = text.trim_matches(|character: char| ends(character) || character.is_whitespace());
    let clause = clause.split(ends).next()?.trim_end();
    (clause.chars().count() <= LONGEST).then_some(clause)
}

fn label_is_personal(label: &str) -> bool {
    let plain = label.strip_suffix("列表").unwrap_or(label);
    LABEL_ENDINGS.split_whitespace().any(|ending| plain.ends_with(ending))
}

#[cfg(test)]
mod tests {
    use super::{label, label_is_personal, name_is_personal};
    use crate::ir::Docs;

    #[test]
    fn names_tell() {
        let personal = "
            user_id open_id buyer_open_id employee_open_id_list alipay_user_id_list phone
            contact_mobile service_email buyer_logon_id login_ids cert_no card_no f_1_openid
            app_auth_token tokens test_password aes_key accessToken userId X-User-Token mobiles
            bankcard_no email_address merchant_logon identity bank_account cert_name contact_name
            user_name payee_name legal_name account_name detail_address addresses plate_no car_number
            auth_code order_auth_code id_card_no idNumber trans_in client_ip birthday
        ";
        for name in personal.split_whitespace() {
            assert!(name_is_personal(name), "{name}");
        }
        let others = "
            phone_number_limit mobile_type auth_token_type token_status real_name_limit
            activity_id file_key status open_time user_name_type is_mobile_auth identity_type
            voucher_name activity_name merchant_name goods_name name code zip description
        ";
        for name in others.split_whitespace().chain([""]) {
            assert!(!name_is_personal(name), "{name}");
        }
    }

    #[test]
    fn labels_tell() {
        let label_of = |title: Option<&str>, description: Option<&str>| {
            let [title, description] = [title, description].map(|text| text.map(str::to_owned));
            let docs = Docs { title, description, ..Docs::default() };
            label(&docs).is_some_and(label_is_personal)
        };
        for title in ["参与方真实姓名", "车牌号", "联系电话列表", "支付授权码", "证件号码"]
        {
            assert!(label_of(Some(title), None), "{title}");
            assert!(label_of(None, Some(&format!("{title}，不要带空格。"))), "{title}");
        }
        for title in ["证件类型", "通知地址", "券名称", "手机号是否必填", ""] {
            assert!(!label_of(Some(title), None), "{title}");
        }
        // A long sentence may end in any word.
        assert!(!label_of(
            None,
            Some("如果用户在商家的小程序里已经登录过就不再需要再次填写手机号")
        ));
    }
}
