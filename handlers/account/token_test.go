package account_test

import (
	"net/http"
	"strings"
	"testing"

	accountpages "locum/handlers/account"
	"locum/handlers/webtest"
	"locum/models"
	"locum/models/access"
	"locum/models/delegation"
	"locum/models/modelstest"
	"locum/models/passkey"
	"locum/models/store"
	"locum/views/ui/uitest"
)

// tokenHub is the area with the people of modelstest.
func tokenHub(t *testing.T) *webtest.Hub {
	t.Helper()
	w := modelstest.New(t, "sqlite")
	return webtest.New(t, w, accountpages.New(accountpages.Config{Entrance: w.Entrance, Sessions: w.Sessions, Accounts: w.Accounts, Members: w.Members,
		Passkeys: passkey.New(w.Store), Awaits: w.Companies.Awaits}))
}

func TestAPersonMakesATokenAndSeesItsTextOnce(t *testing.T) {
	h := tokenHub(t)
	karin := h.As("karin")
	karin.Get("/account").Says("Personal tokens", "No tokens.")
	form := karin.Get("/account/tokens/new").Page(http.StatusOK)
	if n := len(form.All("input[name=scope]")); n != len(access.TokenScopes) {
		t.Errorf("a superuser is offered %d scopes", n)
	}
	wrong := karin.Post("/account/tokens", "name", " ", "application", "", "days", "30", "scope", "applications.read").Page(http.StatusUnprocessableEntity)
	wrong.One("#name-error")
	if kept := wrong.One("input[name=scope][checked]"); uitest.Attr(kept, "value") != "applications.read" {
		t.Errorf("the choice is lost: %s", uitest.Attr(kept, "value"))
	}
	made := karin.Post("/account/tokens", "name", "Nightly export", "days", "30", "scope", "applications.read")
	text := uitest.Words(made.Page(http.StatusOK).One(".copy code"))
	if !strings.HasPrefix(text, access.AccountTokenText) || made.Header.Get("Cache-Control") != "no-store" {
		t.Fatalf("shown %q, kept by %q", text, made.Header.Get("Cache-Control"))
	}
	made.Says("/v1/applications")
	karin.Post("/account/tokens", "name", "Time sheet", "days", "30", "scope", "my-delegations.read").Says("/v1/my-delegations")
	karin.Get("/account").Says("Nightly export", "In Zonneveld Bakkerijen", "Never used")
	karin.Get("/account").Hides(text)
	list, err := h.Sessions.OwnTokens(h.Ctx, h.Actor("karin"))
	if err != nil || len(list) != 2 {
		t.Fatalf("%v, %v", list, err)
	}
	revoke := "/account/tokens/" + list[1].ID + "/revoke"
	h.As("pim").Get(revoke).Wants(http.StatusNotFound)
	h.As("pim").Post(revoke).Wants(http.StatusNotFound)
	karin.Get(revoke).Says("Revoke Nightly export?")
	karin.Post(revoke).GoesTo("/account#tokens")
	karin.Post(revoke).GoesTo("/account#tokens") // a second click
	karin.Get("/account").Says("The token Nightly export is revoked.")
	karin.Get(revoke).GoesTo("/account#tokens")
	karin.Get("/account").Says("Revoked")
}

func TestATokenOfAVisitSaysThatItEndsWithIt(t *testing.T) {
	h := tokenHub(t)
	h.Delegate("karin", "sanne", delegation.Week)
	h.Switch("sanne", h.Zonneveld)
	sanne := h.As("sanne")
	page := sanne.Get("/account/tokens/new")
	page.Says("It ends with this visit", "The superusers of Zonneveld Bakkerijen see it")
	page.Hides("delegations.write", "visits.read", "my-delegations.read", "consultants.read") // which visitors are denied
	sanne.Post("/account/tokens", "name", "Script", "days", "30", "scope", "visits.read").Page(http.StatusUnprocessableEntity).One("#scope-error")
	sanne.Post("/account/tokens", "name", "Script", "days", "30", "scope", "applications.read").Wants(http.StatusOK)
	sanne.Get("/account").Says("In a visit to Zonneveld Bakkerijen")
	if _, err := h.Sessions.Leave(h.Ctx, h.Actor("sanne")); err != nil {
		t.Fatal(err)
	}
	sanne.Get("/account").Says("Ended with the visit")
}

func TestWhoHasAPasskeyShowsItBeforeHeMakesAToken(t *testing.T) {
	h := tokenHub(t)
	h.System(func(tx *store.Tx) error {
		return tx.Create(&passkey.Passkey{ID: "pky_1", AccountID: h.ID("karin"), Name: "key", CredentialID: "h", PublicKey: "p", CreatedAt: models.At(h.Now())}).Error
	})
	karin := h.As("karin")
	karin.Get("/account/tokens/new").GoesTo("/account/step-up?next=%2Faccount%2Ftokens%2Fnew")
	karin.Post("/account/tokens", "name", "Script", "days", "30", "scope", "applications.read").GoesTo("/account/step-up?next=%2Faccount%2Ftokens%2Fnew")
}
