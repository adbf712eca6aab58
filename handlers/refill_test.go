package handlers_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"locum/models/delegation"
	"locum/models/event"
	"locum/models/modelstest"
	"locum/views/ui/uitest"
)

// Edge case 9 of delegation.md, with the pages as they are: the form of one tab is
// sent after another tab switched, and comes back with what was typed.
func TestEdge09WhatWasTypedIsInTheFormAgainAfterSwitchingBack(t *testing.T) {
	h := newHub(t, modelstest.New(t, "sqlite"))
	h.Delegate("jan", "karin", delegation.Week)
	karin, before := h.with(h.Token("karin")), h.Actor("karin")
	h.Switch("karin", h.Production)
	sent := func(path string, fields ...string) (*http.Response, string) {
		form := url.Values{"epoch": {fmt.Sprint(before.Epoch)}, "epoch_for": {h.Zonneveld.Organization}}
		for i := 0; i+1 < len(fields); i += 2 {
			form.Add(fields[i], fields[i+1])
		}
		got := karin.send(http.MethodPost, path, form, http.Header{"Referer": {address + path}})
		return got.Result(), got.Body.String()
	}
	refused, body := sent("/delegations/new", "email", "noor@hendriks.example", "scope", "member", "period", "date", "date", "24-12-2026", "reason", "Stock & count", "language", "nl")
	page := uitest.Parse(t, body)
	if refused.StatusCode != http.StatusConflict || len(page.All("form[action=/fill-in]")) != 0 { // she is no superuser there
		t.Fatalf("%d: %s", refused.StatusCode, body)
	}
	way := url.Values{"organization": {h.Zonneveld.Organization}}
	for _, input := range uitest.Inside(uitest.Inside(page.One(".center"), "form[action=/switch]")[0], "input[type=hidden]") {
		way.Add(uitest.Attr(input, "name"), uitest.Attr(input, "value"))
	}
	got := karin.send(http.MethodPost, "/switch", way, nil)
	if got.Code != http.StatusOK || h.Actor("karin").Visiting() {
		t.Fatalf("going back answers %d: %s", got.Code, got.Body)
	}
	form := uitest.Parse(t, got.Body.String()).One("form[action=/delegations/new]")
	for selector, want := range map[string]string{"input[name=email]": "noor@hendriks.example", "input[name=date]": "24-12-2026", "input[name=reason]": "Stock & count",
		"input[name=epoch]": fmt.Sprint(h.Actor("karin").Epoch), "input[name=epoch_for]": h.Zonneveld.Organization} {
		field := uitest.Inside(form, selector)
		if len(field) == 0 {
			if field = uitest.Inside(form, strings.Replace(selector, "input", "textarea", 1)); len(field) == 1 && uitest.Words(field[0]) == want {
				continue
			}
		}
		if len(field) != 1 || uitest.Attr(field[0], "value") != want {
			t.Errorf("%s is not %q", selector, want)
		}
	}
	if picked := uitest.Inside(form, "input[name=period][checked]"); len(picked) != 1 || uitest.Attr(picked[0], "value") != "date" {
		t.Errorf("%d periods are picked", len(picked))
	}
	if picked := uitest.Inside(form, "option[value=nl][selected]"); len(picked) != 1 {
		t.Error("the language is lost")
	}
	if h.Count(h.Zonneveld, event.DelegationGranted)+h.Count(h.Production, event.DelegationGranted) != 1 {
		t.Error("something was given")
	}
}

// What a secret holds is in no page, also not in that of a refused form.
func TestARefusedFormShowsNoSecret(t *testing.T) {
	h := newHub(t, modelstest.New(t, "sqlite"))
	karin, epoch := h.with(h.Token("karin")), h.Actor("karin").Epoch
	for _, path := range []string{"/secrets/new", "/secrets/sec_1/replace"} {
		got := karin.send(http.MethodPost, path, url.Values{"epoch": {fmt.Sprint(epoch + 1)}, "kind": {"text"}, "name": {"Bank token"}, "value": {"canary-4471"}}, nil)
		if got.Code != http.StatusConflict || strings.Contains(got.Body.String(), "canary-4471") || !strings.Contains(got.Body.String(), "Bank token") {
			t.Errorf("%s: %d: %s", path, got.Code, got.Body)
		}
	}
}
