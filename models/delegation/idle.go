package delegation

import (
	"context"
	"errors"
	"time"

	"locum/models/account"
	"locum/models/store"
	"locum/models/tenancy"
)

// idleSize is how many open visits one pass reads at a time.
const idleSize = 500

// EndIdle closes visits in which nothing was done for longer than the host
// allows, and visits whose session is over. It takes as many statements for one
// open visit as for five hundred, and a transaction for each that is over. One
// that cannot be closed does not keep the others open.
func (d *Delegations) EndIdle(ctx context.Context) (failed error) {
	for last := ""; ; {
		var open []Visit
		var over []leaving
		err := d.store.SystemRead(ctx, "visits that were left behind", func(tx *store.Tx) (err error) {
			if err := tx.Where("left_at IS NULL AND id > ?", last).Order("id").Limit(idleSize).Find(&open).Error; err != nil {
				return err
			}
			over, err = leftBehind(tx, open)
			return err
		})
		if err != nil {
			return errors.Join(failed, err)
		}
		for _, l := range over {
			failed = errors.Join(failed, d.store.System(ctx, "close a visit that was left behind", func(tx *store.Tx) error {
				tx.NothingToRecord() // unless End does
				still, err := leftBehind(tx, []Visit{l.Visit})
				if err != nil || len(still) == 0 {
					return err
				}
				return End(tx, still[0].Visit, still[0].why, still[0].at)
			}))
		}
		if len(open) < idleSize {
			return failed
		}
		last = open[len(open)-1].ID
	}
}

// leaving is an open visit that is over in truth, why, and since when.
type leaving struct {
	Visit
	why LeaveReason
	at  time.Time
}

// leftBehind finds those of some open visits that are over in truth.
func leftBehind(tx *store.Tx, open []Visit) (over []leaving, err error) {
	if len(open) == 0 {
		return nil, nil
	}
	var sessions, accounts, organizations, companies []string
	for _, v := range open {
		sessions, accounts = append(sessions, v.SessionID), append(accounts, v.AccountID)
		organizations, companies = append(organizations, v.OrganizationID), append(companies, v.CompanyID)
	}
	var rows []account.Session
	if err := tx.Where("id IN ?", sessions).Find(&rows).Error; err != nil {
		return nil, err
	}
	bySession := map[string]account.Session{}
	for _, s := range rows {
		bySession[s.ID] = s
	}
	var hosts []tenancy.Organization
	if err := tx.Where("company_id IN ? AND id IN ?", companies, organizations).Find(&hosts).Error; err != nil {
		return nil, err
	}
	byHost := map[string]tenancy.Organization{}
	for _, o := range hosts {
		byHost[o.ID] = o
	}
	shut, err := picked(tx, &tenancy.Company{}, "suspended_at IS NOT NULL", companies)
	if err != nil {
		return nil, err
	}
	closed, err := picked(tx, &account.Account{}, "deactivated_at IS NOT NULL", accounts)
	if err != nil {
		return nil, err
	}
	for _, v := range open {
		host, there := byHost[v.OrganizationID]
		gone := !there || host.SuspendedAt != nil || shut[v.CompanyID] || closed[v.AccountID]
		if why, at, is := left(v, bySession[v.SessionID], host, gone, tx.Now()); is {
			over = append(over, leaving{v, why, at})
		}
	}
	return over, nil
}

// picked are the ids of those rows that meet a condition.
func picked(tx *store.Tx, of any, condition string, ids []string) (map[string]bool, error) {
	var found []string
	err := tx.Model(of).Where("id IN ?", ids).Where(condition).Pluck("id", &found).Error
	are := map[string]bool{}
	for _, id := range found {
		are[id] = true
	}
	return are, err
}

// left says whether an open visit is over in truth, why, and since when. gone says
// that the host or the account is closed.
func left(v Visit, s account.Session, host tenancy.Organization, gone bool, now time.Time) (LeaveReason, time.Time, bool) {
	idle := v.LastSeenAt.Add(time.Duration(host.IdleHours) * time.Hour)
	switch {
	case gone:
		return Closed, now, true
	case s.RevokedAt != nil:
		return SessionEnded, s.RevokedAt.Time, true
	case host.IdleHours > 0 && !now.Before(idle):
		return Idle, idle, true
	case !s.Live(now):
		ended := s.ExpiresAt.Time
		if silent := s.LastSeenAt.Add(account.SessionIdle); silent.Before(ended) {
			ended = silent
		}
		return SessionEnded, ended, true
	}
	return "", time.Time{}, false
}
