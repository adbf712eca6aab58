package activity

import (
	"context"
	"net/url"
	"strconv"
	"time"

	"locum/models/event"
	"locum/views/i18n"
)

// Filter is what the reader chose to see, as the address says it.
type Filter struct {
	Text       string
	Kind       string // of Groups
	Person     string // id of an account
	PersonName string // as the events call him
	Visit      string // id
	Delegation string // id
	Via        bool   // through a delegation only
	Before     int64  // position
}

// Set says whether anything is narrowed.
func (f Filter) Set() bool {
	return f.Text != "" || f.Kind != "" || f.Person != "" || f.Visit != "" || f.Delegation != "" || f.Via
}

// Query writes the filter as the query of an address.
func (f Filter) Query() url.Values {
	q := url.Values{}
	for name, value := range map[string]string{"q": f.Text, "kind": f.Kind, "person": f.Person, "visit": f.Visit, "delegation": f.Delegation} {
		if value != "" {
			q.Set(name, value)
		}
	}
	if f.Via {
		q.Set("via", "delegation")
	}
	if f.Before > 0 {
		q.Set("before", strconv.FormatInt(f.Before, 10))
	}
	return q
}

// Props are what a page of activity shows.
type Props struct {
	Company bool   // of the whole company
	Place   string // its name, or the organization's
	Base    string // the address of the page: /activity or /company/activity
	Events  []event.Event
	Names   Names
	Filter  Filter
	Older   int64 // the position before which the next page begins; 0 when there is none
	Now     time.Time
}

// address is the page with a filter.
func (p Props) address(f Filter) string { return at(p.Base, f) }

func at(base string, f Filter) string {
	if query := f.Query().Encode(); query != "" {
		return base + "?" + query
	}
	return base
}

func (p Props) export() string {
	f := p.Filter
	f.Before = 0
	return at(p.Base+"/export", f)
}

// older and newest lead through the feed; empty where it ends.
func (p Props) older() string {
	if p.Older == 0 {
		return ""
	}
	f := p.Filter
	f.Before = p.Older
	return p.address(f)
}

func (p Props) newest() string {
	if p.Filter.Before == 0 {
		return ""
	}
	f := p.Filter
	f.Before = 0
	return p.address(f)
}

// via is the page with only what was done through a delegation, or again with
// everything.
func (p Props) via() string {
	f := p.Filter
	f.Before, f.Via = 0, !f.Via
	return p.address(f)
}

// pill is one narrowing that has no field of its own, and the way out of it.
type pill struct{ icon, text, without string }

func (p Props) pills(ctx context.Context) (list []pill) {
	base := p.Filter
	base.Before = 0
	if f := base; f.Person != "" {
		f.Person, f.PersonName = "", ""
		name := base.PersonName
		if name == "" {
			name = i18n.T(ctx, "activity.one_person")
		}
		list = append(list, pill{"user-round", name, p.address(f)})
	}
	if f := base; f.Visit != "" {
		f.Visit = ""
		list = append(list, pill{"org-via", i18n.T(ctx, "activity.one_visit"), p.address(f)})
	}
	if f := base; f.Delegation != "" {
		f.Delegation = ""
		list = append(list, pill{"org-via", i18n.T(ctx, "activity.one_delegation"), p.address(f)})
	}
	return list
}

// visit is the page with one visit alone.
func (p Props) visit(id string) string { return at(p.Base, Filter{Visit: id}) }

// lead says what the page holds.
func (p Props) lead(ctx context.Context) string {
	if p.Company {
		return i18n.T(ctx, "activity.lead.company", "Place", p.Place)
	}
	return i18n.T(ctx, "activity.lead", "Place", p.Place)
}

// field is a narrowing that the form keeps without showing it.
type field struct{ name, value string }

func (p Props) kept() (list []field) {
	f := p.Filter
	for _, kept := range []field{{"person", f.Person}, {"visit", f.Visit}, {"delegation", f.Delegation}} {
		if kept.value != "" {
			list = append(list, kept)
		}
	}
	if f.Via {
		list = append(list, field{"via", "delegation"})
	}
	return list
}

// recentPerson is whose sign stands before an event in a short feed; empty for
// an icon.
func recentPerson(e event.Event) string {
	if machine(e) {
		return ""
	}
	return e.AccountName
}
