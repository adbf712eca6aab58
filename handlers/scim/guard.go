package scim

import (
	"net/http"

	"locum/handlers/web"
	"locum/models"
	"locum/models/directory"
	"locum/models/secret"
)

// tooMany answers an address that tried too many tokens that are none.
var tooMany = models.Fail(models.TooMany, "directory.scim.too_many")

// guard lets clients in by their tokens: many customers of a provider come from
// the same addresses.
type guard struct {
	directories *directory.Directories
	failures    *web.Failures
}

func (g *guard) admit(r *http.Request) (directory.Client, error) {
	token := bearer(r)
	hash := secret.Hash(token)
	if g.failures.Reached(r, hash) {
		return directory.Client{}, tooMany
	}
	client, err := g.directories.Authenticate(r.Context(), token)
	if models.KindOf(err) == models.Unauthenticated {
		g.failures.Wrong(r, hash)
	} else if client.CompanyID != "" {
		g.failures.Right(hash)
	}
	return client, err
}
