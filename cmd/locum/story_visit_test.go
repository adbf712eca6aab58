package main

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
)

const (
	home = "Noor Hendriks Interim"
	host = "Zonneveld Bakkerijen"
)

// switcherByKeyboard enters and leaves without a mouse, and without scripts.
func switcherByKeyboard(t *testing.T, s *story) {
	v := s.as(t, noor)
	before := s.postmark(t)
	v.open("/")
	v.finds(".switcher")
	v.key("o", "KeyO", 'O', input.ModifierAlt)
	v.waits(`document.activeElement?.matches("#switcher [data-filter]") ?? false`, "for the filter to have the focus")
	v.types("zonne")
	v.waits(`[...document.querySelectorAll("#switcher-list .mi:not([hidden])")].length === 1`, "for the list to be filtered")
	v.types("x")
	v.waits(`!document.querySelector("#switcher-list [data-none]").hidden`, "to read that nothing is found")
	v.key("Escape", "Escape", 27)
	v.key("Escape", "Escape", 27)
	v.waits(`!document.querySelector("#switcher").matches(":popover-open")`, "for the switcher to be closed")

	v.key("o", "KeyO", 'O', input.ModifierAlt)
	v.waits(`document.activeElement?.matches("#switcher [data-filter]") ?? false`, "for the filter to have the focus again")
	v.key("ArrowDown", "ArrowDown", 40)
	v.key("ArrowDown", "ArrowDown", 40)
	v.waits(`document.activeElement?.innerText.includes("Zonneveld") ?? false`, "for the second item to have the focus")
	v.key("Enter", "Enter", 13)
	v.finds(".acting")
	v.shows(".acting", host)
	s.mail(t, before, karin, "Noor Hendriks")
	v.key("b", "KeyB", 'B', input.ModifierAlt)
	v.sees("You are back in " + home)
	v.lacks(".acting")

	v.scripts(false)
	v.enters(host)
	v.finds(".acting")
	v.click(".acting button")
	v.sees("You are back in " + home)
	v.scripts(true)
	for _, to := range []string{karin, pim} { // all mails of both visits
		after := before
		for range 4 {
			after = s.mail(t, after, to, "Noor Hendriks").ID
		}
	}
}

func consultantEnters(t *testing.T, s *story) {
	before := s.postmark(t)
	v := s.as(t, noor)
	v.open("/home")
	v.finds(`button[name="organization"]`)
	v.run("read the host's id", chromedp.Evaluate(`[...document.querySelectorAll("#switcher-list button")].find((b) => b.innerText.includes("Zonneveld") || b.textContent.includes("Zonneveld")).value`, &s.host))
	v.enters(host)
	v.finds(".acting")
	v.sees("You are working in " + host + " now.")
	for _, told := range []string{host, "Delegation", "left", "Back to " + home} {
		v.shows(".acting", told)
	}
	v.finds("html[data-acting]")
	v.open(v.path())
	v.finds(".acting")
	v.misses("got mail that you entered")

	v.lacks(`#nav a[href="/delegations"]`)
	if got := v.status("/delegations"); got != 403 {
		t.Errorf("GET /delegations answers %d in a visit", got)
	}
	if got := v.status("/company"); got != 403 {
		t.Errorf("GET /company answers %d in a visit", got)
	}
	s.entered[karin] = s.mail(t, before, karin, "entered "+host)
	s.entered[pim] = s.mail(t, before, pim, "Noor Hendriks")
	if m := s.entered[karin]; !strings.Contains(m.Subject, "entered "+host) || !strings.Contains(m.Text, "Repair the invoice match") {
		t.Errorf("Karin reads %q:\n%s", m.Subject, m.Text)
	}
	if m := s.entered[pim]; strings.Contains(m.Subject, "entered") || !strings.Contains(m.Text, "delegatie") {
		t.Errorf("Pim reads %q:\n%s", m.Subject, m.Text)
	}
	for to, m := range s.entered {
		if m.header("Message-Id") == "" || m.header("Auto-Submitted") != "auto-generated" || m.HTML == "" {
			t.Errorf("the mail to %s has the headers %q", to, m.Headers)
		}
	}
}

