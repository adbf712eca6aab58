package demo

import (
	"bytes"
	"compress/flate"
	"context"
	"encoding/base64"
	"encoding/xml"
	"errors"
	"io"
	"net/http"

	"github.com/crewjam/saml"
)

// asking is who wants to know, and what for: an AuthnRequest that was checked,
// or a start without one.
type asking struct {
	// ID is the AuthnRequest's, answered as InResponseTo. Empty: nobody asked.
	ID string
	// Message is the AuthnRequest in base64. The pages carry it along and it is
	// checked anew each time, so that nothing has to be remembered.
	Message    string
	RelayState string
	SP         ServiceProvider
	// Hint is the address the service provider expects, where it says so.
	Hint string
	// Passive wants an answer without a page (SAML core §3.4.1).
	Passive bool
}

// objection is why a request gets no answer, in words for the page. Empty:
// there is none.
type objection string

const (
	unreadable  objection = "The SAML request cannot be read."
	unknownSP   objection = "This service provider is not registered here. Its metadata address must lie at the hub, or be registered first."
	meantOther  objection = "The SAML request was meant for another address."
	foreignACS  objection = "The SAML request wants its answer at an address that is not registered for this service provider."
	otherAnswer objection = "The SAML request wants its answer in a binding that is not offered here. Only HTTP-POST is."
)

// maxMessage bounds a SAML message after decompression, in bytes.
const maxMessage = 64 << 10

var errMessageSize = errors.New("a SAML message is empty or too large")

// readAsking reads the AuthnRequest of a browser that arrives, in the
// HTTP-Redirect or the HTTP-POST binding (SAML bindings §3.4 and §3.5).
func (p *IdentityProvider) readAsking(r *http.Request, t Tenant) (asking, objection) {
	message := r.FormValue("SAMLRequest")
	if r.Method == http.MethodGet {
		inflated, err := inflate(message)
		if err != nil {
			return asking{}, unreadable
		}
		message = base64.StdEncoding.EncodeToString(inflated)
	}
	asked, wrong := p.checkAsking(r.Context(), t, message)
	asked.RelayState = r.FormValue("RelayState")
	if hint := r.FormValue("login_hint"); hint != "" {
		asked.Hint = hint
	}
	return asked, wrong
}

// carriedAsking reads what our own pages carried along in their fields.
func (p *IdentityProvider) carriedAsking(r *http.Request, t Tenant) (asking, objection) {
	if r.FormValue("request") != "" {
		asked, wrong := p.checkAsking(r.Context(), t, r.FormValue("request"))
		asked.RelayState = r.FormValue("relay")
		return asked, wrong
	}
	sp, found := p.find(r.Context(), r.FormValue("sp"))
	if !found {
		return asking{}, unknownSP
	}
	return asking{SP: sp, RelayState: r.FormValue("relay")}, ""
}

// checkAsking decodes an AuthnRequest and decides whether it is answered.
func (p *IdentityProvider) checkAsking(ctx context.Context, t Tenant, message string) (asking, objection) {
	content, err := base64.StdEncoding.DecodeString(message)
	if err != nil || len(content) > maxMessage || bytes.Contains(content, []byte("<!")) {
		return asking{}, unreadable
	}
	var request saml.AuthnRequest
	if xml.Unmarshal(content, &request) != nil || request.ID == "" || request.Version != "2.0" || request.Issuer == nil {
		return asking{}, unreadable
	}
	sp, found := p.find(ctx, request.Issuer.Value)
	switch {
	case !found:
		return asking{}, unknownSP
	case request.Destination != "" && request.Destination != p.address(t.Key, "sso"):
		return asking{}, meantOther
	case request.AssertionConsumerServiceURL != "" && request.AssertionConsumerServiceURL != sp.ACS:
		return asking{}, foreignACS
	case request.ProtocolBinding != "" && request.ProtocolBinding != saml.HTTPPostBinding:
		return asking{}, otherAnswer
	}
	asked := asking{ID: request.ID, Message: message, SP: sp}
	asked.Passive = request.IsPassive != nil && *request.IsPassive
	if request.Subject != nil && request.Subject.NameID != nil {
		asked.Hint = request.Subject.NameID.Value
	}
	return asked, ""
}

// inflate undoes the DEFLATE encoding (SAML bindings §3.4.4.1), up to the size
// that is accepted.
func inflate(message string) ([]byte, error) {
	compressed, err := base64.StdEncoding.DecodeString(message)
	if err != nil {
		return nil, err
	}
	content, err := io.ReadAll(io.LimitReader(flate.NewReader(bytes.NewReader(compressed)), maxMessage+1))
	if err != nil {
		return nil, err
	}
	if len(content) == 0 || len(content) > maxMessage {
		return nil, errMessageSize
	}
	return content, nil
}

// deflate is the DEFLATE encoding of the redirect binding, in base64.
func deflate(content []byte) (string, error) {
	var compressed bytes.Buffer
	writer, err := flate.NewWriter(&compressed, flate.BestCompression)
	if err != nil {
		return "", err
	}
	if _, err := writer.Write(content); err != nil {
		return "", err
	}
	if err := writer.Close(); err != nil {
		return "", err
	}
	return base64.StdEncoding.EncodeToString(compressed.Bytes()), nil
}
