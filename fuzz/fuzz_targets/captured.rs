#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    alipay_fuzz_checks::captured(data);
});
