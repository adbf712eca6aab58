package federation

import (
	"strings"

	"locum/models"
	"locum/models/account"
)

// The names under which providers send what an account needs; the first that
// has a value counts. A user principal name stands last, because it looks like
// an address without always being one.
var (
	emailNames = []string{
		"email", "mail", "emailaddress", "user.email", "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/emailaddress",
		"urn:oid:0.9.2342.19200300.100.1.3", "upn", "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/upn",
		"http://schemas.xmlsoap.org/ws/2005/05/identity/claims/name",
	}
	fullNames  = []string{"displayname", "name", "cn", "http://schemas.microsoft.com/identity/claims/displayname", "urn:oid:2.16.840.1.113730.3.1.241", "urn:oid:2.5.4.3"}
	givenNames = []string{"givenname", "given_name", "firstname", "first_name", "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/givenname", "urn:oid:2.5.4.42"}
	familyName = []string{"surname", "sn", "family_name", "lastname", "last_name", "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/surname", "urn:oid:2.5.4.4"}
)

// value is the first value of the first of the names that has one.
func (t Told) value(names []string) string {
	for _, name := range names {
		for _, a := range t.Attributes {
			if (strings.EqualFold(a.Name, name) || strings.EqualFold(a.FriendlyName, name)) && len(a.Values) > 0 {
				return a.Values[0]
			}
		}
	}
	return ""
}

// email is the person's address, if the provider sends one that is one.
func (t Told) email() (account.Email, bool) {
	if email, ok := account.ParseEmail(t.value(emailNames)); ok {
		return email, true
	}
	if t.NameIsEmail {
		return account.ParseEmail(t.Name)
	}
	return account.Email{}, false
}

// name is what to call the person: what the provider says, or else the front of
// the address.
func (t Told) name(email account.Email) string {
	full := legible(t.value(fullNames))
	if full == "" || strings.Contains(full, "@") {
		full = legible(t.value(givenNames) + " " + t.value(familyName))
	}
	if full == "" {
		full, _, _ = strings.Cut(email.Typed, "@")
	}
	return full
}

// legible makes a name pass account.CheckName, as one that a person types must:
// what cannot be seen is dropped, and what is too long.
func legible(name string) string {
	name = account.CheckName(strings.ToValidUTF8(name, ""), "name", models.FieldErrors{})
	if letters := []rune(name); len(letters) > 100 {
		name = strings.TrimSpace(string(letters[:100]))
	}
	return name
}
