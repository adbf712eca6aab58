package jobs

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	jose "github.com/go-jose/go-jose/v4"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"

	"locum/models/openid"
)

// oneWord is one that waits, and keeps what became of it.
type oneWord struct {
	to      string
	settled []openid.Attempt
}

func (o *oneWord) Word(context.Context, string) (*openid.Word, error) {
	return &openid.Word{Logout: openid.Logout{ID: "blo_1", ApplicationID: "app_1", AccountID: "acc_1", SessionID: "ses_1"}, To: o.to}, nil
}

func (o *oneWord) Settle(_ context.Context, _ string, a openid.Attempt) error {
	o.settled = append(o.settled, a)
	return nil
}

func TestALogoutTokenIsPostedAndAFailureIsTriedAgain(t *testing.T) {
	status, got := http.StatusInternalServerError, ""
	application := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		got = r.PostFormValue("logout_token")
		w.WriteHeader(status)
	}))
	defer application.Close()
	now := time.Date(2026, time.November, 16, 10, 0, 0, 0, time.UTC)
	words := &oneWord{to: application.URL}
	var typ string
	var said map[string]any
	w := &LogoutWorker{Words: words, Issuer: "https://hub.example", Client: application.Client(), Now: func() time.Time { return now }, Log: slog.New(slog.DiscardHandler),
		Sign: func(_ context.Context, _ jose.SignatureAlgorithm, kind string, claims any) (string, error) {
			typ = kind
			raw, err := json.Marshal(claims)
			if err == nil {
				err = json.Unmarshal(raw, &said)
			}
			return "signed", err
		}}
	try := func(attempt int) error {
		return w.Work(t.Context(), &river.Job[openid.LogoutJob]{JobRow: &rivertype.JobRow{Attempt: attempt, MaxAttempts: openid.LogoutTries}, Args: openid.LogoutJob{Logout: "blo_1"}})
	}
	if err := try(1); err == nil || got != "signed" || words.settled[0] != (openid.Attempt{Status: 500, Failure: "status", Next: now.Add(2 * time.Second)}) {
		t.Errorf("a failure: %v, %q, %+v", err, got, words.settled)
	}
	events, _ := said["events"].(map[string]any)
	if _, about := events[logoutEvent]; typ != "logout+jwt" || !about || said["sid"] != "ses_1" || said["sub"] != "acc_1" || said["aud"] != "app_1" || said["jti"] != "blo_1" || said["nonce"] != nil ||
		said["exp"].(float64) != float64(now.Add(logoutLife).Unix()) {
		t.Errorf("%s says %v", typ, said)
	}
	if err := try(openid.LogoutTries); err == nil || !words.settled[1].Next.IsZero() {
		t.Errorf("the last failure: %v, %+v", err, words.settled[1])
	}
	status = http.StatusNoContent
	if err := try(3); err != nil || words.settled[2] != (openid.Attempt{Status: 204}) {
		t.Errorf("taken: %v, %+v", err, words.settled[2])
	}
}
