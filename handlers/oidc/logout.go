package oidc

import (
	"context"
	"net/http"
	"net/url"
	"slices"

	jose "github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"

	"locum/handlers/web"
	"locum/models"
	"locum/models/client"
	views "locum/views/oidc"
)

// leaving is a request of an application to sign somebody out (OpenID Connect
// RP-Initiated Logout 1.0, section 2).
type leaving struct {
	client  client.Client
	session string // of the ID token; empty without one
	to      string // where he goes afterwards; empty: he stays
}

// logout signs somebody out of the hub, and so of every application. Without an
// ID token of this very session he is asked: anybody could have sent him here.
func (a *area) logout(r *web.Request) (web.Response, error) { return a.signOut(r, r.URL.Query()) }

// logoutByPost goes on as if it had been a link: it comes without the session's
// cookie.
func (a *area) logoutByPost(r *web.Request) (web.Response, error) {
	query := url.Values{}
	for _, name := range []string{"id_token_hint", "client_id", "post_logout_redirect_uri", "state"} {
		if value := r.PostForm.Get(name); value != "" {
			query.Set(name, value)
		}
	}
	return asLink(logoutPath, query)
}

func (a *area) signOut(r *web.Request, query url.Values) (web.Response, error) {
	in, err := a.readLogout(r.Context(), query)
	if models.KindOf(err) == models.Invalid && err != nil {
		return web.Status(http.StatusBadRequest, views.Wrong(models.Text(models.KeyOf(err)))), nil
	}
	if err != nil {
		return web.Response{}, err
	}
	switch {
	case r.Actor.Account == "":
		return a.gone(r, in), nil
	case in.session != r.Actor.Session:
		return web.Page(views.SignOut(query)), nil
	}
	return a.endSession(r, in)
}

// confirm signs out who said that he wants that.
func (a *area) confirm(r *web.Request) (web.Response, error) {
	in, err := a.readLogout(r.Context(), r.PostForm)
	if models.KindOf(err) == models.Invalid && err != nil {
		return web.Status(http.StatusBadRequest, views.Wrong(models.Text(models.KeyOf(err)))), nil
	}
	if err != nil {
		return web.Response{}, err
	}
	if r.Actor.Account == "" {
		return a.gone(r, in), nil
	}
	return a.endSession(r, in)
}

func (a *area) endSession(r *web.Request, in leaving) (web.Response, error) {
	if err := a.Sessions.SignOut(r.Context(), r.Actor); err != nil {
		return web.Response{}, err
	}
	return a.gone(r, in).SignedOut(), nil
}

// gone sends a browser on in which nobody is signed in any more.
func (a *area) gone(r *web.Request, in leaving) web.Response {
	if in.to == "" {
		return web.Redirect("/sign-in", "")
	}
	name, err := a.Provider.NameOf(r.Context(), in.client.ApplicationID)
	if err == nil && (r.Method == http.MethodPost || a.fromForm(r)) {
		return web.Page(views.Leaving(name, in.to))
	}
	return web.Elsewhere(in.to)
}

func (a *area) readLogout(ctx context.Context, query url.Values) (in leaving, err error) {
	id := query.Get("client_id")
	if hint := query.Get("id_token_hint"); hint != "" {
		said, ok := a.hinted(ctx, hint)
		if !ok || id != "" && id != said.ClientID {
			return in, models.Fail(models.Invalid, "oidc.wrong.request")
		}
		in.session, id = said.Session, said.ClientID
	}
	to := query.Get("post_logout_redirect_uri")
	if id == "" && to == "" {
		return in, nil
	}
	if in.client, err = a.Clients.ByID(ctx, id); err != nil {
		if models.KindOf(err) == models.NotFound {
			err = models.Fail(models.Invalid, "oidc.wrong.client")
		}
		return in, err
	}
	if to == "" {
		return in, nil
	}
	if !slices.Contains(in.client.PostLogouts(), to) {
		return in, models.Fail(models.Invalid, "oidc.wrong.redirect")
	}
	in.to = to
	if state := query.Get("state"); state != "" {
		address, err := url.Parse(to)
		if err != nil {
			return in, err
		}
		more := address.Query()
		more.Set("state", state)
		address.RawQuery = more.Encode()
		in.to = address.String()
	}
	return in, nil
}

// hinted reads an ID token that this hub issued, however long ago.
func (a *area) hinted(ctx context.Context, text string) (said claims, ok bool) {
	token, err := jwt.ParseSigned(text, []jose.SignatureAlgorithm{signs})
	if err != nil || len(text) > 10_000 {
		return said, false
	}
	set, err := a.Signing.Public(ctx)
	if err != nil || token.Claims(&set, &said) != nil {
		return claims{}, false
	}
	return said, said.Issuer == a.issuer && said.Session != ""
}
