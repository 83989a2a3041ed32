//! What the parameters of a notification about a trade are called. No description has them.

/// Names of the console's documents, for the parameters of `trade_status_sync`.
const LABELS: [(&str, &str); 28] = [
    ("auth_app_id", "授权方的应用"),
    ("body", "商品描述"),
    ("buyer_id", "买家支付宝用户号"),
    ("buyer_logon_id", "买家支付宝账号"),
    ("buyer_open_id", "买家支付宝用户唯一标识"),
    ("buyer_pay_amount", "用户付款金额"),
    ("fund_bill_list", "支付金额信息"),
    ("gmt_close", "交易结束时间"),
    ("gmt_create", "交易创建时间"),
    ("gmt_payment", "交易付款时间"),
    ("gmt_refund", "交易退款时间"),
    ("invoice_amount", "开票金额"),
    ("notify_time", "通知时间"),
    ("notify_type", "通知类型"),
    ("out_biz_no", "商家业务号"),
    ("out_trade_no", "商家订单号"),
    ("passback_params", "回传参数"),
    ("point_amount", "集分宝金额"),
    ("receipt_amount", "实收金额"),
    ("refund_fee", "总退款金额"),
    ("seller_email", "卖家支付宝账号"),
    ("seller_id", "卖家支付宝用户号"),
    ("send_back_fee", "实际退款金额"),
    ("subject", "订单标题"),
    ("total_amount", "订单金额"),
    ("trade_no", "支付宝交易号"),
    ("trade_status", "交易状态"),
    ("voucher_detail_list", "优惠券信息"),
];

/// The label of a parameter, if it has one.
pub(super) fn of_trade(name: &str) -> Option<&'static str> {
    LABELS.iter().find(|(known, _)| *known == name).map(|(_, label)| *label)
}

/// What a status of a trade means.
pub(super) fn of_status(status: &str) -> Option<&'static str> {
    Some(match status {
        "WAIT_BUYER_PAY" => "waits for the buyer to pay",
        "TRADE_SUCCESS" => "paid",
        "TRADE_FINISHED" => "paid, and cannot be refunded any more",
        "TRADE_CLOSED" => "closed: not paid in time, or refunded as a whole",
        _ => return None,
    })
}
