//! What is paid for, typed, and the three ways to pay it.

use super::page_order::PageOrder;
use crate::{
    client::Client,
    model,
    value::{LocalDateTime, Yuan},
};

model! {
    /// What a buyer pays for: the same for a page on computers, a page on phones and an app.
    ///
    /// [`Client::page_pay`], [`Client::wap_pay`] and [`Client::app_pay`] make an order of it. They add the
    /// `product_code`. What has no field here is set with [`PageOrder::raw_field`].
    ///
    /// Words such as (documented-older) say [how sure a statement is](crate#how-sure-a-statement-is). No description
    /// has these methods: names and limits are those of Alipay's pages about them, and of `alipay.trade.create`.
    pub struct Payment: input {
        /// The shop's number of the order (商户订单号). It says which order it is when the buyer tries again, in the
        /// notification and in `alipay.trade.query`.
        ///
        /// - Required.
        /// - At most 64 characters: letters, digits and `_`.
        /// - Example: `20150320010101001`
        pub out_trade_no: String = body("out_trade_no").required(),
        /// What is to be paid, in yuan (订单总金额).
        ///
        /// - Required.
        /// - From 0.01 to 100000000.
        /// - Example: `88.88`
        pub total_amount: Yuan = body("total_amount").required(),
        /// What the buyer sees that it is for (订单标题).
        ///
        /// - Required.
        /// - At most 256 characters, without special ones such as `/`, `=` and `&`.
        /// - Example: `Iphone6 16G`
        pub subject: String = body("subject").required(),
        /// More about it (订单附加信息).
        ///
        /// - At most 128 characters (documented-older).
        pub body: Option<String> = body("body"),
        /// Until when it can be paid, Beijing time (订单绝对超时时间). Afterwards the trade is closed.
        ///
        /// - It counts where `timeout_express` is given, too.
        /// - Example: `2021-12-31 10:05:00`
        pub time_expire: Option<LocalDateTime> = body("time_expire"),
        /// For how long it can be paid (订单相对超时时间): a number and `m` (minutes), `h` (hours) or `d` (days), or `1c`
        /// (until midnight).
        ///
        /// - From `1m` to `15d`, without decimals.
        /// - Example: `90m`
        pub timeout_express: Option<String> = body("timeout_express"),
        /// What Alipay repeats in the notification, and nowhere else (公用回传参数). It must be percent-encoded.
        ///
        /// - At most 512 characters (documented-older).
        /// - Personal data: `Debug` does not show it.
        /// - Example: `merchantBizType%3d3C%26merchantBizNo%3d2016010101111`
        pub passback_params: Option<String> = body("passback_params").sensitive(),
        /// The goods (订单包含的商品列表信息).
        pub goods_detail: Option<Vec<Goods>> = body("goods_detail"),
        /// The order in another system of the shop's (商户的原始订单号).
        ///
        /// - At most 32 characters (documented-older).
        /// - Example: `20161008001`
        pub merchant_order_no: Option<String> = body("merchant_order_no"),
        /// The shop's number of the branch (商户门店编号).
        ///
        /// - At most 32 characters (documented-older).
        /// - Example: `NJ_001`
        pub store_id: Option<String> = body("store_id"),
        /// The only ways to pay that the buyer may use, separated by commas (指定支付渠道).
        ///
        /// - Not together with `disable_pay_channels`.
        /// - Example: `pcredit,moneyFund,debitCardExpress`
        pub enable_pay_channels: Option<String> = body("enable_pay_channels"),
        /// The ways to pay that the buyer may not use, separated by commas (禁用渠道).
        ///
        /// - Not together with `enable_pay_channels`.
        /// - Example: `pcredit,moneyFund,debitCardExpress`
        pub disable_pay_channels: Option<String> = body("disable_pay_channels"),
        /// Where the buyer goes who leaves without paying; for [`Client::wap_pay`] only.
        ///
        /// - At most 400 characters (documented-older).
        pub quit_url: Option<String> = body("quit_url"),
        /// How a page on computers shows the QR code (PC扫码支付的方式); for [`Client::page_pay`] only.
        ///
        /// - `0`, `1`, `3` and `4` are a code in the shop's page, `2` is Alipay's page (documented-older).
        pub qr_pay_mode: Option<String> = body("qr_pay_mode"),
        /// How wide the QR code is; for [`Client::page_pay`] with `qr_pay_mode` 4 only (documented-older).
        pub qrcode_width: Option<i64> = body("qrcode_width"),
    }

    /// Takes the required fields. Each of the others has a method of its name that sets it.
    ///
    /// ```
    /// use alipay_core::{order::Payment, value::Yuan};
    ///
    /// let payment = Payment::new("20261127_0001", Yuan::from_fen(8888), "Tea").timeout_express("30m");
    /// assert_eq!(payment.total_amount.to_string(), "88.88");
    /// ```
    new(out_trade_no: impl Into<String>, total_amount: Yuan, subject: impl Into<String>)
}

