package main

import (
	"fmt"
	"net/url"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

const second = "De Vries, new provider"

// metadata is what the demo's identity provider says of itself.
func (r *running) metadata(t *testing.T) string {
	t.Helper()
	status, document := get(t, r.IdentityProvider["metadata"])
	if status != 200 {
		t.Fatalf("no metadata: %d", status)
	}
	return document
}

// desk is the identity provider's own page, which lists who is signed in.
func (r *running) desk() string {
	return strings.TrimSuffix(r.IdentityProvider["metadata"], "/metadata")
}

// comesThrough signs in at the identity provider that an address leads to.
func (v *visitor) comesThrough(email string) {
	v.t.Helper()
	v.goesToCompany(email)
	v.continuesAs(email)
	v.at("/home")
}

// TestSingleSignOn is a manager who sets up single sign-on alone, and what
// follows of it.
func TestSingleSignOn(t *testing.T) {
	t.Parallel()
	r := serveDemo(t, "sqlite")
	v := r.browser(t)
	v.comesThrough(marieke)
	for _, step := range []struct {
		name string
		tell func(*testing.T, *visitor)
	}{
		{"the wizard takes the provider's metadata", wizardTakesMetadata},
		{"a test sign-in shows what came and gives nothing", testGivesNothing},
		{"people sign in through it", peopleSignInThroughIt},
		{"single sign-on is required", singleSignOnRequired},
		{"signing out here signs out there", signsOutThere},
		{"signing out there signs out here", signsOutHere},
		{"a named manager breaks the glass", glassBroken},
	} {
		told := t.Run(step.name, func(t *testing.T) {
			v.t = t
			step.tell(t, v)
			v.quiet()
		})
		if !told {
			return // what follows builds on it
		}
	}
}

func wizardTakesMetadata(t *testing.T, v *visitor) {
	v.open("/company/single-sign-on")
	v.press("Connect an identity provider")
	v.at("/company/single-sign-on/set-up")
	v.choose(`input[name="kind"][value="other"]`)
	v.fill("#name", second)
	v.press("Continue")
	v.sees("Set up " + second)
	v.sees("Add Locum there")
	v.fill("#metadata", "<html>a page</html>")
	v.press("Read the metadata")
	v.finds("#metadata-error")
	v.fill("#metadata", "")
	v.fill("#address", v.r.IdentityProvider["metadata"])
	v.press("Read the metadata")
	v.sees("The metadata is read. Now test it")
	v.sees("https://idp.devries.example/saml")
}

func testGivesNothing(t *testing.T, v *visitor) {
	set := v.path()
	v.press("Start a test sign-in")
	v.finds(`button[name="persona"]`)
	v.changesFirst(marieke)
	v.fill(`textarea[name="values.department"]`, "Board")
	v.sends()
	v.sees("What the test sign-in gave")
	v.sees("would come in with the account of " + marieke)
	v.sees("This was a test, so nothing was made or changed.")
	v.shows("#attributes", "Board")
	v.shows("#attributes", "Company-Managers")
	v.shows("#connectors", "Company managers")
	v.open("/account")
	if sessions := len(v.texts("#sessions li")); sessions != 2 { // hers, and the demo's token
		t.Errorf("%d sessions after a test sign-in", sessions)
	}
	v.open(set)
	v.sees("The last test that worked was on")
	v.press("Switch on")
	v.at("/company/single-sign-on")
	v.sees(second)
}

// turnsOff pauses the connection that was there before.
func (v *visitor) turnsOff(connection string) {
	v.t.Helper()
	v.waits(fmt.Sprintf(`(() => { const c = [...document.querySelectorAll("main .card")].find((c) => c.querySelector("h2")?.innerText === %q); const b = c?.querySelector('a[href$="/disable"]'); if (!b || document.readyState !== "complete") return false; setTimeout(() => b.click(), 0); return true; })()`, connection), "to turn off "+connection)
	v.sees("Turn off " + connection + "?")
	v.press("Turn off")
}

func peopleSignInThroughIt(t *testing.T, v *visitor) {
	v.turnsOff("De Vries sign-in")
	v.sees("Nobody can sign in through De Vries sign-in any more")
	v.signsOut()
	v.comesThrough(marieke)
	v.open("/account")
	v.shows("#sessions", "through the company")
	v.open("/company/activity?kind=sign-in")
	v.sees("with single sign-on")
}

func singleSignOnRequired(t *testing.T, v *visitor) {
	v.open("/company/domains")
	v.press("Require")
	v.sees("sign in only through")
	v.sees("No break-glass manager is named")
	v.press("Require single sign-on")
	v.sees("Single sign-on is required for devries.example")
	v.sees("no break-glass manager is named")
	other := v.r.browser(t)
	other.open("/sign-in")
	other.fill("#email", "somebody.new@devries.example")
	other.click("main form .btn-primary")
	other.finds(`button[name="persona"]`) // no code is sent
	if list := v.r.mails(t, url.Values{"to": {"somebody.new@devries.example"}}); len(list) > 0 {
		t.Errorf("a code went out: %s", list[0].Subject)
	}
}

// atDesk is how many sessions the identity provider's own page lists. The test
// sign-in left one that no session here belongs to.
func (v *visitor) atDesk() int {
	v.t.Helper()
	v.open(v.r.desk())
	v.sees("Signed in now")
	return len(v.texts(`button[name="session"]`))
}

func signsOutThere(t *testing.T, v *visitor) {
	before := v.atDesk()
	v.open("/home")
	v.signsOut()
	if after := v.atDesk(); after != before-1 {
		t.Errorf("%d sessions there, and %d before", after, before)
	}
}

func signsOutHere(t *testing.T, v *visitor) {
	v.comesThrough(marieke)
	v.atDesk()
	v.click(`button[name="session"]`) // the newest
	v.sees("The service provider has ended the session too.")
	v.open("/home")
	v.at("/sign-in")
}

func glassBroken(t *testing.T, v *visitor) {
	v.comesThrough(marieke)
	v.open("/company/single-sign-on")
	before := v.r.postmark(t)
	v.click(`#break-glass button`)
	v.sees("Marieke de Vries is a break-glass manager.")
	v.r.mail(t, before, marieke, "Marieke de Vries is a break-glass manager")
	v.signsOut()
	v.press("Break-glass sign-in")
	v.at("/sign-in/break-glass")
	before = v.r.postmark(t)
	v.fill("#email", marieke)
	v.press("Send a code")
	v.at("/sign-in/break-glass/code")
	v.fill("#code", v.r.code(t, before, marieke))
	v.run("say why", chromedp.SendKeys("#reason", "The provider does not answer", chromedp.ByQuery))
	v.press("Break the glass and sign in")
	v.at("/company/single-sign-on")
	v.finds("#break-glass-mark")
	v.sees("You came in by break-glass sign-in")
	v.r.mail(t, before, marieke, "Marieke de Vries came in to De Vries Logistiek by break-glass sign-in")
	if status := v.status("/platform"); status != 403 {
		t.Errorf("the platform answers %d", status)
	}
}

// TestSingleSignOnInDutchWithoutScript goes through the core of the wizard with
// nothing but links and forms.
func TestSingleSignOnInDutchWithoutScript(t *testing.T) {
	t.Parallel()
	r := serveDemo(t, "sqlite")
	v := r.browser(t)
	v.comesThrough(marieke)
	v.choose(`form[action="/language"] button[value="nl"]`)
	v.waits(`document.documentElement.lang === "nl"`, "for the page to be Dutch")
	v.scripts(false)
	v.open("/company/single-sign-on/set-up")
	v.press("Verder") // without a name
	v.finds("#errors")
	v.choose(`input[name="kind"][value="keycloak"]`)
	v.fill("#name", "Keycloak van De Vries")
	v.press("Verder")
	v.sees("Keycloak van De Vries")
	v.fill("#metadata", r.metadata(t))
	v.press("Metadata lezen")
	v.sees("De metadata is gelezen")
	v.press("Testaanmelding starten")
	v.continuesAs(marieke)
	v.click("#response button") // which a script presses elsewhere
	v.sees("Wat de identiteitsprovider stuurde")
	v.shows("#attributes", "Company-Managers")
	v.open("/company/single-sign-on")
	v.sees("Keycloak van De Vries")
	v.quiet()
}
