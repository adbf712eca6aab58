package acting

import (
	"context"
	"time"

	"locum/models"
	"locum/models/delegation"
	"locum/views/i18n"
	"locum/views/ui"
)

// Offer is the page of one delegation for its consultant: to accept, in use,
// or over.
type Offer struct {
	delegation.Offer
	Inside bool // he works there now, through this delegation
	Now    time.Time
}

// open says that he has still to answer.
func (o Offer) open() bool { return o.AcceptedAt == nil && !o.Over(o.Now) }

func (o Offer) title(ctx context.Context) string {
	if o.open() {
		return i18n.T(ctx, "acting.offer.title", "Name", o.GrantedByName, "Host", o.Host.Label())
	}
	return i18n.T(ctx, "acting.offer.title_mine", "Host", o.Host.Label())
}

// state is the notice on top: what became of the offer, and what that means.
func (o Offer) state(ctx context.Context) (ui.NoticeProps, bool) {
	l := i18n.From(ctx)
	say := func(tone, icon, title, text string) (ui.NoticeProps, bool) {
		return ui.NoticeProps{Tone: tone, Icon: icon, Title: title, Text: text}, true
	}
	switch o.Status(o.Now) {
	case delegation.Revoked:
		if o.GivenBack() {
			return say(ui.Off, "undo-2", l.T("acting.offer.given_back", "When", o.RevokedAt.Time), l.T("acting.offer.over.text", "Host", o.Host.Label()))
		}
		return say(ui.Warn, "ban", l.T("acting.offer.revoked", "Name", o.RevokedByName, "When", o.RevokedAt.Time), l.T("acting.offer.over.text", "Host", o.Host.Label()))
	case delegation.Declined:
		return say(ui.Off, "circle-x", l.T("acting.offer.declined", "When", o.DeclinedAt.Time), l.T("acting.offer.declined.text", "Name", o.GrantedByName))
	case delegation.Expired:
		return say(ui.Off, "clock", l.T("acting.offer.expired", "When", o.EndsAt.Time), l.T("acting.offer.over.text", "Host", o.Host.Label()))
	case delegation.Suspended:
		return say(ui.Warn, "circle-pause", l.T("acting.offer.suspended"), l.T("acting.offer.suspended.text", "Host", o.Host.Label()))
	case delegation.Upcoming:
		return say(ui.Info, "calendar-clock", l.T("acting.offer.upcoming", "When", o.StartsAt.Time), "")
	}
	return ui.NoticeProps{}, false
}

// period is from when until when, on the reader's clock.
func (o Offer) period(ctx context.Context) string { return span(ctx, i18n.From(ctx), o) }

// hosts is the same on the host's clock, where that shows another time.
func (o Offer) hosts(ctx context.Context) string {
	there := i18n.For(i18n.From(ctx).Language, o.Host.TimeZone)
	if text := span(ctx, there, o); text != o.period(ctx) {
		return text
	}
	return ""
}

func span(ctx context.Context, on i18n.Locale, o Offer) string {
	if o.EndsAt == nil {
		return i18n.T(ctx, "acting.offer.period.endless", "Starts", on.DateTime(o.StartsAt.Time))
	}
	return i18n.T(ctx, "acting.offer.period", "Starts", on.DateTime(o.StartsAt.Time), "Ends", on.DateTime(o.EndsAt.Time))
}

// applications are the names of what comes with it.
func (o Offer) applications(ctx context.Context) string {
	var list []string
	for _, a := range o.Reachable {
		list = append(list, a.Name)
	}
	switch {
	case len(list) == 0 && o.AllApplications:
		return i18n.T(ctx, "acting.offer.applications.later")
	case len(list) == 0:
		return i18n.T(ctx, "acting.offer.applications.none")
	case o.AllApplications:
		return i18n.T(ctx, "acting.offer.applications.all", "Names", list)
	}
	return i18n.From(ctx).List(list)
}

// recorded is what a visit leaves behind, and who is told.
func (o Offer) recorded(ctx context.Context) []note {
	host := o.Host.Label()
	return []note{
		{"mail", i18n.T(ctx, "acting.offer.recorded.mail", "Host", host)},
		{"history", i18n.T(ctx, "acting.offer.recorded.activity", "Host", host)},
		{"building", i18n.T(ctx, "acting.offer.recorded.own")},
		{"receipt-text", i18n.T(ctx, "acting.offer.recorded.usage", "Host", host)},
		{"undo-2", i18n.T(ctx, "acting.offer.recorded.back")},
	}
}

type note struct{ icon, text string }

func (o Offer) address(rest string) string { return "/offers/" + o.ID + rest }

// company is the host's company and its verified domain.
func company(ctx context.Context, p models.Party) string {
	if p.Domain == "" {
		return i18n.T(ctx, "acting.offer.no_domain", "Company", p.CompanyName)
	}
	return i18n.T(ctx, "acting.offer.domain", "Company", p.CompanyName, "Domain", p.Domain)
}

// ends is the end of the delegation; zero when it has none.
func (o Offer) ends() time.Time {
	if o.EndsAt == nil {
		return time.Time{}
	}
	return o.EndsAt.Time
}
