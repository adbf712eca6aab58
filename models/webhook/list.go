package webhook

import (
	"context"

	"locum/models"
	"locum/models/store"
)

// Listed is an endpoint with how its deliveries stand.
type Listed struct {
	Endpoint
	Organization    string // the name, of one that is sent an organization's events alone
	Application     string // the name, of one that receives for an application
	Waiting, Failed int
}

// List gives the endpoints of a scope, the newest first.
func (w *Webhooks) List(ctx context.Context, by models.Actor, s Scope) (list []Listed, err error) {
	err = w.store.Read(ctx, by, s.Need(), func(tx *store.Tx) error {
		var rows []Endpoint
		if err := tx.Where("company_id = ?", s.owner(tx)).Order("created_at DESC, id DESC").Find(&rows).Error; err != nil {
			return err
		}
		for _, row := range rows {
			one, err := counted(tx, row)
			if err != nil {
				return err
			}
			list = append(list, one)
		}
		return nil
	})
	return list, err
}

// counted counts what waits for an endpoint, and what never came through.
func counted(tx *store.Tx, e Endpoint) (Listed, error) {
	var counts []struct {
		State State
		Count int
	}
	err := tx.Model(&Delivery{}).Where("company_id = ? AND endpoint_id = ? AND state IN ?", e.CompanyID, e.ID, []State{Waiting, Failed}).
		Select("state, count(*) AS count").Group("state").Find(&counts).Error
	if err != nil {
		return Listed{}, err
	}
	one := Listed{Endpoint: e}
	one.Organization, one.Application, err = named(tx, e)
	for _, c := range counts {
		if c.State == Waiting {
			one.Waiting = c.Count
		} else {
			one.Failed = c.Count
		}
	}
	return one, err
}

// Detail is an endpoint with a page of its deliveries, the newest first.
type Detail struct {
	Listed
	Secrets    []Secret // what signs now, the newest first
	Deliveries []Delivery
	Older      string // id to go on before; empty when there are no older ones
}

// shown is how many deliveries a page shows.
const shown = 25

// Get gives an endpoint with deliveries: those in a state, or all for "", and
// those before an id, or the newest for "".
func (w *Webhooks) Get(ctx context.Context, by models.Actor, s Scope, id string, state State, before string) (d Detail, err error) {
	err = w.store.Read(ctx, by, s.Need(), func(tx *store.Tx) error {
		e, err := s.find(tx, id)
		if err != nil {
			return err
		}
		if d.Listed, err = counted(tx, e); err != nil {
			return err
		}
		err = tx.Where("company_id = ? AND endpoint_id = ? AND (expires_at IS NULL OR expires_at > ?)", e.CompanyID, e.ID, models.At(tx.Now())).
			Order("created_at DESC, id DESC").Find(&d.Secrets).Error
		if err != nil {
			return err
		}
		q := tx.Where("company_id = ? AND endpoint_id = ?", e.CompanyID, e.ID)
		if state != "" {
			q = q.Where("state = ?", state)
		}
		if before != "" {
			q = q.Where("id < ?", before)
		}
		if err := q.Order("id DESC").Limit(shown + 1).Find(&d.Deliveries).Error; err != nil {
			return err
		}
		if len(d.Deliveries) > shown {
			d.Deliveries = d.Deliveries[:shown]
			d.Older = d.Deliveries[shown-1].ID
		}
		return nil
	})
	return d, err
}

// Tried is a delivery with every attempt at it, the newest first.
type Tried struct {
	Endpoint Endpoint
	Delivery
	All []Attempt
}

// Delivery gives one delivery of an endpoint.
func (w *Webhooks) Delivery(ctx context.Context, by models.Actor, s Scope, endpoint, id string) (t Tried, err error) {
	err = w.store.Read(ctx, by, s.Need(), func(tx *store.Tx) error {
		if t.Endpoint, err = s.find(tx, endpoint); err != nil {
			return err
		}
		if err := tx.Where("company_id = ? AND endpoint_id = ? AND id = ?", t.Endpoint.CompanyID, endpoint, id).Take(&t.Delivery).Error; err != nil {
			return unknown(err)
		}
		return tx.Where("company_id = ? AND delivery_id = ?", t.Endpoint.CompanyID, id).Order("number DESC").Find(&t.All).Error
	})
	return t, err
}
