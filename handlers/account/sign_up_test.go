package account

import (
	"net/http"
	"testing"
	"time"

	"locum/models"
)

func TestSigningUpMakesACompanyAndItsSuperuser(t *testing.T) {
	h := newHub(t)
	b := h.browser()
	request := b.request(b.post("/sign-up", "name", "Noor Hendriks", "organization", "Noor Hendriks Advies", "email", "noor@noorhendriks.example",
		"next", "/offers/dlg_1", "time_zone", "Europe/London"))
	b.leadsTo(b.enter(request, b.code(request)), "/offers/dlg_1")
	noor := h.actorOf("noor@noorhendriks.example")
	if noor.Name != "Noor Hendriks" || noor.Effective.Name != "Noor Hendriks Advies" || noor.TimeZone != "Europe/London" {
		t.Errorf("she is %+v", noor)
	}
	if !noor.May(models.ManageDelegations) || !noor.May(models.ManageCompany) || noor.Operator {
		t.Errorf("she may %v", noor.Permissions)
	}
	b.says(b.get("/home"), http.StatusOK, "Your organization is ready")
}

func TestAProvenMailboxWithoutAccountIsAskedForTheRest(t *testing.T) {
	h := newHub(t)
	b := h.browser()
	request := b.ask("noor@noorhendriks.example", "next", "/invitations/inv_1", "time_zone", "Nowhere/Atall")
	b.says(b.get("/sign-up/finish?request="+request), http.StatusNotFound) // nothing is proven yet
	finish := "/sign-up/finish?request=" + request
	b.leadsTo(b.enter(request, b.code(request)), finish)
	b.leadsTo(b.get("/sign-in/code?request="+request), finish)
	b.says(b.get(finish), http.StatusOK, "noor@noorhendriks.example")
	b.says(b.post("/sign-up/finish", "request", request, "name", "Noor", "organization", " "), http.StatusUnprocessableEntity,
		`value="Noor"`, `href="#organization"`, "Fill this in.")
	done := func() string {
		return b.post("/sign-up/finish", "request", request, "name", "Noor", "organization", "Noor").Header().Get("Location")
	}
	if to := done(); to != "/invitations/inv_1" {
		t.Errorf("it leads to %q", to)
	}
	if to := done(); to != "/home" { // sent twice
		t.Errorf("the second time it leads to %q", to)
	}
	if noor := h.actorOf("noor@noorhendriks.example"); noor.TimeZone != "Europe/Amsterdam" {
		t.Errorf("she lives in %s", noor.TimeZone)
	}
}

func TestAProofDoesNotLastForever(t *testing.T) {
	h := newHub(t)
	b := h.browser()
	request := b.ask("noor@noorhendriks.example")
	b.enter(request, b.code(request))
	h.Advance(time.Hour + time.Minute)
	b.says(b.post("/sign-up/finish", "request", request, "name", "Noor", "organization", "Noor"), http.StatusConflict, "too old")
}

func TestSigningUpWithAKnownAddressSignsIn(t *testing.T) {
	b := newHub(t).browser()
	request := b.request(b.post("/sign-up", "name", "Somebody Else", "organization", "Elsewhere", "email", "karin@zonneveld.example"))
	b.leadsTo(b.enter(request, b.code(request)), "/home")
	b.says(b.get("/home"), http.StatusOK, "Home of Karin Schouten")
}

func TestSignUpKeepsWhatWasTyped(t *testing.T) {
	b := newHub(t).browser()
	b.says(b.post("/sign-up", "name", "Noor", "organization", "", "email", "noor"), http.StatusUnprocessableEntity,
		`value="Noor"`, `value="noor"`, `href="#organization"`, `href="#email"`)
}

func TestTheSetUpServesOnce(t *testing.T) {
	h := newEmptyHub(t)
	token, err := h.Entrance.PrepareSetup(h.Ctx)
	if err != nil || token == "" {
		t.Fatalf("%q, %v", token, err)
	}
	b := h.browser()
	at := "/setup/" + token
	b.says(b.get(at), http.StatusOK, "Set up Locum")
	b.says(b.post(at, "name", "Iris de Boer", "email", "iris", "company", "", "organization", "Beheer"), http.StatusUnprocessableEntity,
		`value="Iris de Boer"`, `href="#email"`, `href="#company"`)
	fields := []string{"name", "Iris de Boer", "email", "iris@beheer.example", "company", "Beheer", "organization", "Beheer Productie"}
	b.leadsTo(b.post(at, fields...), "/home")
	b.says(b.get("/home"), http.StatusOK, "Home of Iris de Boer")
	if iris := h.actorOf("iris@beheer.example"); !iris.Operator || !iris.May(models.ManageCompany) || !iris.May(models.ManageDelegations) {
		t.Errorf("she may %v", iris.Permissions)
	}
	other := h.browser()
	for _, got := range []int{other.get(at).Code, other.post(at, fields...).Code, other.get("/setup/nothing").Code} {
		if got != http.StatusNotFound {
			t.Errorf("the second time it answers %d", got)
		}
	}
	other.says(other.get(at), http.StatusNotFound, "This set-up address does not work")
}

func TestASetUpAddressIsTooOldAfterAnHour(t *testing.T) {
	h := newEmptyHub(t)
	token, err := h.Entrance.PrepareSetup(h.Ctx)
	if err != nil {
		t.Fatal(err)
	}
	h.Advance(time.Hour)
	b := h.browser()
	b.says(b.get("/setup/"+token), http.StatusNotFound)
	b.says(b.post("/setup/"+token, "name", "Iris", "email", "iris@beheer.example", "company", "B", "organization", "B"), http.StatusNotFound)
}
