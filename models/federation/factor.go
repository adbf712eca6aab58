package federation

import (
	"slices"
	"strings"

	"locum/models/account"
)

// multipleAuthn is what Entra ID says, as a method or as the context, of somebody
// who used more than one.
const multipleAuthn = "http://schemas.microsoft.com/claims/multipleauthn"

// strongContexts are the authentication contexts in which a second factor was
// used: the REFEDS profile, and of SAML's own classes (saml-authn-context-2.0,
// section 3.4) those that need something one holds.
var strongContexts = []string{
	"https://refeds.org/profile/mfa",
	"urn:oasis:names:tc:SAML:2.0:ac:classes:MobileTwoFactorContract",
	"urn:oasis:names:tc:SAML:2.0:ac:classes:MobileTwoFactorUnregistered",
	"urn:oasis:names:tc:SAML:2.0:ac:classes:TimeSyncToken",
	"urn:oasis:names:tc:SAML:2.0:ac:classes:SmartcardPKI",
	multipleAuthn,
}

// methodsNames are the attributes in which a provider lists how somebody signed in.
var methodsNames = []string{"http://schemas.microsoft.com/claims/authnmethodsreferences", "authnmethodsreferences"}

// secondFactor is the second factor that the provider vouches for, or none.
func (t Told) secondFactor() account.SecondFactor {
	if slices.Contains(strongContexts, t.Context) {
		return account.ByProvider
	}
	for _, a := range t.Attributes {
		if slices.ContainsFunc(methodsNames, func(n string) bool { return strings.EqualFold(n, a.Name) }) && slices.Contains(a.Values, multipleAuthn) {
			return account.ByProvider
		}
	}
	return ""
}
