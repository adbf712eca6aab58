package delegation

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"locum/models"
	"locum/models/delegation"
	"locum/models/event"
	"locum/models/mail"
	"locum/models/store"
	"locum/models/tenancy"
	"locum/views/ui/uitest"
)

// noor is the address of somebody who has no account.
const noor = "noor@noorhendriks.example"

func TestOnlySuperusersSeeDelegations(t *testing.T) {
	h := newHub(t)
	d := h.Delegate("karin", "sanne", delegation.Week)
	member := h.as("ria")
	for _, path := range []string{"/delegations", "/delegations/new", "/delegations/" + d.ID, "/delegations/" + d.ID + "/revoke"} {
		member.says(member.get(path), http.StatusForbidden, "Superuser in Zonneveld Bakkerijen")
	}
	for _, path := range []string{"/delegations/new", "/delegations/preview", "/delegations/" + d.ID + "/extend", "/delegations/" + d.ID + "/confirm", "/delegations/" + d.ID + "/revoke"} {
		member.says(member.post(path, "email", noor, "period", "1w", "version", "1"), http.StatusForbidden)
	}
	if got := h.Count(h.Zonneveld, event.DelegationRevoked); got != 0 {
		t.Errorf("a member revoked %d", got)
	}
	h.Switch("sanne", h.Zonneveld)
	visitor := h.as("sanne")
	visitor.says(visitor.get("/delegations"), http.StatusForbidden, "which nobody gets through a delegation")
	anonymous := h.anonymous()
	anonymous.leadsToSignIn(anonymous.get("/delegations"))
}

func (b *browser) leadsToSignIn(got interface{ Header() http.Header }) {
	b.t.Helper()
	if to := got.Header().Get("Location"); !strings.HasPrefix(to, "/sign-in?next=") {
		b.t.Errorf("leads to %q", to)
	}
}

func TestAForeignDelegationAnswersWordForWordLikeAnUnknownOne(t *testing.T) {
	h := newHub(t)
	d := h.Delegate("karin", "sanne", delegation.Week)
	marieke := h.as("marieke")
	for _, rest := range []string{"", "/revoke"} {
		foreign, unknown := marieke.get("/delegations/"+d.ID+rest), marieke.get("/delegations/dlg_00000000000000000000000000"+rest)
		if foreign.Code != http.StatusNotFound || strings.ReplaceAll(foreign.Body.String(), d.ID, "dlg_00000000000000000000000000") != unknown.Body.String() {
			t.Errorf("GET %q: %d\n%s\n%s", rest, foreign.Code, foreign.Body, unknown.Body)
		}
	}
	for _, rest := range []string{"/extend", "/confirm", "/revoke"} {
		marieke.says(marieke.post("/delegations/"+d.ID+rest, "version", "2", "period", "1w"), http.StatusNotFound)
	}
	if got, err := h.Delegations.Get(h.Ctx, h.Actor("karin"), d.ID); err != nil || got.Version != d.Version {
		t.Errorf("it was changed: %+v, %v", got, err)
	}
}

func TestThePreviewSaysWhatIsGiven(t *testing.T) {
	h := newHub(t)
	h.planning()
	karin := h.as("karin")
	for name, c := range map[string]struct {
		fields []string
		says   []string
	}{
		"a week as a member": {[]string{"period", "1w"}, []string{"as Member for 1 week", "Mon 23 Nov 2026, 11:00", "All applications come with it", "All 2 superusers are told"}},
		"an end date":        {[]string{"period", "date", "date", "27-11-2026"}, []string{"up to and including Fri 27 Nov 2026", "Sat 28 Nov 2026, 00:00"}},
		"no end date":        {[]string{"period", "none"}, []string{"without an end date"}},
		"an empty end date":  {[]string{"period", "date"}, []string{"without an end date"}},
		"a chosen role":      {[]string{"period", "4h", "scope", "chosen", "role", "", "role", "rol_planner"}, []string{"as Member and Planning: Planner for 4 hours", "Mon 16 Nov 2026, 15:00", "Only this comes with it: Planning"}},
	} {
		fields := append([]string{"email", strings.ReplaceAll(name, " ", "") + "@kade.example", "language", "nl"}, c.fields...)
		karin.header.Set("HX-Request", "true")
		part := karin.post("/delegations/preview", fields...)
		karin.header.Del("HX-Request")
		karin.says(part, http.StatusOK, append(c.says, "goes out in Dutch")...)
		if strings.Contains(part.Body.String(), "<html") {
			t.Errorf("%s: the preview is a whole page", name)
		}
		karin.says(karin.post("/delegations/preview", fields...), http.StatusOK, append(c.says, "Give delegation")...)

		given := karin.post("/delegations/new", fields...)
		id := strings.TrimPrefix(given.Header().Get("Location"), "/delegations/")
		got, err := h.Delegations.Get(h.Ctx, h.Actor("karin"), id)
		if err != nil {
			t.Fatalf("%s: %d %v\n%s", name, given.Code, err, given.Body)
		}
		words := uitest.Words(uitest.Parse(t, part.Body.String()).Root)
		if end := "without an end date"; got.EndsAt == nil && !strings.Contains(words, end) {
			t.Errorf("%s: it has no end, and the preview said %q", name, words)
		}
		if got.EndsAt != nil && !strings.Contains(words, got.EndsAt.In(amsterdam(t)).Format("Mon 2 Jan 2006, 15:04")) {
			t.Errorf("%s: it ends %v, and the preview said %q", name, got.EndsAt, words)
		}
		for _, role := range got.RoleNames {
			if !strings.Contains(words, role) {
				t.Errorf("%s: it gives %s, and the preview said %q", name, role, words)
			}
		}
	}
}

