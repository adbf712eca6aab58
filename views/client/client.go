// Package client is what operators see of connected applications.
package client

import (
	"context"
	"strings"

	"locum/models"
	"locum/models/client"
	"locum/views/i18n"
)

// ClosingForm is what of an application is closed to visitors, as it is or as it was
// sent.
type ClosingForm struct {
	client.Connected
	Closing client.Closing
	Wrong   models.FieldErrors
}

// ClosingAddress is where operators say what of an application is closed to visitors.
func ClosingAddress(application string) string {
	return "/platform/applications/" + application + "/visitors"
}

// guarded says that a proxy asks for the application, so that single paths can be
// closed.
func (f ClosingForm) guarded() bool { return len(f.Hosts) > 0 }

// closed says in words what of an application is closed to visitors.
func closed(ctx context.Context, c client.Connected) string {
	switch {
	case c.NotForVisitors:
		return i18n.T(ctx, "client.closing.whole")
	case c.Client != nil && c.Client.DeniedPaths != "":
		return i18n.N(ctx, "client.closing.rules", strings.Count(c.Client.DeniedPaths, "\n")+1)
	}
	return i18n.T(ctx, "client.closing.nothing")
}
