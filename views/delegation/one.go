package delegation

import (
	"cmp"
	"context"
	"strconv"
	"time"

	"github.com/a-h/templ"

	"locum/models"
	"locum/models/access"
	"locum/models/delegation"
	"locum/models/event"
	"locum/views/i18n"
	"locum/views/notice"
	"locum/views/ui"
)

// One is the page of one delegation.
type One struct {
	delegation.Details
	Host      models.Party
	History   []Happening // newest first
	Extend    Periods
	Mails     notice.Mails
	Tokens    []access.OwnToken       // made in its visits
	Following []access.FollowingToken // that followed its consultant here
	Conflict  *models.Message         // why nothing was changed, or nil
	Reader    string                  // account
	Note      string                  // what was written beside a decision
	Wrong     models.FieldErrors      // what is wrong with it
	Now       time.Time
}

// Happening is one event in the history of a delegation.
type Happening struct {
	Type   string
	Name   string // who did it; empty: it happened by itself
	At     time.Time
	Ends   time.Time // the end from then on; zero for none
	Before time.Time // the end before it was changed
	Why    string    // it was suspended, or has to be confirmed

	AnswerBy time.Time // until when it has to be confirmed
	Said     string    // what somebody wrote with it
}

// signs are the icons of what happened without anyone doing it.
var signs = map[string]string{event.DelegationExpired: "clock", event.DelegationSuspended: "circle-pause",
	event.DelegationQuestioned: "circle-help", event.DelegationEndSet: "clock"}

func (h Happening) feed(ctx context.Context, now time.Time) ui.FeedProps {
	return ui.FeedProps{Person: h.Name, Icon: cmp.Or(signs[h.Type], "org-via"), Time: i18n.From(ctx).ShortDateTime(now, h.At),
		ISO: h.At.UTC().Format(time.RFC3339), Sub: h.more(ctx)}
}

// sentence says what happened, with the name in bold.
func (h Happening) sentence(ctx context.Context) string {
	return i18n.T(ctx, "delegation.history."+h.Type[len("delegation."):], "Name", ui.Strong(h.Name))
}

// end is an end as a part of a sentence.
func end(ctx context.Context, at time.Time) string {
	if at.IsZero() {
		return i18n.T(ctx, "delegation.line.no_end")
	}
	return i18n.T(ctx, "delegation.line.until", "When", at)
}

// detail is the line below what happened, or nothing.
func (h Happening) detail(ctx context.Context) string {
	switch h.Type {
	case event.DelegationGranted:
		return end(ctx, h.Ends)
	case event.DelegationExtended:
		return i18n.T(ctx, "delegation.history.extended.from", "Ends", end(ctx, h.Ends), "Before", end(ctx, h.Before))
	case event.DelegationSuspended:
		return i18n.T(ctx, "delegation.suspended."+h.Why)
	case event.DelegationQuestioned:
		return i18n.T(ctx, "delegation.history.questioned."+h.Why, "When", h.AnswerBy)
	case event.DelegationEndSet:
		return end(ctx, h.Ends)
	case event.DelegationMoreAsked, event.DelegationMoreRefused:
		return h.Said
	}
	return ""
}

// firm is the consultant's own organization as a party of a line.
func (o One) firm() models.Party {
	p := o.Firm
	if p.Company == "" {
		p.Company = o.RealCompanyID // a Party without one is none
	}
	return p
}

// window is the time that the drawing of this delegation shows.
func (o One) window() ui.Window {
	w := ui.Window{From: o.StartsAt.Time, To: endOf(o.Delegation), Now: o.Now}
	if w.To.IsZero() { // as much ahead as has passed, and a day at least
		w.To = o.Now.Add(max(24*time.Hour, o.Now.Sub(w.From)))
	}
	return w
}

// percent is the place of a moment in the window.
func percent(w ui.Window, at time.Time) string {
	part := 100 * float64(at.Sub(w.From)) / float64(max(1, w.To.Sub(w.From)))
	return strconv.FormatFloat(min(100, max(0, part)), 'f', 2, 64) + "%"
}

// stay is how wide a visit is drawn; a short one can still be seen.
func stay(w ui.Window, v delegation.Visit, now time.Time) string {
	part := 100 * float64(v.Length(now)) / float64(max(1, w.To.Sub(w.From)))
	return strconv.FormatFloat(max(0.6, part), 'f', 2, 64) + "%"
}

// label says in words what the drawing shows.
func (o One) label(ctx context.Context) string {
	return headline(ctx, o.Delegation, o.Now) + ", " + i18n.N(ctx, "delegation.visits", len(o.Visits))
}

