package web

import (
	"net/http"
	"sync"
	"time"

	"github.com/go-chi/httprate"
)

// Failures counts, in this process, how often each address failed to prove who it
// is within a minute: for endpoints whose clients bring tokens. Many of them may
// come from one address: one that goes on with a token that ended must not keep
// the others out, so that a token that was right lately is always looked at.
type Failures struct {
	app     *App
	most    int
	limiter *httprate.RateLimiter // nil without a limit

	mu    sync.Mutex
	right map[string]bool // hashes of tokens that were right
}

// mostRight is how many tokens are remembered.
const mostRight = 10_000

// Failures counts failures up to the limit on what people do before they have a
// session.
func (a *App) Failures() *Failures {
	return &Failures{app: a, most: a.config.Limits.Anonymous, limiter: newLimiter(Limits{Anonymous: a.config.Limits.Anonymous}).anonymous}
}

// Window is for how long failures count.
const Window = time.Minute

// Reached says whether the address of a request failed too often lately. A token,
// of which it is given a hash, that was right lately is no failure.
func (f *Failures) Reached(r *http.Request, hash string) bool {
	f.mu.Lock()
	right := f.right[hash]
	f.mu.Unlock()
	if f.limiter == nil || right {
		return false
	}
	_, rate, err := f.limiter.Status(f.key(r))
	return err != nil || int(rate)+1 > f.most
}

// Wrong counts one more failure of the address of a request.
func (f *Failures) Wrong(r *http.Request, hash string) {
	if f.limiter != nil {
		f.limiter.OnLimit(discarded{}, r, f.key(r))
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	delete(f.right, hash)
}

// Right remembers that a token was right.
func (f *Failures) Right(hash string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.right == nil || len(f.right) >= mostRight {
		f.right = map[string]bool{}
	}
	f.right[hash] = true
}

func (f *Failures) key(r *http.Request) string { return httprate.CanonicalizeIP(f.app.address(r)) }

// Address is where a request came from: see Config.TrustedProxies.
func (a *App) Address(r *http.Request) string { return a.address(r) }
