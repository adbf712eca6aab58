package main

import (
	"strings"
	"testing"

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
	v.waits(`[...document.querySelectorAll("#switcher-list .mi-row:not([hidden]) .mi")].length === 1`, "for the list to be filtered")
	v.types("x")
	v.waits(`!document.querySelector("#switcher-list [data-none]").hidden`, "to read that nothing is found")
	v.key("Escape", "Escape", 27)
	v.key("Escape", "Escape", 27)
	v.waits(`!document.querySelector("#switcher").matches(":popover-open")`, "for the switcher to be closed")

	v.key("o", "KeyO", 'O', input.ModifierAlt)
	v.waits(`document.activeElement?.matches("#switcher [data-filter]") ?? false`, "for the filter to have the focus again")
	v.waits(`[...document.querySelectorAll("#switcher-list .mi-row:not([hidden]) .mi")].length === 2`, "for the list to be whole again")
	v.key("ArrowDown", "ArrowDown", 40)
	v.waits(`document.activeElement?.matches("#switcher-list .mi") ?? false`, "for the first item to have the focus")
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
	v.misses("told that you entered")

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
	v.sees("The superusers of " + host + " are told, with a summary of your visit.")
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
	other.press("Switch to " + host + " and go on")
	other.sees("What you filled in is back in the form")
	other.finds(".acting")
	other.waits(`document.querySelector("#name")?.value === "Noor of the other tab" && location.pathname === "/account"`, "for what was typed to be in the form again")
	v.finds(".acting") // the idle tab came along
	v.press("Back to " + home)
	v.sees("You are back in " + home)
	other.waits(`!document.querySelector("#moved").hidden && document.querySelector("#name").value === "Noor of the other tab"`, "for what was brought back to stay when the other tab leaves once more")
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
