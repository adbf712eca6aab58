// Package delegation shows the delegations of an organization to its
// superusers: the list with its timeline, the form with its preview, and one
// delegation with its visits and its history. It decides nothing: what may be
// given and what a delegation's state is, models/delegation says.
//
// It must never show whether an address has an account before its owner has
// accepted something.
package delegation

import (
	"context"
	"time"

	"locum/models"
	"locum/models/delegation"
	"locum/views/i18n"
	"locum/views/ui"
)

// look is how a state looks: a tone, an icon and words.
type look struct{ tone, icon, key string }

var looks = map[delegation.Status]look{
	delegation.Invited:   {ui.Info, "mail", "delegation.status.invited"},
	delegation.Upcoming:  {ui.Info, "calendar-clock", "delegation.status.upcoming"},
	delegation.Running:   {ui.OK, "circle-check", "delegation.status.active"},
	delegation.Expiring:  {ui.Warn, "hourglass", "delegation.status.expiring"},
	delegation.OpenEnded: {ui.Off, "infinity", "delegation.status.open"},
	delegation.Expired:   {ui.Off, "clock", "delegation.status.expired"},
	delegation.Revoked:   {ui.Bad, "ban", "delegation.status.revoked"},
	delegation.Declined:  {ui.Off, "circle-x", "delegation.status.declined"},
	delegation.Suspended: {ui.Warn, "circle-pause", "delegation.status.suspended"},
	delegation.Proposed:  {ui.Warn, "hourglass", "delegation.status.proposed"},
	delegation.Rejected:  {ui.Off, "circle-x", "delegation.status.rejected"},
	delegation.Lapsed:    {ui.Off, "clock", "delegation.status.lapsed"},
}

// lookOf is how a delegation looks now. present says that its consultant is
// inside.
func lookOf(d delegation.Delegation, present bool, now time.Time) look {
	if d.GivenBack() {
		return look{ui.Off, "undo-2", "delegation.status.given_back"}
	}
	return statusLook(d.Status(now), present)
}

// statusLook is how a state looks.
func statusLook(s delegation.Status, present bool) look {
	l := looks[s]
	switch {
	case present && l.tone == ui.Warn:
		return look{ui.Warn, "live", "delegation.status.present_expiring"}
	case present:
		return look{ui.OK, "live", "delegation.status.present"}
	}
	return l
}

// headline is the state of a delegation's period in a few words.
func headline(ctx context.Context, d delegation.Delegation, now time.Time) string {
	l := i18n.From(ctx)
	switch d.Status(now) {
	case delegation.Revoked:
		if d.GivenBack() {
			return l.T("delegation.line.given_back")
		}
		return l.T("delegation.line.revoked_by", "Name", d.RevokedByName)
	case delegation.Proposed:
		return l.T("granting.line.proposed", "Name", d.GrantedByName)
	case delegation.Rejected:
		return l.T("granting.line.rejected", "Name", d.RevokedByName)
	case delegation.Lapsed:
		return l.T("granting.line.lapsed")
	case delegation.Declined:
		return l.T("delegation.line.declined")
	case delegation.Expired:
		return l.T("delegation.line.expired")
	case delegation.Suspended:
		return l.T("delegation.suspended." + d.SuspendReason)
	case delegation.Invited:
		return l.T("delegation.line.invited")
	case delegation.Upcoming:
		return l.T("delegation.line.upcoming", "Period", l.Period(d.StartsAt.Sub(now)))
	}
	return l.Left(now, endOf(d))
}

// detail is the moment that belongs to the headline.
func detail(ctx context.Context, d delegation.Delegation, now time.Time) string {
	l := i18n.From(ctx)
	switch d.Status(now) {
	case delegation.Revoked:
		return l.T("delegation.line.revoked_at", "When", l.ShortDateTime(now, d.RevokedAt.Time))
	case delegation.Proposed:
		return l.T("granting.line.due", "When", l.ShortDateTime(now, d.ApprovalDue.Time))
	case delegation.Rejected, delegation.Lapsed:
		return l.T("delegation.line.on", "When", l.ShortDateTime(now, overSince(d)))
	case delegation.Declined:
		return l.T("delegation.line.on", "When", l.ShortDateTime(now, d.DeclinedAt.Time))
	case delegation.Expired:
		return l.T("delegation.line.ended_at", "When", l.ShortDateTime(now, d.EndsAt.Time))
	case delegation.OpenEnded:
		return l.T("delegation.line.since", "When", l.ShortDateTime(now, d.StartsAt.Time))
	}
	return until(ctx, d, now)
}

// overSince is when a proposal ended, also where no sweep has come by yet.
func overSince(d delegation.Delegation) time.Time {
	if d.RevokedAt != nil {
		return d.RevokedAt.Time
	}
	return d.ApprovalDue.Time
}

// until is when a delegation ends, as a part of a sentence.
func until(ctx context.Context, d delegation.Delegation, now time.Time) string {
	l := i18n.From(ctx)
	if d.EndsAt == nil {
		return l.T("delegation.line.no_end")
	}
	return l.T("delegation.line.until", "When", l.ShortDateTime(now, d.EndsAt.Time))
}

// endOf is the end of a delegation; zero when it has none.
func endOf(d delegation.Delegation) time.Time {
	if d.EndsAt == nil {
		return time.Time{}
	}
	return d.EndsAt.Time
}

// laneOf draws a delegation in a window.
func laneOf(ctx context.Context, d delegation.Details, w ui.Window) ui.Lane {
	lane := ui.Lane{Window: w, Tone: lookOf(d.Delegation, d.Present, w.Now).tone, From: d.StartsAt.Time, To: endOf(d.Delegation),
		Label: headline(ctx, d.Delegation, w.Now) + ", " + detail(ctx, d.Delegation, w.Now)}
	if d.RevokedAt != nil {
		lane.Cut = d.RevokedAt.Time
	}
	if d.DeclinedAt != nil {
		lane.Cut = d.DeclinedAt.Time
	}
	if d.AnswerBy != nil && d.Asked(w.Now) {
		lane.Due = d.AnswerBy.Time
	}
	for _, v := range d.Visits {
		lane.Visits = append(lane.Visits, v.EnteredAt.Time)
	}
	return lane
}

// inZone is the reader's language on the clock of a place.
func inZone(ctx context.Context, zone string) i18n.Locale {
	return i18n.For(i18n.From(ctx).Language, zone)
}

// sameClock says whether the reader's clock and that of a place show the same.
func sameClock(ctx context.Context, zone string, at time.Time) bool {
	_, here := at.In(i18n.From(ctx).Location()).Zone()
	_, there := at.In(inZone(ctx, zone).Location()).Zone()
	return here == there
}

// strong lists names of roles for a sentence, each in bold.
func strong(ctx context.Context, names []string) string {
	marked := make([]string, len(names))
	for i, name := range names {
		marked[i] = ui.Strong(i18n.Role(ctx, name))
	}
	return i18n.From(ctx).List(marked)
}

// wrongOf is what is wrong with a field, for the reader.
func wrongOf(ctx context.Context, wrong models.FieldErrors, field string) string {
	return ui.ErrorText(ctx, wrong, field)
}
