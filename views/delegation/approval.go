package delegation

import (
	"context"
	"time"

	"locum/models/delegation"
	"locum/views/i18n"
	"locum/views/ui"
)

// The answers to a proposal, as its form sends them.
const (
	Approve  = "approve"
	Reject   = "reject"
	Withdraw = "withdraw"
)

// own says that the reader proposed it himself.
func (o One) own() bool { return o.Waiting != nil && o.Waiting.ProposedBy == o.Reader }

// waits is the notice that something is proposed.
func (o One) waits(ctx context.Context) string {
	if o.Waiting.Kind == delegation.ToAmend {
		return i18n.T(ctx, "granting.approve.waits.change", "By", o.Waiting.ProposedByName)
	}
	return i18n.T(ctx, "granting.approve.waits.grant", "By", o.Waiting.ProposedByName, "Email", o.Email)
}

func (o One) see(ctx context.Context) string {
	if o.own() {
		return i18n.T(ctx, "granting.approve.see.own")
	}
	return i18n.T(ctx, "granting.approve.see")
}

func (o One) asks(ctx context.Context) string {
	if o.Waiting.Kind == delegation.ToAmend {
		return i18n.T(ctx, "granting.approve.title.change", "Name", o.Person())
	}
	return i18n.T(ctx, "granting.approve.title", "Name", o.Person())
}

// proposal says what a proposed delegation gives.
func (o One) proposal(ctx context.Context) string {
	there := inZone(ctx, o.Host.TimeZone)
	names := []any{"Email", ui.Strong(o.Email), "Host", ui.Strong(o.Host.Name), "Roles", strong(ctx, o.RoleNames), "Starts", ui.Strong(there.DateTime(o.StartsAt.Time))}
	if o.EndsAt == nil {
		return i18n.T(ctx, "granting.approve.grant.endless", names...)
	}
	return i18n.T(ctx, "granting.approve.grant", append(names, "Ends", ui.Strong(there.DateTime(o.EndsAt.Time)))...)
}

func (o One) orNotGiven(ctx context.Context, text string) string {
	if text == "" {
		return i18n.T(ctx, "granting.approve.none_given")
	}
	return text
}

// asProposed is what the consultant finds once it is approved.
func (o One) asProposed() sight {
	s := o.as()
	if o.Waiting.Kind == delegation.ToAmend {
		s.Prospect, s.Later, s.Ends = o.Waiting.Is.Prospect, o.Waiting.Is.AllApplications, time.Time{}
		if o.Waiting.Is.Ends != nil {
			s.Ends = o.Waiting.Is.Ends.Time
		}
	}
	return s
}
