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
	t.Parallel()
	axe, err := os.ReadFile("../../static/testdata/axe.min.js")
	if err != nil {
		t.Fatal(err)
	}
	r := serveDemo(t, "sqlite")
	for who, walk := range map[string]func(t *testing.T, v *visitor, look func(...string)){
		"a stranger": func(t *testing.T, v *visitor, look func(...string)) {
			look("/sign-in", "/sign-in/break-glass", "/sign-up", "/setup/none", "/set-up-link/none")
			v.open("/sign-in")
			v.fill("#email", "ruben@koppelwerk.example")
			v.click("main form .btn-primary")
			v.at("/sign-in/code")
			look("/sign-in/code?" + v.query())
		},
		"a manager": func(t *testing.T, v *visitor, look func(...string)) {
			v.goesToCompany(marieke)
			v.continuesAs(marieke)
			v.at("/home")
			v.enters("De Vries Production")
			connector := v.href("/company/connectors", ".rules .meta a.link")
			look("/company", "/company/organizations", "/company/organizations/new", "/company/people",
				v.href("/company/people", `main a[href^="/company/people/acc"]`), "/company/roles",
				"/company/connectors", "/company/connectors/new", connector, connector+"/delete", "/company/connectors/policy",
				"/company/runs", v.href("/company/runs", `.rules a[href^="/company/runs/run"]`), "/company/runs/new", "/company/set-up-links", "/company/set-up-links/new",
				"/company/single-sign-on", "/company/single-sign-on/new", v.href("/company/single-sign-on", `main a[href^="/company/single-sign-on/con"]`),
				"/company/domains", "/company/activity")
		},
		"a superuser": func(t *testing.T, v *visitor, look func(...string)) {
			v.signsIn(karin)
			v.enters("Zonneveld Bakkerijen")
			delegation, member := v.href("/delegations", `main table a[href^="/delegations/dlg"]`), v.href("/members", `main table a[href^="/members/acc"]`)
			look("/", "/members", member, member+"/remove", "/members/invite", "/delegations", "/delegations?q=nobody", "/delegations/new",
				delegation, delegation+"/revoke", delegation+"/change", "/delegations/calendar", "/visitors",
				"/delegations/bulk?do=revoke&id="+strings.TrimPrefix(delegation, "/delegations/"), "/delegations/bulk?do=narrow&id="+strings.TrimPrefix(delegation, "/delegations/"), "/inbox", "/notifications", "/organization/visitors", "/account/passkeys/new", "/account/step-up", "/applications", "/activity", "/organization/settings", "/account", "/home", "/nowhere", "/platform")
			app := v.href("/applications", `main a[href^="/applications/app"]`)
			v.speaks("en")
			v.open("/secrets/new")
			v.fill("[name=name]", "Door of the bakery")
			v.fill("[name=value]", doorCode)
			v.click(".form-foot button")
			v.sees("Nobody yet.")
			kept := v.path()
			look("/account/tokens/new", app, app+"/disable", "/usage", "/usage/charge-back", "/usage/records", "/usage/quarantine", "/secrets", "/secrets/new",
				kept, kept+"/edit", kept+"/replace", kept+"/reveal", kept+"/remove")
		},
		"a consultant in a visit": func(t *testing.T, v *visitor, look func(...string)) {
			v.signsIn("sanne@kade.example")
			v.enters("Zonneveld Bakkerijen")
			v.finds(".acting")
			offer := v.href("/home", `main a[href^="/offers/"]`)
			look("/", "/home", offer, offer+"/give-back", offer+"/more", "/my-delegations", "/my-visits", "/members", "/delegations")
		},
		"a superuser who is asked, gives to a firm, and proposes": func(t *testing.T, v *visitor, look func(...string)) {
			v.signsIn(pim)
			v.speaks("en")
			v.enters("Zonneveld Bakkerijen")
			v.open("/delegation-requests")
			v.press("Switch off")
			v.sees("The request link is off.")
			v.press("Switch the link on")
			v.sees("The request link is on.")
			asks := r.browser(t)
			asks.signsIn(ruben)
			asks.speaks("en")
			link := v.text("#link code")
			asks.looks(string(axe), link)
			asks.speaks("en")
			asks.open(link)
			asks.fill("#reason", "Count the bicycles")
			asks.press("Send the request")
			asks.sees("Your request is sent.")
			asks.looks(string(axe), "/my-delegations", "/request/none")
			v.speaks("en")
			request := v.href("/delegation-requests", `main table a[href^="/delegation-requests/"]`)
			v.open("/firms/new")
			v.fill("#firm", "northgate.example")
			v.press("Give to the firm")
			v.sees("may name people now.")
			firm := v.path()
			manager := r.browser(t)
			manager.signsIn(emily)
			grant := manager.href("/company/consultants", `main a[href^="/company/consultants/firms/"]`)
			manager.open(grant)
			manager.click(`#candidates button[aria-label="Name Oliver Wright"]`)
			manager.sees("Oliver Wright is named and invited.")
			manager.looks(string(axe), "/company/consultants", grant)
			veto := v.href(firm, `#people a[href$="/veto"]`)

			v.open("/organization/visitors")
			v.tick("[name=approval]", true)
			v.click(".form-foot .btn-primary")
			v.sees("What you ask of visitors is saved.")
			v.open("/delegations/new")
			v.fill("#email", mila)
			v.click(".form-foot .btn-primary")
			v.sees("waits for approval")
			look("/delegation-requests", request, "/delegations/new?request="+strings.TrimPrefix(request, "/delegation-requests/"), v.path()+"/approval",
				"/firms", "/firms/new", firm, firm+"/end", veto)
		},
		"an operator": func(t *testing.T, v *visitor, look func(...string)) {
			v.signsIn("lotte@hub.example")
			app := v.href("/platform/applications", `main a[href^="/platform/applications/app"]`)
			look("/platform", "/platform/roles", "/platform/families/new", v.href("/platform", `main a[href$="/seats"]`), "/home",
				"/platform/applications", "/platform/applications/new", app, app+"/connection", app+"/visitors", "/platform/usage", "/platform/meters", "/platform/meters/new")
		},
		"somebody without access": func(t *testing.T, v *visitor, look func(...string)) {
			v.goesToCompany(rik)
			v.continuesAs(rik)
			v.at("/no-access")
			look("/no-access")
		},
	} {
		t.Run(who, func(t *testing.T) {
			t.Parallel()
			v := r.browser(t)
			walk(t, v, func(pages ...string) { v.looks(string(axe), pages...) })
		})
	}
}

// looks inspects pages in each language.
func (v *visitor) looks(axe string, pages ...string) {
	v.t.Helper()
	for language := range looks {
		v.speaks(language)
		for _, page := range pages {
			v.open(page)
			v.inspect(axe, page, language)
		}
	}
	v.quiet()
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

// href is where the first link of a selector on a page leads.
func (v *visitor) href(page, selector string) (path string) {
	v.t.Helper()
	v.open(page)
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
	v.run("bring axe along, and leave no colour on its way to another", chromedp.Evaluate(axe+`;
		const still = new CSSStyleSheet();
		still.replaceSync("*, ::before, ::after { transition: none !important; animation: none !important; }");
		document.adoptedStyleSheets.push(still);
		true`, nil))
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
		{Name: "prefers-color-scheme", Value: scheme}, {Name: "prefers-reduced-motion", Value: "reduce"}}))
}
