package saml

import (
	"errors"
	"time"

	"locum/models"
	"locum/models/federation"
)

// ReadProvider reads metadata (SAML 2.0 Metadata, section 2) as the domain
// keeps it: for setting up a connection. What is wrong with the document is an
// error of the field "metadata", with the *Error as its cause.
func ReadProvider(document []byte, now time.Time) (federation.Provider, error) {
	p, err := ParseMetadata(document, now)
	var refused *Error
	if errors.As(err, &refused) {
		return federation.Provider{}, &models.Error{Kind: models.Invalid, Key: "error.invalid", Fields: models.FieldErrors{"metadata": refused.Body()}, Cause: refused}
	}
	if err != nil {
		return federation.Provider{}, err
	}
	return federation.Provider{EntityID: p.EntityID, SSORedirect: p.SignOnRedirect, SSOPost: p.SignOnPost,
		SLORedirect: p.LogoutRedirect, SLOPost: p.LogoutPost, Certificates: p.Certificates, ValidUntil: p.ValidUntil}, nil
}
