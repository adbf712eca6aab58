package consultancy_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"locum/handlers/consultancy"
	"locum/handlers/webtest"
	"locum/models"
	"locum/models/account"
	"locum/models/delegation"
	"locum/models/event"
	"locum/models/modelstest"
	"locum/models/store"
	"locum/models/tenancy"
	"locum/views/ui/uitest"
)

func TestMain(m *testing.M) { modelstest.Main(m) }

func hub(t *testing.T) (*webtest.Hub, *modelstest.World) {
	t.Helper()
	w := modelstest.New(t, "sqlite")
	w.System(func(tx *store.Tx) error {
		now := models.At(w.Now())
		return tx.Create(&tenancy.Domain{CompanyID: w.Kade.Company, ID: "dom_kade", Name: "kade.example", Token: "t", VerifiedAt: &now, CreatedAt: now}).Error
	})
	return webtest.New(t, w, consultancy.New(w.Delegations, delegation.NewRequestLinks(w.Store, w.Keys))), w
}

// address is the path of Zonneveld's request link, as its page shows it.
func address(t *testing.T, h *webtest.Hub) string {
	t.Helper()
	karin := h.As("karin")
	karin.Post("/delegation-requests/link").GoesTo("/delegation-requests")
	page := karin.Get("/delegation-requests").Page(http.StatusOK)
	shown, err := url.Parse(strings.TrimSpace(uitest.Words(page.One(".copy code"))))
	if err != nil || !strings.HasPrefix(shown.Path, "/request/") {
		t.Fatalf("the page shows %v, %v", shown, err)
	}
	return shown.Path
}

func TestAskingByTheLink(t *testing.T) {
	h, w := hub(t)
	path := address(t, h)
	h.As("").Get(path).GoesTo("/sign-in?next=" + url.QueryEscape(path))
	sanne := h.As("sanne")
	form := sanne.Get(path)
	form.Says("Ask Zonneveld Bakkerijen for a delegation", "You ask as sanne@kade.example", "What is it for?")
	form.Hides("time zone", "Karin Schouten", "Pim Zonneveld", "ria@zonneveld.example") // its name and its domain alone
	rejected := sanne.Post(path, "period", "1m", "reason", "", "ticket", "INV-7")
	rejected.Wants(http.StatusUnprocessableEntity)
	rejected.Says("Say what it is for")
	if page := rejected.Page(http.StatusUnprocessableEntity); uitest.Attr(page.One("input#ticket"), "value") != "INV-7" || !uitest.Has(page.One("option[value=1m]"), "selected") {
		t.Error("what was typed is lost")
	}
	sanne.Post(path, "period", "1w", "reason", "Year-end stock count", "ticket", "INV-7").GoesTo("/my-delegations")
	sanne.Get("/my-delegations").Says("Your request is sent", "You asked for", "Zonneveld Bakkerijen", "Waits for an answer", "Withdraw")
	sanne.Get(path).Says("Your request waits for an answer")
	again := sanne.Post(path, "period", "1w", "reason", "Again")
	again.Wants(http.StatusConflict)
	again.Says("You asked already")

	karin := h.As("karin")
	karin.Get("/delegation-requests").Says("Sanne Kuipers", "sanne@kade.example", "Year-end stock count", "1 week")
	open, err := w.Delegations.OpenAccessRequests(w.Ctx, w.Actor("karin"))
	if err != nil || len(open) != 1 {
		t.Fatal(open, err)
	}
	one := "/delegation-requests/" + open[0].ID
	karin.Get(one).Says("Request of Sanne Kuipers", "Kade Consultants", "kade.example", "Fill in a delegation", "Refuse")
	karin.Get(one).Links("/delegations/new?request=" + open[0].ID)
	karin.Post(one+"/refuse", "note", strings.Repeat("x", 501)).Wants(http.StatusUnprocessableEntity)
	karin.Post(one+"/refuse", "note", "Ask again in January").GoesTo("/delegation-requests")
	late := karin.Post(one+"/refuse", "note", "")
	late.Wants(http.StatusConflict)
	late.Says("answered already")
	sanne.Get("/my-delegations").Says("Refused", "Ask again in January")

	for _, stranger := range []string{"marieke", "ria"} {
		if got := h.As(stranger).Get(one); got.Code != http.StatusNotFound && got.Code != http.StatusForbidden {
			t.Errorf("%s gets %d", stranger, got.Code)
		}
	}
}

