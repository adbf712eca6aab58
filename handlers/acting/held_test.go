package acting

import (
	"net/http"
	"strings"
	"testing"

	"locum/models/event"
	"locum/models/tenancy"
)

func (h *hub) hosting(in tenancy.Hosting) {
	h.t.Helper()
	in.Notify = tenancy.AtOnce
	if err := h.Members.SetHosting(h.Ctx, h.Actor("karin"), in); err != nil {
		h.t.Fatal(err)
	}
}

// Who may enter but for what the host asks is told what it is, and what to do.
func TestARefusedVisitorIsToldWhatToDo(t *testing.T) {
	h := newHub(t)
	h.Delegate("karin", "sanne", "1w")
	h.hosting(tenancy.Hosting{SecondFactor: true, Networks: "198.51.100.0/24"})
	b := h.as("sanne")
	got := b.post("/switch", "organization", h.Zonneveld.Organization, "to", "/members")
	b.says(got, http.StatusForbidden, "Zonneveld Bakkerijen asks something before you enter", "A second factor", "Another network", "You come from 127.0.0.1")
	page := b.page(got, http.StatusForbidden)
	// The way to show it leads back to where he is asked whether to enter.
	page.One("[data-need=second_factor]")
	page.One("[data-need=network]")
	if want := "/account/step-up?next=%2Fin%2F" + h.Zonneveld.Organization + "%2Fmembers"; !strings.Contains(got.Body.String(), want) {
		t.Errorf("no way leads to %s", want)
	}
	if h.Actor("sanne").Visiting() || h.Count(h.Zonneveld, event.VisitRefused) != 1 {
		t.Errorf("events %v", h.Events(h.Zonneveld))
	}
	// To anybody without a delegation the host does not exist.
	if got := h.as("thomas").post("/switch", "organization", h.Zonneveld.Organization); strings.Contains(got.Body.String(), "Zonneveld") {
		t.Error("a stranger is told of the host")
	}
}

// A visit for which something is missing by now shows and writes nothing, and is
// recorded once; the way out is open, and so is what is the person's own.
func TestAHeldVisitShowsAndWritesNothing(t *testing.T) {
	h := newHub(t)
	h.Delegate("karin", "sanne", "1w")
	b := h.as("sanne")
	b.leadsTo(b.post("/switch", "organization", h.Zonneveld.Organization), "/")
	epoch := h.Actor("sanne").Epoch
	h.hosting(tenancy.Hosting{Networks: "198.51.100.0/24"})
	for range 2 {
		got := b.get("/")
		b.says(got, http.StatusForbidden, "Zonneveld Bakkerijen asks something before you go on", "Another network")
		b.silent(got, "Overview of")
	}
	b.says(b.post("/members", "name", "Eva"), http.StatusForbidden, "Another network", "nothing was saved")
	if h.written != 0 {
		t.Error("a form was written")
	}
	b.header = http.Header{"Accept": {"application/json"}}
	if got := b.get("/"); got.Code != http.StatusForbidden || !strings.HasPrefix(got.Header().Get("Content-Type"), "application/problem+json") {
		t.Errorf("a machine gets %d %s", got.Code, got.Header().Get("Content-Type"))
	}
	b.header = http.Header{}
	if n := h.Count(h.Zonneveld, event.VisitHeld); n != 1 || h.Count(h.Zonneveld, event.VisitLeft) != 0 {
		t.Errorf("recorded %d times: %v", n, h.Events(h.Zonneveld))
	}
	b.page(b.get("/home"), http.StatusOK)
	if a := h.Actor("sanne"); a.Epoch != epoch || !a.Visiting() {
		t.Errorf("the visit ended: %+v", a)
	}
	if got := b.post("/leave"); got.Code != http.StatusSeeOther || h.Actor("sanne").Visiting() {
		t.Errorf("leaving answers %d", got.Code)
	}
}

// The same session from another address: what was cached for the one counts for
// nothing at the other.
func TestTheAddressCountsAtEachRequest(t *testing.T) {
	h := newHub(t)
	h.Delegate("karin", "sanne", "1w")
	h.hosting(tenancy.Hosting{Networks: "127.0.0.0/8"})
	b := h.as("sanne")
	b.leadsTo(b.post("/switch", "organization", h.Zonneveld.Organization), "/")
	b.says(b.get("/"), http.StatusOK, "Overview of Zonneveld Bakkerijen")
	b.address = "203.0.113.9:40000"
	b.says(b.get("/"), http.StatusForbidden, "You come from 203.0.113.9")
	b.address = ""
	b.says(b.get("/"), http.StatusOK, "Overview of Zonneveld Bakkerijen")
}
