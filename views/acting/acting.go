// Package acting shows a person where he can work and how he gets there: his
// places, the page that asks before a link leads into another organization,
// and what a host offers him. It acts on nothing by itself: every way into
// another organization is a form that is sent.
package acting

import (
	"cmp"
	"context"
	"net/url"
	"strconv"
	"strings"
	"time"

	"locum/models"
	"locum/models/access"
	"locum/models/delegation"
	"locum/models/tenancy"
	"locum/views/i18n"
	"locum/views/ui"
)

// Home is the page from which a person goes to work.
type Home struct {
	Name        string
	Query       string             // what the places were narrowed by
	Offers      []delegation.Offer // to accept or decline
	Invitations []tenancy.Offer    // to become a member
	Places      []access.Place     // that fit the query
	Count       int                // places in all
	Last        access.Place       // where he worked last, when Resumable
	Resumable   bool
	Suspended   []delegation.Offer // that wait for their host
	Operator    bool
	Now         time.Time
}

// many is from how many places on a filter helps.
const many = 7

// own are the places of which he is a member, but those he keeps at hand.
func (h Home) own() (list []access.Place) {
	for _, p := range h.Places {
		if !p.Via && !p.Pinned {
			list = append(list, p)
		}
	}
	return list
}

// via are the places that delegations open, now or later, but those he keeps at
// hand.
func (h Home) via() (list []access.Place) {
	for _, p := range h.Places {
		if p.Via && !p.Pinned {
			list = append(list, p)
		}
	}
	return list
}

// pinned are the places that he keeps at hand.
func (h Home) pinned() (list []access.Place) {
	for _, p := range h.Places {
		if p.Pinned {
			list = append(list, p)
		}
	}
	return list
}

// here is the address of the page, with what it is narrowed by.
func (h Home) here() string {
	if h.Query == "" {
		return "/home"
	}
	return "/home?" + url.Values{"q": {h.Query}}.Encode()
}

// greeting is by the person's clock and first name.
func (h Home) greeting(ctx context.Context) string {
	first, _, _ := strings.Cut(h.Name, " ")
	key := "acting.home.evening"
	switch hour := h.Now.In(i18n.From(ctx).Location()).Hour(); {
	case hour >= 5 && hour < 12:
		key = "acting.home.morning"
	case hour >= 12 && hour < 18:
		key = "acting.home.afternoon"
	}
	return i18n.T(ctx, key, "Name", first)
}

// firm is the company and its verified domain, where they say more than the
// organization's name.
func firm(p models.Party) string {
	var parts []string
	if p.CompanyName != p.Label() {
		parts = append(parts, p.CompanyName)
	}
	if p.Domain != "" {
		parts = append(parts, p.Domain)
	}
	return strings.Join(parts, " · ")
}

// target is what the switch's form sends for a place.
func target(p models.Party) string { return cmp.Or(p.Organization, p.Company) }

// soon is how long before its end a delegation asks for attention.
const soon = 48 * time.Hour

// left is the chip of a delegation's time: tone, text, icon.
func left(ctx context.Context, p access.Place, now time.Time) (tone, text, icon string) {
	l := i18n.From(ctx)
	switch {
	case p.Upcoming:
		return ui.Info, l.T("acting.home.starts_in", "Period", l.Period(p.Starts.Sub(now))), "calendar-clock"
	case p.Ends.IsZero():
		return ui.Off, l.Left(now, p.Ends), "infinity"
	case p.Ends.Sub(now) < soon:
		return ui.Warn, l.Left(now, p.Ends), "hourglass"
	}
	return ui.OK, l.Left(now, p.Ends), "timer"
}

// line is what stands below the name of a host.
func line(ctx context.Context, p access.Place, now time.Time) string {
	l := i18n.From(ctx)
	var parts []string
	if text := firm(p.Party); text != "" {
		parts = append(parts, text)
	}
	switch {
	case p.Upcoming:
		parts = append(parts, l.T("acting.home.from", "When", l.ShortDateTime(now, p.Starts)))
	case !p.Ends.IsZero():
		parts = append(parts, l.T("acting.home.until", "When", l.ShortDateTime(now, p.Ends)))
	}
	return strings.Join(append(parts, l.T("acting.home.given_by", "Name", p.GivenBy)), " · ")
}

// offered is what stands below the host of an offer.
func offered(ctx context.Context, o delegation.Offer, now time.Time) string {
	l := i18n.From(ctx)
	end := l.T("acting.offer.endless")
	if o.EndsAt != nil {
		end = l.T("acting.home.until", "When", l.ShortDateTime(now, o.EndsAt.Time))
	}
	return l.T("acting.home.given_by", "Name", o.GrantedByName) + " · " + end
}

// Ask is the page that asks before a link leads into another organization.
type Ask struct {
	Here    models.Party
	HereVia bool
	There   access.Place
	To      string // where the link leads to, there
}

// text says what switching does.
func (a Ask) text(ctx context.Context) string {
	text := i18n.T(ctx, "acting.ask.text", "There", a.There.Label(), "Here", a.Here.Label())
	if a.Here.None() {
		text = i18n.T(ctx, "acting.ask.text_first", "There", a.There.Label())
	}
	if a.HereVia {
		text += " " + i18n.T(ctx, "acting.ask.leaves", "Here", a.Here.Label())
	}
	if a.There.Via {
		text += " " + i18n.T(ctx, "acting.ask.told", "There", a.There.Label())
	}
	return text
}

// overview is where a person goes on in a party.
func overview(p models.Party) string {
	switch {
	case p.None():
		return "/home"
	case p.Organization == "":
		return "/company"
	}
	return "/"
}

func orgIcon(via bool) string {
	if via {
		return "org-via"
	}
	return "org-own"
}

func hue(p models.Party) string { return strconv.Itoa(max(1, p.Hue)) }

func names(roles []tenancy.Role) []string {
	list := make([]string, len(roles))
	for i, r := range roles {
		list[i] = r.Name
	}
	return list
}
