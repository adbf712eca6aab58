package saml

import (
	"errors"
	"net/http"

	"locum/handlers/web"
	"locum/models/federation"
	views "locum/views/saml"
	"locum/views/ui"
)

// signOut leads somebody who signed out of Locum on to his provider, by a page:
// see start. He may as well skip it.
func (a area) signOut(r *web.Request) (web.Response, error) {
	id, relay := NewID(), r.PathValue("relay")
	leaving, err := a.Federation.Depart(r.Context(), r.PathValue("connection"), relay, id)
	if err != nil {
		return web.Response{}, err
	}
	c := leaving.Connection
	message := LogoutMessage{ID: id, Issuer: entityOf(r, c.ID), IssuedAt: r.Now, SessionIndex: leaving.SessionIndex,
		Name: NameID{Value: leaving.Subject.Name, Format: leaving.Subject.Format, NameQualifier: leaving.Subject.NameQualifier, SPNameQualifier: leaving.Subject.SPNameQualifier}}
	return sendLogout(c, leaving.Keys, message, relay)
}

// sendLogout sends the browser to the provider with a message.
func sendLogout(c federation.Connection, keys []federation.Key, message LogoutMessage, relay string) (web.Response, error) {
	by := signerOf(keys)
	if by == nil {
		return web.Response{}, errors.New("saml: connection " + c.ID + " has no key to sign a logout with")
	}
	if c.SLORedirect != "" {
		message.Destination = c.SLORedirect
		address, err := message.RedirectURL(relay, by)
		if err != nil {
			return web.Response{}, err
		}
		if message.InResponseTo != "" {
			return web.Elsewhere(address), nil
		}
		return web.Page(views.SigningOut(c.Name, address)), nil
	}
	message.Destination = c.SLOPost
	posted, err := message.Posted(by)
	if err != nil {
		return web.Response{}, err
	}
	form := views.LogoutForm{Action: c.SLOPost, Field: message.Field(), Message: posted, RelayState: relay, Skips: message.InResponseTo == ""}
	return web.Page(views.SigningOutByPost(c.Name, form)).FormAction(c.SLOPost), nil
}

// sloByRedirect takes a logout message out of the address.
func (a area) sloByRedirect(r *web.Request) (web.Response, error) {
	return a.slo(r, func(want LogoutExpectation) (Logout, error) { return ReadLogoutQuery(r.URL.RawQuery, want) })
}

// sloByPost takes one out of the body, and nothing out of the address.
func (a area) sloByPost(r *web.Request) (web.Response, error) {
	return a.slo(r, func(want LogoutExpectation) (Logout, error) { return ReadLogoutForm(r.PostForm, want) })
}

func (a area) slo(r *web.Request, read func(LogoutExpectation) (Logout, error)) (web.Response, error) {
	c, keys, err := a.Federation.Public(r.Context(), r.PathValue("connection"))
	if err != nil {
		return web.Response{}, err
	}
	trusted, err := c.Trusted()
	if err != nil {
		return web.Response{}, err
	}
	message, err := read(LogoutExpectation{Now: r.Now, SLO: sloOf(r, c.ID), Issuer: c.EntityID, Certificates: trusted, Limits: a.Limits})
	if err != nil {
		return a.notSignedOut(r, err)
	}
	if message.Request {
		return a.farewell(r, c, keys, message)
	}
	if err := a.Federation.Departed(r.Context(), c.ID, message.RelayState, message.InResponseTo); err != nil {
		return a.notSignedOut(r, err)
	}
	if !message.Success {
		return web.Redirect("/sign-in", "saml.sign_out.partly", "Name", c.Name).Tone(ui.Warn), nil
	}
	return web.Redirect("/sign-in", "saml.sign_out.done", "Name", c.Name), nil
}

// farewell ends the sessions that the provider asks to end, and tells it so.
func (a area) farewell(r *web.Request, c federation.Connection, keys []federation.Key, asked Logout) (web.Response, error) {
	_, err := a.Federation.EndSessions(r.Context(), c.ID, federation.Farewell{Request: asked.ID, Expires: asked.Expires, Ours: entityOf(r, c.ID), Sessions: asked.SessionIndexes,
		Subject: federation.Subject{EntityID: c.EntityID, Name: asked.Name.Value, Format: asked.Name.Format, NameQualifier: asked.Name.NameQualifier, SPNameQualifier: asked.Name.SPNameQualifier}})
	if err != nil {
		return a.notSignedOut(r, err)
	}
	if c.SLORedirect == "" && c.SLOPost == "" {
		return web.Redirect("/sign-in", "saml.sign_out.done", "Name", c.Name), nil
	}
	return sendLogout(c, keys, LogoutMessage{ID: NewID(), Issuer: entityOf(r, c.ID), IssuedAt: r.Now, InResponseTo: asked.ID}, asked.RelayState)
}

// notSignedOut is the page for a logout message that is not believed.
func (a area) notSignedOut(r *web.Request, why error) (web.Response, error) {
	answer, err := a.refused(r, why)
	if err != nil {
		return answer, err
	}
	return web.Status(http.StatusForbidden, views.NotSignedOut(r.ID)), nil
}
