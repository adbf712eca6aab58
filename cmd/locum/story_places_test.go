package main

import (
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
// that: the page is blank when it comes back, until the server has said what may
// be seen.
func backButton(t *testing.T, s *story) {
	v := s.browserOf(t, &keeping)
	v.open(s.Mailbox["page"])
	v.run("mark the page", chromedp.Evaluate(`window.kept = true`, nil))
	v.signsIn(sanne)
	v.enters(host)
	v.open("/members")
	v.sees("Hugo Brandt")
	v.run("watch it come back", chromedp.Evaluate(`addEventListener("pageshow", (event) => sessionStorage.setItem("back", JSON.stringify({kept: event.persisted, blank: document.body.hidden})))`, nil))
	v.press("Back to Kade Consultants")
	v.sees("You are back in Kade Consultants")
	v.run("go back", chromedp.Evaluate(`history.back()`, nil))
	v.waits(`location.pathname === "/members" && document.readyState === "complete" && !document.body.hidden && document.body.innerText.includes("Thomas Bakker")`, "to see the members of home")
	v.misses("Hugo Brandt")
	v.lacks(".acting")
	var back string
	v.run("read how it came back", chromedp.Evaluate(`sessionStorage.getItem("back") ?? ""`, &back))
	t.Logf("it came back %s", back)
	if back == `{"kept":true,"blank":false}` {
		t.Error("the host's page came back as it was")
	}
}
