package web

import (
	"net/http"
	"time"

	"github.com/go-chi/httprate"

	"locum/models"
)

// Tokens counts, in this process, the requests that come with each bearer token:
// for endpoints of machines, of which many may share one address.
type Tokens struct {
	limiter *httprate.RateLimiter // nil without a limit
}

// Tokens counts up to the limit on the requests of one token.
func (a *App) Tokens() *Tokens {
	if a.config.Limits.Token < 0 {
		return &Tokens{}
	}
	return &Tokens{httprate.NewRateLimiter(a.config.Limits.Token, time.Minute)}
}

// Check counts a request with a token, of which it is given a hash, and refuses
// one too many.
func (t *Tokens) Check(r *Request, hash string) error {
	if t.limiter == nil || !t.limiter.OnLimit(discarded{}, r.Request, hash) {
		return nil
	}
	return models.Fail(models.TooMany, keyTokenBusy)
}

// discarded takes the limiter's own headers: the answer has those of every refusal.
type discarded struct{}

func (discarded) Header() http.Header         { return http.Header{} }
func (discarded) Write(p []byte) (int, error) { return len(p), nil }
func (discarded) WriteHeader(int)             {}