func amsterdam(t *testing.T) *time.Location {
	t.Helper()
	zone, err := time.LoadLocation("Europe/Amsterdam")
	if err != nil {
		t.Fatal(err)
	}
	return zone
}

// planning is an application with two roles, in use at Zonneveld.
func (h *hub) planning() {
	h.System(func(tx *store.Tx) error {
		now := models.At(h.Now())
		for _, row := range []any{
			&tenancy.Application{ID: "app_planning", Key: "planning", Name: "Planning", CreatedAt: now},
			&tenancy.Role{ID: "rol_viewer", Level: models.ApplicationLevel, ApplicationID: "app_planning", Key: "viewer", Name: "Viewer", IsDefault: true, Permissions: "[]", CreatedAt: now},
			&tenancy.Role{ID: "rol_planner", Level: models.ApplicationLevel, ApplicationID: "app_planning", Key: "planner", Name: "Planner", Permissions: "[]", CreatedAt: now},
			&tenancy.Enabled{CompanyID: h.Zonneveld.Company, OrganizationID: h.Zonneveld.Organization, ApplicationID: "app_planning", EnabledAt: now},
		} {
			if err := tx.Create(row).Error; err != nil {
				return err
			}
		}
		return nil
	})
}

func TestTheFormSaysTheSameForKnownAndUnknownAddresses(t *testing.T) {
	h := newHub(t)
	karin := h.as("karin")
	karin.header.Set("HX-Request", "true")
	preview := func(email string) string {
		got := karin.post("/delegations/preview", "email", email, "period", "1w")
		return strings.ReplaceAll(got.Body.String(), email, "somebody")
	}
	if known, unknown := preview("sanne@kade.example"), preview(noor); known != unknown {
		t.Errorf("the preview tells them apart:\n%s\n%s", known, unknown)
	}
	karin.header.Del("HX-Request")
	pages := map[string]string{}
	for _, email := range []string{"sanne@kade.example", noor} {
		got := karin.post("/delegations/new", "email", email, "period", "1w")
		page := karin.leadsTo(got, got.Header().Get("Location")).Body.String()
		page = strings.ReplaceAll(strings.ReplaceAll(page, strings.TrimPrefix(got.Header().Get("Location"), "/delegations/"), "id"), email, "somebody")
		pages[email] = uitest.Words(uitest.Parse(t, page).One("main"))
	}
	if known, unknown := pages["sanne@kade.example"], pages[noor]; !sameButInitials(known, unknown) {
		t.Errorf("the page of an offer tells them apart:\n%s\n%s", known, unknown)
	}
	for _, page := range pages {
		if strings.Contains(page, "Sanne") || strings.Contains(page, "Kade") {
			t.Errorf("the page names the owner of an address: %s", page)
		}
	}
}

// sameButInitials compares two texts without words of one or two letters.
func sameButInitials(a, b string) bool {
	long := func(text string) string {
		var kept []string
		for _, word := range strings.Fields(text) {
			if len(word) > 2 {
				kept = append(kept, word)
			}
		}
		return strings.Join(kept, " ")
	}
	return long(a) == long(b)
}

