package delegation

import (
	"context"
	"slices"
	"time"

	"locum/models"
	"locum/models/store"
	"locum/models/tenancy"
)

// OwnRequest is a request as the one sees it who made it.
type OwnRequest struct {
	AccessRequest
	Host models.Party
}

// OwnRequests lists what the actor asked for, the newest first.
func (d *Delegations) OwnRequests(ctx context.Context, by models.Actor) (list []OwnRequest, err error) {
	if err := by.NotInBreakGlass(); err != nil {
		return nil, err
	}
	err = d.store.SystemRead(ctx, "a person's own requests for delegations", func(tx *store.Tx) error {
		var rows []AccessRequest
		if err := tx.Where("account_id = ?", by.Account).Order("asked_at DESC, id DESC").Limit(50).Find(&rows).Error; err != nil {
			return err
		}
		list, err = ownRequests(tx, rows)
		return err
	})
	return list, err
}

// Stay is a visit of the consultant's own time sheet. From and To are the part
// of it in the time that was asked for.
type Stay struct {
	Visit
	Host     models.Party
	Ticket   string
	From, To time.Time
}

// Length is how much of the stay lies in the time that was asked for.
func (s Stay) Length() time.Duration { return s.To.Sub(s.From) }

// Open says that the visit goes on.
func (s Stay) Open() bool { return s.LeftAt == nil }

// SheetMonth is the month of a calendar in a zone, from its first moment up to the
// first of the next.
type SheetMonth struct{ From, To time.Time }

// MonthOf reads a month such as 2026-11, or takes that of now.
func MonthOf(text string, now time.Time, zone *time.Location) SheetMonth {
	first, err := time.Parse("2006-01", text)
	if err != nil || first.Year() < 2000 || first.Year() > 2199 {
		first = now.In(zone)
	}
	return SheetMonth{midnight(first.Year(), first.Month(), 1, zone), midnight(first.Year(), first.Month()+1, 1, zone)}
}

// Key is the month as an address says it.
func (m SheetMonth) Key() string { return m.From.Format("2006-01") }

// Previous is the month before it.
func (m SheetMonth) Previous() SheetMonth {
	return MonthOf(m.From.AddDate(0, -1, 0).Format("2006-01"), m.From, m.From.Location())
}

// Next is the month after it.
func (m SheetMonth) Next() SheetMonth {
	return MonthOf(m.To.Format("2006-01"), m.To, m.From.Location())
}

// Stays lists the actor's own visits that touch a month, the oldest first. What
// lies outside of it is not counted, so that months add up.
func (d *Delegations) Stays(ctx context.Context, by models.Actor, m SheetMonth) (list []Stay, err error) {
	if err := by.NotInBreakGlass(); err != nil {
		return nil, err
	}
	err = d.store.SystemRead(ctx, "a consultant's own visits", func(tx *store.Tx) error {
		var rows []Visit
		err := tx.Where("account_id = ? AND entered_at < ? AND (left_at IS NULL OR left_at > ?)", by.Account, models.At(m.To), models.At(m.From)).
			Order("entered_at, id").Limit(5000).Find(&rows).Error
		if err != nil {
			return err
		}
		list, err = stays(tx, rows, m.From, m.To)
		list = slices.DeleteFunc(list, func(s Stay) bool { return s.Length() == 0 && s.From.After(s.EnteredAt.Time) }) // over before it, or yet to come
		return err
	})
	return list, err
}

// stays are visits with the part of each from one moment to another, which may be
// nothing.
func stays(tx *store.Tx, rows []Visit, from, to time.Time) ([]Stay, error) {
	hosts, given := make([]tenancy.PartyID, len(rows)), map[string]Delegation{}
	var ids []string
	for i, v := range rows {
		hosts[i] = tenancy.PartyID{Company: v.CompanyID, Organization: v.OrganizationID}
		if !slices.Contains(ids, v.DelegationID) {
			ids = append(ids, v.DelegationID)
		}
	}
	for part := range slices.Chunk(ids, 500) {
		var some []Delegation
		if err := tx.Where("id IN ?", part).Find(&some).Error; err != nil {
			return nil, err
		}
		for _, d := range some {
			given[d.ID] = d
		}
	}
	parties, err := tenancy.Standings(tx, hosts...)
	if err != nil {
		return nil, err
	}
	list := make([]Stay, len(rows))
	for i, v := range rows {
		d := given[v.DelegationID]
		end := tx.Now()
		if v.LeftAt != nil {
			end = v.LeftAt.Time
		} else if d.EndsAt != nil && d.EndsAt.Before(end) {
			end = d.EndsAt.Time // a sweep that is late adds nothing
		}
		begin := latest(v.EnteredAt.Time, from)
		list[i] = Stay{Visit: v, Host: parties[hosts[i]].Party, Ticket: d.Ticket, From: begin, To: latest(begin, earliest(end, to))}
	}
	return list, nil
}

func latest(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

func earliest(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}
