// Package setup holds the pages of a company's set-up handed over: links and
// operators' set-ups of a company, the way in by a link, and the first page of
// who works by a mandate. It shows what it is given; it decides nothing.
package setup

import (
	"context"
	"time"

	"locum/models"
	"locum/models/mandate"
	"locum/views/i18n"
	"locum/views/layout"
	"locum/views/ui"
)

// Links is the list of a company's mandates, of links and of operators.
type Links struct {
	List []mandate.Listed
	Now  time.Time
}

// of are the mandates of a kind.
func (l Links) of(kind models.MandateKind) (list []mandate.Listed) {
	for _, one := range l.List {
		if one.Kind == kind {
			list = append(list, one)
		}
	}
	return list
}

// LinkForm is the form of a new link.
type LinkForm struct {
	mandate.Draft
	Offered []models.Purpose // that the maker can hand over
	Wrong   models.FieldErrors
}

func (f LinkForm) languages() (list []ui.Option) {
	for _, code := range i18n.Languages() {
		list = append(list, ui.Option{Value: code, Label: i18n.For(code, "").T("common.language.name")})
	}
	return list
}

// LinkPage is a page of the way in by a link.
type LinkPage struct {
	mandate.Offer
	Token   string
	Signed  string // the name of who is signed in in this browser, or empty
	Request string // id, once a code was sent
	Code    string // as it was typed
	Spent   bool   // no code can be given any more
	Wrong   models.FieldErrors
}

func (p LinkPage) address() string { return "/set-up-link/" + p.Token }

// what names the parts of the set-up.
func what(ctx context.Context, purposes []models.Purpose) string {
	return layout.Purposes(i18n.From(ctx), purposes)
}

// titles names them one by one, as tags.
func titles(ctx context.Context, purposes []models.Purpose) (list []string) {
	for _, p := range purposes {
		list = append(list, i18n.T(ctx, "setup.purpose."+string(p)))
	}
	return list
}

// state is where a mandate stands, in words, tone and icon.
func state(ctx context.Context, m mandate.Mandate, now time.Time) (text, tone, icon string) {
	s := m.State(now)
	text = i18n.T(ctx, "setup.state."+string(s))
	switch s {
	case mandate.Waiting:
		return text, ui.Info, "mail"
	case mandate.InUse:
		return text, ui.OK, "circle-check"
	}
	return text, ui.Off, "ban"
}

// ended says how a mandate ended, and when; empty while it holds.
func ended(ctx context.Context, m mandate.Mandate, now time.Time) string {
	l := i18n.From(ctx)
	why, at := m.Over(now)
	switch {
	case why == "":
		return l.T("setup.ends", "When", l.ShortDateTime(now, m.EndsAt.Time))
	case why == mandate.Revoked && m.EndedByName != "":
		return l.T("setup.ended.by", "When", l.ShortDateTime(now, at), "Name", m.EndedByName)
	}
	return l.T("setup.ended", "When", l.ShortDateTime(now, at))
}

// place is where a purpose is worked on.
func place(p models.Purpose) (href, icon string) {
	switch p {
	case models.ForDirectory:
		return "/company/directory", "folder-sync"
	case models.ForDomains:
		return "/company/domains", "at-sign"
	case models.ForRoleMapping:
		return "/company/connectors", "route"
	case models.ForCertificate:
		return "/company/single-sign-on", "file-key"
	}
	return "/company/single-sign-on", "shield-check"
}
