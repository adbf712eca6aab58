package web

import (
	"errors"
	"net/http"
	"testing"
	"time"

	"locum/models"
	"locum/models/delegation"
	"locum/views/ui"
)

// Edge case 9 of delegation.md: two tabs.
func TestAFormFromAnotherContextWritesNothingAndAnswers409WithTheInput(t *testing.T) {
	h := newHub(t)
	b := h.as(t, visiting())
	for name, epoch := range map[string]string{"older": "3", "newer": "5", "none": "", "no number": "x"} {
		got := b.post("/members", "epoch", epoch, "epoch_for", kade.Organization, "name", "Noor Hendriks", "code", "ABCD2345", "client_secret", "hush", "period", "1w", "version", "vers-37")
		t.Log(name)
		wantStatus(t, got, http.StatusConflict)
		wantText(t, got, "Noor Hendriks", "1 week", "Zonneveld Bakkerijen", "Kade Consultants", `name="organization" value="org_kade"`)
		wantNoText(t, got, "ABCD2345", "hush", "vers-37")
	}
	if len(h.written) != 0 {
		t.Errorf("it wrote %v", h.written)
	}
	wantStatus(t, b.post("/members", "epoch", "4", "name", "Noor Hendriks"), http.StatusSeeOther)
	if len(h.written) != 1 {
		t.Errorf("the right epoch wrote %v", h.written)
	}
}

// Who loses his last role in an organization works at home from then on, without
// having switched: what he typed there is not written here.
func TestAFormForAPlaceThatWasLostWritesNothing(t *testing.T) {
	h := newHub(t)
	b := h.as(t, visiting())
	got := b.post("/members", "epoch", "4", "epoch_for", "org_lost", "name", "Noor Hendriks")
	wantStatus(t, got, http.StatusConflict)
	wantText(t, got, "Noor Hendriks")
	if len(h.written) != 0 {
		t.Errorf("it wrote %v", h.written)
	}
	wantStatus(t, b.post("/members", "epoch", "4", "epoch_for", "org_zonneveld", "name", "Noor Hendriks"), http.StatusSeeOther)
}

func TestA409ForAPlaceThatIsNotTheirsNamesNothing(t *testing.T) {
	b := newHub(t).as(t, visiting())
	got := b.post("/members", "epoch", "1", "epoch_for", "org_somebody_elses")
	wantStatus(t, got, http.StatusConflict)
	wantNoText(t, got, `name="organization" value="org_somebody_elses"`)
}

func TestADomainThatSeesTheSwitchFirstAnswersTheSame409(t *testing.T) {
	h := newHub(t)
	h.With(models.ViewMembers, "POST /late", func(*Request) (Response, error) {
		h.sessions.set("token-ses_1", visiting())
		return Response{}, models.Fail(models.Stale, "error.stale")
	})
	got := h.as(t, sanne()).post("/late", "epoch", "3", "name", "Noor Hendriks")
	wantStatus(t, got, http.StatusConflict)
	wantText(t, got, "Noor Hendriks", "Zonneveld Bakkerijen")
}

func TestRoutesThatSaySoTakeAFormOfAnyEpoch(t *testing.T) {
	b := newHub(t).as(t, visiting())
	wantStatus(t, b.post("/language", "language", "nl"), http.StatusSeeOther)
	wantStatus(t, b.post("/account/theme", "theme", "dark"), http.StatusSeeOther)
}

func TestFragmentsCarryTheEpoch(t *testing.T) {
	h := newHub(t)
	h.Signed("GET /part", func(*Request) (Response, error) { return Fragment(epochOnly()), nil })
	wantText(t, h.as(t, visiting()).get("/part"), `value="4"`)
}

func ended(reason string) models.Actor {
	a := sanne()
	a.Ended = &models.Ended{Visit: "vis_1", Organization: bakery.Name, Reason: reason, At: noon}
	return a
}