// Edge case 17 of delegation.md: letters that look alike.
func TestThePreviewWarnsOfMixedScripts(t *testing.T) {
	h := newHub(t)
	karin := h.as("karin")
	karin.header.Set("HX-Request", "true")
	karin.says(karin.post("/delegations/preview", "email", "sanne@kаde.example", "period", "1w"), http.StatusOK, "Look at this address twice", "xn--")
	karin.silent(karin.post("/delegations/preview", "email", "sanne@kade.example", "period", "1w"), "Look at this address twice")
}

func TestARejectedFormKeepsWhatWasTypedAndSaysWhatIsWrong(t *testing.T) {
	h := newHub(t)
	karin := h.as("karin")
	got := karin.post("/delegations/new", "email", "ria@zonneveld.example", "period", "date", "date", "1-11-2026", "reason", "Year-end stock count", "ticket", "INV-20931")
	page := karin.page(got, http.StatusUnprocessableEntity)
	karin.says(got, http.StatusUnprocessableEntity, "2 things need your attention", "This person is a member here already", "Choose a day that is not over yet")
	for id, value := range map[string]string{"email": "ria@zonneveld.example", "date": "1-11-2026", "reason": "Year-end stock count", "ticket": "INV-20931"} {
		if input := page.One("input#" + id); uitest.Attr(input, "value") != value {
			t.Errorf("%s holds %q", id, uitest.Attr(input, "value"))
		}
	}
	if uitest.Attr(page.One("input#email"), "aria-invalid") != "true" || len(page.All("#email-error")) != 1 || !uitest.Has(page.One("input[value=date]"), "checked") {
		t.Error("the errors do not stand at their fields")
	}
	for _, link := range uitest.Inside(page.One("#errors"), "a") {
		if len(page.All(uitest.Attr(link, "href"))) != 1 {
			t.Errorf("the summary leads to %s, which is not there", uitest.Attr(link, "href"))
		}
	}
	for name, c := range map[string][]string{
		"Fill this in":                     {"email", ""},
		"your own address":                 {"email", "karin@zonneveld.example"},
		"Write a day such as":              {"email", noor, "period", "date", "date", "next week"},
		"Choose one of the list":           {"email", noor, "period", "forever"},
		"Choose at least one role":         {"email", noor, "period", "1w", "scope", "chosen", "role", ""},
		"Choose roles that can be given":   {"email", noor, "period", "1w", "scope", "chosen", "role", "rol_superuser"},
		"Use at most 60 characters":        {"email", noor, "period", "1w", "ticket", strings.Repeat("x", 61)},
		"Give a ticket":                    {"email", noor, "period", "1w"},
		"That moment is over":              {"email", noor, "period", "1w", "ticket", "INV-1", "start", "later", "start_date", "15-11-2026"},
		"the last whole day is 15-12-2026": {"email", noor, "period", "3m", "ticket", "INV-1"},
	} {
		if strings.HasPrefix(name, "Give a") || strings.HasPrefix(name, "the last") {
			h.hosting(tenancy.Hosting{LongestDays: 30, TicketRequired: true})
		}
		karin.says(karin.post("/delegations/new", c...), http.StatusUnprocessableEntity, name)
	}
}

func TestSendingTheFormTwiceGivesOnce(t *testing.T) {
	h := newHub(t)
	karin := h.as("karin")
	form := []string{"email", noor, "period", "1w", "language", "nl"}
	first := karin.post("/delegations/new", form...)
	page := karin.leadsTo(first, first.Header().Get("Location"))
	karin.says(page, http.StatusOK, noor+" gets an invitation", "Invitation sent", "Not accepted yet")
	karin.says(karin.post("/delegations/new", form...), http.StatusOK, noor+" has a delegation here already", "This changes nothing")
	if got := len(h.Mails(mail.InvitationKind)); got != 1 {
		t.Errorf("%d invitations went out", got)
	}
	if got := h.Count(h.Zonneveld, event.DelegationGranted); got != 1 {
		t.Errorf("%d were given", got)
	}
}

