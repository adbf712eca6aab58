package main

import (
	"fmt"
	"testing"

	"github.com/chromedp/chromedp"
)

// TestFastHands clicks as people do, with a mouse: while a preview is on its
// way, and twice.
func TestFastHands(t *testing.T) {
	t.Parallel()
	r := serveDemo(t, "sqlite")
	t.Run("a click that takes the focus out of a field counts", func(t *testing.T) {
		v := r.browser(t)
		v.signsIn("karin@zonneveld.example")
		v.open("/delegations/new")
		v.run("type and click", chromedp.SendKeys("#email", "noor@noorhendriks.example", chromedp.ByQuery),
			chromedp.Click(`.form-foot button.btn-primary`, chromedp.ByQuery))
		v.sees("noor@noorhendriks.example")
		v.finds("#extend")
	})
	t.Run("a double click makes one organization", func(t *testing.T) {
		v := r.browser(t)
		v.goesToCompany("marieke@devries.example")
		v.continuesAs("marieke@devries.example")
		v.at("/home")
		v.open("/company/organizations/new")
		v.run("type and click twice", chromedp.SendKeys("#name", "De Vries Spain", chromedp.ByQuery),
			chromedp.DoubleClick(`main form button.btn-primary`, chromedp.ByQuery))
		v.at("/company/organizations")
		v.open("/company/organizations")
		var made int
		v.run("count", chromedp.Evaluate(fmt.Sprintf(`[...document.querySelectorAll("main tbody tr")].filter((row) => row.innerText.includes(%q)).length`, "De Vries Spain"), &made))
		if made != 1 {
			t.Errorf("%d organizations were made", made)
		}
	})
}