func TestALinkThatIsOffAnswersLikeOneThatNeverWas(t *testing.T) {
	h, _ := hub(t)
	path := address(t, h)
	h.As("karin").Post("/delegation-requests/link/off").GoesTo("/delegation-requests")
	sanne := h.As("sanne")
	dead, never := sanne.Get(path), sanne.Get("/request/nothing")
	dead.Wants(http.StatusNotFound)
	if strings.ReplaceAll(dead.Body, path, "/request/nothing") != never.Body {
		t.Error("a link that is off answers unlike an unknown one")
	}
	sanne.Post(path, "period", "1w", "reason", "x").Wants(http.StatusNotFound)
	h.As("karin").Get("/delegation-requests").Says("Switch the link on", "Nobody asked yet")
}

func TestAFirmFromTheFormToItsEnd(t *testing.T) {
	h, w := hub(t)
	karin, sanne := h.As("karin"), h.As("sanne")
	karin.Get("/firms").Says("No firm works here yet")
	karin.Get("/firms/new").Says("Fill in a domain to see which firm it is")
	karin.Post("/firms/preview", "firm", "x@KADE.example", "people", "2", "period", "1m").Says("Kade Consultants ( kade.example ) may name up to 2 people who work in", "as Member until Wed 16 Dec 2026")
	wrong := karin.Post("/firms/new", "firm", "devries.example", "people", "many", "period", "1m")
	wrong.Wants(http.StatusUnprocessableEntity)
	wrong.Says("No company here has verified devries.example", "Choose a number from 1 to 500")
	given := karin.Post("/firms/new", "firm", "kade.example", "people", "2", "period", "1m", "reason", "Stock count", "ticket", "INV-9")
	given.Wants(http.StatusSeeOther)
	at := given.Location
	karin.Get(at).Says("Kade Consultants may name people now", "0 of 2", "has named nobody yet", "INV-9")

	id := strings.TrimPrefix(at, "/firms/")
	console := "/company/consultants/firms/" + id
	sanne.Get("/company/consultants").Says("Zonneveld Bakkerijen", "Given to your firm: 0 of 2")
	sanne.Get(console).Says("Your firm’s delegation in Zonneveld Bakkerijen", "Thomas Bakker")
	sanne.Get(console + "?q=thomas").Hides("Name Sanne Kuipers")
	sanne.Post(console+"/name", "person", w.ID("thomas")).GoesTo(console)
	sanne.Get(console).Says("Thomas Bakker is named and invited", "1 of 2")
	refused := sanne.Post(console+"/name", "person", w.ID("thomas"))
	refused.Wants(http.StatusConflict)
	refused.Says("Thomas Bakker has a delegation there already")
	sanne.Post(console+"/name", "person", w.ID("anna")).Wants(http.StatusNotFound)

	karin.Get(at).Says("Thomas Bakker", "thomas@kade.example", "1 of 2", "Say no")
	veto := at + "/people/" + w.ID("thomas") + "/veto"
	karin.Get(veto).Says("Say no to Thomas Bakker?")
	if w.Count(w.Zonneveld, event.FirmVetoed) != 0 {
		t.Fatal("looking at it did it")
	}
	karin.Post(veto).GoesTo(at)
	karin.Get(at).Says("Not wanted", "Allow again")
	sanne.Get(console).Says("The customer said no")
	karin.Post(at + "/people/" + w.ID("thomas") + "/lift").GoesTo(at)
	karin.Post(at+"/extend", "version", "1", "period", "3m").GoesTo(at)
	stale := karin.Post(at+"/extend", "version", "1", "period", "3m")
	stale.Wants(http.StatusConflict)
	karin.Post(at+"/extend", "version", "2", "period", "1d").Wants(http.StatusUnprocessableEntity)
	karin.Get(at+"/end").Says("End the delegation of Kade Consultants?", "Kade Consultants can name nobody any more")
	karin.Post(at + "/end").GoesTo(at)
	karin.Get(at).Says("Ended by", "Karin Schouten")
	karin.Get(at + "/end").GoesTo(at)
	sanne.Get("/company/consultants").Says("Nobody works elsewhere")
}

