package federation

import (
	"testing"
	"time"

	"locum/models"
	"locum/models/account"
	"locum/models/secret"
	"locum/models/store"
)

func TestSecondFactorThatAProviderVouchesFor(t *testing.T) {
	for name, c := range map[string]struct {
		in   Told
		want account.SecondFactor
	}{
		"nothing said":  {Told{}, ""},
		"password":      {Told{Context: "urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport"}, ""},
		"REFEDS MFA":    {Told{Context: "https://refeds.org/profile/mfa"}, account.ByProvider},
		"REFEDS SFA":    {Told{Context: "https://refeds.org/profile/sfa"}, ""},
		"time token":    {Told{Context: "urn:oasis:names:tc:SAML:2.0:ac:classes:TimeSyncToken"}, account.ByProvider},
		"two factors":   {Told{Context: "urn:oasis:names:tc:SAML:2.0:ac:classes:MobileTwoFactorContract"}, account.ByProvider},
		"Entra methods": {Told{Attributes: []Attribute{{Name: methodsNames[0], Values: []string{"http://schemas.microsoft.com/ws/2008/06/identity/authenticationmethod/password", multipleAuthn}}}}, account.ByProvider},
		"Entra, one":    {Told{Attributes: []Attribute{{Name: methodsNames[0], Values: []string{"http://schemas.microsoft.com/ws/2008/06/identity/authenticationmethod/password"}}}}, ""},
		// Only the provider says how he signed in: a group of that name says nothing.
		"another attribute": {Told{Attributes: []Attribute{{Name: "groups", Values: []string{multipleAuthn}}}}, ""},
	} {
		if got := c.in.secondFactor(); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

// again is a sign-in that renews that of a session.
func (h *house) again(session string, in Told, from Visitor) (string, error) {
	h.t.Helper()
	begun, err := h.federation.Begin(h.ctx, Start{Connection: h.connection.ID, RequestID: "_r2", BrowserHash: browser, ReturnTo: "/in/x/", Renews: session})
	h.must(err)
	claimed, err := h.federation.Claim(h.ctx, h.connection.ID, begun.RelayState)
	h.must(err)
	ticket, err := h.federation.Finish(h.ctx, claimed, in)
	h.must(err)
	token, _, err := h.federation.Redeem(h.ctx, ticket, browser, from)
	return token, err
}

func TestEdge27SignInAgainThroughTheProviderRenewsTheSameSessionOfTheSamePerson(t *testing.T) {
	everywhere(t, func(t *testing.T, h *house) {
		ticket, err := h.federation.Finish(h.ctx, h.begin(), anna())
		h.must(err)
		token, _, err := h.federation.Redeem(h.ctx, ticket, browser, Visitor{Address: "192.0.2.7"})
		h.must(err)
		read := func() (s account.Session) {
			h.must(h.store.SystemRead(h.ctx, "test", func(tx *store.Tx) error { return tx.Where("token_hash = ?", secret.Hash(token)).Take(&s).Error }))
			return s
		}
		before := read()
		h.now = h.now.Add(time.Hour)

		// Somebody else at the same provider, in her browser.
		other := anna().with("email", "jan@devries.example")
		other.Name, other.Assertion, other.AuthTime, other.Context = "jan-1", models.NewID("ass"), h.now, strongContexts[0]
		_, err = h.again(before.ID, other, Visitor{Instead: before.ID})
		h.failed(err, "account.step_up.other_person")
		if got := read(); got.SecondFactor != "" || !got.AuthTime.Equal(before.AuthTime.Time) {
			t.Errorf("another person's sign-in counted: %+v", got)
		}

		// Herself, in a browser that has another session by now.
		same := anna()
		same.Assertion, same.AuthTime, same.Context = models.NewID("ass"), h.now, strongContexts[0]
		_, err = h.again(before.ID, same, Visitor{Instead: "ses_another"})
		h.failed(err, "federation.error.used")

		// A provider that did not ask her again makes nothing fresh of it.
		old := anna()
		old.Assertion, old.AuthTime = models.NewID("ass"), before.AuthTime.Add(-time.Minute)
		_, err = h.again(before.ID, old, Visitor{Instead: before.ID})
		h.must(err)
		if got := read(); !got.AuthTime.Equal(before.AuthTime.Time) || got.SecondFactor != "" {
			t.Errorf("an old sign-in made it %+v", got)
		}

		same.Assertion, same.SessionEnds = models.NewID("ass"), h.now.Add(2*time.Hour)
		opened, err := h.again(before.ID, same, Visitor{Instead: before.ID})
		h.must(err)
		after := read()
		if opened != "" || after.ID != before.ID || after.Epoch != before.Epoch || !after.AuthTime.Equal(h.now) || after.SecondFactor != account.ByProvider || !after.ExpiresAt.Equal(h.now.Add(2*time.Hour)) {
			t.Errorf("before %+v\nafter %+v", before, after)
		}
	})
}