model! {
    /// Goods of an order (商品明细).
    pub struct Goods: input {
        /// The shop's number of the goods. Vouchers that are bound to goods (支付券上绑定商品) recognise them by it.
        ///
        /// - Required (inferred).
        pub goods_id: String = body("goods_id").required(),
        /// What they are called (商品名称).
        ///
        /// - Required (inferred).
        pub goods_name: String = body("goods_name").required(),
        /// How many.
        ///
        /// - Required (inferred).
        pub quantity: i64 = body("quantity").required(),
        /// The price of one, in yuan (商品单价).
        ///
        /// - Required (inferred).
        pub price: Yuan = body("price").required(),
        /// The kind of goods (商品类目).
        pub goods_category: Option<String> = body("goods_category"),
        /// The kinds from the widest to the narrowest, separated by `|` (商品类目树).
        pub categories_tree: Option<String> = body("categories_tree"),
        /// More about them (商品描述信息).
        pub body: Option<String> = body("body"),
        /// Where they are shown (商品的展示地址).
        pub show_url: Option<String> = body("show_url"),
    }

    /// Takes the required fields. Each of the others has a method of its name that sets it.
    new(goods_id: impl Into<String>, goods_name: impl Into<String>, quantity: i64, price: Yuan)
}

impl Client {
    /// An order for a page on computers (电脑网站支付): `alipay.trade.page.pay`.
    ///
    /// Its `product_code` is `FAST_INSTANT_TRADE_PAY`. The buyer takes it to Alipay as a
    /// [form](crate::order::SignedOrder::form) or a [link](crate::order::SignedOrder::url).
    ///
    /// ```
    /// use alipay_core::{Client, Error, order::Payment, value::Yuan};
    ///
    /// async fn pay(client: &Client) -> Result<String, Error> {
    ///     let tea = Payment::new("20261127_0001", Yuan::from_fen(8888), "Tea");
    ///     let order = client
    ///         .page_pay(&tea)
    ///         .notify_url("https://shop.example/alipay/notify")
    ///         .return_url("https://shop.example/paid")
    ///         .sign()
    ///         .await?;
    ///     Ok(order.form())
    /// }
    /// ```
    pub fn page_pay(&self, payment: &Payment) -> PageOrder {
        self.pay("alipay.trade.page.pay", payment, "FAST_INSTANT_TRADE_PAY")
    }

    /// An order for a page on phones (手机网站支付): `alipay.trade.wap.pay`.
    ///
    /// Its `product_code` is `QUICK_WAP_WAY`. It is used as that of [`page_pay`](Self::page_pay).
    pub fn wap_pay(&self, payment: &Payment) -> PageOrder {
        self.pay("alipay.trade.wap.pay", payment, "QUICK_WAP_WAY")
    }

    /// An order for an app (App 支付): `alipay.trade.app.pay`.
    ///
    /// Its `product_code` is `QUICK_MSECURITY_PAY`. The app gives its
    /// [string](crate::order::SignedOrder::order_string) to Alipay's SDK. There is no `return_url`. What the SDK
    /// returns to the app proves nothing to the shop's server, and is not read by this crate.
    pub fn app_pay(&self, payment: &Payment) -> PageOrder {
        self.pay("alipay.trade.app.pay", payment, "QUICK_MSECURITY_PAY")
    }

    fn pay(&self, method: &str, payment: &Payment, product_code: &str) -> PageOrder {
        self.page_order(method).biz_content(payment).raw_field("/product_code", product_code)
    }
}
