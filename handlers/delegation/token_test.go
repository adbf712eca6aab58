package delegation

import (
	"net/http"
	"testing"

	"locum/models"
	"locum/models/access"
	"locum/models/client"
	"locum/models/delegation"
	"locum/models/store"
	"locum/models/tenancy"
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

func TestTokensThatFollowedAVisitorAreShownAndNotTheirNames(t *testing.T) {
	h := newHub(t)
	h.uses("Planning")
	h.System(func(tx *store.Tx) error {
		if err := tx.Create(&tenancy.Enabled{CompanyID: h.Kade.Company, OrganizationID: h.Kade.Organization, ApplicationID: "app_Planning", EnabledAt: models.At(h.Now())}).Error; err != nil {
			return err
		}
		return tx.Create(&client.Client{ApplicationID: "app_Planning", Kind: client.Public, RedirectURIs: "https://planning.example/cb", FollowsSwitch: true,
			CreatedAt: models.At(h.Now()), UpdatedAt: models.At(h.Now())}).Error
	})
	d := h.Delegate("karin", "sanne", delegation.Week)
	made, _, err := h.Sessions.MakeToken(h.Ctx, h.Actor("sanne"), access.TokenDraft{Name: "For De Vries", Application: "app_Planning", Follows: true, Days: 30})
	if err != nil {
		t.Fatal(err)
	}
	karin := h.as("karin")
	for _, path := range []string{"/visitors", "/delegations/" + d.ID} {
		karin.silent(karin.get(path), "Tokens that followed visitors here")
	}
	h.Switch("sanne", h.Zonneveld)
	for _, path := range []string{"/visitors", "/delegations/" + d.ID} {
		got := karin.get(path)
		karin.says(got, http.StatusOK, "Tokens that followed visitors here", "For Planning", "…"+made.Suffix, "Works here until Sanne Kuipers switches elsewhere, the visit ends")
		karin.silent(got, "For De Vries", made.ID)
	}
}
