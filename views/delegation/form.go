package delegation

import (
	"context"
	"slices"
	"time"

	"locum/models"
	"locum/models/delegation"
	"locum/models/tenancy"
	"locum/views/i18n"
	"locum/views/ui"
)

// The two answers to what somebody may do, as the form sends them.
const (
	AsMember    = "member"
	ChosenRoles = "chosen"
)

// Form is the page for a new delegation: what can be given, what was filled
// in, and what is wrong with it.
type Form struct {
	Choices delegation.Choices
	In      delegation.Proposal
	Wrong   models.FieldErrors
	Preview Preview
	Changes *Changes // of the delegation that is changed; nil for a new one
	Now     time.Time
}

// fields are the form's fields in their order, for the summary of errors.
var fields = []string{"approval", "email", "role", "start_date", "start_time", "period", "date", "reason", "ticket", "language"}

func (f Form) control(ctx context.Context, name, label, hint string) ui.Control {
	return ui.Control{Name: name, Label: label, Hint: hint, Error: wrongOf(ctx, f.Wrong, name)}
}

// scopes are the two answers to what he may do.
func (f Form) scopes(ctx context.Context) []ui.Pick {
	chosen := f.In.Chosen
	picks := []ui.Pick{{Radio: true, Name: "scope", Value: AsMember, Checked: !chosen, Badge: i18n.T(ctx, "delegation.form.default"),
		Title: i18n.T(ctx, "delegation.form.as_member"), Hint: i18n.T(ctx, "delegation.form.as_member.hint")}}
	if len(f.Choices.Applications) == 0 && len(f.more()) == 0 {
		return picks
	}
	return append(picks, ui.Pick{Radio: true, Name: "scope", Value: ChosenRoles, Checked: chosen,
		Title: i18n.T(ctx, "delegation.form.chosen"), Hint: i18n.T(ctx, "granting.chosen.hint")})
}

// more are the organization's own roles beside the one every member has.
func (f Form) more() (roles []tenancy.Role) {
	for _, r := range f.Choices.Roles {
		if r.ID != tenancy.Member {
			roles = append(roles, r)
		}
	}
	return roles
}

// ByDefault stands before the id of an application that opens with its default
// role, where otherwise a role's id is sent.
const ByDefault = "default:"

// rolesIn are the answers for one application: closed, open with its default
// role, or with one of its roles.
func (f Form) rolesIn(ctx context.Context, app tenancy.Application) []ui.Option {
	byDefault := i18n.T(ctx, "granting.app.default")
	for _, r := range f.Choices.ByApp[app.ID] {
		if r.IsDefault {
			byDefault = i18n.T(ctx, "granting.app.default.named", "Role", i18n.Role(ctx, r.Name))
		}
	}
	options := []ui.Option{{Label: i18n.T(ctx, "granting.app.closed")}, {Value: ByDefault + app.ID, Label: byDefault}}
	for _, r := range f.Choices.ByApp[app.ID] {
		options = append(options, ui.Option{Value: r.ID, Label: i18n.Role(ctx, r.Name)})
	}
	return options
}

// chosenIn is what was chosen for an application.
func (f Form) chosenIn(app tenancy.Application) string {
	for _, r := range f.Choices.ByApp[app.ID] {
		if slices.Contains(f.In.Roles, r.ID) {
			return r.ID
		}
	}
	if slices.Contains(f.In.Applications, app.ID) {
		return ByDefault + app.ID
	}
	return ""
}

func (f Form) languages() (options []ui.Option) {
	for _, code := range i18n.Languages() {
		options = append(options, ui.Option{Value: code, Label: i18n.For(code, "").T("common.language.name")})
	}
	return options
}

// Periods is the choice of how long, with when each would end.
type Periods struct {
	ID     string // prefix of the ids of its fields
	Chosen delegation.Period
	Date   string // as it was typed
	Wrong  models.FieldErrors
	Host   tenancy.Organization
	Starts time.Time // of the delegation; zero: now
	Ends   *models.Instant
	Keeps  bool // leaving the end at Ends, or at none, is one of the answers
	Sooner bool // an earlier end is asked for, so none at all is no answer
	Now    time.Time
}

