package delegation

import (
	"context"
	"strings"
	"time"

	"locum/models/delegation"
	"locum/views/i18n"
	"locum/views/ui"
)

// tile is one figure above the list.
func tile(icon, label, value, more, href string) ui.TileProps {
	return ui.TileProps{Icon: icon, Label: label, Value: value, Detail: more, Href: href}
}

// here is the tile of those who are inside.
func (l List) here(ctx context.Context) ui.TileProps {
	locale := i18n.From(ctx)
	more, n := locale.T("delegation.tile.inside.nobody"), 0
	for _, d := range l.All {
		if !d.Present {
			continue
		}
		n++
		if v, ok := open(d); ok && n == 1 {
			more = locale.T("delegation.tile.inside.since", "Name", d.Person(), "Time", locale.Relative(l.Now, v.EnteredAt.Time))
		}
	}
	if n > 1 {
		more = locale.N("delegation.tile.inside.people", n)
	}
	return tile("door-open", locale.T("delegation.tile.inside"), locale.Number(n), more, "/visitors")
}

// allowed is the tile of those who may enter.
func (l List) allowed(ctx context.Context) ui.TileProps {
	locale, firms := i18n.From(ctx), map[string]bool{}
	for _, d := range l.All {
		if MayEnter.Holds(d, l.Now) {
			firms[d.RealOrganizationID] = true
		}
	}
	return tile("org-via", locale.T("delegation.tile.may_enter"), locale.Number(l.count(MayEnter)),
		locale.N("delegation.tile.may_enter.firms", len(firms)), Filter{Tab: MayEnter}.address(1))
}

// attention is the tile of what waits for a superuser.
func (l List) attention(ctx context.Context) ui.TileProps {
	locale, expiring, suspended, asked, proposed := i18n.From(ctx), 0, 0, 0, 0
	for _, d := range l.All {
		if d.Undecided {
			proposed++
		}
		switch status := d.Status(l.Now); {
		case d.Asked(l.Now):
			asked++
		case status == delegation.Expiring:
			expiring++
		case status == delegation.Suspended:
			suspended++
		}
	}
	var parts []string
	if proposed > 0 {
		parts = append(parts, locale.N("granting.tile.proposed", proposed))
	}
	if expiring > 0 {
		parts = append(parts, locale.N("delegation.tile.attention.expiring", expiring))
	}
	if asked > 0 {
		parts = append(parts, locale.N("delegation.tile.attention.asked", asked))
	}
	if suspended > 0 {
		parts = append(parts, locale.N("delegation.tile.attention.suspended", suspended))
	}
	more := strings.Join(parts, ", ")
	if more == "" {
		more = locale.T("delegation.tile.attention.none")
	}
	return tile("hourglass", locale.T("delegation.tile.attention"), locale.Number(l.count(Attention)), more, Filter{Tab: Attention}.address(1))
}

// visits is the tile of the visits lately.
func (l List) visits(ctx context.Context) ui.TileProps {
	locale, n, total := i18n.From(ctx), 0, time.Duration(0)
	for _, d := range l.All {
		for _, v := range d.Visits {
			if l.Now.Sub(v.EnteredAt.Time) <= delegation.Lately {
				n++
				total += v.Length(l.Now)
			}
		}
	}
	more := locale.T("delegation.tile.visits.none")
	if n > 0 {
		more = locale.T("delegation.tile.visits.total", "Duration", locale.Duration(total))
	}
	return tile("history", locale.T("delegation.tile.visits"), locale.Number(n), more, "/activity?type=visit")
}
