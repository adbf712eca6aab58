package web

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/a-h/templ"

	"locum/models"
	"locum/views/layout"
	"locum/views/ui"
	"locum/views/ui/uitest"
)

// fields is a form of every sort of field, as a page shows it.
const fields = `<input name="name" value="default"><textarea name="why">
old</textarea><input type="checkbox" name="mail" value="yes" checked><input type="radio" name="period" value="1d" checked><input type="radio" name="period" value="1w">
<select name="role"><option value="a" selected>A</option><option value="b">B</option></select><input type="password" name="passphrase"><input name="client_secret">
<input type="text" autocomplete="one-time-code" name="one"><input type="file" name="picture"><input type="hidden" name="kind" value="own"><button formaction="/invite/preview">See</button>`

// withForm has a hub serve that form at a path, sent to the same path, and a
// switch to the other organization.
func withForm(t *testing.T, path string) *hub {
	t.Helper()
	h := newHub(t)
	h.With(models.ViewMembers, "GET "+path, func(r *Request) (Response, error) {
		inside := templ.ComponentFunc(func(ctx context.Context, w io.Writer) error {
			if _, err := io.WriteString(w, `<form action="/find"><input name="name" value="another"></form><form method="post" action="`+r.URL.Path+`">`); err != nil {
				return err
			}
			if err := ui.HiddenEpoch().Render(ctx, w); err != nil {
				return err
			}
			_, err := io.WriteString(w, fields+`</form>`)
			return err
		})
		return Page(templ.ComponentFunc(func(ctx context.Context, w io.Writer) error {
			return layout.Shell(layout.Page{Title: "Invite"}).Render(templ.WithChildren(ctx, inside), w)
		})), nil
	})
	h.With(models.ViewMembers, "POST "+path, func(r *Request) (Response, error) {
		h.written = append(h.written, r.FormValue("name"))
		return Redirect("/home", ""), nil
	}, Withheld("picture"))
	h.Signed("POST /switch", func(r *Request) (Response, error) {
		h.sessions.set("token-ses_1", sanne())
		return r.Refilled(Redirect(r.Next("/"), "acting.switched", "Organization", "Kade Consultants")), nil
	}, AnyEpoch)
	return h
}

// typed is what somebody typed into it at home.
func typed(more ...string) []string {
	return append([]string{"epoch", "3", "epoch_for", "org_kade", "name", `Noor "N" <Hendriks>`, "why", "\nfirst\n</textarea><b>", "period", "1w", "role", "b",
		"passphrase", "open sesame", "client_secret", "hush", "picture", "data", "kind", "other", "code", "ABCD2345"}, more...)
}

// way are the fields of one of the ways on that a refusal offers.
func way(t *testing.T, refusal *httptest.ResponseRecorder, action string) (list []string) {
	t.Helper()
	page := uitest.Parse(t, refusal.Body.String())
	for _, form := range page.All("form[action=" + action + "]") {
		for _, input := range uitest.Inside(form, "input[type=hidden]") {
			list = append(list, uitest.Attr(input, "name"), uitest.Attr(input, "value"))
		}
	}
	return list
}

// wantFilled checks that a page shows the form as it was typed, in an epoch.
func wantFilled(t *testing.T, got *httptest.ResponseRecorder, epoch string) {
	t.Helper()
	wantStatus(t, got, http.StatusOK)
	page := uitest.Parse(t, got.Body.String())
	form := page.One("form[action=/invite]")
	value := func(selector string) string { return uitest.Attr(uitest.Inside(form, selector)[0], "value") }
	if value("input[name=name]") != `Noor "N" <Hendriks>` || value("input[name=epoch]") != epoch || value("input[name=kind]") != "own" {
		t.Errorf("the form: %s", got.Body)
	}
	if area := uitest.Inside(form, "textarea")[0]; area.FirstChild == nil || area.FirstChild.Data != "\nfirst\n</textarea><b>" {
		t.Errorf("the text area: %+v", area.FirstChild)
	}
	if uitest.Has(uitest.Inside(form, "input[name=mail]")[0], "checked") || !uitest.Has(uitest.Inside(form, "input[value=1w]")[0], "checked") ||
		uitest.Has(uitest.Inside(form, "input[value=1d]")[0], "checked") || !uitest.Has(uitest.Inside(form, "option[value=b]")[0], "selected") {
		t.Errorf("the choices: %s", got.Body)
	}
	if value("input[name=passphrase]")+value("input[name=client_secret]")+value("input[name=picture]") != "" {
		t.Error("a secret is in the form again")
	}
	if page.One("form[action=/find]"); !strings.Contains(got.Body.String(), `value="another"`) {
		t.Error("another form was filled in")
	}
	wantText(t, got, "What you filled in is back in the form", `data-address="/invite"`)
	wantHeader(t, got, "Cache-Control", "no-store")
}

