package handlers_test

import (
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"locum/handlers/web"
	"locum/views/ui/uitest"
)

// looksRight holds an answer against what every answer must be, whatever it
// says: kept by no cache, under a strict policy, and without anything inline
// that the policy would only break. A page is in the language of its reader.
func looksRight(t *testing.T, route web.Route, got *httptest.ResponseRecorder, language string) {
	t.Helper()
	what := route.Label()
	if route.Pageless && !strings.HasPrefix(got.Header().Get("Content-Type"), "text/html") {
		return
	}
	policy := got.Header().Get("Content-Security-Policy")
	if !strings.Contains(policy, "default-src 'self'") || strings.Contains(policy, "unsafe") || strings.Contains(policy, "*") {
		t.Errorf("%s has the policy %q", what, policy)
	}
	for name, want := range map[string]string{"X-Content-Type-Options": "nosniff", "X-Frame-Options": "DENY", "Referrer-Policy": "same-origin"} {
		if value := got.Header().Get(name); value != want {
			t.Errorf("%s has %s: %q", what, name, value)
		}
	}
	if kind := got.Header().Get("Content-Type"); !strings.HasPrefix(kind, "text/html") {
		return
	}
	if kept := got.Header().Get("Cache-Control"); kept != "no-store" {
		t.Errorf("%s has Cache-Control: %q", what, kept)
	}
	page := uitest.Parse(t, got.Body.String())
	for n := range page.Root.Descendants() {
		if wrong := inline(n); wrong != "" {
			t.Errorf("%s holds %s", what, wrong)
		}
	}
	if !strings.Contains(got.Body.String(), "<html") {
		return // a part of a page
	}
	if in := uitest.Attr(page.One("html"), "lang"); in != language {
		t.Errorf("%s is in %q, and its reader reads %q", what, in, language)
	}
}

// addresses are the attributes that a browser follows.
var addresses = []string{"href", "src", "action", "formaction", "srcset", "poster", "data"}

// inline says what an element has that belongs into a file of its own.
func inline(n *html.Node) string {
	if n.Type != html.ElementNode {
		return ""
	}
	switch {
	case n.Data == "style":
		return "a <style>"
	case n.Data == "script" && uitest.Attr(n, "src") == "":
		return "a <script> of its own"
	}
	for _, a := range n.Attr {
		value := strings.ToLower(strings.TrimSpace(a.Val))
		switch {
		case a.Key == "style", strings.HasPrefix(a.Key, "on"), strings.HasPrefix(a.Key, "hx-on"):
			return "<" + n.Data + " " + a.Key + "=" + a.Val + ">"
		case slices.Contains(addresses, a.Key) && (strings.HasPrefix(value, "javascript:") || strings.HasPrefix(value, "data:")):
			return "<" + n.Data + " " + a.Key + "=" + a.Val + ">"
		}
	}
	return ""
}

// words are what an answer says, for a test that fails.
func words(t *testing.T, got *httptest.ResponseRecorder) string {
	return uitest.Words(uitest.Parse(t, got.Body.String()).Root)
}
