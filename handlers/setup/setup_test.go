package setup_test

import (
	"net/http"
	"strings"
	"testing"

	"locum/handlers/setup"
	"locum/handlers/webtest"
	"locum/models"
	"locum/models/account"
	"locum/models/event"
	"locum/models/mandate"
	"locum/models/modelstest"
	"locum/models/store"
	"locum/views/ui/uitest"
)

func TestMain(m *testing.M) { modelstest.Main(m) }

const links = "/company/set-up-links"

func newHub(t *testing.T) *webtest.Hub {
	t.Helper()
	w := modelstest.New(t, "sqlite")
	return webtest.New(t, w, setup.New(w.Mandates, w.Entrance))
}

// made has Marieke make a link for Ilse, and gives its address.
func made(t *testing.T, h *webtest.Hub, purposes ...string) (id, address string) {
	t.Helper()
	form := []string{"email", "ilse@it.example", "name", "Ilse Brouwer", "language", "nl"}
	for _, p := range purposes {
		form = append(form, "purpose", p)
	}
	h.As("marieke").Post(links+"/new", form...).GoesTo(links)
	list, err := h.Mandates.List(h.Ctx, h.Actor("marieke"))
	if err != nil || len(list) == 0 {
		t.Fatal(err)
	}
	token, err := mandate.Token(h.Keys, list[0].ID)
	if err != nil {
		t.Fatal(err)
	}
	return list[0].ID, "/set-up-link/" + token
}

// asked sends a code, and gives the address of its page and the code.
func asked(t *testing.T, h *webtest.Hub, b *webtest.Browser, address string) (request, code string) {
	t.Helper()
	sent := b.Post(address)
	sent.Wants(http.StatusSeeOther)
	page, request, _ := strings.Cut(sent.Location, "?request=")
	if page != address+"/code" {
		t.Fatalf("the code is asked for at %s", sent.Location)
	}
	code, err := account.Code(h.Keys, request)
	if err != nil {
		t.Fatal(err)
	}
	return request, code
}

func TestALinkIsMadeForOneAddressAndChosenPurposes(t *testing.T) {
	h := newHub(t)
	b := h.As("marieke")
	b.Get(links).Says("No set-up links yet")
	form := b.Get(links + "/new").Page(http.StatusOK)
	var offered []string
	for _, box := range form.All("input[name=purpose]") {
		offered = append(offered, uitest.Attr(box, "value"))
	}
	if got := strings.Join(offered, " "); got != "single_sign_on directory domains certificate role_mapping" {
		t.Errorf("offered %s", got)
	}
	refused := b.Post(links+"/new", "email", "nobody", "name", "Ilse", "language", "nl")
	refused.Wants(http.StatusUnprocessableEntity)
	refused.Says("Choose at least one.")
	if page := uitest.Parse(t, refused.Body); uitest.Attr(page.One("#email"), "value") != "nobody" || uitest.Attr(page.One("#name"), "value") != "Ilse" {
		t.Error("what was typed is gone")
	}
	id, _ := made(t, h, "domains", "certificate")
	b.Get(links).Says("Ilse Brouwer", "Waiting", "Domains", "Certificate", "Not yet", "Made by Marieke de Vries")
	b.Get(links + "/" + id + "/revoke").Says("Revoke the link of Ilse Brouwer?")
	h.As("karin").Get(links + "/" + id + "/revoke").Wants(http.StatusNotFound)
	h.As("karin").Post(links + "/" + id + "/revoke").Wants(http.StatusNotFound)
	h.As("jan").Get(links).Wants(http.StatusForbidden)
	b.Post(links + "/" + id + "/revoke").GoesTo(links)
	b.Get(links).Says("Revoked", "by Marieke de Vries")
	b.Get(links + "/" + id + "/revoke").GoesTo(links) // another tab was quicker
	b.Post(links + "/" + id + "/revoke").Wants(http.StatusConflict)
}

