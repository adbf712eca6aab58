package main

import (
	"testing"

	"github.com/chromedp/chromedp"
)

// TestFastHands clicks as people do, with a mouse, while a preview is on its way;
// and sends a form twice.
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
	t.Run("a form that is on its way is not sent again", func(t *testing.T) {
		v := r.browser(t)
		v.signsIn("karin@zonneveld.example")
		v.open("/members/invite")
		v.finds("main form[method=post]")
		// Events alone: Chromium drops one of two sendings in the same moment, and
		// a slow answer, which lets both through, cannot be had from this server.
		var sent []bool
		v.run("send twice", chromedp.Evaluate(`[1, 2].map(() => document.querySelector("main form[method=post]").dispatchEvent(new SubmitEvent("submit", {bubbles: true, cancelable: true})))`, &sent))
		if len(sent) != 2 || !sent[0] || sent[1] {
			t.Errorf("the sendings go through: %v", sent)
		}
	})
}
