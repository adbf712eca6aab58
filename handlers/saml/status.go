package saml

import (
	"strings"

	"github.com/beevik/etree"
)

const (
	statusPrefix = "urn:oasis:names:tc:SAML:2.0:status:"
	success      = statusPrefix + "Success"
)

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

// statusOf finds the status of an answer, and its top-level code.
func statusOf(answer *etree.Element) (status, code *etree.Element, err error) {
	if status, err = atMostOne(answer, nsProtocol, "Status"); err != nil {
		return nil, nil, err
	}
	if status == nil {
		return nil, nil, refuse(Malformed, "no Status")
	}
	if code, err = atMostOne(status, nsProtocol, "StatusCode"); err != nil {
		return nil, nil, err
	}
	if code == nil {
		return nil, nil, refuse(Malformed, "no StatusCode")
	}
	return status, code, nil
}

// checkStatus accepts Success alone, and turns anything else into the most
// telling reason there is.
func checkStatus(response *etree.Element) error {
	status, code, err := statusOf(response)
	if err != nil {
		return err
	}
	top := attr(code, "Value")
	if top == success {
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
