// Package consultancy shows what goes between an organization and those who
// work for it from outside. Times are on the reader's clock, with the host's
// beside them where it differs.
package consultancy

import (
	"context"
	"time"

	"locum/models"
	"locum/models/delegation"
	views "locum/views/delegation"
	"locum/views/i18n"
	"locum/views/ui"
)

// Requests is what an organization was asked for, with its request link.
type Requests struct {
	Host models.Party
	Link string // its address; empty while it is off
	Made *delegation.RequestLink
	List []delegation.AccessRequest
	Now  time.Time
}

// Request is one request for those who decide.
type Request struct {
	delegation.Asker
	Host    models.Party
	Note    string
	Wrong   models.FieldErrors
	Problem *models.Message
	Now     time.Time
}

// Wish is the form of who asks.
type Wish struct {
	delegation.RequestHost
	Token   string
	Email   string
	In      delegation.Wish
	Wrong   models.FieldErrors
	Problem *models.Message
	Now     time.Time
}

// periods are how long one can ask for. Their ends are not shown: they are on
// the host's clock, which is not for strangers.
func (w Wish) periods(ctx context.Context) (options []ui.Option) {
	for _, p := range delegation.Periods {
		options = append(options, ui.Option{Value: string(p), Label: i18n.T(ctx, "delegation.period."+string(p))})
	}
	return options
}

// Firms are the delegations to firms of an organization.
type Firms struct {
	Host models.Party
	List []delegation.FirmDetails
	Now  time.Time
}

// FirmFilled is the form for a delegation to a firm, as it was filled in.
type FirmFilled struct {
	Choices delegation.Choices
	In      delegation.FirmProposal
	Wrong   models.FieldErrors
	Preview FirmPreview
	Now     time.Time
}

// firmFields are the form's fields in their order, for the summary of errors.
var firmFields = []string{"firm", "people", "role", "period", "date", "reason", "ticket"}

// terms are what the form has in common with that for one person.
func (f FirmFilled) terms() views.Form {
	return views.Form{Choices: f.Choices, Wrong: f.Wrong, Now: f.Now,
		In: delegation.Proposal{Roles: f.In.Roles, Chosen: f.In.Chosen, Period: f.In.Period, Date: f.In.Date, Reason: f.In.Reason, Ticket: f.In.Ticket}}
}

func (f FirmFilled) periods() views.Periods {
	return views.Periods{ID: "firm-", Chosen: f.In.Period, Date: f.In.Date, Wrong: f.Wrong, Host: f.Choices.Host, Now: f.Now}
}

func (f FirmFilled) control(ctx context.Context, name string, optional bool) ui.Control {
	hint := ""
	if key := "firm.form." + name + ".hint"; i18n.Has(key) {
		hint = i18n.T(ctx, key)
	}
	return ui.Control{Name: name, Label: i18n.T(ctx, "firm.form."+name), Hint: hint, Error: ui.ErrorText(ctx, f.Wrong, name), Optional: optional}
}

// FirmPreview is what a firm would get, in plain words.
type FirmPreview struct {
	Plan  delegation.FirmPlan
	In    delegation.FirmProposal
	Wrong models.FieldErrors
	Now   time.Time
}

// sentence says which firm may name how many people until when.
func (p FirmPreview) sentence(ctx context.Context) string {
	args := []any{"Firm", ui.Strong(p.Plan.Firm.CompanyName), "Domain", ui.Strong(p.Plan.Firm.Domain), "Host", ui.Strong(p.Plan.Host.Name),
		"Roles", ui.Strong(i18n.From(ctx).List(i18n.From(ctx).Roles(p.Plan.RoleNames)))}
	if p.Plan.Ends == nil {
		return i18n.N(ctx, "firm.preview.endless", p.Plan.People, args...)
	}
	ends := i18n.For(i18n.From(ctx).Language, p.Plan.Host.TimeZone).DateTime(p.Plan.Ends.Time)
	return i18n.N(ctx, "firm.preview.until", p.Plan.People, append(args, "Ends", ui.Strong(ends))...)
}

// Firm is one delegation to a firm.
type Firm struct {
	delegation.FirmDetails
	Host   models.Party
	Mine   string // the reader's account
	Extend views.Periods
	// Approval says that another superuser has to agree to a later end.
	Approval bool
	Problem  *models.Message
	Now      time.Time
}

// wanted says which later end waits for approval.
func (f Firm) wanted(ctx context.Context) string {
	if f.WantedEndsAt == nil {
		return i18n.T(ctx, "firm.wanted.endless")
	}
	return i18n.From(ctx).DateTime(f.WantedEndsAt.Time)
}

// Person is somebody whom the firm named, in his newest delegation.
func (f Firm) Person(account string) (found delegation.Details, there bool) {
	for _, d := range f.Named {
		if d.NamedID == account {
			found, there = d, true
		}
	}
	return found, there
}

