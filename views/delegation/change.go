package delegation

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"locum/models"
	"locum/models/delegation"
	"locum/views/i18n"
	"locum/views/ui"
)

// Changes is what would change of a delegation.
type Changes struct {
	delegation.Amendment
	In       delegation.Proposal // what was filled in
	Wrong    models.FieldErrors
	Standing bool // a second one was asked for where this one stands
	Seen     int64
	Now      time.Time
}

// change is one line of what changes.
type change struct {
	what      string
	was, is   []string
	unchanged bool
}

// lines compares both sides.
func (c Changes) lines(ctx context.Context) []change {
	return lines(ctx, c.Host.TimeZone, c.Before, c.After)
}

func lines(ctx context.Context, zone string, before, after delegation.Side) []change {
	text := func(s string) []string {
		if s == "" {
			return nil
		}
		return []string{s}
	}
	list := []change{
		{what: "granting.change.end", was: text(endText(ctx, zone, before.Ends)), is: text(endText(ctx, zone, after.Ends))},
		{what: "granting.change.roles", was: before.RoleNames, is: after.RoleNames},
		{what: "granting.change.applications", was: opened(ctx, before), is: opened(ctx, after)},
		{what: "granting.change.reason", was: text(before.Reason), is: text(after.Reason)},
		{what: "granting.change.ticket", was: text(before.Ticket), is: text(after.Ticket)},
	}
	for i, l := range list {
		list[i].unchanged = slices.Equal(l.was, l.is)
	}
	return list
}

// endText is an end on the host's clock.
func endText(ctx context.Context, zone string, at *models.Instant) string {
	if at == nil {
		return i18n.T(ctx, "delegation.line.no_end")
	}
	return inZone(ctx, zone).DateTime(at.Time)
}

// opened are the names of the applications of a side.
func opened(ctx context.Context, s delegation.Side) (names []string) {
	for _, a := range s.Prospect.Applications {
		names = append(names, a.Name)
	}
	if s.AllApplications {
		names = append(names, i18n.T(ctx, "granting.change.later_ones"))
	}
	return names
}

// values are one side of a line.
func values(ctx context.Context, list []string) string {
	if len(list) == 0 {
		return i18n.T(ctx, "granting.change.none")
	}
	var said []string
	for _, one := range list {
		said = append(said, i18n.Role(ctx, one))
	}
	return strings.Join(said, ", ")
}

func (c Changes) address(rest string) string { return "/delegations/" + c.ID + rest }

// verdict says what the change means for the consultant.
func (c Changes) verdict(ctx context.Context) string {
	switch {
	case c.Nothing():
		return i18n.T(ctx, "granting.change.nothing")
	case c.Approval:
		return i18n.T(ctx, "granting.change.widens", "Name", c.Person()) + " " + i18n.T(ctx, "granting.change.approval")
	case c.Widens:
		return i18n.T(ctx, "granting.change.widens", "Name", c.Person())
	}
	return i18n.T(ctx, "granting.change.narrows", "Name", c.Person())
}

// field is one value that a form carries on.
type field struct{ name, value string }

// carried is what was filled in, for the form that asks once more.
func (c Changes) carried() []field {
	list := []field{{"version", versionText(c.Seen)}, {"period", string(c.In.Period)}, {"date", c.In.Date}, {"reason", c.In.Reason}, {"ticket", c.In.Ticket}}
	if c.In.Later {
		list = append(list, field{"start", StartLater}, field{"start_date", c.In.StartDate}, field{"start_time", c.In.StartTime})
	}
	if !c.In.Chosen {
		return list
	}
	list = append(list, field{"scope", ChosenRoles})
	for _, id := range c.In.Roles {
		list = append(list, field{"role", id})
	}
	for _, id := range c.In.Applications {
		list = append(list, field{"role", ByDefault + id})
	}
	if c.In.LaterApplications {
		list = append(list, field{"later_applications", "true"})
	}
	return list
}

// wrongs are what is wrong, in the order of the form.
func (c Changes) wrongs(ctx context.Context) []ui.Wrong { return ui.Wrongs(ctx, c.Wrong, fields...) }

// do is what the button of the review does.
func (c Changes) do(ctx context.Context) string {
	if c.Approval {
		return i18n.T(ctx, "granting.change.propose")
	}
	return i18n.T(ctx, "granting.change.do")
}

func comparedHead(ctx context.Context) []ui.Column {
	return []ui.Column{{Title: i18n.T(ctx, "granting.change.what")}, {Title: i18n.T(ctx, "granting.change.now")}, {Title: i18n.T(ctx, "granting.change.then")}}
}

func versionText(n int64) string { return strconv.FormatInt(n, 10) }
