package main

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// TestPages looks at every main page in both languages, light and dark, narrow
// and wide: axe-core finds nothing, nothing scrolls sideways, and the console is
// quiet. SQLite is enough: the database changes nothing of it.
func TestPages(t *testing.T) {
	axe, err := os.ReadFile("../../static/testdata/axe.min.js")
	if err != nil {
		t.Fatal(err)
	}
	r := serveDemo(t, "sqlite")
	look := func(v *visitor, pages ...string) {
		v.t.Helper()
		for _, language := range []string{"en", "nl"} {
			v.speaks(language)
			for _, page := range pages {
				v.open(page)
				v.inspect(string(axe), page, language)
			}
		}
		v.quiet()
	}

	stranger := r.browser(t)
	look(stranger, "/sign-in", "/sign-up", "/setup/none")
	stranger.open("/sign-in")
	stranger.fill("#email", "ruben@koppelwerk.example")
	stranger.click("main form .btn-primary")
	stranger.at("/sign-in/code")
	look(stranger, "/sign-in/code?"+stranger.query())

	m := r.browser(t)
	m.goesToCompany(marieke)
	m.continuesAs(marieke)
	m.at("/home")
	m.enters("De Vries Production")
	m.open("/company/connectors")
	connector := m.href(`.rules .meta a.link`)
	m.open("/company/single-sign-on")
	connection := m.href(`main a[href^="/company/single-sign-on/con"]`)
	m.open("/company/people")
	person := m.href(`main a[href^="/company/people/acc"]`)
	look(m, "/company", "/company/organizations", "/company/organizations/new", "/company/people", person, "/company/roles",
		"/company/connectors", "/company/connectors/new", connector, connector+"/delete", "/company/connectors/policy",
		"/company/single-sign-on", "/company/single-sign-on/new", connection, "/company/domains", "/company/activity")

	k := r.browser(t)
	k.signsIn(karin)
	k.enters("Zonneveld Bakkerijen")
	k.open("/delegations")
	delegation := k.href(`main table a[href^="/delegations/dlg"]`)
	k.open("/members")
	member := k.href(`main table a[href^="/members/acc"]`)
	look(k, "/", "/members", member, member+"/remove", "/members/invite", "/delegations", "/delegations?tab=ended", "/delegations/new", delegation, delegation+"/revoke",
		"/applications", "/activity", "/organization/settings", "/account", "/home", "/nowhere", "/platform", "/delegations?q=nobody")

	// A consultant in a visit, with the banner.
	c := r.browser(t)
	c.signsIn("sanne@kade.example")
	c.enters("Zonneveld Bakkerijen")
	c.finds(".acting")
	c.open("/home")
	offer := c.href(`main a[href^="/offers/"]`)
	look(c, "/", "/home", offer, offer+"/give-back", "/members", "/delegations")

	o := r.browser(t)
	o.signsIn("lotte@hub.example")
	look(o, "/platform", "/home")

	n := r.browser(t)
	n.goesToCompany(rik)
	n.continuesAs(rik)
	n.at("/no-access")
	look(n, "/no-access")
}

// speaks chooses a language as people do, by its form.
func (v *visitor) speaks(language string) {
	v.t.Helper()
	v.open("/sign-in")
	v.finds(`button[name="language"], html`)
	v.run("speak "+language, chromedp.Evaluate(fmt.Sprintf(`fetch("/language", {method: "POST", body: new URLSearchParams({language: %q, to: "/"})}).then((a) => a.ok)`, language), nil, waiting))
}

func waiting(p *runtime.EvaluateParams) *runtime.EvaluateParams { return p.WithAwaitPromise(true) }

// query is the query of the address.
func (v *visitor) query() (query string) {
	v.t.Helper()
	v.run("read the query", chromedp.Evaluate(`location.search.slice(1)`, &query))
	return query
}

// href is where the first link of a selector leads.
func (v *visitor) href(selector string) (path string) {
	v.t.Helper()
	v.finds(selector)
	v.run("read a link", chromedp.Evaluate(fmt.Sprintf(`new URL(document.querySelector(%q).href).pathname`, selector), &path))
	return path
}

// looks are the ways in which a page is seen; with both languages each pair of
// width, appearance and language comes up.
var looks = map[string][]struct {
	width int64
	dark  bool
}{
	"en": {{1440, false}, {390, true}},
	"nl": {{1440, true}, {390, false}},
}

// inspect looks at the page that is open.
func (v *visitor) inspect(axe, page, language string) {
	v.t.Helper()
	v.waits(fmt.Sprintf(`document.readyState === "complete" && document.documentElement.lang === %q`, language), page+" in "+language)
	v.run("bring axe along", chromedp.Evaluate(axe+"; true", nil))
	for _, look := range looks[language] {
		v.appears(look.width, look.dark)
		var found string
		v.run("ask axe", chromedp.Evaluate(`axe.run(document, {resultTypes: ["violations"]}).then((r) => JSON.stringify(r.violations.map((v) => v.id + ": " + v.nodes.slice(0, 3).map((n) => n.html.slice(0, 200) + " " + n.any.concat(n.all, n.none).map((c) => c.message).join("; ")).join(" | "))))`, &found, waiting))
		var violations []string
		if err := json.Unmarshal([]byte(found), &violations); err != nil {
			v.t.Fatal(err)
		}
		for _, violation := range violations {
			v.t.Errorf("%s in %s, %d px, dark %v: %s", page, language, look.width, look.dark, violation)
		}
	}
	for _, width := range []int64{390, 1100, 1440} {
		v.appears(width, false)
		var wide []string
		v.run("look for what is too wide", chromedp.Evaluate(`document.documentElement.scrollWidth <= innerWidth ? [] : [...document.querySelectorAll("body *")].filter((e) => e.getBoundingClientRect().right > innerWidth + 1).slice(0, 4).map((e) => e.tagName + "." + e.className)`, &wide))
		if len(wide) > 0 {
			v.t.Errorf("%s in %s scrolls sideways at %d px: %s", page, language, width, strings.Join(wide, ", "))
		}
	}
	v.appears(1440, false)
}

// appears sets the window's width and the appearance that the person prefers.
func (v *visitor) appears(width int64, dark bool) {
	v.t.Helper()
	scheme := "light"
	if dark {
		scheme = "dark"
	}
	v.run("change the window", chromedp.EmulateViewport(width, 1000), emulation.SetEmulatedMedia().WithFeatures([]*emulation.MediaFeature{
		{Name: "prefers-color-scheme", Value: scheme}, {Name: "prefers-reduced-motion", Value: "reduce"}}),
		chromedp.Evaluate(`document.getAnimations().forEach((a) => { if (a instanceof CSSTransition) a.finish(); })`, nil)) // no colour on its way to another
}
