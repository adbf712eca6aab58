package oidc

import (
	"context"
	"net/http"

	"github.com/zitadel/oidc/v3/pkg/oidc"
	"github.com/zitadel/oidc/v3/pkg/op"

	"locum/models"
)

// failed is an error of the domain as OAuth tells it (RFC 6749, section 5.2). What
// nobody thought about is logged, and told without detail.
func (a *area) failed(ctx context.Context, err error) error {
	switch kind := models.KindOf(err); {
	case models.KeyOf(err) == "client.error.credentials":
		return op.NewStatusError(oidc.ErrInvalidClient(), http.StatusUnauthorized)
	case models.KeyOf(err) == "oidc.error.grant":
		return oidc.ErrInvalidGrant()
	case kind == models.Invalid:
		return oidc.ErrInvalidScope()
	case kind == models.TooMany:
		return op.NewStatusError(oidc.ErrSlowDown(), http.StatusTooManyRequests)
	case kind == models.Stale:
		return op.NewStatusError(oidc.ErrServerError().WithDescription("try again"), http.StatusServiceUnavailable)
	}
	a.Log.ErrorContext(ctx, "an application could not be answered", "error", err)
	return oidc.ErrServerError()
}

func unknownClient(err error) error {
	if models.KindOf(err) == models.NotFound {
		return noCredentials()
	}
	return err
}
