package delegation

import (
	"context"

	"locum/views/i18n"
	"locum/views/ui"
)

// The two answers to when it begins, as the form sends them.
const (
	StartNow   = "now"
	StartLater = "later"
)

// starts are the two answers to when it begins.
func (f Form) starts(ctx context.Context) []ui.Pick {
	hint := "granting.start.now.hint"
	if f.Choices.Host.Hosting.Approval {
		hint = "granting.start.now.hint.approval"
	}
	return []ui.Pick{
		{Radio: true, Name: "start", Value: StartNow, Checked: !f.In.Later, Title: i18n.T(ctx, "granting.start.now"), Hint: i18n.T(ctx, hint)},
		{Radio: true, Name: "start", Value: StartLater, Checked: f.In.Later, Title: i18n.T(ctx, "granting.start.later"), Hint: i18n.T(ctx, "granting.start.later.hint")},
	}
}

func (f Form) startTime(ctx context.Context) ui.Control {
	c := f.control(ctx, "start_time", i18n.T(ctx, "granting.start.time"), i18n.T(ctx, "granting.start.time.hint"))
	c.Optional = true
	return c
}

// give is what the form's button does.
func (f Form) give(ctx context.Context) string {
	if f.Choices.Host.Hosting.Approval {
		return i18n.T(ctx, "granting.propose")
	}
	return i18n.T(ctx, "delegation.form.give")
}