// ending says what ending it does to those whom the firm named.
func (f Firm) ending(ctx context.Context) string {
	if taken := f.Taken(f.Now); taken > 0 {
		return i18n.N(ctx, "firm.end.text", taken)
	}
	return i18n.T(ctx, "firm.end.text.nobody", "Firm", f.FirmName)
}

// firmLook is how a status of a delegation to a firm looks.
var firmLooks = map[delegation.FirmStatus][2]string{
	delegation.FirmWaiting: {ui.Warn, "hourglass"}, delegation.FirmLapsed: {ui.Off, "clock"}, delegation.FirmUpcoming: {ui.Info, "calendar-clock"},
	delegation.FirmRunning: {ui.OK, "check"}, delegation.FirmExpired: {ui.Off, "clock"}, delegation.FirmEnded: {ui.Off, "ban"},
	delegation.FirmSuspended: {ui.Warn, "circle-pause"},
}

// until says when something ends, shortly.
func until(ctx context.Context, now time.Time, ends *models.Instant) string {
	if ends == nil {
		return i18n.T(ctx, "common.time.endless")
	}
	return i18n.From(ctx).ShortDateTime(now, ends.Time)
}

// domain is the verified domain that tells a party from another of its name.
func domain(ctx context.Context, p models.Party) string {
	if p.Domain == "" {
		return i18n.T(ctx, "delegation.fact.no_domain")
	}
	return p.Domain
}

// Mine is what a person has, was offered and asked for elsewhere.
type Mine struct {
	Offered []delegation.Offer
	Held    []delegation.Offer
	Asked   []delegation.OwnRequest
	Inside  string // the delegation through which he works now
	Now     time.Time
}

// held are the delegations under one head, the one that ends first on top.
func (m Mine) held(of func(delegation.Status) bool) (list []delegation.Offer) {
	for _, o := range m.Held {
		if of(o.Status(m.Now)) {
			list = append(list, o)
		}
	}
	return list
}

func (m Mine) active() []delegation.Offer { return m.held(delegation.Status.MayEnter) }
func (m Mine) ended() []delegation.Offer  { return m.held(delegation.Status.Ended) }
func (m Mine) waiting() []delegation.Offer {
	return m.held(func(s delegation.Status) bool { return !s.MayEnter() && !s.Ended() })
}

// line says who gave it until when.
func (m Mine) line(ctx context.Context, o delegation.Offer) string {
	l := i18n.From(ctx)
	text := l.T("acting.home.given_by", "Name", o.GrantedByName) + " · "
	switch status := o.Status(m.Now); {
	case status == delegation.Upcoming:
		return text + l.T("acting.home.from", "When", l.ShortDateTime(m.Now, o.StartsAt.Time))
	case status == delegation.Revoked && o.RevokedAt != nil:
		return text + l.T("mine.ended", "When", l.ShortDateTime(m.Now, o.RevokedAt.Time))
	case status == delegation.Expired && o.EndsAt != nil:
		return text + l.T("mine.ended", "When", l.ShortDateTime(m.Now, o.EndsAt.Time))
	case o.EndsAt == nil:
		return text + l.T("common.time.endless")
	}
	return text + l.T("acting.home.until", "When", l.ShortDateTime(m.Now, o.EndsAt.Time))
}

// Console is a firm's view of where its people work.
type Console struct {
	Company string
	List    []delegation.Customer
	Now     time.Time
}

// count counts the engagements of all customers that are of a kind.
func (c Console) count(of func(delegation.Engagement) bool) (n int) {
	for _, customer := range c.List {
		for _, e := range customer.People {
			if of(e) {
				n++
			}
		}
	}
	return n
}

func (c Console) here(e delegation.Engagement) bool    { return e.Present }
func (c Console) renewal(e delegation.Engagement) bool { return e.Renewal(c.Now) }
func (c Console) left(e delegation.Engagement) bool    { return e.Left }

// people counts those who have a delegation anywhere.
func (c Console) people() int {
	seen := map[string]bool{}
	for _, customer := range c.List {
		for _, e := range customer.People {
			seen[e.Account] = true
		}
	}
	return len(seen)
}

// dated is an engagement with its host.
type dated struct {
	delegation.Engagement
	host models.Party
}

// find lists the engagements of a kind with their hosts.
func (c Console) find(of func(delegation.Engagement) bool) (list []dated) {
	for _, customer := range c.List {
		for _, e := range customer.People {
			if of(e) {
				list = append(list, dated{e, customer.Host})
			}
		}
	}
	return list
}

// Grant is a delegation to the reader's firm, with whom he can name.
type Grant struct {
	delegation.FirmGrant
	Company    string
	Candidates []delegation.Candidate
	Query      string
	Problem    *models.Message
	Now        time.Time
}
