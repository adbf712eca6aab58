package handlers_test

import (
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"locum/models/modelstest"
)

// TestBadInputIsExplainedAndSavesNothing: each is answered at its field, and the
// database is as it was.
func TestBadInputIsExplainedAndSavesNothing(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		h := newHub(t, w)
		o := h.furnish()
		name := strings.Index(o.metadata, "EntityDescriptor")
		body := o.metadata[strings.LastIndex(o.metadata[:name], "<"):] // without a declaration
		several := `<md:EntitiesDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata">` + body + body + `</md:EntitiesDescriptor>`
		expired := regexp.MustCompile(`validUntil="[^"]*"`).ReplaceAllString(body, `validUntil="2020-01-01T00:00:00Z"`)
		connector := func(change ...string) url.Values {
			f := loaded(o)
			for i := 0; i+1 < len(change); i += 2 {
				f.Set(change[i], change[i+1])
			}
			return f
		}
		at := "/company/single-sign-on/"
		for name, c := range map[string]struct {
			path string
			form url.Values
			says string
		}{
			"metadata that is not metadata":       {at + "new", url.Values{"name": {"X"}, "metadata": {"<rss/>"}}, "IdP metadata"},
			"metadata with two entities":          {at + "new", url.Values{"name": {"X"}, "metadata": {several}}, "describes your provider alone"},
			"metadata that expired":               {at + o.connection + "/metadata", url.Values{"metadata": {expired}}, "Its end date has passed"},
			"metadata over 5 MB":                  {at + "new", url.Values{"name": {"X"}, "metadata": {strings.Repeat("x", 5<<20+1)}}, "not that of a whole federation"},
			"metadata with a document type":       {at + "new", url.Values{"name": {"X"}, "metadata": {"<!DOCTYPE x>" + body}}, "DOCTYPE"},
			"a pattern that is no RE2":            {"/company/connectors/new", connector("condition.0.operator", "pattern", "condition.0.value", "(?=a)b"), "not a valid RE2 pattern"},
			"a rule without conditions":           {"/company/connectors/new", without(connector(), "condition."), "condition"},
			"a target of another company":         {"/company/connectors/new", connector("organization", w.Production.Organization), "Choose"},
			"a response that is none":             {at + o.connection + "/explain", url.Values{"response": {"<rss/>"}}, "could not be read"},
			"a response with a document type":     {at + o.connection + "/explain", url.Values{"response": {"<!DOCTYPE x><x/>"}}, "DOCTYPE"},
			"a response with 10,000 values":       {at + o.connection + "/explain", url.Values{"response": {strings.Repeat("<saml:AttributeValue>g</saml:AttributeValue>", 10_000)}}, "fewer attributes or groups"},
			"hours of silence that are no number": {at + "silence", url.Values{"silent_hours": {"many"}}, "from 0 to 720"},
		} {
			before := h.dump()
			karin := h.Actor("karin")
			c.form.Set("epoch", strconv.FormatInt(karin.Epoch, 10))
			got := h.with(h.Token("karin")).send(http.MethodPost, c.path, c.form, nil)
			if got.Code != http.StatusUnprocessableEntity || !strings.Contains(got.Body.String(), c.says) {
				t.Errorf("%s: answered %d without %q: %s", name, got.Code, c.says, words(t, got))
			}
			if after := h.dump(); !slices.Equal(before, after) {
				t.Errorf("%s changed something", name)
			}
		}
	})
}

// without leaves out the fields whose names begin with a text.
func without(form url.Values, beginning string) url.Values {
	for name := range form {
		if strings.HasPrefix(name, beginning) && name != "condition.match" {
			form.Del(name)
		}
	}
	return form
}

// TestAReferenceIsFoundInTheRightCompanyAlone: what the page without access shows
// leads that company's manager to why, and nobody else's anywhere.
func TestAReferenceIsFoundInTheRightCompanyAlone(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		h := newHub(t, w)
		h.Person("noor", "Noor Hendriks", "noor@zonneveld.example")
		reference := h.ID("noor")
		page := h.with(h.Token("noor")).send(http.MethodGet, "/no-access", nil, nil)
		if page.Code != http.StatusForbidden || !strings.Contains(page.Body.String(), reference) {
			t.Fatalf("answered %d without the reference: %s", page.Code, words(t, page))
		}
		find := func(by string) (code int, to string) {
			got := h.with(h.Token(by)).send(http.MethodGet, "/company/people?q="+reference, nil, nil)
			return got.Code, got.Header().Get("Location")
		}
		if code, to := find("karin"); code != http.StatusOK || to != "" {
			t.Fatalf("before Zonneveld knows her it answers %d to %q", code, to)
		}
		h.knows("noor")
		if code, to := find("karin"); code != http.StatusSeeOther || to != "/company/people/"+reference+"/why" {
			t.Errorf("Zonneveld is answered %d to %q", code, to)
		}
		if got := h.with(h.Token("karin")).send(http.MethodGet, "/company/people/"+reference+"/why", nil, nil); got.Code != http.StatusOK || !strings.Contains(got.Body.String(), "Noor Hendriks") {
			t.Errorf("why answers %d: %s", got.Code, words(t, got))
		}
		if code, to := find("marieke"); code != http.StatusOK || to != "" {
			t.Errorf("De Vries is answered %d to %q", code, to)
		}
		for _, path := range []string{"/company/people/" + reference, "/company/people/" + reference + "/why"} {
			if got := h.with(h.Token("marieke")).send(http.MethodGet, path, nil, nil); got.Code != http.StatusNotFound {
				t.Errorf("%s answers De Vries %d", path, got.Code)
			}
		}
	})
}