// Edge case 9 of delegation.md: two tabs.
func TestAFormFromAnotherContextGivesNothing(t *testing.T) {
	h := newHub(t)
	marieke := h.as("marieke")
	stale := fmt.Sprint(h.Actor("marieke").Epoch)
	h.Switch("marieke", h.Acceptance)
	got := marieke.post("/delegations/new", "epoch", stale, "epoch_for", h.Production.Organization, "email", noor, "period", "1w", "reason", "Stock count")
	marieke.says(got, http.StatusConflict, "Stock count", noor, "De Vries Acceptance")
	for _, at := range []models.Party{h.Production, h.Acceptance} {
		if h.Count(at, event.DelegationGranted) != 0 {
			t.Errorf("it was given in %s", at.Name)
		}
	}
}

// Edge case 3 of delegation.md: revoking wins over extending.
func TestWhoComesSecondIsShownWhatChanged(t *testing.T) {
	h := newHub(t)
	d := h.Delegate("karin", "sanne", delegation.Week)
	karin, seen := h.as("karin"), fmt.Sprint(d.Version)
	h.Advance(time.Minute)
	if err := h.Delegations.Extend(h.Ctx, h.Actor("pim"), d.ID, d.Version, delegation.Month, ""); err != nil {
		t.Fatal(err)
	}
	got := karin.post("/delegations/"+d.ID+"/extend", "version", seen, "period", "3m")
	karin.says(got, http.StatusConflict, "Somebody changed this delegation while you were looking at it", "Pim Zonneveld gave it a new end", "Wed 16 Dec 2026, 11:01")
	page := karin.page(got, http.StatusConflict)
	if !uitest.Has(page.One("input[value=3m]"), "checked") {
		t.Error("what was chosen is lost")
	}
	if v := uitest.Attr(page.All("input[name=version]")[0], "value"); v == seen {
		t.Error("the page still carries the old version")
	}
	now, err := h.Delegations.Get(h.Ctx, h.Actor("karin"), d.ID)
	if err != nil {
		t.Fatal(err)
	}
	karin.says(karin.leadsTo(karin.post("/delegations/"+d.ID+"/revoke"), "/delegations/"+d.ID), http.StatusOK, "Revoked", "The delegation of Sanne Kuipers is revoked")
	karin.says(karin.post("/delegations/"+d.ID+"/extend", "version", fmt.Sprint(now.Version), "period", "1w"), http.StatusConflict, "Karin Schouten has revoked this delegation", "Nothing of what you sent was saved")
	karin.says(karin.post("/delegations/"+d.ID+"/revoke"), http.StatusConflict, "This delegation is over")
}

func TestExtendingKeepsRolesAndHistory(t *testing.T) {
	h := newHub(t)
	d := h.Delegate("karin", "sanne", delegation.Week)
	karin := h.as("karin")
	page := karin.page(karin.get("/delegations/"+d.ID), http.StatusOK)
	version := uitest.Attr(page.All("input[name=version]")[0], "value")
	got := karin.leadsTo(karin.post("/delegations/"+d.ID+"/extend", "version", version, "period", "1m"), "/delegations/"+d.ID)
	karin.says(got, http.StatusOK, "has a new end", "until Wed 16 Dec 2026, 11:00; before: until Mon 23 Nov 2026, 11:00", "Karin Schouten gave the delegation", "Sanne Kuipers accepted it", "Member")
	karin.says(karin.post("/delegations/"+d.ID+"/extend", "version", "3", "period", "date", "date", "1-1-2020"), http.StatusUnprocessableEntity, "Choose a day that is not over yet")
}

func TestRevokingAsksFirstAndAGetChangesNothing(t *testing.T) {
	h := newHub(t)
	d := h.Delegate("karin", "sanne", delegation.Week)
	karin := h.as("karin")
	karin.says(karin.get("/delegations/"+d.ID+"/revoke"), http.StatusOK, "Revoke the delegation of Sanne Kuipers?", "A visit that is under way ends at once")
	if h.Count(h.Zonneveld, event.DelegationRevoked) != 0 {
		t.Error("looking at the page revoked it")
	}
	karin.leadsTo(karin.post("/delegations/"+d.ID+"/revoke"), "/delegations/"+d.ID)
	if got := karin.leadsTo(karin.get("/delegations/"+d.ID+"/revoke"), "/delegations/"+d.ID); got.Code != http.StatusOK {
		t.Errorf("afterwards it answers %d", got.Code)
	}
}

