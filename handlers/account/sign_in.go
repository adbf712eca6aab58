package account

import (
	"net/http"
	"net/url"
	"strings"

	"locum/handlers/web"
	"locum/models"
	"locum/models/access"
	"locum/models/account"
	views "locum/views/account"
)

func (p *Pages) signInForm(r *web.Request) (web.Response, error) {
	next := r.Next("")
	if !r.Actor.Anonymous() {
		return web.Redirect(onward(next), ""), nil
	}
	email := r.URL.Query().Get("email") // an application may know it (login_hint)
	return web.Page(views.SignIn(views.SignInProps{Email: email, Next: next})), nil
}

// signIn sends a person to his company's identity provider, or him a code.
func (p *Pages) signIn(r *web.Request) (web.Response, error) {
	email, next := strings.TrimSpace(r.FormValue("email")), r.Next("")
	if !r.Actor.Anonymous() { // he signed in in another tab
		return web.Redirect(onward(next), ""), nil
	}
	start, err := p.provider(r, email, next)
	if err != nil {
		return web.Response{}, err
	}
	if start != "" {
		return web.Redirect(start, ""), nil
	}
	request, err := p.Entrance.Ask(r.Context(), asking(r, email, next))
	if wrong, ok := web.Wrong(err); ok {
		return web.Invalid(views.SignIn(views.SignInProps{Email: email, Next: next, Wrong: wrong})), nil
	}
	return p.asked(r, request, err, email, next)
}

// asking is what every request for a code has in common.
func asking(r *web.Request, email, next string) access.Asking {
	return access.Asking{Email: email, BrowserHash: r.BrowserHash(), Language: r.Locale.Language, TimeZone: zoneOf(r),
		ReturnTo: next, Address: r.Actor.Address}
}

// asked goes on to the page for the code; or, where the domain lets nobody in
// by code, to the identity provider.
func (p *Pages) asked(r *web.Request, request string, err error, email, next string) (web.Response, error) {
	if models.KindOf(err) == models.Conflict {
		start, err := p.provider(r, email, next)
		if err != nil {
			return web.Response{}, err
		}
		parsed, _ := account.ParseEmail(email)
		return web.Status(http.StatusConflict, views.Provider(views.ProviderProps{Email: email, Domain: parsed.Domain(), Start: start, Next: next})), nil
	}
	if err != nil {
		return web.Response{}, err
	}
	return web.Redirect("/sign-in/code?request="+url.QueryEscape(request), ""), nil
}

// provider is where the owner of an address begins to sign in through his
// company, or empty.
func (p *Pages) provider(r *web.Request, email, next string) (string, error) {
	connection, err := p.Discover(r.Context(), email)
	if err != nil || connection == "" {
		return "", err
	}
	query := url.Values{"email": {email}}
	if next != "" {
		query.Set("next", next)
	}
	return "/saml/" + url.PathEscape(connection) + "/start?" + query.Encode(), nil
}

// signOut ends the session, and leads on to the provider that opened it. Who is
// not signed in is told the same.
func (p *Pages) signOut(r *web.Request) (web.Response, error) {
	if !r.Actor.Anonymous() {
		onward, err := p.SignOutAt(r.Context(), r.Actor)
		if err != nil {
			return web.Response{}, err
		}
		if err := p.Sessions.SignOut(r.Context(), r.Actor); err != nil && models.KindOf(err) != models.Unauthenticated {
			return web.Response{}, err
		}
		if onward != "" {
			return web.Redirect(onward, "").SignedOut(), nil
		}
	}
	return web.Redirect(remembering("/sign-in", r.Next("")), "account.signed_out").SignedOut(), nil
}