// from is the period in full, on the reader's clock.
func (o One) from(ctx context.Context) string {
	l := i18n.From(ctx)
	starts := l.ShortDateTime(o.Now, o.StartsAt.Time)
	if o.EndsAt == nil {
		return l.T("delegation.range.endless", "Starts", starts)
	}
	return l.T("delegation.range", "Starts", starts, "Ends", l.ShortDateTime(o.Now, o.EndsAt.Time))
}

// hosts is the end on the host's clock, where that shows another time.
func (o One) hosts(ctx context.Context) string {
	if o.EndsAt == nil || sameClock(ctx, o.Host.TimeZone, o.EndsAt.Time) {
		return ""
	}
	return i18n.T(ctx, "delegation.range.host", "Host", o.Host.Name, "Ends", inZone(ctx, o.Host.TimeZone).ShortDateTime(o.Now, o.EndsAt.Time))
}

var leaveIcons = map[delegation.LeaveReason]string{
	delegation.SwitchedBack: "undo-2", delegation.SwitchedOn: "arrow-left-right", delegation.SignedOut: "log-out", delegation.SessionEnded: "log-out",
	delegation.Idle: "clock", delegation.ByExpiry: "clock", delegation.ByRevocation: "ban", delegation.BySuspension: "circle-pause", delegation.Closed: "lock",
	delegation.ByGivingBack: "undo-2", delegation.ByHost: "user-x",
}

// given says by whom and when.
func (o One) given(ctx context.Context) string {
	return i18n.T(ctx, "delegation.fact.given", "Name", o.GrantedByName, "When", i18n.From(ctx).ShortDateTime(o.Now, o.GrantedAt.Time))
}

// total is how many visits there were, and how long together.
func (o One) total(ctx context.Context) string {
	if len(o.Visits) == 0 {
		return i18n.T(ctx, "delegation.visit.none")
	}
	return i18n.N(ctx, "delegation.visits.total", len(o.Visits), "Duration", i18n.From(ctx).Duration(o.VisitTime(o.Now)))
}

// address is one of the addresses of this delegation's forms.
func (o One) address(rest string) string { return "/delegations/" + o.ID + rest }

func (o One) version() string { return strconv.FormatInt(o.Version, 10) }

// more is the detail of what happened as a component, or nil.
func (h Happening) more(ctx context.Context) templ.Component {
	if text := h.detail(ctx); text != "" {
		return happeningDetail(text)
	}
	return nil
}

// passed is until when the period is drawn as passed.
func (o One) passed() time.Time {
	switch {
	case o.RevokedAt != nil:
		return o.RevokedAt.Time
	case o.DeclinedAt != nil:
		return o.DeclinedAt.Time
	}
	return o.Now
}

func visitHead(ctx context.Context) []ui.Column {
	return []ui.Column{
		{Title: i18n.T(ctx, "delegation.visit.day")}, {Title: i18n.T(ctx, "delegation.visit.entered")}, {Title: i18n.T(ctx, "delegation.visit.left")},
		{Title: i18n.T(ctx, "delegation.visit.stayed"), Class: "end"}, {Title: i18n.T(ctx, "delegation.visit.ended")},
		{Title: i18n.T(ctx, "delegation.visit.activity"), Hidden: true},
	}
}

// leftAt is when a visit ended: the time alone when it was on the same day.
func leftAt(l i18n.Locale, v delegation.Visit) string {
	if l.Date(v.EnteredAt.Time) == l.Date(v.LeftAt.Time) {
		return l.Time(v.LeftAt.Time)
	}
	return l.ShortDateTime(v.EnteredAt.Time, v.LeftAt.Time)
}

// applications says which applications a delegation opens.
func applications(ctx context.Context, d delegation.Delegation) string {
	switch {
	case d.AllApplications && d.NamedApplications == "":
		return i18n.T(ctx, "delegation.fact.applications.all")
	case d.AllApplications:
		return i18n.T(ctx, "granting.fact.applications.some_later")
	case d.NamedApplications != "":
		return i18n.T(ctx, "granting.fact.applications.some")
	}
	return i18n.T(ctx, "delegation.fact.applications.chosen")
}

// domain is the verified domain that tells a firm from another of its name.
func domain(ctx context.Context, firm models.Party) string {
	if firm.Domain == "" {
		return i18n.T(ctx, "delegation.fact.no_domain")
	}
	return firm.Domain
}

// extendable says whether a later end can be given: not while one is proposed.
func (o One) extendable() bool { return !o.Over(o.Now) && o.Given() && o.Waiting == nil }

// giver is what the one who gave it is called: while nobody agreed he proposes.
func (o One) giver(ctx context.Context) string {
	if !o.Given() {
		return i18n.T(ctx, "granting.fact.proposed")
	}
	return i18n.T(ctx, "delegation.fact.given_by")
}
