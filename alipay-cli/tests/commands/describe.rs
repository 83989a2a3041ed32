//! `alipay describe`.

use crate::harness::alipay;

#[test]
fn an_operation_is_described_by_its_id_or_its_method_and_path() {
    let shown = alipay(["describe", "alipay.trade.query"]).run().ends(0).stdout;
    for line in [
        "alipay.trade.query  统一收单交易查询\n",
        "POST /v3/alipay/trade/query\n",
        "It only reads (inferred): a call that fails is repeated.\n",
        "Request: body\n",
        "  out_trade_no  string\n",
        "    is_use_enterprise_pay  boolean  是否包含因公付资产\n",
        "      one of (inferred): WAIT_BUYER_PAY TRADE_CLOSED TRADE_SUCCESS\n",
        "  ACQ.SYSTEM_ERROR ACQ.INVALID_PARAMETER ACQ.TRADE_NOT_EXIST\n",
    ] {
        assert!(shown.contains(line), "{line}: {shown}");
    }
    for name in [&["POST /v3/alipay/trade/query"][..], &["post", "/v3/alipay/trade/query"]] {
        let name = ["describe"].iter().chain(name);
        assert_eq!(alipay(name).run().ends(0).stdout, shown);
    }
}

#[test]
fn places_requirements_and_limits_are_shown() {
    let id = "alipay.marketing.activity.voucher.query";
    let shown = alipay(["describe", id]).run().ends(0).stdout;
    assert!(shown.contains("Request: query\n  activity_id  string, required  活动id\n"), "{shown}");
    assert!(shown.contains("\n      at most 128 characters (inferred)\n"), "{shown}");
    assert!(shown.contains("    --query merchant_access_mode=SELF_MODE\n"), "{shown}");
    let one = alipay(["describe", "alipay.marketing.activity.query"]).run().ends(0).stdout;
    assert!(one.contains("Request: path\n  activity_id  string, required"), "{one}");
    let upload = alipay(["describe", "alipay.open.file.upload"]).run().ends(0).stdout;
    assert!(upload.contains("Request: files\n  file_content  file"), "{upload}");
    assert!(upload.contains("--file file_content=@FILE"), "{upload}");
}

#[test]
fn lines_fit_into_a_terminal() {
    let shown = alipay(["describe", "alipay.trade.create"]).run().ends(0).stdout;
    let limits = shown.lines().filter(|line| line.contains("at most") || line.contains("one of"));
    assert!(limits.clone().count() > 1);
    assert!(limits.into_iter().all(|line| line.chars().count() <= 80), "{shown}");
}

#[test]
fn programs_get_json() {
    let id = "alipay.marketing.activity.voucher.append";
    let document = alipay(["describe", id, "--json"]).run().ends(0).json();
    assert_eq!(document["id"], id);
    assert_eq!(document["reads_only"], false);
    let fields = document["request"].as_array().unwrap();
    let number = fields.iter().find(|field| field["path"] == "out_biz_no").unwrap();
    assert_eq!(number["required"], "yes");
    assert_eq!(number["type"], "string");
    assert_eq!(number["place"], "body");
    assert!(document["codes"].as_array().unwrap().iter().any(|code| code == "INVALID_PARAMETER"));
    let body = alipay(["describe", id, "--example"]).run().ends(0).json();
    assert_eq!(document["example"]["body"], body);
}

#[test]
fn the_example_of_a_body_is_right() {
    for id in ["alipay.trade.pay", "alipay.marketing.activity.voucher.create"] {
        let body = alipay(["describe", id, "--example"]).run().ends(0).stdout;
        let call = ["call", id, "--body", "-", "--dry-run"];
        let checked = alipay(call).stdin(body).run().ends(0);
        assert_eq!(checked.stdout, format!("{id}: the request is right; nothing was sent\n"));
    }
}

#[test]
fn a_name_that_is_unknown_has_a_neighbour() {
    for name in [
        "alipay.trade.qeury",
        "AlipayTradeQueryRequest",
        "trade.query",
        "POST /v3/alipay/trade/qeury",
    ] {
        let unknown = alipay(["describe", name]).run().ends(2);
        let expected = format!(
            "error: Alipay's v3 has no operation `{name}`: did you mean `alipay.trade.query`"
        );
        assert!(unknown.stderr.starts_with(&expected), "{}", unknown.stderr);
    }
    for command in ["describe", "call"] {
        let order = alipay([command, "alipay.trade.page.pay"]).run().ends(2);
        assert!(order.stderr.contains("`alipay order` makes one"), "{}", order.stderr);
    }
    let unknown = alipay(["describe", "\u{1b}[31mred"]).run().ends(2);
    assert!(unknown.stderr.contains("`\\u001b[31mred`"), "{}", unknown.stderr);
    assert!(unknown.stderr.contains("`alipay operations WORD` finds one"), "{}", unknown.stderr);
}
