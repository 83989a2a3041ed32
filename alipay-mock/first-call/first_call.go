// A signed call with Go's standard library. The settings are those that `alipay-mock` prints.
package main

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"fmt"
	"io"
	"log"
	"net/http"
	"os"
	"strings"
	"time"
)

func main() {
	method, target, body := "POST", "/v3/alipay/trade/cancel", `{"out_trade_no":"1"}`

	nonce := make([]byte, 16)
	_, err := rand.Read(nonce)
	check(err)
	pairs := fmt.Sprintf("app_id=%s,nonce=%x,timestamp=%d", os.Getenv("ALIPAY_APP_ID"), nonce, time.Now().UnixMilli())
	toSign := pairs + "\n" + method + "\n" + target + "\n" + body + "\n"
	fmt.Printf("To sign:\n%s\n", toSign)

	text, err := os.ReadFile(strings.TrimPrefix(os.Getenv("ALIPAY_PRIVATE_KEY"), "@"))
	check(err)
	der, err := base64.StdEncoding.DecodeString(strings.TrimSpace(string(text)))
	check(err)
	key, err := x509.ParsePKCS8PrivateKey(der)
	check(err)
	digest := sha256.Sum256([]byte(toSign))
	signature, err := rsa.SignPKCS1v15(rand.Reader, key.(*rsa.PrivateKey), crypto.SHA256, digest[:])
	check(err)
	sign := base64.StdEncoding.EncodeToString(signature)

	request, err := http.NewRequest(method, os.Getenv("ALIPAY_BASE_URL")+target, strings.NewReader(body))
	check(err)
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Authorization", "ALIPAY-SHA256withRSA "+pairs+",sign="+sign)
	response, err := http.DefaultClient.Do(request)
	check(err)
	content, err := io.ReadAll(response.Body)
	check(err)
	fmt.Printf("%s\n%s\n", response.Status, content)
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
