package web

import (
	"net/http"
	"time"

	"github.com/go-chi/httprate"
)

// Failures counts, in this process, how often each address failed to prove who it
// is within a minute: for endpoints whose clients bring tokens, and that are
// Unlimited for those whose tokens are right.
type Failures struct {
	app     *App
	most    int
	limiter *httprate.RateLimiter // nil without a limit
}

// Failures counts failures up to the limit on what people do before they have a
// session.
func (a *App) Failures() *Failures {
	return &Failures{app: a, most: a.config.Limits.Anonymous, limiter: newLimiter(Limits{Anonymous: a.config.Limits.Anonymous}).anonymous}
}

// Window is for how long failures count.
const Window = time.Minute

// Reached says whether the address of a request failed too often lately.
func (f *Failures) Reached(r *http.Request) bool {
	if f.limiter == nil {
		return false
	}
	_, rate, err := f.limiter.Status(f.key(r))
	return err != nil || int(rate)+1 > f.most
}

// Count counts one more failure of the address of a request.
func (f *Failures) Count(w http.ResponseWriter, r *http.Request) {
	if f.limiter != nil {
		f.limiter.OnLimit(w, r, f.key(r))
	}
}

func (f *Failures) key(r *http.Request) string { return httprate.CanonicalizeIP(f.app.address(r)) }

// Address is where a request came from: see Config.TrustedProxies.
func (a *App) Address(r *http.Request) string { return a.address(r) }
