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
		_, writer := d.ofOrganization("karin", feed.WriteDelegations)
		_, personal, err := d.Sessions.MakeToken(d.Ctx, d.Actor("karin"), access.TokenDraft{Name: "script", Days: 30, Scopes: []string{string(feed.ReadDelegations)}})
		if err != nil {
			t.Fatal(err)
		}
		const path, body = "/v1/delegations", `{"email":"x@firm.example","period":"1d"}`
		d.call(path, writer, body, http.StatusCreated, nil, "Idempotency-Key", "k1")
		want("made", 1)
		d.call(path, writer, body, http.StatusCreated, nil, "Idempotency-Key", "k1")
		want("made again", 1)
		d.call(path, writer, body, http.StatusConflict, nil)
		want("refused by the domain", 2)
		d.ask(path, writer, http.StatusOK, nil)
		want("listed", 3)
		d.ask(path, personal, http.StatusOK, nil)
		want("listed by a person's token", 4)
		d.ask(path, "nothing", http.StatusUnauthorized, nil)
		d.call(path, personal, body, http.StatusForbidden, nil)
		want("not let in", 4)
		d.ask("/v1/events", d.token("karin", feed.ReadEvents), http.StatusOK, nil)
		if counted[""] != 1 {
			t.Errorf("of the company: %v", counted)
		}
	})
}
