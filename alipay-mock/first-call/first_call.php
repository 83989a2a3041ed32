<?php
// A signed call with PHP and its extension openssl. The settings are those that `alipay-mock` prints.
[$method, $target, $body] = ['POST', '/v3/alipay/trade/cancel', '{"out_trade_no":"1"}'];

$pairs = 'app_id=' . getenv('ALIPAY_APP_ID') . ',nonce=' . bin2hex(random_bytes(16)) . ',timestamp=' . time() . '000';
$toSign = "$pairs\n$method\n$target\n$body\n";
echo "To sign:\n$toSign\n";

$key = file_get_contents(ltrim(getenv('ALIPAY_PRIVATE_KEY'), '@'));
$pem = "-----BEGIN PRIVATE KEY-----\n" . chunk_split(trim($key), 64, "\n") . "-----END PRIVATE KEY-----\n";
openssl_sign($toSign, $signature, $pem, OPENSSL_ALGO_SHA256) || exit(1);
$authorization = "ALIPAY-SHA256withRSA $pairs,sign=" . base64_encode($signature);

$headers = "Content-Type: application/json\r\nAuthorization: $authorization";
$request = ['method' => $method, 'header' => $headers, 'content' => $body, 'ignore_errors' => true];
$response = file_get_contents(getenv('ALIPAY_BASE_URL') . $target, false, stream_context_create(['http' => $request]));
echo "$http_response_header[0]\n$response\n";
