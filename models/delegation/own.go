package delegation

import (
	"context"
	"slices"
	"strings"
	"time"

	"locum/models"
	"locum/models/store"
	"locum/models/tenancy"
)

// The scopes with which a token of a person's own may read what is his as a
// consultant, and answer and end it (store.SystemForScope). Entering is not part of
// it: no token switches.
const (
	ReadOwn  = "my-delegations.read"
	WriteOwn = "my-delegations.write"
)

// OwnPart is which part of a consultant's own delegations is asked for.
type OwnPart struct {
	Part
	Open bool // those that are not over alone
}

// OwnPart gives a part of what Offers and Mine list together, in the order of the
// ids, and says whether there is more.
func (d *Delegations) OwnPart(ctx context.Context, by models.Actor, part OwnPart) (list []Offer, more bool, err error) {
	if err := by.NotInBreakGlass(); err != nil {
		return nil, false, err
	}
	if err := part.check(); err != nil {
		return nil, false, err
	}
	err = d.store.SystemRead(ctx, "a part of a consultant's own delegations", func(tx *store.Tx) error {
		normals, err := invitable(tx, by.Account)
		if err != nil {
			return err
		}
		now := models.At(tx.Now())
		q := tx.Where("(account_id = ? OR ("+offeredNow+"))", by.Account, normals, []string{"", by.Account}, now)
		if part.Open {
			q = q.Where("revoked_at IS NULL AND (ends_at IS NULL OR ends_at > ?)", now)
		}
		var rows []Delegation
		if err := q.Where("id > ?", part.After).Order("id").Limit(part.Limit + 1).Find(&rows).Error; err != nil {
			return err
		}
		rows, more = cut(rows, part.Part)
		list, err = offers(tx, rows)
		return err
	})
	return list, more, err
}

// StayPart is which part of a consultant's own visits is asked for: those that touch
// the time from Since up to Until. The zero Since is the beginning, the zero Until
// now.
type StayPart struct {
	Part
	Since, Until time.Time
}

// OwnVisits gives a part of the actor's own visits, in the order of their ids, and
// says whether there is more. Of each it counts what lies in the time that is asked
// for, as Stays does with a month.
func (d *Delegations) OwnVisits(ctx context.Context, by models.Actor, part StayPart) (list []Stay, more bool, err error) {
	if err := by.NotInBreakGlass(); err != nil {
		return nil, false, err
	}
	if err := part.check(); err != nil {
		return nil, false, err
	}
	if !part.Until.IsZero() && !part.Until.After(part.Since) {
		wrong := models.FieldErrors{}
		wrong.Add("until", "feed.error.until")
		return nil, false, wrong.Err()
	}
	err = d.store.SystemRead(ctx, "a part of a consultant's own visits", func(tx *store.Tx) error {
		to := tx.Now()
		if part.Since.After(to) {
			return nil // nobody was anywhere then
		}
		q := tx.Where("account_id = ?", by.Account)
		if !part.Since.IsZero() {
			q = q.Where("(left_at IS NULL OR left_at > ?)", models.At(part.Since))
		}
		if !part.Until.IsZero() {
			to = part.Until
			q = q.Where("entered_at < ?", models.At(to))
		}
		var rows []Visit
		if err := q.Where("id > ?", part.After).Order("id").Limit(part.Limit + 1).Find(&rows).Error; err != nil {
			return err
		}
		rows, more = cut(rows, part.Part)
		list, err = stays(tx, rows, part.Since, to)
		return err
	})
	return list, more, err
}

// OwnRequestPart gives a part of what the actor asked for, in the order of the ids.
func (d *Delegations) OwnRequestPart(ctx context.Context, by models.Actor, part Part) (list []OwnRequest, more bool, err error) {
	if err := by.NotInBreakGlass(); err != nil {
		return nil, false, err
	}
	if err := part.check(); err != nil {
		return nil, false, err
	}
	err = d.store.SystemRead(ctx, "a part of a person's own requests", func(tx *store.Tx) error {
		var rows []AccessRequest
		if err := tx.Where("account_id = ? AND id > ?", by.Account, part.After).Order("id").Limit(part.Limit + 1).Find(&rows).Error; err != nil {
			return err
		}
		rows, more = cut(rows, part)
		list, err = ownRequests(tx, rows)
		return err
	})
	return list, more, err
}

// OwnRequest gives one request of the actor's own. Another's does not exist.
func (d *Delegations) OwnRequest(ctx context.Context, by models.Actor, id string) (one OwnRequest, err error) {
	if err := by.NotInBreakGlass(); err != nil {
		return one, err
	}
	err = d.store.SystemRead(ctx, "one request of a person's own", func(tx *store.Tx) error {
		var row AccessRequest
		if err := tx.Where("account_id = ? AND id = ?", by.Account, id).Take(&row).Error; err != nil {
			return unknown(err)
		}
		list, err := ownRequests(tx, []AccessRequest{row})
		if err == nil {
			one = list[0]
		}
		return err
	})
	return one, err
}

// ownRequests reads the host beside each request, in a System transaction.
func ownRequests(tx *store.Tx, rows []AccessRequest) (list []OwnRequest, err error) {
	for _, r := range rows {
		host, err := tenancy.PartyOf(tx, r.CompanyID, r.OrganizationID)
		if err != nil {
			return nil, err
		}
		list = append(list, OwnRequest{r, host})
	}
	return list, nil
}

// CustomerPart gives a part of what Customers lists, in the order of the hosts' ids,
// and says whether there is more.
func (d *Delegations) CustomerPart(ctx context.Context, by models.Actor, part Part) (list []Customer, more bool, err error) {
	if err := part.check(); err != nil {
		return nil, false, err
	}
	if list, err = d.Customers(ctx, by); err != nil {
		return nil, false, err
	}
	list = slices.DeleteFunc(list, func(c Customer) bool { return c.Host.Organization <= part.After })
	slices.SortFunc(list, func(a, b Customer) int { return strings.Compare(a.Host.Organization, b.Host.Organization) })
	list, more = cut(list, part)
	return list, more, nil
}
