//! The memory of the service is bounded.
use super::*;

fn service() -> Service {
    Service::new(Settings {
        completion: Completion::Manual,
        review: Review::Off,
        auto_pay: false,
        old_twins: false,
        empty_acknowledgements: false,
        cross_field_rules: false,
        known_images: false,
        numbers_per_operation: true,
        sample_recipient_names: false,
    })
    .unwrap()
}

fn call(service: &mut Service, operation: Operation, mut request: Value, key: usize) -> String {
    request["out_biz_no"] = key.to_string().into();
    request["merchant_access_mode"] = "SELF_MODE".into();
    let request = request.as_object().unwrap().clone();
    service.call(operation, &request, 0).unwrap_or_else(|e| panic!("{}", e.message))
}

fn create(service: &mut Service, key: usize) -> String {
    let request = json!({
        "publish_start_time": "2026-01-01 00:00:00",
        "publish_end_time": "2026-01-31 23:59:59",
        "voucher_budget_info": {"budget_type": "NO_CASH"},
        "voucher_send_rule": {"voucher_quantity": 5},
        "voucher_use_rule": {
            "voucher_valid_period": {"type": "RELATIVE", "valid_days_after_receive": 7}
        }
    });
    let response: Value =
        serde_json::from_str(&call(service, Operation::Create, request, key)).unwrap();
    response["activity_id"].as_str().unwrap().to_owned()
}

/// The bytes of all configurations, with those that are pending.
fn kept(service: &Service) -> usize {
    let bytes = |activity: &Activity| {
        let next = match &activity.pending {
            Some(Pending { change: Change::Modify(next), .. }) => config::size(&next.config),
            _ => 0,
        };
        config::size(&activity.config) + next
    };
    service.activities.values().map(bytes).sum()
}

#[test]
fn modified_activities_are_kept_within_bounds() {
    let mut service = service();
    let ids: Vec<String> = (0..70).map(|key| create(&mut service, key)).collect();
    let large = "x".repeat(LARGEST_CONFIG - 1000);
    for (key, id) in ids.iter().enumerate() {
        let request = json!({"activity_id": id, "activity_name": large});
        call(&mut service, Operation::Modify, request, key);
        assert!(service.held <= MOST_HELD);
    }
    // With the pending configurations, then with those that replaced others.
    assert_eq!(service.held, kept(&service));
    service.complete_pending(0);
    assert_eq!(service.held, kept(&service));
    assert!(service.held <= MOST_HELD && service.len() < 66, "{}", service.len());
    // When they are made small again, they count as small.
    for id in service.activities.keys().cloned().collect::<Vec<_>>() {
        let request = json!({"activity_id": id, "activity_name": "x"});
        let key = id.parse::<u128>().unwrap() % 1_000_000 + 1000;
        call(&mut service, Operation::Modify, request, usize::try_from(key).unwrap());
    }
    service.complete_pending(0);
    assert_eq!(service.held, kept(&service));
    assert!(service.held < 1024 * 1024, "{}", service.held);
}
