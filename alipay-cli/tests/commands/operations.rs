//! `alipay operations`.

use crate::harness::alipay;

#[test]
fn operations_are_found_by_id_and_by_title() {
    let found = alipay(["operations", "trade", "QUERY"]).run().ends(0);
    assert!(found.stdout.contains("alipay.trade.query  "), "{}", found.stdout);
    assert!(!found.stdout.contains("alipay.trade.refund\n"));

    let found = alipay(["operations", "退款", "trade"]).run().ends(0);
    assert!(found.stdout.contains("alipay.trade.refund  "), "{}", found.stdout);
}

#[test]
fn all_operations_are_listed_once() {
    let all = alipay(["operations", "--json"]).run().ends(0).json();
    let all = all.as_array().unwrap();
    assert_eq!(all.len(), 746);
    assert!(all.is_sorted_by_key(|operation| operation["id"].as_str().unwrap()));
    assert_eq!(all[0]["method"], "GET");
}

#[test]
fn nothing_found_is_said() {
    let nothing = alipay(["operations", "no-such-thing"]).run().ends(1);
    assert_eq!(nothing.stdout, "");
    assert!(nothing.stderr.starts_with("error: no operation has `no-such-thing`"));
    assert_eq!(alipay(["operations", "no-such-thing", "--json"]).run().ends(1).stdout, "[]\n");
    for (words, meant) in [(&["qeury"][..], "query"), (&["退款", "tarde"], "退款 trade")] {
        let nothing = alipay(["operations"].iter().chain(words)).run().ends(1);
        assert!(nothing.stderr.contains(&format!("did you mean `{meant}`?")), "{}", nothing.stderr);
    }
    let nothing = alipay(["operations", "AlipayTradeQueryRequest"]).run().ends(1);
    assert!(nothing.stderr.contains("did you mean `alipay.trade.query`"), "{}", nothing.stderr);
}
