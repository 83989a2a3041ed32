//! Amounts in yuan.

use serde_json::{Map, Value, json};

use super::{
    subject::Subject,
    text::{has, squeezed},
};

/// How texts say that an amount is in yuan.
const IN_YUAN: &[&str] = &[
    "单位为元",
    "单位是元",
    "单位元",
    "单位为人民币元",
    "单位人民币元",
    "以元为单位",
    "人民币元",
    "币种为人民币",
    "小数点后两位",
    "小数点后面两位",
    "小数点后2位",
    "两位小数",
    "2位小数",
];

/// The same, where brackets count.
const YUAN_IN_BRACKETS: &[&str] = &["（元）", "(元)"];

/// What texts say of another unit, of a rate, of several amounts, or of more decimals than money has.
const OF_OTHERS: &[&str] = &[
    "单位为分",
    "单位是分",
    "单位分",
    "以分为单位",
    "单位角",
    "万元",
    "日元",
    "韩元",
    "美元",
    "外币",
    "元/",
    "/元",
    "单位次",
    "单位为次",
    "次卡",
    "单位日",
    "单位天",
    "分钟",
    "时长",
    "分数",
    "权重",
    "kg",
    "公斤",
    "千克",
    "%",
    "％",
    "百分",
    "费率",
    "利率",
    "汇率",
    "比例",
    "折扣力度",
    "json",
    "{",
    "多个",
    "逗号",
];

/// What amounts of money are called.
const NAMES: &[&str] = &[
    "amount", "amt", "balance", "budget", "cost", "deposit", "fee", "fees", "money", "price",
    "prices",
];

/// Words of names of what only goes with an amount.
const NAMES_OF_OTHERS: &[&str] = &[
    "code",
    "count",
    "currency",
    "date",
    "desc",
    "description",
    "flag",
    "id",
    "info",
    "list",
    "mode",
    "name",
    "no",
    "num",
    "percent",
    "rate",
    "ratio",
    "remark",
    "rule",
    "status",
    "tag",
    "time",
    "type",
];

/// An amount in yuan: its text says the unit, and its name says that it is money.
pub(super) fn yuan(subject: &Subject<'_>) -> Option<Map<String, Value>> {
    let text = squeezed(&subject.text);
    let in_yuan = has(&text, IN_YUAN) || has(&subject.text, YUAN_IN_BRACKETS);
    let otherwise = has(&text, OF_OTHERS) || has(&subject.text, &["（分）", "(分)"]);
    // The unit price on an invoice may have more decimals than its other amounts.
    let of_invoice = text.contains("单价") && has(&subject.beside, &["税率", "税额"]);
    let said = in_yuan && !otherwise && !of_invoice && !has_more_decimals(&text);
    let named = subject.is_called(NAMES) && !subject.is_called(NAMES_OF_OTHERS);
    let update = json!({"format": "decimal", "x-alipay-unit": "yuan"});
    update.as_object().filter(|_| said && named).cloned()
}

/// Whether a text speaks of decimals of which there are not two.
fn has_more_decimals(text: &str) -> bool {
    let is_other = |c: char| "13456789一三四五六七八九".contains(c);
    let mut behind = text.split("小数点后").skip(1).map(|rest| rest.trim_start_matches('面'));
    let mut before = text.match_indices("位小数").filter_map(|(at, _)| text.get(..at));
    behind.any(|rest| rest.starts_with(is_other)) || before.any(|rest| rest.ends_with(is_other))
}