func TestTheWayInByALink(t *testing.T) {
	h := newHub(t)
	id, address := made(t, h, "domains")
	b := h.As("")
	landing := b.Get(address)
	landing.Says("Set up De Vries Logistiek", "Marieke de Vries asks you to set up domains", "i•••@it.example")
	landing.Hides("ilse@it.example", "You are signed in")
	request, code := asked(t, h, b, address)
	b.Get(address + "/code?request=" + request).Says("We sent a code to i•••@it.example")
	wrong := b.Post(address+"/code", "request", request, "code", "00000000")
	wrong.Wants(http.StatusUnprocessableEntity)
	wrong.Hides("ilse@it.example")
	// The code is of the browser that asked.
	h.As("").Post(address+"/code", "request", request, "code", code).GoesTo(address)
	b.Post(address+"/code", "request", request, "code", strings.ToLower(code)).GoesTo("/set-up")
	start := b.Get("/set-up")
	start.Says("You set up domains for De Vries Logistiek on behalf of Marieke de Vries.", "Set up De Vries Logistiek", "What you change is recorded")
	page := start.Page(http.StatusOK)
	page.One("html[data-live=/live][data-acting]")
	var ways []string
	for _, list := range uitest.Inside(page.One("nav#nav"), "ul") {
		for _, a := range uitest.Inside(list, "a") {
			ways = append(ways, uitest.Attr(a, "href"))
		}
	}
	if got := strings.Join(ways, " "); got != "/set-up /company/domains" {
		t.Errorf("the navigation leads to %s", got)
	}
	page.None("a[href=/account]")
	page.None("#switcher")
	b.Get(address).GoesTo("/set-up") // the link again, in the same browser
	b.Get(links).Wants(http.StatusForbidden)
	b.Get(links+"/new").Says("Your set-up link is for", "and not for this page")
	h.As("marieke").Get(links).Says("In use", "Browser at 127.0.0.1")

	h.As("marieke").Post(links + "/" + id + "/revoke").GoesTo(links)
	over := b.Get("/set-up")
	over.Wants(http.StatusForbidden)
	over.Says("Your set-up link for De Vries Logistiek was revoked.", "Ask who sent the link")
	b.Get("/set-up").Wants(http.StatusSeeOther) // told once, and nobody since
	b.Get(address).Wants(http.StatusNotFound)
}

func TestAFormSentAfterTheEndIsNotSaved(t *testing.T) {
	h := newHub(t)
	_, address := made(t, h, "domains")
	b := h.As("")
	request, code := asked(t, h, b, address)
	b.Post(address+"/code", "request", request, "code", code).GoesTo("/set-up")
	h.Advance(mandate.LinkLife)
	late := b.Post(links+"/new", "email", "a@b.example", "epoch", "1")
	late.Wants(http.StatusForbidden)
	late.Says("has expired", "nothing was saved")
}

func TestALinkThatDoesNotHoldIsAnsweredLikeOneThatNeverWas(t *testing.T) {
	h := newHub(t)
	revoked, atRevoked := made(t, h, "domains")
	h.As("marieke").Post(links + "/" + revoked + "/revoke").GoesTo(links)
	never := h.As("").Get("/set-up-link/a-guess")
	never.Wants(http.StatusNotFound)
	for _, address := range []string{atRevoked, "/set-up-link/another"} {
		got := h.As("").Get(address)
		if strings.ReplaceAll(got.Body, address, "") != strings.ReplaceAll(never.Body, "/set-up-link/a-guess", "") || got.Code != never.Code {
			t.Errorf("%s is answered otherwise than a guess:\n%s", address, got.Body)
		}
		h.As("").Post(address).Wants(http.StatusNotFound)
	}
	never.Hides("De Vries", "Ilse")
}

func TestWhoIsSignedInIsToldThatItEnds(t *testing.T) {
	h := newHub(t)
	_, address := made(t, h, "domains")
	b := h.As("karin")
	b.Get(address).Says("You are signed in as Karin Schouten")
	request, code := asked(t, h, b, address)
	b.Post(address+"/code", "request", request, "code", code).GoesTo("/set-up")
	if !h.Actor("karin").Anonymous() {
		t.Error("her session goes on, and no browser can end it")
	}
}

// An operator's set-up is shown to the company's managers, who can end it.
func TestTheManagersEndTheSetUpOfAnOperator(t *testing.T) {
	h := newHub(t)
	h.System(func(tx *store.Tx) error {
		return tx.Model(&account.Account{}).Where("id = ?", h.ID("thomas")).Update("operator", true).Error
	})
	if _, err := h.Sessions.BeginSetUp(h.Ctx, h.Actor("thomas"), h.Production.Company, "Ticket 4711"); err != nil {
		t.Fatal(err)
	}
	operator := h.As("thomas")
	operator.Get("/set-up").Says("You set up De Vries Logistiek on its behalf, as an operator.", "Connectors")
	h.As("marieke").Get(links).Says("By an operator", "Thomas Bakker", "Reason: Ticket 4711")
	id := h.Actor("thomas").Mandate.ID
	h.As("marieke").Get(links + "/" + id + "/revoke").Says("End the set-up by Thomas Bakker?")
	h.As("marieke").Post(links + "/" + id + "/revoke").GoesTo(links)
	operator.Get("/set-up").GoesTo("/home")
	if by := h.Actor("thomas"); by.Mandate != nil || !by.May(models.OperatePlatform) {
		t.Errorf("he is %+v", by)
	}
	if h.Count(models.Party{Company: h.Production.Company}, event.SetUpEnded) != 1 {
		t.Error("the end is not recorded")
	}
}

// The limits of codes hold for links too.
func TestALinkSendsSoManyCodes(t *testing.T) {
	h := newHub(t)
	_, address := made(t, h, "domains")
	b := h.As("")
	for range 20 {
		if got := b.Post(address); got.Code == http.StatusTooManyRequests {
			return
		}
	}
	t.Error("there is no limit")
}
