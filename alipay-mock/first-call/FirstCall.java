import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyFactory;
import java.security.Signature;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.UUID;

/** A signed call with the JDK (11 or newer). The settings are those that `alipay-mock` prints. */
public class FirstCall {
    public static void main(String[] arguments) throws Exception {
        String method = "POST", target = "/v3/alipay/trade/cancel", body = "{\"out_trade_no\":\"1\"}";

        String pairs = "app_id=" + System.getenv("ALIPAY_APP_ID") + ",nonce=" + UUID.randomUUID()
                + ",timestamp=" + System.currentTimeMillis();
        String toSign = pairs + "\n" + method + "\n" + target + "\n" + body + "\n";
        System.out.println("To sign:\n" + toSign);

        String file = System.getenv("ALIPAY_PRIVATE_KEY").replaceFirst("^@", "");
        byte[] der = Base64.getDecoder().decode(Files.readString(Path.of(file)).trim());
        Signature rsa = Signature.getInstance("SHA256withRSA");
        rsa.initSign(KeyFactory.getInstance("RSA").generatePrivate(new PKCS8EncodedKeySpec(der)));
        rsa.update(toSign.getBytes(StandardCharsets.UTF_8));
        String sign = Base64.getEncoder().encodeToString(rsa.sign());

        HttpRequest request = HttpRequest.newBuilder(URI.create(System.getenv("ALIPAY_BASE_URL") + target))
                .header("Content-Type", "application/json")
                .header("Authorization", "ALIPAY-SHA256withRSA " + pairs + ",sign=" + sign)
                .method(method, HttpRequest.BodyPublishers.ofString(body))
                .build();
        HttpResponse<String> response = HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofString());
        System.out.println(response.statusCode() + "\n" + response.body());
    }
}
