package main

import (
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// TestKeptAndUsed keeps a secret, from its making to its removal, and reads what was
// used: the report, the file, and a record in quarantine that finds its meter.
func TestKeptAndUsed(t *testing.T) {
	t.Parallel()
	s := newStory(t, "sqlite")
	s.as(t, karin).signsIn(karin)
	s.tells([]scene{
		{"a secret is made", secretMade},
		{"a secret is revealed to who shows who she is", secretRevealed},
		{"a secret is replaced and removed", secretRemoved},
		{"the report and its file", usageReported},
		{"a record in quarantine is tried again", quarantineTried},
	})
}

const doorCode = "4711# and push"

func secretMade(t *testing.T, s *story) {
	v := s.as(t, karin)
	v.open("/secrets/new")
	v.fill("[name=name]", "Door of the bakery")
	v.fill("[name=value]", doorCode)
	v.click(".form-foot button")
	v.sees("Door of the bakery is saved")
	v.sees("Nobody yet.")
	v.misses(doorCode)
}

// secretRevealed waits until her sign-in is old, shows by a code who she is, and looks.
func secretRevealed(t *testing.T, s *story) {
	v := s.as(t, karin)
	page := v.path()
	s.clock.ahead(16 * time.Minute)
	v.press("Reveal")
	v.sees("Show that it is you")
	before := s.postmark(t)
	v.press("Show who I am")
	v.press("Get a code by mail")
	v.at("/sign-in/code")
	v.fill("#code", s.code(t, before, karin))
	v.click("main form .btn-primary")
	v.at(page + "/reveal")
	before = s.postmark(t)
	v.click(".form-foot button")
	v.shows("[data-once]", doorCode)
	if m := s.mail(t, before, pim, "Door of the bakery"); strings.Contains(m.Text+m.HTML, doorCode) {
		t.Error("the mail holds the value")
	}
	v.press("Hide")
	v.at(page)
	v.sees("revealed version 1")
	v.misses(doorCode)
}

func secretRemoved(t *testing.T, s *story) {
	v := s.as(t, karin)
	page := v.path()
	v.press("Replace")
	v.fill("[name=value]", "0815#")
	v.click(".form-foot button")
	v.at(page)
	v.sees("Door of the bakery has a new value")
	v.sees("Version 2")
	v.click("a[href=\"" + page + "/remove\"]")
	v.sees("Every version is gone for good")
	v.click(".form-foot button")
	v.at("/secrets")
	v.sees("Door of the bakery is removed")
}

// usageReported reads the report and the charge-back, and fetches the file as a program.
func usageReported(t *testing.T, s *story) {
	v := s.as(t, karin)
	v.open("/usage")
	v.sees("Charged so far")
	v.finds("svg.chart rect.bar")
	v.press("Charge-back")
	v.sees("Charge-back for")
	var file string
	v.run("fetch the file", chromedp.Evaluate(`fetch("/usage/export").then((a) => a.text())`, &file,
		func(p *runtime.EvaluateParams) *runtime.EvaluateParams { return p.WithAwaitPromise(true) }))
	if !strings.Contains(file, "period,effective organization,real organization,person,") || !strings.Contains(file, ",Ria Smeets,") {
		t.Errorf("the file is %q", file)
	}
}

// quarantineTried dismisses one record, and has the meter of another made.
func quarantineTried(t *testing.T, s *story) {
	v, operator := s.as(t, karin), s.as(t, "lotte@hub.example")
	v.open("/usage")
	v.press("Look at them")
	v.at("/usage/quarantine")
	v.sees("night-run-3")
	v.click("a[href$='/dismiss']") // the newest is the first
	v.fill("#note", "Not one of ours")
	v.click(".form-foot button")
	v.sees("The record is dismissed")
	v.sees("label-7")
	v.press("Try again")
	v.sees("The record still does not fit")

	operator.signsIn("lotte@hub.example")
	operator.open("/platform/meters/new")
	operator.pick("[name=application]", "Stock levels")
	operator.fill("[name=key]", "label")
	operator.fill("[name=name]", "Labels")
	operator.fill("[name=unit]", "label")
	operator.click(".form-foot button")
	operator.at("/platform/meters")

	v.press("Try again")
	v.sees("The record is counted now")
	v.sees("Nothing here")
}
