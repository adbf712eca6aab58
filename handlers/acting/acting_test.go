package acting

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"locum/models"
	"locum/models/account"
	"locum/models/delegation"
	"locum/models/event"
	"locum/models/mail"
	"locum/models/store"
	"locum/models/tenancy"
	"locum/views/ui/uitest"
)

func TestHomeShowsEveryPlaceAndWhatIsOffered(t *testing.T) {
	h := newHub(t)
	h.Delegate("karin", "sanne", delegation.Week)
	if _, err := h.Delegations.Grant(h.Ctx, h.Actor("marieke"), delegation.Proposal{Email: "sanne@kade.example", Period: delegation.Day, Language: "en"}); err != nil {
		t.Fatal(err)
	}
	if _, err := h.Members.Invite(h.Ctx, h.Actor("pim"), "thomas@kade.example", []string{tenancy.Member}, "en"); err != nil {
		t.Fatal(err)
	}
	sanne := h.as("sanne")
	got := sanne.get("/home")
	sanne.says(got, http.StatusOK, "Good morning, Sanne. Where do you want to work?", "Kade Consultants", "You are here",
		"Zonneveld Bakkerijen", "7 days left", "given by Karin Schouten", "De Vries Production", "Delegation offered", "given by Marieke de Vries")
	page := sanne.page(got, http.StatusOK)
	var ids []string
	for _, button := range page.All("button.cover[name=organization]") {
		ids = append(ids, uitest.Attr(button, "value"))
	}
	if want := []string{h.Kade.Organization, h.Zonneveld.Organization}; fmt.Sprint(ids) != fmt.Sprint(want) {
		t.Errorf("the buttons lead to %v, want %v", ids, want)
	}
	sanne.says(sanne.get("/home?q=zonne"), http.StatusOK, "Zonneveld Bakkerijen")
	if n := len(sanne.page(sanne.get("/home?q=zonne"), http.StatusOK).All("button.cover")); n != 1 {
		t.Errorf("the filter leaves %d places", n)
	}
	sanne.says(sanne.get("/home?q=nowhere"), http.StatusOK, "No organization with “nowhere” in its name")
	thomas := h.as("thomas")
	thomas.says(thomas.get("/home"), http.StatusOK, "Become a member", "invited by Pim Zonneveld")
}

func TestWhoCanGoNowhereIsToldSo(t *testing.T) {
	h := newHub(t)
	h.Person("noor", "Noor Hendriks", "noor@noorhendriks.example")
	noor := h.as("noor")
	if got := noor.get("/home"); got.Code != http.StatusSeeOther || got.Header().Get("Location") != "/no-access" {
		t.Errorf("answers %d %s", got.Code, got.Header().Get("Location"))
	}
	if _, err := h.Delegations.Grant(h.Ctx, h.Actor("karin"), delegation.Proposal{Email: "noor@noorhendriks.example", Period: delegation.Day, Language: "en"}); err != nil {
		t.Fatal(err)
	}
	noor.says(noor.get("/home"), http.StatusOK, "Delegation offered")
}

func TestARoleInACompanyAloneLeadsToTheCompany(t *testing.T) {
	h := newHub(t)
	h.Person("eline", "Eline Peeters", "eline@devries.example")
	h.System(func(tx *store.Tx) error {
		return tenancy.Give(tx, tenancy.Grant{CompanyID: h.Production.Company, AccountID: h.ID("eline"), RoleID: tenancy.Manager, Source: tenancy.Manual}, "Eline Peeters")
	})
	eline := h.as("eline")
	page := eline.page(eline.get("/home"), http.StatusOK)
	to := uitest.Attr(page.One("button.cover"), "value")
	if got := eline.post("/switch", "organization", to); got.Header().Get("Location") != "/company" {
		t.Errorf("%q leads to %d %s", to, got.Code, got.Header().Get("Location"))
	}
}

