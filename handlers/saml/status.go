package saml

import (
	"strings"

	"github.com/beevik/etree"
)

const statusPrefix = "urn:oasis:names:tc:SAML:2.0:status:"

// reasonsByStatus explains a refusal by its second-level status code
// (saml-core-2.0, section 3.2.2.2).
var reasonsByStatus = map[string]Reason{
	"AuthnFailed":              SignInFailed,
	"RequestDenied":            RefusedByProvider,
	"NoPassive":                NotSignedIn,
	"UnknownPrincipal":         UnknownPerson,
	"NoAuthnContext":           TooWeakSignIn,
	"InvalidNameIDPolicy":      NamePolicy,
	"RequestUnsupported":       RequestRejected,
	"UnsupportedBinding":       RequestRejected,
	"RequestVersionTooHigh":    RequestRejected,
	"RequestVersionTooLow":     RequestRejected,
	"RequestVersionDeprecated": RequestRejected,
}

// checkStatus accepts Success alone, and turns anything else into the most
// telling reason there is.
func checkStatus(response *etree.Element) error {
	status, err := atMostOne(response, nsProtocol, "Status")
	if err != nil {
		return err
	}
	if status == nil {
		return refuse(Malformed, "no Status")
	}
	code, err := atMostOne(status, nsProtocol, "StatusCode")
	if err != nil {
		return err
	}
	if code == nil {
		return refuse(Malformed, "no StatusCode")
	}
	top := attr(code, "Value")
	if top == statusPrefix+"Success" {
		return nil
	}
	second := ""
	for _, nested := range children(code, nsProtocol, "StatusCode") {
		second = attr(nested, "Value")
	}
	message := ""
	for _, said := range children(status, nsProtocol, "StatusMessage") {
		message = text(said)
	}
	return refuse(reasonOf(top, second), "status %q, %q, message %q", top, second, message)
}

func reasonOf(top, second string) Reason {
	if reason, ok := reasonsByStatus[strings.TrimPrefix(second, statusPrefix)]; ok {
		return reason
	}
	switch top {
	case statusPrefix + "Requester", statusPrefix + "VersionMismatch":
		return RequestRejected
	default:
		return ProviderFailed
	}
}