func TestAVisitShowsWithItsLengthItsEndAndItsActivity(t *testing.T) {
	h := newHub(t)
	d := h.Delegate("karin", "sanne", delegation.Week)
	h.Switch("sanne", h.Zonneveld)
	karin := h.as("karin")
	karin.says(karin.get("/delegations"), http.StatusOK, "Here now", "Sanne Kuipers, since", "Kade Consultants")
	karin.says(karin.get("/delegations?tab=inside"), http.StatusOK, "1 delegation")
	h.Advance(38 * time.Minute)
	if _, err := h.Sessions.Leave(h.Ctx, h.Actor("sanne")); err != nil {
		t.Fatal(err)
	}
	got := karin.get("/delegations/" + d.ID)
	karin.says(got, http.StatusOK, "38 min", "Went back home", "Everything Sanne Kuipers did here", "1, 38 min")
	detail, err := h.Delegations.Get(h.Ctx, h.Actor("karin"), d.ID)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(got.Body.String(), `href="/activity?visit=`+detail.Visits[0].ID+`"`) {
		t.Error("the visit does not lead to its activity")
	}
	karin.says(karin.get("/delegations?tab=inside"), http.StatusOK, "No delegation fits these filters")
}

func TestTheListFiltersByTabTextAndRole(t *testing.T) {
	h := newHub(t)
	karin := h.as("karin")
	karin.says(karin.get("/delegations"), http.StatusOK, "Nobody of another organization can enter")
	h.Delegate("karin", "sanne", delegation.Week)
	ended := h.Delegate("karin", "thomas", delegation.Week)
	if err := h.Delegations.Revoke(h.Ctx, h.Actor("karin"), ended.ID); err != nil {
		t.Fatal(err)
	}
	for address, want := range map[string]string{
		"":                         "Sanne Kuipers, Thomas Bakker",
		"?tab=may-enter":           "Sanne Kuipers",
		"?tab=ended":               "Thomas Bakker",
		"?tab=attention":           "",
		"?q=KADE":                  "Sanne Kuipers, Thomas Bakker",
		"?q=thomas@":               "Thomas Bakker",
		"?q=nobody":                "",
		"?role=Member":             "Sanne Kuipers, Thomas Bakker",
		"?role=Auditor":            "",
		"?tab=ended&q=sanne":       "",
		"?tab=nonsense&page=7":     "",
		"?tab=may-enter&role=Memb": "",
	} {
		var names []string
		for _, link := range karin.page(karin.get("/delegations"+address), http.StatusOK).All("a.link-row") {
			names = append(names, uitest.Words(link))
		}
		if got := strings.Join(names, ", "); got != want {
			t.Errorf("%q shows %q, want %q", address, got, want)
		}
	}
}

// Edge case 13 of delegation.md: who becomes a member needs no delegation.
func TestASuspendedDelegationIsConfirmedByASuperuser(t *testing.T) {
	h := newHub(t)
	d := h.Delegate("karin", "sanne", delegation.Week)
	h.System(func(tx *store.Tx) error {
		now := models.At(h.Now())
		return tx.Model(&delegation.Delegation{}).Where("company_id = ? AND id = ?", d.CompanyID, d.ID).Updates(map[string]any{"suspended_at": now, "suspend_reason": delegation.Redundant}).Error
	})
	karin := h.as("karin")
	karin.says(karin.get("/delegations?tab=attention"), http.StatusOK, "Suspended", "Became a member", "1 suspended")
	karin.says(karin.get("/delegations/"+d.ID), http.StatusOK, "The delegation of Sanne Kuipers is suspended", "does not come back by itself")
	karin.says(karin.leadsTo(karin.post("/delegations/"+d.ID+"/confirm", "version", fmt.Sprint(d.Version)), "/delegations/"+d.ID), http.StatusOK, "is confirmed", "Karin Schouten confirmed it")
	karin.says(karin.post("/delegations/"+d.ID+"/confirm", "version", fmt.Sprint(d.Version+1)), http.StatusConflict, "not suspended any more")
}

// Edge case 6 of delegation.md: the mail server is down.
func TestSuperusersAreToldThatMailsWait(t *testing.T) {
	h := newHub(t)
	karin := h.as("karin")
	h.Delegate("karin", "sanne", delegation.Week)
	karin.silent(karin.get("/delegations"), "mail server does not answer")
	h.System(func(tx *store.Tx) error {
		return tx.Model(&mail.Mail{}).Where("company_id = ?", h.Zonneveld.Company).Updates(map[string]any{"attempts": 2, "failure": "connection refused"}).Error
	})
	got := karin.get("/delegations")
	karin.says(got, http.StatusOK, "The mail server does not answer", "mails wait")
	karin.silent(got, "connection refused")
}
