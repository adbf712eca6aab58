package api_test

import (
	"net/http"
	"testing"

	"locum/models/access"
	"locum/models/feed"
)

// Each call is counted once for the organization that it is about, whatever kind of
// token it came by; what is asked again under its key, and what no token opened, is
// not.
func TestEachCallIsCountedOnce(t *testing.T) {
	each(t, func(t *testing.T, d desk) {
		counted := map[string]int{}
		d.feed.EachCall(func(company, organization string) {
			if company != d.Zonneveld.Company {
				t.Errorf("counted for %s", company)
			}
			counted[organization]++
		})
		want := func(what string, n int) {
			t.Helper()
			if counted[d.Zonneveld.Organization] != n {
				t.Errorf("%s: %d calls are counted, want %d", what, counted[d.Zonneveld.Organization], n)
			}
		}
		_, writer := d.ofOrganization("karin", feed.WriteSecrets)
		_, personal, err := d.Sessions.MakeToken(d.Ctx, d.Actor("karin"), access.TokenDraft{Name: "script", Days: 30, Scopes: []string{string(feed.ReadSecrets)}})
		if err != nil {
			t.Fatal(err)
		}
		body := `{"name":"Till token","kind":"token","value":"tok","expires_on":"2027-01-31"}`
		d.call("/v1/secrets", writer, body, http.StatusCreated, nil, "Idempotency-Key", "k1")
		want("made", 1)
		d.call("/v1/secrets", writer, body, http.StatusCreated, nil, "Idempotency-Key", "k1")
		want("made again", 1)
		d.call("/v1/secrets", writer, body, http.StatusUnprocessableEntity, nil)
		want("refused by the domain", 2)
		d.ask("/v1/secrets", writer, http.StatusOK, nil)
		want("listed", 3)
		d.ask("/v1/secrets", personal, http.StatusOK, nil)
		want("listed by a person's token", 4)
		d.ask("/v1/secrets", "nothing", http.StatusUnauthorized, nil)
		d.call("/v1/secrets", personal, body, http.StatusForbidden, nil)
		want("not let in", 4)
		d.ask("/v1/events", d.token("karin", feed.ReadEvents), http.StatusOK, nil)
		if counted[""] != 1 {
			t.Errorf("of the company: %v", counted)
		}
	})
}