func consultantLeaves(t *testing.T, s *story) {
	v := s.as(t, noor)
	v.open("/members")
	v.sees("Hugo Brandt")
	v.lacks(`a[href="/members/invite"]`)
	v.finds(".acting")
	v.open("/applications")
	v.sees("Invoice matching")
	v.finds(".acting")
	before := s.postmark(t)
	v.press("Back to " + home)
	v.sees("You are back in " + home)
	v.sees("The superusers of " + host + " get mail with a summary of your visit.")
	for to, entered := range s.entered {
		m := s.mail(t, before, to, "")
		if m.header("In-Reply-To") != entered.header("Message-Id") || !strings.Contains(m.header("References"), entered.header("Message-Id")) {
			t.Errorf("%q to %s answers %q, and is no answer to %q", m.Subject, to, m.header("In-Reply-To"), entered.header("Message-Id"))
		}
	}
	if m := s.mail(t, before, karin, "left "+host); !strings.Contains(m.Text, "refused") {
		t.Errorf("the summary does not tell of what was refused:\n%s", m.Text)
	}
	// The back button shows nothing of the host.
	v.run("go back", chromedp.Evaluate(`history.back()`, nil))
	v.at("/applications")
	v.misses(host + " Delegation")
	v.lacks(".acting")
	if deep := v.status("/in/" + s.host + "/members"); deep != 200 {
		t.Errorf("a link into the host answers %d", deep)
	}
	v.open("/in/" + s.host + "/members")
	v.sees("Switch to " + host + "?")
	v.lacks(".acting")
}

// twoTabs sends a form of the host after the other tab went home.
func twoTabs(t *testing.T, s *story) {
	v := s.as(t, noor)
	v.enters(host)
	v.finds(".acting")
	other := v.tab()
	other.open("/account")
	other.finds(".acting")
	other.fill("#name", "Noor of the other tab")

	v.press("Back to " + home)
	v.sees("You are back in " + home)
	other.waits(`!document.querySelector("#moved").hidden`, "for the other tab to say that it is elsewhere")
	other.press("Save")
	other.sees("409")
	other.sees("You are in another organization now")
	other.press("What you had filled in is kept")
	other.sees("Noor of the other tab")
	other.sees("Switch to " + host + " and go on")
	other.sees("Stay in " + home)
	v.open("/account")
	v.waits(`document.querySelector("#name")?.value === "Noor Hendriks"`, "to see that nothing was written")

	// An idle tab follows by itself.
	other.open("/members")
	v.enters(host)
	v.finds(".acting")
	other.finds(".acting")
	v.press("Back to " + home)
	other.waits(`!document.querySelector(".acting")`, "for the idle tab to come home")
	other.quiet()
	v.scripts(true)
}

func superuserExtends(t *testing.T, s *story) {
	v := s.as(t, karin)
	before := s.postmark(t)
	v.open(s.delegation)
	v.finds("#extend")
	v.choose(`#extend input[name="period"][value="1m"]`)
	v.press("Give it this end")
	v.sees("The delegation of Noor Hendriks has a new end.")
	v.sees("Karin Schouten gave it a new end")
	s.mail(t, before, noor, "Your delegation in "+host+" now runs")
	s.mail(t, before, pim, "Noor Hendriks")
}

// mailServerDown lets somebody enter while no mail goes out.
func mailServerDown(t *testing.T, s *story) {
	v := s.as(t, noor)
	before := s.postmark(t)
	s.mailServer(t, "down")
	v.enters(host)
	v.finds(".acting")
	k := s.as(t, karin)
	k.open("/delegations")
	deadline := time.Now().Add(patience)
	for told := false; !told; {
		k.open("/delegations")
		k.run("look for the notice", chromedp.Evaluate(`document.body.innerText.includes("The mail server does not answer")`, &told))
		if time.Now().After(deadline) {
			t.Fatalf("nobody is told that the mail server is down\n%s", k.where())
		}
	}
	if list := s.mails(t, map[string][]string{"after": {before}}); len(list) > 0 {
		t.Errorf("mail came through: %s", list[0].Subject)
	}
	s.mailServer(t, "up")
	s.mail(t, before, karin, "Noor Hendriks")
	s.mail(t, before, pim, "Noor Hendriks")
	v.press("Back to " + home)
	v.sees("You are back in " + home)
}

// answered is the script of the moment at which the page's POST was answered,
// and arrived that at which the page was there: both by the machine's clock.
const (
	answered = `(() => { const n = performance.getEntriesByType("navigation")[0]; return performance.timeOrigin + (n.redirectEnd || n.responseStart); })()`
	arrived  = `(() => { const n = performance.getEntriesByType("navigation")[0]; return performance.timeOrigin + n.responseEnd; })()`
)

func superuserRevokes(t *testing.T, s *story) {
	v := s.as(t, noor)
	v.enters(host)
	v.finds(".acting")
	v.open("/members")
	stale := v.tab() // without scripts it hears of nothing
	stale.scripts(false)
	stale.open("/account")
	stale.fill("#name", "Noor the revoked")

	before := s.postmark(t)
	k := s.as(t, karin)
	k.open(s.delegation)
	k.sees("Here now")
	k.press("Revoke")
	k.press("Revoke now")
	k.sees("The delegation of Noor Hendriks is revoked.")
	var told, came float64
	k.run("when it was revoked", chromedp.Evaluate(answered, &told))
	v.at("/home")
	v.sees(host + " revoked your delegation. You are back in your own organization.")
	v.lacks(".acting")
	v.run("when she was home", chromedp.Evaluate(arrived, &came))
	if late := came - told; late > 1000 {
		t.Errorf("her idle page was home %.0f ms after the delegation was revoked", late)
	} else {
		t.Logf("home %.0f ms after the delegation was revoked", late)
	}
	stale.press("Save")
	stale.sees("409")
	if got := v.status("/in/" + s.host + "/members"); got != 403 {
		t.Errorf("a link into the host answers %d", got)
	}
	v.open("/in/" + s.host + "/members")
	v.sees("You cannot enter " + host + " any more")
	s.mail(t, before, noor, "Karin Schouten revoked your delegation in "+host)
	s.mail(t, before, karin, "left "+host)
	s.mail(t, before, pim, "Noor Hendriks")
}

