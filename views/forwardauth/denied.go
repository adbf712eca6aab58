// Package forwardauth is what the hub says about applications behind a proxy: on
// the way to one, why one may not be used, and after leaving one.
package forwardauth

import (
	"cmp"
	"context"
	"net/url"

	"locum/models"
	"locum/models/access"
	"locum/views/i18n"
)

// DeniedProps are what the page of a denial tells.
type DeniedProps struct {
	Application string // its name
	Address     string // in it, where the person wanted to go
	Here        string // the page itself, to come back to
	Place       models.Party
	Left        string        // the organization whose visit is over
	Nobody      bool          // nobody is signed in
	Why         access.Denial // empty: he may use it now
}

// key is the denial's part of the catalogs' keys.
func (p DeniedProps) key() string {
	switch {
	case p.Nobody:
		return "forwardauth.nobody"
	case p.Why == "":
		return "forwardauth.allowed"
	}
	return "forwardauth.denied." + string(p.Why)
}

func (p DeniedProps) title(ctx context.Context) string {
	if p.Nobody || p.Why == "" {
		return i18n.T(ctx, p.key()+".title", "Application", p.Application)
	}
	return i18n.T(ctx, "forwardauth.denied.title", "Application", p.Application)
}

// why says what the reason is, and do what can be done about it.
func (p DeniedProps) why(ctx context.Context) string {
	return i18n.T(ctx, p.key(), "Application", p.Application, "Organization", p.about())
}

func (p DeniedProps) do(ctx context.Context) string {
	if p.Nobody || p.Why == "" {
		return ""
	}
	return i18n.T(ctx, p.key()+".do", "Application", p.Application, "Organization", p.about())
}

// about is the organization of which the denial speaks.
func (p DeniedProps) about() string { return cmp.Or(p.Left, p.Place.Label()) }

// showable says that he can do something about it at once: show who he is.
func (p DeniedProps) showable() bool {
	return p.Why == access.MFARequired || p.Why == access.SignInRequired
}

func (p DeniedProps) stepUp() string { return "/account/step-up?next=" + url.QueryEscape(p.Here) }

func (p DeniedProps) signIn() string { return "/sign-in?next=" + url.QueryEscape(p.Here) }
