package delegation

import (
	"context"
	"time"

	"locum/models"
	"locum/models/delegation"
	"locum/views/i18n"
)

// sight is what the consultant of a delegation finds in its host.
type sight struct {
	delegation.Prospect
	Name   string // what to call him
	Host   models.Party
	Later  bool      // applications that are added later open too
	Starts time.Time // zero: it can be entered at once
	Ends   time.Time // zero: no end
	Now    time.Time
}

// as is what the plan's consultant will find.
func (p Preview) as() sight {
	h := p.Plan.Host
	s := sight{Prospect: p.Plan.Prospect, Name: p.Plan.Email.Typed, Later: p.Plan.AllApplications, Now: p.Now,
		Host: models.Party{Company: h.CompanyID, Organization: h.ID, Name: h.Name, Hue: h.Hue, TimeZone: h.TimeZone}}
	if p.Plan.Later {
		s.Starts = p.Plan.Starts
	}
	if p.Plan.Ends != nil {
		s.Ends = p.Plan.Ends.Time
	}
	return s
}

// as is what this delegation's consultant finds.
func (o One) as() sight {
	s := sight{Prospect: o.Prospect, Name: o.Person(), Host: o.Host, Later: o.AllApplications, Ends: endOf(o.Delegation), Now: o.Now}
	if o.StartsAt.After(o.Now) {
		s.Starts = o.StartsAt.Time
	}
	return s
}

// roles are what he is there.
func (s sight) roles(ctx context.Context) string {
	var names []string
	for _, r := range s.Prospect.Roles {
		names = append(names, i18n.Role(ctx, r.Name))
	}
	return i18n.From(ctx).List(names)
}

// when is how long the host is open to him.
func (s sight) when(ctx context.Context) string {
	l := inZone(ctx, s.Host.TimeZone)
	text := i18n.T(ctx, "delegation.line.no_end")
	if !s.Ends.IsZero() {
		text = i18n.T(ctx, "delegation.line.until", "When", l.ShortDateTime(s.Now, s.Ends))
	}
	if s.Starts.IsZero() {
		return text
	}
	return i18n.T(ctx, "granting.as.starts", "When", l.ShortDateTime(s.Now, s.Starts)) + ", " + text
}

// in is what he is in an application.
func (s sight) in(ctx context.Context, a delegation.Opened) string {
	var names []string
	for _, r := range a.Roles {
		names = append(names, i18n.Role(ctx, r.Name))
	}
	if len(names) == 0 {
		return i18n.T(ctx, "granting.as.no_role")
	}
	return i18n.From(ctx).List(names)
}
