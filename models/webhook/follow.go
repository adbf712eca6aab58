package webhook

import (
	"context"
	"errors"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"locum/models"
	"locum/models/feed"
	"locum/models/store"
	"locum/models/tenancy"
)

// cursor is up to which position of a stream an endpoint has its deliveries.
type cursor struct {
	CompanyID  string `gorm:"primaryKey"`
	EndpointID string `gorm:"primaryKey"`
	Stream     string `gorm:"primaryKey"`
	Position   int64
}

// TableName is the table of cursors.
func (cursor) TableName() string { return "webhook_cursors" }

// head is the newest position of a stream.
type head struct {
	CompanyID string
	Last      int64
}

// begin puts an endpoint behind everything that happened so far. It runs in a
// System transaction.
func begin(tx *store.Tx, e Endpoint) error {
	var heads []head
	q := tx.Table("event_positions").Select("company_id, last")
	if e.CompanyID != store.Platform {
		q = q.Where("company_id = ?", e.CompanyID)
	}
	if err := q.Find(&heads).Error; err != nil {
		return err
	}
	for _, h := range heads {
		row := cursor{e.CompanyID, e.ID, h.CompanyID, h.Last}
		if err := tx.Create(&row).Error; err != nil {
			return err
		}
	}
	return nil
}

// batch is how many deliveries one transaction writes for one endpoint.
const batch = 200

// lag is an endpoint that has not got everything of a stream yet.
type lag struct {
	endpoint Endpoint
	stream   string
}

// Follow writes the deliveries of what was recorded since the last time: for
// each endpoint a batch at a time, in turn, so that none waits for another's
// backlog.
func (w *Webhooks) Follow(ctx context.Context) error {
	for ctx.Err() == nil {
		behind, err := w.behind(ctx)
		if err != nil || len(behind) == 0 {
			return err
		}
		for _, l := range behind {
			err = errors.Join(err, w.advance(ctx, l))
		}
		if err != nil {
			return err
		}
	}
	return ctx.Err()
}

// behind lists what is to be caught up with.
func (w *Webhooks) behind(ctx context.Context) (list []lag, err error) {
	err = w.store.SystemRead(ctx, "endpoints that lag behind", func(tx *store.Tx) error {
		var endpoints []Endpoint
		if err := tx.Where("enabled = ?", true).Order("company_id, id").Find(&endpoints).Error; err != nil || len(endpoints) == 0 {
			return err
		}
		var cursors []cursor
		if err := tx.Find(&cursors).Error; err != nil {
			return err
		}
		var heads []head
		if err := tx.Table("event_positions").Select("company_id, last").Order("company_id").Find(&heads).Error; err != nil {
			return err
		}
		at := map[cursor]int64{}
		for _, c := range cursors {
			at[cursor{c.CompanyID, c.EndpointID, c.Stream, 0}] = c.Position
		}
		for _, e := range endpoints {
			for _, h := range heads {
				if (e.CompanyID == store.Platform || e.CompanyID == h.CompanyID) && at[cursor{e.CompanyID, e.ID, h.CompanyID, 0}] < h.Last {
					list = append(list, lag{e, h.CompanyID})
				}
			}
		}
		return nil
	})
	return list, err
}

// advance writes one batch of deliveries and moves the cursor past it, in one
// transaction: whatever kills the program, none is left out or written twice.
func (w *Webhooks) advance(ctx context.Context, l lag) error {
	return w.store.System(ctx, "write what is to be posted", func(tx *store.Tx) error {
		tx.NothingToRecord()
		e, c, ok, err := hold(tx, l)
		if err != nil || !ok {
			return err
		}
		last, err := feed.Head(tx, l.stream)
		if err != nil {
			return err
		}
		kinds, _ := feed.Expand(e.Chosen()) // a type that is no more is not posted
		q := tx.Where("company_id = ?", l.stream)
		if e.OrganizationID != "" {
			q = q.Where("organization_id = ?", e.OrganizationID)
		}
		if q, err = ofApplication(tx, q, e, l.stream); err != nil {
			return err
		}
		rows, err := feed.Rows(q, c.Position, last, kinds, batch)
		if err != nil {
			return err
		}
		if len(rows) == batch {
			last = rows[batch-1].Position
		}
		if err := w.write(tx, e, rows, ByEvent); err != nil {
			return err
		}
		return tx.Model(&cursor{}).Where("company_id = ? AND endpoint_id = ? AND stream = ?", e.CompanyID, e.ID, l.stream).Update("position", last).Error
	})
}

// ofApplication narrows what is posted to an endpoint that was made for an
// application: to what happened in organizations that use it, and to what belongs to
// no organization, as a directory does, in the endpoint's own company or in one where
// the application is in use. stream is the company that is asked about, or "" for all.
func ofApplication(tx *store.Tx, q *gorm.DB, e Endpoint, stream string) (*gorm.DB, error) {
	if e.ApplicationID == "" {
		return q, nil
	}
	used := tx.Where("application_id = ?", e.ApplicationID)
	if stream != "" {
		used = used.Where("company_id = ?", stream)
	}
	var rows []tenancy.Enabled
	if err := used.Find(&rows).Error; err != nil {
		return nil, err
	}
	companies, organizations := []string{e.CompanyID}, []string{}
	for _, row := range rows {
		companies, organizations = append(companies, row.CompanyID), append(organizations, row.OrganizationID)
	}
	return q.Where("(organization_id IN ? OR (organization_id = '' AND company_id IN ?))", organizations, companies), nil
}

// hold reads an endpoint and its cursor anew, and locks them. ok is false when
// there is nothing to do any more.
func hold(tx *store.Tx, l lag) (e Endpoint, c cursor, ok bool, err error) {
	lock := clause.Locking{Strength: clause.LockingStrengthShare}
	err = tx.Clauses(lock).Where("company_id = ? AND id = ? AND enabled = ?", l.endpoint.CompanyID, l.endpoint.ID, true).Take(&e).Error
	if store.Missing(err) {
		return e, c, false, nil
	}
	if err != nil {
		return e, c, false, err
	}
	c = cursor{e.CompanyID, e.ID, l.stream, 0} // a stream that came later is followed from its beginning
	if err := tx.Clauses(clause.OnConflict{DoNothing: true}).Create(&c).Error; err != nil {
		return e, c, false, err
	}
	lock.Strength = clause.LockingStrengthUpdate
	err = tx.Clauses(lock).Where("company_id = ? AND endpoint_id = ? AND stream = ?", e.CompanyID, e.ID, l.stream).Take(&c).Error
	return e, c, err == nil, err
}

// write leaves a delivery of each event.
func (w *Webhooks) write(tx *store.Tx, e Endpoint, rows []store.Event, why string) error {
	if len(rows) == 0 {
		return nil
	}
	names, err := feed.NamesOf(tx, w.environment)
	if err != nil {
		return err
	}
	now := models.At(tx.Now())
	list := make([]Delivery, len(rows))
	for i, row := range rows {
		body, err := feed.BodyFor(row, names, e.ApplicationID)
		if err != nil {
			return err
		}
		list[i] = Delivery{CompanyID: e.CompanyID, OrganizationID: e.OrganizationID, ID: models.NewID("whd"), EndpointID: e.ID, Stream: row.CompanyID, Position: row.Position,
			MessageID: row.ID, Type: row.Type, Body: string(body), Cause: why, State: Waiting, NextAt: &now, CreatedAt: now}
	}
	return tx.CreateInBatches(&list, tx.RowsAtOnce(deliveryColumns)).Error
}
