package activity_test

import (
	"encoding/csv"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"locum/handlers/activity"
	"locum/handlers/webtest"
	"locum/models"
	"locum/models/delegation"
	"locum/models/event"
	"locum/models/modelstest"
	"locum/models/provisioning"
	"locum/models/store"
	"locum/models/tenancy"
	"locum/views/ui/uitest"
)

// newHub is the area with a visit of Sanne to Zonneveld Bakkerijen, which is
// over.
func newHub(t *testing.T) *webtest.Hub {
	t.Helper()
	w := modelstest.New(t, "sqlite")
	h := webtest.New(t, w, activity.New(w.Trail, w.Companies, provisioning.NewConnectors(w.Store)))
	w.Delegate("karin", "sanne", delegation.Week)
	w.Switch("sanne", w.Zonneveld)
	if _, err := w.Sessions.Leave(w.Ctx, w.Actor("sanne")); err != nil {
		t.Fatal(err)
	}
	return h
}

// rows are those of one type of event.
func rows(page uitest.Page, kind string) []*html.Node { return page.All("tr[data-event=" + kind + "]") }

func TestEachRowShowsBothParties(t *testing.T) {
	h := newHub(t)
	page := h.As("ria").Get("/activity").Page(http.StatusOK)
	entered := rows(page, event.VisitEntered)
	if len(entered) != 1 {
		t.Fatalf("%d rows tell of entering", len(entered))
	}
	words := uitest.Words(entered[0])
	for _, text := range []string{"Sanne Kuipers entered the organization", "Kade Consultants", "Zonneveld Bakkerijen", "Delegation"} {
		if !strings.Contains(words, text) {
			t.Errorf("nothing says %q in %q", text, words)
		}
	}
	// Who works in his own organization has one party.
	given := uitest.Words(rows(page, event.DelegationGranted)[0])
	if strings.Count(given, "Zonneveld Bakkerijen") != 1 || strings.Contains(given, "Kade") {
		t.Errorf("a superuser at home reads as %q", given)
	}
}

func TestOwnOrganizationLearnsOfComingAndGoingAlone(t *testing.T) {
	h := newHub(t)
	page := h.As("thomas").Get("/activity").Page(http.StatusOK)
	if n := len(rows(page, event.AwayEntered)) + len(rows(page, event.AwayLeft)); n != 2 {
		t.Errorf("%d rows tell of going and coming, want 2", n)
	}
	for _, kind := range []string{event.VisitEntered, event.VisitLeft, event.DelegationGranted} {
		if len(rows(page, kind)) != 0 {
			t.Errorf("Kade sees %s of its customer", kind)
		}
	}
}

func TestFeedIsNarrowed(t *testing.T) {
	h := newHub(t)
	karin := h.As("karin")
	all := len(karin.Get("/activity").Page(http.StatusOK).All("tr[data-event]"))
	for query, want := range map[string]int{
		"kind=visits": 2, "kind=delegations": 2, "kind=refused": 0, "via=delegation": 2, "q=SANNE": 4, "person=" + h.ID("sanne"): 3,
		"person=acc_unknown": 0, "visit=vis_unknown": 0, "kind=nonsense": all,
	} {
		if n := len(karin.Get("/activity?" + query).Page(http.StatusOK).All("tr[data-event]")); n != want {
			t.Errorf("?%s shows %d rows of %d, want %d", query, n, all, want)
		}
	}
	karin.Get("/activity?kind=refused").Says("Nothing fits these filters.", "Clear filters")
}

func TestVisitLeadsToEverythingInIt(t *testing.T) {
	h := newHub(t)
	page := h.As("karin").Get("/activity").Page(http.StatusOK)
	links := uitest.Inside(rows(page, event.VisitEntered)[0], "a")
	if len(links) != 1 {
		t.Fatalf("%d links lead out of the row", len(links))
	}
	visit := h.As("karin").Get(uitest.Attr(links[0], "href")).Page(http.StatusOK)
	if len(visit.All("tr[data-event]")) != 2 || len(rows(visit, event.VisitLeft)) != 1 {
		t.Errorf("the visit does not show entering and leaving alone:\n%s", visit.Text)
	}
}

func TestActivityStaysInItsOrganization(t *testing.T) {
	h := newHub(t)
	page := h.As("karin").Get("/activity").Page(http.StatusOK)
	href := uitest.Attr(uitest.Inside(rows(page, event.VisitEntered)[0], "a")[0], "href")
	for _, path := range []string{href, "/activity?person=" + h.ID("karin")} {
		if n := len(h.As("jan").Get(path).Page(http.StatusOK).All("tr[data-event]")); n != 0 {
			t.Errorf("De Vries sees %d events of Zonneveld at %s", n, path)
		}
	}
}

