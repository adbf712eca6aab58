package jobs

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"time"

	jose "github.com/go-jose/go-jose/v4"
	"github.com/riverqueue/river"

	"locum/models/openid"
	"locum/models/webhook"
)

// Words is where what applications have to be told waits, and where it is noted
// what became of it.
type Words interface {
	Word(ctx context.Context, id string) (*openid.Word, error)
	Settle(ctx context.Context, id string, o openid.Attempt) error
}

// LogoutWorker tells applications that a session is over, or a visit in which they
// got tokens (OpenID Connect Back-Channel Logout 1.0): at least once each, always
// under the same jti.
type LogoutWorker struct {
	river.WorkerDefaults[openid.LogoutJob]

	Words  Words
	Sign   func(ctx context.Context, by jose.SignatureAlgorithm, typ string, claims any) (string, error)
	Issuer string
	Client *http.Client // of web.Outbound: it follows no redirect
	Now    func() time.Time
	Log    *slog.Logger
}

// logoutEvent says what a logout token is about (Back-Channel Logout 1.0, section
// 2.4).
const logoutEvent = "http://schemas.openid.net/event/backchannel-logout"

// logoutLife is how long a logout token may be taken.
const logoutLife = 2 * time.Minute

// logoutToken is what an application is told, as a security event token (RFC 8417).
type logoutToken struct {
	Issuer   string                    `json:"iss"`
	Subject  string                    `json:"sub"`
	Audience string                    `json:"aud"`
	IssuedAt int64                     `json:"iat"`
	Expires  int64                     `json:"exp"`
	ID       string                    `json:"jti"`
	Session  string                    `json:"sid"`
	Events   map[string]map[string]any `json:"events"`
}

// untaken is why an application has to be told again.
type untaken webhook.Fault

func (u untaken) Error() string { return "the application did not take it: " + string(u) }

// Work tells one application once.
func (w *LogoutWorker) Work(ctx context.Context, job *river.Job[openid.LogoutJob]) error {
	word, err := w.Words.Word(ctx, job.Args.Logout)
	if err != nil || word == nil {
		return err
	}
	now := w.Now()
	token, err := w.Sign(ctx, jose.RS256, "logout+jwt", logoutToken{Issuer: w.Issuer, Subject: word.AccountID, Audience: word.ApplicationID, IssuedAt: now.Unix(),
		Expires: now.Add(logoutLife).Unix(), ID: word.ID, Session: word.SessionID, Events: map[string]map[string]any{logoutEvent: {}}})
	if err != nil {
		return err
	}
	status, fault := w.post(ctx, word.To, token)
	outcome := openid.Attempt{Status: status, Failure: string(fault)}
	if fault != "" && job.Attempt < job.MaxAttempts {
		outcome.Next = w.NextRetry(job)
	}
	note, done := context.WithTimeout(context.WithoutCancel(ctx), noteTime)
	defer done()
	if err := w.Words.Settle(note, word.ID, outcome); err != nil {
		return err
	}
	log := w.Log.With("application", word.ApplicationID, "logout", word.ID, "attempt", job.Attempt, "status", status)
	if fault == "" {
		log.Info("application told of a sign-out")
		return nil
	}
	log.Warn("application not told of a sign-out", "why", string(fault))
	return untaken(fault)
}

// post sends a logout token, and says what was wrong with that.
func (w *LogoutWorker) post(ctx context.Context, to, token string) (status int, fault webhook.Fault) {
	ctx, done := context.WithTimeout(ctx, PostTime)
	defer done()
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, to, strings.NewReader(url.Values{"logout_token": {token}}.Encode()))
	if err != nil {
		return 0, webhook.UnknownHost
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	request.Header.Set("User-Agent", "Locum-Logout/1")
	answer, err := w.Client.Do(request)
	if answer != nil {
		defer answer.Body.Close()
		status = answer.StatusCode
	}
	if err != nil {
		return status, faultOf(err)
	}
	_, err = io.Copy(io.Discard, io.LimitReader(answer.Body, kept))
	switch {
	case err != nil:
		return status, faultOf(err)
	case status >= 300 && status < 400:
		return status, webhook.Redirected
	case status < 200 || status > 299:
		return status, webhook.BadStatus
	}
	return status, ""
}

// logoutRetries are the waits after the first failures. An application that was
// told late did no harm by what it asked meanwhile: its tokens are dead.
var logoutRetries = [...]time.Duration{2 * time.Second, 10 * time.Second, time.Minute, 5 * time.Minute, 30 * time.Minute, 2 * time.Hour, 5 * time.Hour, 10 * time.Hour, 14 * time.Hour}

// NextRetry is when an application that did not listen is told again.
func (w *LogoutWorker) NextRetry(job *river.Job[openid.LogoutJob]) time.Time {
	return w.Now().Add(logoutRetries[min(max(job.Attempt, 1), len(logoutRetries))-1])
}
