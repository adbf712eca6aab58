package delegation

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"locum/models"
	"locum/models/event"
	"locum/models/mail"
	"locum/models/store"
)

// Inside is a visit under way, with what its host has to know of it.
type Inside struct {
	Visit
	Delegation Details
	Address    string      // from where he entered
	Done       []mail.Line // what he did so far, by type of event, most first
}

// mostInside is how many visits under way are listed at most.
const mostInside = 1000

// Visitors lists the visits under way in the actor's organization, the newest
// first. Who may not be there any more is none, whether it was written down or
// not.
func (d *Delegations) Visitors(ctx context.Context, by models.Actor) (list []Inside, err error) {
	err = d.store.Read(ctx, by, models.ManageDelegations, func(tx *store.Tx) error {
		var open []Visit
		if err := tx.Where("left_at IS NULL").Order("entered_at DESC, id").Limit(mostInside).Find(&open).Error; err != nil {
			return err
		}
		list, err = insides(tx, open)
		return err
	})
	return list, err
}

func insides(tx *store.Tx, open []Visit) (list []Inside, err error) {
	var visits, ids []string
	for _, v := range open {
		visits = append(visits, v.ID)
		if !slices.Contains(ids, v.DelegationID) {
			ids = append(ids, v.DelegationID)
		}
	}
	of := map[string]Details{}
	for part := range slices.Chunk(ids, 500) {
		var rows []Delegation
		if err := tx.Where("id IN ?", part).Find(&rows).Error; err != nil {
			return nil, err
		}
		detailed, err := detail(tx, rows, tx.Now())
		if err != nil {
			return nil, err
		}
		for _, d := range detailed {
			of[d.ID] = d
		}
	}
	done, from, err := doings(tx, visits)
	if err != nil {
		return nil, err
	}
	for _, v := range open {
		if d := of[v.DelegationID]; d.Active(tx.Now()) {
			list = append(list, Inside{v, d, from[v.ID], done[v.ID]})
		}
	}
	return list, nil
}

// doings counts what was done in visits, and says from where each was entered,
// by visit.
func doings(tx *store.Tx, visits []string) (done map[string][]mail.Line, from map[string]string, err error) {
	done, from = map[string][]mail.Line{}, map[string]string{}
	for part := range slices.Chunk(visits, 500) {
		var rows []struct {
			VisitID string
			mail.Line
		}
		err := tx.Model(&store.Event{}).Select("visit_id, type, count(*) AS count").
			Where("visit_id IN ? AND type NOT IN ?", part, []string{event.VisitEntered, event.VisitLeft}).Group("visit_id, type").Find(&rows).Error
		if err != nil {
			return nil, nil, err
		}
		for _, row := range rows {
			done[row.VisitID] = append(done[row.VisitID], row.Line)
		}
		var entered []store.Event
		if err := tx.Where("visit_id IN ? AND type = ?", part, event.VisitEntered).Find(&entered).Error; err != nil {
			return nil, nil, err
		}
		for _, e := range entered {
			from[e.VisitID] = e.Address
		}
	}
	for _, lines := range done {
		slices.SortFunc(lines, func(a, b mail.Line) int { return cmp.Or(b.Count-a.Count, strings.Compare(a.Type, b.Type)) })
	}
	return done, from, nil
}

// EndVisit ends one visit in the actor's organization, and says whose it was. The
// delegation stays: its consultant can enter again.
func (d *Delegations) EndVisit(ctx context.Context, by models.Actor, id string) (v Visit, err error) {
	err = d.store.Write(ctx, by, models.ManageDelegations, func(tx *store.Tx) error {
		v = Visit{}
		if err := tx.Where("id = ?", id).Take(&v).Error; err != nil {
			return unknown(err)
		}
		if _, err := lock(tx, v.DelegationID); err != nil {
			return err
		}
		v = Visit{}
		if err := tx.Where("id = ?", id).Take(&v).Error; err != nil { // he may have left before the lock
			return unknown(err)
		}
		if v.LeftAt != nil {
			return models.Fail(models.Conflict, "delegation.error.left_already", "Name", v.AccountName)
		}
		tx.Record(event.VisitEnded, store.About{ID: v.ID, Name: v.AccountName, Data: map[string]any{"delegation": v.DelegationID}})
		return tx.Across("the end of a visit", func(tx *store.Tx) error { return End(tx, v, ByHost, tx.Now()) })
	})
	return v, err
}
