package saml

import (
	"net/http"

	"locum/handlers/web"
	"locum/models/federation"
)

// acs takes the provider's answer. The browser sends no cookie of ours along, so
// the answer finds its sign-in by the RelayState, and a ticket leads on to where
// the cookies are.
func (a area) acs(r *web.Request) (web.Response, error) {
	response, relay, ok := posted(r.Request)
	if !ok {
		return a.refused(r, refuse(Malformed, "SAMLResponse or RelayState is missing or sent twice"))
	}
	if relay == "" {
		return a.refused(r, refuse(Unsolicited, "no RelayState"))
	}
	claimed, err := a.Federation.Claim(r.Context(), r.PathValue("connection"), relay)
	if err != nil {
		return a.refused(r, err)
	}
	want, err := a.expectation(r, claimed)
	if err != nil {
		return web.Response{}, err
	}
	assertion, err := Verify([]byte(response), want)
	if err != nil {
		return a.record(r, claimed.Connection, err)
	}
	told := toldBy(assertion)
	told.Language = r.Locale.Language
	ticket, err := a.Federation.Finish(r.Context(), claimed, told)
	if err != nil {
		return a.refused(r, err)
	}
	if claimed.Test {
		return web.Redirect("/company/single-sign-on/"+claimed.Connection.ID+"/test/"+ticket, ""), nil
	}
	return web.Redirect("/saml/"+claimed.Connection.ID+"/finish/"+ticket, ""), nil
}

// posted takes the two fields out of the body, and nothing out of the address.
func posted(r *http.Request) (response, relay string, ok bool) {
	if len(r.PostForm["SAMLResponse"]) != 1 || len(r.PostForm["RelayState"]) > 1 {
		return "", "", false
	}
	return r.PostForm.Get("SAMLResponse"), r.PostForm.Get("RelayState"), true
}

func (a area) expectation(r *web.Request, claimed federation.Claimed) (Expectation, error) {
	trusted, err := claimed.Connection.Trusted()
	if err != nil {
		return Expectation{}, err
	}
	want := Expectation{
		Now: r.Now, EntityID: entityOf(r, claimed.Connection.ID), ACS: acsOf(r, claimed.Connection.ID), Issuer: claimed.Connection.EntityID,
		Certificates: trusted, RequestID: claimed.RequestID, RequestedAt: claimed.RequestedAt, Limits: a.Limits,
	}
	for _, key := range claimed.Keys {
		want.Keys = append(want.Keys, key.Decrypter())
	}
	return want, nil
}

// finish makes the session, in the browser that began the sign-in.
func (a area) finish(r *web.Request) (web.Response, error) {
	token, arrived, err := a.Federation.Redeem(r.Context(), r.PathValue("ticket"), r.BrowserHash(), federation.Visitor{UserAgent: r.UserAgent(),
		Address: r.Actor.Address, Instead: r.Actor.Session})
	if err != nil {
		return a.refused(r, err)
	}
	if token == "" { // his session goes on
		return web.Redirect(arrived.ReturnTo, "account.step_up.done"), nil
	}
	return web.Redirect(arrived.ReturnTo, "").SignedIn(token), nil
}

// toldBy hands an assertion over to the domain.
func toldBy(a Assertion) federation.Told {
	told := federation.Told{
		Assertion: a.ID, Expires: a.Expires, EntityID: a.Issuer,
		Name: a.NameID.Value, NameFormat: a.NameID.Format, NameQualifier: a.NameID.NameQualifier, SPNameQualifier: a.NameID.SPNameQualifier,
		Transient: a.NameID.Transient(), NameIsEmail: a.NameID.Format == NameEmail,
		AuthTime: a.AuthnInstant, Context: a.AuthnContext, SessionIndex: a.SessionIndex, SessionEnds: a.SessionNotOnOrAfter, ClockAhead: a.Ahead,
	}
	for _, attribute := range a.Attributes {
		told.Attributes = append(told.Attributes, federation.Attribute{Name: attribute.Name, FriendlyName: attribute.FriendlyName, Values: attribute.Values})
	}
	return told
}