func TestAVisitThatEndedIsToldAtHomeInEachTab(t *testing.T) {
	for reason, text := range map[delegation.LeaveReason]string{
		delegation.ByExpiry:     "has ended. You are back",
		delegation.ByRevocation: "revoked your delegation",
		delegation.BySuspension: "is suspended",
		delegation.Idle:         "away from Zonneveld Bakkerijen",
		delegation.Closed:       "was closed",
		"of_another_version":    "Your work in Zonneveld Bakkerijen is over",
	} {
		now := noon
		h := newHub(t, func(c *Config) { c.Now = func() time.Time { return now } })
		b := h.as(t, sanne())
		h.sessions.set("token-ses_1", ended(string(reason)))
		got := b.get("/members")
		wantStatus(t, got, http.StatusSeeOther)
		wantHeader(t, got, "Location", "/home")
		wantText(t, b.get("/home"), text)
		wantText(t, b.get("/home"), text) // another tab, which the stream sent home
		now = now.Add(tabs)
		wantNoText(t, b.get("/home"), text)
		if h.sessions.settled != 1 {
			t.Errorf("%s: settled %d times", reason, h.sessions.settled)
		}
	}
}

// Edge case 1 of delegation.md, as the person sees it.
func TestAFormSentAfterTheVisitEndedWritesNothing(t *testing.T) {
	h := newHub(t)
	b := h.as(t, sanne())
	h.sessions.set("token-ses_1", ended("revoked"))
	got := b.post("/members", "epoch", "3", "name", "Noor Hendriks")
	wantStatus(t, got, http.StatusForbidden)
	wantText(t, got, "revoked your delegation", "nothing was saved", `data-epoch="6"`)
	if len(h.written) != 0 {
		t.Errorf("it wrote %v", h.written)
	}
	wantStatus(t, b.get("/home"), http.StatusOK)
}

func TestAnEndThatTheDomainSawInsideTheTransactionReadsTheSame(t *testing.T) {
	h := newHub(t)
	end := func(*Request) (Response, error) {
		h.sessions.set("token-ses_1", ended("revoked"))
		return Response{}, errors.Join(errors.New("store"), models.Fail(models.Forbidden, "error.delegation_ended"))
	}
	h.With(models.ViewMembers, "POST /late", end)
	h.With(models.ViewMembers, "GET /late", end)
	b := h.as(t, visiting())
	got := b.post("/late", "epoch", "4")
	wantStatus(t, got, http.StatusForbidden)
	wantText(t, got, "revoked your delegation", "nothing was saved")
	h.sessions.set("token-ses_1", visiting())
	wantHeader(t, b.get("/late"), "Location", "/home")
}

// Edge case 22 of delegation.md: the back button after leaving.
func TestNoPageIsKeptByABrowserOrACache(t *testing.T) {
	h := newHub(t)
	b := h.as(t, visiting())
	got := b.get("/members")
	wantText(t, got, "Members of Zonneveld Bakkerijen")
	for _, path := range []string{"/members", "/home", "/nowhere", "/delegations"} {
		wantHeader(t, b.get(path), "Cache-Control", "no-store")
	}
	h.sessions.set("token-ses_1", sanne())
	wantNoText(t, b.get("/members"), "Members of Zonneveld Bakkerijen")
}

func TestAFlashIsShownOnceInTheReadersLanguageAndZone(t *testing.T) {
	h := newHub(t)
	h.Signed("POST /extend", func(*Request) (Response, error) {
		return Redirect("/home", "layout.banner.until", "When", noon.Add(time.Hour)).Tone(ui.Warn), nil
	})
	dutch := sanne()
	dutch.Language = "nl"
	b := h.as(t, dutch)
	wantHeader(t, b.post("/extend", "epoch", "3"), "Location", "/home")
	got := b.get("/home")
	wantText(t, got, "di 24 nov 2026, 14:00", `data-tone="warn"`)
	wantNoText(t, b.get("/home"), "di 24 nov 2026, 14:00")
}

func TestAFlashThatLocumDidNotSignSaysNothing(t *testing.T) {
	b := newHub(t).as(t, sanne())
	b.cookies["locum-flash-8080"] = &http.Cookie{Name: "locum-flash-8080", Value: "W3sidCI6Im9rIiwiayI6ImNvbW1vbi5jaGFuZ2VkIn1d"}
	wantNoText(t, b.get("/home"), "Saved.")
}

// A part of a page that asks for another organization leaves the page as it is:
// its banner and frame must go on saying where one works.
func TestAStalePartOfAPageIsNotSwappedIn(t *testing.T) {
	b := newHub(t).as(t, sanne())
	b.header.Set("HX-Request", "true")
	got := b.post("/members", "epoch", "2", "name", "Noor Hendriks")
	wantStatus(t, got, http.StatusConflict)
	wantHeader(t, got, "HX-Reswap", "none")
	if got.Body.Len() > 0 {
		t.Errorf("it says %q", got.Body)
	}
}
