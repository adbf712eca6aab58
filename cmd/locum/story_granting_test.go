package main

import (
	"fmt"
	"testing"

	"github.com/chromedp/chromedp"

	"locum/models/modelstest"
)

// More people of the stories.
const (
	sanne  = "sanne@kade.example"
	ruben  = "ruben@koppelwerk.example"
	emily  = "e.carter@northgate.example"
	oliver = "o.wright@northgate.example"
	mila   = "mila@ateliermila.example"
)

// TestDelegationsLived lives with delegations in browsers, on each database.
func TestDelegationsLived(t *testing.T) {
	t.Parallel()
	scenes := []scene{
		{"1 another superuser approves", anotherApproves},
		{"1 a change is looked at before it is made", changeIsMade},
		{"2 a request becomes a delegation", requestBecomesDelegation},
		{"2 a firm names somebody, and the host says no", firmNamesSomebody},
		{"3 the bell rises in an idle page", bellRises},
		{"3 a superuser ends a visit", visitIsEnded},
		{"3 more time is asked for and given", moreTimeGiven},
		{"4 somebody mutes, and the last one cannot", lastCannotMute},
		{"4 several are revoked at once", severalRevoked},
	}
	for _, database := range modelstest.Databases {
		t.Run(database, func(t *testing.T) {
			t.Parallel()
			s := newStory(t, database)
			k, v := s.as(t, karin), s.as(t, sanne)
			k.signsIn(karin)
			k.enters(host)
			v.signsIn(sanne)
			s.tells(scenes)
		})
	}
}

// delegationOf is the page of the delegation of somebody, by his address.
func (v *visitor) delegationOf(email string) string {
	v.t.Helper()
	return v.href("/delegations?q="+email, `main table a[href^="/delegations/dlg"]`)
}

// anotherApproves switches approval on: Karin proposes, and Pim, who has no
// script, approves. Until then the consultant hears nothing.
func anotherApproves(t *testing.T, s *story) {
	k, p := s.as(t, karin), s.as(t, pim)
	k.open("/organization/visitors")
	k.tick("[name=approval]", true)
	k.click(".form-foot .btn-primary")
	k.sees("What you ask of visitors is saved.")

	before := s.postmark(t)
	k.open("/delegations/new")
	k.sees("Another superuser approves it first")
	k.fill("#email", mila)
	k.fill("#reason", "Draw the new boxes")
	k.click(".form-foot .btn-primary")
	k.sees("waits for approval")
	s.delegation = k.path()
	k.open(s.delegation + "/approval")
	k.sees("You proposed this. Another superuser decides.")
	k.lacks(`button[value="approve"]`)

	asked := linkIn(t, s.mail(t, before, pim, mila), "/approval")
	p.scripts(false)
	p.signsIn(pim)
	p.open(asked)
	p.shows("main", mila)
	if list := s.mails(t, map[string][]string{"after": {before}, "to": {mila}}); len(list) > 0 {
		t.Errorf("she is told before the approval: %s", list[0].Subject)
	}
	p.click(`button[value="approve"]`)
	p.at(s.delegation)
	p.scripts(true)
	linkIn(t, s.mail(t, before, mila, "lets you work in "+host), "/offers/")
	k.open(s.delegation)
	k.sees("Invitation sent")
	k.sees("Pim Zonneveld approved it")
}

// changeIsMade proposes to widen, and withdraws that. Where nobody has to approve,
// a second delegation to the same address is a change that is made at once.
func changeIsMade(t *testing.T, s *story) {
	k := s.as(t, karin)
	k.open(s.delegation + "/change")
	k.choose(`input[name="period"][value="3m"]`)
	k.shows("#preview", "Another superuser has to approve it first.")
	k.press("See what changes")
	k.shows("main table", "Afterwards")
	k.press("Propose this change")
	k.sees("waits for approval")
	k.press("See the proposal")
	k.press("Withdraw proposal")
	k.sees("Nothing has changed.")

	k.open("/organization/visitors")
	k.tick("[name=approval]", false)
	k.click(".form-foot .btn-primary")
	k.sees("What you ask of visitors is saved.")

	k.open("/delegations/new")
	k.fill("#email", mila)
	k.fill("#reason", "Draw the boxes and the bags")
	k.click(".form-foot .btn-primary")
	k.sees(mila + " has a delegation here already")
	k.press("Change delegation")
	k.sees("is changed.")
	k.at(s.delegation)
	k.sees("Draw the boxes and the bags")
}

