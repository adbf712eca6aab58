package main

import (
	"fmt"
	"testing"

	"github.com/chromedp/chromedp"
)

// bridgeSignsIn comes to Bridge as a stranger, and is known there after the hub.
func bridgeSignsIn(t *testing.T, s *story) {
	v := s.as(t, sanne)
	v.open(s.Bridge)
	v.sees("Which dock, which load, right now")
	v.press("Sign in")
	v.at("/sign-in")
	v.entersCode(sanne)
	v.finds("[data-state=home]")
	v.shows("#where", kade)
	v.shows("[data-real]", kade)
	v.shows(".facts", sanne)
}

// bridgeFollows switches in one window, and only looks at the other.
func bridgeFollows(t *testing.T, s *story) {
	v, top := s.as(t, sanne), s.beside(t, sanne, "Locum")
	v.run("mark the page", chromedp.Evaluate(`window.marked = true`, nil))
	top.enters(host)
	top.finds(".acting")
	v.finds("[data-state=visit]")
	v.shows("#where", host)
	v.shows("[data-real]", kade)
	v.shows("[data-roles]", "viewer")
	v.shows(".until", "INC-4821")
	v.waits(`/ CES?T · /.test(document.querySelector(".until").textContent)`, "for the end by her own clock")

	top.press("Back to " + kade)
	top.sees("You are back in " + kade)
	v.finds("[data-state=home]")
	v.shows("#where", kade)
	v.waits(`window.marked === true`, "to be on the page that was opened first")
	v.lacks(".until")
}

// overAt keeps when a page of Bridge said that somebody is out.
const overAt = `new MutationObserver(() => {
	if (!window.overAt && document.querySelector("[data-state=over]")) window.overAt = performance.timeOrigin + performance.now();
}).observe(document.body, {childList: true, subtree: true})`

// revokedWhileInside revokes a delegation while both applications are open by it.
func revokedWhileInside(t *testing.T, s *story) {
	v, board, k := s.as(t, sanne), s.beside(t, sanne, "board"), s.as(t, karin)
	s.beside(t, sanne, "Locum").open("about:blank") // an open page of the hub would tell her first
	v.finds("[data-state=visit]")
	v.run("watch the page", chromedp.Evaluate(overAt, nil))
	k.open("/delegations")
	k.click(`main table a[href^="/delegations/dlg"] text=Sanne Kuipers`)
	k.sees("Here now")
	k.press("Revoke")
	k.press("Revoke now")
	k.sees("The delegation of Sanne Kuipers is revoked.")
	var told, over float64
	k.run("when it was revoked", chromedp.Evaluate(answered, &told))
	v.finds("[data-state=over]")
	v.sees("You were signed out")
	v.lacks("#where")
	v.run("when Bridge knew", chromedp.Evaluate(`window.overAt`, &over))
	if late := over - told; late > 1000 {
		t.Errorf("Bridge was open for %.0f ms after the delegation was revoked", late)
	} else {
		t.Logf("Bridge was closed %.0f ms after the delegation was revoked", late)
	}
	board.finds(`[data-denied="delegation_expired"]`)
	board.sees("Your visit to " + host + " is over.")

	v.press("Sign in again") // she was told
	v.finds("[data-state=home]")
	v.shows("#where", kade)
}

// signedOutOfApplication signs out in Bridge: of the hub too.
func signedOutOfApplication(t *testing.T, s *story) {
	v, top := s.as(t, sanne), s.beside(t, sanne, "Locum")
	top.open("/home")
	top.finds(".places")
	v.press("Sign out")
	v.sees("Which dock, which load, right now")
	v.waits(fmt.Sprintf(`location.origin === %q`, s.Bridge), "to be back at Bridge")
	top.open("/home")
	top.at("/sign-in")
}

// signedOutOfLocum signs out of the hub, and Bridge hears of it.
func signedOutOfLocum(t *testing.T, s *story) {
	v, top := s.as(t, sanne), s.beside(t, sanne, "Locum")
	v.press("Sign in")
	v.at("/sign-in")
	v.entersCode(sanne)
	v.finds("[data-state=home]")
	top.open("/home")
	top.signsOut()
	v.finds("[data-state=over]")
	v.sees("You were signed out")

	l := s.as(t, lotte)
	l.open("/platform/applications")
	l.click("main a text=Bridge")
	l.finds("#logouts")
	l.shows("#logouts", "Sanne Kuipers")
	l.opensUntil("#logouts", "Delivered", "Waiting")
}
