// Package account serves the way in and what belongs to a person: signing in
// and up, the first set-up, signing out, profile and sessions, invitations to
// become a member, passkeys and showing again who one is, and the page of who
// has no access.
//
// It must never tell an address that has an account from one that has none,
// nor follow an address outside Locum after signing in.
package account

import (
	"context"
	"net/url"

	"locum/handlers/web"
	"locum/models"
	"locum/models/access"
	"locum/models/account"
	"locum/models/passkey"
	"locum/models/tenancy"
)

// Config is what the pages work with. Every field is needed but KnownBy, Awaits
// and SignOutAt.
type Config struct {
	Entrance *access.Entrance
	Sessions *access.Sessions
	Accounts *account.Accounts
	Members  *tenancy.Members
	Passkeys *passkey.Passkeys
	// Site is that of the passkeys; the zero Site where there can be none.
	Site passkey.Site
	// Discover finds the connection through which the owner of an e-mail address
	// signs in, by its domain (home realm discovery). It is "" where there is
	// none, and for what is no address.
	Discover func(ctx context.Context, email string) (connection string, err error)
	// SignOutAt is where somebody who signs out goes on to sign out at his identity
	// provider too; "" where there is none. It is asked before the session ends.
	SignOutAt func(ctx context.Context, by models.Actor) (path string, err error)
	// KnownBy names the company that knows a person who has no role, or is "".
	KnownBy func(ctx context.Context, by models.Actor) (company string, err error)
	// Awaits lists where a person waits for a seat.
	Awaits func(ctx context.Context, by models.Actor) ([]tenancy.Awaited, error)
}

// Pages are the pages of this area.
type Pages struct{ Config }

// New makes the pages.
func New(config Config) *Pages {
	if config.KnownBy == nil {
		config.KnownBy = func(context.Context, models.Actor) (string, error) { return "", nil }
	}
	if config.Awaits == nil {
		config.Awaits = func(context.Context, models.Actor) ([]tenancy.Awaited, error) { return nil, nil }
	}
	if config.SignOutAt == nil {
		config.SignOutAt = func(context.Context, models.Actor) (string, error) { return "", nil }
	}
	return &Pages{config}
}

// Mount registers the routes. Those of the way in take forms of any epoch:
// they belong to no organization.
func (p *Pages) Mount(app *web.App) {
	app.Open("GET /sign-in", p.signInForm)
	app.Open("POST /sign-in", p.signIn, web.AnyEpoch)
	app.Open("GET /sign-in/code", p.codeForm)
	app.Open("POST /sign-in/code", p.enter, web.AnyEpoch)
	app.Open("POST /sign-in/code/again", p.codeAgain, web.AnyEpoch)
	app.Open("GET /sign-in/break-glass", p.breakGlassForm)
	app.Open("POST /sign-in/break-glass", p.breakGlass, web.AnyEpoch)
	app.Open("GET /sign-in/break-glass/code", p.breakGlassCodeForm)
	app.Open("POST /sign-in/break-glass/code", p.enterBreakGlass, web.AnyEpoch)
	app.Open("POST /sign-in/passkey/begin", p.beginPasskey, web.AnyEpoch)
	app.Open("POST /sign-in/passkey", p.signInByPasskey, web.AnyEpoch)
	app.Open("GET /sign-up", p.signUpForm)
	app.Open("POST /sign-up", p.signUp, web.AnyEpoch)
	app.Open("GET /sign-up/finish", p.finishForm)
	app.Open("POST /sign-up/finish", p.finish, web.AnyEpoch)
	app.Open("GET /setup/{token}", p.setupForm)
	app.Open("POST /setup/{token}", p.setup, web.AnyEpoch)
	app.Open("POST /sign-out", p.signOut, web.AnyEpoch)

	app.Signed("GET /no-access", p.noAccess)
	app.Signed("GET /account", p.profile)
	app.Signed("POST /account", p.saveProfile)
	app.Signed("POST /account/sessions/{session}/revoke", p.revoke)
	app.Signed("POST /account/sessions/revoke-others", p.revokeOthers)
	app.Signed("GET /account/passkeys/new", p.newPasskey)
	app.Signed("POST /account/passkeys/begin", p.beginRegister)
	app.Signed("POST /account/passkeys", p.addPasskey)
	app.Signed("GET /account/passkeys/{passkey}", p.onePasskey)
	app.Signed("POST /account/passkeys/{passkey}", p.renamePasskey)
	app.Signed("POST /account/passkeys/{passkey}/remove", p.removePasskey)
	app.Signed("GET /account/tokens/new", p.newToken)
	app.Signed("POST /account/tokens", p.makeToken)
	app.Signed("GET /account/tokens/{token}/revoke", p.askRevokeToken)
	app.Signed("POST /account/tokens/{token}/revoke", p.revokeToken)
	app.Signed("GET /account/step-up", p.stepUp)
	app.Signed("POST /account/step-up/begin", p.beginStepUp)
	app.Signed("POST /account/step-up", p.stepUpByPasskey)
	app.Signed("POST /account/step-up/code", p.stepUpByCode)
	app.Signed("GET /invitations/{invitation}", p.invitation)
	app.Signed("POST /invitations/{invitation}", p.accept)
}

// home is where people go on who did not come for a certain page.
const home = "/home"

// onward is where to go after signing in: next, which has been checked to be
// local, or the person's places.
func onward(next string) string {
	if next == "" {
		return home
	}
	return next
}

// remembering adds where to go afterwards to an address.
func remembering(path, next string) string {
	if next == "" {
		return path
	}
	return path + "?next=" + url.QueryEscape(next)
}