func (f Form) periods() Periods {
	p := Periods{Chosen: f.In.Period, Date: f.In.Date, Wrong: f.Wrong, Host: f.Choices.Host, Now: f.Now}
	if f.Changes != nil {
		p.Starts, p.Ends, p.Keeps = f.Changes.StartsAt.Time, f.Changes.EndsAt, true
	}
	return p
}

// from is from when a period counts.
func (p Periods) from() time.Time {
	if p.Starts.After(p.Now) {
		return p.Starts
	}
	return p.Now
}

// offered are the periods that the host allows.
func (p Periods) offered() []delegation.Period {
	starts := p.Starts
	if starts.IsZero() {
		starts = p.Now
	}
	all := delegation.Offered(p.Host, starts, p.from())
	if p.Sooner {
		all = slices.DeleteFunc(slices.Clone(all), func(one delegation.Period) bool { return one == delegation.NoEnd })
	}
	return all
}

// dateHint is how a last day is written.
func (p Periods) dateHint(ctx context.Context) string {
	if p.Sooner || p.Host.Hosting.LongestDays > 0 {
		return i18n.T(ctx, "granting.cap.date.hint", "Example", p.example(ctx))
	}
	return i18n.T(ctx, "delegation.form.date.hint", "Example", p.example(ctx))
}

// picks are the periods, each with its end on the host's clock.
func (p Periods) picks(ctx context.Context) (picks []ui.Pick) {
	if p.Keeps {
		hint := i18n.T(ctx, "delegation.line.no_end")
		if p.Ends != nil {
			hint = i18n.T(ctx, "delegation.line.until", "When", inZone(ctx, p.Host.TimeZone).ShortDateTime(p.Now, p.Ends.Time))
		}
		picks = append(picks, ui.Pick{Radio: true, Name: "period", Value: string(delegation.Keep), Checked: p.Chosen == delegation.Keep,
			Title: i18n.T(ctx, "granting.change.keep"), Hint: hint})
	}
	for _, period := range p.offered() {
		pick := ui.Pick{Radio: true, Name: "period", Value: string(period), Checked: period == p.Chosen, Title: i18n.T(ctx, periodKey(period))}
		switch period {
		case delegation.UntilDate:
			pick.Hint = i18n.T(ctx, "delegation.period.date.hint")
		case delegation.NoEnd:
			pick.Hint = i18n.T(ctx, "delegation.period.none.hint")
		default:
			if ends, ok := period.End(p.from(), p.Host.Zone(), ""); ok {
				pick.Hint = i18n.T(ctx, "delegation.line.until", "When", inZone(ctx, p.Host.TimeZone).ShortDateTime(p.Now, ends.Time))
			}
		}
		if period == delegation.Week && p.ID == "" && !p.Keeps { // of a new delegation
			pick.Badge = i18n.T(ctx, "delegation.form.default")
		}
		picks = append(picks, pick)
	}
	return picks
}

// example is a date as it can be typed.
func (p Periods) example(ctx context.Context) string {
	return inZone(ctx, p.Host.TimeZone).FormatDate(p.Now.AddDate(0, 0, 7))
}

func periodKey(p delegation.Period) string { return "delegation.period." + string(p) }

// Preview is what would be given, in plain words. Without a Plan there is
// nothing to say yet.
type Preview struct {
	Plan     *delegation.Plan
	Period   delegation.Period
	Language string
	Sure     bool // the reader has said that he means an address of mixed scripts
	Wrong    models.FieldErrors
	Now      time.Time
}

// standing says that all there is against it is a delegation that stands.
func (p Preview) standing() bool {
	return p.Plan != nil && p.Plan.Standing != nil && p.Plan.Standing.Given() && len(p.Wrong) == 1
}

