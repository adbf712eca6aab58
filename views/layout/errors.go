package layout

import (
	"context"
	"time"

	"locum/models"
	"locum/views/i18n"
	"locum/views/ui"
)

// Kept is one thing a person had filled in when his form was refused: the
// field's label, or its name, and the value.
type Kept struct{ Label, Value string }

// Elsewhere describes a form that was refused because the session works in
// another organization than the one it was rendered for.
type Elsewhere struct {
	There    models.Party // of the form; the zero Party when it cannot be told
	ThereVia bool         // through a delegation
	Here     models.Party // of the session
	HereVia  bool
	Kept     []Kept
	Carried  []Carried // what the ways on hand on, so that it stands in the form again
	Again    bool      // the form is one that there is here as well
	Return   string    // the form's page, where both ways go on
}

// Carried is a field that is handed on without being shown.
type Carried struct{ Name, Value string }

// text says what happened, and names the organization of the tab if known.
func (e Elsewhere) text(ctx context.Context) string {
	if e.There.None() {
		return i18n.T(ctx, "layout.error.stale.text_unknown", "Here", e.Here.Label())
	}
	return i18n.T(ctx, "layout.error.stale.text", "There", e.There.Label(), "Here", e.Here.Label())
}

// problem is what the pages of errors share.
type problem struct {
	code        int
	icon, tone  string
	title, text string
}

// forbidden says what the person lacks. more is the domain's own explanation,
// which is better than ours if there is one.
func (f Frame) forbidden(ctx context.Context, more string) problem {
	p := problem{403, "lock", ui.Off, i18n.T(ctx, "layout.error.forbidden.title"), more}
	switch place := f.place(ctx); {
	case more != "":
	case f.Actor.Visiting():
		p.text = i18n.T(ctx, "layout.error.forbidden.acting", "Place", place)
	case f.Actor.Effective.Organization != "":
		p.text = i18n.T(ctx, "layout.error.forbidden.text", "Place", f.Actor.Effective.Label())
	default:
		p.text = i18n.T(ctx, "layout.error.forbidden.nowhere")
	}
	return p
}

// unknown never tells whether the thing exists elsewhere.
func (f Frame) unknown(ctx context.Context) problem {
	title := i18n.T(ctx, "layout.error.not_found.title_nowhere")
	if place := f.place(ctx); place != "" {
		title = i18n.T(ctx, "layout.error.not_found.title", "Place", place)
	}
	return problem{404, "search-x", ui.Off, title, i18n.T(ctx, "layout.error.not_found.text")}
}

func tooMany(ctx context.Context, now, again time.Time) problem {
	text := i18n.T(ctx, "layout.error.too_many.text_unknown")
	if !again.IsZero() {
		text = i18n.T(ctx, "layout.error.too_many.text", "When", i18n.From(ctx).Relative(now, again))
	}
	return problem{429, "hourglass", ui.Warn, i18n.T(ctx, "layout.error.too_many.title"), text}
}

// start is where the person goes on: his overview, his places, or the sign-in.
func (f Frame) start(ctx context.Context) ui.Btn {
	switch {
	case f.Actor.Anonymous():
		return ui.Btn{Label: i18n.T(ctx, "layout.error.sign_in"), Href: "/sign-in", Kind: ui.Primary}
	case f.Actor.Mandate != nil:
		return ui.Btn{Label: i18n.T(ctx, "layout.nav.set_up"), Href: "/set-up", Kind: ui.Primary}
	case f.Actor.Effective.Organization != "" && (f.Area != CompanyArea || !f.Actor.May(models.ViewCompany)):
		return ui.Btn{Label: i18n.T(ctx, "layout.error.overview"), Href: "/", Kind: ui.Primary}
	case f.Actor.May(models.ViewCompany):
		return ui.Btn{Label: i18n.T(ctx, "layout.error.overview"), Href: "/company", Kind: ui.Primary}
	}
	return ui.Btn{Label: i18n.T(ctx, "layout.error.places"), Href: "/home", Kind: ui.Primary}
}

// list leads to the link of the navigation under which path stands, or else to
// where the person can begin.
func (f Frame) list(ctx context.Context, path string) ui.Btn {
	f.Path = path
	for _, g := range f.navigation() {
		for _, l := range g.links {
			if f.current(l) {
				return ui.Btn{Label: i18n.T(ctx, "layout.error.list", "Page", i18n.T(ctx, l.key)), Href: l.href, Kind: ui.Primary}
			}
		}
	}
	return f.start(ctx)
}

func noAccess(ctx context.Context, company, email string) string {
	if company == "" {
		return i18n.T(ctx, "layout.no_access.text_alone", "Email", email)
	}
	return i18n.T(ctx, "layout.no_access.text", "Company", company, "Email", email)
}

func viaIcon(via bool) string {
	if via {
		return "org-via"
	}
	return "org-own"
}

// stay is the overview of where the person is.
func stay(here models.Party) string {
	if here.Organization == "" {
		return "/home"
	}
	return "/"
}

func orElse(text, otherwise string) string {
	if text != "" {
		return text
	}
	return otherwise
}
