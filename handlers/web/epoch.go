package web

import (
	"context"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"locum/models"
	"locum/views/i18n"
	"locum/views/layout"
	"locum/views/ui"
)

// The hidden fields of a form: the epoch it was rendered for, and the id of
// the place of that epoch: a place can be lost without a switch.
const (
	epochField    = "epoch"
	epochForField = "epoch_for"
)

// epochContext is the context of a fragment: its forms carry the epoch.
func (r *Request) epochContext() context.Context {
	return ui.WithPlace(ui.WithEpoch(r.Context(), r.Actor.Epoch), r.Actor.Effective.Place())
}

// checkEpoch refuses a form that was rendered before the last switch of this
// session, or that does not say when, and one for a place where the person is no
// more: who loses his last role in an organization works at home from then on.
func (r *Request) checkEpoch() error {
	sent, err := strconv.ParseInt(r.FormValue(epochField), 10, 64)
	place, said := r.Form[epochForField]
	if err != nil || sent != r.Actor.Epoch || said && place[0] != r.Actor.Effective.Place() {
		return models.Fail(models.Stale, "error.stale")
	}
	return nil
}

// refresh asks for the Actor again, because the domain may have seen a switch
// or an end before the cache did.
func (r *Request) refresh() error {
	if r.token == "" {
		return nil
	}
	fresh, err := r.app.config.Sessions.Actor(r.Context(), r.token)
	if err != nil {
		return err
	}
	fresh.Channel, fresh.Form = r.Actor.Channel, r.Actor.Form
	r.Actor = fresh.From(r.Actor.Address)
	return nil
}

// stale is the page for a form from another context: both organizations, what
// was typed, and both ways on.
func (r *Request) stale() (layout.Elsewhere, error) {
	if err := r.refresh(); err != nil {
		return layout.Elsewhere{}, err
	}
	e := layout.Elsewhere{
		Here:    r.Actor.Effective,
		HereVia: r.Actor.Visiting(),
		Kept:    kept(r.Locale, r.shown(r.PostForm)),
		Carried: r.handsOn(),
		Return:  r.formPage(),
	}
	places, err := r.places()
	if err != nil {
		return e, err
	}
	there := r.PostForm.Get(epochForField)
	e.Again = len(e.Carried) > 0 && (there == r.Actor.Effective.Place() || r.fitsHere(e.Return))
	at := slices.IndexFunc(places, func(p layout.Place) bool { return p.Organization == there })
	if at < 0 || there == r.Actor.Effective.Organization {
		return e, nil
	}
	place := places[at]
	e.ThereVia = place.Via
	// A Party is none without its company, which a place knows by name alone.
	e.There = models.Party{Company: place.Company, CompanyName: place.Company, Organization: place.Organization, Name: place.Name, Hue: place.Hue, Icon: place.Icon}
	return e, nil
}

// secretWords are in the names of fields that must not be shown again.
var secretWords = []string{"password", "passphrase", "pass", "secret", "code", "token", "key", "otp", "pin", "passkey", "credential", "assertion", "samlresponse", "samlrequest", "relaystate", "csrf"}

// ownFields are those that a page itself puts into its form.
var ownFields = []string{epochField, epochForField, "next", "to", "version", "proposal", "chosen", "do", "confirm", "tab", "show"}

// held says whether a field is never shown again: a secret, a code, what its route
// withholds, and what the page itself had put into the form.
func (r *Request) held(name string) bool {
	return secret(name) || slices.Contains(ownFields, name) || slices.Contains(strings.Fields(r.route.withheld), name)
}

// shown are the fields of a form that may be shown again.
func (r *Request) shown(form url.Values) url.Values {
	some := url.Values{}
	for name, values := range form {
		if !r.held(name) {
			some[name] = values
		}
	}
	return some
}

// kept is what was typed, by field, so that it can be copied.
func kept(locale i18n.Locale, form url.Values) (list []layout.Kept) {
	for _, name := range fieldsOf(form) {
		if value := strings.TrimSpace(strings.Join(form[name], ", ")); value != "" {
			list = append(list, layout.Kept{Label: label(locale, name), Value: choice(locale, name, value)})
		}
	}
	return list
}

// fieldsOf are the names of a form's fields, in order.
func fieldsOf(form url.Values) []string { return slices.Sorted(maps.Keys(form)) }

func secret(name string) bool {
	words := strings.FieldsFunc(strings.ToLower(name), func(c rune) bool { return c == '_' || c == '-' || c == '.' || c == '[' || c == ']' })
	return slices.ContainsFunc(words, func(word string) bool { return slices.Contains(secretWords, word) })
}

// label is a field's name for people where the catalogs have one.
func label(locale i18n.Locale, field string) string {
	if key := "common.field." + field; i18n.Has(key) {
		return locale.T(key)
	}
	return field
}

// choice is a value for people where it was chosen among words of the catalogs.
func choice(locale i18n.Locale, field, value string) string {
	if key := "common.choice." + field + "." + value; i18n.Has(key) {
		return locale.T(key)
	}
	return value
}