func TestSwitchingSaysWhereWhoWasToldAndWhoPaysOnce(t *testing.T) {
	h := newHub(t)
	h.Delegate("karin", "sanne", delegation.Week)
	sanne := h.as("sanne")
	got := sanne.leadsTo(sanne.post("/switch", "organization", h.Zonneveld.Organization), "/")
	sanne.says(got, http.StatusOK, "Overview of Zonneveld Bakkerijen", "You are working in Zonneveld Bakkerijen now.",
		"2 superusers of Zonneveld Bakkerijen are told that you entered. Usage is charged to Zonneveld Bakkerijen.", "Back to Kade Consultants")
	sanne.silent(sanne.get("/"), "are told that you entered")
	if told := len(h.Mails(mail.EnteredKind)); told != 2 {
		t.Errorf("%d superusers were told", told)
	}
	got = sanne.leadsTo(sanne.post("/leave"), "/")
	sanne.says(got, http.StatusOK, "Overview of Kade Consultants", "You are back in Kade Consultants.", "The superusers of Zonneveld Bakkerijen are told, with a summary")
	if told := len(h.Mails(mail.LeftKind)); told != 2 {
		t.Errorf("%d superusers were told", told)
	}
	sanne.leadsTo(sanne.post("/switch", "organization", h.Zonneveld.Organization), "/")
	got = sanne.leadsTo(sanne.post("/switch", "organization", h.Kade.Organization), "/")
	sanne.says(got, http.StatusOK, "You are back in Kade Consultants.")
}

func TestASwitchGoesOnOnlyWithinLocum(t *testing.T) {
	h := newHub(t)
	h.Delegate("karin", "sanne", delegation.Week)
	sanne := h.as("sanne")
	for to, want := range map[string]string{
		"/members?q=a": "/members?q=a", "https://elsewhere.example/": "/", "//elsewhere.example/": "/", `/\elsewhere.example`: "/", "members": "/",
	} {
		got := sanne.post("/switch", "organization", h.Zonneveld.Organization, "to", to)
		if got.Code != http.StatusSeeOther || got.Header().Get("Location") != want {
			t.Errorf("%q leads to %d %q, want %q", to, got.Code, got.Header().Get("Location"), want)
		}
	}
}

