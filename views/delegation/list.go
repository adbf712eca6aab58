package delegation

import (
	"cmp"
	"context"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"locum/models"
	"locum/models/delegation"
	"locum/views/i18n"
	"locum/views/ui"
)

// Tab is one way to look at the list, as its address says it.
type Tab string

// The tabs. Inside stands for the tile of those who are here now.
const (
	All       Tab = ""
	MayEnter  Tab = "may-enter"
	Attention Tab = "attention"
	Ended     Tab = "ended"
	Dormant   Tab = "dormant"
	Inside    Tab = "inside"
)

// Tabs lists them in their order; Inside is shown while it is chosen, and Dormant
// while there is something in it.
var Tabs = []Tab{All, MayEnter, Attention, Dormant, Ended, Inside}

// Holds says whether a delegation belongs under the tab.
func (t Tab) Holds(d delegation.Details, now time.Time) bool {
	switch t {
	case MayEnter:
		return d.Status(now).MayEnter()
	case Attention:
		return d.NeedsAttention(now) || d.Undecided
	case Ended:
		return d.Status(now).Ended()
	case Dormant:
		return d.Dormant(now)
	case Inside:
		return d.Present
	}
	return true
}

func (t Tab) key() string {
	return "delegation.tab." + cmp.Or(strings.ReplaceAll(string(t), "-", "_"), "all")
}

// Filter is what the address of the list asks for.
type Filter struct {
	Tab   Tab
	Query string // in the name, the e-mail address or the organization
	Role  string // its name
}

// Finds says whether a delegation is asked for.
func (f Filter) Finds(d delegation.Details, now time.Time) bool {
	text := strings.ToLower(d.Person() + "\n" + d.Email + "\n" + d.Firm.Name + "\n" + d.Ticket)
	return f.Tab.Holds(d, now) && strings.Contains(text, strings.ToLower(strings.TrimSpace(f.Query))) &&
		(f.Role == "" || slices.Contains(d.RoleNames, f.Role))
}

// address is that of the list with this filter, on a page of it.
func (f Filter) address(page int) string {
	q := url.Values{}
	for name, value := range map[string]string{"tab": string(f.Tab), "q": f.Query, "role": f.Role} {
		if value != "" {
			q.Set(name, value)
		}
	}
	if page > 1 {
		q.Set("page", strconv.Itoa(page))
	}
	if len(q) == 0 {
		return "/delegations"
	}
	return "/delegations?" + q.Encode()
}

// List is the page of all delegations of an organization.
type List struct {
	Host   models.Party
	All    []delegation.Details // of the organization
	Shown  []delegation.Details // what the filter finds, of this page
	Found  int                  // by the filter, on all pages
	Filter Filter
	Page   models.Page
	Stuck  int64 // mails that wait for the mail server
	Asked  int   // requests from outside that wait for an answer
	// Muted is how many of the Superusers muted a delegation, by its id.
	Muted      map[string]int
	Superusers int
	Now        time.Time
}

func (l List) count(t Tab) (n int) {
	for _, d := range l.All {
		if t.Holds(d, l.Now) {
			n++
		}
	}
	return n
}

func (l List) tabs(ctx context.Context) (tabs []ui.Tab) {
	for _, t := range Tabs {
		if t == Inside && l.Filter.Tab != Inside || t == Dormant && l.Filter.Tab != Dormant && l.count(Dormant) == 0 {
			continue
		}
		to := l.Filter
		to.Tab = t
		tabs = append(tabs, ui.Tab{Text: i18n.T(ctx, t.key()), Href: to.address(1), Count: l.count(t), Counted: true, Current: t == l.Filter.Tab})
	}
	return tabs
}

// roles are the names of every role that a delegation of the list gives.
func (l List) roles(ctx context.Context) []ui.Option {
	var names []string
	for _, d := range l.All {
		for _, name := range d.RoleNames {
			if !slices.Contains(names, name) {
				names = append(names, name)
			}
		}
	}
	slices.Sort(names)
	options := []ui.Option{{Label: i18n.T(ctx, "delegation.filter.any_role")}}
	for _, name := range names {
		options = append(options, ui.Option{Value: name, Label: i18n.Role(ctx, name)})
	}
	return options
}

// open is the visit of a consultant who is inside.
func open(d delegation.Details) (delegation.Visit, bool) {
	for _, v := range d.Visits {
		if v.LeftAt == nil {
			return v, true
		}
	}
	return delegation.Visit{}, false
}

// lastVisit is the last column: when, and how long or since when.
func (l List) lastVisit(ctx context.Context, d delegation.Details) (when, more string) {
	locale := i18n.From(ctx)
	if v, ok := open(d); ok && d.Present {
		return locale.T("delegation.visit.here_now"), locale.T("delegation.visit.since", "Time", locale.Relative(l.Now, v.EnteredAt.Time))
	}
	if v, ok := d.Last(); ok {
		return locale.Relative(l.Now, v.EnteredAt.Time), locale.Duration(v.Length(l.Now))
	}
	return "", ""
}

// menu is what can be done with a delegation from its row.
func (l List) menu(ctx context.Context, d delegation.Details) []ui.Item {
	page := "/delegations/" + d.ID
	items := []ui.Item{
		{Icon: "eye", Text: i18n.T(ctx, "delegation.action.details"), Href: page},
		{Icon: "history", Text: i18n.T(ctx, "delegation.action.activity"), Href: "/activity?delegation=" + d.ID},
	}
	if d.Over(l.Now) {
		return items
	}
	if !d.Given() {
		return append(items, ui.Item{Icon: "hourglass", Text: i18n.T(ctx, "granting.approve.see"), Href: page + "/approval"})
	}
	items = append(items, ui.Item{Icon: "pencil", Text: i18n.T(ctx, "granting.change"), Href: page + "/change"})
	extend := i18n.T(ctx, "delegation.action.extend")
	if d.EndsAt == nil {
		extend = i18n.T(ctx, "delegation.question.set_end")
	}
	items = append(items, ui.Item{Icon: "calendar-plus", Text: extend, Href: page + "#extend"})
	return append(items,
		ui.Item{Divider: true},
		ui.Item{Icon: "ban", Text: i18n.T(ctx, "delegation.action.revoke"), Href: page + "/revoke", Danger: true})
}

// pages are the addresses before and after this page.
func (l List) pages() (previous, next string) {
	if l.Page.Number > 1 {
		previous = l.Filter.address(l.Page.Number - 1)
	}
	if l.Page.Offset()+len(l.Shown) < l.Found {
		next = l.Filter.address(l.Page.Number + 1)
	}
	return previous, next
}

func (l List) head(ctx context.Context, w ui.Window) []ui.Column {
	return []ui.Column{
		{Title: i18n.T(ctx, "delegation.column.person")}, {Title: i18n.T(ctx, "delegation.column.status")},
		{Title: i18n.T(ctx, "delegation.column.period")}, {Title: i18n.T(ctx, "delegation.column.timeline"), Class: "lane-cell", Lane: &w},
		{Title: i18n.T(ctx, "delegation.column.roles")}, {Title: i18n.T(ctx, "delegation.column.last_visit")},
		{Title: i18n.T(ctx, "common.actions"), Hidden: true},
	}
}

// under is what stands below the consultant's name: his own organization with
// its verified domain, or the invited address.
func under(d delegation.Details) string {
	switch {
	case d.AccountID == "" && d.AccountName == "":
		return ""
	case d.Firm.Name == "":
		return d.Email
	case d.Firm.Domain != "":
		return d.Firm.Name + " · " + d.Firm.Domain
	}
	return d.Firm.Name
}