// Edge case 9 of delegation.md: what was typed is kept, and goes on to the form in
// the organization where it was typed.
func TestGoingBackFillsTheFormInAgain(t *testing.T) {
	h := withForm(t, "/invite")
	b := h.as(t, visiting())
	b.header.Set("Referer", "http://localhost:8080/invite")
	refused := b.post("/invite", typed()...)
	wantStatus(t, refused, http.StatusConflict)
	wantNoText(t, refused, "open sesame", "hush", "ABCD2345", ">data<", `value="data"`)
	back := append(way(t, refused, "/switch"), "organization", "org_kade")
	got := b.post("/switch", back...)
	wantFilled(t, got, "3")
	wantText(t, got, "Kade Consultants") // the notice of the switch is said on this page
	if len(h.written) != 0 {
		t.Errorf("it wrote %v", h.written)
	}
	if log := h.log.String(); strings.Contains(log, "Noor") || strings.Contains(log, "first") || !strings.Contains(log, "POST /switch") {
		t.Errorf("the log: %s", log)
	}
	if !slices.Contains(back, "kept.name") || slices.Contains(back, "open sesame") {
		t.Errorf("handed on: %v", back)
	}
}

// It can be filled in where one is now as well, where the form is one of that place
// too: it is sent under that organization's name alone.
func TestTheFormIsFilledInHereWhereItNamesNothing(t *testing.T) {
	h := withForm(t, "/invite")
	b := h.as(t, visiting())
	refused := b.post("/invite", typed()...)
	wantText(t, refused, "Fill it in again in Zonneveld Bakkerijen")
	got := b.post("/fill-in", way(t, refused, "/fill-in")...)
	wantFilled(t, got, "4")
	wantText(t, got, "Zonneveld Bakkerijen")
	if len(h.written) != 0 {
		t.Errorf("it wrote %v", h.written)
	}
	for name, change := range map[string]func() (*hub, string){
		"its address names a thing": func() (*hub, string) { return withForm(t, "/people/{id}"), "/people/per_1" },
		"the person may not here":   func() (*hub, string) { return withForm(t, "/invite"), "/invite" },
	} {
		h, path := change()
		actor := visiting()
		b := h.as(t, actor)
		if path == "/invite" {
			actor.Permissions = nil
			h.sessions.set("token-ses_1", actor)
		}
		got := b.post(path, typed()...)
		wantStatus(t, got, http.StatusConflict)
		if offered := way(t, got, "/fill-in"); len(offered) > 0 {
			t.Errorf("%s: it is offered: %v", name, offered)
		}
		if len(way(t, got, "/switch")) == 0 {
			t.Errorf("%s: no way back", name)
		}
	}
}

// Who went away and came back has the form of another epoch, in the same place.
func TestAFormOfAnEarlierStayIsFilledInAgain(t *testing.T) {
	h := withForm(t, "/people/{id}")
	b := h.as(t, sanne())
	refused := b.post("/people/per_1", typed("epoch", "1")[2:]...)
	wantStatus(t, refused, http.StatusConflict)
	got := b.post("/fill-in", way(t, refused, "/fill-in")...)
	wantStatus(t, got, http.StatusOK)
	wantText(t, got, "Noor &#34;N&#34; &lt;Hendriks&gt;", `data-address="/people/per_1"`)
}