// requestBecomesDelegation asks by the request link.
func requestBecomesDelegation(t *testing.T, s *story) {
	k, v := s.as(t, karin), s.as(t, ruben)
	k.open("/delegation-requests")
	k.press("Switch off")
	k.sees("The request link is off.")
	k.press("Switch the link on")
	k.sees("The request link is on.")
	link := k.text("#link code")
	v.signsIn(ruben)
	v.speaks("en")
	v.open(link)
	v.sees("Ask " + host + " for a delegation")
	v.misses("Karin")
	v.press("Send the request")
	v.shows("#reason-error", "Say what it is for.")
	v.fill("#reason", "The scales lost their link")
	before := s.postmark(t)
	v.press("Send the request")
	v.sees("Your request is sent.")
	s.mail(t, before, karin, "Ruben Smit")

	k.open("/delegations")
	k.press("See the requests")
	k.at("/delegation-requests")
	k.click("main table a text=Ruben Smit")
	k.press("Fill in a delegation")
	k.at("/delegations/new")
	k.waits(fmt.Sprintf(`document.querySelector("#email")?.value === %q && document.querySelector("#reason").value === "The scales lost their link"`, ruben), "to find the request filled in")
	k.click(".form-foot .btn-primary")
	k.sees(ruben + " gets an invitation.")
	k.open("/delegation-requests")
	k.shows("main table", "Granted")
	v.open("/my-delegations")
	v.sees("Offered to you")
	k.press("Switch off")
	k.sees("The request link is off.")
	v.open(link)
	v.sees("This link does not work")
}

// firmNamesSomebody gives a delegation to a firm. Its manager names Oliver, who
// accepts and enters; the host says no to him, and his idle page goes home.
func firmNamesSomebody(t *testing.T, s *story) {
	k, e, o := s.as(t, karin), s.as(t, emily), s.as(t, oliver)
	k.open("/firms/new")
	k.fill("#firm", "northgate.example")
	k.fill("#people", "2")
	k.shows("#preview", "Northgate Audit (northgate.example) may name up to 2 people")
	k.press("Give to the firm")
	k.sees("Northgate Audit may name people now.")
	firm := k.path()

	e.signsIn(emily)
	e.open("/company/consultants")
	e.press("Name people")
	before := s.postmark(t)
	e.click(`#candidates button[aria-label="Name Oliver Wright"]`)
	e.sees("Oliver Wright is named and invited.")
	s.mail(t, before, karin, "Oliver Wright")

	offer := linkIn(t, s.mail(t, before, oliver, host), "/offers/")
	o.signsIn(oliver)
	o.open(offer)
	o.press("Accept")
	o.sees("The delegation for " + host + " is yours.")
	o.press("Switch to " + host)
	o.finds(".acting")
	o.open("/members")
	o.finds(".acting")

	k.open(firm)
	k.shows("#people", "Here now")
	k.press("Say no")
	k.click("dialog[open] button text=Say no")
	k.sees("Oliver Wright is out")
	k.shows("#people", "Not wanted")
	o.at("/home")
	o.sees(host + " revoked your delegation. You are back in your own organization.")
	e.open("/company/consultants")
	e.press("Name people")
	e.shows("#candidates", "The customer said no")
}

// bellRises looks at nothing while Sanne enters.
func bellRises(t *testing.T, s *story) {
	k, v := s.as(t, karin), s.as(t, sanne)
	k.open("/inbox")
	k.press("Mark all as read")
	k.sees("Everything is marked as read.")
	k.open("/members")
	k.waits(`document.querySelector("[data-unread]")?.hidden`, "for the bell to be still")
	v.enters(host)
	v.finds(".acting")
	k.waits(`!document.querySelector("[data-unread]").hidden && document.querySelector("[data-unread] b").textContent === "1"`, "for the bell to rise")
	k.click("a.bell")
	k.at("/inbox")
	k.shows(".inbox [data-new]", "Sanne Kuipers")
	k.click(".inbox [data-new] button text=Mark as read")
	k.waits(`document.querySelector("[data-unread]")?.hidden`, "for the bell to be still again")
}

