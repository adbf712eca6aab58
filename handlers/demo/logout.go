package demo

import (
	"bytes"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/xml"
	"net/http"
	"net/url"

	"github.com/crewjam/saml"
	dsig "github.com/russellhaering/goxmldsig"
)

// logout answers the single logout address in the redirect binding: a
// LogoutRequest is answered with a signed LogoutResponse, and a LogoutResponse
// ends what signOut began (SAML profiles §4.4).
func (p *IdentityProvider) logout(w http.ResponseWriter, r *http.Request, t Tenant) {
	if r.FormValue("SAMLResponse") != "" {
		render(w, http.StatusOK, "signedout", map[string]any{"Tenant": t, "Hub": p.hub})
		return
	}
	content, err := inflate(r.FormValue("SAMLRequest"))
	var request saml.LogoutRequest
	if err != nil || bytes.Contains(content, []byte("<!")) || xml.Unmarshal(content, &request) != nil ||
		request.ID == "" || request.Issuer == nil {
		refuse(w, http.StatusBadRequest, "This request gets no answer", string(unreadable))
		return
	}
	sp, found := p.find(r.Context(), request.Issuer.Value)
	if !found || sp.SLO == "" {
		refuse(w, http.StatusBadRequest, "This request gets no answer", string(unknownSP))
		return
	}
	p.endSessions(func(s session) bool {
		return s.Tenant == t.Key && s.EntityID == sp.EntityID && request.NameID != nil && s.NameID == request.NameID.Value &&
			(request.SessionIndex == nil || request.SessionIndex.Value == s.Index)
	})
	response := saml.LogoutResponse{
		ID: newID(), InResponseTo: request.ID, Version: "2.0", IssueInstant: p.now().UTC(), Destination: sp.SLO,
		Issuer: &saml.Issuer{Value: t.EntityID},
		Status: saml.Status{StatusCode: saml.StatusCode{Value: saml.StatusSuccess}},
	}
	encoded, err := written(response.Element())
	if err == nil {
		err = p.redirect(w, r, sp.SLO, "SAMLResponse", encoded, r.FormValue("RelayState"))
	}
	if err != nil {
		refuse(w, http.StatusInternalServerError, "No response", "The response cannot be written.")
	}
}

// signOut ends one session from this side: it sends the browser to the service
// provider with a signed LogoutRequest.
func (p *IdentityProvider) signOut(w http.ResponseWriter, r *http.Request, t Tenant) {
	index := r.FormValue("session")
	ended := p.endSessions(func(s session) bool { return s.Tenant == t.Key && s.Index == index })
	if len(ended) == 0 {
		refuse(w, http.StatusNotFound, "Signed out already", "This session has ended.")
		return
	}
	sp, found := p.find(r.Context(), ended[0].EntityID)
	if !found || sp.SLO == "" {
		http.Redirect(w, r, "/idp/"+t.Key, http.StatusSeeOther)
		return
	}
	ends := p.now().UTC().Add(answerLifetime)
	request := saml.LogoutRequest{
		ID: newID(), Version: "2.0", IssueInstant: p.now().UTC(), NotOnOrAfter: &ends, Destination: sp.SLO,
		Issuer: &saml.Issuer{Value: t.EntityID},
		NameID: &saml.NameID{
			NameQualifier: t.EntityID, SPNameQualifier: sp.EntityID,
			Format: string(saml.PersistentNameIDFormat), Value: ended[0].NameID,
		},
		SessionIndex: &saml.SessionIndex{Value: index},
	}
	encoded, err := written(request.Element())
	if err == nil {
		err = p.redirect(w, r, sp.SLO, "SAMLRequest", encoded, "")
	}
	if err != nil {
		refuse(w, http.StatusInternalServerError, "No request", "The request cannot be written.")
	}
}

// redirect sends a message in the redirect binding. The signature is over the
// query as it is sent, in this order (SAML bindings §3.4.4.1).
func (p *IdentityProvider) redirect(w http.ResponseWriter, r *http.Request, to, parameter string, message []byte, relay string) error {
	compressed, err := deflate(message)
	if err != nil {
		return err
	}
	query := parameter + "=" + url.QueryEscape(compressed)
	if relay != "" {
		query += "&RelayState=" + url.QueryEscape(relay)
	}
	query += "&SigAlg=" + url.QueryEscape(dsig.RSASHA256SignatureMethod)
	digest := sha256.Sum256([]byte(query))
	signature, err := rsa.SignPKCS1v15(rand.Reader, p.key.private, crypto.SHA256, digest[:])
	if err != nil {
		return err
	}
	address, err := url.Parse(to)
	if err != nil {
		return err
	}
	if address.RawQuery != "" {
		address.RawQuery += "&"
	}
	address.RawQuery += query + "&Signature=" + url.QueryEscape(base64.StdEncoding.EncodeToString(signature))
	http.Redirect(w, r, address.String(), http.StatusSeeOther)
	return nil
}
