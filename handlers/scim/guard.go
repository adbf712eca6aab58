package scim

import (
	"net/http"
	"sync"

	"locum/handlers/web"
	"locum/models"
	"locum/models/directory"
	"locum/models/secret"
)

// tooMany answers an address that tried too many tokens that are none.
var tooMany = models.Fail(models.TooMany, "directory.scim.too_many")

// guard lets clients in by their tokens. Many customers of a provider come from
// the same addresses: one that goes on with a token that ended must not keep the
// others out, so that a token that was right lately is always looked at.
type guard struct {
	directories *directory.Directories
	failures    *web.Failures

	mu    sync.Mutex
	right map[string]bool // hashes of tokens that were right
}

// mostRight is how many tokens are remembered.
const mostRight = 10_000

func (g *guard) admit(w http.ResponseWriter, r *http.Request) (directory.Client, error) {
	token := bearer(r)
	hash := secret.Hash(token)
	if !g.was(hash) && g.failures.Reached(r) {
		return directory.Client{}, tooMany
	}
	client, err := g.directories.Authenticate(r.Context(), token)
	wrong := models.KindOf(err) == models.Unauthenticated
	if wrong {
		g.failures.Count(w, r)
	}
	if wrong || client.CompanyID != "" {
		g.note(hash, !wrong)
	}
	return client, err
}

func (g *guard) was(hash string) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.right[hash]
}

func (g *guard) note(hash string, right bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if !right {
		delete(g.right, hash)
		return
	}
	if g.right == nil || len(g.right) >= mostRight {
		g.right = map[string]bool{}
	}
	g.right[hash] = true
}
