// Package layout is the house every page lives in: the banner, the top bar with
// the switcher, the navigation and the sheet, a bare page for those who are not
// signed in, and the pages that say what went wrong. It shows what the Frame in
// the context says; it decides no authority and loads nothing. What a person
// may not open is left out.
package layout

import (
	"context"
	"strings"
	"time"

	"github.com/a-h/templ"

	"locum/models"
	"locum/static"
	"locum/views/i18n"
	"locum/views/ui"
)

// Area is one of the parts of Locum with a navigation of its own.
type Area string

// The areas. PersonalArea is what belongs to the person wherever he works:
// places, account and offers; it shows the navigation of where he works.
const (
	OrganizationArea Area = "organization"
	CompanyArea      Area = "company"
	PlatformArea     Area = "platform"
	PersonalArea     Area = "account"
)

// Frame is what a page knows of the request besides its own content. The web
// layer makes it, once per request.
type Frame struct {
	Actor   models.Actor
	Area    Area
	Path    string // of the request, with its query
	Theme   string // "light" or "dark"; anything else follows the system
	Now     time.Time
	Places  []Place
	Notices []ui.NoticeProps // said once, as the first thing in the page
	SetUps  []SetUp          // under way in the company, on its pages
	// BreakGlass are the break-glass sessions that last, in the company's area.
	BreakGlass []BreakGlass
	Bell       Bell
	// Counts stand beside links of the navigation, by their address.
	Counts map[string]int
}

// SetUp is an operator who sets up the company on its behalf.
type SetUp struct {
	Operator string
	Reason   string
	Ends     time.Time
	Stop     string // the address at which it can be ended, or empty
}

// Bell is the way to a person's inbox, where he has one.
type Bell struct {
	Has     bool
	Unread  int
	Bounced string // his address, when mail does not reach it
}

// count is how much is unread, as there is room for it.
func (b Bell) count(ctx context.Context) string {
	if b.Unread > 99 {
		return "99+"
	}
	return i18n.From(ctx).Number(b.Unread)
}

// BreakGlass is a break-glass session, which every page of its company shows
// while it lasts.
type BreakGlass struct {
	Session, Name, Reason string
	Entered, Ends         time.Time
}

// Place is an organization in which the person may work.
type Place struct {
	Organization string // id
	Name         string
	Hue          int
	Icon         string    // the organization's own sign; empty for the common one
	Company      string    // the name of its company
	Domain       string    // the verified one of its company, by which names that look alike are told apart
	Via          bool      // through a delegation
	Current      bool      // where he works now
	Own          bool      // his real party
	Ends         time.Time // zero for no end date
	Starts       time.Time // of a delegation that is not valid yet, else zero
	Used         time.Time // when he went there last; zero: never
	Pinned       bool      // he keeps it at hand
	Sub          string    // what he is there ("Superuser"); by default the time left
}

// Upcoming says that the delegation has not begun yet.
func (p Place) Upcoming(now time.Time) bool { return p.Starts.After(now) }

type frameKey struct{}

// With returns a context that carries the frame, and its epoch and organization
// to the forms.
func With(ctx context.Context, f Frame) context.Context {
	ctx = ui.WithPlace(context.WithValue(ctx, frameKey{}, f), f.Actor.Effective.Place())
	return ui.WithEpoch(ctx, f.Actor.Epoch)
}

// From is the frame of the page; without one, that of nobody.
func From(ctx context.Context) Frame {
	f, _ := ctx.Value(frameKey{}).(Frame)
	return f
}

// The widths of a page's content.
const (
	Wide   = ""            // lists and overviews
	Mid    = "page-mid"    // forms
	Narrow = "page-narrow" // reading
)

// Page is what a page says about itself.
type Page struct {
	Title string
	Width string // Wide, Mid or Narrow
	// Refresh is where a bare page goes on by itself at once, as on the way to
	// an identity provider, which a form's redirect may not reach.
	Refresh string
	// Follows says that an open page is loaded again when the person switches, instead
	// of leading to where he works then: it answers something else there.
	Follows bool
	// Head is further content of the document's head, or nil.
	Head templ.Component
}

// place is where the person works, as the title of a document says it.
func (f Frame) place(ctx context.Context) string {
	switch f.Area {
	case CompanyArea:
		return f.Actor.Effective.CompanyName
	case PlatformArea:
		return i18n.T(ctx, "layout.nav.platform")
	}
	return f.Actor.Effective.Label()
}

// document is the text of the title element. While visiting it begins with the
// host, so that it shows in the narrowest tab.
func (f Frame) document(ctx context.Context, title string) string {
	parts := []string{title}
	if place := f.place(ctx); f.Actor.Visiting() {
		parts = []string{place, title}
	} else if place != "" {
		parts = append(parts, place)
	}
	return strings.Join(append(parts, "Locum"), " · ")
}

// favicon is the address of the sign in the browser's tab: the organization's in
// which one works, or Locum's.
func (f Frame) favicon() string {
	if at := f.Actor.Effective; at.Organization != "" && (f.Area == OrganizationArea || f.Area == PersonalArea) {
		return static.Favicon(at.Hue, f.Actor.Visiting(), at.Icon)
	}
	return static.Path("favicon.svg")
}

// soon is how long before its end a delegation asks for attention.
const soon = 48 * time.Hour

// tone is the colour of a delegation's time left, icon its sign.
func (p Place) tone(now time.Time) string {
	switch {
	case p.Upcoming(now):
		return ui.Info
	case p.Ends.IsZero():
		return ui.Off
	case p.Ends.Sub(now) < soon:
		return ui.Warn
	}
	return ui.OK
}

func (p Place) icon(now time.Time) string {
	switch p.tone(now) {
	case ui.Info:
		return "calendar-clock"
	case ui.Off:
		return "infinity"
	case ui.Warn:
		return "hourglass"
	}
	return "timer"
}

// line is what stands below the name of a place reached by delegation.
func (p Place) line(ctx context.Context, now time.Time) string {
	locale := i18n.From(ctx)
	text := locale.Left(now, p.Ends)
	if p.Upcoming(now) {
		text = locale.T("layout.switcher.starts", "When", locale.ShortDateTime(now, p.Starts))
	}
	if p.Domain != "" {
		text = p.Domain + " · " + text
	}
	return text
}
