package company

import (
	"errors"
	"net/url"
	"strings"

	"locum/handlers/web"
	"locum/models"
	"locum/models/client"
	views "locum/views/company"
	"locum/views/ui"
)

// mountConnections registers the operators' pages of how applications ask who
// works where.
func (p *Pages) mountConnections(app *web.App) {
	operators := func(pattern string, handle web.Handler) { app.With(models.OperatePlatform, pattern, handle) }
	const one = "/platform/applications/{application}"
	operators("GET "+one, p.application)
	operators("GET "+one+"/connection", p.connectionForm)
	operators("POST "+one+"/connection", p.connect)
	operators("GET "+one+"/disable", p.askDisableClient)
	operators("POST "+one+"/disable", p.disableClient)
	operators("POST "+one+"/enable", p.enableClient)
	operators("POST "+one+"/secrets", p.addSecret)
	operators("GET "+one+"/secrets/{secret}/revoke", p.askRevokeSecret)
	operators("POST "+one+"/secrets/{secret}/revoke", p.revokeSecret)
}

// applicationAddress is the page of an application.
func applicationAddress(id string) string { return "/platform/applications/" + url.PathEscape(id) }

// connected is the application of an address with its registration.
func (p *Pages) connected(r *web.Request) (client.Connected, error) {
	return p.Clients.Get(r.Context(), r.Actor, r.PathValue("application"))
}

// application shows an application, and how it asks who works where.
func (p *Pages) application(r *web.Request) (web.Response, error) {
	found, err := p.connected(r)
	if err != nil {
		return web.Response{}, err
	}
	reg, err := p.Companies.Registry(r.Context(), r.Actor)
	if err != nil {
		return web.Response{}, err
	}
	told, err := p.OpenID.Logouts(r.Context(), r.Actor, found.ID)
	if err != nil {
		return web.Response{}, err
	}
	return web.Page(views.ConnectionPage(views.Connection{Connected: found, Registry: reg, Logouts: told, Issuer: strings.TrimSuffix(r.Absolute("/"), "/"), Now: r.Now})), nil
}

func (p *Pages) connectionForm(r *web.Request) (web.Response, error) {
	found, err := p.connected(r)
	if err != nil {
		return web.Response{}, err
	}
	return web.Page(views.ConnectionFormPage(views.ConnectionForm{Connected: found, In: found.Draft()})), nil
}

func (p *Pages) connect(r *web.Request) (web.Response, error) {
	found, err := p.connected(r)
	if err != nil {
		return web.Response{}, err
	}
	in := client.Draft{Kind: client.Kind(r.FormValue("kind")), RedirectURIs: r.FormValue("redirect_uris"), PostLogoutURIs: r.FormValue("post_logout_uris"),
		HomeURI: r.FormValue("home_uri"), LogoutURI: r.FormValue("logout_uri"), JWKS: r.FormValue("jwks"), Hosts: r.FormValue("hosts"), FollowsSwitch: r.FormValue("follows_switch") != ""}
	err = p.Clients.Connect(r.Context(), r.Actor, found.ID, in)
	if wrong, ok := web.Wrong(err); ok {
		return web.Invalid(views.ConnectionFormPage(views.ConnectionForm{Connected: found, In: in, Wrong: wrong})), nil
	}
	if err != nil {
		return web.Response{}, err
	}
	if found.Client == nil {
		return web.Redirect(applicationAddress(found.ID), "application.connected", "Name", found.Name), nil
	}
	return web.Redirect(applicationAddress(found.ID), "application.changed", "Name", found.Name), nil
}

func (p *Pages) askDisableClient(r *web.Request) (web.Response, error) {
	found, err := p.connected(r)
	if err != nil {
		return web.Response{}, err
	}
	if found.Client == nil || found.Client.DisabledAt != nil {
		return web.Redirect(applicationAddress(found.ID), ""), nil // another tab was quicker
	}
	return web.Page(views.DisableConnectionPage(found)), nil
}

func (p *Pages) disableClient(r *web.Request) (web.Response, error) {
	if err := p.Clients.Disable(r.Context(), r.Actor, r.PathValue("application")); err != nil {
		return web.Response{}, err
	}
	return web.Redirect(applicationAddress(r.PathValue("application")), "application.off"), nil
}

func (p *Pages) enableClient(r *web.Request) (web.Response, error) {
	if err := p.Clients.Enable(r.Context(), r.Actor, r.PathValue("application")); err != nil {
		return web.Response{}, err
	}
	return web.Redirect(applicationAddress(r.PathValue("application")), "application.on"), nil
}

// addSecret makes a secret and shows it, this once.
func (p *Pages) addSecret(r *web.Request) (web.Response, error) {
	found, err := p.connected(r)
	if err != nil {
		return web.Response{}, err
	}
	made, text, err := p.Clients.AddSecret(r.Context(), r.Actor, found.ID)
	if e := (*models.Error)(nil); errors.As(err, &e) && e.Kind == models.Conflict && e.Key != models.FormUsed {
		return web.Redirect(applicationAddress(found.ID)+"#secrets", e.Key).Tone(ui.Bad), nil
	}
	if err != nil {
		return web.Response{}, err
	}
	return web.Page(views.SecretMadePage(found, made, text)).Header("Cache-Control", "no-store"), nil
}

// secret finds the live secret of an address.
func (p *Pages) secret(r *web.Request) (found client.Connected, one client.Secret, err error) {
	if found, err = p.connected(r); err != nil {
		return found, one, err
	}
	for _, s := range found.Secrets {
		if s.ID == r.PathValue("secret") {
			return found, s, nil
		}
	}
	return found, one, models.Unknown()
}

func (p *Pages) askRevokeSecret(r *web.Request) (web.Response, error) {
	found, one, err := p.secret(r)
	if err != nil {
		return web.Response{}, err
	}
	if one.RevokedAt != nil {
		return web.Redirect(applicationAddress(found.ID)+"#secrets", ""), nil
	}
	return web.Page(views.RevokeSecretPage(found, one, r.Now)), nil
}

func (p *Pages) revokeSecret(r *web.Request) (web.Response, error) {
	found, one, err := p.secret(r)
	if err != nil {
		return web.Response{}, err
	}
	if _, err := p.Clients.RevokeSecret(r.Context(), r.Actor, found.ID, one.ID); err != nil && models.KeyOf(err) != client.KeyRevoked { // a second click
		return web.Response{}, err
	}
	return web.Redirect(applicationAddress(found.ID)+"#secrets", "application.secret.revoked", "Suffix", one.Suffix), nil
}