// Edge case 21 of delegation.md: a deep link asks, and a GET never switches.
func TestALinkIntoAnotherOrganizationAsksFirst(t *testing.T) {
	h := newHub(t)
	h.Delegate("karin", "sanne", delegation.Week)
	sanne := h.as("sanne")
	before := h.Actor("sanne")
	link := "/in/" + h.Zonneveld.Organization + "/members?q=a%20b"
	got := sanne.get(link)
	sanne.says(got, http.StatusOK, "Switch to Zonneveld Bakkerijen?", "You are working in Kade Consultants now", "The superusers of Zonneveld Bakkerijen are told that you entered")
	if now := h.Actor("sanne"); now.Epoch != before.Epoch || now.Effective != before.Effective || h.Count(h.Zonneveld, event.VisitEntered) != 0 {
		t.Errorf("opening the link switched to %s", now.Effective.Name)
	}
	page := sanne.page(got, http.StatusOK)
	to := uitest.Attr(uitest.Inside(page.One("main"), "input[name=to]")[0], "value")
	if to != "/members?q=a%20b" {
		t.Errorf("it goes on to %q", to)
	}
	if got := sanne.post("/switch", "organization", h.Zonneveld.Organization, "to", to); got.Header().Get("Location") != to {
		t.Errorf("the switch leads to %s", got.Header().Get("Location"))
	}
	if got := sanne.get(link); got.Code != http.StatusSeeOther || got.Header().Get("Location") != "/members?q=a%20b" {
		t.Errorf("inside, the link answers %d %s", got.Code, got.Header().Get("Location"))
	}
	if got := sanne.get("/in/" + h.Zonneveld.Organization + "/%5celsewhere.example"); strings.Contains(got.Header().Get("Location"), `\`) {
		t.Errorf("the link leads to %s", got.Header().Get("Location"))
	}
	sanne.get("/") // with what there is to say once
	foreign, unknown := sanne.get("/in/"+h.Production.Organization+"/members"), sanne.get("/in/org_unknown/members")
	if foreign.Code != http.StatusNotFound || strings.ReplaceAll(foreign.Body.String(), h.Production.Organization, "org_unknown") != unknown.Body.String() {
		t.Errorf("a foreign organization answers %d, unlike an unknown one:\n%s\n%s", foreign.Code, foreign.Body, unknown.Body)
	}
	sanne.says(sanne.post("/switch", "organization", h.Production.Organization), http.StatusNotFound)
	anonymous := h.anonymous()
	if got := anonymous.get(link); !strings.HasPrefix(got.Header().Get("Location"), "/sign-in?next=%2Fin%2F") {
		t.Errorf("without a session it leads to %s", got.Header().Get("Location"))
	}
}

func TestAHostThatLetsNobodyInAnyMoreSaysWhy(t *testing.T) {
	h := newHub(t)
	d := h.Delegate("karin", "sanne", delegation.FourHours)
	sanne := h.as("sanne")
	h.Advance(5 * time.Hour)
	for _, answer := range []*httptest.ResponseRecorder{
		sanne.post("/switch", "organization", h.Zonneveld.Organization), sanne.get("/in/" + h.Zonneveld.Organization + "/members"),
	} {
		sanne.says(answer, http.StatusForbidden, "You cannot enter Zonneveld Bakkerijen any more", "Your delegation ended on Mon 16 Nov 2026, 15:00", "ask Karin Schouten")
	}
	sanne.says(sanne.get("/offers/"+d.ID), http.StatusOK, "It ended on Mon 16 Nov 2026, 15:00")
	again := h.Delegate("karin", "sanne", delegation.Week)
	if err := h.Delegations.Revoke(h.Ctx, h.Actor("karin"), again.ID); err != nil {
		t.Fatal(err)
	}
	sanne.says(sanne.post("/switch", "organization", h.Zonneveld.Organization), http.StatusForbidden, "Your delegation was revoked on")
	h.System(func(tx *store.Tx) error {
		return tx.Model(&delegation.Delegation{}).Where("company_id = ? AND id = ?", again.CompanyID, again.ID).
			Updates(map[string]any{"revoked_at": nil, "suspended_at": models.At(h.Now()), "suspend_reason": delegation.Redundant}).Error
	})
	sanne.says(sanne.post("/switch", "organization", h.Zonneveld.Organization), http.StatusForbidden, "You cannot enter Zonneveld Bakkerijen now", "suspended")
}

func (b *browser) actor() models.Actor { return b.ActorOf(b.token) }

// Edge case 8 of delegation.md: to and fro.
func TestSwitchingToAndFroIsLimited(t *testing.T) {
	h := newHub(t)
	h.Delegate("karin", "sanne", delegation.Week)
	sanne := h.as("sanne")
	var last int
	for i := range 40 {
		to := []string{h.Zonneveld.Organization, h.Kade.Organization}[i%2]
		if last = sanne.post("/switch", "organization", to).Code; last != http.StatusSeeOther {
			break
		}
	}
	if last != http.StatusTooManyRequests {
		t.Errorf("the last of 40 switches answers %d", last)
	}
}

// Edge case 1 of delegation.md, as the consultant sees it.
func TestRevokedWhileInsideIsToldAtTheNextRequest(t *testing.T) {
	h := newHub(t)
	d := h.Delegate("karin", "sanne", delegation.Week)
	reading, writing := h.as("sanne"), h.with(h.SignIn("sanne"))
	for _, b := range []*browser{reading, writing} {
		b.leadsTo(b.post("/switch", "organization", h.Zonneveld.Organization), "/")
	}
	inside := fmt.Sprint(writing.actor().Epoch)
	if err := h.Delegations.Revoke(h.Ctx, h.Actor("karin"), d.ID); err != nil {
		t.Fatal(err)
	}
	reading.says(reading.leadsTo(reading.get("/"), "/home"), http.StatusOK, "Zonneveld Bakkerijen revoked your delegation", "Where do you want to work?")
	if got := reading.actor(); got.Visiting() || got.Effective.Organization != h.Kade.Organization {
		t.Errorf("works in %s", got.Effective.Name)
	}
	got := writing.post("/members", "epoch", inside, "name", "Eve")
	writing.says(got, http.StatusForbidden, "Zonneveld Bakkerijen revoked your delegation", "nothing was saved")
	if h.written != 0 {
		t.Error("the form was written")
	}
	writing.says(writing.post("/members", "epoch", inside, "name", "Eve"), http.StatusConflict)
}

func TestEdge22NothingOfAHostIsKeptByTheBrowser(t *testing.T) {
	h := newHub(t)
	h.Delegate("karin", "sanne", delegation.Week)
	sanne := h.as("sanne")
	got := sanne.leadsTo(sanne.post("/switch", "organization", h.Zonneveld.Organization), "/")
	if kept := got.Header().Get("Cache-Control"); kept != "no-store" {
		t.Errorf("Cache-Control is %q", kept)
	}
	sanne.silent(sanne.leadsTo(sanne.post("/leave"), "/"), "Overview of Zonneveld Bakkerijen") // the back button has to ask again
}

func TestEdge23NamesThatLookAlikeAreToldApartByDomainAndColour(t *testing.T) {
	h := newHub(t)
	twin := h.Found("Zonneveld Bakkerijen", "Zonneveld Bakkerijen", "kim", "Kim Zonneveld", "kim@zonneve1d.example")
	for at, domain := range map[models.Party]string{h.Zonneveld: "zonneveld.example", twin: "zonneve1d.example"} {
		h.System(func(tx *store.Tx) error {
			now := models.At(tx.Now())
			return tx.Create(&tenancy.Domain{CompanyID: at.Company, ID: models.NewID("dom"), Name: domain, Token: "t", VerifiedAt: &now, CreatedAt: now}).Error
		})
	}
	h.Delegate("karin", "sanne", delegation.Week)
	offered, err := h.Delegations.Grant(h.Ctx, h.Actor("kim"), delegation.Proposal{Email: "sanne@kade.example", Period: delegation.Week, Language: "en"})
	if err != nil {
		t.Fatal(err)
	}
	sanne := h.as("sanne")
	home := sanne.page(sanne.get("/home"), http.StatusOK)
	hues := map[string]string{}
	for _, place := range home.All("li.place[data-hue]") {
		for _, domain := range []string{"zonneveld.example", "zonneve1d.example"} {
			if strings.Contains(uitest.Words(place), domain) {
				hues[domain] = uitest.Attr(place, "data-hue")
			}
		}
	}
	if len(hues) != 2 || hues["zonneveld.example"] == hues["zonneve1d.example"] {
		t.Errorf("colours by domain: %v", hues)
	}
	sanne.says(sanne.get("/offers/"+offered.ID), http.StatusOK, "zonneve1d.example")
}

func (h *hub) offer(email string) delegation.Delegation {
	h.t.Helper()
	d, err := h.Delegations.Grant(h.Ctx, h.Actor("karin"), delegation.Proposal{Email: email, Period: delegation.Week, Reason: "Stock count", Ticket: "INV-20931", Language: "en"})
	if err != nil {
		h.t.Fatal(err)
	}
	return d
}

func TestAnOfferSaysWhatIsGivenAndWhoIsToldBeforeItIsAccepted(t *testing.T) {
	h := newHub(t)
	d := h.offer("sanne@kade.example")
	sanne := h.as("sanne")
	got := sanne.get("/offers/" + d.ID)
	sanne.says(got, http.StatusOK, "Karin Schouten lets you work in Zonneveld Bakkerijen", "no verified domain", "Mon 16 Nov 2026, 11:00 to Mon 23 Nov 2026, 11:00",
		"Stock count", "INV-20931", "Member", "every superuser of Zonneveld Bakkerijen is told", "Accept", "Decline")
	if h.Count(h.Zonneveld, event.DelegationAccepted) != 0 {
		t.Error("looking at it accepted it")
	}
	accepted := sanne.leadsTo(sanne.post("/offers/"+d.ID+"/accept"), "/offers/"+d.ID)
	sanne.says(accepted, http.StatusOK, "The delegation for Zonneveld Bakkerijen is yours", "Switch to Zonneveld Bakkerijen", "I am finished")
	sanne.page(accepted, http.StatusOK).None("form[action=/offers/" + d.ID + "/accept]")
	if h.Actor("sanne").Visiting() {
		t.Error("accepting switched")
	}
	sanne.leadsTo(sanne.post("/offers/"+d.ID+"/accept"), "/offers/"+d.ID) // a second click
	if h.Count(h.Zonneveld, event.DelegationAccepted) != 1 {
		t.Error("accepted twice")
	}
	sanne.says(sanne.post("/offers/"+d.ID+"/decline"), http.StatusConflict, "This delegation is accepted already")
}

func TestThePeriodOfAnOfferStandsOnBothClocks(t *testing.T) {
	h := newHub(t)
	d := h.offer("sanne@kade.example")
	h.System(func(tx *store.Tx) error {
		return tx.Model(&account.Account{}).Where("id = ?", h.ID("sanne")).Update("time_zone", "America/New_York").Error
	})
	sanne := h.as("sanne")
	sanne.says(sanne.get("/offers/"+d.ID), http.StatusOK, "Mon 16 Nov 2026, 05:00 to Mon 23 Nov 2026, 05:00", "In Europe/Amsterdam: Mon 16 Nov 2026, 11:00 to Mon 23 Nov 2026, 11:00")
}

func TestADeclinedOfferStaysDeclined(t *testing.T) {
	h := newHub(t)
	d := h.offer("sanne@kade.example")
	sanne := h.as("sanne")
	sanne.says(sanne.leadsTo(sanne.post("/offers/"+d.ID+"/decline"), "/home"), http.StatusOK, "You declined the delegation for Zonneveld Bakkerijen")
	sanne.says(sanne.get("/offers/"+d.ID), http.StatusOK, "You declined it on", "ask Karin Schouten")
	sanne.says(sanne.post("/offers/"+d.ID+"/accept"), http.StatusConflict, "This delegation is over")
}

// Edge case 18 of delegation.md: a forwarded invitation, a stale link.
func TestAnOfferOpensForNobodyElseAndSaysNoMoreThanAnUnknownOne(t *testing.T) {
	h := newHub(t)
	d := h.offer("sanne@kade.example")
	thomas := h.as("thomas")
	foreign, unknown := thomas.get("/offers/"+d.ID), thomas.get("/offers/dlg_unknown")
	thomas.says(foreign, http.StatusNotFound, "There is nothing here for thomas@kade.example", "sign in with that one")
	if strings.ReplaceAll(foreign.Body.String(), d.ID, "dlg_unknown") != unknown.Body.String() {
		t.Error("a foreign offer answers unlike an unknown one")
	}
	for _, rest := range []string{"/accept", "/decline", "/give-back"} {
		thomas.says(thomas.post("/offers/"+d.ID+rest), http.StatusNotFound)
	}
	anonymous := h.anonymous()
	if got := anonymous.get("/offers/" + d.ID); got.Header().Get("Location") != "/sign-in?next=%2Foffers%2F"+d.ID {
		t.Errorf("without a session it leads to %s", got.Header().Get("Location"))
	}
}

// Edge case 20 of delegation.md.
func TestAnUnprovenAddressSeesNoOffer(t *testing.T) {
	h := newHub(t)
	d := h.offer("sanne@kade.example")
	h.System(func(tx *store.Tx) error {
		return tx.Model(&account.Address{}).Where("normal = ?", "sanne@kade.example").Update("proven_at", nil).Error
	})
	sanne := h.as("sanne")
	sanne.says(sanne.get("/offers/"+d.ID), http.StatusNotFound)
	sanne.silent(sanne.get("/home"), "Delegation offered")
}

func TestGivingBackFromInsideEndsTheVisitAndSaysSoOnce(t *testing.T) {
	h := newHub(t)
	d := h.Delegate("karin", "sanne", delegation.Week)
	sanne := h.as("sanne")
	sanne.leadsTo(sanne.post("/switch", "organization", h.Zonneveld.Organization), "/")
	sanne.says(sanne.get("/offers/"+d.ID+"/give-back"), http.StatusOK, "Give the delegation for Zonneveld Bakkerijen back?")
	if !h.Actor("sanne").Visiting() {
		t.Error("looking at the page gave it back")
	}
	got := sanne.leadsTo(sanne.post("/offers/"+d.ID+"/give-back"), "/home")
	sanne.says(got, http.StatusOK, "You gave the delegation for Zonneveld Bakkerijen back")
	sanne.silent(got, "revoked your delegation")
	sanne.says(sanne.get("/offers/"+d.ID), http.StatusOK, "You gave it back on", "Given back")
	if h.Count(h.Zonneveld, event.VisitLeft) != 1 || h.Count(h.Zonneveld, event.DelegationGivenBack) != 1 {
		t.Errorf("the host saw %v", h.Events(h.Zonneveld))
	}
}

func TestEveryPageSpeaksDutch(t *testing.T) {
	h := newHub(t)
	h.Delegate("karin", "sanne", delegation.Week)
	d, err := h.Delegations.Grant(h.Ctx, h.Actor("marieke"), delegation.Proposal{Email: "sanne@kade.example", Period: delegation.NoEnd, Language: "nl"})
	if err != nil {
		t.Fatal(err)
	}
	h.System(func(tx *store.Tx) error {
		return tx.Model(&account.Account{}).Where("id = ?", h.ID("sanne")).Update("language", "nl").Error
	})
	sanne := h.as("sanne")
	sanne.says(sanne.get("/home"), http.StatusOK, "Goedemorgen, Sanne. Waar wil je werken?", "nog 7 dagen", "Aan jou aangeboden")
	sanne.says(sanne.get("/offers/"+d.ID), http.StatusOK, "Marieke de Vries laat je in De Vries Production werken", "geen einddatum")
	sanne.says(sanne.get("/in/"+h.Zonneveld.Organization+"/members"), http.StatusOK, "Wisselen naar Zonneveld Bakkerijen?")
	got := sanne.leadsTo(sanne.post("/switch", "organization", h.Zonneveld.Organization), "/")
	sanne.says(got, http.StatusOK, "2 superusers van Zonneveld Bakkerijen krijgen bericht dat je binnenkwam")
}

func TestAPlaceIsKeptAtHandFromHomeAndFromEveryPage(t *testing.T) {
	h := newHub(t)
	h.Delegate("karin", "sanne", delegation.Week)
	sanne := h.as("sanne")
	pin := "/places/" + h.Zonneveld.Organization + "/pin"
	got := sanne.leadsTo(sanne.post(pin, "here", "/home?q=zonne"), "/home?q=zonne")
	page := sanne.page(got, http.StatusOK)
	if pressed := page.One("button.pin[aria-pressed=true]"); uitest.Attr(pressed, "formaction") != "/places/"+h.Zonneveld.Organization+"/unpin" {
		t.Errorf("the button leads to %s", uitest.Attr(pressed, "formaction"))
	}
	sanne.says(sanne.get("/home"), http.StatusOK, "At hand")
	if h.Actor("sanne").Visiting() {
		t.Error("keeping it at hand switched")
	}
	for _, here := range []string{"https://elsewhere.example/", "//elsewhere.example", ""} {
		sanne.leadsTo(sanne.post("/places/"+h.Zonneveld.Organization+"/unpin", "here", here), "/home")
	}
	sanne.silent(sanne.get("/home"), "At hand")
	foreign, unknown := sanne.post("/places/"+h.Production.Organization+"/pin"), sanne.post("/places/org_unknown/pin")
	if foreign.Code != http.StatusNotFound || unknown.Code != http.StatusNotFound {
		t.Errorf("a foreign place answers %d, an unknown one %d", foreign.Code, unknown.Code)
	}
}

func TestHomeLeadsBackToTheLastPlaceInOneClick(t *testing.T) {
	h := newHub(t)
	h.Delegate("karin", "sanne", delegation.Week)
	sanne := h.as("sanne")
	sanne.silent(sanne.get("/home"), "Go on in")
	sanne.leadsTo(sanne.post("/switch", "organization", h.Zonneveld.Organization), "/")
	h.Advance(time.Hour)
	sanne.silent(sanne.get("/home"), "Go on in") // she is there
	again := h.with(h.SignIn("sanne"))
	got := again.get("/home")
	again.says(got, http.StatusOK, "Go on in Zonneveld Bakkerijen?", "The superusers of Zonneveld Bakkerijen are told that you entered")
	form := again.page(got, http.StatusOK).One("form.notice[action=/switch]")
	to := uitest.Attr(uitest.Inside(form, "button[name=organization]")[0], "value")
	again.says(again.leadsTo(again.post("/switch", "organization", to), "/"), http.StatusOK, "You are working in Zonneveld Bakkerijen now.")
	if h.Count(h.Zonneveld, event.VisitEntered) != 2 {
		t.Error("resuming is no visit of its own")
	}
}

// Edge case 21 of delegation.md, from one host to another: the switch is a POST
// that leads on to the page.
func TestALinkToAnotherHostWhileVisitingLeadsOnToItsPage(t *testing.T) {
	h := newHub(t)
	h.Delegate("karin", "sanne", delegation.Week)
	h.Delegate("marieke", "sanne", delegation.Week)
	sanne := h.as("sanne")
	sanne.leadsTo(sanne.post("/switch", "organization", h.Zonneveld.Organization), "/")
	before := sanne.actor()
	link := "/in/" + h.Production.Organization + "/members?q=x"
	for _, method := range []string{http.MethodGet, http.MethodHead} { // scanners open links
		if got := sanne.send(method, link, nil); got.Code != http.StatusOK {
			t.Errorf("%s answers %d", method, got.Code)
		}
	}
	if now := sanne.actor(); now.Visit != before.Visit || now.Epoch != before.Epoch {
		t.Error("opening the link switched")
	}
	sanne.says(sanne.get(link), http.StatusOK, "Switch to De Vries Production?", "Your visit to Zonneveld Bakkerijen")
	if got := sanne.post("/switch", "organization", h.Production.Organization, "to", "/members?q=x"); got.Header().Get("Location") != "/members?q=x" {
		t.Errorf("it leads to %s", got.Header().Get("Location"))
	}
	if now := sanne.actor(); now.Effective.Organization != h.Production.Organization || h.Count(h.Zonneveld, event.VisitLeft) != 1 {
		t.Errorf("works in %s", now.Effective.Name)
	}
}
