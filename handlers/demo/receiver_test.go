package demo

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"
)

var (
	secretA = "whsec_" + base64.StdEncoding.EncodeToString([]byte("the first secret of all"))
	secretB = "whsec_" + base64.StdEncoding.EncodeToString([]byte("the second one, much newer"))
)

func signed(secret, id string, at time.Time, body string) string {
	key, _ := base64.StdEncoding.DecodeString(strings.TrimPrefix(secret, "whsec_"))
	mac := hmac.New(sha256.New, key)
	fmt.Fprintf(mac, "%s.%d.%s", id, at.Unix(), body)
	return "v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

func openReceiver(t *testing.T) *Receiver {
	t.Helper()
	v, err := NewReceiver(Config{URL: "http://127.0.0.1:1", Now: func() time.Time { return noon }})
	if err != nil {
		t.Fatal(err)
	}
	if ok, err := v.Trust(secretA); !ok || err != nil {
		t.Fatal(ok, err)
	}
	return v
}

// post delivers a body and gives the status.
func post(v *Receiver, id, signature string, at time.Time, body string) int {
	r := httptest.NewRequest("POST", "/receiver/hook", strings.NewReader(body))
	r.Header.Set("Webhook-Id", id)
	r.Header.Set("Webhook-Timestamp", fmt.Sprint(at.Unix()))
	r.Header.Set("Webhook-Signature", signature)
	w := httptest.NewRecorder()
	v.ServeHTTP(w, r)
	return w.Code
}

// The vector is that of the specification's own libraries.
func TestTheReceiverKnowsThePublishedSignature(t *testing.T) {
	const secret, id, body = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "msg_p5jXN8AQM9LWM0D4loKWxJek", `{"test": 2432232314}`
	header := map[string][]string{"Webhook-Id": {id}, "Webhook-Timestamp": {"1614265330"}, "Webhook-Signature": {"v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="}}
	if why := verify(header, []byte(body), []string{secret}, time.Unix(1614265330, 0)); why != "" {
		t.Error(why)
	}
}

func TestTheReceiverBelievesOnlyWhatIsSigned(t *testing.T) {
	const body = `{"type":"role.granted","data":{"subject":{"name":"Ann"}}}`
	good := signed(secretA, "evt_1", noon, body)
	for name, c := range map[string]struct {
		signature, body string
		at              time.Time
		status          int
	}{
		"signed":                        {good, body, noon, 204},
		"two signatures, one is known":  {signed(secretB, "evt_1", noon, body) + " " + good, body, noon, 204},
		"another secret":                {signed(secretB, "evt_1", noon, body), body, noon, 401},
		"another body":                  {good, body + " ", noon, 401},
		"another version":               {"v2" + strings.TrimPrefix(good, "v1"), body, noon, 401},
		"not signed":                    {"", body, noon, 401},
		"long ago":                      {signed(secretA, "evt_1", noon.Add(-time.Hour), body), body, noon.Add(-time.Hour), 401},
		"tomorrow":                      {signed(secretA, "evt_1", noon.Add(time.Hour), body), body, noon.Add(time.Hour), 401},
		"signed, and then dated anew":   {good, body, noon.Add(time.Second), 401},
		"a signature that is no base64": {"v1,%%%", body, noon, 401},
	} {
		if got := post(openReceiver(t), "evt_1", c.signature, c.at, c.body); got != c.status {
			t.Errorf("%s: %d instead of %d", name, got, c.status)
		}
	}
}

func TestTheReceiverReadsNamesAndRolesAndCountsAttempts(t *testing.T) {
	v := openReceiver(t)
	const body = `{"type":"organization.directory.user_updated","data":{"email":"ann@x.example","name":"Ann Ash","roles":[{"role_name":"viewer"},{"role_name":"editor"}]}}`
	for range 2 {
		post(v, "evt_1", signed(secretA, "evt_1", noon, body), noon, body)
	}
	list, _, _ := v.newest()
	if len(list) != 2 || list[0].Times != 2 || list[1].Times != 1 || list[0].Name != "Ann Ash" || strings.Join(list[0].Roles, " ") != "viewer editor" {
		t.Errorf("it holds %+v", list)
	}
	w := httptest.NewRecorder()
	v.ServeHTTP(w, httptest.NewRequest("GET", "/receiver", nil))
	for _, want := range []string{"ann@x.example", "viewer, editor", "attempt 2"} {
		if !strings.Contains(w.Body.String(), want) {
			t.Errorf("the page does not say %q", want)
		}
	}
	if strings.Contains(w.Body.String(), secretA) {
		t.Error("the page shows the secret")
	}
}

func TestTheReceiverAnswersAsItsMoodIs(t *testing.T) {
	v := openReceiver(t)
	v.slow = time.Millisecond
	signature := signed(secretA, "evt_1", noon, "{}")
	for chosen, want := range map[mood]int{moodFailing: 500, moodGone: 410, moodSlow: 204, moodWell: 204, "odd": 204} {
		if chosen == "odd" { // which is none, and changes nothing
			v.mood = moodWell
		}
		r := httptest.NewRequest("POST", "/receiver/mood", strings.NewReader(url.Values{"mood": {string(chosen)}}.Encode()))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		v.ServeHTTP(httptest.NewRecorder(), r)
		if got := post(v, "evt_1", signature, noon, "{}"); got != want {
			t.Errorf("%s: %d instead of %d", chosen, got, want)
		}
	}
}
