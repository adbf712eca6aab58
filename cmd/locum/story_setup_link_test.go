package main

import (
	"regexp"
	"testing"

	"locum/models/modelstest"
)

var linkPattern = regexp.MustCompile(`http://\S+/set-up-link/\S+`)

// TestSetUpLinkStory has a manager hand a part of the set-up over: the IT admin
// comes in by link and code, without scripts too, adds a domain, and is out as
// soon as the manager revokes the link. An operator then sets up on the
// company's behalf, and the manager sees it.
func TestSetUpLinkStory(t *testing.T) {
	t.Parallel()
	const ilse, lotte = "ilse@it-partner.example", "lotte@hub.example"
	for _, database := range modelstest.Databases {
		t.Run(database, func(t *testing.T) {
			t.Parallel()
			s := &story{running: serveDemo(t, database), t: t, people: map[string]*visitor{}}
			m := s.as(t, marieke)
			m.goesToCompany(marieke)
			m.continuesAs(marieke)
			m.at("/home")

			before := s.postmark(t)
			m.open("/company/single-sign-on")
			m.press("Set-up links")
			m.press("New set-up link")
			m.fill("#email", ilse)
			m.choose(`input[name=purpose][value=domains]`)
			m.press("Send the link")
			m.sees("The link is on its way to " + ilse)
			link := linkPattern.FindString(s.mail(t, before, ilse, "").Text)

			v := s.as(t, ilse)
			v.scripts(false)
			v.open(link)
			v.sees("i•••@it-partner.example")
			before = s.postmark(t)
			v.press("Send a code")
			v.fill("#code", s.code(t, before, ilse))
			v.press("Open the set-up")
			v.at("/set-up")
			v.scripts(true)
			v.open("/company/domains")
			v.sees("You set up domains for De Vries Logistiek on behalf of Marieke de Vries.")
			v.fill("#name", "devries-nieuw.example")
			v.press("Add domain")
			v.sees("devries-nieuw.example")
			if got := v.status("/company/connectors"); got != 403 {
				t.Errorf("a link for domains gets %d for connectors", got)
			}
			s.mail(t, before, marieke, ilse)

			m.open("/company/activity")
			m.sees(ilse + " by set-up link made by Marieke de Vries")
			m.open("/company/set-up-links")
			m.click("main tbody a.btn")
			m.click("main form .btn-danger-solid")
			m.sees("can no longer set anything up")
			v.sees("Your set-up link for De Vries Logistiek was revoked.") // by itself

			before = s.postmark(t)
			o := s.as(t, lotte)
			o.signsIn(lotte)
			o.open("/platform")
			o.click("main table a text=De Vries Logistiek")
			o.fill("#reason", "Ticket 4711")
			o.press("Begin the set-up")
			o.at("/set-up")
			s.mail(t, before, marieke, "operator")
			m.open("/company")
			m.sees("Reason: Ticket 4711")
			o.press("Stop")
			o.at("/platform")
			m.open("/company")
			m.misses("Reason: Ticket 4711")
			s.quiet(t)
		})
	}
}