// A foreign delegation to a firm answers like an unknown one, to hosts and to
// firms.
func TestAForeignFirmIsUnknown(t *testing.T) {
	h, w := hub(t)
	f, err := w.Delegations.GrantFirm(w.Ctx, w.Actor("karin"), delegation.FirmProposal{Firm: "kade.example", People: 2, Period: delegation.Month})
	if err != nil {
		t.Fatal(err)
	}
	marieke := h.As("marieke")
	for _, path := range []string{"/firms/", "/company/consultants/firms/"} {
		foreign, unknown := marieke.Get(path+f.ID), marieke.Get(path+"fdl_unknown")
		foreign.Wants(http.StatusNotFound)
		if strings.ReplaceAll(foreign.Body, f.ID, "fdl_unknown") != unknown.Body {
			t.Errorf("%s tells them apart", path)
		}
	}
	marieke.Get("/company/consultants").Hides("Zonneveld", "Kade")
	h.As("thomas").Get("/company/consultants").Wants(http.StatusForbidden)
	h.As("ria").Get("/firms").Wants(http.StatusForbidden)
	w.Delegate("karin", "thomas", delegation.Week)
	w.Switch("thomas", w.Zonneveld)
	h.As("thomas").Get("/firms").Wants(http.StatusForbidden)
}

func TestApprovalStandsOnThePage(t *testing.T) {
	h, w := hub(t)
	w.System(func(tx *store.Tx) error {
		return tx.Model(&tenancy.Organization{}).Where("id = ?", w.Zonneveld.Organization).Update("host_approval", true).Error
	})
	karin := h.As("karin")
	karin.Post("/firms/preview", "firm", "kade.example", "people", "1", "period", "1m").Says("Another superuser has to approve it first")
	given := karin.Post("/firms/new", "firm", "kade.example", "people", "1", "period", "1m")
	at := given.Location
	karin.Get(at).Says("waits for another superuser", "You proposed it")
	if got := karin.Post(at+"/approve", "version", "1"); got.Code != http.StatusConflict {
		t.Errorf("the proposer approves: %d", got.Code)
	}
	h.As("sanne").Get("/company/consultants").Says("Nobody works elsewhere")
	pim := h.As("pim")
	pim.Get(at).Says("The firm knows nothing of it yet", "Approve")
	pim.Post(at+"/approve", "version", "1").GoesTo(at)
	pim.Get(at).Says("Approved by", "Pim Zonneveld")
}

func TestMyDelegationsStandUnderTheirState(t *testing.T) {
	h, w := hub(t)
	sanne := h.As("sanne")
	sanne.Get("/my-delegations").Says("You have no delegation")
	d := w.Delegate("karin", "sanne", delegation.Week)
	offered, err := w.Delegations.Grant(w.Ctx, w.Actor("marieke"), delegation.Proposal{Email: "sanne@kade.example", Period: delegation.NoEnd, Language: "en"})
	if err != nil {
		t.Fatal(err)
	}
	page := sanne.Get("/my-delegations")
	page.Says("Offered to you", "De Vries Production", "given by Marieke de Vries", "You can enter", "Zonneveld Bakkerijen", "given by Karin Schouten", "Switch")
	page.Links("/offers/" + offered.ID)
	page.Links("/offers/" + d.ID + "/give-back")
	if err := w.Delegations.Revoke(w.Ctx, w.Actor("karin"), d.ID); err != nil {
		t.Fatal(err)
	}
	sanne.Get("/my-delegations").Says("Ended", "Revoked")
	h.As("thomas").Get("/my-delegations").Hides("Zonneveld", "De Vries")
}

