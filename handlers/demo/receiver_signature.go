package demo

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// tolerance is how old a signature may be.
const tolerance = 5 * time.Minute

// secretKey is what a secret stands for.
func secretKey(secret string) ([]byte, bool) {
	text, found := strings.CutPrefix(secret, "whsec_")
	key, err := base64.StdEncoding.DecodeString(text)
	return key, found && err == nil && len(key) > 0
}

// verify says what is wrong with a request, in words; "" when it is signed with
// one of the secrets and not too old.
func verify(header http.Header, body []byte, secrets []string, now time.Time) string {
	id, stamp := header.Get("Webhook-Id"), header.Get("Webhook-Timestamp")
	seconds, err := strconv.ParseInt(stamp, 10, 64)
	switch age := now.Sub(time.Unix(seconds, 0)); {
	case id == "" || header.Get("Webhook-Signature") == "":
		return "It is not signed."
	case err != nil:
		return "Its time is none."
	case age > tolerance || age < -tolerance:
		return "It was signed too long ago, or by a clock that is wrong."
	}
	for _, secret := range secrets {
		key, ok := secretKey(secret)
		if !ok {
			continue
		}
		mac := hmac.New(sha256.New, key)
		mac.Write([]byte(id + "." + stamp + "."))
		mac.Write(body)
		for signature := range strings.FieldsSeq(header.Get("Webhook-Signature")) {
			given, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(signature, "v1,"))
			if err == nil && strings.HasPrefix(signature, "v1,") && hmac.Equal(given, mac.Sum(nil)) {
				return ""
			}
		}
	}
	return "It is signed with a secret that is not known here."
}
