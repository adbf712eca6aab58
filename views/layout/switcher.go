package layout

import (
	"cmp"
	"context"
	"slices"

	"locum/views/i18n"
)

// shelf is a group of places in the switcher, with its head.
type shelf struct {
	head   string
	places []Place
}

// From how many places on those used last stand apart, and how many of them.
const (
	manyPlaces  = 8
	recentShown = 3
)

// shelves are the places in the order of the switcher: what is kept at hand,
// what was used last when there are many, his own and other memberships,
// delegations that hold, delegations to come. Each place stands there once, and in
// each shelf those that were used last come first.
func (f Frame) shelves(ctx context.Context) (list []shelf) {
	var pinned, recent, member, via, upcoming []Place
	for _, place := range f.recency() {
		switch {
		case place.Upcoming(f.Now):
			upcoming = append(upcoming, place)
		case place.Pinned:
			pinned = append(pinned, place)
		case len(f.Places) >= manyPlaces && len(recent) < recentShown && !place.Current && !place.Used.IsZero():
			recent = append(recent, place)
		case place.Via:
			via = append(via, place)
		default:
			member = append(member, place)
		}
	}
	slices.SortStableFunc(member, func(a, b Place) int { return cmp.Compare(rank(a), rank(b)) })
	for _, one := range []shelf{
		{i18n.T(ctx, "layout.switcher.pinned"), pinned}, {i18n.T(ctx, "layout.switcher.recent"), recent},
		{i18n.N(ctx, "layout.switcher.own", len(member)), member}, {i18n.T(ctx, "layout.switcher.via"), via},
		{i18n.T(ctx, "layout.switcher.upcoming"), upcoming},
	} {
		if len(one.places) > 0 {
			list = append(list, one)
		}
	}
	return list
}

// rank puts the person's own organization before others of which he is a member.
func rank(p Place) int {
	if p.Own {
		return 0
	}
	return 1
}

// recency are the places, those used last first, and those never used as they
// were given.
func (f Frame) recency() []Place {
	list := slices.Clone(f.Places)
	slices.SortStableFunc(list, func(a, b Place) int { return b.Used.Compare(a.Used) })
	return list
}