// visitIsEnded takes Sanne out of the host while she looks at an idle page, which
// says why; her delegation stands.
func visitIsEnded(t *testing.T, s *story) {
	k, v := s.as(t, karin), s.as(t, sanne)
	v.open("/members")
	v.finds(".acting")
	k.open("/visitors")
	k.finds("main h2")
	k.run("end her visit", chromedp.Evaluate(`[...document.querySelectorAll("main .card")].find((c) => c.innerText.includes("Sanne Kuipers")).querySelector("form[action$='/end'] button").click()`, nil))
	k.sees("The visit of Sanne Kuipers is over.")
	v.at("/home")
	v.sees("A superuser of " + host + " ended your visit.")
	v.lacks(".acting")
	v.enters(host)
	v.finds(".acting")
	v.press("Back to Kade Consultants")
	v.sees("You are back in Kade Consultants")
}

// moreTimeGiven has Sanne ask while her week ends, and Karin give.
func moreTimeGiven(t *testing.T, s *story) {
	k, v := s.as(t, karin), s.as(t, sanne)
	mine := k.delegationOf(sanne)
	v.open("/offers/" + mine[len("/delegations/"):])
	before := s.postmark(t)
	v.press("Ask for more time")
	v.finds("main fieldset")
	v.choose(`input[name="period"][value="1m"]`)
	v.fill("#reason", "The match is half done")
	v.click(".form-foot .btn-primary")
	v.sees("You asked " + host + " for more time.")
	s.mail(t, before, karin, "Sanne Kuipers")
	k.open("/delegations?tab=attention")
	k.sees("Asks for more time")
	k.open(mine)
	k.shows("#more", "The match is half done")
	k.press("Give this time")
	k.sees("The delegation of Sanne Kuipers has a new end.")
	k.lacks("#more")
	s.mail(t, before, sanne, "Your delegation in "+host+" now runs")
}

// lastCannotMute mutes a delegation for Karin; Pim, the last who hears of it, is
// refused.
func lastCannotMute(t *testing.T, s *story) {
	k, p := s.as(t, karin), s.as(t, pim)
	mine := k.delegationOf(sanne)
	before := s.postmark(t)
	k.open(mine)
	k.choose(`#mails input[value="muted"]`)
	k.click("#mails button")
	k.sees("Your choice of mails is saved.")
	k.shows("#mails", "Muted by 1 of 2")
	s.mail(t, before, pim, "Sanne Kuipers") // a mute is never muted
	p.open(mine)
	p.choose(`#mails input[value="muted"]`)
	p.click("#mails button")
	p.at(mine + "/mails")
	p.finds("main .notice[data-tone=warn]")
	p.open(mine)
	p.lacks(`#mails input[value="muted"]:checked`)
	k.open(mine)
	k.shows("#mails", "Muted by 1 of 2")
}

// severalRevoked chooses two in the list, without a script.
func severalRevoked(t *testing.T, s *story) {
	k := s.as(t, karin)
	k.scripts(false)
	k.open("/delegations")
	k.click("#bulk button text=Revoke")
	k.sees("Select at least one delegation in the list.")
	k.open("/delegations")
	for _, name := range []string{"Aisha Khan", "Thomas Bakker"} {
		k.tick(fmt.Sprintf(`input[form=bulk][aria-label="Select the delegation of %s"]`, name), true)
	}
	k.click("#bulk button text=Revoke")
	k.at("/delegations/bulk")
	k.sees("Revoke 2 delegations?")
	k.press("Revoke 2 now")
	k.sees("2 delegations are revoked.")
	k.open("/delegations?tab=ended")
	k.sees("Aisha Khan")
	k.sees("Thomas Bakker")
	k.scripts(true)
}
