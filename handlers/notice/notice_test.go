package notice

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"locum/handlers/webtest"
	"locum/models"
	"locum/models/delegation"
	"locum/models/mail"
	"locum/models/modelstest"
	"locum/models/notice"
	"locum/models/tenancy"
)

func TestMain(m *testing.M) { modelstest.Main(m) }

func newHub(t *testing.T) (*webtest.Hub, delegation.Delegation) {
	t.Helper()
	w := modelstest.New(t, "sqlite")
	h := webtest.New(t, w, New(w.Inbox, w.Delegations, w.Accounts))
	d := w.Delegate("karin", "sanne", delegation.Week)
	w.Switch("sanne", w.Zonneveld)
	return h, d
}

// unread is how much karin has not read.
func unread(t *testing.T, h *webtest.Hub) int {
	t.Helper()
	bell, err := h.Inbox.Bell(h.Ctx, h.Actor("karin"))
	if err != nil {
		t.Fatal(err)
	}
	return bell.Unread
}

// first is the id of karin's newest entry.
func first(t *testing.T, h *webtest.Hub) string {
	t.Helper()
	c, err := h.Inbox.List(h.Ctx, h.Actor("karin"), notice.Filter{}, models.Of(1))
	if err != nil || len(c.Entries) == 0 {
		t.Fatalf("%v %d", err, len(c.Entries))
	}
	return c.Entries[0].ID
}

func wants(t *testing.T, a webtest.Answer, code int, texts ...string) {
	t.Helper()
	if a.Code != code {
		t.Fatalf("%d, want %d: %s", a.Code, code, a.Body)
	}
	for _, text := range texts {
		if !strings.Contains(a.Body, text) {
			t.Errorf("the page lacks %q", text)
		}
	}
}

func TestTheInboxSaysWhoOfWhichFirmAllowedByWhom(t *testing.T) {
	h, _ := newHub(t)
	wants(t, h.As("karin").Get("/inbox"), http.StatusOK, "Sanne Kuipers of Kade Consultants entered Zonneveld Bakkerijen", "Given by Karin Schouten", "Mark all as read", "data-new")
	wants(t, h.As("ria").Get("/inbox"), http.StatusOK, "You have no inbox")
}

func TestOpeningAnEntryReadsItAndNoAddressDoes(t *testing.T) {
	h, _ := newHub(t)
	karin, id, before := h.As("karin"), first(t, h), unread(t, h)
	if got := karin.Get("/inbox/" + id + "/read"); got.Code == http.StatusOK || unread(t, h) != before {
		t.Fatalf("opening an address read it: %d", got.Code)
	}
	got := karin.Post("/inbox/"+id+"/read", "open", "yes")
	if got.Code != http.StatusSeeOther || !strings.HasPrefix(got.Location, "/in/"+h.Zonneveld.Organization+"/activity?visit=") {
		t.Fatalf("%d to %q", got.Code, got.Location)
	}
	if n := unread(t, h); n != before-1 {
		t.Errorf("%d unread, %d before", n, before)
	}
	if got := h.As("pim").Post("/inbox/" + id + "/read"); got.Code != http.StatusNotFound {
		t.Errorf("another's entry answers %d", got.Code)
	}
	if got := karin.Post("/inbox/"+id+"/read", "next", "//elsewhere.example"); got.Location != "/inbox" {
		t.Errorf("it leads to %q", got.Location)
	}
}

func TestMarkingAllReadLeavesWhatCameSince(t *testing.T) {
	h, _ := newHub(t)
	karin, shown := h.As("karin"), h.Now()
	h.Advance(time.Minute)
	if _, err := h.Sessions.Leave(h.Ctx, h.Actor("sanne")); err != nil {
		t.Fatal(err)
	}
	karin.Post("/inbox/read", "until", shown.UTC().Format(time.RFC3339Nano))
	if n := unread(t, h); n != 1 {
		t.Errorf("%d unread", n)
	}
	wants(t, karin.Get("/inbox?show=unread"), http.StatusOK, "left Zonneveld Bakkerijen")
	karin.Post("/inbox/read", "until", "nonsense")
	wants(t, karin.Get("/inbox?show=unread"), http.StatusOK, "Nothing fits these filters")
}

func TestPagesAndFiltersOfAnotherOrganization(t *testing.T) {
	h, _ := newHub(t)
	karin := h.As("karin")
	for _, path := range []string{"/inbox?page=2", "/inbox?organization=" + h.Production.Organization, "/inbox?page=-1&show=else"} {
		if got := karin.Get(path); got.Code != http.StatusOK || strings.Contains(got.Body, "De Vries") {
			t.Errorf("%s answers %d", path, got.Code)
		}
	}
}

func TestTheDefaultIsChosenAndTheFloorIsSaid(t *testing.T) {
	h, d := newHub(t)
	karin, pim := h.As("karin"), h.As("pim")
	if got := karin.Post("/notifications", "mode", "per_visit"); got.Code != http.StatusSeeOther {
		t.Fatalf("%d: %s", got.Code, got.Body)
	}
	wants(t, pim.Post("/notifications", "mode", "per_visit"), http.StatusConflict, "Nobody else hears of the delegation of Sanne Kuipers", `value="per_visit" checked`)
	wants(t, pim.Post("/notifications", "mode", "muted"), http.StatusUnprocessableEntity)
	h2, err := h.Delegations.Hearing(h.Ctx, h.Actor("karin"), d.ID)
	if err != nil || h2.Mine.Mode != tenancy.PerVisit || h2.Fallback != tenancy.PerVisit {
		t.Errorf("%v %+v", err, h2)
	}
	if got := h.As("ria").Post("/notifications", "mode", "digest"); got.Code != http.StatusForbidden {
		t.Errorf("a member chooses: %d", got.Code)
	}
}

func TestATestMailGoesToOnesOwnAddressOnceAMinute(t *testing.T) {
	h, _ := newHub(t)
	for range 2 {
		if got := h.As("ria").Post("/account/address/test"); got.Code != http.StatusSeeOther {
			t.Fatalf("%d: %s", got.Code, got.Body)
		}
	}
	if mails := h.Mails(mail.TestKind); len(mails) != 1 || mails[0].Recipient != "ria@zonneveld.example" {
		t.Errorf("%+v", mails)
	}
}