func TestOlderPageBeginsWhereTheNewestEnds(t *testing.T) {
	h := newHub(t)
	h.System(func(tx *store.Tx) error {
		for range models.PageSize + 5 {
			tx.Record(event.MemberJoined, store.About{ID: h.ID("ria"), Name: "Ria Smeets", Company: h.Zonneveld.Company, Organization: h.Zonneveld.Organization})
		}
		return nil
	})
	first := h.As("karin").Get("/activity").Page(http.StatusOK)
	if n := len(first.All("tr[data-event]")); n != models.PageSize {
		t.Fatalf("the first page shows %d rows", n)
	}
	var older string
	for _, link := range uitest.Inside(first.One("nav.pager"), "a") {
		if uitest.Words(link) == "Older" {
			older = uitest.Attr(link, "href")
		}
	}
	second := h.As("karin").Get(older).Page(http.StatusOK)
	if n := len(rows(second, event.MemberJoined)); n < 5 || len(rows(second, event.VisitEntered)) != 1 {
		t.Errorf("the second page shows %d of what is left:\n%s", n, second.Text)
	}
}

func TestRefusalsAreShownPlainly(t *testing.T) {
	h := newHub(t)
	if _, err := h.Members.Invite(h.Ctx, h.Actor("ria"), "a@b.example", []string{tenancy.Member}, "en"); models.KindOf(err) != models.Forbidden {
		t.Fatal(err)
	}
	h.As("karin").Get("/activity").Says("Ria Smeets was refused: Changing members")
}

func TestExportEscapesWhatASpreadsheetWouldRun(t *testing.T) {
	h := newHub(t)
	h.Join("evil", `=HYPERLINK("https://evil.example","click")`, "evil@zonneveld.example", h.Zonneveld, tenancy.Member)
	h.Token("evil") // signing in leaves his name in the trail
	answer := h.As("karin").Get("/activity/export?q=hyperlink")
	answer.Wants(http.StatusOK)
	if got := answer.Header.Get("Content-Disposition"); !strings.HasPrefix(got, `attachment; filename="activity-2026-11-16.csv"`) {
		t.Errorf("the file is %q", got)
	}
	table, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(answer.Body, "\uFEFF"))).ReadAll()
	if err != nil || len(table) < 3 {
		t.Fatalf("%d rows, %v:\n%s", len(table), err, answer.Body)
	}
	for _, row := range table {
		for _, cell := range row {
			if cell != "" && strings.ContainsAny(cell[:1], "=+-@\t\r") {
				t.Errorf("a spreadsheet runs %q", cell)
			}
		}
	}
	if !strings.Contains(answer.Body, "'=HYPERLINK") {
		t.Error("the name is gone altogether")
	}
}

func TestExportHoldsTheSameAsThePage(t *testing.T) {
	h := newHub(t)
	answer := h.As("karin").Get("/activity/export?" + url.Values{"kind": {"visits"}}.Encode())
	table, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(answer.Body, "\uFEFF"))).ReadAll()
	if err != nil || len(table) != 3 {
		t.Fatalf("%d rows, %v", len(table), err)
	}
	for _, row := range table[1:] {
		if row[7] != "Kade Consultants" || row[9] != "Zonneveld Bakkerijen" {
			t.Errorf("the parties of %v are %q and %q", row[3], row[7], row[9])
		}
	}
}

func TestNetworkAddressesAreForThoseWhoManagePeople(t *testing.T) {
	h := newHub(t)
	if body := h.As("karin").Get("/activity/export").Body; !strings.Contains(body, "192.0.2.7") {
		t.Error("a superuser does not see from where people came")
	}
	if body := h.As("ria").Get("/activity/export").Body; strings.Contains(body, "192.0.2.7") {
		t.Error("a member sees from where people came")
	}
}

func TestCompanyActivityIsForManagers(t *testing.T) {
	h := newHub(t)
	h.As("jan").Get("/company/activity").Wants(http.StatusForbidden)
	h.As("jan").Get("/company/activity/export").Wants(http.StatusForbidden)
	page := h.As("marieke").Get("/company/activity")
	page.Says("Marieke de Vries made the organization De Vries Acceptance", "Jan-Willem Hoekstra signed in")
	page.Hides("Zonneveld", "Kade")
	h.As("sanne").Get("/activity").Wants(http.StatusOK)
	h.As("").Get("/activity").GoesTo("/sign-in?next=%2Factivity")
}
