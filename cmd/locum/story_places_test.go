package main

import (
	"slices"
	"testing"

	"github.com/chromedp/chromedp"
)

// TestPlaces goes to and fro between places: what a browser shows, keeps and
// leaves alone. The database changes nothing of it.
func TestPlaces(t *testing.T) {
	t.Parallel()
	s := newStory(t, "sqlite")
	s.as(t, sanne).signsIn(sanne)
	s.tells([]scene{
		{"the tab says where one is", tabSaysWhere},
		{"a place is kept at hand", placeKeptAtHand},
		{"a switch in one browser changes nothing in another", anotherBrowser},
		{"edge 22 the back button shows nothing of the host", backButton},
	})
}

// tabSaysWhere looks at the title and the sign of the browser's tab.
func tabSaysWhere(t *testing.T, s *story) {
	v := s.as(t, sanne)
	v.enters("Kade Consultants")
	sign := `document.querySelector("link[rel=icon]").href`
	var own, there, back string
	v.run("read the sign at home", chromedp.Evaluate(sign, &own))
	v.waits(`document.title.endsWith("Kade Consultants · Locum")`, "for the title to name home last")
	v.enters(host)
	v.waits(`document.title.startsWith("Zonneveld Bakkerijen · ")`, "for the title to name the host first")
	v.run("read the sign of the host", chromedp.Evaluate(sign, &there))
	if there == own {
		t.Errorf("the sign stays %s", own)
	}
	v.press("Back to Kade Consultants")
	v.sees("You are back in Kade Consultants")
	v.run("read the sign at home again", chromedp.Evaluate(sign, &back))
	if back != own {
		t.Errorf("the sign is %s at home, and was %s", back, own)
	}
}

// placeKeptAtHand pins a place and takes it away again, without scripts.
func placeKeptAtHand(t *testing.T, s *story) {
	v := s.as(t, sanne)
	v.scripts(false)
	v.open("/home")
	v.lacks("#pinned")
	v.click(`main .pin[aria-label*="Zonneveld"]`)
	v.at("/home")
	v.shows("section[aria-labelledby=pinned]", host)
	v.finds(`main .pin[aria-pressed=true][aria-label*="Zonneveld"]`)
	v.click(`main .pin[aria-pressed=true]`)
	v.waits(`document.readyState === "complete" && !document.querySelector("main .pin[aria-pressed=true]")`, "for the place to be kept no more")
	v.lacks("#pinned")
	v.scripts(true)
}

// anotherBrowser works at De Vries while the first works at Zonneveld.
func anotherBrowser(t *testing.T, s *story) {
	v, w := s.as(t, sanne), s.browser(t)
	w.signsIn(sanne)
	w.enters("Kade Consultants")
	v.enters(host)
	v.shows(".acting", host)
	w.open("/members")
	w.lacks(".acting")
	w.enters("De Vries Production")
	w.shows(".acting", "De Vries Production")
	v.open("/members")
	v.shows(".acting", host)
	v.press("Back to Kade Consultants")
	v.sees("You are back in Kade Consultants")
	w.open("/applications")
	w.shows(".acting", "De Vries Production")
	w.press("Back to Kade Consultants")
	w.sees("You are back in Kade Consultants")
	w.quiet()
}

// backButton leaves the host and presses back, in a browser that keeps pages for
// that: those of a host it does not. One that keeps them all the same shows them
// blank, until the server has said what may be seen.
func backButton(t *testing.T, s *story) {
	v := s.browserOf(t, &keeping)
	v.signsIn(sanne)
	v.enters(host)
	v.open("/members")
	v.sees("Hugo Brandt")
	v.press("Back to Kade Consultants")
	v.sees("You are back in Kade Consultants")
	v.run("go back", chromedp.Evaluate(`history.back()`, nil))
	v.waits(`location.pathname === "/members" && document.readyState === "complete" && document.body.innerText.includes("Thomas Bakker")`, "to see the members of home")
	v.misses("Hugo Brandt")
	v.lacks(".acting")
	var why []string
	v.run("ask why it was not kept", chromedp.Evaluate(`(performance.getEntriesByType("navigation")[0].notRestoredReasons?.reasons ?? []).map((r) => r.reason)`, &why))
	if !slices.Contains(why, "response-cache-control-no-store") {
		t.Errorf("the host's page was not kept for %q", why)
	}

	v.enters(host)
	v.open("/members")
	v.sees("Hugo Brandt")
	other := v.tab()
	var blank bool
	v.run("keep the page", chromedp.Evaluate(`dispatchEvent(new PageTransitionEvent("pagehide", {persisted: true})); document.body.hidden`, &blank))
	if !blank {
		t.Error("a page of the host that is kept stays in sight")
	}
	other.open("/home")
	other.press("Back to Kade Consultants")
	other.sees("You are back in Kade Consultants")
	v.run("bring it back", chromedp.Evaluate(`setTimeout(() => dispatchEvent(new PageTransitionEvent("pageshow", {persisted: true})), 0)`, nil))
	v.waits(`document.readyState === "complete" && !document.body.hidden && document.body.innerText.includes("Thomas Bakker")`, "to see the members of home")
	v.misses("Hugo Brandt")
	v.quiet()
}
