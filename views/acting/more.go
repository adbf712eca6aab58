package acting

import (
	"context"

	"locum/models"
	"locum/models/delegation"
	"locum/views/i18n"
	"locum/views/ui"
)

// More is the form on which a consultant asks for more time.
type More struct {
	Offer
	In    delegation.More
	Wrong models.FieldErrors
}

func (m More) control(ctx context.Context, name, label, hint string) ui.Control {
	return ui.Control{Name: name, Label: label, Hint: hint, Error: ui.ErrorText(ctx, m.Wrong, name)}
}

// picks are what he can ask for, each with its end if it were given now.
func (m More) picks(ctx context.Context) (picks []ui.Pick) {
	l := i18n.From(ctx)
	zone := i18n.For(l.Language, m.Host.TimeZone).Location()
	for _, period := range delegation.MorePeriods {
		ends, ok := period.End(m.Now, zone, "")
		if ok && ends != nil && !ends.After(m.EndsAt.Time) {
			continue // it has that much already
		}
		pick := ui.Pick{Radio: true, Name: "period", Value: string(period), Checked: period == m.In.Period, Title: l.T("delegation.period." + string(period))}
		if period == delegation.UntilDate {
			pick.Hint = l.T("delegation.period.date.hint")
		} else if ok && ends != nil {
			pick.Hint = l.T("delegation.line.until", "When", l.ShortDateTime(m.Now, ends.Time))
		}
		picks = append(picks, pick)
	}
	return picks
}

// date is the field for the last day.
func (m More) date(ctx context.Context) ui.Control {
	example := i18n.For(i18n.From(ctx).Language, m.Host.TimeZone).FormatDate(m.EndsAt.AddDate(0, 0, 7))
	return m.control(ctx, "date", i18n.T(ctx, "acting.more.date"), i18n.T(ctx, "acting.more.date.hint", "Example", example, "Zone", m.Host.TimeZone))
}

func (m More) reason(ctx context.Context) ui.Control {
	c := m.control(ctx, "reason", i18n.T(ctx, "acting.more.reason"), i18n.T(ctx, "acting.more.reason.hint", "Host", m.Host.Label()))
	c.Required = true
	return c
}