func TestWhereTheFormIsGoneWhatWasTypedIsShown(t *testing.T) {
	h := withForm(t, "/invite")
	b := h.as(t, visiting())
	kept := []string{"kept.name", "Noor Hendriks", "kept.client_secret", "hush", "kept-form", "/invite", "to", "/home"}
	got := b.post("/fill-in", kept...)
	wantStatus(t, got, http.StatusConflict)
	wantText(t, got, "The form is not there any more", "Noor Hendriks", `href="/home"`)
	wantNoText(t, got, "hush")
	for _, to := range []string{"//evil.example/", "https://evil.example/", "/nowhere", "/fill-in", "/live", "/metrics"} {
		kept[len(kept)-1] = to
		if got := b.post("/fill-in", kept...); got.Code != http.StatusConflict || strings.Contains(got.Body.String(), "evil") {
			t.Errorf("%s: %d", to, got.Code)
		}
	}
	wantHeader(t, b.post("/fill-in", "to", "/home"), "Location", "/home") // nothing was handed on
}

// The page that offered it named the place where the form would be filled in: it is
// filled in nowhere else.
func TestAFormIsNotFilledInWhereOneWentMeanwhile(t *testing.T) {
	h := withForm(t, "/invite")
	b := h.as(t, visiting())
	refused := b.post("/invite", typed()...)
	wantText(t, refused, "Fill it in again in Zonneveld Bakkerijen")
	h.sessions.set("token-ses_1", sanne()) // another tab goes home
	got := b.post("/fill-in", way(t, refused, "/fill-in")...)
	wantStatus(t, got, http.StatusConflict)
	wantText(t, got, "The form is not there any more", "Noor &#34;N&#34; &lt;Hendriks&gt;")
	wantNoText(t, got, `action="/invite"`)
}

// The end of a visit is told, and what was typed in it is shown, whichever way on was
// under way.
func TestAVisitThatEndedIsToldWhereAFormWouldBeFilledIn(t *testing.T) {
	h := withForm(t, "/invite")
	b := h.as(t, visiting())
	refused := b.post("/invite", typed()...)
	h.sessions.set("token-ses_1", ended("revoked"))
	got := b.post("/fill-in", way(t, refused, "/fill-in")...)
	wantStatus(t, got, http.StatusConflict)
	wantText(t, got, "revoked your delegation", "Noor &#34;N&#34; &lt;Hendriks&gt;")
	wantNoText(t, got, `action="/invite"`)
	if h.sessions.settled != 1 || !strings.Contains(h.log.String(), `"ended":"revoked"`) {
		t.Errorf("settled %d times: %s", h.sessions.settled, h.log)
	}
}

func TestAPageThatFailsWhileItIsFilledInIsLogged(t *testing.T) {
	h := withForm(t, "/invite")
	h.Signed("GET /broken", func(*Request) (Response, error) {
		return Response{}, models.Fail(models.Internal, "").Because(io.ErrUnexpectedEOF)
	})
	b := h.as(t, sanne())
	h.log.Reset()
	got := b.post("/switch", "organization", "org_kade", "kept.name", "Noor Hendriks", "kept-form", "/invite", "to", "/broken")
	wantStatus(t, got, http.StatusConflict)
	wantText(t, got, "Noor Hendriks", "You are working in Kade Consultants now")
	if log := h.log.String(); strings.Count(log, "\n") != 1 || !strings.Contains(log, io.ErrUnexpectedEOF.Error()) || !strings.Contains(log, "POST /switch") || !strings.Contains(log, "ERROR") {
		t.Errorf("the log: %s", log)
	}
	wantNoText(t, b.get("/home"), "You are working in") // it was said beside what had been filled in
}

// Where the form stood on the answer to another form, there is no page to go back
// to: the way leads to the form's own.
func TestTheWayBackIsAPageThatThereIs(t *testing.T) {
	h := withForm(t, "/invite")
	b := h.as(t, visiting())
	for referer, want := range map[string]string{"": "/invite", "http://localhost:8080/invite/preview": "/invite", "http://localhost:8080/home": "/home",
		"http://localhost:8080/live": "/invite", "https://evil.example/home": "/invite"} {
		b.header.Set("Referer", referer)
		refused := b.post("/invite", typed()...)
		page := uitest.Parse(t, refused.Body.String())
		if to := uitest.Attr(uitest.Inside(uitest.Inside(page.One(".center"), "form[action=/switch]")[0], "input[name=to]")[0], "value"); to != want {
			t.Errorf("from %q it leads to %q", referer, to)
		}
	}
}

