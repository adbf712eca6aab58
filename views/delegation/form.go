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
	Now     time.Time
}

// fields are the form's fields in their order, for the summary of errors.
var fields = []string{"email", "role", "period", "date", "reason", "ticket", "language"}

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
		Title: i18n.T(ctx, "delegation.form.chosen"), Hint: i18n.T(ctx, "delegation.form.chosen.hint")})
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

// rolesIn are the answers for one application: none, or one of its roles.
func (f Form) rolesIn(ctx context.Context, app tenancy.Application) []ui.Option {
	options := []ui.Option{{Label: i18n.T(ctx, "delegation.form.no_role")}}
	for _, r := range f.Choices.ByApp[app.ID] {
		options = append(options, ui.Option{Value: r.ID, Label: r.Name})
	}
	return options
}

// chosenIn is the role that was chosen in an application.
func (f Form) chosenIn(app tenancy.Application) string {
	for _, r := range f.Choices.ByApp[app.ID] {
		if slices.Contains(f.In.Roles, r.ID) {
			return r.ID
		}
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
	Now    time.Time
}

func (f Form) periods() Periods {
	return Periods{Chosen: f.In.Period, Date: f.In.Date, Wrong: f.Wrong, Host: f.Choices.Host, Now: f.Now}
}

// picks are the periods, each with its end on the host's clock.
func (p Periods) picks(ctx context.Context) (picks []ui.Pick) {
	for _, period := range delegation.Periods {
		pick := ui.Pick{Radio: true, Name: "period", Value: string(period), Checked: period == p.Chosen, Title: i18n.T(ctx, periodKey(period))}
		switch period {
		case delegation.UntilDate:
			pick.Hint = i18n.T(ctx, "delegation.period.date.hint")
		case delegation.NoEnd:
			pick.Hint = i18n.T(ctx, "delegation.period.none.hint")
		default:
			if ends, ok := period.End(p.Now, p.Host.Zone(), ""); ok {
				pick.Hint = i18n.T(ctx, "delegation.line.until", "When", inZone(ctx, p.Host.TimeZone).ShortDateTime(p.Now, ends.Time))
			}
		}
		if period == delegation.Week && p.ID == "" { // of a new delegation
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
	Wrong    models.FieldErrors
	Now      time.Time
}

// ready says whether enough is filled in for a sentence or a remark.
func (p Preview) ready() bool { return p.Plan != nil && p.Plan.Email.Typed != "" }

// sentence says who may do what until when.
func (p Preview) sentence(ctx context.Context) string {
	who, host, roles := ui.Strong(p.Plan.Email.Typed), ui.Strong(p.Plan.Host.Name), strong(ctx, p.Plan.RoleNames)
	if p.Plan.Ends == nil {
		return i18n.T(ctx, "delegation.preview.endless", "Email", who, "Host", host, "Roles", roles)
	}
	ends := ui.Strong(inZone(ctx, p.Plan.Host.TimeZone).DateTime(p.Plan.Ends.Time))
	if p.Period == delegation.UntilDate {
		day := inZone(ctx, p.Plan.Host.TimeZone).Date(p.Plan.Ends.Add(-time.Second)) // the end is the first moment after it
		return i18n.T(ctx, "delegation.preview.date", "Email", who, "Host", host, "Roles", roles, "Day", ui.Strong(day), "Ends", ends)
	}
	return i18n.T(ctx, "delegation.preview.period", "Email", who, "Host", host, "Roles", roles, "Ends", ends,
		"Period", ui.Strong(i18n.T(ctx, periodKey(p.Period))))
}

// applications says which applications come with it.
func (p Preview) applications(ctx context.Context) string {
	if p.Plan.AllApplications {
		return i18n.T(ctx, "delegation.preview.all_applications")
	}
	return i18n.T(ctx, "delegation.preview.chosen_applications")
}

// told says who gets mail, and who pays.
func (p Preview) told(ctx context.Context) string {
	return i18n.N(ctx, "delegation.preview.told", p.Plan.Told, "Host", ui.Strong(p.Plan.Host.Name))
}

// elsewhere is the end on the reader's clock, where that shows another time.
func (p Preview) elsewhere(ctx context.Context) string {
	if p.Plan.Ends == nil || sameClock(ctx, p.Plan.Host.TimeZone, p.Plan.Ends.Time) {
		return ""
	}
	return i18n.T(ctx, "delegation.preview.elsewhere", "Zone", p.Plan.Host.TimeZone, "Ends", *p.Plan.Ends)
}

func (f Form) reason(ctx context.Context) ui.Control {
	c := f.control(ctx, "reason", i18n.T(ctx, "delegation.form.reason"), i18n.T(ctx, "delegation.form.reason.hint"))
	c.Optional = !f.Choices.Host.ReasonRequired
	return c
}

func (f Form) ticket(ctx context.Context) ui.Control {
	c := f.control(ctx, "ticket", i18n.T(ctx, "delegation.form.ticket"), "")
	c.Optional = true
	return c
}