// The time sheet is on the consultant's clock, and no cell of it is a formula.
func TestMyVisitsAndTheirSheet(t *testing.T) {
	h, w := hub(t)
	w.System(func(tx *store.Tx) error {
		if err := tx.Model(&account.Account{}).Where("id = ?", w.ID("sanne")).Update("time_zone", "America/New_York").Error; err != nil {
			return err
		}
		return tx.Model(&tenancy.Organization{}).Where("id = ?", w.Zonneveld.Organization).Update("name", `=HYPERLINK("http://x")`).Error
	})
	d, err := w.Delegations.Grant(w.Ctx, w.Actor("karin"), delegation.Proposal{Email: "sanne@kade.example", Period: delegation.Month, Ticket: "+INV-1", Language: "en"})
	if err == nil {
		err = w.Delegations.Accept(w.Ctx, w.Actor("sanne"), d.ID)
	}
	if err != nil {
		t.Fatal(err)
	}
	w.Switch("sanne", w.Zonneveld)
	w.Advance(95 * time.Minute)
	if _, err := w.Sessions.Leave(w.Ctx, w.Actor("sanne")); err != nil {
		t.Fatal(err)
	}
	sanne := h.As("sanne")
	sanne.Get("/my-visits").Says("America/New_York", "05:00", "06:35", "November 2026 in all", "1 visit", "+INV-1")
	sanne.Get("/my-visits?month=2026-10").Says("No visits in October 2026")
	sanne.Get("/my-visits?month=nonsense").Says("November 2026")
	file := sanne.Get("/my-visits/export?month=2026-11")
	file.Wants(http.StatusOK)
	body := file.Body
	for _, want := range []string{`"'=HYPERLINK(""http://x"")"`, "2026-11-16 05:00,2026-11-16 06:35,America/New_York,UTC-05:00,95,1:35,'+INV-1"} {
		if !strings.Contains(body, want) {
			t.Errorf("the sheet lacks %s: %s", want, body)
		}
	}
	h.As("karin").Get("/my-visits").Says("No visits in November 2026")
	if got := h.As("karin").Get("/my-visits/export?month=2026-11"); strings.Contains(got.Body, "95") {
		t.Error("somebody else has it in his sheet")
	}
}

func TestTheConsoleNamesRenewalsAndLeavers(t *testing.T) {
	h, w := hub(t)
	w.Delegate("karin", "thomas", delegation.Week)
	w.Delegate("marieke", "sanne", delegation.ThreeMonths)
	w.Switch("thomas", w.Zonneveld)
	sanne := h.As("sanne")
	page := sanne.Get("/company/consultants")
	page.Says("Zonneveld Bakkerijen", "De Vries Production", "Thomas Bakker", "Ends soon", "Within 14 days", "Is the work not finished?")
	page.Hides("Karin Schouten", "karin@zonneveld.example", "Left your company They hold")
	if err := w.Companies.Offboard(w.Ctx, w.Actor("sanne"), w.ID("thomas")); err != nil {
		t.Fatal(err)
	}
	sanne.Get("/company/consultants").Says("They hold no role in your company any more", "Suspended")
}

func TestEveryPageSpeaksDutch(t *testing.T) {
	h, w := hub(t)
	path := address(t, h)
	f, err := w.Delegations.GrantFirm(w.Ctx, w.Actor("karin"), delegation.FirmProposal{Firm: "kade.example", People: 2, Period: delegation.Month})
	if err != nil {
		t.Fatal(err)
	}
	w.System(func(tx *store.Tx) error {
		return tx.Model(&account.Account{}).Where("id IN ?", []string{w.ID("sanne"), w.ID("karin")}).Update("language", "nl").Error
	})
	karin, sanne := h.As("karin"), h.As("sanne")
	sanne.Get(path).Says("Vraag Zonneveld Bakkerijen om een delegatie")
	sanne.Get("/my-delegations").Says("Mijn delegaties")
	sanne.Get("/my-visits").Says("Je eigen urenstaat", "November 2026: geen bezoeken")
	sanne.Get("/company/consultants").Says("Aan je bureau gegeven: 0 van 2")
	sanne.Get("/company/consultants/firms/" + f.ID).Says("De delegatie van je bureau in Zonneveld Bakkerijen")
	karin.Get("/delegation-requests").Says("Verzoeklink")
	karin.Get("/firms").Says("Bureaus", "Kade Consultants")
	karin.Get("/firms/"+f.ID).Says("Aangewezen mensen", "Verlengen")
	karin.Get("/firms/new").Says("Domein van het bureau")
}
