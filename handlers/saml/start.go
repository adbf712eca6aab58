package saml

import (
	"locum/handlers/web"
	"locum/models/federation"
	views "locum/views/saml"
)

// start keeps the sign-in and sends the browser to the identity provider, by a
// page: a redirect would still belong to the form of the sign-in page, and the
// content security policy lets that lead nowhere else.
func (a area) start(r *web.Request) (web.Response, error) {
	id := NewID()
	begun, err := a.Federation.Begin(r.Context(), federation.Start{
		Connection: r.PathValue("connection"), RequestID: id, BrowserHash: r.BrowserHash(), ReturnTo: r.Next("/home"), Renews: renewed(r),
	})
	if err != nil {
		return a.refused(r, err)
	}
	return leave(r, begun, id, renewed(r) != "")
}

// renewed is the session of who signs in again without leaving where he works, as
// a host may ask of him; empty for everybody else.
func renewed(r *web.Request) string {
	if r.URL.Query().Get("again") == "" || r.Actor.Account == "" {
		return ""
	}
	return r.Actor.Session
}

// test begins a sign-in whose outcome a manager is shown, and which gives
// nothing.
func (a area) test(r *web.Request) (web.Response, error) {
	id := NewID()
	begun, err := a.Federation.BeginTest(r.Context(), r.Actor, federation.Start{Connection: r.PathValue("connection"), RequestID: id, BrowserHash: r.BrowserHash()})
	if err != nil {
		return web.Response{}, err
	}
	return leave(r, begun, id, false)
}

// leave sends the browser off with the request of this id. Who signs in again has
// to do so in truth, however lately he did (ForceAuthn, saml-core-2.0, section 3.4.1).
func leave(r *web.Request, begun federation.Begun, id string, again bool) (web.Response, error) {
	c := begun.Connection
	request := AuthnRequest{ID: id, Issuer: entityOf(r, c.ID), ACS: acsOf(r, c.ID), Destination: c.SSORedirect, IssuedAt: r.Now, ForceAuthn: again}
	if c.SSORedirect != "" {
		address, err := request.RedirectURL(begun.RelayState, signerOf(begun.Keys))
		if err != nil {
			return web.Response{}, err
		}
		return web.Page(views.Leaving(c.Name, address)), nil
	}
	request.Destination = c.SSOPost
	form, err := request.PostForm(begun.RelayState, signerOf(begun.Keys))
	if err != nil {
		return web.Response{}, err
	}
	return web.Page(views.LeavingByPost(c.Name, views.PostForm(form))).FormAction(form.Action), nil
}

// signerOf is the older key: the provider has certainly taken that one up.
func signerOf(keys []federation.Key) *Signer {
	if len(keys) == 0 {
		return nil
	}
	return &Signer{Key: keys[0].Private, Certificate: keys[0].Certificate}
}