// delegationEnds moves the clock past the end of a delegation in use.
func delegationEnds(t *testing.T, s *story) {
	k := s.as(t, karin)
	before := s.postmark(t)
	k.open("/delegations/new")
	k.fill("#email", noor)
	k.choose(`input[name="period"][value="4h"]`)
	k.press("Give delegation")
	k.sees("gets an invitation.")
	v := s.as(t, noor)
	v.open(linkIn(t, s.mail(t, before, noor, "lets you work in"), "/offers/"))
	v.press("Accept")
	v.sees("The delegation for " + host + " is yours.")
	v.press("Switch to " + host)
	v.finds(".acting")
	v.open("/applications")
	v.finds(".acting")
	before = s.postmark(t)
	s.clock.ahead(4*time.Hour + time.Second)
	v.at("/home")
	v.sees("Your delegation for " + host + " has ended. You are back in your own organization.")
	v.lacks(".acting")
	s.mail(t, before, noor, "Your delegation in "+host+" has ended")
	s.mail(t, before, karin, "The delegation of Noor Hendriks")
	if m := s.mail(t, before, karin, "left "+host); !strings.Contains(m.Text, "The delegation reached its end") || !strings.Contains(m.Subject, "3 hours 59") {
		t.Errorf("the mail of leaving: %q\n%s", m.Subject, m.Text)
	}
}

// activityShows reads the audit trail on both sides.
func activityShows(t *testing.T, s *story) {
	k := s.as(t, karin)
	k.open("/activity")
	for _, kind := range []string{"delegation.granted", "delegation.accepted", "delegation.extended", "delegation.revoked", "delegation.expired", "visit.entered", "visit.left", "access.refused"} {
		k.finds(fmt.Sprintf(`tr[data-event=%q]`, kind))
	}
	rows := k.texts(`tr[data-event^="visit."]`)
	for _, row := range rows {
		if strings.Contains(row, "Noor Hendriks") && (!strings.Contains(row, home) || !strings.Contains(row, host)) {
			t.Errorf("a row without both parties: %s", row)
		}
	}
	if len(rows) < 8 {
		t.Errorf("visits in the trail: %q", rows)
	}
	for _, row := range k.texts(`tr[data-event="access.refused"]`) {
		if strings.Contains(row, "Noor Hendriks") && (!strings.Contains(row, home) || !strings.Contains(row, host)) {
			t.Errorf("a refusal without both parties: %s", row)
		}
	}

	v := s.as(t, noor)
	v.open("/activity")
	v.finds(`tr[data-event="visit.away"]`)
	v.finds(`tr[data-event="visit.returned"]`)
	v.lacks(`tr[data-event="access.refused"]`)
	v.lacks(`tr[data-event^="delegation."]`)
	v.lacks(`tr[data-event="visit.entered"]`)
}

func accountOfOnesOwn(t *testing.T, s *story) {
	v := s.as(t, noor)
	second := s.as(t, "noor's other browser")
	second.signsIn(noor)
	second.open("/account")
	second.finds("#sessions")

	v.open("/account")
	v.fill("#name", "")
	v.press("Save")
	v.shows("#name-error", "Fill this in.")
	v.fill("#name", "Noor Hendriks-Bos")
	v.pick("#language", "Nederlands")
	v.pick("#time_zone", "Europe/Lisbon")
	v.press("Save")
	v.finds(`html[lang="nl"]`)
	v.sees("Profiel")
	v.pick("#language", "English")
	v.press("Opslaan")
	v.finds(`html[lang="en"]`)
	v.waits(`document.querySelector("#name").value === "Noor Hendriks-Bos" && document.querySelector("#time_zone").value === "Europe/Lisbon"`, "to find what was saved")

	if n := len(v.texts("#sessions li")); n != 2 {
		t.Errorf("%d sessions", n)
	}
	v.click(`#sessions form[action$="/revoke"] button`)
	v.sees("That session is ended.")
	second.at("/sign-in") // by itself
	if got := second.status("/account"); got == 200 {
		t.Error("the second browser is still signed in")
	}
	v.signsOut()
	v.open("/account")
	v.at("/sign-in")
}
