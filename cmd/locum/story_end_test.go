package main

import (
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

func superuserExtends(t *testing.T, s *story) {
	v := s.as(t, karin)
	before := s.postmark(t)
	v.open(s.delegation)
	v.finds("#extend")
	v.choose(`#extend input[name="period"][value="1m"]`)
	v.press("Set this end")
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
	if m := s.mail(t, before, karin, "left "+host); strings.Contains(m.Text, "Revoke now") || !strings.Contains(m.Text, "The delegation reached its end") || !strings.Contains(m.Subject, "3 hours 59") {
		t.Errorf("the mail of leaving: %q\n%s", m.Subject, m.Text)
	}
}