// Another site cannot fill in a form for somebody.
func TestAnotherSiteFillsNothingIn(t *testing.T) {
	h := withForm(t, "/invite")
	b := h.as(t, visiting())
	b.header.Set("Sec-Fetch-Site", "cross-site")
	wantStatus(t, b.post("/fill-in", "kept.name", "Noor", "kept-form", "/invite", "to", "/invite"), http.StatusForbidden)
}

func TestAFormTooLargeIsNotHandedOn(t *testing.T) {
	h := withForm(t, "/invite")
	refused := h.as(t, visiting()).post("/invite", typed("note", strings.Repeat("x", keptMost))...)
	wantStatus(t, refused, http.StatusConflict)
	if list := way(t, refused, "/switch"); slices.Contains(list, keptForm) {
		t.Error("it is handed on")
	}
}

func TestFieldsAreFilledInOrderAndTheRestIsLeft(t *testing.T) {
	page := []byte(`<p>é</p><form method=POST action="/x?y=1"><select name=who><option value="">-</option><option value=1>One</option></select>` +
		`<select name=who><option value=1>One</option><option value=2 selected>Two</option></select><input name=note><input name=note>` +
		`<input type=password name=p><input type=checkbox name=role value=r1><select name=role><option value="" selected></option><option value=r2></option></select></form><i>&amp;</i>`)
	before, rest, left, found := fill(page, "/x", url.Values{"who": {"1", "7"}, "note": {"a", "b", "c"}, "role": {"r1", "r2"}, "more": {"z"}, "p": {"hush"}, "empty": {""}})
	if !found || string(before) != "<p>é</p>" || !strings.HasSuffix(string(rest), "</form><i>&amp;</i>") {
		t.Fatalf("%t, %q, %q", found, before, rest)
	}
	for _, want := range []string{`<option value="1" selected="">One</option></select><select name=who><option value=1>One</option><option value=2 selected>`,
		`<input name="note" value="a"><input name="note" value="b">`, `<input type=password name=p>`, `value="r1" checked="">`, `<option value="r2" selected="">`} {
		if !strings.Contains(string(rest), want) {
			t.Errorf("it lacks %s: %s", want, rest)
		}
	}
	if got := left.Encode(); got != "more=z&note=c&who=7" {
		t.Errorf("left: %s", got)
	}
	for _, none := range []string{`<form action="/x"><input name=a></form>`, `<form method=post action="/y"></form>`, `<form method=post action="/x">`, ``} {
		if _, _, _, found := fill([]byte(none), "/x", url.Values{"a": {"1"}}); found {
			t.Errorf("%q is it", none)
		}
	}
	for _, button := range []string{`<button formaction=/x/preview></button>`, `<noscript><p><button formaction="/x/preview#title">See</button></p></noscript>`} {
		page := `<form method=post action=/x><input name=a>` + button + `</form>`
		if _, rest, _, found := fill([]byte(page), "/x/preview", url.Values{"a": {"1"}}); !found || !strings.Contains(string(rest), `value="1"`) || !strings.Contains(string(rest), button) {
			t.Errorf("by the address of %s: %t, %s", button, found, rest)
		}
	}
}

// Whatever a page and a form hold, nothing outside the form changes.
func FuzzFill(f *testing.F) {
	f.Add(`<form method=post action=/x>`+fields+`</form>`, "name", "value")
	f.Add(`<form method=post action=/x><textarea name=a>`, "a", "</textarea>")
	f.Add(`<form method=post action=/x><select name=a><option value=b></select></form></form>`, "a", "b")
	f.Fuzz(func(t *testing.T, page, name, value string) {
		before, rest, _, found := fill([]byte(page), "/x", url.Values{name: {value}})
		if found && !strings.HasPrefix(page, string(before)) {
			t.Errorf("%q became %q and %q", page, before, rest)
		}
	})
}
