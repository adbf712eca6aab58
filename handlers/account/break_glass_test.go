package account

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"locum/models"
	"locum/models/account"
	"locum/models/mail"
	"locum/models/store"
	"locum/models/tenancy"
)

// outage is De Vries with single sign-on required, and Marieke named.
func (h *hub) outage() {
	h.t.Helper()
	h.requireSSO(h.Production.Company, "devries.example")
	if err := h.Companies.NameBreakGlass(h.Ctx, h.Actor("marieke"), h.ID("marieke")); err != nil {
		h.t.Fatal(err)
	}
}

// breaks asks for a break-glass code and gives the request it is for.
func (b *browser) breaks(email string) string {
	b.t.Helper()
	got := b.post("/sign-in/break-glass", "email", email)
	to, _ := url.Parse(got.Header().Get("Location"))
	if got.Code != http.StatusSeeOther || to.Path != "/sign-in/break-glass/code" {
		b.t.Fatalf("no code was asked for: %d %s\n%s", got.Code, to, got.Body)
	}
	return to.Query().Get("request")
}

func (b *browser) enterBreakGlass(request, code, reason string) *httptest.ResponseRecorder {
	b.t.Helper()
	return b.post("/sign-in/break-glass/code", "request", request, "code", code, "reason", reason)
}

const way = `href="/sign-in/break-glass"`

func TestBreakGlassIsOfferedQuietlyToEverybody(t *testing.T) {
	h := newHub(t)
	h.requireSSO(h.Zonneveld.Company, "zonneveld.example") // without a connection that works
	b := h.browser()
	b.says(b.get("/sign-in"), http.StatusOK, way)
	b.says(b.post("/sign-in", "email", "karin@zonneveld.example"), http.StatusConflict, way)
	b.says(b.post("/sign-in", "email", "nobody@zonneveld.example"), http.StatusConflict, way)
	b.says(b.get("/sign-in/break-glass"), http.StatusOK, "Every manager is told at once")
	b.says(b.post("/sign-in/break-glass", "email", "nobody"), http.StatusUnprocessableEntity, `value="nobody"`, `aria-invalid="true"`)
}

func TestABreakGlassManagerComesInWithAReason(t *testing.T) {
	h := newHub(t)
	h.outage()
	b := h.browser()
	request := b.breaks("marieke@devries.example")
	b.says(b.get("/sign-in/break-glass/code?request="+request), http.StatusOK, "marieke@devries.example", `autocomplete="one-time-code"`, `name="reason"`)
	b.says(b.enterBreakGlass(request, b.code(request), " "), http.StatusUnprocessableEntity, `id="reason-error"`, `value="`+b.code(request)+`"`)
	b.says(b.enterBreakGlass(request, "WRONG000", "It is down"), http.StatusUnprocessableEntity, "Tries left: 4", `value="It is down"`)
	b.leadsTo(b.enterBreakGlass(request, b.code(request), "It is down"), "/company/single-sign-on")
	b.says(b.get("/home"), http.StatusOK, "Home of Marieke de Vries", `id="break-glass-mark"`, "Break-glass session, ends 12:00")
	if n := len(h.Mails(mail.BreakGlassEnteredKind)); n != 1 {
		t.Errorf("%d alerts", n)
	}
	h.Advance(time.Hour)
	if b.signedIn() {
		t.Error("she is in after an hour")
	}
}

var avatar = regexp.MustCompile(`<span class="avatar"[^>]*>[^<]*</span>`)

func TestBreakGlassPagesTellNobodyWhoIsNamed(t *testing.T) {
	h := newHub(t)
	h.outage()
	var pages []string
	for _, email := range []string{"marieke@devries.example", "jan@devries.example", "nobody@devries.example", "nobody@nowhere.example"} {
		b := h.browser()
		request := b.breaks(email)
		page := b.get("/sign-in/break-glass/code?request=" + request)
		wrong := b.enterBreakGlass(request, "WRONG000", "It is down")
		text := page.Body.String() + wrong.Body.String()
		for _, own := range []string{request, email} {
			text = strings.ReplaceAll(text, own, "·")
		}
		pages = append(pages, avatar.ReplaceAllString(text, "")) // which the address decides
	}
	for i, page := range pages {
		if page != pages[0] {
			t.Errorf("page %d is another one:\n%s\n%s", i, pages[0], page)
		}
	}
}

func TestABreakGlassCodeOfAnotherBrowserIsLikeNone(t *testing.T) {
	h := newHub(t)
	h.outage()
	mine, other := h.browser(), h.browser()
	request := mine.breaks("marieke@devries.example")
	for _, got := range []*httptest.ResponseRecorder{
		other.get("/sign-in/break-glass/code?request=" + request),
		other.enterBreakGlass(request, mine.code(request), "why"),
		mine.enter(request, mine.code(request)), // at the ordinary door
	} {
		other.says(got, http.StatusNotFound)
		other.silent(got, "marieke")
	}
}

func TestTheWebHasALimitOnBreakGlass(t *testing.T) {
	h := newHub(t)
	h.outage()
	b := h.browser()
	for range 3 {
		b.breaks("marieke@devries.example")
	}
	b.says(b.post("/sign-in/break-glass", "email", "marieke@devries.example"), http.StatusTooManyRequests)
}

func TestWhoWaitsForASeatIsToldSo(t *testing.T) {
	h := newHub(t)
	h.Person("olga", "Olga", "olga@hub.example")
	h.System(func(tx *store.Tx) error {
		return tx.Model(&account.Account{}).Where("id = ?", h.ID("olga")).Update("operator", true).Error
	})
	if err := h.Companies.SetSeats(h.Ctx, h.Actor("olga"), h.Zonneveld.Company, 3); err != nil {
		t.Fatal(err)
	}
	h.Join("bram", "Bram", "bram@zonneveld.example", h.Zonneveld, tenancy.Member)
	b := h.browser().signIn("bram@zonneveld.example")
	b.says(b.get("/no-access"), http.StatusForbidden, "You wait for a seat", "Zonneveld Bakkerijen knows you", "Karin Schouten (karin@zonneveld.example)")
	if err := h.Companies.SetSeats(h.Ctx, h.Actor("olga"), h.Zonneveld.Company, 4); err != nil {
		t.Fatal(err)
	}
	b.leadsTo(b.get("/no-access"), "/home")
	if actor := h.actorOf("bram@zonneveld.example"); !actor.May(models.ViewOrganization) {
		t.Error("he may nothing")
	}
}
