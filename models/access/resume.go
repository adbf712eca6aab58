package access

import (
	"context"

	"locum/models"
	"locum/models/account"
	"locum/models/store"
)

// Last is the place of a list where its person worked last, when that is another
// one than where he works now and he can go there. Who went home before he
// signed out has nothing to resume.
func Last(list []Place) (last Place, found bool) {
	for _, p := range list {
		if !p.Used.IsZero() && p.Used.After(last.Used) {
			last, found = p, true
		}
	}
	return last, found && !last.Current && !last.Upcoming
}

// Resume brings a session that was just opened to where its person worked last,
// if he wished that for every sign-in. It is a switch like any other: a visit of
// its own, with its mails, by the host's rules. A place that does not let him in
// now is no error: he begins at home, where the way back is one click. found
// says that he was brought somewhere.
func (s *Sessions) Resume(ctx context.Context, token, address string) (a Arrival, found bool, err error) {
	by, err := s.Fresh(ctx, token)
	if err != nil || by.Account == "" || by.BreakGlass != nil {
		return a, false, err
	}
	by.Channel, by.Address = models.Browser, address
	var last Place
	err = s.store.SystemRead(ctx, "where a person worked last", func(tx *store.Tx) error {
		person, err := account.Load(tx, by.Account)
		if err != nil || !person.Resumes {
			return err
		}
		list, err := places(tx, by)
		last, found = Last(list)
		return err
	})
	if err != nil || !found {
		return a, false, err
	}
	a, err = s.Switch(ctx, by, last.Place())
	switch models.KindOf(err) {
	case models.Forbidden, models.NotFound, models.Conflict, models.Stale, models.TooMany, models.Unavailable:
		return a, false, nil
	}
	return a, err == nil, err
}