// ready says whether enough is filled in for a sentence or a remark.
func (p Preview) ready() bool { return p.Plan != nil && p.Plan.Email.Typed != "" }

// sentence says who may do what from when until when.
func (p Preview) sentence(ctx context.Context) string {
	there, area := inZone(ctx, p.Plan.Host.TimeZone), "delegation.preview."
	names := []any{"Email", ui.Strong(p.Plan.Email.Typed), "Host", ui.Strong(p.Plan.Host.Name), "Roles", strong(ctx, p.Plan.RoleNames)}
	if p.Plan.Later {
		area = "granting.preview."
		names = append(names, "Starts", ui.Strong(there.DateTime(p.Plan.Starts)))
	}
	if p.Plan.Ends == nil {
		return i18n.T(ctx, area+"endless", names...)
	}
	names = append(names, "Ends", ui.Strong(there.DateTime(p.Plan.Ends.Time)))
	if p.Period == delegation.UntilDate {
		day := there.Date(p.Plan.Ends.Add(-time.Second)) // the end is the first moment after it
		return i18n.T(ctx, area+"date", append(names, "Day", ui.Strong(day))...)
	}
	return i18n.T(ctx, area+"period", append(names, "Period", ui.Strong(i18n.T(ctx, periodKey(p.Period))))...)
}

// applications says which applications come with it.
func (p Preview) applications(ctx context.Context) string {
	var names []string
	for _, a := range p.Plan.Prospect.Applications {
		names = append(names, a.Name)
	}
	list := i18n.From(ctx).List(names)
	switch {
	case p.Plan.AllApplications && p.Plan.NamedApplications == "" && !p.opensByRole():
		return i18n.T(ctx, "delegation.preview.all_applications")
	case p.Plan.AllApplications && len(names) == 0:
		return i18n.T(ctx, "granting.preview.applications.only_later")
	case p.Plan.AllApplications:
		return i18n.T(ctx, "granting.preview.applications.later", "Names", list)
	case len(names) == 0:
		return i18n.T(ctx, "granting.preview.applications.none")
	}
	return i18n.T(ctx, "granting.preview.applications", "Names", list)
}

// opensByRole says whether a role in an application was chosen.
func (p Preview) opensByRole() bool {
	return slices.ContainsFunc(p.Plan.Roles, func(r tenancy.Role) bool { return r.ApplicationID != "" })
}

// told says who gets mail, and who pays.
func (p Preview) told(ctx context.Context) string {
	return i18n.N(ctx, "delegation.preview.told", p.Plan.Told, "Host", ui.Strong(p.Plan.Host.Name))
}

// elsewhere is the period on the reader's clock, where that shows another time.
func (p Preview) elsewhere(ctx context.Context) string {
	zone := p.Plan.Host.TimeZone
	differs := p.Plan.Later && !sameClock(ctx, zone, p.Plan.Starts) || p.Plan.Ends != nil && !sameClock(ctx, zone, p.Plan.Ends.Time)
	switch {
	case !differs:
		return ""
	case !p.Plan.Later:
		return i18n.T(ctx, "delegation.preview.elsewhere", "Zone", zone, "Ends", *p.Plan.Ends)
	case p.Plan.Ends == nil:
		return i18n.T(ctx, "granting.preview.elsewhere.endless", "Zone", zone, "Starts", p.Plan.Starts)
	}
	return i18n.T(ctx, "granting.preview.elsewhere", "Zone", zone, "Starts", p.Plan.Starts, "Ends", *p.Plan.Ends)
}

func (f Form) reason(ctx context.Context) ui.Control {
	c := f.control(ctx, "reason", i18n.T(ctx, "delegation.form.reason"), i18n.T(ctx, "delegation.form.reason.hint"))
	c.Optional = !f.Choices.Host.ReasonRequired
	return c
}

func (f Form) ticket(ctx context.Context) ui.Control {
	c := f.control(ctx, "ticket", i18n.T(ctx, "delegation.form.ticket"), "")
	c.Optional = !f.Choices.Host.Hosting.TicketRequired
	return c
}
