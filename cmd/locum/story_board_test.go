package main

import (
	"fmt"
	"testing"
)

// atBoard waits until the browser is at a path of the application behind the proxy.
func (v *visitor) atBoard(path string) {
	v.t.Helper()
	v.waits(fmt.Sprintf(`location.origin === %q && location.pathname + location.search === %q && document.readyState === "complete"`, v.r.Board, path), "to be at the board's "+path)
}

// boardAsksWho comes without a session, by a deep link, and arrives there.
func boardAsksWho(t *testing.T, s *story) {
	v := s.as(t, hugo)
	v.open(s.Board + "/shelves?row=4")
	v.at("/sign-in")
	v.entersCode(hugo)
	v.atBoard("/shelves?row=4")
	v.sees("Hugo Brandt works here for their own organization, as editor.")
	v.lacks(".acting")
	if shown := v.text("dl"); shown == "" {
		t.Error("the board tells nothing")
	}
}

// boardTellsOfVisit opens it in a visit, and goes home with it open.
func boardTellsOfVisit(t *testing.T, s *story) {
	top, v := s.beside(t, sanne, "Locum"), s.beside(t, sanne, "board")
	v.open(s.Board)
	v.finds(`[data-denied="app_not_enabled"]`)
	v.sees(kade + " does not use Stock levels.")
	v.sees("Switch to an organization that does")

	top.enters(host)
	top.finds(".acting")
	v.sees("You may use Stock levels") // the page follows
	v.press("Open Stock levels again")
	v.atBoard("/")
	v.sees("Sanne Kuipers works here on behalf of another organization, as viewer.")
	v.waits(`[...document.querySelectorAll("dt")].find((e) => e.innerText === "X-Locum-Delegation-Id")?.nextElementSibling.innerText.startsWith("dlg_") ?? false`, "to be told of the delegation")
}

// closedToVisitors closes both applications to visitors, and opens them again.
func closedToVisitors(t *testing.T, s *story) {
	v, board, colleague, l := s.as(t, sanne), s.beside(t, sanne, "board"), s.as(t, hugo), s.as(t, lotte)
	v.finds("[data-state=visit]") // she is in since the scene before
	l.signsIn(lotte)
	for _, name := range []string{"Bridge", "Stock levels"} {
		l.closes(name, true)
	}
	v.finds("[data-state=over]")
	v.press("Sign in again")
	v.finds(`[data-denied="denied_to_visitors"]`)
	v.sees("Bridge is closed to everyone who visits " + host + " by a delegation.")
	v.sees("Ask a member of " + host + " to do it, or switch back to your own organization.")
	board.finds(`[data-denied="denied_to_visitors"]`)
	board.sees("Somebody who belongs to " + host + " has to do it.")
	colleague.open(s.Board)
	colleague.sees("Hugo Brandt works here for their own organization, as editor.")

	for _, name := range []string{"Bridge", "Stock levels"} {
		l.closes(name, false)
	}
	v.press("Try again")
	v.finds("[data-state=visit]")
	board.press("Open Stock levels again")
	board.atBoard("/")
}

// closes closes an application to visitors, or opens it, as an operator does.
func (v *visitor) closes(application string, closed bool) {
	v.t.Helper()
	v.open("/platform/applications")
	v.click("main a text=" + application)
	v.click("#visitors a")
	v.tick("[name=whole]", closed)
	v.click(".form-foot button")
	v.sees("It holds from the next request.")
}
