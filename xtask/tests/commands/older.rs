//! A description that is two years older than the base, with the forms that Alipay's had then: a path without `/v3`,
//! POSTs without their bodies, bodies where there are parameters now, `oneOf` in error responses, numbers, examples of
//! whole schemas, and required fields in responses.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use crate::support::{Copy, Run, xtask};

const OLD: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/older/2024-01-10.yaml");
const NEW: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/older/2026-09-23.yaml");

fn good(run: Run) -> Run {
    assert_eq!(run.code, 0, "{}{}", run.stdout, run.stderr);
    run
}

#[test]
fn an_older_description_is_read_by_every_command() {
    let tags = good(xtask(&["tags", OLD])).stdout;
    assert!(tags.contains("shop.ink") && tags.contains("shop.pen"), "{tags}");
    let lint = good(xtask(&["lint", OLD])).stderr;
    assert!(lint.contains("total: 0 errors"), "{lint}");

    let forth = good(xtask(&["diff", OLD, NEW])).stdout;
    for expected in [
        "moved from `GET /3/shop/ink/query` to `GET /v3/shop/ink/query`",
        "moved from `POST /v3/shop/pen/delete/{pen_id}` to `DELETE /v3/shop/pen/delete/{pen_id}`",
        "ShopPenDeleteModel.forced: travels in the query, no longer in the body",
        "ShopPenDeleteModel.reason: request field removed",
        "shop.pen.find: the request had no body, and now has a JSON body",
    ] {
        assert!(forth.contains(expected), "{expected}: {forth}");
    }
    let back = good(xtask(&["diff", NEW, OLD])).stdout;
    assert!(back.contains("travels in the body, no longer in the query"), "{back}");
}

#[test]
fn a_crate_of_an_older_description_is_refreshed_and_taken_back() {
    let copy = Copy::bare();
    let import = |from| good(copy.xtask(&["import", "--from", from, "--crate", "shop-pen"]));
    let tag = ["--tag", "shop.pen"];
    good(copy.xtask(&[&["import", "--from", OLD, "--crate", "shop-pen"], &tag[..]].concat()));
    let first = copy.read("spec/shop-pen/openapi.yaml");

    let run = import(NEW);
    assert!(run.stdout.contains("`reason` of the request of `shop.pen.delete`"), "{}", run.stdout);
    assert_eq!(run.stdout.matches("dropped by Alipay").count(), 1, "{}", run.stdout);
    good(copy.xtask(&["generate"]));

    let run = import(OLD);
    assert!(run.stderr.contains("warning[older-description]"), "{}", run.stderr);
    // The body that the old one lacks stays, so that nobody's calls break.
    assert!(run.stdout.contains("the body of POST /v3/shop/pen/find: dropped"), "{}", run.stdout);
    assert_eq!(copy.read("spec/shop-pen/openapi.yaml"), first);
    good(copy.xtask(&["generate"]));
    let api = copy.read("shop-pen/public-api.txt");
    assert!(api.contains("deprecated models::FindRequest::color\n"), "{api}");
    good(copy.xtask(&["generate", "--check"]));
}

#[test]
fn a_crate_of_all_of_an_older_description_is_made_outside() {
    let folder = tempfile::TempDir::new().unwrap();
    let out = folder.path().join("old");
    let out = out.to_str().unwrap();
    good(xtask(&["generate", "--from", OLD, "--all-tags", "--name", "shop-old", "--out", out]));
    let read = |file: &str| std::fs::read_to_string(format!("{out}/{file}")).unwrap();
    let api = read("public-api.txt");
    assert!(api.contains("GET /3/shop/ink/query"), "{api}");
    for of in ["ink::models::Query", "pen::models::Delete", "pen::models::Find"] {
        assert!(api.contains(&format!("variant {of}ErrorCode::PenNotExist\n")), "{of}: {api}");
    }
}
