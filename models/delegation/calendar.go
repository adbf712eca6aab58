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

// Occasion is what happens to a delegation on a day of the calendar.
type Occasion string

// The occasions.
const (
	Starts  Occasion = "starts"
	Ends    Occasion = "ends"
	Review  Occasion = "review"  // it is suspended unless somebody confirms it
	Confirm Occasion = "confirm" // likewise, because its granter is superuser no more
)

// Date is one entry of the calendar of delegations.
type Date struct {
	At         time.Time
	Occasion   Occasion
	Delegation Details
}

// Calendar lists what happens to the delegations of the actor's organization
// from now on, the first first.
func (d *Delegations) Calendar(ctx context.Context, by models.Actor) (list []Date, err error) {
	err = d.store.Read(ctx, by, models.ManageDelegations, func(tx *store.Tx) error {
		var host tenancy.Organization
		if err := tx.Where("id = ?", tx.Actor.Effective.Organization).Take(&host).Error; err != nil {
			return err
		}
		var rows []Delegation
		err := tx.Where("revoked_at IS NULL AND declined_at IS NULL AND (ends_at IS NULL OR ends_at > ?)", models.At(tx.Now())).
			Order("granted_at DESC, id DESC").Limit(1000).Find(&rows).Error
		if err != nil {
			return err
		}
		all, err := detail(tx, rows, tx.Now().Add(-Lately))
		if err != nil {
			return err
		}
		for _, one := range all {
			list = append(list, one.dates(tx.Now(), host.Zone())...)
		}
		slices.SortFunc(list, func(a, b Date) int {
			if c := a.At.Compare(b.At); c != 0 {
				return c
			}
			return strings.Compare(a.Delegation.ID, b.Delegation.ID)
		})
		return nil
	})
	return list, err
}

// dates are those of one delegation that are to come.
func (d Details) dates(now time.Time, zone *time.Location) (list []Date) {
	if now.Before(d.StartsAt.Time) {
		list = append(list, Date{d.StartsAt.Time, Starts, d})
	}
	review := d.ReviewAt(zone)
	switch {
	case d.SuspendedAt != nil || d.EndsAt != nil && d.AnswerBy != nil && d.EndsAt.Before(d.AnswerBy.Time):
	case d.Question == GranterGone:
		list = append(list, Date{d.AnswerBy.Time, Confirm, d})
	case d.Question == ReviewDue:
		list = append(list, Date{d.AnswerBy.Time, Review, d})
	case review != nil && d.stands(now) && now.Before(review.Time):
		list = append(list, Date{review.Time, Review, d})
	}
	if d.EndsAt != nil {
		list = append(list, Date{d.EndsAt.Time, Ends, d})
	}
	return list
}
