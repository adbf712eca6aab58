package saml

import (
	"time"

	"locum/models/federation"
)

// ReadProvider reads metadata (SAML 2.0 Metadata, section 2) as the domain
// keeps it: for setting up a connection.
func ReadProvider(document []byte, now time.Time) (federation.Provider, error) {
	p, err := ParseMetadata(document, now)
	if err != nil {
		return federation.Provider{}, err
	}
	return federation.Provider{EntityID: p.EntityID, SSORedirect: p.SignOnRedirect, SSOPost: p.SignOnPost,
		SLORedirect: p.LogoutRedirect, SLOPost: p.LogoutPost, Certificates: p.Certificates, ValidUntil: p.ValidUntil}, nil
}
