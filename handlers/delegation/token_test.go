package delegation

import (
	"net/http"
	"testing"

	"locum/models/access"
	"locum/models/delegation"
)

func TestTokensMadeInAVisitAreSeenAndEndedByTheHost(t *testing.T) {
	h := newHub(t)
	d := h.Delegate("karin", "sanne", delegation.Week)
	h.Switch("sanne", h.Zonneveld)
	made, _, err := h.Sessions.MakeToken(h.Ctx, h.Actor("sanne"), access.TokenDraft{Name: "Stock script", Days: 30, Scopes: []string{"applications.read"}})
	if err != nil {
		t.Fatal(err)
	}
	karin, revoke := h.as("karin"), "/visitors/tokens/"+made.ID+"/revoke"
	karin.says(karin.get("/visitors"), http.StatusOK, "Tokens made in visits", "Stock script")
	karin.says(karin.get("/delegations/"+d.ID), http.StatusOK, "Tokens made in visits", "Stock script", "Active")
	karin.says(karin.get(revoke), http.StatusOK, "Revoke Stock script?", "The visit goes on.")
	karin.leadsTo(karin.post(revoke), "/delegations/"+d.ID+"#tokens")
	karin.leadsTo(karin.post(revoke), "/delegations/"+d.ID+"#tokens") // a second click
	karin.says(karin.get("/delegations/"+d.ID), http.StatusOK, "Revoked")
	karin.leadsTo(karin.get(revoke), "/delegations/"+d.ID+"#tokens")
	if !h.Actor("sanne").Visiting() {
		t.Error("the visit ended with its token")
	}
	jan := h.as("jan")
	if got := jan.get(revoke); got.Code != http.StatusNotFound {
		t.Errorf("another host is answered %d", got.Code)
	}
}
